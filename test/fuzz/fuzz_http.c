/* SPDX-License-Identifier: Apache-2.0 */
/* A request; a prefix of it may be cut short but never name another host. */
#include "proto/http.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_request(const struct http_request *r, enum decode_verdict v)
{
	CHECK(v == DECODE_OK || v == DECODE_TRUNCATED || v == DECODE_MALFORMED);
	CHECK(r->complete == (v == DECODE_OK));
	CHECK(r->host_len <= HTTP_HOST_MAX && strlen(r->host) == r->host_len);
	CHECK(strlen(r->method) < sizeof(r->method));
	for (size_t i = 0; i < r->host_len; i++)
		CHECK(r->host[i] > 0x20 && r->host[i] < 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct http_request whole, part;
	enum decode_verdict v = http_parse_request(bytes, len, &whole), w;

	check_request(&whole, v);
	w = http_parse_request(bytes, len - len / 4, &part);
	check_request(&part, w);
	if (part.host_len && v != DECODE_MALFORMED)
		CHECK(!strcmp(part.host, whole.host));
	(void)http_is_request(bytes, len);
	return 0;
}
