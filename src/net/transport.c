/* SPDX-License-Identifier: Apache-2.0 */
#include "net/peel.h"

#include "net/icmp.h"

#include <netinet/in.h>

/*
 * TCP (RFC 9293):
 *
 *	| src port | dst port | seq | ack | offset, 0 | flags | window | sum | urgent | options
 *	|     2    |     2    |  4  |  4  |     1     |   1   |    2   |  2  |    2   |
 *
 * When the capture cut options off there is no payload to see, but all is known.
 */
static enum decode_verdict peel_tcp(struct peel *p)
{
	const uint8_t *header = p->rest.bytes;
	enum decode_verdict v = rest_has(&p->rest, 20);
	uint32_t len;

	if (v != DECODE_OK)
		return v;
	len = (uint32_t)(header[12] >> 4) * 4;
	if (len < 20 || len > p->rest.length)
		return DECODE_MALFORMED;
	p->src_port = be16(header);
	p->dst_port = be16(header + 2);
	p->tcp_seq = be32(header + 4);
	p->tcp_flags = header[13];
	rest_skip(&p->rest, len);
	return DECODE_OK;
}

/*
 * UDP (RFC 768):
 *
 *	| src port | dst port | length | checksum |
 *	|     2    |     2    |    2   |     2    |
 *
 * The length covers this header.  0 means that it did not fit (RFC 2675).  In
 * a first fragment it counts the whole datagram, so IP's length is the bound.
 */
static enum decode_verdict peel_udp(struct peel *p)
{
	const uint8_t *header = p->rest.bytes;
	enum decode_verdict v = rest_has(&p->rest, 8);
	uint32_t len;

	if (v != DECODE_OK)
		return v;
	len = be16(header + 4);
	if (len != 0 && len < 8)
		return DECODE_MALFORMED;
	p->src_port = be16(header);
	p->dst_port = be16(header + 2);
	if (len != 0 && len < p->rest.length)
		rest_limit(&p->rest, len);
	rest_skip(&p->rest, 8);
	return DECODE_OK;
}

/*
 * SCTP (RFC 9260):
 *
 *	| src port | dst port | verification tag | checksum | chunks
 *	|     2    |     2    |         4        |     4    |
 */
static enum decode_verdict peel_sctp(struct peel *p)
{
	enum decode_verdict v = rest_has(&p->rest, 12);

	if (v != DECODE_OK)
		return v;
	p->src_port = be16(p->rest.bytes);
	p->dst_port = be16(p->rest.bytes + 2);
	rest_skip(&p->rest, 12);
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
	const uint8_t *header = p->rest.bytes;
	enum decode_verdict v = rest_has(&p->rest, 8);
	int back;

	if (v != DECODE_OK)
		return v;
	back = icmp_counterpart(p->proto, header[0]);
	p->src_port = header[0];
	p->dst_port = back < 0 ? header[1] : (uint16_t)back;
	rest_skip(&p->rest, 8);
	return DECODE_OK;
}

static enum decode_verdict peel_known(struct peel *p)
{
	switch (p->proto) {
	case IPPROTO_TCP:
		return peel_tcp(p);
	case IPPROTO_UDP:
		return peel_udp(p);
	case IPPROTO_SCTP:
		return peel_sctp(p);
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return peel_icmp(p);
	default:
		return DECODE_OK; /* all that IP carries is payload */
	}
}

/*
 * A first fragment too small for the header that it should hold (RFC 1858
 * tells why someone sends such) is like a later one: bytes without ports.
 */
enum decode_verdict peel_transport(struct peel *p)
{
	enum decode_verdict v = peel_known(p);

	return v == DECODE_MALFORMED && p->fragment ? DECODE_FRAGMENT : v;
}
