/* SPDX-License-Identifier: Apache-2.0 */
/* The start of an SSH stream; less of it may be cut short but never say something else. */
#include "proto/ssh.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_hello(const struct ssh_hello *h, enum decode_verdict v)
{
	CHECK(v == DECODE_OK || v == DECODE_TRUNCATED || v == DECODE_MALFORMED ||
	      v == DECODE_UNSUPPORTED);
	CHECK(h->software_len <= SSH_SOFTWARE_MAX && strlen(h->software) == h->software_len);
	for (size_t i = 0; i < h->software_len; i++)
		CHECK(h->software[i] >= 0x20 && h->software[i] < 0x7f);
	CHECK(strlen(h->hassh) == (v == DECODE_OK ? SSH_HASSH_SIZE - 1 : 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct ssh_hello whole, part;
	enum decode_verdict v = ssh_parse_hello(bytes, len, &whole), w;

	check_hello(&whole, v);
	w = ssh_parse_hello(bytes, len - len / 4, &part);
	check_hello(&part, w);
	if (w != DECODE_TRUNCATED)
		CHECK(v == w && !strcmp(part.software, whole.software) &&
		      !strcmp(part.hassh, whole.hassh));
	return 0;
}
