/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict/unions.h"

#include "detect/detectors.h"
#include "detect/places.h"
#include "verdict/weigh.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

enum { V6_PREFIX_NARROW = 64, ASIDE_MOST = 3 };

/* A group that may become a member, and what it is sorted by. */
struct part {
	uint32_t number;
	const struct timeline *timeline;
	const char *name; /* registered */
};

struct forming {
	struct unite unite;
	const struct fleet *fleet;
	const bool *timer;
	size_t room; /* of each of these, which are of one host and one kind of union */
	struct part *parts, *chosen;
	uint32_t *numbers;
	uint16_t *ports;
};

/* What of some parts makes a union: the first `count` of forming.chosen. */
struct choice {
	size_t count;
	uint64_t calls, most; /* in all, and of the heaviest */
	uint32_t heaviest;    /* its number */
};

static bool has_ports(const struct timeline *t)
{
	return t->key.proto == IPPROTO_TCP || t->key.proto == IPPROTO_UDP ||
	       t->key.proto == IPPROTO_SCTP;
}

static int compare_ports(const struct timeline *a, const struct timeline *b)
{
	int c = a->key.proto - b->key.proto;

	return c ? c : a->key.port - b->key.port;
}

static int by_service(const void *a, const void *b)
{
	const struct part *x = a, *y = b;
	int c = compare_ports(x->timeline, y->timeline);

	return c ? c : (x->number > y->number) - (x->number < y->number);
}

static int by_name(const void *a, const void *b)
{
	const struct part *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	return c ? c : (x->number > y->number) - (x->number < y->number);
}

static int by_port(const void *a, const void *b)
{
	return (int)*(const uint16_t *)a - *(const uint16_t *)b;
}

/* Parts of one address stand together in all orders but by_name. */
static void count_ends(const struct forming *fo, const struct part *parts, size_t n,
		       struct group *out)
{
	uint16_t *ports = fo->ports;

	out->addresses = 1;
	for (size_t i = 0; i < n; i++) {
		ports[i] = parts[i].timeline->key.port;
		out->addresses += i && !address_equal(&parts[i].timeline->key.destination,
						      &parts[i - 1].timeline->key.destination);
	}
	qsort(ports, n, sizeof(*ports), by_port);
	out->ports = 1;
	for (size_t i = 1; i < n; i++)
		out->ports += ports[i] != ports[i - 1];
}

/*
 * The port in the middle stands for all: is it that of a common service, so are
 * half of the others.
 */
static uint16_t middle_port(const struct forming *fo, const struct part *parts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fo->ports[i] = parts[i].timeline->key.port;
	qsort(fo->ports, n, sizeof(*fo->ports), by_port);
	return fo->ports[n / 2];
}

static int add_union(struct forming *fo, const struct part *parts, size_t n,
		     enum timeline_grouping grouping, unsigned prefix)
{
	const struct timeline_key *first = &parts[0].timeline->key;
	struct timeline_key key = {
		.host = first->host, .network = first->network, .grouping = (uint8_t)grouping};
	struct group *g;

	if (grouping == GROUP_NAMES) {
		key.name = first->name;
	} else {
		key.proto = first->proto;
		key.port = middle_port(fo, parts, n);
	}
	if (grouping == GROUP_PORTS || grouping == GROUP_NETWORK)
		key.destination = places_network(&first->destination, prefix);
	for (size_t i = 0; i < n; i++)
		fo->numbers[i] = parts[i].number;
	g = unite_add(&fo->unite, &key, fo->numbers, n);
	if (!g)
		return -ENOMEM;
	g->prefix = (uint8_t)prefix;
	if (grouping == GROUP_NAMES)
		g->names_joined = (uint32_t)n;
	else
		count_ends(fo, parts, n, g);
	return 0;
}

/* The first that still fit into what the judge can hold, but for those put aside. */
static struct choice choose(struct forming *fo, const struct part *parts, size_t n,
			    const uint32_t *aside, size_t aside_count)
{
	struct choice c = {0};

	for (size_t i = 0; i < n; i++) {
		uint64_t kept = parts[i].timeline->kept;
		bool out = c.calls + kept > TIMELINE_CALLS_MAX;

		for (size_t k = 0; k < aside_count; k++)
			out |= parts[i].number == aside[k];
		if (out)
			continue;
		if (kept > c.most) {
			c.most = kept;
			c.heaviest = parts[i].number;
		}
		c.calls += kept;
		fo->chosen[c.count++] = parts[i];
	}
	return c;
}

/* More than one place, where a narrower union holds all of one place already. */
static bool is_spread(const struct part *parts, size_t n, unsigned narrower)
{
	struct address first = places_network(&parts[0].timeline->key.destination, narrower);

	for (size_t i = 1; i < n; i++) {
		struct address other =
			places_network(&parts[i].timeline->key.destination, narrower);

		if (!address_equal(&first, &other))
			return true;
	}
	return false;
}

/*
 * Enough calls, of which none holds most.  One that does is put aside, as nobody may
 * hide a rhythm behind one busy neighbour of it; the rest is judged, which is one
 * test, as before.  `narrower` is 0 where no narrower union can hold the same.
 */
static int consider(struct forming *fo, const struct part *parts, size_t n,
		    enum timeline_grouping grouping, unsigned prefix, unsigned narrower)
{
	uint32_t aside[ASIDE_MOST] = {0};
	struct choice c = choose(fo, parts, n, aside, 0);

	for (size_t k = 0; k < ASIDE_MOST && 4 * c.most > 3 * c.calls; k++) {
		aside[k] = c.heaviest;
		c = choose(fo, parts, n, aside, k + 1);
	}
	if (c.count < 2 || c.calls < UNIONS_CALLS_LEAST || 4 * c.most > 3 * c.calls)
		return 0;
	if (narrower && !is_spread(fo->chosen, c.count, narrower))
		return 0;
	return add_union(fo, fo->chosen, c.count, grouping, prefix);
}

/* One union for each run of parts in the same network that holds more than one narrower one. */
static int join_networks(struct forming *fo, size_t n, uint8_t version, unsigned prefix,
			 unsigned narrower)
{
	for (size_t start = 0, end; start < n; start = end) {
		const struct address *to = &fo->parts[start].timeline->key.destination;
		struct address network = places_network(to, prefix), other;

		for (end = start; end < n; end++) {
			to = &fo->parts[end].timeline->key.destination;
			other = places_network(to, prefix);
			if (!address_equal(&other, &network))
				break;
		}
		if (fo->parts[start].timeline->key.destination.version != version)
			continue;
		if (consider(fo, fo->parts + start, end - start,
			     narrower ? GROUP_NETWORK : GROUP_PORTS, prefix, narrower))
			return -ENOMEM;
	}
	return 0;
}

static bool is_known(const struct fleet *f, const struct group *g)
{
	struct judgement none = {0};
	struct subject s = weigh_subject(f, g, &none, false);

	return detect_known_for_sure(&s);
}

static bool is_rare(const struct fleet *f, const struct group *g)
{
	struct judgement none = {0};
	struct subject s = weigh_subject(f, g, &none, false);

	return detect_prevalence.observe(&s) != TRAIT_ABSENT;
}

static int join_addresses(struct forming *fo, size_t start, size_t end)
{
	const struct fleet *f = fo->fleet;
	size_t n = 0, rare = 0;

	for (size_t i = start; i < end; i++) {
		const struct timeline *t = f->groups[i].timeline;

		if (t->key.grouping == GROUP_ADDRESS && !fo->timer[i] && has_ports(t) &&
		    !places_name_is_credible(t) && !is_known(f, &f->groups[i]))
			fo->parts[n++] = (struct part){.number = (uint32_t)i, .timeline = t};
	}
	if (join_networks(fo, n, 4, 32, 0) || join_networks(fo, n, 6, 128, 0) ||
	    join_networks(fo, n, 4, PLACES_PREFIX_V4, 32) ||
	    join_networks(fo, n, 6, V6_PREFIX_NARROW, 128) ||
	    join_networks(fo, n, 6, PLACES_PREFIX_V6, V6_PREFIX_NARROW))
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (is_rare(f, &f->groups[fo->parts[i].number]))
			fo->parts[rare++] = fo->parts[i];
	qsort(fo->parts, rare, sizeof(*fo->parts), by_service);
	for (size_t i = 0, stop; i < rare; i = stop) {
		for (stop = i;
		     stop < rare && !compare_ports(fo->parts[i].timeline, fo->parts[stop].timeline);
		     stop++)
			;
		if (consider(fo, fo->parts + i, stop - i, GROUP_SERVICE, 0, 0))
			return -ENOMEM;
	}
	return 0;
}

static int join_names(struct forming *fo, size_t start, size_t end)
{
	const struct fleet *f = fo->fleet;
	size_t n = 0;

	for (size_t i = start; i < end; i++) {
		const struct group *g = &f->groups[i];
		bool timer = fo->timer[g->twin_of ? g->twin_of - 1 : i];

		if (g->timeline->key.grouping == GROUP_NAME && !timer && !is_known(f, g))
			fo->parts[n++] =
				(struct part){.number = (uint32_t)i,
					      .timeline = g->timeline,
					      .name = fleet_registered_name(string_table_get(
						      g->names, g->timeline->key.name))};
	}
	qsort(fo->parts, n, sizeof(*fo->parts), by_name);
	for (size_t i = 0, stop; i < n; i = stop) {
		for (stop = i; stop < n && !strcmp(fo->parts[i].name, fo->parts[stop].name); stop++)
			;
		if (consider(fo, fo->parts + i, stop - i, GROUP_NAMES, 0, 0))
			return -ENOMEM;
	}
	return 0;
}

/* Room for what one host may need. */
static int make_room(struct forming *fo, size_t n)
{
	if (n <= fo->room)
		return 0;
	free(fo->parts);
	free(fo->chosen);
	free(fo->numbers);
	free(fo->ports);
	fo->room = 2 * n;
	fo->parts = calloc(fo->room, sizeof(*fo->parts));
	fo->chosen = calloc(fo->room, sizeof(*fo->chosen));
	fo->numbers = calloc(fo->room, sizeof(*fo->numbers));
	fo->ports = calloc(fo->room, sizeof(*fo->ports));
	return fo->parts && fo->chosen && fo->numbers && fo->ports ? 0 : -ENOMEM;
}

static int join_all(struct forming *fo)
{
	const struct fleet *f = fo->fleet;

	for (size_t start = 0, end; start < f->plain_count; start = end) {
		for (end = start;
		     end < f->plain_count && f->groups[end].host == f->groups[start].host; end++)
			;
		if (make_room(fo, end - start) || join_addresses(fo, start, end) ||
		    join_names(fo, start, end))
			return -ENOMEM;
	}
	return 0;
}

int unions_form(struct fleet *f, const bool *timer, struct unions *out)
{
	struct forming fo = {.unite = {.fleet = f}, .fleet = f, .timer = timer};
	int rc = join_all(&fo);

	if (!rc)
		rc = unite_append(&fo.unite, out);
	unite_fini(&fo.unite);
	free(fo.parts);
	free(fo.chosen);
	free(fo.numbers);
	free(fo.ports);
	return rc;
}

static int by_start(const void *a, const void *b)
{
	const struct call *x = a, *y = b;

	if (x->start_ms != y->start_ms)
		return x->start_ms < y->start_ms ? -1 : 1;
	if (x->out != y->out)
		return x->out < y->out ? -1 : 1;
	return (x->in > y->in) - (x->in < y->in);
}

void unions_calls(const struct fleet *f, const struct group *g, struct call *out)
{
	size_t n = 0;

	if (!g->member_count) {
		timeline_calls(g->table, g->timeline, out);
		return;
	}
	for (uint32_t i = 0; i < g->member_count; i++) {
		const struct group *part = &f->groups[g->members[i]];

		timeline_calls(part->table, part->timeline, out + n);
		n += part->timeline->kept;
	}
	qsort(out, n, sizeof(*out), by_start);
}
