/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table of buckets of four: a claim may stand in any place of its bucket,
 * and in a full bucket the newcomer replaces them in turn.  Lookups touch one
 * cache line.
 */
#include "lane/claim_map.h"

#include "base/hash.h"

enum { WAYS = 4 };

struct bucket {
	struct claim way[WAYS];
};

struct claim_map {
	struct hash_key key;
	struct bucket *buckets;
	size_t mask;
	uint64_t evicted;
};

struct claim_map *claim_map_new(size_t capacity)
{
	struct claim_map *m = calloc(1, sizeof(*m));
	size_t buckets = 16;

	if (!m)
		return NULL;
	while (2 * buckets * WAYS <= capacity)
		buckets *= 2;
	m->key = hash_key_new();
	m->mask = buckets - 1;
	m->buckets = calloc(buckets, sizeof(*m->buckets));
	if (!m->buckets) {
		free(m);
		return NULL;
	}
	return m;
}

void claim_map_free(struct claim_map *m)
{
	if (!m)
		return;
	free(m->buckets);
	free(m);
}

static struct bucket *bucket_of(const struct claim_map *m, uint64_t uid)
{
	return &m->buckets[hash_bytes(&m->key, &uid, sizeof(uid)) & m->mask];
}

void claim_map_add(struct claim_map *m, const struct claim *claim)
{
	struct bucket *b = bucket_of(m, claim->uid);

	for (int i = 0; i < WAYS; i++) {
		if (b->way[i].uid == claim->uid)
			return;
		if (!b->way[i].uid) {
			b->way[i] = *claim;
			return;
		}
	}
	b->way[m->evicted++ % WAYS] = *claim;
}

struct claim claim_map_find(const struct claim_map *m, uint64_t uid)
{
	const struct bucket *b = bucket_of(m, uid);

	for (int i = 0; i < WAYS; i++)
		if (b->way[i].uid == uid)
			return b->way[i];
	return (struct claim){0};
}

uint64_t claim_map_evicted(const struct claim_map *m)
{
	return m->evicted;
}
