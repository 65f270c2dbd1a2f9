/* SPDX-License-Identifier: Apache-2.0 */
/*
 * payload_http.h - one request and one response of HTTP/1.1 (RFC 9112).
 *
 * The request is a GET padded by a Cookie, or a POST when it is long.
 */
#pragma once

#include "simulate/script.h"

#define PAYLOAD_HTTP_AGENT "fleet/1"

enum { PAYLOAD_HTTP_PATH_SIZE = 16 };

bool payload_http_is_post(uint64_t request_bytes);
void payload_http_path(const struct sim_call *call, char out[static PAYLOAD_HTTP_PATH_SIZE]);

/* Bytes behind the headers of the request or the response. */
uint64_t payload_http_body(const struct sim_call *call, bool outward);

/* Write the headers of a turn that starts in this packet; returns how many bytes. */
size_t payload_http_head(const struct sim_call *call, const struct sim_packet *packet,
			 uint8_t *out);
