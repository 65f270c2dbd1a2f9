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
