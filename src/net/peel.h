/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peel.h - what the layers of a frame hand down to each other.
 *
 *	decode_frame() --> peel_link() --> peel_ethertype() --> peel_ipv4() --> peel_transport()
 *	                                                    `-> peel_ipv6() -'
 *
 * Each layer takes its header off the front of `rest`, notes what it learnt
 * and returns what the next layer says.  A new encapsulation is one function
 * and one `case` in the layer that names it; it goes on with peel_ethertype()
 * or peel_ip(), and the inner packet replaces the outer one.
 *
 * Private to net/.  Everything borrows the captured bytes.
 */
#pragma once

#include "net/packet.h"

/*
 * Bytes not yet peeled.  `length` is what the headers so far promise, and
 * `captured`, never more, is how much of it is at hand.  So a header that does
 * not fit in `length` is a contradiction, and one that does not fit in
 * `captured` was cut off by the capture.
 */
struct rest {
	const uint8_t *bytes;
	uint32_t captured, length;
};

struct peel {
	struct rest rest;
	const uint8_t *src, *dst; /* addresses of the innermost IP header */
	uint32_t bytes;		  /* that IP packet's whole length */
	uint32_t tcp_seq;
	uint16_t src_port, dst_port;
	uint8_t version; /* 4 or 6 */
	uint8_t proto;
	uint8_t tcp_flags;
	bool fragment;
};

static inline uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t be32(const uint8_t *p)
{
	return (uint32_t)be16(p) << 16 | be16(p + 2);
}

/* Can a header of `len` bytes be read?  If not, whose fault is it? */
static inline enum decode_verdict rest_has(const struct rest *rest, uint32_t len)
{
	if (len <= rest->captured)
		return DECODE_OK;
	return len <= rest->length ? DECODE_TRUNCATED : DECODE_MALFORMED;
}

/* Take off a header within `length`, even if the capture cut its end off. */
static inline void rest_skip(struct rest *rest, uint32_t len)
{
	uint32_t here = len < rest->captured ? len : rest->captured;

	rest->bytes += here;
	rest->captured -= here;
	rest->length -= len;
}

/* The header says that only `length` bytes follow: anything beyond is padding. */
static inline void rest_limit(struct rest *rest, uint32_t length)
{
	rest->length = length;
	if (rest->captured > length)
		rest->captured = length;
}

enum decode_verdict peel_link(struct peel *p, uint32_t link);
enum decode_verdict peel_ethertype(struct peel *p, uint16_t type);
enum decode_verdict peel_ip(struct peel *p); /* version 4 or 6, by its first bits */
enum decode_verdict peel_ipv4(struct peel *p);
enum decode_verdict peel_ipv6(struct peel *p);
enum decode_verdict peel_transport(struct peel *p); /* p->proto says which */
