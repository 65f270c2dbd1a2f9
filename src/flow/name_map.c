/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two tables of the same make: what each host was told of each address, and
 * how often each host asked.  A table fills up once; after that the entry at
 * the head of its age list makes room, so nothing is ever given back.
 *
 * An address that changes its name (a shared server, a CDN) keeps the name
 * before the last as well, because a flow is filed when it ends and asks for
 * the name that was known when it began.
 */
#include "flow/name_map.h"

#include "base/hash.h"
#include "flow/age_list.h"
#include "flow/slot_index.h"

#include <string.h>

/* The bookkeeping of one table; its entries lie elsewhere under the same numbers. */
struct shelf {
	struct slot_index index;
	struct age_link *links;
	struct age_list ages;
	uint32_t used, capacity;
};

struct told {
	struct address client, address;
	uint32_t name, older_name;
	ns_t first;	  /* of any name */
	ns_t since, last; /* of `name` */
	ns_t older_last;  /* of `older_name` */
};

struct asker {
	struct address client;
	uint64_t queries;
};

struct name_map {
	struct hash_key key;
	struct shelf told_shelf, asker_shelf;
	struct told *told;    /* [0] is not used */
	struct asker *askers; /* likewise */
	uint64_t evicted;
};

static bool shelf_init(struct shelf *s, size_t capacity)
{
	s->capacity = (uint32_t)capacity;
	s->links = calloc(capacity + 1, sizeof(*s->links));
	return slot_index_init(&s->index, capacity) && s->links;
}

static void shelf_fini(struct shelf *s)
{
	slot_index_fini(&s->index);
	free(s->links);
}

/* The next number never used, or 0 when the shelf is full. */
static uint32_t shelf_fresh(struct shelf *s)
{
	return s->used < s->capacity ? ++s->used : 0;
}

static void shelf_remove(struct shelf *s, uint64_t hash, uint32_t n)
{
	slot_index_remove(&s->index, hash, n);
	age_unlink(&s->ages, s->links, n);
}

static void mix_address(struct hash_state *s, const struct address *a)
{
	uint64_t words[2];

	memcpy(words, a->bytes, sizeof(words));
	hash_word(s, words[0]);
	hash_word(s, words[1]);
}

static uint64_t hash_pair(const struct name_map *map, const struct address *client,
			  const struct address *address)
{
	struct hash_state s = hash_start(&map->key);

	mix_address(&s, client);
	mix_address(&s, address);
	return hash_end(&s, (uint64_t)client->version << 8 | address->version, 34);
}

static uint64_t hash_client(const struct name_map *map, const struct address *client)
{
	struct hash_state s = hash_start(&map->key);

	mix_address(&s, client);
	return hash_end(&s, client->version, 17);
}

static uint32_t find_told(const struct name_map *map, uint64_t hash, const struct address *client,
			  const struct address *address)
{
	struct slot_walk walk;
	uint32_t n = slot_index_walk(&map->told_shelf.index, hash, &walk);

	while (n && !(address_equal(&map->told[n].client, client) &&
		      address_equal(&map->told[n].address, address)))
		n = slot_index_next(&map->told_shelf.index, &walk);
	return n;
}

static uint32_t find_asker(const struct name_map *map, uint64_t hash, const struct address *client)
{
	struct slot_walk walk;
	uint32_t n = slot_index_walk(&map->asker_shelf.index, hash, &walk);

	while (n && !address_equal(&map->askers[n].client, client))
		n = slot_index_next(&map->asker_shelf.index, &walk);
	return n;
}

static void shelf_insert(struct shelf *s, uint64_t hash, uint32_t n)
{
	slot_index_insert(&s->index, hash, n);
	age_append(&s->ages, s->links, n);
}

static void grow_told(struct name_map *map)
{
	struct slot_index *index = &map->told_shelf.index;

	slot_index_grow(index);
	for (uint32_t n = map->told_shelf.ages.oldest; n; n = map->told_shelf.links[n].newer)
		slot_index_insert(index,
				  hash_pair(map, &map->told[n].client, &map->told[n].address), n);
}

static void grow_askers(struct name_map *map)
{
	struct slot_index *index = &map->asker_shelf.index;

	slot_index_grow(index);
	for (uint32_t n = map->asker_shelf.ages.oldest; n; n = map->asker_shelf.links[n].newer)
		slot_index_insert(index, hash_client(map, &map->askers[n].client), n);
}

static uint32_t place_told(struct name_map *map)
{
	uint32_t n = shelf_fresh(&map->told_shelf);

	if (!n) {
		const struct told *old;

		n = map->told_shelf.ages.oldest;
		old = &map->told[n];
		shelf_remove(&map->told_shelf, hash_pair(map, &old->client, &old->address), n);
		map->evicted++;
	}
	return n;
}

static uint32_t place_asker(struct name_map *map)
{
	uint32_t n = shelf_fresh(&map->asker_shelf);

	if (!n) {
		n = map->asker_shelf.ages.oldest;
		shelf_remove(&map->asker_shelf, hash_client(map, &map->askers[n].client), n);
		map->evicted++;
	}
	return n;
}

/* An answer later than all others under another name: what was the last name is now the older. */
static void rename_told(struct told *t, uint32_t name, ns_t when)
{
	t->older_name = t->name;
	t->older_last = t->last;
	t->name = name;
	t->since = t->last = when;
}

static void update_told(struct told *t, uint32_t name, ns_t when)
{
	if (when < t->first)
		t->first = when;
	if (name == t->name) {
		if (when > t->last)
			t->last = when;
		if (when < t->since && (!t->older_name || when > t->older_last))
			t->since = when;
	} else if (when >= t->last) {
		rename_told(t, name, when);
	} else if (when < t->since && (!t->older_name || when >= t->older_last)) {
		t->older_name = name; /* answers out of order */
		t->older_last = when;
	}
}

void name_map_add(struct name_map *map, const struct address *client, const struct address *address,
		  uint32_t name, ns_t when)
{
	uint64_t hash = hash_pair(map, client, address);
	uint32_t n = find_told(map, hash, client, address);

	if (n) {
		update_told(&map->told[n], name, when);
		age_touch(&map->told_shelf.ages, map->told_shelf.links, n);
		return;
	}
	n = place_told(map);
	map->told[n] = (struct told){
		.client = *client,
		.address = *address,
		.name = name,
		.first = when,
		.since = when,
		.last = when,
	};
	if (slot_index_is_tight(&map->told_shelf.index))
		grow_told(map);
	shelf_insert(&map->told_shelf, hash, n);
}

void name_map_saw_query(struct name_map *map, const struct address *client, ns_t when)
{
	uint64_t hash = hash_client(map, client);
	uint32_t n = find_asker(map, hash, client);

	(void)when; /* a count suffices so far */
	if (n) {
		age_touch(&map->asker_shelf.ages, map->asker_shelf.links, n);
	} else {
		n = place_asker(map);
		map->askers[n] = (struct asker){.client = *client};
		if (slot_index_is_tight(&map->asker_shelf.index))
			grow_askers(map);
		shelf_insert(&map->asker_shelf, hash, n);
	}
	map->askers[n].queries++;
}

struct name_map_answer name_map_find(struct name_map *map, const struct address *client,
				     const struct address *address, ns_t when)
{
	uint32_t n = find_told(map, hash_pair(map, client, address), client, address);
	struct name_map_answer answer;
	const struct told *t;

	if (!n)
		return (struct name_map_answer){0};
	age_touch(&map->told_shelf.ages, map->told_shelf.links, n);
	t = &map->told[n];
	if (when < t->first)
		return (struct name_map_answer){0};
	answer = (struct name_map_answer){.name = t->name, .first = t->first, .last = t->last};
	if (when < t->since && t->older_name) {
		answer.name = t->older_name;
		answer.last = t->older_last;
	}
	if (answer.last > when)
		answer.last = when;
	return answer;
}

uint64_t name_map_queries(const struct name_map *map, const struct address *client)
{
	uint32_t n = find_asker(map, hash_client(map, client), client);

	return n ? map->askers[n].queries : 0;
}

uint64_t name_map_evicted(const struct name_map *map)
{
	return map->evicted;
}

struct name_map *name_map_new(size_t capacity)
{
	struct name_map *map = calloc(1, sizeof(*map));

	CHECK(capacity >= 1);
	if (!map)
		return NULL;
	map->key = hash_key_new();
	map->told = calloc(capacity + 1, sizeof(*map->told));
	map->askers = calloc(capacity + 1, sizeof(*map->askers));
	if (!shelf_init(&map->told_shelf, capacity) || !shelf_init(&map->asker_shelf, capacity) ||
	    !map->told || !map->askers) {
		name_map_free(map);
		return NULL;
	}
	return map;
}

void name_map_free(struct name_map *map)
{
	if (!map)
		return;
	shelf_fini(&map->told_shelf);
	shelf_fini(&map->asker_shelf);
	free(map->told);
	free(map->askers);
	free(map);
}

size_t name_map_size(size_t capacity)
{
	return sizeof(struct name_map) + 2 * slot_index_size(capacity) +
	       (capacity + 1) *
		       (sizeof(struct told) + sizeof(struct asker) + 2 * sizeof(struct age_link));
}
