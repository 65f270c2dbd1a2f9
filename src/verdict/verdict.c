/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict/verdict.h"

#include "verdict/cases.h"
#include "verdict/ground.h"
#include "verdict/listing.h"
#include "verdict/peers.h"
#include "verdict/pools.h"

#include <errno.h>
#include <math.h>
#include <string.h>

struct verdict_config verdict_config_default(void)
{
	return (struct verdict_config){
		.false_discovery = 0.05,
		.prior_db = -30,
		.threads = 1,
	};
}

/* What is case enough alone says what kind of case it is. */
static enum finding_kind kind_of_kin(const char *kin)
{
	static const struct {
		const char *kin;
		enum finding_kind kind;
	} kinds[] = {
		{"tunnel", FINDING_TUNNEL}, {"volume", FINDING_EXFILTRATION},
		{"shell", FINDING_SHELL},   {"boot", FINDING_BOOT},
		{"intel", FINDING_LISTED},
	};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (!strcmp(kinds[i].kin, kin))
			return kinds[i].kind;
	return FINDING_UNEXPLAINED;
}

static bool has_sign(const struct finding *f, const char *name)
{
	for (size_t i = 0; i < f->evidence_count; i++)
		if (f->evidence[i].weight_db > 0 && !strcmp(f->evidence[i].name, name))
			return true;
	return false;
}

static bool has_kin(const struct finding *f, const char *kin)
{
	for (size_t i = 0; i < f->evidence_count; i++)
		if (f->evidence[i].weight_db > 0 && !strcmp(f->evidence[i].kin, kin))
			return true;
	return false;
}

/* Whoever stays connected was answered, however many tries it took. */
static bool is_retry(const struct finding *f)
{
	return (has_sign(f, "retry") || has_sign(f, "unanswered")) && !has_kin(f, "duration");
}

static enum finding_kind kind_of(const struct finding *f)
{
	for (size_t i = 0; i < f->evidence_count; i++) /* heaviest first */
		if (f->evidence[i].weight_db > 0 && f->evidence[i].alone)
			return kind_of_kin(f->evidence[i].kin);
	if (f->is_timer)
		return is_retry(f) ? FINDING_RETRY : FINDING_BEACON;
	return has_kin(f, "duration") ? FINDING_LONG_CONNECTION : FINDING_UNEXPLAINED;
}

static void count_traits(const struct fleet *f, struct ground *g)
{
	for (size_t i = 0; i < f->plain_count; i++) {
		struct subject s = weigh_subject(f, &f->groups[i], &g->judged[i], g->timer[i]);

		if (f->groups[i].timeline->key.grouping == GROUP_ADDRESS)
			weights_count(&g->weights, &s, f->groups[i].share);
	}
	weights_settle(&g->weights);
}

static int list_one(struct verdict *v, size_t number, const struct subject *s, size_t *room)
{
	const struct ground *on = v->ground;

	if (v->count == *room) {
		struct finding *grown;

		*room = *room ? 2 * *room : 64;
		grown = realloc(v->findings, *room * sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		v->findings = grown;
	}
	v->findings[v->count] = listing_finding(&on->weights, s, &v->fleet.groups[number],
						&on->judged[number], v->prior_db);
	v->findings[v->count++].number = (uint32_t)number;
	return 0;
}

/* The oddest of the rest: a short recording has no rhythm to show, but a place to begin. */
struct rest {
	size_t number[LISTING_REST], count;
	double score_db[LISTING_REST];
};

/* On a tie who came first stays first. */
static void rest_offer(struct rest *r, size_t number, double score_db)
{
	size_t i = r->count;

	if (score_db <= 0)
		return;
	for (; i > 0 && r->score_db[i - 1] < score_db; i--) {
		if (i < LISTING_REST) {
			r->number[i] = r->number[i - 1];
			r->score_db[i] = r->score_db[i - 1];
		}
	}
	if (i == LISTING_REST)
		return;
	r->number[i] = number;
	r->score_db[i] = score_db;
	r->count += r->count < LISTING_REST;
}

static int list_rest(struct verdict *v, const struct rest *r, size_t *room)
{
	struct custom custom;

	for (size_t i = 0; i < r->count; i++) {
		size_t n = r->number[i];
		struct subject s = weigh_subject(&v->fleet, &v->fleet.groups[n],
						 &v->ground->judged[n], v->ground->timer[n]);

		company_explain(v->ground, &v->fleet, &s, &custom);
		if (list_one(v, n, &s, room))
			return -ENOMEM;
		v->findings[v->count - 1].filler = true;
	}
	return 0;
}

/* A finding for every timer, for whatever else is odd in several ways, and a few more. */
static int list_findings(struct verdict *v)
{
	const struct fleet *f = &v->fleet;
	const struct ground *on = v->ground;
	struct custom custom;
	struct rest rest = {.count = 0};
	size_t room = 0;

	for (size_t i = 0; i < f->group_count; i++) {
		const struct group *g = &f->groups[i];
		struct subject s = weigh_subject(f, g, &on->judged[i], on->timer[i]);

		bool takes;

		if (g->twin_of || (g->member_count && !on->timer[i]) || /* only for its rhythm */
		    g->told)
			continue;
		takes = listing_takes(&on->weights, &s, v->prior_db);
		if (takes) {
			company_explain(on, f, &s, &custom);
			takes = listing_takes(&on->weights, &s, v->prior_db);
		}
		if (!takes)
			rest_offer(&rest, i, weigh_score(&on->weights, &s).grouped_db);
		else if (list_one(v, i, &s, &room))
			return -ENOMEM;
	}
	return list_rest(v, &rest, &room);
}

/* Only once the list is short enough for people. */
static int describe_findings(struct verdict *v)
{
	const struct weights *w = &v->ground->weights;
	struct evidence *next = calloc(v->count * DETECTORS_MAX + 1, sizeof(*next));

	v->evidence = next;
	if (!next)
		return -ENOMEM;
	for (size_t i = 0; i < v->count; i++) {
		struct finding *f = &v->findings[i];
		struct judgement j = {.timing = f->timing,
				      .facts = f->facts,
				      .size_class = (uint32_t)f->size_class,
				      .tested = f->timing.calls > 0};
		struct subject s = weigh_subject(&v->fleet, &f->group, &j, f->is_timer);
		struct custom custom;

		company_explain(v->ground, &v->fleet, &s, &custom);
		f->evidence = next;
		f->evidence_count = weigh_describe(w, &s, next);
		f->kind = kind_of(f);
		next += f->evidence_count;
	}
	return 0;
}

/* Room for what is known of the groups from number `from` up to `to`. */
static int ground_grow(struct ground *g, size_t from, size_t to)
{
	struct judgement *judged = realloc(g->judged, (to + 1) * sizeof(*judged));
	bool *timer;

	if (!judged)
		return -ENOMEM;
	g->judged = judged;
	timer = realloc(g->timer, (to + 1) * sizeof(*timer));
	if (!timer)
		return -ENOMEM;
	g->timer = timer;
	memset(judged + from, 0, (to - from) * sizeof(*judged));
	memset(timer + from, 0, (to - from) * sizeof(*timer));
	return 0;
}

static void ground_free(struct ground *g)
{
	if (!g)
		return;
	free(g->judged);
	free(g->timer);
	timers_fini(&g->timers);
	company_fini(&g->company);
	free(g);
}

/* Who of all that has been judged so far is a timer. */
static int find_timers(double level, struct verdict *v)
{
	struct ground *g = v->ground;
	const struct fleet *f = &v->fleet;
	int rc;

	timers_fini(&g->timers);
	rc = timers_find(g->judged, f->group_count, level, &g->timers);
	if (rc)
		return rc;
	v->timers = v->groups_tested = v->unions_tested = 0;
	for (size_t i = 0; i < f->group_count; i++) {
		g->timer[i] = timers_pass(&g->timers.bars, &g->judged[i]);
		v->timers += g->timer[i];
		if (g->judged[i].tested)
			++*(i < f->plain_count ? &v->groups_tested : &v->unions_tested);
	}
	return 0;
}

/* Judge each group, then together what alone was no timer. */
static int judge_all(const struct verdict_config *config, struct verdict *v)
{
	struct judge_progress progress = {.report = config->progress, .arg = config->arg};
	struct ground *g = v->ground;
	struct fleet *f = &v->fleet;
	int rc = ground_grow(g, 0, f->group_count);

	if (!rc)
		rc = judge_fleet(f, config->threads, &progress, g->judged);
	if (!rc)
		rc = find_timers(config->false_discovery, v);
	if (!rc)
		rc = unions_form(f, g->timer, &v->unions);
	if (!rc)
		rc = pools_form(f, g->timer, &v->pools);
	if (!rc)
		rc = ground_grow(g, f->plain_count, f->group_count);
	if (!rc)
		rc = judge_from(f, f->plain_count, config->threads, NULL, g->judged);
	if (!rc)
		rc = find_timers(config->false_discovery, v);
	return rc;
}

static int decide(const struct verdict_config *config, struct verdict *v)
{
	int rc = judge_all(config, v);

	if (!rc)
		rc = peers_find(&v->fleet, v->ground->judged, v->ground->timer);
	if (rc)
		return rc;
	count_traits(&v->fleet, v->ground);
	rc = company_gather(&v->fleet, &v->ground->company);
	if (!rc)
		rc = list_findings(v);
	if (!rc)
		rc = cases_collapse(&v->fleet, v->findings, &v->count, &v->destinations);
	if (rc)
		return rc;
	cases_rank(v->findings, v->count);
	return describe_findings(v);
}

int verdict_reach(const struct fleet_source *sources, size_t count, const struct spans *watched,
		  const struct verdict_config *config, struct verdict *out)
{
	struct verdict v = {.false_discovery = config->false_discovery,
			    .prior_db = config->prior_db};
	int rc = fleet_build(sources, count, watched, &v.fleet);

	if (rc)
		return rc;
	v.ground = calloc(1, sizeof(*v.ground));
	rc = v.ground ? decide(config, &v) : -ENOMEM;
	if (rc) {
		verdict_fini(&v);
		return rc;
	}
	v.groups = v.fleet.plain_count;
	v.hosts = v.fleet.hosts;
	v.window_s = v.fleet.window_s;
	for (size_t i = 0; i < v.count; i++)
		v.by_severity[v.findings[i].severity]++;
	*out = v;
	return 0;
}

void verdict_fini(struct verdict *v)
{
	free(v->findings);
	free(v->evidence);
	free(v->destinations);
	unions_fini(&v->unions);
	unions_fini(&v->pools);
	ground_free(v->ground);
	fleet_fini(&v->fleet);
	*v = (struct verdict){0};
}
