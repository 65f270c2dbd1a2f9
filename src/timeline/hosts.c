/* SPDX-License-Identifier: Apache-2.0 */
#include "timeline/hosts.h"

bool hosts_init(struct hosts *h, size_t capacity)
{
	*h = (struct hosts){.key = hash_key_new(), .capacity = (uint32_t)capacity};
	h->of = calloc(capacity + 1, sizeof(*h->of));
	return slot_index_init(&h->index, capacity) && h->of;
}

void hosts_fini(struct hosts *h)
{
	slot_index_fini(&h->index);
	free(h->of);
	h->of = NULL;
}

static uint64_t hash_of(const struct hosts *h, const struct address *host)
{
	return hash_bytes(&h->key, host, sizeof(*host));
}

uint32_t hosts_find(struct hosts *h, const struct address *host)
{
	struct slot_walk walk;
	uint32_t n;

	if (h->last && address_equal(&h->of[h->last], host))
		return h->last;
	n = slot_index_walk(&h->index, hash_of(h, host), &walk);
	while (n && !address_equal(&h->of[n], host))
		n = slot_index_next(&h->index, &walk);
	if (n)
		h->last = n;
	return n;
}

static void insert(struct hosts *h, uint32_t n)
{
	if (slot_index_is_tight(&h->index)) {
		slot_index_grow(&h->index);
		for (uint32_t i = 1; i <= h->used; i++)
			if (i != n)
				slot_index_insert(&h->index, hash_of(h, &h->of[i]), i);
	}
	slot_index_insert(&h->index, hash_of(h, &h->of[n]), n);
}

uint32_t hosts_fresh(struct hosts *h, const struct address *host)
{
	if (h->used == h->capacity)
		return 0;
	h->of[++h->used] = *host;
	insert(h, h->used);
	return h->used;
}

void hosts_replace(struct hosts *h, uint32_t n, const struct address *host)
{
	slot_index_remove(&h->index, hash_of(h, &h->of[n]), n);
	h->of[n] = *host;
	slot_index_insert(&h->index, hash_of(h, host), n);
}
