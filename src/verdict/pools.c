/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict/pools.h"

#include "detect/detectors.h"
#include "flow/fingerprint.h"
#include "stat/timing.h"
#include "verdict/weigh.h"

#include <errno.h>
#include <string.h>

enum { SMALLEST_FLEET = 5, LEAST_MOST = 3, SHARE_MOST = 10, ASIDE_MOST = 3 };

struct part {
	uint32_t number;
	const struct group *group;
	const char *name;	      /* registered */
	const char *ja, *ssh, *agent; /* of the client */
	bool rare;		      /* where it goes; and no known service */
};

struct forming {
	struct unite unite;
	const struct fleet *fleet;
	const bool *timer;
	uint32_t most; /* hosts of the fleet to go to what is rare */
	struct part *parts, *chosen;
	uint32_t *numbers;
	size_t count;
};

/* What of some parts makes a pool: the first `count` of forming.chosen. */
struct choice {
	size_t count;
	uint32_t hosts;
	uint64_t calls, most; /* in all, and of the busiest host */
	uint32_t busiest;     /* number of that host */
};

static int by_number(const struct part *x, const struct part *y)
{
	return (x->number > y->number) - (x->number < y->number);
}

static int compare_destination(const struct part *x, const struct part *y)
{
	const struct timeline_key *j = &x->group->timeline->key, *k = &y->group->timeline->key;
	int c = address_compare(&j->destination, &k->destination);

	if (!c)
		c = j->port - k->port;
	return c ? c : j->proto - k->proto;
}

static int compare_name(const struct part *x, const struct part *y)
{
	return strcmp(x->name, y->name);
}

static int compare_client(const struct part *x, const struct part *y)
{
	int c = strcmp(x->ja, y->ja);

	if (!c)
		c = strcmp(x->ssh, y->ssh);
	return c ? c : strcmp(x->agent, y->agent);
}

typedef int compare_fn(const struct part *x, const struct part *y);

static int by_place(const void *a, const void *b, void *arg)
{
	compare_fn **compare = arg;
	int c = (*compare)(a, b);

	return c ? c : by_number(a, b);
}

static bool is_known(const struct fleet *f, const struct group *g)
{
	struct judgement none = {0};
	struct subject s = weigh_subject(f, g, &none, false);

	return detect_known.observe(&s) == TRAIT_PRESENT;
}

static bool is_timer(const struct forming *fo, uint32_t number)
{
	const struct group *g = &fo->fleet->groups[number];

	return fo->timer[g->twin_of ? g->twin_of - 1 : number];
}

/* Which host has most calls: its group speaks for the others. */
static const struct part *lead(const struct part *parts, size_t n)
{
	const struct part *most = parts;

	for (size_t i = 1; i < n; i++)
		if (parts[i].group->timeline->calls > most->group->timeline->calls)
			most = &parts[i];
	return most;
}

static uint32_t count_names(const struct part *parts, size_t n)
{
	uint32_t others = 0;

	for (size_t i = 1; i < n; i++) {
		const struct group *g = parts[0].group, *h = parts[i].group;

		others += strcmp(string_table_get(g->names, g->timeline->key.name),
				 string_table_get(h->names, h->timeline->key.name)) != 0;
	}
	return others + 1;
}

static int by_destination(const void *a, const void *b)
{
	return compare_destination(a, b);
}

static int in_order(const void *a, const void *b)
{
	return by_number(a, b);
}

static uint32_t count_addresses(struct part *parts, size_t n)
{
	uint32_t count = 1;

	qsort(parts, n, sizeof(*parts), by_destination);
	for (size_t i = 1; i < n; i++)
		count += !address_equal(&parts[i].group->timeline->key.destination,
					&parts[i - 1].group->timeline->key.destination);
	qsort(parts, n, sizeof(*parts), in_order);
	return count;
}

static int add_pool(struct forming *fo, struct part *parts, size_t n, uint32_t hosts,
		    enum timeline_grouping grouping)
{
	const struct part *leader = lead(parts, n);
	struct timeline_key key = leader->group->timeline->key;
	struct group *g;
	struct timeline *sum;

	key.grouping = (uint8_t)grouping;
	if (grouping == GROUP_NAMES && count_names(parts, n) == 1)
		key.grouping = GROUP_NAME;
	if (grouping == GROUP_CLIENT)
		key.destination = (struct address){0};
	for (size_t i = 0; i < n; i++)
		fo->numbers[i] = parts[i].number;
	g = unite_add(&fo->unite, &key, fo->numbers, n);
	if (!g)
		return -ENOMEM;
	g->table = leader->group->table;
	g->names = leader->group->names;
	g->fingerprints = leader->group->fingerprints;
	g->host = leader->group->host;
	g->hosts_pooled = hosts;
	if (key.grouping == GROUP_NAMES)
		g->names_joined = count_names(parts, n);
	if (key.grouping == GROUP_CLIENT)
		g->addresses = count_addresses(parts, n);
	/* names and clients have the numbers of their lane */
	sum = &fo->unite.unions.timelines[fo->unite.count - 1];
	memcpy(sum->names, leader->group->timeline->names, sizeof(sum->names));
	sum->fingerprint = leader->group->timeline->fingerprint;
	return 0;
}

static bool is_aside(const struct part *part, const uint32_t *aside, size_t count)
{
	for (size_t k = 0; k < count; k++)
		if (part->group->host == aside[k])
			return true;
	return false;
}

/* Those that are no timers, of hosts that call twice, but for those put aside. */
static struct choice choose(struct forming *fo, const struct part *parts, size_t n,
			    const uint32_t *aside, size_t aside_count)
{
	struct choice c = {0};

	for (size_t i = 0, end; i < n; i = end) {
		uint64_t own = 0;
		size_t taken = c.count;

		for (end = i; end < n && parts[end].group->host == parts[i].group->host; end++) {
			if (!parts[end].rare || is_timer(fo, parts[end].number))
				continue;
			own += parts[end].group->timeline->kept;
			fo->chosen[taken++] = parts[end];
		}
		if (own < 2 || c.calls + own > POOLS_CALLS_MOST || c.hosts == TIMING_POOL_MAX ||
		    is_aside(&parts[i], aside, aside_count))
			continue;
		c.count = taken;
		c.calls += own;
		c.hosts++;
		if (own > c.most) {
			c.most = own;
			c.busiest = parts[i].group->host;
		}
	}
	return c;
}

/*
 * Parts that go to one place, in the order of their hosts.  A host that holds most of
 * the calls is put aside and the others are pooled, which is one test, as before.
 */
static int consider(struct forming *fo, const struct part *parts, size_t n,
		    enum timeline_grouping grouping)
{
	uint32_t aside[ASIDE_MOST] = {0};
	struct choice c = choose(fo, parts, n, aside, 0);

	for (size_t k = 0; k < ASIDE_MOST && 4 * c.most > 3 * c.calls; k++) {
		aside[k] = c.busiest;
		c = choose(fo, parts, n, aside, k + 1);
	}
	if (c.hosts < 2 || c.calls < POOLS_CALLS_LEAST || 4 * c.most > 3 * c.calls)
		return 0;
	if (grouping == GROUP_CLIENT && count_addresses(fo->chosen, c.count) == 1)
		return 0; /* pooled by destination */
	return add_pool(fo, fo->chosen, c.count, c.hosts, grouping);
}

/* Few hosts; one that came by once does not make a place less rare. */
static bool is_rare_run(const struct forming *fo, const struct part *parts, size_t n)
{
	uint32_t hosts = 0, visitors = 0;

	for (size_t i = 0, end; i < n; i = end) {
		uint64_t own = 0;

		for (end = i; end < n && parts[end].group->host == parts[i].group->host; end++)
			own += parts[end].group->timeline->calls;
		hosts += own >= 2;
		visitors += own < 2;
	}
	return hosts <= fo->most && visitors <= fo->most;
}

/* Each run of parts that go to the same place, as `compare` sees it. */
static int pool_runs(struct forming *fo, compare_fn *compare, enum timeline_grouping grouping)
{
	int rc = 0;

	if (fo->count)
		qsort_r(fo->parts, fo->count, sizeof(*fo->parts), by_place, &compare);
	for (size_t start = 0, end; start < fo->count && !rc; start = end) {
		for (end = start + 1;
		     end < fo->count && !compare(&fo->parts[start], &fo->parts[end]); end++)
			;
		if (end - start < 2 || !is_rare_run(fo, fo->parts + start, end - start))
			continue;
		rc = consider(fo, fo->parts + start, end - start, grouping);
	}
	return rc;
}

static struct part part_of(const struct group *g, uint32_t number)
{
	const struct timeline *t = g->timeline;
	struct fingerprint p = {0};
	struct part part = {.number = number, .group = g, .name = ""};

	if (t->key.grouping == GROUP_NAME)
		part.name = fleet_registered_name(string_table_get(g->names, t->key.name));
	if (t->fingerprint && g->fingerprints)
		p = fingerprint_get(g->fingerprints, t->fingerprint);
	if (g->fingerprints) {
		part.ja = string_table_get(g->fingerprints, p.ja4);
		part.ssh = string_table_get(g->fingerprints, p.hassh);
		part.agent = string_table_get(g->fingerprints, p.agent);
	}
	return part;
}

/*
 * Rare places.  Whether a client is rare is told by all places it goes to, so there
 * the others are gathered, too.
 */
static void gather(struct forming *fo, enum timeline_grouping grouping)
{
	const struct fleet *f = fo->fleet;
	bool by_name = grouping == GROUP_NAMES, by_client = grouping == GROUP_CLIENT;

	fo->count = 0;
	for (size_t i = 0; i < f->plain_count; i++) {
		const struct group *g = &f->groups[i];
		uint32_t hosts = g->hosts_to_destination;
		bool rare = hosts > (by_client ? 0 : 1) && hosts <= (by_client ? 1 : 2) * fo->most;

		if ((g->timeline->key.grouping == GROUP_NAME) != by_name)
			continue;
		if (by_client ? !g->timeline->fingerprint : !rare || is_known(f, g))
			continue;
		fo->parts[fo->count] = part_of(g, (uint32_t)i);
		fo->parts[fo->count++].rare = rare && (!by_client || !is_known(f, g));
	}
}

static int pool_all(struct forming *fo)
{
	int rc;

	gather(fo, GROUP_ADDRESS);
	rc = pool_runs(fo, compare_destination, GROUP_ADDRESS);
	if (rc)
		return rc;
	gather(fo, GROUP_NAMES);
	rc = pool_runs(fo, compare_name, GROUP_NAMES);
	if (rc)
		return rc;
	gather(fo, GROUP_CLIENT);
	return pool_runs(fo, compare_client, GROUP_CLIENT);
}

int pools_form(struct fleet *f, const bool *timer, struct unions *out)
{
	struct forming fo = {.unite = {.fleet = f}, .fleet = f, .timer = timer};
	int rc = 0;

	if (f->hosts < SMALLEST_FLEET || f->groups_forgotten)
		return 0;
	fo.most = f->hosts / SHARE_MOST > LEAST_MOST ? f->hosts / SHARE_MOST : LEAST_MOST;
	fo.parts = calloc(f->plain_count + 1, sizeof(*fo.parts));
	fo.chosen = calloc(f->plain_count + 1, sizeof(*fo.chosen));
	fo.numbers = calloc(f->plain_count + 1, sizeof(*fo.numbers));
	rc = fo.parts && fo.chosen && fo.numbers ? pool_all(&fo) : -ENOMEM;
	if (!rc)
		rc = unite_append(&fo.unite, out);
	unite_fini(&fo.unite);
	free(fo.parts);
	free(fo.chosen);
	free(fo.numbers);
	return rc;
}
