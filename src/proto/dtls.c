/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/dtls.h"

#include "base/cursor.h"

enum { RECORD_HANDSHAKE = 22, CLIENT_HELLO = 1, HEADERS = 13 + 12, MESSAGE_HEADER = 4 };

_Static_assert(sizeof(struct dtls_opening) <= 8160, "fits a block of its callers' pools");

/* 0xfeff, 0xfefd, and the 0x0100 of OpenSSL before the standard. */
static bool is_version(unsigned int version)
{
	return version == 0xfeff || version == 0xfefd || version == 0x0100;
}

bool dtls_is_hello(const uint8_t *bytes, size_t len)
{
	return len >= HEADERS && bytes[0] == RECORD_HANDSHAKE &&
	       is_version((unsigned int)(bytes[1] << 8 | bytes[2])) && bytes[3] == 0 &&
	       bytes[4] == 0 && bytes[13] == CLIENT_HELLO;
}

/*
 * RFC 6347, 4.2.2: a fragment, of which `at` and `len` tell where it belongs:
 *
 *	| type 1 | length 3 | message 2 | at 3 | len 3 | ...
 *
 * The state keeps the message as TLS would have it: | type 1 | length 3 | body |.
 */
static enum decode_verdict read_fragment(struct cursor *c, struct dtls_opening *state)
{
	uint32_t type_and_body = cursor_u32(c), body = type_and_body & 0xffffff;
	uint16_t message = cursor_u16(c);
	uint32_t at = (uint32_t)cursor_u8(c) << 16;
	uint32_t len;
	const uint8_t *bytes;

	at |= cursor_u16(c);
	len = (uint32_t)cursor_u8(c) << 16;
	len |= cursor_u16(c);
	bytes = cursor_take(c, len);
	if (!bytes)
		return DECODE_MALFORMED;
	if (type_and_body >> 24 != CLIENT_HELLO)
		return DECODE_UNSUPPORTED;
	if (body > TLS_MESSAGE_MAX || at > body || len > body - at)
		return DECODE_MALFORMED;
	if (!state->started || state->message != message || state->body != body) {
		state->started = true;
		state->message = message;
		state->body = body;
		tls_gather_clear(&state->hello);
		tls_gather_put(&state->hello, 0,
			       (uint8_t[]){CLIENT_HELLO, (uint8_t)(body >> 16),
					   (uint8_t)(body >> 8), (uint8_t)body},
			       MESSAGE_HEADER);
	}
	tls_gather_put(&state->hello, MESSAGE_HEADER + (uint64_t)at, bytes, len);
	return DECODE_OK;
}

/*
 * RFC 6347, 4.1; several to a datagram:
 *
 *	| 22 | version 2 | epoch 2 | sequence 6 | length 2 | fragments ... |
 */
static enum decode_verdict read_record(struct cursor *c, struct dtls_opening *state)
{
	uint8_t type = cursor_u8(c);
	uint16_t version = cursor_u16(c), epoch = cursor_u16(c);
	enum decode_verdict verdict = DECODE_OK;
	struct cursor fragments;

	cursor_skip(c, 6);
	fragments = cursor_part(c, cursor_u16(c));
	if (type != RECORD_HANDSHAKE)
		return DECODE_UNSUPPORTED;
	if (!cursor_ok(c))
		return DECODE_TRUNCATED;
	if (!is_version(version) || epoch != 0)
		return DECODE_UNSUPPORTED;
	while (verdict == DECODE_OK && cursor_left(&fragments) > 0)
		verdict = read_fragment(&fragments, state);
	return verdict;
}

enum decode_verdict dtls_read(struct dtls_opening *state, const uint8_t *datagram, size_t len,
			      struct tls_hello *out)
{
	struct cursor c = cursor_over(datagram, len);
	enum decode_verdict verdict = DECODE_OK;

	while (verdict == DECODE_OK && cursor_left(&c) > 0)
		verdict = read_record(&c, state);
	if (!state->started) {
		(void)!tls_parse_message(datagram, 0, 'd', out); /* clears it */
		return verdict == DECODE_OK ? DECODE_TRUNCATED : verdict;
	}
	return tls_parse_message(state->hello.bytes, state->hello.filled, 'd', out);
}
