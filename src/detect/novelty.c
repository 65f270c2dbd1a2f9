/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/novelty.h"

#include "detect/fleet.h"
#include "detect/places.h"
#include "flow/fingerprint.h"

#include <errno.h>
#include <string.h>

struct visit {
	struct group *group;
	const char *text; /* what is compared: the client or the registered name */
	uint32_t host;
};

/* What tells one client from another, the most telling first; "" if nothing does. */
static const char *client_of(const struct group *g)
{
	struct fingerprint f;
	uint32_t text;

	if (!g->fingerprints || !g->timeline->fingerprint)
		return "";
	f = fingerprint_get(g->fingerprints, g->timeline->fingerprint);
	text = f.ja4 ? f.ja4 : f.ja3 ? f.ja3 : f.hassh ? f.hassh : f.agent;
	return string_table_get(g->fingerprints, text);
}

static int by_text(const void *a, const void *b)
{
	const struct visit *x = a, *y = b;
	int c = strcmp(x->text, y->text);

	if (!c && x->host != y->host)
		c = x->host < y->host ? -1 : 1;
	return c ? c : (x->group < y->group ? -1 : 1);
}

static int by_host(const void *a, const void *b)
{
	const struct visit *x = a, *y = b;

	if (x->host != y->host)
		return x->host < y->host ? -1 : 1;
	return by_text(a, b);
}

static int by_address(const void *a, const void *b)
{
	const struct visit *x = a, *y = b;
	int c = address_compare(&x->group->timeline->key.destination,
				&y->group->timeline->key.destination);

	return c ? c : (x->group < y->group ? -1 : 1);
}

static bool same_text(const struct visit *a, const struct visit *b)
{
	return !strcmp(a->text, b->text);
}

static bool same_address(const struct visit *a, const struct visit *b)
{
	return address_equal(&a->group->timeline->key.destination,
			     &b->group->timeline->key.destination);
}

/* Sorted by place: the earliest call of each run is that of all in it, or an earlier one known. */
static void spread_first(struct visit *v, size_t n,
			 bool (*same)(const struct visit *, const struct visit *))
{
	for (size_t start = 0, end; start < n; start = end) {
		int64_t first = v[start].group->novelty.place_first_ms;

		for (end = start; end < n && same(&v[start], &v[end]); end++)
			if (v[end].group->novelty.place_first_ms < first)
				first = v[end].group->novelty.place_first_ms;
		for (size_t i = start; i < end; i++)
			v[i].group->novelty.place_first_ms = first;
	}
}

static void find_places(struct fleet *f, struct visit *v)
{
	size_t n = 0;

	for (size_t i = 0; i < f->group_count; i++) {
		const struct timeline *t = f->groups[i].timeline;

		if (t->key.grouping != GROUP_ADDRESS)
			continue;
		f->groups[i].novelty.place_first_ms = t->first_ms;
		v[n++] = (struct visit){.group = &f->groups[i], .host = f->groups[i].host};
	}
	qsort(v, n, sizeof(*v), by_address);
	spread_first(v, n, same_address);
	n = 0;
	for (size_t i = 0; i < f->group_count; i++) {
		const struct timeline *t = f->groups[i].timeline;

		if (t->key.grouping == GROUP_ADDRESS && places_name_is_credible(t))
			v[n++] = (struct visit){.group = &f->groups[i],
						.host = f->groups[i].host,
						.text = fleet_registered_name(string_table_get(
							f->groups[i].names, t->names[0]))};
	}
	qsort(v, n, sizeof(*v), by_text);
	spread_first(v, n, same_text);
}

static void count_hosts_of_clients(struct visit *v, size_t n)
{
	for (size_t start = 0, end; start < n; start = end) {
		uint32_t hosts = 0;

		for (end = start; end < n && same_text(&v[start], &v[end]); end++)
			hosts += end == start || v[end].host != v[end - 1].host;
		for (size_t i = start; i < end; i++)
			v[i].group->novelty.client_hosts = hosts;
	}
}

static uint32_t count_clients_of_hosts(struct visit *v, size_t n)
{
	uint32_t fleet = 0;

	for (size_t start = 0, end; start < n; start = end, fleet++) {
		uint32_t clients = 0;

		for (end = start; end < n && v[end].host == v[start].host; end++)
			clients += end == start || !same_text(&v[end], &v[end - 1]);
		for (size_t i = start; i < end; i++)
			v[i].group->novelty.host_clients = clients;
	}
	return fleet;
}

static void find_clients(struct fleet *f, struct visit *v)
{
	size_t n = 0;
	uint32_t fleet;

	for (size_t i = 0; i < f->group_count; i++) {
		struct group *g = &f->groups[i];
		const char *client = client_of(g);

		if (g->timeline->key.grouping == GROUP_ADDRESS && *client)
			v[n++] = (struct visit){.group = g, .host = g->host, .text = client};
	}
	qsort(v, n, sizeof(*v), by_text);
	count_hosts_of_clients(v, n);
	qsort(v, n, sizeof(*v), by_host);
	fleet = count_clients_of_hosts(v, n);
	for (size_t i = 0; i < n; i++)
		v[i].group->novelty.fleet_clients = fleet;
}

/*
 * A host that names many places in its hellos and requests, hardly any of which
 * the look-ups that we saw bear out, looks names up where we do not see it.
 * Places without a name do not count: a peer-to-peer bot must not excuse itself.
 */
enum { NAMED_LEAST = 8, BORNE_OUT_ONE_IN = 4 };

static void note_host(struct group *groups, size_t n)
{
	int64_t first = groups[0].timeline->first_ms;
	uint32_t named = 0, borne_out = 0;

	for (size_t i = 0; i < n; i++) {
		const struct timeline *t = groups[i].timeline;

		if (t->key.grouping != GROUP_ADDRESS)
			continue;
		if (t->first_ms < first)
			first = t->first_ms;
		named += t->names[0] && (t->confirmed || t->contradicted);
		borne_out += t->names[0] && t->confirmed;
	}
	for (size_t i = 0; i < n; i++) {
		groups[i].novelty.host_first_ms = first;
		groups[i].novelty.lookups_elsewhere =
			named >= NAMED_LEAST && BORNE_OUT_ONE_IN * borne_out < named;
	}
}

int novelty_find(struct fleet *f)
{
	struct visit *v = calloc(f->group_count ? f->group_count : 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	for (size_t start = 0, end; start < f->group_count; start = end) {
		for (end = start;
		     end < f->group_count && f->groups[end].host == f->groups[start].host; end++)
			;
		note_host(&f->groups[start], end - start);
	}
	find_places(f, v);
	find_clients(f, v);
	free(v);
	return 0;
}
