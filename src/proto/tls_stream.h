/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_stream.h - the handshake messages of one direction, out of their records.
 *
 * Messages lie one behind the other in a stream that is cut into records, with
 * no regard to where one message ends (RFC 8446, 5.1):
 *
 *	| 22 | version | length |  part of the messages ...  | 22 | version | length | ...
 *	|  1 |    2    |    2   |
 *
 * A message that lies in one record is lent as it stands; only one that does
 * not is copied together.
 *
 * Private to proto/.
 */
#pragma once

#include "proto/tls.h"

enum {
	TLS_RECORD_HANDSHAKE = 22,
	TLS_RECORD_MAX = 16384, /* RFC 8446, 5.1 */
	TLS_RECORD_HEADER = 5,
	TLS_MESSAGE_HEADER = 4, /* type 1, length 3 */
	TLS_CLIENT_HELLO = 1,
	TLS_SERVER_HELLO = 2,
};

/* Starts with `pos` and `end` at the two ends of the bytes, all else zero. */
struct tls_stream {
	const uint8_t *pos, *end;    /* bytes not yet looked at */
	size_t record_left;	     /* of the record that `pos` is in; may lie past `end` */
	enum decode_verdict verdict; /* what ended it */
};

struct tls_message {
	const uint8_t *bytes; /* from its header on; in the stream or in `room` */
	size_t have, len;     /* bytes there, and by its own header */
};

/*
 * The next message, which may be cut.  False if not even its header is there;
 * then `have` tells how much of that is.  `room` is used if it lies in several
 * records.
 */
bool tls_stream_next(struct tls_stream *s, uint8_t room[static TLS_JOINED_MAX],
		     struct tls_message *m);

/* Copy `len` bytes to `out`, or step over them if it is NULL; returns how many there were. */
size_t tls_stream_copy(struct tls_stream *s, uint8_t *out, size_t len);

/* By its header. */
static inline size_t tls_message_len(const uint8_t header[static TLS_MESSAGE_HEADER])
{
	return TLS_MESSAGE_HEADER + ((size_t)header[1] << 16 | (size_t)header[2] << 8 | header[3]);
}
