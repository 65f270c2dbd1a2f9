/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict/company.h"

#include "detect/places.h"
#include "verdict/ground.h"

#include <errno.h>
#include <string.h>

enum { DAY_S = 86400 };

struct member {
	const char *name; /* registered */
	uint32_t number;  /* of the group */
};

static const char *place_of(const struct group *g)
{
	const struct timeline *t = g->timeline;
	uint32_t name = t->key.name ? t->key.name : t->names[0];

	return fleet_registered_name(string_table_get(g->names, name));
}

static int by_place(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	return c ? c : (x->number > y->number) - (x->number < y->number);
}

int company_gather(const struct fleet *f, struct company *out)
{
	struct member *members = calloc(f->plain_count + 1, sizeof(*members));
	struct company c = {.order = calloc(f->plain_count + 1, sizeof(*c.order))};

	if (!members || !c.order) {
		free(members);
		free(c.order);
		return -ENOMEM;
	}
	for (size_t i = 0; i < f->plain_count; i++) {
		const struct group *g = &f->groups[i];

		if (g->timeline->key.grouping == GROUP_ADDRESS &&
		    g->hosts_to_destination > COMPANY_HOSTS && places_name_is_credible(g->timeline))
			members[c.count++] = (struct member){place_of(g), (uint32_t)i};
	}
	qsort(members, c.count, sizeof(*members), by_place);
	for (size_t i = 0; i < c.count; i++)
		c.order[i] = members[i].number;
	free(members);
	*out = c;
	return 0;
}

void company_fini(struct company *c)
{
	free(c->order);
	*c = (struct company){0};
}

/* The first member whose place does not come before `name` (or, if `after`, comes after it). */
static size_t bound(const struct company *c, const struct fleet *f, const char *name, bool after)
{
	size_t low = 0, high = c->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(place_of(&f->groups[c->order[middle]]), name);

		if (order < 0 || (after && order == 0))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool from_the_beginning(const struct fleet *f, const struct timeline *t)
{
	int64_t first_ms = spans_place_ms(&f->watched, t->first_ms);

	return f->window_s < DAY_S || (double)first_ms / 1e3 < f->window_s / 4;
}

static bool ask(const struct ground *on, const struct fleet *f, const struct group *g,
		const uint32_t *members, size_t count, struct custom *out)
{
	size_t asked = count < COMPANY_ASKED ? count : COMPANY_ASKED, hosts = 0;
	uint32_t last = UINT32_MAX;
	bool old = false;

	*out = (struct custom){0};
	for (size_t i = 0; i < asked; i++) {
		uint32_t number = members[i * count / asked];
		const struct group *other = &f->groups[number];
		struct subject s;

		if (other->host == g->host)
			continue;
		s = weigh_subject(f, other, &on->judged[number], on->timer[number]);
		weigh_custom(out, &s);
		hosts += other->host != last;
		last = other->host;
		old |= from_the_beginning(f, other->timeline);
	}
	return hosts >= COMPANY_HOSTS && old;
}

void company_explain(const struct ground *on, const struct fleet *f, struct subject *s,
		     struct custom *room)
{
	const struct group *g = s->group;
	size_t first, end;
	const char *name;

	if (!g || g->hosts_to_destination <= COMPANY_HOSTS || !places_name_is_credible(g->timeline))
		return;
	name = place_of(g);
	first = bound(&on->company, f, name, false);
	end = bound(&on->company, f, name, true);
	if (end > first && ask(on, f, g, on->company.order + first, end - first, room))
		s->custom = room;
}
