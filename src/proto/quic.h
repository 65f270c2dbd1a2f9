/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quic.h - the ClientHello inside the first datagrams of a QUIC connection.
 *
 * RFC 9000 17.2 and 19.6, RFC 9001 (version 1), RFC 9369 (version 2), drafts 23
 * to 34, and those of Facebook's that follow draft 27.  The Initial packets are
 * opened with keys that anyone can derive, the pieces of the hello put together
 * in whatever order and over as many datagrams as they come, and read as TLS.
 * Versions of before (gQUIC) and of others are recognised, not read.
 *
 * `struct quic_opening` is plain data of the caller, empty when all zeros, one
 * for each connection until its hello is complete; about 8 KB.  A datagram that
 * brings one Initial costs about 3 microseconds.  At most QUIC_INITIALS_MAX of
 * one datagram are opened, so that hostile ones cost little more.
 */
#pragma once

#include "proto/quic_keys.h"
#include "proto/tls.h"
#include "proto/tls_gather.h"

enum {
	QUIC_INITIALS_MAX = 4,
	QUIC_PACKET_MAX = 9216, /* Initials that are longer are not opened */
};

struct quic_opening {
	uint32_t version; /* 0 until an Initial was seen; the number, or four letters of gQUIC */
	uint8_t id_len, id[QUIC_ID_MAX]; /* destination that `secret` was derived from */
	bool keyed;			 /* `secret` has opened a packet */
	struct quic_secret secret;
	struct tls_gather hello;
};

/* Does this look like a datagram that a client starts with?  Cheap; a handful of bytes is read. */
bool quic_is_initial(const uint8_t *bytes, size_t len);

/*
 * Read the next datagram of the client.  DECODE_OK: the hello is complete.
 * DECODE_TRUNCATED: more datagrams are needed (what was read is in `out`).
 * DECODE_UNSUPPORTED: a version that we cannot open; state->version has it.
 * DECODE_MALFORMED: no Initial in it could be opened, or the hello is none.
 */
enum decode_verdict quic_read(struct quic_keys *keys, struct quic_opening *state,
			      const uint8_t *datagram, size_t len, struct tls_hello *out) MUST_USE;
