/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cursor.h - read hostile bytes without ever reading past their end.
 *
 * A cursor walks over borrowed memory.  The first read that does not fit marks
 * the cursor as failed; from then on every read returns zeros and moves
 * nothing.  So a decoder reads a whole header as if all were well and asks
 * `cursor_ok()` once, at the end:
 *
 *	u->src_port = cursor_u16(c);
 *	u->dst_port = cursor_u16(c);
 *	u->length   = cursor_u16(c);
 *	u->checksum = cursor_u16(c);
 *	return cursor_ok(c) ? DECODED : TRUNCATED;
 *
 * One statement per read: C does not say in which order the members of an
 * initializer list are evaluated.
 *
 * All integers are read in network byte order.
 */
#pragma once

#include "base/base.h"

#include <string.h>

struct cursor {
	const uint8_t *pos; /* borrowed; next byte to read */
	const uint8_t *end; /* one past the last readable byte */
	bool failed;
};

static inline struct cursor cursor_over(const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	return (struct cursor){.pos = p, .end = p + len};
}

static inline bool cursor_ok(const struct cursor *c)
{
	return !c->failed;
}

static inline size_t cursor_left(const struct cursor *c)
{
	return c->failed ? 0 : (size_t)(c->end - c->pos);
}

/* Borrow the next `len` bytes, or NULL (and a failed cursor) if there are fewer. */
static inline const uint8_t *cursor_take(struct cursor *c, size_t len)
{
	const uint8_t *here = c->pos;

	if (cursor_left(c) < len) {
		c->failed = true;
		return NULL;
	}
	c->pos += len;
	return here;
}

static inline uint8_t cursor_u8(struct cursor *c)
{
	const uint8_t *p = cursor_take(c, 1);

	return p ? p[0] : 0;
}

static inline uint16_t cursor_u16(struct cursor *c)
{
	const uint8_t *p = cursor_take(c, 2);

	if (!p)
		return 0;
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t cursor_u32(struct cursor *c)
{
	uint32_t hi = cursor_u16(c);

	return hi << 16 | cursor_u16(c);
}

static inline uint64_t cursor_u64(struct cursor *c)
{
	uint64_t hi = cursor_u32(c);

	return hi << 32 | cursor_u32(c);
}

/* Step over `len` bytes. */
static inline void cursor_skip(struct cursor *c, size_t len)
{
	(void)cursor_take(c, len);
}

/* The next `len` bytes as a cursor of their own; failed if there are fewer. */
static inline struct cursor cursor_part(struct cursor *c, size_t len)
{
	const uint8_t *p = cursor_take(c, len);

	return (struct cursor){.pos = p, .end = p ? p + len : NULL, .failed = !p};
}
