/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GRE (RFC 2784, 2890), its versions for PPTP and NVGRE, and ERSPAN in it.
 */
#include "net/peel.h"

enum {
	HAS_CHECKSUM = 0x8000,
	HAS_ROUTING = 0x4000,
	HAS_KEY = 0x2000,
	HAS_SEQUENCE = 0x1000,
	HAS_ACK = 0x0080, /* version 1 only */
	VERSION_BITS = 0x0007,
};

enum {
	GRE_TYPE_WCCP = 0x883e,
	GRE_TYPE_PPP = 0x880b,
	GRE_TYPE_BRIDGED = 0x6558,
	GRE_TYPE_ERSPAN = 0x88be,
	GRE_TYPE_ERSPAN_3 = 0x22eb,
	GRE_TYPES_ARUBA = 0x82, /* 0x82..: from its access points, 802.11 as it was in the air */
};

/*
 * ERSPAN II: the mirrored frame behind eight bytes, the first half byte being 1.
 *
 *	| version, VLAN | class, encapsulation, truncated, session | 0, index |
 *	|       2       |                    2                     |     4    |
 *
 * Type I is the same number without GRE's sequence number, and has no header.
 */
static enum decode_verdict peel_erspan(struct peel *p, bool sequence)
{
	enum decode_verdict v;

	peel_is(p, TUNNEL_ERSPAN);
	if (sequence) {
		v = peel_header(p, 8);
		if (v != DECODE_OK)
			return v;
		if (p->rest.bytes[0] >> 4 != 1)
			return DECODE_UNSUPPORTED;
		rest_skip(&p->rest, 8);
	}
	return peel_ethernet(p);
}

/*
 * ERSPAN III:
 *
 *	| version 2, VLAN | class ... session | time | group | P, frame type (5), ..., O | O: more |
 *	|        2        |         2         |   4  |   2   |             2             |    8    |
 */
static enum decode_verdict peel_erspan_3(struct peel *p)
{
	const uint8_t *header = p->rest.bytes;
	enum decode_verdict v;
	uint32_t len, type;

	peel_is(p, TUNNEL_ERSPAN);
	v = peel_header(p, 12);
	if (v != DECODE_OK)
		return v;
	if (header[0] >> 4 != 2)
		return DECODE_UNSUPPORTED;
	len = header[11] & 1 ? 20 : 12;
	type = header[10] >> 2 & 31;
	v = rest_has(&p->rest, len);
	if (v != DECODE_OK)
		return v;
	rest_skip(&p->rest, len);
	if (type == 2)
		return peel_ip(p);
	return type == 0 ? peel_ethernet(p) : DECODE_UNSUPPORTED;
}

/* WCCP version 2 puts four bytes before the packet, the first version none. */
static enum decode_verdict peel_wccp(struct peel *p)
{
	enum decode_verdict v = peel_header(p, 4);

	if (v != DECODE_OK)
		return v;
	if (p->rest.bytes[0] >> 4 != 4)
		rest_skip(&p->rest, 4);
	return peel_ipv4(p);
}

/*
 * RFC 1701 had a list of routes, each with its length, up to one without:
 *
 *	| family | offset | length | ...
 *	|    2   |    1   |    1   |
 */
static enum decode_verdict skip_routes(struct peel *p)
{
	for (;;) {
		const uint8_t *route = p->rest.bytes;
		enum decode_verdict v = peel_header(p, 4);

		if (v != DECODE_OK)
			return v;
		v = rest_has(&p->rest, 4u + route[3]);
		if (v != DECODE_OK)
			return v;
		rest_skip(&p->rest, 4u + route[3]);
		if (be16(route) == 0 && route[3] == 0)
			return DECODE_OK;
	}
}

/*
 * PPTP's GRE (RFC 2637): PPP if there is a sequence number, else a mere receipt.
 *
 *	| flags | type | payload length | call | sequence, if S | ack, if A |
 *	|   2   |   2  |        2       |   2  |        4       |     4     |
 */
static enum decode_verdict peel_pptp(struct peel *p, uint16_t flags)
{
	uint32_t len = 8u + (flags & HAS_SEQUENCE ? 4 : 0) + (flags & HAS_ACK ? 4 : 0);
	enum decode_verdict v = rest_has(&p->rest, len);
	uint16_t payload;

	if (v != DECODE_OK)
		return v;
	if (be16(p->rest.bytes + 2) != GRE_TYPE_PPP)
		return DECODE_UNSUPPORTED;
	if (!(flags & HAS_SEQUENCE))
		return DECODE_NOT_IP;
	payload = be16(p->rest.bytes + 4);
	rest_skip(&p->rest, len);
	if (payload < p->rest.length)
		rest_limit(&p->rest, payload);
	return peel_ppp(p);
}

static enum decode_verdict peel_gre_type(struct peel *p, uint16_t flags, uint16_t type)
{
	switch (type) {
	case GRE_TYPE_ERSPAN:
		return peel_erspan(p, flags & HAS_SEQUENCE);
	case GRE_TYPE_ERSPAN_3:
		return peel_erspan_3(p);
	case GRE_TYPE_WCCP:
		return peel_wccp(p);
	default:
		if (type >> 8 == GRE_TYPES_ARUBA)
			return peel_wifi(p);
		return peel_bridged(p, type);
	}
}

/*
 *	| flags, version | type | checksum, offset: C or R | key: K | sequence: S | routes: R |
 *	|        2       |   2  |             4            |    4   |      4      |           |
 *
 * NVGRE (RFC 7637) is a key and a bridged frame and no more: 24 bits of the key are
 * the virtual network.  Other keys may differ by direction.
 */
enum decode_verdict peel_gre(struct peel *p)
{
	const uint8_t *header = p->rest.bytes;
	enum decode_verdict v = peel_header(p, 4);
	uint16_t flags, type;
	uint32_t len = 4;

	if (v != DECODE_OK)
		return v;
	flags = be16(header);
	type = be16(header + 2);
	if ((flags & VERSION_BITS) == 1)
		return peel_pptp(p, flags);
	if (flags & VERSION_BITS)
		return DECODE_UNSUPPORTED;
	if (flags & (HAS_CHECKSUM | HAS_ROUTING))
		len += 4;
	len += flags & HAS_KEY ? 4 : 0;
	len += flags & HAS_SEQUENCE ? 4 : 0;
	v = rest_has(&p->rest, len);
	if (v != DECODE_OK)
		return v;
	if (type == GRE_TYPE_BRIDGED && flags == HAS_KEY)
		peel_in_network(p, be24(header + 4));
	rest_skip(&p->rest, len);
	if (flags & HAS_ROUTING) {
		v = skip_routes(p);
		if (v != DECODE_OK)
			return v;
	}
	return peel_gre_type(p, flags, type);
}
