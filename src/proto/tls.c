/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls.h"

#include "proto/tls_stream.h"

/*
 * A hello of TLS in the form of SSL 2 (RFC 5246, E.2); a version of 0x0002 is SSL 2 itself:
 *
 *	| 1, length | type 1 | version | ciphers | session | challenge |  ciphers, ...
 *	|    2      |   1    |    2    |    2    |    2    |     2     |   3 each
 */
enum { V2_HEADER = 11 };

static size_t v2_len(const uint8_t *bytes)
{
	return 2 + ((size_t)(bytes[0] & 0x7f) << 8 | bytes[1]);
}

/* As far as the bytes tell. */
static bool may_be_v2(const uint8_t *bytes, size_t len)
{
	return len > 0 && bytes[0] & 0x80 && (len < 3 || bytes[2] == TLS_CLIENT_HELLO) &&
	       (len < 4 || bytes[3] == 3 || bytes[3] == 0) &&
	       (len < 5 || (bytes[3] == 3 ? bytes[4] <= 3 : bytes[4] == 2));
}

static bool is_v2(const uint8_t *bytes, size_t len)
{
	size_t ciphers, session, challenge;

	if (len < V2_HEADER || !may_be_v2(bytes, len))
		return false;
	ciphers = (size_t)bytes[5] << 8 | bytes[6];
	session = (size_t)bytes[7] << 8 | bytes[8];
	challenge = (size_t)bytes[9] << 8 | bytes[10];
	return ciphers > 0 && ciphers % 3 == 0 && (session == 0 || session == 16) &&
	       challenge >= 16 && challenge <= 32 &&
	       v2_len(bytes) == V2_HEADER + ciphers + session + challenge;
}

static enum decode_verdict read_v2(const uint8_t *bytes, size_t len, struct tls_hello *out)
{
	/* this clears `out` and says that more is needed */
	enum decode_verdict verdict = tls_parse_message(bytes, 0, 't', out);

	out->version = out->offer = (uint16_t)(bytes[3] << 8 | bytes[4]);
	if (len >= v2_len(bytes)) {
		out->complete = true;
		verdict = DECODE_OK;
	}
	return verdict;
}

bool tls_is_handshake(const uint8_t *bytes, size_t len)
{
	size_t record_len;

	if (is_v2(bytes, len))
		return true;
	if (len < 6 || bytes[0] != TLS_RECORD_HANDSHAKE || bytes[1] != 3 || bytes[2] > 4)
		return false;
	record_len = (size_t)bytes[3] << 8 | bytes[4];
	return record_len > 0 && record_len <= TLS_RECORD_MAX;
}

enum decode_verdict tls_parse_hello(const uint8_t *bytes, size_t len, struct tls_hello *out)
{
	struct tls_stream s = {.pos = bytes, .end = bytes + len};
	uint8_t room[TLS_JOINED_MAX];
	struct tls_message m = {.bytes = bytes};
	enum decode_verdict verdict;

	if (is_v2(bytes, len))
		return read_v2(bytes, len, out);
	if (!tls_stream_next(&s, room, &m))
		m.have = 0;
	verdict = tls_parse_message(m.bytes, m.have, 't', out);
	if (len > 0 && bytes[0] != TLS_RECORD_HANDSHAKE)
		return DECODE_UNSUPPORTED;
	/* more would have come, had the records gone on */
	if (verdict == DECODE_TRUNCATED && s.verdict == DECODE_MALFORMED)
		return DECODE_MALFORMED;
	return verdict;
}

/* Is this the message after whose end there is nothing more to read? */
static bool is_last(uint8_t type)
{
	return type != TLS_SERVER_HELLO;
}

/* `missing` bytes of the messages lie behind what is there, at best in one record. */
static size_t end_of(const struct tls_stream *s, const uint8_t *bytes, size_t missing)
{
	return (size_t)(s->pos - bytes) + missing +
	       (missing > s->record_left ? TLS_RECORD_HEADER : 0);
}

size_t tls_needs(const uint8_t *bytes, size_t len)
{
	struct tls_stream s = {.pos = bytes, .end = bytes + len};
	uint8_t header[TLS_MESSAGE_HEADER] = {TLS_SERVER_HELLO};

	if (may_be_v2(bytes, len)) {
		if (len < V2_HEADER)
			return V2_HEADER;
		return is_v2(bytes, len) ? v2_len(bytes) : 0;
	}
	if ((len > 0 && bytes[0] != TLS_RECORD_HANDSHAKE) || (len > 1 && bytes[1] != 3))
		return 0;
	for (size_t i = 0; !is_last(header[0]); i++) {
		size_t had = tls_stream_copy(&s, header, TLS_MESSAGE_HEADER), body;

		if (had < TLS_MESSAGE_HEADER && s.verdict == DECODE_TRUNCATED)
			return end_of(&s, bytes, TLS_MESSAGE_HEADER - had);
		if (had < TLS_MESSAGE_HEADER)
			return i == 0 ? 0 : len;
		body = tls_message_len(header) - TLS_MESSAGE_HEADER;
		if (body > TLS_MESSAGE_MAX ||
		    (i == 0 && header[0] != TLS_CLIENT_HELLO && header[0] != TLS_SERVER_HELLO))
			return i == 0 ? 0 : len;
		had = tls_stream_copy(&s, NULL, body);
		if (had < body && s.verdict == DECODE_TRUNCATED)
			return end_of(&s, bytes, body - had);
		if (had < body)
			return len;
	}
	return (size_t)(s.pos - bytes);
}
