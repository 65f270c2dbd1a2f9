/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How it works
 * ============
 *
 * `sheets` fills up from the front; `index` is open addressing with linear probing, at
 * most half full, over one-based sheet numbers.  When all are taken a hand goes round.
 */
#include "timeline/sheets.h"

#include "base/hash.h"

#include <string.h>

enum { HAND = 8, SHEETS_LEAST = 64 };

struct sheets {
	struct hash_key key;
	uint8_t *sheets;
	uint32_t *index;
	size_t sheet_size, key_size, weight_at;
	size_t used, max, mask, hand;
	uint64_t evicted;
};

struct sheets *sheets_new(size_t budget, size_t sheet_size, size_t key_size, size_t weight_at)
{
	struct sheets *t = calloc(1, sizeof(*t));
	size_t places = 2 * SHEETS_LEAST;

	if (!t)
		return NULL;
	t->key = hash_key_new();
	t->sheet_size = sheet_size;
	t->key_size = key_size;
	t->weight_at = weight_at;
	t->max = budget / (sheet_size + 4 * sizeof(*t->index));
	if (t->max < SHEETS_LEAST)
		t->max = SHEETS_LEAST;
	if (t->max > UINT32_MAX / 4)
		t->max = UINT32_MAX / 4;
	while (places < 2 * t->max)
		places *= 2;
	t->mask = places - 1;
	t->sheets = calloc(t->max, sheet_size); /* large: zero pages until they are used */
	t->index = calloc(places, sizeof(*t->index));
	if (!t->sheets || !t->index) {
		sheets_free(t);
		return NULL;
	}
	return t;
}

void sheets_free(struct sheets *t)
{
	if (!t)
		return;
	free(t->sheets);
	free(t->index);
	free(t);
}

static void *sheet(const struct sheets *t, size_t number)
{
	return t->sheets + number * t->sheet_size;
}

static uint32_t weight(const struct sheets *t, size_t number)
{
	uint32_t value;

	memcpy(&value, t->sheets + number * t->sheet_size + t->weight_at, sizeof(value));
	return value;
}

static size_t home_of(const struct sheets *t, const void *key)
{
	return hash_bytes(&t->key, key, t->key_size) & t->mask;
}

/* The place of this key, or the free place where it belongs. */
static size_t find(const struct sheets *t, const void *key)
{
	size_t i = home_of(t, key);

	while (t->index[i] && memcmp(sheet(t, t->index[i] - 1), key, t->key_size))
		i = (i + 1) & t->mask;
	return i;
}

/* Knuth, TAOCP vol. 3, 6.4, algorithm R, as in timeline.c. */
static void index_remove(struct sheets *t, size_t hole)
{
	for (size_t i = (hole + 1) & t->mask; t->index[i]; i = (i + 1) & t->mask) {
		size_t home = home_of(t, sheet(t, t->index[i] - 1));

		if (((i - home) & t->mask) >= ((i - hole) & t->mask)) {
			t->index[hole] = t->index[i];
			hole = i;
		}
	}
	t->index[hole] = 0;
}

static size_t free_sheet(struct sheets *t)
{
	size_t least = t->hand;

	if (t->used < t->max)
		return t->used++;
	for (int i = 0; i < HAND; i++, t->hand = (t->hand + 1) % t->max)
		if (weight(t, t->hand) < weight(t, least))
			least = t->hand;
	index_remove(t, find(t, sheet(t, least)));
	t->evicted++;
	return least;
}

void *sheets_get(struct sheets *t, const void *key)
{
	size_t i = find(t, key), n;

	if (t->index[i])
		return sheet(t, t->index[i] - 1);
	n = free_sheet(t);
	memset(sheet(t, n), 0, t->sheet_size);
	memcpy(sheet(t, n), key, t->key_size);
	/* a removal may have moved the place; and the sheet is not yet in the index */
	t->index[find(t, key)] = (uint32_t)n + 1;
	return sheet(t, n);
}

const void *sheets_find(const struct sheets *t, const void *key)
{
	uint32_t n = t->index[find(t, key)];

	return n ? sheet(t, n - 1) : NULL;
}

size_t sheets_count(const struct sheets *t)
{
	return t->used;
}

void *sheets_at(const struct sheets *t, size_t number)
{
	CHECK(number < t->used);
	return sheet(t, number);
}

uint64_t sheets_evicted(const struct sheets *t)
{
	return t->evicted;
}
