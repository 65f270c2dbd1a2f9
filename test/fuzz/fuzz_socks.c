/* SPDX-License-Identifier: Apache-2.0 */
/* A SOCKS client's stream; what is read of it must not change when more of it comes. */
#include "proto/socks.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_request(const struct socks_request *r, enum decode_verdict v, size_t len)
{
	CHECK(v == DECODE_OK || v == DECODE_TRUNCATED || v == DECODE_MALFORMED ||
	      v == DECODE_UNSUPPORTED);
	CHECK(r->name_len <= SOCKS_NAME_MAX && strlen(r->name) == r->name_len);
	if (v != DECODE_OK)
		return;
	CHECK(r->version == 4 || r->version == 5);
	CHECK(r->command >= SOCKS_CONNECT && r->command <= SOCKS_UDP);
	CHECK(r->address.version ? r->name_len == 0 : r->bytes > 9);
	CHECK(r->bytes >= 9 && r->bytes <= len);
	for (size_t i = 0; i < r->name_len; i++)
		CHECK(r->name[i] > 0x20 && r->name[i] < 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct socks_request whole, part;
	enum decode_verdict v = socks_parse_request(bytes, len, &whole), w;

	check_request(&whole, v, len);
	w = socks_parse_request(bytes, len - len / 4, &part);
	check_request(&part, w, len - len / 4);
	if (w != DECODE_TRUNCATED)
		CHECK(v == w);
	if (w == DECODE_OK)
		CHECK(part.bytes == whole.bytes && part.port == whole.port &&
		      !strcmp(part.name, whole.name));
	return 0;
}
