/* SPDX-License-Identifier: Apache-2.0 */
/* A client's first bytes; a prefix of them may be cut short but never say something else. */
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
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
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
	(void)tls_is_handshake(bytes, len);
	return 0;
}
