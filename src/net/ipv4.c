/* SPDX-License-Identifier: Apache-2.0 */
#include "net/peel.h"

enum { MORE_FRAGMENTS = 0x2000, FRAGMENT_OFFSET = 0x1fff };

/*
 * RFC 791:
 *
 *	 0       4       8              16                            31
 *	+-------+-------+---------------+------------------------------+
 *	|version|  IHL  |      TOS      |         total length         |
 *	+-------+-------+---------------+-----+------------------------+
 *	|       identification          |flags|    fragment offset     |
 *	+---------------+---------------+-----+------------------------+
 *	|      TTL      |   protocol    |       header checksum        |
 *	+---------------+---------------+------------------------------+
 *	|                        source address                        |
 *	+--------------------------------------------------------------+
 *	|                      destination address                     |
 *	+--------------------------------------------------------------+
 *	|             options, up to IHL words of 4 bytes              |
 *
 * The checksum is not looked at: a capture taken on the sending host sees
 * packets before the network card has filled it in.
 *
 * A host that leaves cutting into segments to its card (TSO) shows packets too
 * long for the length field, with 0 in it: then the frame's length counts.
 */
enum decode_verdict peel_ipv4(struct peel *p)
{
	const uint8_t *header = p->rest.bytes;
	enum decode_verdict v = rest_has(&p->rest, 20);
	uint32_t header_len, total;
	uint16_t fragment, id;
	struct packet *packet;

	if (v != DECODE_OK)
		return v;
	header_len = (header[0] & 15u) * 4;
	if (header[0] >> 4 != 4 || header_len < 20)
		return DECODE_MALFORMED;
	total = be16(header + 2);
	if (total == 0)
		total = p->rest.length;
	if (total < header_len)
		return DECODE_MALFORMED;
	p->reached++;
	if (p->packet == p->end)
		return peel_too_deep(p);
	rest_limit(&p->rest, total);
	v = rest_has(&p->rest, header_len);
	if (v != DECODE_OK)
		return v;
	id = be16(header + 4);
	fragment = be16(header + 6);
	packet = peel_begin(p, total, (uint32_t)id << 16);
	address_set_v4(&packet->tuple.src, header + 12);
	address_set_v4(&packet->tuple.dst, header + 16);
	packet->tuple.proto = header[9];
	rest_skip(&p->rest, header_len);
	if (fragment & (FRAGMENT_OFFSET | MORE_FRAGMENTS))
		return peel_piece(p, (fragment & FRAGMENT_OFFSET) * 8u, fragment & MORE_FRAGMENTS,
				  id);
	return peel_transport(p);
}
