/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hash.h - hashing of things that strangers choose.
 *
 * SipHash-1-3 (Aumasson and Bernstein 2012, in the reduced form that Rust and
 * Perl use for tables) under a key drawn at start: nobody outside can prepare
 * keys that collide.  The order of entries in a table that uses it differs
 * from run to run, so nothing may be printed in table order.
 */
#pragma once

#include "base/base.h"

struct hash_key {
	uint64_t k0, k1;
};

/* A fresh secret key from the kernel. */
struct hash_key hash_key_new(void);

uint64_t hash_bytes(const struct hash_key *key, const void *bytes, size_t len);

/*
 * The same function in steps, inline for keys that are hashed once a packet:
 * each 8 bytes of the message as a little-endian word, then the last 0 to 7.
 *
 *	struct hash_state s = hash_start(&key);
 *	hash_word(&s, addresses);
 *	h = hash_end(&s, ports, 12);	the message had 12 bytes in all
 */
struct hash_state {
	uint64_t v0, v1, v2, v3;
};

static inline uint64_t hash_rotate(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static inline void hash_round(struct hash_state *s)
{
	s->v0 += s->v1;
	s->v1 = hash_rotate(s->v1, 13) ^ s->v0;
	s->v0 = hash_rotate(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = hash_rotate(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = hash_rotate(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = hash_rotate(s->v1, 17) ^ s->v2;
	s->v2 = hash_rotate(s->v2, 32);
}

static inline struct hash_state hash_start(const struct hash_key *key)
{
	return (struct hash_state){
		.v0 = key->k0 ^ 0x736f6d6570736575u,
		.v1 = key->k1 ^ 0x646f72616e646f6du,
		.v2 = key->k0 ^ 0x6c7967656e657261u,
		.v3 = key->k1 ^ 0x7465646279746573u,
	};
}

static inline void hash_word(struct hash_state *s, uint64_t word)
{
	s->v3 ^= word;
	hash_round(s);
	s->v0 ^= word;
}

/* `last` holds the message's final `total_len` % 8 bytes in its low end, zeros above. */
static inline uint64_t hash_end(struct hash_state *s, uint64_t last, size_t total_len)
{
	hash_word(s, last | (uint64_t)total_len << 56);
	s->v2 ^= 0xff;
	hash_round(s);
	hash_round(s);
	hash_round(s);
	return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}
