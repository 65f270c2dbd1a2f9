/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/payload_http.h"

#include <stdio.h>
#include <string.h>

enum { HEAD_SIZE = 512, LONG_REQUEST = 1000 };

bool payload_http_is_post(uint64_t request_bytes)
{
	return request_bytes > LONG_REQUEST;
}

void payload_http_path(const struct sim_call *c, char out[static PAYLOAD_HTTP_PATH_SIZE])
{
	snprintf(out, PAYLOAD_HTTP_PATH_SIZE, "/%08x", (unsigned int)(uint32_t)c->id);
}

static size_t request_head(const struct sim_call *c, uint64_t body, char out[static HEAD_SIZE])
{
	char address[ADDRESS_TEXT_SIZE], path[PAYLOAD_HTTP_PATH_SIZE];
	const char *host = c->name ? c->name : address_text(&c->tuple.dst, address);
	bool post = payload_http_is_post(c->out_bytes);
	bool bracket = !c->name && c->tuple.dst.version == 6;
	int len;

	payload_http_path(c, path);
	len = snprintf(out, HEAD_SIZE, "%s %s HTTP/1.1\r\nHost: %s%s%s\r\nUser-Agent: %s\r\n",
		       post ? "POST" : "GET", path, bracket ? "[" : "", host, bracket ? "]" : "",
		       PAYLOAD_HTTP_AGENT);
	/* the length always has as many digits, so that the head's own length is known */
	if (post)
		len += snprintf(out + len, HEAD_SIZE - (size_t)len,
				"Content-Length: %06llu\r\n\r\n", (unsigned long long)body);
	else
		len += snprintf(out + len, HEAD_SIZE - (size_t)len, "Cookie: ");
	return (size_t)len;
}

static size_t response_head(uint64_t body, char out[static HEAD_SIZE])
{
	return (size_t)snprintf(out, HEAD_SIZE,
				"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
				"Content-Length: %012llu\r\n\r\n",
				(unsigned long long)body);
}

uint64_t payload_http_body(const struct sim_call *c, bool outward)
{
	char head[HEAD_SIZE];

	if (!outward)
		return c->in_bytes - response_head(0, head);
	return payload_http_is_post(c->out_bytes) ? c->out_bytes - request_head(c, 0, head) : 0;
}

size_t payload_http_head(const struct sim_call *c, const struct sim_packet *p, uint8_t *out)
{
	char head[HEAD_SIZE];
	uint64_t body = payload_http_body(c, p->outward);
	size_t len = p->outward ? request_head(c, body, head) : response_head(body, head);

	CHECK(len <= p->len);
	memcpy(out, head, len);
	return len;
}
