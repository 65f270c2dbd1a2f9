/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls_stream.h"

#include <string.h>

static bool next_record(struct tls_stream *s)
{
	size_t len;

	if (s->end - s->pos < TLS_RECORD_HEADER) {
		s->verdict = DECODE_TRUNCATED;
		return false;
	}
	len = (size_t)s->pos[3] << 8 | s->pos[4];
	if (s->pos[0] != TLS_RECORD_HANDSHAKE || s->pos[1] != 3 || len == 0 ||
	    len > TLS_RECORD_MAX) {
		s->verdict = DECODE_MALFORMED;
		return false;
	}
	s->pos += TLS_RECORD_HEADER;
	s->record_left = len;
	return true;
}

/* Bytes of the present record that are there. */
static size_t here(const struct tls_stream *s)
{
	size_t there = (size_t)(s->end - s->pos);

	return there < s->record_left ? there : s->record_left;
}

size_t tls_stream_copy(struct tls_stream *s, uint8_t *out, size_t len)
{
	size_t done = 0;

	while (done < len) {
		size_t part = here(s);

		if (part > len - done)
			part = len - done;
		if (out && part > 0)
			memcpy(out + done, s->pos, part);
		s->pos += part;
		s->record_left -= part;
		done += part;
		if (done == len)
			break;
		if (s->record_left > 0)
			s->verdict = DECODE_TRUNCATED;
		if (s->record_left > 0 || !next_record(s))
			break;
	}
	return done;
}

bool tls_stream_next(struct tls_stream *s, uint8_t room[static TLS_JOINED_MAX],
		     struct tls_message *m)
{
	size_t part;

	if (s->verdict != DECODE_OK || (s->record_left == 0 && !next_record(s)))
		return false;
	part = here(s);
	m->bytes = s->pos;
	m->have = part;
	if (part >= TLS_MESSAGE_HEADER) {
		m->len = tls_message_len(s->pos);
		if (m->len <= s->record_left) {
			m->have = tls_stream_copy(s, NULL, m->len);
			return true;
		}
	}
	m->bytes = room;
	m->have = tls_stream_copy(s, room, TLS_MESSAGE_HEADER);
	if (m->have < TLS_MESSAGE_HEADER)
		return false;
	m->len = tls_message_len(room);
	part = m->len < TLS_JOINED_MAX ? m->len : TLS_JOINED_MAX;
	m->have += tls_stream_copy(s, room + TLS_MESSAGE_HEADER, part - TLS_MESSAGE_HEADER);
	return true;
}
