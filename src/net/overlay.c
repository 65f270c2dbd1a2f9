/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtual networks over UDP (VXLAN and its generic extension, Geneve), and the
 * service header that may come with them.
 */
#include "net/peel.h"

/* The next protocol as VXLAN-GPE and NSH number it. */
static enum decode_verdict peel_next_protocol(struct peel *p, uint8_t next)
{
	enum { NEXT_IPV4 = 1, NEXT_IPV6, NEXT_ETHERNET, NEXT_NSH, NEXT_MPLS };

	switch (next) {
	case NEXT_IPV4:
		return peel_ipv4(p);
	case NEXT_IPV6:
		return peel_ipv6(p);
	case NEXT_ETHERNET:
		return peel_ethernet(p);
	case NEXT_NSH:
		return peel_nsh(p);
	case NEXT_MPLS:
		return peel_mpls(p);
	default:
		return DECODE_NOT_IP;
	}
}

/*
 * RFC 7348:
 *
 *	| flags | 0 | network | 0 | Ethernet
 *	|   1   | 3 |    3    | 1 |
 *
 * and draft-ietf-nvo3-vxlan-gpe, where a flag says that a protocol is told:
 *
 *	| flags | 0 | next protocol | network | 0 |
 *	|   1   | 2 |       1       |    3    | 1 |
 */
enum decode_verdict peel_vxlan_gpe(struct peel *p)
{
	enum { HAS_NETWORK = 0x08, HAS_PROTOCOL = 0x04 };
	const uint8_t *header = p->rest.bytes;
	enum decode_verdict v = peel_header(p, 8);

	if (v != DECODE_OK)
		return v;
	if (header[0] & HAS_NETWORK)
		peel_in_network(p, be24(header + 4));
	rest_skip(&p->rest, 8);
	return header[0] & HAS_PROTOCOL ? peel_next_protocol(p, header[3]) : peel_ethernet(p);
}

enum decode_verdict peel_vxlan(struct peel *p)
{
	enum { HAS_NETWORK = 0x08 };
	const uint8_t *header = p->rest.bytes;
	enum decode_verdict v = peel_header(p, 8);

	if (v != DECODE_OK)
		return v;
	if (!(header[0] & HAS_NETWORK))
		return DECODE_NOT_IP;
	peel_in_network(p, be24(header + 4));
	rest_skip(&p->rest, 8);
	return peel_ethernet(p);
}

/*
 * RFC 8926:
 *
 *	| version 0, options' words | O, C, 0 | EtherType | network | 0 | options
 *	|             1             |    1    |     2     |    3    | 1 |
 */
enum decode_verdict peel_geneve(struct peel *p)
{
	const uint8_t *header = p->rest.bytes;
	enum decode_verdict v = peel_header(p, 8);
	uint32_t len;

	if (v != DECODE_OK)
		return v;
	if (header[0] >> 6 != 0)
		return DECODE_UNSUPPORTED;
	len = 8 + (header[0] & 0x3fu) * 4;
	v = rest_has(&p->rest, len);
	if (v != DECODE_OK)
		return v;
	peel_in_network(p, be24(header + 4));
	rest_skip(&p->rest, len);
	return peel_bridged(p, be16(header + 2));
}

/*
 * RFC 8300:
 *
 *	| version 0, O, 0, TTL, length in words (6 bits) | 0, MD type | next | path | context ...
 *	|                       2                        |      1     |   1  |   4  |
 */
enum decode_verdict peel_nsh(struct peel *p)
{
	const uint8_t *header = p->rest.bytes;
	enum decode_verdict v = peel_header(p, 8);
	uint32_t len;

	if (v != DECODE_OK)
		return v;
	len = (header[1] & 0x3fu) * 4;
	if (header[0] >> 6 != 0)
		return DECODE_UNSUPPORTED;
	if (len < 8)
		return DECODE_MALFORMED;
	v = rest_has(&p->rest, len);
	if (v != DECODE_OK)
		return v;
	rest_skip(&p->rest, len);
	return peel_next_protocol(p, header[3]);
}
