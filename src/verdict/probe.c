/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict/probe.h"

#include "detect/places.h"
#include "verdict/cases.h"
#include "verdict/ground.h"
#include "verdict/listing.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* One group probed, and the group of the fleet that it would have been instead of. */
struct candidate {
	struct group group;
	const struct group *instead; /* NULL: a new one */
	struct judgement judgement;
	bool is_timer;
};

struct probe {
	const struct verdict *verdict;
	struct judge_work *work;
	float *hourly;
	struct call *calls;
	size_t room;
	struct candidate candidates[PROBE_GROUPS_MAX];
	size_t count;
	struct weights weights;
	struct bars bars;
	/* Groups that turn timers, or are none any more, because the bars moved. */
	uint32_t *turned;
	size_t turned_count, turned_room;
	bool failed;
};

struct probe *probe_new(const struct verdict *v)
{
	struct probe *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->verdict = v;
	p->work = judge_work_new(&v->fleet);
	p->hourly = calloc(v->fleet.hours + 1, sizeof(*p->hourly));
	if (p->work && p->hourly)
		return p;
	probe_free(p);
	return NULL;
}

void probe_free(struct probe *p)
{
	if (!p)
		return;
	judge_work_free(p->work);
	free(p->hourly);
	free(p->calls);
	free(p->turned);
	free(p);
}

static const struct judgement *judgement_of(const struct verdict *v, const struct group *g)
{
	return &v->ground->judged[g - v->fleet.groups];
}

static bool was_timer(const struct verdict *v, const struct group *g)
{
	return v->ground->timer[g - v->fleet.groups];
}

/* A place that the fleet does not have yet; what is known of the host, its other groups know. */
static struct group new_group(const struct group *of_host, const struct timeline_table *table,
			      const struct timeline *t)
{
	return (struct group){
		.table = table,
		.names = of_host->names,
		.fingerprints = of_host->fingerprints,
		.timeline = t,
		.host = of_host->host,
		.hosts_to_destination = 1,
		.names_forgotten = of_host->names_forgotten,
		.share = 1,
		.novelty = {.place_first_ms = t->first_ms,
			    .host_first_ms = of_host->novelty.host_first_ms,
			    .lookups_elsewhere = of_host->novelty.lookups_elsewhere},
	};
}

static int take_candidates(struct probe *p, const struct probe_traffic *traffic)
{
	const struct fleet *f = &p->verdict->fleet;

	p->count = 0;
	for (size_t n = 0; n < timeline_count(traffic->table); n++) {
		const struct timeline *t = timeline_get(traffic->table, n);
		const struct group *of_host;
		struct candidate c = {0};

		if (!t)
			continue;
		CHECK(p->count < PROBE_GROUPS_MAX);
		of_host = fleet_find_host(f, &t->key.host);
		if (!of_host)
			return -ENOENT;
		c.group = *of_host; /* and the names that go with its numbers, unless told */
		c.group.timeline = t;
		if (traffic->names)
			c.group.names = traffic->names;
		c.instead = fleet_find(f, &c.group);
		if (c.instead) {
			c.group = *c.instead;
			c.group.table = traffic->table;
			c.group.timeline = t;
		} else {
			c.group = new_group(&c.group, traffic->table, t);
		}
		p->candidates[p->count++] = c;
	}
	return p->count ? 0 : -ENOENT;
}

static void mark_twins(struct probe *p)
{
	for (size_t i = 0; i < p->count; i++) {
		struct group *g = &p->candidates[i].group;

		if (g->timeline->key.grouping != GROUP_NAME || g->timeline->addresses != 1)
			continue;
		g->twin_of = 0;
		for (size_t k = 0; k < p->count; k++)
			if (p->candidates[k].group.timeline->key.grouping == GROUP_ADDRESS &&
			    fleet_same_calls(p->candidates[k].group.timeline, g->timeline))
				g->twin_of = 1; /* whose does not matter here */
	}
}

/* Add (or take away) a group's calls to the hours of its host. */
static int count_hours(struct probe *p, const struct group *g, float each)
{
	const struct fleet *f = &p->verdict->fleet;
	size_t n = g->timeline->kept;

	if (n > p->room) {
		free(p->calls);
		p->room = 2 * n;
		p->calls = malloc(p->room * sizeof(*p->calls));
		if (!p->calls) {
			p->room = 0;
			return -ENOMEM;
		}
	}
	timeline_calls(g->table, g->timeline, p->calls);
	for (size_t i = 0; i < n; i++)
		p->hourly[fleet_hour(f, p->calls[i].start_ms)] += each;
	return 0;
}

/* The host's day with the calls probed in it. */
static int fill_hours(struct probe *p)
{
	const struct fleet *f = &p->verdict->fleet;
	int rc = 0;

	if (!f->hours)
		return 0;
	memcpy(p->hourly, fleet_hourly(f, p->candidates[0].group.host),
	       f->hours * sizeof(*p->hourly));
	for (size_t i = 0; i < p->count && !rc; i++) {
		const struct candidate *c = &p->candidates[i];

		if (c->group.timeline->key.grouping != GROUP_ADDRESS)
			continue;
		rc = count_hours(p, &c->group, 1);
		if (c->instead && !rc)
			rc = count_hours(p, c->instead, -1);
	}
	return rc;
}

static int judge_candidates(struct probe *p)
{
	int rc = fill_hours(p);

	for (size_t i = 0; i < p->count && !rc; i++)
		rc = judge_group(p->work, &p->verdict->fleet, &p->candidates[i].group, p->hourly,
				 &p->candidates[i].judgement);
	return rc;
}

static void move_bars(struct probe *p)
{
	const struct judgement *added[PROBE_GROUPS_MAX], *removed[PROBE_GROUPS_MAX];
	size_t removed_count = 0;

	for (size_t i = 0; i < p->count; i++) {
		added[i] = &p->candidates[i].judgement;
		if (p->candidates[i].instead)
			removed[removed_count++] =
				judgement_of(p->verdict, p->candidates[i].instead);
	}
	p->bars = timers_bars(&p->verdict->ground->timers, added, p->count, removed, removed_count);
	for (size_t i = 0; i < p->count; i++)
		p->candidates[i].is_timer = timers_pass(&p->bars, added[i]);
}

static bool is_replaced(const struct probe *p, const struct group *g)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->candidates[i].instead == g)
			return true;
	return false;
}

static bool has_turned(const struct probe *p, uint32_t group)
{
	for (size_t i = 0; i < p->turned_count; i++)
		if (p->turned[i] == group)
			return true;
	return false;
}

static void note_turned(void *arg, uint32_t group)
{
	struct probe *p = arg;
	const struct ground *on = p->verdict->ground;

	if (timers_pass(&p->bars, &on->judged[group]) == on->timer[group] ||
	    is_replaced(p, &p->verdict->fleet.groups[group]) || has_turned(p, group))
		return;
	if (p->turned_count == p->turned_room) {
		size_t room = p->turned_room ? 2 * p->turned_room : 64;
		uint32_t *grown = realloc(p->turned, room * sizeof(*grown));

		if (!grown) {
			p->failed = true;
			return;
		}
		p->turned = grown;
		p->turned_room = room;
	}
	p->turned[p->turned_count++] = group;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static int find_turned(struct probe *p)
{
	const struct timers *t = &p->verdict->ground->timers;

	p->turned_count = 0;
	p->failed = false;
	timers_between(t, &t->bars, &p->bars, note_turned, p);
	if (p->turned_count)
		qsort(p->turned, p->turned_count, sizeof(*p->turned), by_number);
	return p->failed ? -ENOMEM : 0;
}

static struct subject subject_of(const struct probe *p, const struct group *g, bool is_timer)
{
	return weigh_subject(&p->verdict->fleet, g, judgement_of(p->verdict, g), is_timer);
}

static struct subject subject_of_candidate(const struct probe *p, const struct candidate *c)
{
	return weigh_subject(&p->verdict->fleet, &c->group, &c->judgement, c->is_timer);
}

/* Take a group out of the tallies, and put it back in as the timer it is, or is not. */
static void recount(struct probe *p, const struct group *g)
{
	struct subject before = subject_of(p, g, was_timer(p->verdict, g));
	struct subject after = subject_of(p, g, !was_timer(p->verdict, g));

	if (g->timeline->key.grouping != GROUP_ADDRESS)
		return;
	weights_uncount(&p->weights, &before, g->share);
	weights_count(&p->weights, &after, g->share);
}

static void count_candidate(struct probe *p, const struct candidate *c)
{
	struct subject now = subject_of_candidate(p, c);

	if (c->group.timeline->key.grouping != GROUP_ADDRESS)
		return;
	if (c->instead) {
		struct subject before =
			subject_of(p, c->instead, was_timer(p->verdict, c->instead));

		weights_uncount(&p->weights, &before, c->instead->share);
	}
	weights_count(&p->weights, &now, c->group.share);
}

/* The groups of the host as they would have been: those of the fleet, and the candidates. */
static size_t gather_host(const struct probe *p, struct group *out)
{
	const struct fleet *f = &p->verdict->fleet;
	const struct group *g = fleet_find_host(f, &p->candidates[0].group.timeline->key.host);
	size_t n = 0;

	for (; g < f->groups + f->plain_count && g->host == p->candidates[0].group.host; g++)
		if (!is_replaced(p, g))
			out[n++] = *g;
	for (size_t i = 0; i < p->count; i++)
		out[n++] = p->candidates[i].group;
	return n;
}

/* Others that go to the place of a new candidate share it with it. */
static void count_share(struct probe *p, const struct group *was, const struct group *now)
{
	bool is_timer = was_timer(p->verdict, was);
	float share = was->peers && was->share < now->share ? was->share : now->share;
	struct subject s;

	if (has_turned(p, (uint32_t)(was - p->verdict->fleet.groups)))
		is_timer = !is_timer;
	s = subject_of(p, was, is_timer);
	if (share != was->share)
		weights_count(&p->weights, &s, (double)share - (double)was->share);
}

static int count_shares(struct probe *p)
{
	const struct fleet *f = &p->verdict->fleet;
	const struct group *first = fleet_find_host(f, &p->candidates[0].group.timeline->key.host);
	const struct group *g = first;
	struct group *all;
	size_t n = p->count;

	while (g < f->groups + f->plain_count && g->host == first->host)
		g++;
	all = calloc((size_t)(g - first) + n, sizeof(*all));
	if (!all)
		return -ENOMEM;
	n = gather_host(p, all);
	if (places_share_host(all, n)) {
		free(all);
		return -ENOMEM;
	}
	n = 0;
	for (const struct group *was = first; was < g; was++)
		if (!is_replaced(p, was) && all[n++].timeline->key.grouping == GROUP_ADDRESS)
			count_share(p, was, &all[n - 1]);
	for (size_t i = 0; i < p->count; i++)
		p->candidates[i].group.share = all[n++].share;
	free(all);
	return 0;
}

static int settle_weights(struct probe *p)
{
	p->weights = p->verdict->ground->weights;
	if (count_shares(p))
		return -ENOMEM;
	for (size_t i = 0; i < p->turned_count; i++)
		recount(p, &p->verdict->fleet.groups[p->turned[i]]);
	for (size_t i = 0; i < p->count; i++)
		count_candidate(p, &p->candidates[i]);
	weights_settle(&p->weights);
	return 0;
}

/* The candidate that a person would see: what is listed first, and the higher score. */
static void choose(const struct probe *p, struct probe_result *r)
{
	bool any = false;

	for (size_t i = 0; i < p->count; i++) {
		const struct candidate *c = &p->candidates[i];
		struct subject s = subject_of_candidate(p, c);
		struct custom custom;
		struct finding f;
		bool listed;

		if (c->group.twin_of)
			continue;
		company_explain(p->verdict->ground, &p->verdict->fleet, &s, &custom);
		listed = listing_takes(&p->weights, &s, p->verdict->prior_db);
		f = listing_finding(&p->weights, &s, &c->group, &c->judgement,
				    p->verdict->prior_db);
		if (any && (listed < r->listed ||
			    (listed == r->listed && f.score_db <= r->finding.score_db)))
			continue;
		r->finding = f;
		r->listed = listed;
		any = true;
	}
}

/* A finding of the verdict, weighed anew; false if it would not be there. */
static bool weigh_again(const struct probe *p, const struct group *g, struct finding *f)
{
	bool is_timer = was_timer(p->verdict, g);
	struct subject s;
	struct custom custom;

	if (is_replaced(p, g))
		return false;
	if (has_turned(p, (uint32_t)(g - p->verdict->fleet.groups)))
		is_timer = !is_timer;
	s = subject_of(p, g, is_timer);
	if (!g->twin_of && listing_takes(&p->weights, &s, p->verdict->prior_db))
		company_explain(p->verdict->ground, &p->verdict->fleet, &s, &custom);
	if (g->twin_of || !listing_takes(&p->weights, &s, p->verdict->prior_db))
		return false;
	*f = listing_finding(&p->weights, &s, g, judgement_of(p->verdict, g), p->verdict->prior_db);
	return true;
}

/* The group of the fleet that this finding is about. */
static const struct group *group_of(const struct probe *p, const struct finding *f)
{
	return &p->verdict->fleet.groups[f->number];
}

/*
 * With one group more, shares move by a fraction of a decibel: what stands further
 * away is taken to stay on its side.
 */
static const double near_db = 3;

/* A finding as it would be beside the candidate; false if it would not be there. */
static bool beside(const struct probe *p, const struct finding *f, double score_db,
		   struct finding *out)
{
	const struct group *g = group_of(p, f);

	if (is_replaced(p, g))
		return false;
	if (fabs(f->score_db - score_db) < near_db || has_turned(p, f->number))
		return weigh_again(p, g, out);
	*out = *f;
	return true;
}

/* The strongest of its family, which stands for it. */
static struct finding leader_of(const struct probe *p, const struct finding *candidate)
{
	const struct verdict *v = p->verdict;
	struct finding best = *candidate, other;

	for (size_t i = 0; i < v->count; i++)
		if (cases_same_family(&v->findings[i], candidate) &&
		    beside(p, &v->findings[i], candidate->score_db, &other) &&
		    cases_compare(&other, &best) < 0)
			best = other;
	return best;
}

static void rank(const struct probe *p, struct probe_result *r)
{
	const struct verdict *v = p->verdict;
	struct finding best = leader_of(p, &r->finding), other;

	r->finding.rank = 1;
	for (size_t i = 0; i < v->count; i++)
		if (beside(p, &v->findings[i], best.score_db, &other))
			r->finding.rank += cases_compare(&other, &best) < 0;
	for (size_t i = 0; i < p->turned_count; i++) {
		const struct group *g = &v->fleet.groups[p->turned[i]];

		if (!was_timer(v, g) && weigh_again(p, g, &other))
			r->finding.rank += cases_compare(&other, &best) < 0;
	}
}

int probe_judge(struct probe *p, const struct probe_traffic *traffic, struct probe_result *out)
{
	struct probe_result r = {0};
	int rc = take_candidates(p, traffic);

	if (rc)
		return rc;
	mark_twins(p);
	rc = judge_candidates(p);
	if (rc)
		return rc;
	move_bars(p);
	rc = find_turned(p);
	if (rc)
		return rc;
	rc = settle_weights(p);
	if (rc)
		return rc;
	choose(p, &r);
	if (r.listed && traffic->want_rank)
		rank(p, &r);
	r.least_nats = p->bars.least_nats;
	r.most_p = p->bars.most_p;
	*out = r;
	return 0;
}
