/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls_reader.h"
#include "proto/tls_stream.h"

enum {
	CERTIFICATE = 11,
	EXTENSION_ALPN = 16,
	EXTENSION_VERSIONS = 43,
};

/*
 * RFC 8446, 4.1.3; what TLS 1.3 took is in an extension (4.2.1), and all behind it is encrypted:
 *
 *	| version 2 | random 32 | session id | cipher 2 | compression 1 | extensions |
 *
 * Drafts before the 22nd had versions of their own, 0x7f.., and neither session id
 * nor compression.
 */
static void read_server_hello(const struct tls_message *m, struct tls_server *out)
{
	struct tls_reader r = {
		.bytes = m->bytes, .have = m->have, .pos = TLS_MESSAGE_HEADER, .end = m->len};
	struct tls_reader all;
	bool draft;

	out->version = (uint16_t)tls_number(&r, 2);
	(void)tls_take(&r, 32);
	draft = out->version >> 8 == 0x7f;
	if (!draft)
		(void)tls_field(&r, 1);
	out->cipher = (uint16_t)tls_number(&r, 2);
	if (!draft)
		(void)tls_take(&r, 1);
	if (tls_left(&r) == 0)
		return;
	all = tls_field(&r, 2);
	while (tls_left(&all) > 0) {
		unsigned int type = tls_number(&all, 2);
		struct tls_reader data = tls_field(&all, 2);

		if (type == EXTENSION_VERSIONS && tls_left(&data) == 2) {
			unsigned int version = tls_number(&data, 2);

			if (data.verdict == DECODE_OK)
				out->version = (uint16_t)version;
		} else if (type == EXTENSION_ALPN) {
			size_t n;
			const uint8_t *text = tls_first_protocol(&data, &n);

			if (text)
				tls_clean_protocol(out->alpn, text, n);
		}
	}
}

/* RFC 5246, 7.4.2: | all 3 | length 3 | the leaf | length 3 | who issued it | ... */
static void read_certificates(const struct tls_message *m, const struct x509_question *question,
			      struct tls_server *out)
{
	struct tls_reader r = {
		.bytes = m->bytes, .have = m->have, .pos = TLS_MESSAGE_HEADER, .end = m->len};
	struct tls_reader all = tls_field(&r, 3), leaf = tls_field(&all, 3);
	size_t len = tls_left(&leaf);
	const uint8_t *der = tls_take(&leaf, len);

	if (!der || len == 0)
		return;
	/* odd ones are summarised as far as they go: they are the interesting ones */
	out->has_certificate = true;
	(void)!x509_read(der, len, question, &out->certificate);
}

static void clear(struct tls_server *out)
{
	out->version = out->cipher = 0;
	out->alpn[0] = '\0';
	out->has_certificate = out->complete = false;
}

/* TLS 1.3, its drafts 0x7f.., and those of others, of which only the last byte counts. */
static bool hides_certificates(uint16_t version)
{
	return version >= 0x0304;
}

enum decode_verdict tls_parse_server(const uint8_t *bytes, size_t len,
				     const struct x509_question *question, struct tls_server *out)
{
	struct tls_stream s = {.pos = bytes, .end = bytes + len};
	uint8_t room[TLS_JOINED_MAX];
	struct tls_message m;

	clear(out);
	if (!tls_stream_next(&s, room, &m))
		return len > 0 && bytes[0] != TLS_RECORD_HANDSHAKE ? DECODE_UNSUPPORTED : s.verdict;
	if (m.bytes[0] != TLS_SERVER_HELLO)
		return DECODE_UNSUPPORTED;
	read_server_hello(&m, out);
	if (m.len > TLS_MESSAGE_MAX || (m.have < m.len && s.verdict == DECODE_MALFORMED))
		return DECODE_MALFORMED;
	if (m.have < m.len)
		return DECODE_TRUNCATED;
	out->complete = hides_certificates(out->version);
	if (!out->complete && tls_stream_next(&s, room, &m)) {
		if (m.bytes[0] == CERTIFICATE)
			read_certificates(&m, question, out);
		out->complete =
			out->has_certificate || m.have == m.len || m.bytes[0] != CERTIFICATE;
	} else if (!out->complete) {
		/* something other than a handshake: a session is resumed */
		out->complete = s.verdict == DECODE_MALFORMED;
	}
	return out->complete ? DECODE_OK : DECODE_TRUNCATED;
}
