/* SPDX-License-Identifier: Apache-2.0 */
/*
 * claim_map.h - what ssl and http rows said of a connection, until its row comes.
 *
 * Memory.  `capacity` slots, taken at start, of which three quarters are used; when they
 * are, new claims are turned away and counted in `refused`.
 */
#pragma once

#include "base/base.h"

struct claim {
	uint64_t uid;  /* 0: nothing */
	uint32_t what; /* number of the caller's */
};

struct claim_map; /* opaque */

struct claim_map *claim_map_new(size_t capacity) MUST_USE;
void claim_map_free(struct claim_map *map);

/* The first claim for a connection stays: it names whom the call was for. */
void claim_map_add(struct claim_map *map, const struct claim *claim);

/* Instead of the one for this uid, which must be there. */
void claim_map_replace(struct claim_map *map, const struct claim *claim);

/* uid 0 in the answer: nothing is known. */
struct claim claim_map_find(const struct claim_map *map, uint64_t uid);

uint64_t claim_map_refused(const struct claim_map *map);
