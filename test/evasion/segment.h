/* SPDX-License-Identifier: Apache-2.0 */
/*
 * segment.h - take a plain frame apart, and put together others like it.
 *
 * Plain frames are Ethernet without tags, IPv4 without options or IPv6
 * without extensions, then TCP or UDP.
 */
#pragma once

#include "tape.h"

enum { ETHER = 14, FRAME_ROOM = 66000 };

struct view {
	size_t ip, transport, payload, end; /* where they begin in the frame */
	uint8_t version, proto;
	uint8_t flags; /* of TCP */
	uint32_t seq;
};

struct view view_of(const uint8_t *frame, size_t len);

static inline size_t view_payload_len(const struct view *v)
{
	return v->end - v->payload;
}

/* All lengths and checksums right again, after something was changed or added at the end. */
void segment_seal(uint8_t *frame, size_t len);

/*
 * Add a segment with the headers of `of`, TCP options left out, but this number,
 * these flags and this payload; with an identification of its own.
 */
struct shot *segment_add(struct tape *out, const struct shot *of, uint32_t seq, uint8_t flags,
			 const uint8_t *payload, size_t len);

/* A copy of a whole frame. */
struct shot *segment_copy(struct tape *out, const struct shot *of);

void put16(uint8_t *at, uint32_t value);
void put32(uint8_t *at, uint32_t value);
uint32_t get16(const uint8_t *at);
uint32_t get32(const uint8_t *at);

/* RFC 1071, over `len` bytes, from a sum so far; not folded. */
uint64_t sum_of(uint64_t sum, const uint8_t *bytes, size_t len);
uint32_t sum_fold(uint64_t sum);
void seal_ipv4(uint8_t *ip);
