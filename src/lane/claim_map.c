/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Open addressing, linear probing, at most three quarters full.  Which claims are kept
 * must not depend on the secret key, or the same input would not give the same
 * report: so a full map turns newcomers away instead of replacing somebody.
 */
#include "lane/claim_map.h"

#include "base/hash.h"

struct claim_map {
	struct hash_key key;
	struct claim *slots;
	size_t mask, count;
	uint64_t refused;
};

struct claim_map *claim_map_new(size_t capacity)
{
	struct claim_map *m = calloc(1, sizeof(*m));
	size_t slots = 64;

	if (!m)
		return NULL;
	while (2 * slots <= capacity)
		slots *= 2;
	m->key = hash_key_new();
	m->mask = slots - 1;
	m->slots = calloc(slots, sizeof(*m->slots));
	if (!m->slots) {
		free(m);
		return NULL;
	}
	return m;
}

void claim_map_free(struct claim_map *m)
{
	if (!m)
		return;
	free(m->slots);
	free(m);
}

static struct claim *find(const struct claim_map *m, uint64_t uid)
{
	size_t i = hash_bytes(&m->key, &uid, sizeof(uid)) & m->mask;

	while (m->slots[i].uid && m->slots[i].uid != uid)
		i = (i + 1) & m->mask;
	return &m->slots[i];
}

void claim_map_add(struct claim_map *m, const struct claim *claim)
{
	struct claim *slot = find(m, claim->uid);

	if (slot->uid)
		return;
	if (4 * m->count >= 3 * (m->mask + 1)) {
		m->refused++;
		return;
	}
	*slot = *claim;
	m->count++;
}

void claim_map_replace(struct claim_map *m, const struct claim *claim)
{
	struct claim *slot = find(m, claim->uid);

	CHECK(slot->uid);
	*slot = *claim;
}

struct claim claim_map_find(const struct claim_map *m, uint64_t uid)
{
	return uid && m->count ? *find(m, uid) : (struct claim){0};
}

uint64_t claim_map_refused(const struct claim_map *m)
{
	return m->refused;
}
