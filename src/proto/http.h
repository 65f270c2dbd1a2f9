/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http.h - heads of HTTP/1 requests and responses (RFC 9110, 9112), and the preface of HTTP/2.
 *
 * A head starts at the bytes handed in and ends with its empty line.  No state,
 * no allocation; never reads past `len`; linear in it.
 */
#pragma once

#include "base/base.h"

enum {
	HTTP_HOST_MAX = 255,
	HTTP_AGENT_MAX = 255, /* longer ones are cut */
	HTTP_HEAD_MAX = 8192, /* no more is gathered of a head */
};

enum http_target {
	HTTP_TARGET_ORIGIN,    /* "/path", and whatever is none of the others */
	HTTP_TARGET_ABSOLUTE,  /* "http://host/path": what a proxy is asked for */
	HTTP_TARGET_AUTHORITY, /* "host:port" of CONNECT */
	HTTP_TARGET_ASTERISK,  /* "*" of OPTIONS */
};

/* What heads of both kinds say of their bodies. */
struct http_body {
	uint64_t length; /* Content-Length, if `has_length`; too large a number is UINT64_MAX */
	bool has_length;
	bool chunked;
	bool upgrade; /* goes on in another protocol: WebSocket, h2c ... */
};

struct http_request {
	char method[16];
	uint8_t target;	    /* enum http_target */
	bool proxied;	    /* asks a proxy: the real destination is `host` and `host_port` */
	bool complete;	    /* the end of the headers was there, so a missing Host is missing */
	uint16_t host_port; /* 0: not said */
	size_t head_bytes;  /* with the empty line; 0 unless complete */
	struct http_body body;
	const char *asked; /* the target as it stands; borrowed from the bytes handed in */
	size_t asked_len;
	size_t host_len;
	size_t agent_len;
	char host[HTTP_HOST_MAX + 1];	/* lower case, without port and brackets; "" if none */
	char agent[HTTP_AGENT_MAX + 1]; /* User-Agent, '?' for what is not printable; "" if none */
};

struct http_response {
	uint16_t status;
	bool complete;
	size_t head_bytes; /* with the empty line; 0 unless complete */
	struct http_body body;
	size_t server_len;
	char server[HTTP_AGENT_MAX + 1]; /* Server, cleaned and cut like an agent; "" if none */
};

/* Does this start with a request line's method?  Also tells whether a later segment of
 * a connection begins a further request. */
bool http_is_request(const uint8_t *bytes, size_t len);

/* Does this start with "HTTP/1.x " and a status?  Twelve bytes are needed to tell. */
bool http_is_response(const uint8_t *bytes, size_t len);

/*
 * How many bytes from the start of a head a parser wants to see: the head's
 * length if its empty line is there, `len` + 1 if more should be awaited, and
 * never more than HTTP_HEAD_MAX, with which one has to do.
 */
size_t http_needs(const uint8_t *bytes, size_t len);

/* DECODE_OK, DECODE_TRUNCATED (what was read is in `out`) or DECODE_MALFORMED.
 * CONNECT and absolute-form targets give the target's host. */
enum decode_verdict http_parse_request(const uint8_t *bytes, size_t len,
				       struct http_request *out) MUST_USE;

/* Likewise. */
enum decode_verdict http_parse_response(const uint8_t *bytes, size_t len,
					struct http_response *out) MUST_USE;
