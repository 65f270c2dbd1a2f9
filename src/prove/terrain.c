/* SPDX-License-Identifier: Apache-2.0 */
#include "prove/terrain.h"

#include "simulate/call.h"

#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <string.h>

enum { HOUR_MS = 3600000 };

static int by_address(const void *a, const void *b)
{
	return address_compare(a, b);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Groups stand in the order of their hosts. */
static void list_hosts(struct terrain *t)
{
	const struct fleet *f = t->fleet;

	for (size_t i = 0; i < f->plain_count; i++) {
		const struct group *g = &f->groups[i];
		const struct timeline *tl = g->timeline;
		struct terrain_host *h = &t->hosts[g->host];

		if (h->group_count++ == 0) {
			h->address = tl->key.host;
			h->first_group = (uint32_t)i;
			h->first_ms = tl->first_ms;
			h->last_ms = tl->last_ms;
		}
		h->first_ms = tl->first_ms < h->first_ms ? tl->first_ms : h->first_ms;
		h->last_ms = tl->last_ms > h->last_ms ? tl->last_ms : h->last_ms;
		h->looks_up |= tl->lookups_visible > 0;
		if (tl->key.grouping == GROUP_ADDRESS)
			h->calls += tl->calls;
		t->sees_tls |= tl->tls > 0;
		t->sees_names |= tl->tls > tl->no_sni && (tl->key.name || tl->names[0]);
	}
}

static int list_places(struct terrain *t)
{
	const struct fleet *f = t->fleet;

	t->addresses = calloc(f->plain_count + 1, sizeof(*t->addresses));
	t->names = calloc(f->plain_count + 1, sizeof(*t->names));
	if (!t->addresses || !t->names)
		return -ENOMEM;
	for (size_t i = 0; i < f->plain_count; i++) {
		const struct timeline *tl = f->groups[i].timeline;
		uint32_t name = tl->key.name ? tl->key.name : tl->names[0];

		if (tl->key.grouping == GROUP_ADDRESS)
			t->addresses[t->address_count++] = tl->key.destination;
		if (name)
			t->names[t->name_count++] =
				fleet_registered_name(string_table_get(f->groups[i].names, name));
	}
	qsort(t->addresses, t->address_count, sizeof(*t->addresses), by_address);
	qsort(t->names, t->name_count, sizeof(*t->names), by_text);
	return 0;
}

/* An hour in which not one host of the fleet called anybody. */
static int find_dark_hours(struct terrain *t)
{
	const struct fleet *f = t->fleet;

	if (!f->hours)
		return 0;
	t->dark = calloc(f->hours, sizeof(*t->dark));
	if (!t->dark)
		return -ENOMEM;
	for (size_t h = 0; h < f->hours; h++) {
		t->dark[h] = true;
		for (uint32_t n = 0; n < f->hosts && t->dark[h]; n++)
			t->dark[h] = fleet_hourly(f, n)[h] == 0;
	}
	return 0;
}

static double hours_seen(const struct terrain *t, const struct terrain_host *h)
{
	const struct spans *watched = &t->fleet->watched;
	int64_t first = spans_place_ms(watched, h->first_ms) / HOUR_MS;
	int64_t last = spans_place_ms(watched, h->last_ms) / HOUR_MS;
	double hours = 0;

	for (int64_t hour = first; hour <= last; hour++)
		hours += !t->dark || (size_t)hour >= t->fleet->hours || !t->dark[hour];
	return hours;
}

struct activity_order {
	uint64_t calls;
	uint32_t host;
};

static int by_activity(const void *a, const void *b)
{
	const struct activity_order *x = a, *y = b;

	if (x->calls != y->calls)
		return x->calls < y->calls ? -1 : 1;
	return (x->host > y->host) - (x->host < y->host);
}

static int choose_hosts(struct terrain *t)
{
	double window = ceil(t->fleet->window_s / 3600);
	struct activity_order *order = calloc(t->host_count + 1, sizeof(*order));

	t->spoken = calloc(t->host_count + 1, sizeof(*t->spoken));
	if (!order || !t->spoken) {
		free(order);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < t->host_count; i++) {
		double seen = fmin(window, hours_seen(t, &t->hosts[i]));

		t->host_hours += window;
		t->unseen_host_hours += window - seen;
		if (2 * seen >= window)
			order[t->spoken_count++] = (struct activity_order){t->hosts[i].calls, i};
	}
	qsort(order, t->spoken_count, sizeof(*order), by_activity);
	for (uint32_t i = 0; i < t->spoken_count; i++)
		t->spoken[i] = order[i].host;
	free(order);
	return 0;
}

int terrain_survey(const struct verdict *v, struct terrain *out)
{
	struct terrain t = {.fleet = &v->fleet, .host_count = v->fleet.hosts};
	int rc = -ENOMEM;

	t.hosts = calloc(t.host_count + 1, sizeof(*t.hosts));
	if (t.hosts) {
		list_hosts(&t);
		rc = list_places(&t);
	}
	if (!rc)
		rc = find_dark_hours(&t);
	if (!rc)
		rc = choose_hosts(&t);
	if (rc) {
		terrain_fini(&t);
		return rc;
	}
	*out = t;
	return 0;
}

void terrain_fini(struct terrain *t)
{
	free(t->hosts);
	free(t->spoken);
	free(t->dark);
	free(t->addresses);
	free(t->names);
	*t = (struct terrain){0};
}

const struct terrain_host *terrain_pick(const struct terrain *t, unsigned quartile,
					struct random *r)
{
	uint64_t first = (uint64_t)t->spoken_count * quartile / TERRAIN_QUARTILES;
	uint64_t end = (uint64_t)t->spoken_count * (quartile + 1) / TERRAIN_QUARTILES;

	CHECK(t->spoken_count > 0);
	if (end == first) /* fewer than four hosts */
		return &t->hosts[t->spoken[first < t->spoken_count ? first : first - 1]];
	return &t->hosts[t->spoken[first + random_below(r, end - first)]];
}

bool terrain_watched(const struct terrain *t, int64_t ms)
{
	const struct spans *s = &t->fleet->watched;

	for (size_t i = 0; i < s->count; i++)
		if (ms >= ns_to_ms(s->span[i].first) && ms <= ns_to_ms(s->span[i].last))
			return !t->dark || !t->dark[fleet_hour(t->fleet, ms)];
	return false;
}

bool terrain_is_new_address(const struct terrain *t, const struct address *a)
{
	return !t->address_count ||
	       !bsearch(a, t->addresses, t->address_count, sizeof(*t->addresses), by_address);
}

bool terrain_is_new_name(const struct terrain *t, const char *name)
{
	const char *registered = fleet_registered_name(name);

	return !t->name_count ||
	       !bsearch(&registered, t->names, t->name_count, sizeof(*t->names), by_text);
}

/* A group by name whose calls an implant could hide among. */
static bool is_haunt(const struct group *g)
{
	const struct timeline *tl = g->timeline;

	return tl->key.grouping == GROUP_NAME && tl->last.proto == IPPROTO_TCP && !tl->proxied &&
	       strlen(string_table_get(g->names, tl->key.name)) < SIM_NAME_SIZE;
}

const struct group *terrain_haunt(const struct terrain *t, const struct terrain_host *h,
				  uint32_t most_calls, struct random *r)
{
	const struct group *groups = t->fleet->groups + h->first_group, *chosen = NULL;
	uint64_t seen = 0;

	for (uint32_t i = 0; i < h->group_count; i++) /* each with the same chance */
		if (is_haunt(&groups[i]) && groups[i].timeline->calls <= most_calls &&
		    random_below(r, ++seen) == 0)
			chosen = &groups[i];
	return chosen;
}

void terrain_count_haunts(const struct terrain *t, uint32_t most_calls, size_t *out_all,
			  size_t *out_busier)
{
	*out_all = *out_busier = 0;
	for (uint32_t i = 0; i < t->spoken_count; i++) {
		const struct terrain_host *h = &t->hosts[t->spoken[i]];

		for (uint32_t k = 0; k < h->group_count; k++) {
			const struct group *g = &t->fleet->groups[h->first_group + k];

			*out_all += is_haunt(g);
			*out_busier += is_haunt(g) && g->timeline->calls > most_calls;
		}
	}
}
