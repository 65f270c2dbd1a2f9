/* SPDX-License-Identifier: Apache-2.0 */
#include "net/peel.h"

#include <netinet/in.h>

/* Real packets carry at most three or four; a longer chain is made to tire us. */
enum { EXTENSIONS_MAX = 10 };

/* Bytes of the extension header at `header`, of which at least two can be read. */
static uint32_t extension_len(uint8_t proto, const uint8_t *header)
{
	switch (proto) {
	case IPPROTO_FRAGMENT:
		return 8;
	case IPPROTO_AH:
		return (header[1] + 2u) * 4; /* RFC 4302: in 4-byte words, minus 2 */
	default:
		return (header[1] + 1u) * 8; /* in 8-byte words, not counting the first */
	}
}

/*
 * RFC 8200, 4.5:
 *
 *	| next header | 0 | offset (13 bits), 0, 0, more | identification |
 *	|      1      | 1 |              2               |        4       |
 *
 * An "atomic" fragment, first and last at once, is a whole packet (RFC 6946).
 */
static enum decode_verdict read_fragment(struct peel *p, const uint8_t *header)
{
	uint16_t place = be16(header + 2);

	if (place & 0xfff8) {
		p->proto = header[0];
		return DECODE_FRAGMENT;
	}
	p->fragment = place & 1;
	return DECODE_OK;
}

/*
 * Every extension header starts alike:
 *
 *	| next header | length | ...
 *	|      1      |    1   |
 *
 * Other numbers end the chain: they are transport protocols, or "no next
 * header" (59), or something whose layout we do not know.
 */
static enum decode_verdict skip_extensions(struct peel *p)
{
	for (int i = 0;; i++) {
		const uint8_t *header = p->rest.bytes;
		enum decode_verdict v;
		uint32_t len;

		switch (p->proto) {
		case IPPROTO_HOPOPTS:
		case IPPROTO_ROUTING:
		case IPPROTO_FRAGMENT:
		case IPPROTO_AH:
		case IPPROTO_DSTOPTS:
			break;
		default:
			return DECODE_OK;
		}
		if (i == EXTENSIONS_MAX)
			return DECODE_UNSUPPORTED;
		v = rest_has(&p->rest, 8); /* none is shorter */
		if (v != DECODE_OK)
			return v;
		len = extension_len(p->proto, header);
		v = rest_has(&p->rest, len);
		if (v == DECODE_OK && p->proto == IPPROTO_FRAGMENT)
			v = read_fragment(p, header);
		if (v != DECODE_OK)
			return v;
		p->proto = header[0];
		rest_skip(&p->rest, len);
	}
}

/*
 * RFC 8200:
 *
 *	 0       4              12                16       24         31
 *	+-------+---------------+--------------------------------------+
 *	|version| traffic class |              flow label              |
 *	+-------+---------------+---------+---------------+------------+
 *	|         payload length          |  next header  | hop limit  |
 *	+---------------------------------+---------------+------------+
 *	|                  source address, 16 bytes                    |
 *	+--------------------------------------------------------------+
 *	|               destination address, 16 bytes                  |
 *	+--------------------------------------------------------------+
 *
 * A payload length of 0 where a payload follows is a jumbogram (RFC 2675) or a
 * packet that the network card will cut up: then the frame's length counts.
 */
enum decode_verdict peel_ipv6(struct peel *p)
{
	const uint8_t *header = p->rest.bytes;
	enum decode_verdict v = rest_has(&p->rest, 40);
	uint32_t payload;

	if (v != DECODE_OK)
		return v;
	if (header[0] >> 4 != 6)
		return DECODE_MALFORMED;
	payload = be16(header + 4);
	p->version = 6;
	p->src = header + 8;
	p->dst = header + 24;
	p->proto = header[6];
	rest_skip(&p->rest, 40);
	if (payload == 0 && p->proto != IPPROTO_NONE)
		payload = p->rest.length;
	p->bytes = 40 + payload;
	rest_limit(&p->rest, payload);
	v = skip_extensions(p);
	return v == DECODE_OK ? peel_transport(p) : v;
}

enum decode_verdict peel_ip(struct peel *p)
{
	enum decode_verdict v = rest_has(&p->rest, 1);

	if (v != DECODE_OK)
		return v;
	return p->rest.bytes[0] >> 4 == 6 ? peel_ipv6(p) : peel_ipv4(p);
}
