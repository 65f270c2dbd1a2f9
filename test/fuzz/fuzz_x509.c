/* SPDX-License-Identifier: Apache-2.0 */
/* Anything as a certificate. */
#include "proto/x509.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const struct x509_question question = {.name = "www.alt.example", .sha1 = true};
	struct x509_summary s;
	enum decode_verdict v = x509_read(bytes, len, &question, &s);

	CHECK(v == DECODE_OK || v == DECODE_MALFORMED);
	CHECK(s.key <= X509_KEY_DSA);
	CHECK(s.covers <= X509_COVERS_NOT);
	CHECK(strlen(s.subject) <= X509_NAME_MAX);
	for (const char *c = s.subject; *c; c++)
		CHECK(*c >= 0x20 && *c < 0x7f);
	return 0;
}
