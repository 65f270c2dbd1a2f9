/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/fleet.h"

#include "detect/fleet_domains.h"
#include "detect/loads.h"
#include "detect/places.h"

#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <string.h>

/* Four bytes each; and no more of them than a fourth of what the timelines were granted. */
enum { MOST_HOST_HOURS = 32 << 20 };

/* Below a day there is no daily rhythm to follow. */
static const double day_s = 86400;

const char *fleet_registered_name(const char *name)
{
	const char *label[3] = {name, name, name}; /* the last label, the one before, ... */
	size_t tld, second;

	for (const char *p = name; *p; p++) {
		if (*p == '.' && p[1]) {
			label[2] = label[1];
			label[1] = label[0];
			label[0] = p + 1;
		}
	}
	tld = strlen(label[0]);
	second = label[0] > label[1] ? (size_t)(label[0] - label[1] - 1) : 0;
	return tld == 2 && second >= 2 && second <= 3 ? label[2] : label[1];
}

static int compare_groups(const void *a, const void *b)
{
	const struct group *x = a, *y = b;
	const struct timeline_key *j = &x->timeline->key, *k = &y->timeline->key;
	int c = address_compare(&j->host, &k->host);

	if (!c)
		c = (j->network > k->network) - (j->network < k->network);
	if (!c)
		c = j->grouping - k->grouping;
	if (!c)
		c = address_compare(&j->destination, &k->destination);
	if (!c)
		c = j->port - k->port;
	if (!c)
		c = j->proto - k->proto;
	if (!c)
		c = strcmp(string_table_get(x->names, j->name),
			   string_table_get(y->names, k->name));
	return c;
}

static const struct echo_facts *echo_of(const struct fleet_source *source,
					const struct timeline_key *key)
{
	if (!source->echoes || key->grouping != GROUP_ADDRESS ||
	    (key->proto != IPPROTO_ICMP && key->proto != IPPROTO_ICMPV6))
		return NULL;
	return echo_table_find(source->echoes, &key->host, &key->destination);
}

static int collect(const struct fleet_source *sources, size_t count, struct fleet *f)
{
	size_t most = 0;

	for (size_t i = 0; i < count; i++)
		most += timeline_count(sources[i].table);
	f->groups = calloc(most ? most : 1, sizeof(*f->groups));
	if (!f->groups)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		for (size_t n = 0; n < timeline_count(sources[i].table); n++) {
			const struct timeline *t = timeline_get(sources[i].table, n);

			if (t)
				f->groups[f->group_count++] = (struct group){
					.table = sources[i].table,
					.names = sources[i].names,
					.fingerprints = sources[i].fingerprints,
					.timeline = t,
					.domains = sources[i].domains,
					.echo = echo_of(&sources[i], &t->key),
					.names_forgotten = sources[i].names_forgotten,
				};
		}
	}
	f->plain_count = f->group_count;
	qsort(f->groups, f->group_count, sizeof(*f->groups), compare_groups);
	return 0;
}

/* Prevalence is counted on groups: with more than one in twenty gone it means little. */
static void note_forgotten(struct fleet *f, const struct fleet_source *sources, size_t count)
{
	uint64_t evicted = 0;

	for (size_t i = 0; i < count; i++)
		if (!sources[i].domains)
			evicted += timeline_stats(sources[i].table).evicted;
	f->groups_forgotten = 20 * evicted > evicted + f->group_count;
}

/* The same address in another virtual network is another host. */
static bool same_host(const struct timeline_key *a, const struct timeline_key *b)
{
	return a->network == b->network && address_equal(&a->host, &b->host);
}

/* Groups are sorted by host, so a host's groups stand together. */
static void number_hosts(struct fleet *f)
{
	for (size_t i = 0; i < f->group_count; i++) {
		if (i == 0 ||
		    !same_host(&f->groups[i].timeline->key, &f->groups[i - 1].timeline->key))
			f->hosts++;
		f->groups[i].host = f->hosts - 1;
	}
}

static const char *registered_name_of(const struct group *g)
{
	const struct timeline *t = g->timeline;
	uint32_t name = t->key.name ? t->key.name : t->names[0];

	return fleet_registered_name(string_table_get(g->names, name));
}

static int by_address(const void *a, const void *b)
{
	const struct group *const *x = a, *const *y = b;
	int c = address_compare(&(*x)->timeline->key.destination, &(*y)->timeline->key.destination);

	return c ? c : (*x < *y ? -1 : 1);
}

static int by_name(const void *a, const void *b)
{
	const struct group *const *x = a, *const *y = b;
	int c = strcmp(registered_name_of(*x), registered_name_of(*y));

	return c ? c : (*x < *y ? -1 : 1);
}

static bool same_place(struct group *const *sorted, size_t i, size_t j, bool names)
{
	if (names)
		return !strcmp(registered_name_of(sorted[i]), registered_name_of(sorted[j]));
	return address_equal(&sorted[i]->timeline->key.destination,
			     &sorted[j]->timeline->key.destination);
}

/*
 * Within each run of groups with the same destination, which stand in the order
 * of their hosts, count the hosts; a group keeps the larger of its counts, as a
 * place known by name to many is not rare because it has many addresses.
 * The same address in several virtual networks counts once: it may be one host, seen
 * on its way through them.
 */
static void count_runs(struct group **sorted, size_t n, bool names)
{
	for (size_t start = 0, end; start < n; start = end) {
		uint32_t hosts = 0;

		for (end = start; end < n && same_place(sorted, start, end, names); end++)
			hosts += end == start ||
				 !address_equal(&sorted[end]->timeline->key.host,
						&sorted[end - 1]->timeline->key.host);
		for (size_t i = start; i < end; i++)
			if (sorted[i]->hosts_to_destination < hosts)
				sorted[i]->hosts_to_destination = hosts;
	}
}

static int count_prevalence(struct fleet *f)
{
	struct group **sorted = calloc(f->group_count ? f->group_count : 1, sizeof(*sorted));
	size_t n = 0;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < f->group_count; i++)
		if (f->groups[i].timeline->key.grouping == GROUP_ADDRESS)
			sorted[n++] = &f->groups[i];
	qsort(sorted, n, sizeof(*sorted), by_address);
	count_runs(sorted, n, false);
	n = 0;
	for (size_t i = 0; i < f->group_count; i++)
		if (f->groups[i].timeline->key.grouping != GROUP_DOMAIN &&
		    places_name_is_credible(f->groups[i].timeline))
			sorted[n++] = &f->groups[i];
	qsort(sorted, n, sizeof(*sorted), by_name);
	count_runs(sorted, n, true);
	free(sorted);
	/* A name that nothing bears out is a place of this host's own, if all was remembered. */
	for (size_t i = 0; i < f->group_count; i++)
		if (f->groups[i].hosts_to_destination == 0 && !f->groups[i].names_forgotten)
			f->groups[i].hosts_to_destination = 1;
	return 0;
}

/* The groups by address of one host, in order of destination: [first, end). */
static const struct group *find_destination(const struct group *first, size_t n,
					    const struct address *destination)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (address_compare(&first[middle].timeline->key.destination, destination) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return first + low;
}

bool fleet_same_calls(const struct timeline *a, const struct timeline *b)
{
	return a->calls == b->calls && a->first_ms == b->first_ms && a->last_ms == b->last_ms &&
	       a->out_bytes == b->out_bytes && a->in_bytes == b->in_bytes;
}

/* A name that was only ever one address and port tells nothing new: test it once. */
enum { TWINS_LOOKED_AT = 64 }; /* ports of one address */

static void mark_twins(struct fleet *f)
{
	size_t host_start = 0, names_start = 0;

	for (size_t i = 0; i < f->group_count; i++) {
		struct group *g = &f->groups[i];
		const struct group *twin, *end;

		if (i == 0 || g->host != f->groups[i - 1].host)
			host_start = names_start = i;
		if (g->timeline->key.grouping == GROUP_ADDRESS) {
			names_start = i + 1;
			continue;
		}
		if (g->timeline->addresses != 1 || g->timeline->key.grouping != GROUP_NAME)
			continue;
		end = f->groups + names_start;
		twin = find_destination(f->groups + host_start, names_start - host_start,
					&g->timeline->last.dst);
		if (end > twin + TWINS_LOOKED_AT) /* the rest is tested twice: no harm */
			end = twin + TWINS_LOOKED_AT;
		for (; twin < end &&
		       address_equal(&twin->timeline->key.destination, &g->timeline->last.dst);
		     twin++)
			if (fleet_same_calls(twin->timeline, g->timeline))
				g->twin_of = (uint32_t)(twin - f->groups) + 1;
	}
}

/* A look-up tells nothing new if calls to the name followed: those are on the list, too. */
static void mark_followed_lookups(struct fleet *f)
{
	size_t names_start = 0, names_end = 0;

	for (size_t i = 0; i < f->group_count; i++) {
		struct group *g = &f->groups[i];
		size_t low = names_start, high;

		if (i == 0 || g->host != f->groups[i - 1].host ||
		    g->timeline->key.grouping == GROUP_ADDRESS)
			names_start = names_end = i + (g->timeline->key.grouping == GROUP_ADDRESS);
		if (g->timeline->key.grouping == GROUP_NAME)
			names_end = i + 1;
		if (g->timeline->key.grouping != GROUP_LOOKUP)
			continue;
		low = names_start;
		high = names_end;
		while (low < high && !g->twin_of) {
			size_t middle = low + (high - low) / 2;
			int c = strcmp(string_table_get(f->groups[middle].names,
							f->groups[middle].timeline->key.name),
				       string_table_get(g->names, g->timeline->key.name));

			g->twin_of = c ? 0 : (uint32_t)middle + 1;
			if (c < 0)
				low = middle + 1;
			else
				high = middle;
		}
	}
}

const float *fleet_hourly(const struct fleet *f, uint32_t host)
{
	return f->hours ? f->hourly + (size_t)host * f->hours : NULL;
}

const struct group *fleet_find(const struct fleet *f, const struct group *like)
{
	return f->plain_count ? bsearch(like, f->groups, f->plain_count, sizeof(*f->groups),
					compare_groups)
			      : NULL;
}

const struct group *fleet_find_host(const struct fleet *f, const struct address *host)
{
	size_t low = 0, high = f->plain_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (address_compare(&f->groups[middle].timeline->key.host, host) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == f->plain_count || !address_equal(&f->groups[low].timeline->key.host, host))
		return NULL;
	return &f->groups[low];
}

size_t fleet_hour(const struct fleet *f, int64_t ms)
{
	size_t hour = (size_t)(spans_place_ms(&f->watched, ms) / 3600000);

	return hour < f->hours ? hour : f->hours - 1;
}

static size_t most_host_hours(const struct fleet_source *sources, size_t count)
{
	size_t room = 0;

	for (size_t i = 0; i < count; i++)
		room += timeline_room(sources[i].table);
	room /= 4 * sizeof(float);
	return room < MOST_HOST_HOURS ? room : MOST_HOST_HOURS;
}

static int count_activity(struct fleet *f, size_t most)
{
	struct call *calls = NULL;
	size_t room = 0;

	f->hours = f->window_s >= day_s ? (size_t)ceil(f->window_s / 3600) : 0;
	if (f->hosts && f->hours > most / f->hosts)
		f->hours =
			0; /* too many to keep: hosts are taken to be equally busy at all hours */
	if (!f->hours)
		return 0;
	f->hourly = calloc((size_t)f->hosts * f->hours + 1, sizeof(*f->hourly));
	if (!f->hourly)
		return -ENOMEM;
	for (size_t i = 0; i < f->group_count; i++) {
		const struct timeline *t = f->groups[i].timeline;

		if (t->key.grouping != GROUP_ADDRESS)
			continue;
		if (t->kept > room) {
			free(calls);
			room = 2 * (size_t)t->kept;
			calls = malloc(room * sizeof(*calls));
			if (!calls)
				return -ENOMEM;
		}
		timeline_calls(f->groups[i].table, t, calls);
		for (uint32_t c = 0; c < t->kept; c++)
			f->hourly[f->groups[i].host * f->hours +
				  fleet_hour(f, calls[c].start_ms)]++;
	}
	free(calls);
	return 0;
}

int fleet_build(const struct fleet_source *sources, size_t count, const struct spans *watched,
		struct fleet *out)
{
	struct fleet f = {
		.watched = *watched,
		.intel = count ? sources[0].intel : NULL,
		.catalogue = count ? sources[0].catalogue : NULL,
		.window_s = (double)spans_watched_ms(watched) / 1e3,
	};
	int rc = collect(sources, count, &f);

	if (!rc) {
		note_forgotten(&f, sources, count);
		number_hosts(&f);
		mark_twins(&f);
		mark_followed_lookups(&f);
		rc = count_prevalence(&f);
	}
	if (!rc)
		rc = fleet_join_domains(&f);
	if (!rc)
		rc = places_share(&f);
	if (!rc)
		rc = novelty_find(&f);
	if (!rc)
		rc = count_activity(&f, most_host_hours(sources, count));
	if (!rc)
		rc = loads_join(sources, count, &f);
	if (!rc)
		rc = comings_build(sources, count, &f, &f.comings);
	if (!rc)
		rc = roles_build(&f, &f.roles);
	if (rc) {
		fleet_fini(&f);
		return rc;
	}
	*out = f;
	return 0;
}

void fleet_fini(struct fleet *f)
{
	free(f->groups);
	free(f->hourly);
	loads_fini(&f->loads);
	comings_fini(&f->comings);
	roles_fini(&f->roles);
	*f = (struct fleet){0};
}
