/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quic_keys.h - take the protection off a client's Initial packet.
 *
 * RFC 9001 5 and its successors' labels (RFC 9369 3.3): anyone who saw the
 * connection id can derive these keys, so they hide nothing from a witness and
 * are there to be read.
 *
 * `struct quic_keys` holds the cipher contexts, which are dear to make; one for
 * each thread, on the heap.  `struct quic_secret` is plain data.  Deriving
 * costs 16 blocks of SHA-256 and less than a microsecond, opening a packet the same.
 */
#pragma once

#include "base/base.h"

enum {
	QUIC_V1 = 0x00000001,
	QUIC_V2 = 0x6b3343cf,
	QUIC_ID_MAX = 20,
	QUIC_TAG_BYTES = 16,
};

struct quic_keys;

struct quic_secret {
	uint8_t key[16], iv[12], hp[16];
};

struct quic_keys *quic_keys_new(void); /* never NULL: without its ciphers the program stops */
void quic_keys_free(struct quic_keys *keys);

/* Can we derive keys for this version: 1, 2, drafts 23 to 34, Facebook's? */
bool quic_keys_know(uint32_t version);

/* The client's, from the destination that its first packet names; the version must be known. */
void quic_keys_derive(uint32_t version, const uint8_t *id, size_t id_len, struct quic_secret *out);

/*
 * Open one packet: `number_at` is where its packet number starts, `len` where
 * it ends.  `out` takes len - number_at bytes.  Returns how many are plain
 * text, 0 if the packet does not belong to this secret.
 */
size_t quic_keys_open(struct quic_keys *keys, const struct quic_secret *secret,
		      const uint8_t *packet, size_t number_at, size_t len, uint8_t *out) MUST_USE;
