/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http.h - the first request of an HTTP/1 connection (RFC 9112).
 */
#pragma once

#include "base/base.h"

enum { HTTP_HOST_MAX = 255 };

struct http_request {
	char method[16];
	char host[HTTP_HOST_MAX + 1]; /* lower case, without port and brackets; "" if none */
	size_t host_len;
	bool complete; /* the end of the headers was there, so a missing Host is missing */
};

/* Does this start with a request line's method? */
bool http_is_request(const uint8_t *bytes, size_t len);

/* DECODE_OK, DECODE_TRUNCATED (what was read is in `out`) or DECODE_MALFORMED.
 * CONNECT and absolute-form targets give the target's host. */
enum decode_verdict http_parse_request(const uint8_t *bytes, size_t len,
				       struct http_request *out) MUST_USE;
