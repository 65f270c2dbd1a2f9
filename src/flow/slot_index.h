/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slot_index.h - from a hash to the number of the slot that holds the key.
 *
 * Open addressing with linear probing, at most half full.  Removal shifts
 * later entries back instead of leaving tombstones, so look-ups do not slow
 * down as the index ages.  Each place keeps 32 bits of the hash beside the
 * slot number: a probe reads the slot itself only when it is the right one,
 * or one in four thousand million.
 *
 *	n = slot_index_walk(&x, hash, &walk);
 *	while (n && !is_the_one(n))
 *		n = slot_index_next(&x, &walk);
 *
 * Only as much of the index is used as the entries so far need, so that a few
 * flows in a table made for millions stay in the cache.  When that part is
 * half full, slot_index_is_tight() says so and the owner, who alone can tell
 * the hashes, calls slot_index_grow() and inserts all its slots again.
 *
 * Memory: room for all is set aside at once, but pages are taken as it grows.
 * Private to flow/ and timeline/.
 */
#pragma once

#include "base/base.h"

struct slot_place {
	uint32_t slot; /* 0: free */
	uint32_t hash;
};

struct slot_index {
	struct slot_place *places;
	uint32_t mask; /* places in use, a power of two, minus one */
	uint32_t most; /* what the mask may become */
	uint32_t count;
};

struct slot_walk {
	uint32_t hash, at;
};

/* For slot numbers 1..capacity, `capacity` < 2^30; false if memory is short. */
bool slot_index_init(struct slot_index *x, size_t capacity);
void slot_index_fini(struct slot_index *x);
size_t slot_index_size(size_t capacity); /* bytes */

void slot_index_insert(struct slot_index *x, uint64_t hash, uint32_t slot);
void slot_index_remove(struct slot_index *x, uint64_t hash, uint32_t slot);
void slot_index_clear(struct slot_index *x);

/* Is there no room for another slot before slot_index_grow()?  Never at full size. */
static inline bool slot_index_is_tight(const struct slot_index *x)
{
	return x->count > x->mask / 2 && x->mask < x->most;
}

/* Doubles the part in use and empties it. */
void slot_index_grow(struct slot_index *x);

/* It will be asked for soon. */
static inline void slot_index_fetch(const struct slot_index *x, uint64_t hash)
{
	__builtin_prefetch(&x->places[(uint32_t)hash & x->mask]);
}

/* The next slot with this hash, or 0. */
static inline uint32_t slot_index_next(const struct slot_index *x, struct slot_walk *walk)
{
	for (;;) {
		const struct slot_place *place = &x->places[walk->at];

		if (place->slot == 0)
			return 0;
		walk->at = (walk->at + 1) & x->mask;
		if (place->hash == walk->hash)
			return place->slot;
	}
}

/* The first slot with this hash, or 0. */
static inline uint32_t slot_index_walk(const struct slot_index *x, uint64_t hash,
				       struct slot_walk *walk)
{
	walk->hash = (uint32_t)hash;
	walk->at = walk->hash & x->mask;
	return slot_index_next(x, walk);
}
