/* SPDX-License-Identifier: Apache-2.0 */
#include "net/peel.h"

#include "net/icmp.h"

#include <netinet/in.h>

enum { PROTO_L2TP = 115 }; /* not in every <netinet/in.h> */

/* A TCP header up to its flags: what 68 bytes hold of a frame with IPv6. */
enum { TCP_TELLING = 14 };

static void note_ports(struct packet *packet, const uint8_t *header)
{
	packet->tuple.src_port = be16(header);
	packet->tuple.dst_port = be16(header + 2);
}

/* Can the header be read, and is it there at all? */
static enum decode_verdict transport_has(struct peel *p, uint32_t len)
{
	enum decode_verdict v = rest_has(&p->rest, len);

	return v == DECODE_MALFORMED ? peel_contrary(p) : v;
}

/*
 * TCP (RFC 9293):
 *
 *	| src port | dst port | seq | ack | offset, 0 | flags | window | sum | urgent | options
 *	|     2    |     2    |  4  |  4  |     1     |   1   |    2   |  2  |    2   |
 *
 * When the capture cut options off there is no payload to see, but all is known; so
 * it is when it cut what follows the flags, but for what tells copies apart.
 */
static enum decode_verdict peel_tcp(struct peel *p)
{
	struct packet *packet = p->packet;
	const uint8_t *header = p->rest.bytes;
	enum decode_verdict v = transport_has(p, 20);
	uint32_t len;

	if (v != DECODE_OK && (v != DECODE_TRUNCATED || p->rest.captured < TCP_TELLING))
		return v;
	len = (uint32_t)(header[12] >> 4) * 4;
	if (len < 20 || len > p->rest.length)
		return peel_contrary(p);
	note_ports(packet, header);
	packet->tcp_seq = be32(header + 4);
	packet->tcp_flags = header[13];
	if (v == DECODE_OK)
		packet->stamp |= be16(header + 16);
	if (v == DECODE_OK && header[13] & TCP_URG)
		packet->tcp_urgent = be16(header + 18);
	rest_skip(&p->rest, len);
	peel_done(p);
	return DECODE_OK;
}

/*
 * UDP (RFC 768):
 *
 *	| src port | dst port | length | checksum |
 *	|     2    |     2    |    2   |     2    |
 *
 * The length covers this header.  0 means that it did not fit (RFC 2675).  Of
 * a datagram that never became whole there is less than it says, so what IP
 * carries is the bound.
 */
static enum decode_verdict peel_udp(struct peel *p)
{
	struct packet *packet = p->packet;
	const uint8_t *header = p->rest.bytes;
	enum decode_verdict v = transport_has(p, 8);
	uint32_t len;

	if (v != DECODE_OK)
		return v;
	len = be16(header + 4);
	if (len != 0 && len < 8)
		return peel_contrary(p);
	note_ports(packet, header);
	packet->stamp |= be16(header + 6);
	if (len != 0 && len < p->rest.length)
		rest_limit(&p->rest, len);
	rest_skip(&p->rest, 8);
	peel_done(p);
	return peel_udp_payload(p, be16(header + 2), be16(header));
}

/*
 * SCTP (RFC 9260):
 *
 *	| src port | dst port | verification tag | checksum | chunks
 *	|     2    |     2    |         4        |     4    |
 */
static enum decode_verdict peel_sctp(struct peel *p)
{
	enum decode_verdict v = transport_has(p, 12);

	if (v != DECODE_OK)
		return v;
	note_ports(p->packet, p->rest.bytes);
	rest_skip(&p->rest, 12);
	peel_done(p);
	return DECODE_OK;
}

/*
 * ICMP (RFC 792) and ICMPv6 (RFC 4443):
 *
 *	| type | code | checksum | depends on the type | ...
 *	|   1  |   1  |     2    |          4          |
 *
 * tuple.h says what becomes of type and code.
 */
static enum decode_verdict peel_icmp(struct peel *p)
{
	struct packet *packet = p->packet;
	const uint8_t *header = p->rest.bytes;
	enum decode_verdict v = transport_has(p, 8);
	int back;

	if (v != DECODE_OK)
		return v;
	back = icmp_counterpart(packet->tuple.proto, header[0]);
	packet->tuple.src_port = header[0];
	packet->tuple.dst_port = back < 0 ? header[1] : (uint16_t)back;
	packet->stamp |= be16(header + 2);
	rest_skip(&p->rest, 8);
	peel_done(p);
	return DECODE_OK;
}

/* All that IP carries is payload, and may be a packet itself. */
static enum decode_verdict peel_other(struct peel *p)
{
	switch (peel_done(p)->tuple.proto) {
	case IPPROTO_IPIP:
		return peel_tunnel(p, TUNNEL_IP, peel_ipv4);
	case IPPROTO_IPV6:
		return peel_tunnel(p, TUNNEL_IP, peel_ipv6);
	case IPPROTO_GRE:
		return peel_tunnel(p, TUNNEL_GRE, peel_gre);
	case PROTO_L2TP:
		return peel_tunnel(p, TUNNEL_L2TP, peel_l2tp_ip);
	case IPPROTO_MPLS:
		return peel_tunnel(p, TUNNEL_MPLS, peel_mpls);
	default:
		return DECODE_OK;
	}
}

enum decode_verdict peel_transport(struct peel *p)
{
	switch (p->packet->tuple.proto) {
	case IPPROTO_TCP:
		return peel_tcp(p);
	case IPPROTO_UDP:
		return peel_udp(p);
	case IPPROTO_SCTP:
		return peel_sctp(p);
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return peel_icmp(p);
	case IPPROTO_AH: /* signed, not encrypted; IPv6 has stepped over it already */
		return peel_extensions(p);
	default:
		return peel_other(p);
	}
}
