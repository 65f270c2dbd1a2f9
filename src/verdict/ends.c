/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict/ends.h"

#include <errno.h>
#include <string.h>

void ends_begin(struct ends *e)
{
	e->groups_used = e->hosts_used = 0;
	e->begun = e->used;
}

static int add_group(struct ends *e, uint32_t number)
{
	if (e->groups_used == e->groups_room) {
		size_t room = e->groups_room ? 2 * e->groups_room : 64;
		uint32_t *grown = realloc(e->groups, room * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		e->groups = grown;
		e->groups_room = room;
	}
	e->groups[e->groups_used++] = number;
	return 0;
}

static int add_host(struct ends *e, const struct address *host)
{
	if (e->hosts_used == e->hosts_room) {
		size_t room = e->hosts_room ? 2 * e->hosts_room : 16;
		struct address *grown = realloc(e->hosts, room * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		e->hosts = grown;
		e->hosts_room = room;
	}
	e->hosts[e->hosts_used++] = *host;
	return 0;
}

static struct destination *add_destination(struct ends *e)
{
	if (e->used == e->room) {
		size_t room = e->room ? 2 * e->room : 64;
		struct destination *grown = realloc(e->destinations, room * sizeof(*grown));

		if (!grown)
			return NULL;
		e->destinations = grown;
		e->room = room;
	}
	return &e->destinations[e->used++];
}

static bool reached_under(const struct timeline *t, uint32_t name)
{
	for (size_t i = 0; i < TIMELINE_NAMES_MAX; i++)
		if (t->names[i] == name)
			return true;
	return false;
}

/* The addresses behind a name, as far as they are remembered; else the name itself. */
static int add_name(struct ends *e, const struct fleet *f, uint32_t number)
{
	const struct group *g = &f->groups[number];
	size_t before = e->groups_used, first = number;
	struct destination *d;

	while (first > 0 && f->groups[first - 1].host == g->host)
		first--;
	for (size_t i = first; i < f->plain_count && f->groups[i].host == g->host &&
			       f->groups[i].timeline->key.grouping == GROUP_ADDRESS;
	     i++)
		if (reached_under(f->groups[i].timeline, g->timeline->key.name) &&
		    add_group(e, (uint32_t)i))
			return -ENOMEM;
	if (e->groups_used > before)
		return 0;
	d = add_destination(e);
	if (!d)
		return -ENOMEM;
	*d = (struct destination){.port = g->timeline->proxied ? g->timeline->proxied_port
							       : g->timeline->last.dst_port,
				  .proto = g->timeline->last.proto,
				  .name = string_table_get(g->names, g->timeline->key.name),
				  .calls = g->timeline->calls};
	return 0;
}

/* Look-ups go to a resolver; what they are about is the domain. */
static int add_domain(struct ends *e, const struct group *g)
{
	struct destination *d = add_destination(e);

	if (!d)
		return -ENOMEM;
	*d = (struct destination){.address = g->timeline->last.dst,
				  .port = g->timeline->last.dst_port,
				  .proto = g->timeline->last.proto,
				  .name = string_table_get(g->names, g->timeline->key.name),
				  .calls = g->timeline->calls};
	return 0;
}

static int add_plain(struct ends *e, const struct fleet *f, uint32_t number)
{
	if (timeline_key_is_name(&f->groups[number].timeline->key))
		return add_name(e, f, number);
	if (f->groups[number].timeline->key.grouping == GROUP_DOMAIN)
		return add_domain(e, &f->groups[number]);
	return add_group(e, number);
}

int ends_add(struct ends *e, const struct fleet *f, const struct finding *finding)
{
	const struct group *g = &finding->group;

	if (add_host(e, &g->timeline->key.host))
		return -ENOMEM;
	if (!g->member_count)
		return add_plain(e, f, finding->number);
	for (uint32_t i = 0; g->hosts_pooled && i < g->member_count; i++)
		if (add_host(e, &f->groups[g->members[i]].timeline->key.host))
			return -ENOMEM;
	for (uint32_t i = 0; i < g->member_count; i++)
		if (add_plain(e, f, g->members[i]))
			return -ENOMEM;
	return 0;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static int by_address(const void *a, const void *b)
{
	return address_compare(a, b);
}

static int by_place(const void *a, const void *b)
{
	const struct destination *x = a, *y = b;
	int c = address_compare(&x->address, &y->address);

	if (!c)
		c = x->port - y->port;
	if (!c)
		c = x->proto - y->proto;
	return c ? c : strcmp(x->name, y->name);
}

/* The leader's own host stays in front. */
static void note_hosts(struct ends *e, struct finding *leader)
{
	const struct address *own = &leader->group.timeline->key.host;

	qsort(e->hosts, e->hosts_used, sizeof(*e->hosts), by_address);
	leader->hosts[0] = *own;
	leader->host_count = 1;
	for (size_t i = 0; i < e->hosts_used; i++) {
		if ((i && address_equal(&e->hosts[i], &e->hosts[i - 1])) ||
		    address_equal(&e->hosts[i], own))
			continue;
		if (leader->host_count < FINDING_HOSTS_MAX)
			leader->hosts[leader->host_count] = e->hosts[i];
		leader->host_count++;
	}
}

/* Several hosts may have called one place: once, with the calls of all. */
static size_t merge_destinations(struct destination *d, size_t n)
{
	size_t kept = 0;

	if (n == 0)
		return 0;
	qsort(d, n, sizeof(*d), by_place);
	for (size_t i = 0; i < n; i++) {
		bool same = kept && address_equal(&d[kept - 1].address, &d[i].address) &&
			    d[kept - 1].port == d[i].port && d[kept - 1].proto == d[i].proto &&
			    (d[i].address.version || !strcmp(d[kept - 1].name, d[i].name));

		if (same)
			d[kept - 1].calls += d[i].calls;
		else
			d[kept++] = d[i];
	}
	return kept;
}

int ends_settle(struct ends *e, const struct fleet *f, struct finding *leader)
{
	note_hosts(e, leader);
	if (e->groups_used)
		qsort(e->groups, e->groups_used, sizeof(*e->groups), by_number);
	for (size_t i = 0; i < e->groups_used; i++) {
		const struct group *g = &f->groups[e->groups[i]];
		struct destination *d;

		if (i && e->groups[i] == e->groups[i - 1])
			continue;
		d = add_destination(e);
		if (!d)
			return -ENOMEM;
		*d = (struct destination){.address = g->timeline->key.destination,
					  .port = g->timeline->key.port,
					  .proto = g->timeline->key.proto,
					  .name = string_table_get(g->names, g->timeline->names[0]),
					  .calls = g->timeline->calls};
	}
	e->used = e->begun + merge_destinations(e->destinations + e->begun, e->used - e->begun);
	leader->destination_count = (uint32_t)(e->used - e->begun);
	return 0;
}

struct destination *ends_point(struct ends *e, struct finding *findings, size_t count)
{
	struct destination *all = e->destinations;
	size_t at = 0;

	for (size_t i = 0; i < count; i++) {
		findings[i].destinations = all + at;
		at += findings[i].destination_count;
	}
	e->destinations = NULL;
	ends_fini(e);
	return all;
}

void ends_fini(struct ends *e)
{
	free(e->groups);
	free(e->hosts);
	free(e->destinations);
	*e = (struct ends){0};
}
