/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first bytes of either direction; a prefix of them may be cut short but never
 * say something else, and what is asked for is enough.
 */
#include "proto/tls.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_hello(const struct tls_hello *h, enum decode_verdict v)
{
	CHECK(v == DECODE_OK || v == DECODE_TRUNCATED || v == DECODE_MALFORMED ||
	      v == DECODE_UNSUPPORTED);
	CHECK(h->complete == (v == DECODE_OK));
	CHECK(h->sni_len <= TLS_SNI_MAX && strlen(h->sni) == h->sni_len);
	for (size_t i = 0; i < h->sni_len; i++)
		CHECK(h->sni[i] > 0x20 && h->sni[i] < 0x7f);
	CHECK(strlen(h->alpn) <= TLS_ALPN_MAX);
	CHECK(strlen(h->ja4) == 0 || (h->complete && strlen(h->ja4) == 36));
	CHECK(!h->ja3[0] == !h->ja4[0]);
}

static void check_client(const uint8_t *bytes, size_t len)
{
	struct tls_hello whole, part;
	enum decode_verdict v = tls_parse_hello(bytes, len, &whole), w;

	check_hello(&whole, v);
	w = tls_parse_hello(bytes, len - len / 4, &part);
	check_hello(&part, w);
	if (v == DECODE_OK)
		CHECK(w == DECODE_OK || w == DECODE_TRUNCATED);
	if (part.sni_len)
		CHECK(!strcmp(part.sni, whole.sni));
	if (part.alpn[0])
		CHECK(!strcmp(part.alpn, whole.alpn));
}

static void check_server(const uint8_t *bytes, size_t len)
{
	struct tls_server whole, part;
	enum decode_verdict v = tls_parse_server(bytes, len, NULL, &whole), w;

	CHECK(whole.complete == (v == DECODE_OK));
	if (whole.has_certificate)
		CHECK(strlen(whole.certificate.subject) <= X509_NAME_MAX);
	w = tls_parse_server(bytes, len - len / 4, NULL, &part);
	if (v == DECODE_OK)
		CHECK(w == DECODE_OK || w == DECODE_TRUNCATED);
	if (w == DECODE_OK)
		CHECK(part.version == whole.version && part.cipher == whole.cipher);
}

static void check_needs(const uint8_t *bytes, size_t len)
{
	struct tls_hello hello;
	struct tls_server server;
	size_t needs = tls_needs(bytes, len);

	if (tls_parse_hello(bytes, len, &hello) == DECODE_OK)
		CHECK(needs > 0 && needs <= len);
	if (needs > len) /* not worth while yet */
		CHECK(!hello.complete);
	if (len >= 11 && tls_parse_server(bytes, len, NULL, &server) == DECODE_OK)
		CHECK(needs > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	check_client(bytes, len);
	check_server(bytes, len);
	check_needs(bytes, len);
	(void)tls_is_handshake(bytes, len);
	return 0;
}
