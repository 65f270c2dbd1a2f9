/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The point-to-point protocol and the framings that it comes in.
 */
#include "net/peel.h"

enum ppp_protocol {
	PPP_IPV4 = 0x0021,
	PPP_COMPRESSED_TCP = 0x002d, /* Van Jacobson's */
	PPP_UNCOMPRESSED_TCP = 0x002f,
	PPP_MULTILINK = 0x003d,
	PPP_ENCRYPTED = 0x0053,
	PPP_IPV6 = 0x0057,
	PPP_COMPRESSED = 0x00fd,
	PPP_MPLS = 0x0281,
	PPP_MPLS_UPSTREAM = 0x0283,
};

static enum decode_verdict peel_protocol(struct peel *p, uint16_t protocol)
{
	switch (protocol) {
	case PPP_IPV4:
		return peel_ipv4(p);
	case PPP_IPV6:
		return peel_ipv6(p);
	case PPP_MPLS:
	case PPP_MPLS_UPSTREAM:
		return peel_mpls(p);
	case PPP_COMPRESSED_TCP:
	case PPP_UNCOMPRESSED_TCP:
	case PPP_MULTILINK:
	case PPP_ENCRYPTED:
	case PPP_COMPRESSED:
		return DECODE_UNSUPPORTED; /* IP may be inside */
	default:
		return DECODE_NOT_IP;
	}
}

/*
 * RFC 1661, 1662:
 *
 *	| FF 03 | protocol | ...
 *	|   2   |  2 or 1  |
 *
 * Both ends may agree to leave FF 03 out, and the first byte of the protocol if
 * it is 0: the last byte is odd and the first is even, so both can be told.
 */
enum decode_verdict peel_ppp(struct peel *p)
{
	enum decode_verdict v = peel_header(p, 2);
	uint16_t protocol;

	if (v != DECODE_OK)
		return v;
	if (be16(p->rest.bytes) == 0xff03) {
		rest_skip(&p->rest, 2);
		v = rest_has(&p->rest, 2);
		if (v != DECODE_OK)
			return v;
	}
	protocol = p->rest.bytes[0];
	if (protocol & 1) {
		rest_skip(&p->rest, 1);
	} else {
		protocol = be16(p->rest.bytes);
		rest_skip(&p->rest, 2);
	}
	return peel_protocol(p, protocol);
}

/*
 * PPPoE (RFC 2516):
 *
 *	| version 1, type 1 | code 0 | session | length | PPP
 *	|         1         |    1   |    2    |    2   |
 */
enum decode_verdict peel_pppoe(struct peel *p)
{
	const uint8_t *header = p->rest.bytes;
	enum decode_verdict v = peel_header(p, 6);
	uint16_t len;

	if (v != DECODE_OK)
		return v;
	if (header[0] != 0x11)
		return DECODE_MALFORMED;
	if (header[1] != 0)
		return DECODE_NOT_IP; /* discovery */
	len = be16(header + 4);
	rest_skip(&p->rest, 6);
	if (len < p->rest.length)
		rest_limit(&p->rest, len);
	return peel_ppp(p);
}

/*
 * Cisco's HDLC, told from PPP by its first byte (0F: to one, 8F: to all):
 *
 *	| address | control 0 | EtherType |
 *	|    1    |     1     |     2     |
 */
enum decode_verdict peel_hdlc(struct peel *p)
{
	const uint8_t *header = p->rest.bytes;
	enum decode_verdict v = rest_has(&p->rest, 4);
	uint16_t type;

	if (v != DECODE_OK)
		return v;
	if ((header[0] != 0x0f && header[0] != 0x8f) || header[1] != 0)
		return peel_ppp(p);
	type = be16(header + 2);
	rest_skip(&p->rest, 4);
	return peel_bridged(p, type);
}
