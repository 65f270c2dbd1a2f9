/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/slot_index.h"

#include <string.h>

enum { SMALLEST = 1024 }; /* places: two pages, a fourth of a first-level cache */

static size_t place_count(size_t capacity)
{
	size_t count = 2;

	CHECK(capacity >= 1 && capacity < (size_t)1 << 30);
	while (count < 2 * capacity)
		count *= 2;
	return count;
}

size_t slot_index_size(size_t capacity)
{
	return place_count(capacity) * sizeof(struct slot_place);
}

bool slot_index_init(struct slot_index *x, size_t capacity)
{
	x->most = (uint32_t)place_count(capacity) - 1;
	x->mask = x->most < SMALLEST ? x->most : SMALLEST - 1;
	x->count = 0;
	x->places = calloc(place_count(capacity), sizeof(*x->places));
	return x->places != NULL;
}

void slot_index_fini(struct slot_index *x)
{
	free(x->places);
	x->places = NULL;
}

void slot_index_clear(struct slot_index *x)
{
	memset(x->places, 0, ((size_t)x->mask + 1) * sizeof(*x->places));
	x->count = 0;
}

void slot_index_grow(struct slot_index *x)
{
	CHECK(x->mask < x->most);
	x->mask = x->mask << 1 | 1;
	slot_index_clear(x);
}

void slot_index_insert(struct slot_index *x, uint64_t hash, uint32_t slot)
{
	uint32_t at = (uint32_t)hash & x->mask;

	while (x->places[at].slot)
		at = (at + 1) & x->mask;
	x->places[at] = (struct slot_place){.slot = slot, .hash = (uint32_t)hash};
	x->count++;
}

/* Knuth, TAOCP vol. 3, 6.4, algorithm R. */
void slot_index_remove(struct slot_index *x, uint64_t hash, uint32_t slot)
{
	uint32_t hole = (uint32_t)hash & x->mask;

	while (x->places[hole].slot != slot)
		hole = (hole + 1) & x->mask;
	for (uint32_t at = (hole + 1) & x->mask; x->places[at].slot; at = (at + 1) & x->mask) {
		uint32_t home = x->places[at].hash & x->mask;

		if (((at - home) & x->mask) >= ((at - hole) & x->mask)) {
			x->places[hole] = x->places[at];
			hole = at;
		}
	}
	x->places[hole].slot = 0;
	x->count--;
}
