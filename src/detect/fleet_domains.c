/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/fleet_domains.h"

#include "proto/domain.h"

#include <errno.h>
#include <string.h>

static bool by_domain(const struct group *g)
{
	return g->timeline->key.grouping == GROUP_DOMAIN;
}

static const char *name_of(const struct group *g)
{
	return string_table_get(g->names, g->timeline->key.name);
}

/* The group of this domain among those of one host, which stand in order of name; or NULL. */
static struct group *find_domain(struct group *first, size_t n, const char *domain)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int c = strcmp(name_of(&first[middle]), domain);

		if (c == 0)
			return &first[middle];
		if (c < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* The names that a host both was told and called, added up by domain. */
static void count_called(struct group *host, size_t n)
{
	size_t domains = n;

	while (domains > 0 && by_domain(&host[domains - 1]))
		domains--;
	for (size_t i = 0; i < domains; i++) {
		const struct timeline *t = host[i].timeline;
		const char *name;
		struct group *domain;
		size_t len;

		if (t->key.grouping != GROUP_NAME || !t->confirmed)
			continue;
		name = name_of(&host[i]);
		len = strlen(name);
		domain = find_domain(host + domains, n - domains, name + domain_start(name, len));
		if (!domain)
			continue;
		domain->names_called++;
		domain->calls_under += t->calls;
	}
}

/*
 * A and AAAA are asked for each call, and now and then in vain: a call to four questions
 * is as it should be, if hardly more names are asked for than called.
 */
static void mark_prelude(struct group *g)
{
	enum { QUESTIONS_A_CALL = 4, NAMES_A_CALLED = 4, NAMES_MORE = 8 };

	g->told = QUESTIONS_A_CALL * g->calls_under >= g->domain->questions &&
		  domain_distinct(g->domain) <= NAMES_A_CALLED * g->names_called + NAMES_MORE;
}

static int compare_addresses(const void *a, const void *b)
{
	return address_compare(a, b);
}

struct by_name {
	struct group **groups; /* by domain, in order of name, then as in the fleet */
	size_t count;
	struct address *resolvers; /* that hosts of the fleet ask, in order; maybe repeated */
	size_t resolver_count;
	struct address *servers; /* that hosts ask for one domain, in order; maybe repeated */
};

static int compare_names(const void *a, const void *b)
{
	struct group *const *x = a, *const *y = b;
	int c = strcmp(name_of(*x), name_of(*y));

	return c ? c : (*x < *y ? -1 : 1);
}

static bool is_resolver(const struct by_name *all, const struct address *host)
{
	return all->resolver_count &&
	       bsearch(host, all->resolvers, all->resolver_count, sizeof(*host), compare_addresses);
}

static bool asked_by_other(const struct by_name *all, size_t servers, const struct address *host)
{
	return servers && bsearch(host, all->servers, servers, sizeof(*host), compare_addresses);
}

/* Whom the hosts ask for one domain but themselves, in order: how many; maybe repeated. */
static size_t find_servers(struct by_name *all, size_t start, size_t end)
{
	size_t n = 0;

	for (size_t i = start; i < end; i++) {
		const struct domain_facts *d = all->groups[i]->domain;

		if (!address_equal(&d->server, &d->key.host))
			all->servers[n++] = d->server;
	}
	qsort(all->servers, n, sizeof(*all->servers), compare_addresses);
	return n;
}

/* One domain: [start, end). */
static void settle_domain(struct by_name *all, size_t start, size_t end)
{
	size_t servers = find_servers(all, start, end);
	uint32_t hosts = 0;

	for (size_t i = start; i < end; i++) {
		struct group *g = all->groups[i];

		hosts += !g->resolver;
		if (g->resolver)
			g->told |= asked_by_other(all, servers, &g->domain->key.host);
	}
	for (size_t i = start; i < end; i++)
		all->groups[i]->hosts_to_destination = hosts ? hosts : (uint32_t)(end - start);
}

static void settle_all(struct fleet *f, struct by_name *all)
{
	for (size_t i = 0; i < f->group_count; i++) {
		struct group *g = &f->groups[i];

		if (!g->domain)
			continue;
		all->groups[all->count++] = g;
		if (g->domain->outside < g->domain->questions)
			all->resolvers[all->resolver_count++] = g->domain->server;
	}
	qsort(all->groups, all->count, sizeof(struct group *), compare_names);
	qsort(all->resolvers, all->resolver_count, sizeof(*all->resolvers), compare_addresses);
	for (size_t i = 0; i < f->group_count; i++)
		f->groups[i].resolver = is_resolver(all, &f->groups[i].timeline->key.host);
	for (size_t start = 0, end; start < all->count; start = end) {
		for (end = start + 1; end < all->count && !strcmp(name_of(all->groups[start]),
								  name_of(all->groups[end]));
		     end++)
			;
		settle_domain(all, start, end);
	}
}

/* A sheet that was given away leaves only the rhythm to be judged. */
static size_t find_sheets(struct fleet *f)
{
	size_t found = 0;

	for (size_t i = 0; i < f->group_count; i++) {
		struct group *g = &f->groups[i];

		if (by_domain(g) && g->domains)
			g->domain = domain_table_find(g->domains, &g->timeline->key.host,
						      g->timeline->key.name);
		found += g->domain != NULL;
	}
	return found;
}

int fleet_join_domains(struct fleet *f)
{
	size_t sheets = find_sheets(f);
	struct by_name all = {0};

	if (!sheets)
		return 0;
	all.groups = calloc(sheets, sizeof(struct group *));
	all.resolvers = calloc(sheets, sizeof(*all.resolvers));
	all.servers = calloc(sheets, sizeof(*all.servers));
	if (all.groups && all.resolvers && all.servers) {
		for (size_t start = 0, end; start < f->group_count; start = end) {
			for (end = start;
			     end < f->group_count && f->groups[end].host == f->groups[start].host;
			     end++)
				;
			count_called(f->groups + start, end - start);
		}
		for (size_t i = 0; i < f->group_count; i++)
			if (f->groups[i].domain)
				mark_prelude(&f->groups[i]);
		settle_all(f, &all);
	}
	free(all.groups);
	free(all.resolvers);
	free(all.servers);
	return all.groups && all.resolvers && all.servers ? 0 : -ENOMEM;
}
