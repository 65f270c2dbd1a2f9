/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/comings.h"

#include "detect/fleet.h"
#include "timeline/boots.h"

#include <errno.h>
#include <netinet/in.h>

bool comings_passes_over(const struct timeline_key *key)
{
	enum { DNS = 53, DHCP_SERVER = 67, NTP = 123, DHCPV6_SERVER = 547 };

	return (key->proto == IPPROTO_UDP && (key->port == DNS || key->port == DHCP_SERVER ||
					      key->port == NTP || key->port == DHCPV6_SERVER)) ||
	       (key->proto == IPPROTO_TCP && key->port == DNS);
}

/* The boots of all sources, by number of host; a host of no pairs is left out. */
static const struct boots **list_boots(const struct fleet_source *sources, size_t count,
				       const struct fleet *f)
{
	const struct boots **of = calloc(f->hosts + 1, sizeof(const struct boots *));

	for (size_t i = 0; of && i < count; i++) {
		size_t most = sources[i].boots ? boots_count(sources[i].boots) : 0;

		for (size_t n = 0; n < most; n++) {
			const struct boots *b = boots_get(sources[i].boots, n);
			const struct group *g = fleet_find_host(f, &b->host);

			if (g)
				of[g->host] = b;
		}
	}
	return of;
}

static int lay_out(const struct boots *const *of, const struct fleet *f, struct comings *c)
{
	uint32_t total = 0;

	c->first = calloc(f->hosts + 2, sizeof(*c->first));
	if (!c->first)
		return -ENOMEM;
	for (uint32_t h = 0; h <= f->hosts; h++) {
		c->first[h] = total;
		total += h < f->hosts && of[h] ? of[h]->kept : 0;
	}
	c->all = calloc(total + 1, sizeof(*c->all));
	if (!c->all)
		return -ENOMEM;
	for (uint32_t h = 0; h < f->hosts; h++)
		for (uint32_t i = 0; of[h] && i < of[h]->kept; i++)
			c->all[c->first[h] + i] =
				(struct coming){.at_ms = of[h]->at_ms[i], .first_ms = INT64_MAX};
	return 0;
}

/* The first call at or after this time. */
static size_t find_call(const struct call *calls, size_t n, int64_t ms)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (calls[middle].start_ms < ms)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static uint32_t count_before(const struct coming *c, const struct call *calls, size_t n)
{
	size_t from = find_call(calls, n, c->at_ms - COMING_BEFORE_MS);

	return (uint32_t)(find_call(calls, n, c->at_ms) - from);
}

static int64_t first_after(const struct coming *c, const struct call *calls, size_t n)
{
	size_t i = find_call(calls, n, c->at_ms);

	return i < n && calls[i].start_ms < c->at_ms + COMING_AFTER_MS ? calls[i].start_ms
								       : INT64_MAX;
}

static void note_calls(struct comings *c, uint32_t host, const struct call *calls, size_t n)
{
	for (uint32_t i = c->first[host]; i < c->first[host + 1]; i++) {
		struct coming *coming = &c->all[i];
		uint32_t before = count_before(coming, calls, n);
		int64_t first = first_after(coming, calls, n);

		coming->was_up |= before && coming->before;
		coming->before += before;
		if (first < coming->first_ms)
			coming->first_ms = first;
	}
}

static int read_calls(const struct fleet *f, struct comings *c)
{
	struct call *calls = NULL;
	size_t room = 0;

	for (size_t i = 0; i < f->group_count; i++) {
		const struct group *g = &f->groups[i];
		size_t kept = g->timeline->kept;

		if (c->first[g->host] == c->first[g->host + 1] ||
		    g->timeline->key.grouping != GROUP_ADDRESS ||
		    comings_passes_over(&g->timeline->key))
			continue;
		if (kept > room) {
			free(calls);
			room = 2 * kept;
			calls = malloc(room * sizeof(*calls));
			if (!calls)
				return -ENOMEM;
		}
		timeline_calls(g->table, g->timeline, calls);
		note_calls(c, g->host, calls, kept);
	}
	free(calls);
	return 0;
}

int comings_build(const struct fleet_source *sources, size_t count, const struct fleet *f,
		  struct comings *out)
{
	const struct boots **of = list_boots(sources, count, f);
	struct comings c = {0};
	int rc = of ? lay_out(of, f, &c) : -ENOMEM;

	free((void *)of);
	if (!rc)
		rc = read_calls(f, &c);
	if (rc) {
		comings_fini(&c);
		return rc;
	}
	*out = c;
	return 0;
}

void comings_fini(struct comings *c)
{
	free(c->all);
	free(c->first);
	*c = (struct comings){0};
}

struct coming_role comings_role(const struct comings *c, uint32_t host, const struct call *calls,
				size_t n)
{
	struct coming_role r = {0};

	for (uint32_t i = c->first[host]; i < c->first[host + 1]; i++) {
		const struct coming *coming = &c->all[i];
		double delay_s = (double)(coming->first_ms - coming->at_ms) / 1e3;

		if (coming->was_up || coming->first_ms == INT64_MAX)
			continue;
		r.comings++;
		r.before += coming->before && count_before(coming, calls, n) == coming->before;
		if (first_after(coming, calls, n) != coming->first_ms)
			continue;
		r.first++;
		if (delay_s > r.delay_s)
			r.delay_s = delay_s;
	}
	return r;
}
