/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings lie back to back, terminated, in blocks that never move, so a
 * borrowed pointer stays good.  `index` is open addressing over the numbers,
 * grown by doubling, at most half full.
 */
#include "base/string_table.h"

#include "base/hash.h"

#include <string.h>

enum { BLOCK_SIZE = 64 * 1024, LONGEST = 1024 };

struct block {
	struct block *next;
	size_t used;
	char bytes[BLOCK_SIZE];
};

struct entry {
	const char *text;
	uint64_t hash;
	uint32_t len;
};

struct string_table {
	struct hash_key key;
	struct block *blocks;
	struct entry *entries; /* [0] is the empty string */
	uint32_t *index;
	size_t count, capacity, index_size;
	size_t budget, spent;
	uint64_t refused;
};

struct string_table *string_table_new(size_t budget)
{
	struct string_table *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->key = hash_key_new();
	t->budget = budget;
	t->capacity = 64;
	t->index_size = 128;
	t->entries = calloc(t->capacity, sizeof(*t->entries));
	t->index = calloc(t->index_size, sizeof(*t->index));
	if (!t->entries || !t->index) {
		string_table_free(t);
		return NULL;
	}
	t->entries[0].text = "";
	return t;
}

void string_table_free(struct string_table *t)
{
	if (!t)
		return;
	for (struct block *b = t->blocks, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	free(t->entries);
	free(t->index);
	free(t);
}

/* Where `hash` and text are, or the free place where they belong. */
static size_t find(const struct string_table *t, uint64_t hash, const char *bytes, size_t len)
{
	size_t mask = t->index_size - 1, i = hash & mask;

	for (; t->index[i]; i = (i + 1) & mask) {
		const struct entry *e = &t->entries[t->index[i]];

		if (e->hash == hash && e->len == len && !memcmp(e->text, bytes, len))
			break;
	}
	return i;
}

static bool spend(struct string_table *t, size_t bytes)
{
	if (t->spent + bytes > t->budget)
		return false;
	t->spent += bytes;
	return true;
}

static bool grow(struct string_table *t)
{
	size_t capacity = 2 * t->capacity, size = 2 * t->index_size;

	if (!spend(t, t->capacity * sizeof(*t->entries) + t->index_size * sizeof(*t->index)))
		return false;

	struct entry *entries = realloc(t->entries, capacity * sizeof(*entries));

	if (!entries)
		return false;
	t->entries = entries;
	t->capacity = capacity;

	uint32_t *index = calloc(size, sizeof(*index));

	if (!index)
		return false;
	for (uint32_t n = 1; n <= t->count; n++) {
		size_t i = t->entries[n].hash & (size - 1);

		while (index[i])
			i = (i + 1) & (size - 1);
		index[i] = n;
	}
	free(t->index);
	t->index = index;
	t->index_size = size;
	return true;
}

static char *store(struct string_table *t, const char *bytes, size_t len)
{
	struct block *b = t->blocks;

	if (!b || b->used + len + 1 > sizeof(b->bytes)) {
		if (!spend(t, sizeof(*b)))
			return NULL;
		b = malloc(sizeof(*b));
		if (!b)
			return NULL;
		b->next = t->blocks;
		b->used = 0;
		t->blocks = b;
	}

	char *text = b->bytes + b->used;

	memcpy(text, bytes, len);
	text[len] = '\0';
	b->used += len + 1;
	return text;
}

uint32_t string_table_add(struct string_table *t, const char *bytes, size_t len)
{
	if (len == 0)
		return 0;
	if (len > LONGEST)
		len = LONGEST;

	uint64_t hash = hash_bytes(&t->key, bytes, len);
	size_t i = find(t, hash, bytes, len);
	char *text;

	if (t->index[i])
		return t->index[i];
	if (t->count + 1 == t->capacity) {
		if (!grow(t)) {
			t->refused++;
			return 0;
		}
		i = find(t, hash, bytes, len);
	}
	text = store(t, bytes, len);
	if (!text) {
		t->refused++;
		return 0;
	}
	t->count++;
	t->entries[t->count] = (struct entry){.text = text, .hash = hash, .len = (uint32_t)len};
	t->index[i] = (uint32_t)t->count;
	return (uint32_t)t->count;
}

uint32_t string_table_find(const struct string_table *t, const char *bytes, size_t len)
{
	if (len == 0)
		return 0;
	if (len > LONGEST)
		len = LONGEST;
	return t->index[find(t, hash_bytes(&t->key, bytes, len), bytes, len)];
}

const char *string_table_get(const struct string_table *t, uint32_t number)
{
	CHECK(number <= t->count);
	return t->entries[number].text;
}

size_t string_table_bytes(const struct string_table *t)
{
	return t->spent;
}

uint64_t string_table_refused(const struct string_table *t)
{
	return t->refused;
}

size_t string_table_count(const struct string_table *t)
{
	return t->count;
}
