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
	CHECK(r->agent_len <= HTTP_AGENT_MAX && strlen(r->agent) == r->agent_len);
	CHECK((r->head_bytes > 0) == r->complete);
	CHECK(!r->proxied || r->target != HTTP_TARGET_ORIGIN);
}

static void check_response(const uint8_t *bytes, size_t len)
{
	struct http_response r;
	enum decode_verdict v = http_parse_response(bytes, len, &r);

	CHECK((v == DECODE_MALFORMED) == !http_is_response(bytes, len));
	CHECK(r.complete == (v == DECODE_OK) && (r.head_bytes > 0) == r.complete);
	CHECK(r.status <= 999 && r.head_bytes <= len && r.server_len <= HTTP_AGENT_MAX);
	CHECK(strlen(r.server) == r.server_len);
	CHECK(v == DECODE_MALFORMED || !http_is_request(bytes, len));
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
	if (w == DECODE_OK)
		CHECK(v == DECODE_OK && part.head_bytes == whole.head_bytes &&
		      !strcmp(part.agent, whole.agent));
	check_response(bytes, len);
	CHECK(v != DECODE_OK || len > HTTP_HEAD_MAX || http_needs(bytes, len) <= whole.head_bytes);
	return 0;
}
