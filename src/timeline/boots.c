/* SPDX-License-Identifier: Apache-2.0 */
#include "timeline/boots.h"

#include "base/spans.h"
#include "timeline/hosts.h"

#include <string.h>

enum { LOOKED_AT = 8 };

struct boots_table {
	struct hosts hosts;
	struct boots *boots; /* [0] is not used */
	uint32_t hand;
	uint64_t evicted;
};

struct boots_table *boots_table_new(size_t budget)
{
	struct boots_table *t = calloc(1, sizeof(*t));
	size_t each = sizeof(*t->boots) + sizeof(struct address) + 2 * sizeof(struct slot_place);
	size_t capacity = budget / each;

	if (!t)
		return NULL;
	if (capacity < LOOKED_AT)
		capacity = LOOKED_AT;
	t->boots = calloc(capacity + 1, sizeof(*t->boots));
	if (!hosts_init(&t->hosts, capacity) || !t->boots) {
		boots_table_free(t);
		return NULL;
	}
	return t;
}

void boots_table_free(struct boots_table *t)
{
	if (!t)
		return;
	hosts_fini(&t->hosts);
	free(t->boots);
	free(t);
}

static uint32_t next_victim(struct boots_table *t)
{
	uint32_t victim = 0;

	for (int i = 0; i < LOOKED_AT; i++) {
		t->hand = t->hand % t->hosts.capacity + 1;
		if (!victim || t->boots[t->hand].seen < t->boots[victim].seen)
			victim = t->hand;
	}
	return victim;
}

static struct boots *take(struct boots_table *t, const struct address *host)
{
	uint32_t n = hosts_fresh(&t->hosts, host);

	if (!n) {
		n = next_victim(t);
		hosts_replace(&t->hosts, n, host);
		t->evicted++;
	}
	memset(&t->boots[n], 0, sizeof(t->boots[n]));
	t->boots[n].host = *host;
	return &t->boots[n];
}

/* What comes late, from a second capture of hours already past, says nothing new. */
void boots_saw(struct boots_table *t, const struct address *host, ns_t when)
{
	uint32_t n = hosts_find(&t->hosts, host);
	struct boots *b = n ? &t->boots[n] : take(t, host);
	int64_t ms = ns_to_ms(when);

	if (b->seen && ms < b->last_ms + BOOT_APART_MS) {
		if (ms > b->last_ms)
			b->last_ms = ms;
		return;
	}
	b->last_ms = ms;
	b->seen++;
	if (b->kept == BOOTS_MAX)
		memmove(b->at_ms, b->at_ms + 1, --b->kept * sizeof(*b->at_ms));
	b->at_ms[b->kept++] = ms;
}

size_t boots_count(const struct boots_table *t)
{
	return t->hosts.used;
}

const struct boots *boots_get(const struct boots_table *t, size_t number)
{
	CHECK(number < t->hosts.used);
	return &t->boots[number + 1];
}

uint64_t boots_evicted(const struct boots_table *t)
{
	return t->evicted;
}
