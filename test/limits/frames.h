/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frames.h - Ethernet frames by the million, for floods: headers as they must
 * be, checksums that only tell packets apart, and no more.
 *
 * Frames lie in an arena that lanes may look at until lanes_turn(); it is
 * turned when full.
 */
#pragma once

#include "lane/lanes.h"

#include <netinet/in.h>
#include <string.h>

enum { ARENA_BYTES = 1 << 20, FRAME_ROOM = 4096 };

struct flood {
	struct lanes *lanes;
	uint8_t *arena;
	size_t used;
	ns_t now;
	uint32_t stamp; /* IPv4 identification: goes up with each frame, so that none is a copy */
};

/* What a frame is to say.  Addresses as numbers, 10.0.0.1 is 0x0a000001. */
struct shot {
	uint32_t src, dst;
	uint16_t src_port, dst_port;
	uint8_t proto, flags;
	uint32_t seq;
	const void *payload;
	size_t len;
};

static inline uint8_t *put_be(uint8_t *at, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
	return at + bytes;
}

static inline uint8_t *flood_room(struct flood *f)
{
	if (f->used + FRAME_ROOM > ARENA_BYTES) {
		lanes_turn(f->lanes, true);
		f->used = 0;
	}
	return f->arena + f->used;
}

/* Ethernet and IPv4 up to the payload of `len` bytes; returns where that goes. */
static inline uint8_t *put_ipv4(struct flood *f, uint8_t *at, const struct shot *s, size_t len,
				uint32_t id, uint32_t fragment)
{
	at = put_be(at, 0x020000000001, 6);
	at = put_be(at, 0x020000000002, 6);
	at = put_be(at, 0x0800, 2);
	at = put_be(at, 0x4500, 2);
	at = put_be(at, 20 + len, 2);
	at = put_be(at, id & 0xffff, 2);
	at = put_be(at, fragment, 2);
	at = put_be(at, 64, 1);
	at = put_be(at, s->proto, 1);
	at = put_be(at, f->stamp, 2);
	at = put_be(at, s->src, 4);
	return put_be(at, s->dst, 4);
}

static inline void flood_send(struct flood *f, const uint8_t *frame, const uint8_t *end)
{
	size_t len = (size_t)(end - frame);

	f->used += (len + 7) & ~(size_t)7;
	lanes_frame(f->lanes, &(struct frame){.when = f->now,
					      .bytes = frame,
					      .captured = (uint32_t)len,
					      .length = (uint32_t)len,
					      .link = LINK_ETHERNET});
}

static inline void flood_shoot(struct flood *f, const struct shot *s)
{
	uint8_t *frame = flood_room(f), *at;
	bool tcp = s->proto == IPPROTO_TCP;

	f->stamp++;
	at = put_ipv4(f, frame, s, (tcp ? 20 : 8) + s->len, f->stamp, 0);
	at = put_be(at, s->src_port, 2);
	at = put_be(at, s->dst_port, 2);
	if (tcp) {
		at = put_be(at, s->seq, 4);
		at = put_be(at, 1, 4);
		at = put_be(at, 0x5000 | s->flags, 2);
		at = put_be(at, 1024, 2);
		at = put_be(at, f->stamp * 2654435761u >> 16, 2);
		at = put_be(at, 0, 2);
	} else {
		at = put_be(at, 8 + s->len, 2);
		at = put_be(at, f->stamp * 2654435761u >> 16, 2);
	}
	if (s->len)
		memcpy(at, s->payload, s->len);
	flood_send(f, frame, at + s->len);
}

/* A piece of a datagram that starts `at_byte` bytes into it. */
static inline void flood_piece(struct flood *f, const struct shot *s, uint32_t id, uint32_t at_byte,
			       bool more)
{
	uint8_t *frame = flood_room(f), *at;

	at = put_ipv4(f, frame, s, s->len, id, at_byte / 8 | (more ? 0x2000u : 0));
	memset(at, 'x', s->len);
	flood_send(f, frame, at + s->len);
}
