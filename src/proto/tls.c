/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ClientHello lies in one handshake message, which may be spread over any
 * number of records (RFC 8446, 5.1), each with a header in the way:
 *
 *	| 22 | version | length |  part of the message ...  | 22 | version | length | ...
 *	|  1 |    2    |    2   |
 *
 * So the message is read through `struct message`, which steps over the record
 * headers; the hello is parsed as if they were not there.  Once a read fails,
 * for whatever reason, all later ones give zeros, and `verdict` has the reason.
 */
#include "proto/tls.h"

#include "proto/name.h"

#include <string.h>

enum {
	RECORD_HANDSHAKE = 22,
	RECORD_MAX = 16384, /* RFC 8446, 5.1 */
	CLIENT_HELLO = 1,
	EXTENSION_SERVER_NAME = 0,
	NAME_IS_HOST = 0,
};

struct message {
	const uint8_t *pos, *end; /* bytes of the stream not yet looked at */
	size_t record_left;	  /* of the record that `pos` is in */
	size_t left;		  /* of the message, by its own header */
	enum decode_verdict verdict;
};

static void fail(struct message *m, enum decode_verdict verdict)
{
	if (m->verdict == DECODE_OK)
		m->verdict = verdict;
}

static void next_record(struct message *m)
{
	size_t len;

	if (m->end - m->pos < 5) {
		fail(m, DECODE_TRUNCATED);
		return;
	}
	len = (size_t)m->pos[3] << 8 | m->pos[4];
	if (m->pos[0] != RECORD_HANDSHAKE || m->pos[1] != 3 || len == 0 || len > RECORD_MAX) {
		fail(m, DECODE_MALFORMED);
		return;
	}
	m->pos += 5;
	m->record_left = len;
}

/* Copy the next `len` bytes to `out`, or step over them if it is NULL. */
static void take(struct message *m, uint8_t *out, size_t len)
{
	if (len > m->left)
		fail(m, DECODE_MALFORMED);
	while (len > 0) {
		size_t here;

		if (m->verdict == DECODE_OK && m->record_left == 0)
			next_record(m);
		if (m->verdict == DECODE_OK && m->pos == m->end)
			fail(m, DECODE_TRUNCATED);
		if (m->verdict != DECODE_OK)
			return;
		here = len < m->record_left ? len : m->record_left;
		if (here > (size_t)(m->end - m->pos))
			here = (size_t)(m->end - m->pos);
		if (out) {
			memcpy(out, m->pos, here);
			out += here;
		}
		m->pos += here;
		m->record_left -= here;
		m->left -= here;
		len -= here;
	}
}

static unsigned int take_number(struct message *m, size_t bytes)
{
	uint8_t b[3] = {0};
	unsigned int value = 0;

	take(m, b, bytes);
	if (m->verdict != DECODE_OK)
		return 0;
	for (size_t i = 0; i < bytes; i++)
		value = value << 8 | b[i];
	return value;
}

/* A field with its length before it, in `bytes` bytes. */
static void skip_field(struct message *m, size_t bytes)
{
	take(m, NULL, take_number(m, bytes));
}

/*
 * RFC 6066, 3, with room for more than one kind of name, though there is one:
 *
 *	| list length | type 0 | length |  name  | ...
 *	|      2      |    1   |    2   | length |
 */
static void read_server_name(struct message *m, unsigned int len, struct tls_hello *out)
{
	uint8_t name[TLS_SNI_MAX];
	unsigned int list, type, name_len;

	if (len == 0) /* as a server answers; from a client it says nothing */
		return;
	list = take_number(m, 2);
	type = take_number(m, 1);
	name_len = take_number(m, 2);
	if (m->verdict != DECODE_OK || type != NAME_IS_HOST)
		return;
	if (list + 2 > len || name_len + 3 > list || name_len > sizeof(name)) {
		fail(m, DECODE_MALFORMED);
		return;
	}
	take(m, name, name_len);
	if (m->verdict == DECODE_OK)
		out->sni_len = name_clean(out->sni, name, name_len);
}

/* | type 2 | length 2 | data | ... */
static void read_extensions(struct message *m, struct tls_hello *out)
{
	size_t total;

	if (m->left == 0) /* up to TLS 1.1 there need not be any */
		return;
	total = take_number(m, 2);
	if (total > m->left)
		fail(m, DECODE_MALFORMED);
	m->left = total;
	while (m->verdict == DECODE_OK && m->left > 0) {
		unsigned int type = take_number(m, 2), len = take_number(m, 2);
		size_t after = m->left - len;

		if (len > m->left) {
			fail(m, DECODE_MALFORMED);
			return;
		}
		if (type == EXTENSION_SERVER_NAME && out->sni_len == 0)
			read_server_name(m, len, out);
		if (m->left < after)
			fail(m, DECODE_MALFORMED);
		else
			take(m, NULL, m->left - after);
	}
}

/*
 * RFC 8446, 4.1.2; the same since SSL 3:
 *
 *	| type 1 | length 3 | version 2 | random 32 | session id | ciphers | compression |
 *extensions length in 1       2          1            2
 */
static void read_hello(struct message *m, struct tls_hello *out)
{
	unsigned int type = take_number(m, 1);
	size_t len = take_number(m, 3);

	if (m->verdict == DECODE_OK && type != CLIENT_HELLO)
		fail(m, DECODE_UNSUPPORTED);
	m->left = len;
	out->version = (uint16_t)take_number(m, 2);
	take(m, NULL, 32);
	skip_field(m, 1);
	skip_field(m, 2);
	skip_field(m, 1);
	read_extensions(m, out);
}

enum decode_verdict tls_parse_hello(const uint8_t *bytes, size_t len, struct tls_hello *out)
{
	struct message m = {.pos = bytes, .end = bytes + len, .left = 4};

	out->version = 0;
	out->sni[0] = '\0';
	out->complete = false;
	out->sni_len = 0;
	if (len > 0 && bytes[0] != RECORD_HANDSHAKE)
		return DECODE_UNSUPPORTED;
	read_hello(&m, out);
	out->complete = m.verdict == DECODE_OK;
	return m.verdict;
}

bool tls_is_handshake(const uint8_t *bytes, size_t len)
{
	size_t record_len;

	if (len < 6 || bytes[0] != RECORD_HANDSHAKE || bytes[1] != 3 || bytes[2] > 4)
		return false;
	record_len = (size_t)bytes[3] << 8 | bytes[4];
	return record_len > 0 && record_len <= RECORD_MAX;
}
