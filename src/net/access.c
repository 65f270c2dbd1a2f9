/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tunnels by which subscribers reach a network: GTP-U, Teredo, L2TP.
 */
#include "net/peel.h"

/*
 * GTP-U (3GPP TS 29.281), message type 255: somebody's packet.
 *
 *	| version 1, PT 1, 0, E, S, PN | type | length | TEID | sequence, N-PDU, next: E, S or PN |
 *	|               1              |   1  |    2   |   4  |                 4                  |
 *
 * With E, extension headers follow, the last byte of each saying what is next:
 *
 *	| length in words | ... | next |
 *	|        1        |     |   1  |
 */
static enum decode_verdict skip_gtp_extensions(struct peel *p, uint8_t next)
{
	while (next) {
		enum decode_verdict v = peel_header(p, 4);
		uint32_t len;

		if (v != DECODE_OK)
			return v;
		len = p->rest.bytes[0] * 4u;
		if (len == 0)
			return DECODE_MALFORMED;
		v = rest_has(&p->rest, len);
		if (v != DECODE_OK)
			return v;
		next = p->rest.bytes[len - 1];
		rest_skip(&p->rest, len);
	}
	return DECODE_OK;
}

enum decode_verdict peel_gtp(struct peel *p)
{
	enum { E = 4, ANY_OPTION = 7, VERSION_AND_PT = 0xf0, PACKET = 255 };
	const uint8_t *header = p->rest.bytes;
	enum decode_verdict v = peel_header(p, 8);
	uint8_t next = 0;
	uint16_t length;

	if (v != DECODE_OK)
		return v;
	length = be16(header + 2);
	if ((header[0] & VERSION_AND_PT) != 0x30 || header[1] != PACKET ||
	    length + 8u > p->rest.length)
		return DECODE_NOT_IP;
	rest_skip(&p->rest, 8);
	rest_limit(&p->rest, length);
	if (header[0] & ANY_OPTION) {
		v = rest_has(&p->rest, 4);
		if (v != DECODE_OK)
			return v;
		if (header[0] & E)
			next = header[11];
		rest_skip(&p->rest, 4);
	}
	v = skip_gtp_extensions(p, next);
	return v == DECODE_OK ? peel_ip(p) : v;
}

/*
 * Teredo (RFC 4380): IPv6, perhaps behind one or both of
 *
 *	authentication	| 00 01 | id len | auth len | id | auth | nonce | confirmation |
 *			|   2   |    1   |     1    |    |      |   8   |       1      |
 *	origin		| 00 00 | port | address |
 *			|   2   |   2  |    4    |
 *
 * There is no other mark, so the IPv6 length has to be borne out.
 */
static enum decode_verdict skip_indication(struct peel *p)
{
	const uint8_t *header = p->rest.bytes;
	enum decode_verdict v = peel_header(p, 8);
	uint32_t len = 8;

	if (v != DECODE_OK)
		return v;
	if (header[1] == 1)
		len = 13u + header[2] + header[3];
	v = rest_has(&p->rest, len);
	if (v == DECODE_OK)
		rest_skip(&p->rest, len);
	return v;
}

enum decode_verdict peel_teredo(struct peel *p)
{
	enum decode_verdict v;

	for (uint8_t kind = 1;; kind = 0) { /* authentication comes first */
		v = rest_has(&p->rest, 6);
		if (v != DECODE_OK)
			return v;
		if (p->rest.bytes[0] == 0 && p->rest.bytes[1] == kind) {
			v = skip_indication(p);
			if (v != DECODE_OK)
				return v;
		}
		if (kind == 0)
			break;
	}
	v = rest_has(&p->rest, 6);
	if (v != DECODE_OK)
		return v;
	return be16(p->rest.bytes + 4) + 40u <= p->rest.length ? peel_ipv6(p) : DECODE_NOT_IP;
}

/*
 * L2TP version 2 (RFC 2661), data:
 *
 *	| flags, version | length: L | tunnel | session | sequences: S | offset: O | PPP
 *	|        2       |     2     |    2   |    2    |       4      |  2, skip  |
 */
static enum decode_verdict peel_l2tp_2(struct peel *p, uint16_t flags)
{
	enum { HAS_LENGTH = 0x4000, HAS_SEQUENCES = 0x0800, HAS_OFFSET = 0x0200 };
	const uint8_t *header = p->rest.bytes;
	uint32_t len = 6;
	enum decode_verdict v;

	len += flags & HAS_LENGTH ? 2 : 0;
	len += flags & HAS_SEQUENCES ? 4 : 0;
	len += flags & HAS_OFFSET ? 2 : 0;
	v = rest_has(&p->rest, len);
	if (v != DECODE_OK)
		return v;
	if (flags & HAS_LENGTH) {
		if (be16(header + 2) < len || be16(header + 2) > p->rest.length)
			return DECODE_NOT_IP;
		rest_limit(&p->rest, be16(header + 2));
	}
	if (flags & HAS_OFFSET)
		len += be16(header + len - 2);
	v = rest_has(&p->rest, len);
	if (v != DECODE_OK)
		return v;
	rest_skip(&p->rest, len);
	return peel_ppp(p);
}

/* Is `rest` at `at` an Ethernet frame that brings IP, tagged at most once? */
static bool is_frame(const struct rest *rest, uint32_t at)
{
	const uint8_t *type;

	if (rest->captured < at + 19)
		return false;
	type = rest->bytes + at + 12;
	if (be16(type) == 0x8100 || be16(type) == 0x88a8)
		type += 4;
	return (be16(type) == 0x0800 && type[2] >> 4 == 4) ||
	       (be16(type) == 0x86dd && type[2] >> 4 == 6);
}

static bool is_ppp(const struct rest *rest, uint32_t at)
{
	const uint8_t *b = rest->bytes + at;

	return rest->captured >= at + 5 && be16(b) == 0xff03 &&
	       ((be16(b + 2) == 0x0021 && b[4] >> 4 == 4) ||
		(be16(b + 2) == 0x0057 && b[4] >> 4 == 6));
}

/*
 * L2TP version 3 (RFC 3931) leaves to its control channel how long the cookie is
 * (0, 4 or 8), whether there is a sublayer (4 bytes) and what is carried.  We have
 * not heard that, so look for what cannot be mistaken.
 */
static enum decode_verdict peel_l2tp_3(struct peel *p)
{
	for (uint32_t at = 0; at <= 12; at += 4) {
		bool frame = is_frame(&p->rest, at);

		if (p->rest.captured < at + 19 && p->rest.captured < p->rest.length)
			return DECODE_TRUNCATED; /* it might have been this */
		if (!frame && !is_ppp(&p->rest, at))
			continue;
		rest_skip(&p->rest, at);
		return frame ? peel_ethernet(p) : peel_ppp(p);
	}
	return DECODE_UNSUPPORTED;
}

/*
 *	| T, ... version | depends on the version; 3: | 0 | session |
 *	|        2       |                            | 2 |    4    |
 */
enum decode_verdict peel_l2tp_udp(struct peel *p)
{
	enum { CONTROL = 0x8000, VERSION_BITS = 0x000f };
	enum decode_verdict v = peel_header(p, 8);
	uint16_t flags;

	if (v != DECODE_OK)
		return v;
	flags = be16(p->rest.bytes);
	if (flags & CONTROL)
		return DECODE_NOT_IP;
	if ((flags & VERSION_BITS) == 2)
		return peel_l2tp_2(p, flags);
	if ((flags & VERSION_BITS) != 3)
		return DECODE_NOT_IP;
	rest_skip(&p->rest, 8);
	return peel_l2tp_3(p);
}

/*
 *	| session, 0 for control |
 *	|            4           |
 */
enum decode_verdict peel_l2tp_ip(struct peel *p)
{
	enum decode_verdict v = peel_header(p, 4);

	if (v != DECODE_OK)
		return v;
	if (be32(p->rest.bytes) == 0)
		return DECODE_NOT_IP;
	rest_skip(&p->rest, 4);
	return peel_l2tp_3(p);
}
