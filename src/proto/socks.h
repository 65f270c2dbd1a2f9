/* SPDX-License-Identifier: Apache-2.0 */
/*
 * socks.h - where a client asks a SOCKS proxy to go (SOCKS 4 and 4a, RFC 1928, RFC 1929).
 *
 * Reads the client's side alone, from its first byte.  No state, no allocation;
 * linear in `len`.
 */
#pragma once

#include "net/address.h"

enum { SOCKS_NAME_MAX = 255 };

enum socks_command { SOCKS_CONNECT = 1, SOCKS_BIND = 2, SOCKS_UDP = 3 };

struct socks_request {
	uint8_t version;	/* 4 or 5; 0 if it is not SOCKS */
	uint8_t command;	/* enum socks_command; 0 if the request was not there */
	uint16_t port;		/* where to; 0 likewise */
	struct address address; /* where to, unless it is by name; version 0 if not set */
	size_t name_len;
	char name[SOCKS_NAME_MAX + 1]; /* lower case, no trailing dot, odd bytes as '?' */
	size_t bytes; /* taken by the request and what came before it; then the payload starts */
};

/*
 * DECODE_OK, DECODE_TRUNCATED (`version` is set if what is there is a greeting),
 * DECODE_MALFORMED, or DECODE_UNSUPPORTED: authentication that hides the rest.
 */
enum decode_verdict socks_parse_request(const uint8_t *bytes, size_t len,
					struct socks_request *out) MUST_USE;
