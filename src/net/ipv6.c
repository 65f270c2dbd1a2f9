/* SPDX-License-Identifier: Apache-2.0 */
#include "net/peel.h"

#include <netinet/in.h>

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
static bool is_piece(const uint8_t *header)
{
	return be16(header + 2) & 0xfff9;
}

static bool is_extension(uint8_t proto)
{
	return proto == IPPROTO_HOPOPTS || proto == IPPROTO_ROUTING || proto == IPPROTO_FRAGMENT ||
	       proto == IPPROTO_AH || proto == IPPROTO_DSTOPTS;
}

/*
 * Every extension header starts alike:
 *
 *	| next header | length | ...
 *	|      1      |    1   |
 *
 * Other numbers end the chain: they are transport protocols, or "no next
 * header" (59), or something whose layout we do not know.  There is no limit to
 * how many: hosts that answer after a hundred have been seen, so a limit would be
 * a place to hide.  They are not counted, because nobody reads them twice.
 */
enum decode_verdict peel_extensions(struct peel *p)
{
	struct packet *packet = p->packet;

	while (is_extension(packet->tuple.proto)) {
		const uint8_t *header = p->rest.bytes;
		enum decode_verdict v = rest_has(&p->rest, 8); /* none is shorter */
		uint32_t len = 0;
		bool piece;

		if (v == DECODE_OK) {
			len = extension_len(packet->tuple.proto, header);
			v = rest_has(&p->rest, len);
		}
		if (v != DECODE_OK)
			return v == DECODE_MALFORMED ? peel_contrary(p) : v;
		piece = packet->tuple.proto == IPPROTO_FRAGMENT && is_piece(header);
		packet->tuple.proto = header[0];
		rest_skip(&p->rest, len);
		if (piece)
			return peel_piece(p, be16(header + 2) & 0xfff8, header[3] & 1,
					  be32(header + 4));
	}
	return peel_transport(p);
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
	struct packet *packet;
	uint32_t payload;

	if (v != DECODE_OK)
		return v;
	if (header[0] >> 4 != 6)
		return DECODE_MALFORMED;
	p->reached++;
	if (p->packet == p->end)
		return peel_too_deep(p);
	rest_skip(&p->rest, 40);
	payload = be16(header + 4);
	if (payload == 0 && header[6] != IPPROTO_NONE)
		payload = p->rest.length;
	rest_limit(&p->rest, payload);
	packet = peel_begin(p, 40 + payload, 0);
	address_set_v6(&packet->tuple.src, header + 8);
	address_set_v6(&packet->tuple.dst, header + 24);
	packet->tuple.proto = header[6];
	return peel_extensions(p);
}

enum decode_verdict peel_ip(struct peel *p)
{
	enum decode_verdict v = rest_has(&p->rest, 1);

	if (v != DECODE_OK)
		return v;
	return p->rest.bytes[0] >> 4 == 6 ? peel_ipv6(p) : peel_ipv4(p);
}
