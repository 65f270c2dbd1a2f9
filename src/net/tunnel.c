/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a packet's payload is another packet.
 */
#include "net/peel.h"

enum decode_verdict peel_tunnel(struct peel *p, enum tunnel kind, peel_fn *open)
{
	unsigned reached = p->reached;
	enum decode_verdict v;

	peel_is(p, kind);
	v = open(p);
	return v == DECODE_NOT_IP && p->reached == reached ? DECODE_OK : v;
}

enum decode_verdict peel_guess(struct peel *p, enum tunnel kind, peel_fn *open)
{
	struct packet *outside = &p->packet[-1];
	struct peel before = *p;
	enum decode_verdict v;

	peel_is(p, kind);
	if (peel_try(p, open, &v))
		return v;
	p->inside = before.inside;
	p->network = before.network;
	outside->carries = TUNNEL_NONE;
	return DECODE_OK;
}

/* The registered ports, and those in wide use before there was one. */
static peel_fn *port_opens(uint16_t port, enum tunnel *out_kind)
{
	switch (port) {
	case 1701:
		*out_kind = TUNNEL_L2TP;
		return peel_l2tp_udp;
	case 2152:
		*out_kind = TUNNEL_GTP;
		return peel_gtp;
	case 3544:
		*out_kind = TUNNEL_TEREDO;
		return peel_teredo;
	case 4754: /* RFC 8086 */
		*out_kind = TUNNEL_GRE;
		return peel_gre;
	case 4789:
	case 8472: /* Linux, unless told otherwise */
		*out_kind = TUNNEL_VXLAN;
		return peel_vxlan;
	case 4790:
		*out_kind = TUNNEL_VXLAN;
		return peel_vxlan_gpe;
	case 6081:
		*out_kind = TUNNEL_GENEVE;
		return peel_geneve;
	case 6635:
		*out_kind = TUNNEL_MPLS;
		return peel_mpls;
	default:
		return NULL;
	}
}

/* Tunnels send to their port; from it, the few that answer the port they were called from. */
enum decode_verdict peel_udp_payload(struct peel *p, uint16_t dst_port, uint16_t src_port)
{
	enum tunnel kind = TUNNEL_NONE;
	peel_fn *open = port_opens(dst_port, &kind);

	if (!open)
		open = port_opens(src_port, &kind);
	return open ? peel_guess(p, kind, open) : DECODE_OK;
}
