/* SPDX-License-Identifier: Apache-2.0 */
/*
 * writer.h - put numbers into a buffer in network byte order.
 *
 * The buffer must be large enough: what is written here is ours, and its size
 * is known.  CHECK catches a mistake.
 */
#pragma once

#include "base/base.h"

#include <string.h>

struct writer {
	uint8_t *bytes;
	size_t len, size;
};

static inline struct writer writer_over(void *bytes, size_t size)
{
	return (struct writer){.bytes = bytes, .size = size};
}

static inline uint8_t *writer_take(struct writer *w, size_t len)
{
	uint8_t *here = w->bytes + w->len;

	CHECK(w->size - w->len >= len);
	w->len += len;
	return here;
}

static inline void write_bytes(struct writer *w, const void *bytes, size_t len)
{
	if (len)
		memcpy(writer_take(w, len), bytes, len);
}

static inline void write_u8(struct writer *w, uint64_t value)
{
	*writer_take(w, 1) = (uint8_t)value;
}

static inline void write_u16(struct writer *w, uint64_t value)
{
	write_u8(w, value >> 8);
	write_u8(w, value);
}

static inline void write_u32(struct writer *w, uint64_t value)
{
	write_u16(w, value >> 16);
	write_u16(w, value);
}

static inline void write_u64(struct writer *w, uint64_t value)
{
	write_u32(w, value >> 32);
	write_u32(w, value);
}

/* Leave room for a length and fill it in when what it counts has been written. */
static inline size_t write_length_later(struct writer *w)
{
	write_u16(w, 0);
	return w->len;
}

static inline void write_length_now(struct writer *w, size_t since)
{
	size_t n = w->len - since;

	w->bytes[since - 2] = (uint8_t)(n >> 8);
	w->bytes[since - 1] = (uint8_t)n;
}
