/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_reader.h - read a handshake message whose end may not have arrived.
 *
 * Unlike a cursor it knows two ends: of what is there and of the field that is
 * being read by its own length.  To leave the first is "truncated", the second
 * "malformed".  After the first failure every read gives zeros or NULL.
 *
 * Private to proto/.
 */
#pragma once

#include "proto/tls.h"

struct tls_reader {
	const uint8_t *bytes;
	size_t have;	 /* so many are there */
	size_t pos, end; /* next byte and end of the field, which may lie past `have` */
	enum decode_verdict verdict;
};

static inline const uint8_t *tls_take(struct tls_reader *r, size_t len)
{
	const uint8_t *here = r->bytes + r->pos;

	if (r->verdict != DECODE_OK)
		return NULL;
	if (len > r->end - r->pos)
		r->verdict = DECODE_MALFORMED;
	else if (len > r->have - r->pos)
		r->verdict = DECODE_TRUNCATED;
	if (r->verdict != DECODE_OK)
		return NULL;
	r->pos += len;
	return here;
}

/* Big-endian, of at most 3 bytes. */
static inline unsigned int tls_number(struct tls_reader *r, size_t bytes)
{
	const uint8_t *p = tls_take(r, bytes);
	unsigned int value = 0;

	for (size_t i = 0; p && i < bytes; i++)
		value = value << 8 | p[i];
	return value;
}

/*
 * The next field, with its length in `bytes` bytes before it, as a reader of
 * its own; the outer one goes on behind it.  What is wrong inside stays inside.
 */
static inline struct tls_reader tls_field(struct tls_reader *r, size_t bytes)
{
	size_t len = tls_number(r, bytes);
	struct tls_reader field = {.bytes = r->bytes, .have = r->have, .pos = r->pos};

	field.end = field.pos + len;
	(void)tls_take(r, len);
	field.verdict = r->verdict;
	/* a field that has begun can be read as far as it is there */
	if (r->verdict == DECODE_TRUNCATED && field.end > field.have && len > 0)
		field.verdict = DECODE_OK;
	return field;
}

static inline size_t tls_left(const struct tls_reader *r)
{
	return r->verdict == DECODE_OK ? r->end - r->pos : 0;
}

/* RFC 7301, 3.1: | list length 2 | length 1 | protocol | ...; the first, raw; NULL if none. */
static inline const uint8_t *tls_first_protocol(struct tls_reader *data, size_t *len)
{
	struct tls_reader list = tls_field(data, 2), protocol = tls_field(&list, 1);

	*len = tls_left(&protocol);
	return *len > 0 ? tls_take(&protocol, *len) : NULL;
}

/* Make it printable: `out` has TLS_ALPN_MAX + 1 bytes. */
static inline void tls_clean_protocol(char *out, const uint8_t *text, size_t len)
{
	size_t i;

	for (i = 0; i < len && i < TLS_ALPN_MAX; i++)
		out[i] = text[i] > 0x20 && text[i] < 0x7f ? (char)text[i] : '?';
	out[i] = '\0';
}
