/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict/peers.h"

#include "detect/detectors.h"
#include "detect/places.h"
#include "verdict/weigh.h"

#include <errno.h>

static const double same_pace = 0.02, widest = 1.25;

struct peer {
	uint32_t number;
	const struct timing_result *timing;
};

bool peers_same_pace(const struct timing_result *shorter, const struct timing_result *longer)
{
	return longer->period_s <= (1 + same_pace) * shorter->period_s ||
	       longer->period.low <= shorter->period.high;
}

static bool may_be_peer(const struct fleet *f, size_t number, const struct judgement *judged)
{
	const struct group *g = &f->groups[number];
	struct subject s = weigh_subject(f, g, &judged[number], true);

	return !places_name_is_credible(g->timeline) &&
	       detect_prevalence.observe(&s) != TRAIT_ABSENT && !detect_known_for_sure(&s);
}

static int by_pace(const void *a, const void *b)
{
	const struct peer *x = a, *y = b;

	if (x->timing->period_s != y->timing->period_s)
		return x->timing->period_s < y->timing->period_s ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

/* All that is gathered of one host. */
struct company {
	struct fleet *fleet;
	const struct judgement *judged;
	const bool *timer;
	struct peer *peers;
	size_t count, room;
	size_t unions_at; /* first union of the host */
	uint32_t families;
};

static bool is_union_of_addresses(const struct group *g)
{
	return g->member_count && !g->hosts_pooled && !timeline_key_is_name(&g->timeline->key);
}

/* How many of a run of peers at one pace count: unions overlap. */
static uint32_t count_plain(const struct company *c, size_t start, size_t end)
{
	uint32_t plain = 0;

	for (size_t i = start; i < end; i++)
		plain += c->fleet->groups[c->peers[i].number].member_count == 0;
	return plain;
}

/* One family for the host, whatever the paces; each is told how many keep its own. */
static void mark_family(struct company *c)
{
	uint32_t all = 0, n;

	qsort(c->peers, c->count, sizeof(*c->peers), by_pace);
	for (size_t start = 0, end; start < c->count; start = end) {
		double most_s = widest * c->peers[start].timing->period_s;

		for (end = start + 1;
		     end < c->count && c->peers[end].timing->period_s <= most_s &&
		     peers_same_pace(c->peers[end - 1].timing, c->peers[end].timing);
		     end++)
			;
		n = count_plain(c, start, end);
		if (n < PEERS_LEAST)
			continue;
		all += n;
		for (size_t i = start; i < end; i++) {
			c->fleet->groups[c->peers[i].number].family = c->families + 1;
			c->fleet->groups[c->peers[i].number].peers = n;
		}
	}
	c->families += all > 0;
	for (size_t i = 0; i < c->count; i++) {
		struct group *g = &c->fleet->groups[c->peers[i].number];

		if (g->peers && g->share > 1 / (float)all)
			g->share = 1 / (float)all;
	}
}

static int add_peer(struct company *c, size_t number)
{
	if (!c->timer[number] || c->judged[number].timing.period_s <= 0 ||
	    !may_be_peer(c->fleet, number, c->judged))
		return 0;
	if (c->count == c->room) {
		size_t room = c->room ? 2 * c->room : 64;
		struct peer *grown = realloc(c->peers, room * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		c->peers = grown;
		c->room = room;
	}
	c->peers[c->count++] = (struct peer){(uint32_t)number, &c->judged[number].timing};
	return 0;
}

/* The plain groups of one host, and its unions, which stand in the same order. */
static int meet_host(struct company *c, size_t start, size_t end)
{
	const struct fleet *f = c->fleet;

	c->count = 0;
	for (size_t i = start; i < end; i++)
		if (f->groups[i].timeline->key.grouping == GROUP_ADDRESS && add_peer(c, i))
			return -ENOMEM;
	for (;
	     c->unions_at < f->group_count && f->groups[c->unions_at].host == f->groups[start].host;
	     c->unions_at++)
		if (is_union_of_addresses(&f->groups[c->unions_at]) && add_peer(c, c->unions_at))
			return -ENOMEM;
	if (c->count >= PEERS_LEAST)
		mark_family(c);
	return 0;
}

int peers_find(struct fleet *f, const struct judgement *judged, const bool *timer)
{
	struct company c = {
		.fleet = f, .judged = judged, .timer = timer, .unions_at = f->plain_count};
	int rc = 0;

	for (size_t start = 0, end; !rc && start < f->plain_count; start = end) {
		for (end = start;
		     end < f->plain_count && f->groups[end].host == f->groups[start].host; end++)
			;
		rc = meet_host(&c, start, end);
	}
	free(c.peers);
	return rc;
}
