/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dtls.h - the ClientHello of DTLS 1.0, 1.2 and 1.3 (RFC 4347, 6347, 9147).
 *
 * Fragments of the hello are put together in any order, within one datagram
 * and over several.  A hello that repeats the first with a cookie (the next
 * message number) starts anew.
 *
 * `struct dtls_opening` is plain data of the caller, empty when all zeros, one
 * for each connection until its hello is complete; about 8 KB.  A hello that
 * comes in one piece needs none that lasts: pass a fresh one.
 */
#pragma once

#include "proto/tls.h"
#include "proto/tls_gather.h"

struct dtls_opening {
	bool started;
	uint16_t message; /* number of the message that is being put together */
	uint32_t body;	  /* its length */
	struct tls_gather hello;
};

/* Does this look like a client's first datagram?  25 bytes are needed to tell. */
bool dtls_is_hello(const uint8_t *bytes, size_t len);

/*
 * Read the next datagram of the client.  DECODE_OK: the hello is complete.
 * DECODE_TRUNCATED: more fragments are needed.  DECODE_UNSUPPORTED: no hello.
 */
enum decode_verdict dtls_read(struct dtls_opening *state, const uint8_t *datagram, size_t len,
			      struct tls_hello *out) MUST_USE;
