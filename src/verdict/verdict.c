/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict/verdict.h"

#include "stat/discovery.h"
#include "verdict/cases.h"
#include "verdict/judge.h"
#include "verdict/weigh.h"

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

/*
 * Severity by the odds after the evidence: a case worth an analyst's time has
 * at least one chance in ten, a high one is more likely than not.
 */
static enum severity severity_of(double posterior_db)
{
	if (posterior_db >= 10)
		return SEVERITY_CRITICAL;
	if (posterior_db >= 0)
		return SEVERITY_HIGH;
	if (posterior_db >= -10)
		return SEVERITY_MEDIUM;
	if (posterior_db >= -20)
		return SEVERITY_LOW;
	return SEVERITY_INFO;
}

/* Who is a timer: on guaranteed values by e-BH, on calibrated ones by BH. */
static int find_timers(const struct fleet *f, const struct judgement *judged, double level,
		       bool *out_timer, struct verdict *v)
{
	double *value = calloc(3 * f->group_count + 1, sizeof(*value)), *p = value + f->group_count;
	double *scratch = p + f->group_count, least_ln_e, most_p;
	size_t n = 0, guaranteed, calibrated;

	if (!value)
		return -ENOMEM;
	for (size_t i = 0; i < f->group_count; i++) {
		if (!judged[i].tested)
			continue;
		value[n] = judged[i].timing.guaranteed_nats;
		p[n++] = judged[i].timing.p;
	}
	guaranteed = discovery_e_bh(value, n, level, scratch, &least_ln_e);
	calibrated = discovery_bh(p, n, level, scratch, &most_p);
	for (size_t i = 0; i < f->group_count; i++) {
		const struct timing_result *t = &judged[i].timing;

		out_timer[i] =
			judged[i].tested && ((guaranteed && t->guaranteed_nats >= least_ln_e) ||
					     (calibrated && t->p <= most_p));
		v->timers += out_timer[i];
	}
	v->groups_tested = n;
	free(value);
	return 0;
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

static enum finding_kind kind_of(const struct finding *f)
{
	const struct timeline *t = f->group.timeline;
	uint32_t failed = t->refused + t->unanswered;

	for (size_t i = 0; i < f->evidence_count; i++) /* heaviest first */
		if (f->evidence[i].weight_db > 0 && f->evidence[i].alone)
			return kind_of_kin(f->evidence[i].kin);
	if (f->is_timer)
		return failed > t->answered ? FINDING_RETRY : FINDING_BEACON;
	for (size_t i = 0; i < f->evidence_count; i++)
		if (f->evidence[i].weight_db > 0 && !strcmp(f->evidence[i].kin, "duration"))
			return FINDING_LONG_CONNECTION;
	return FINDING_UNEXPLAINED;
}

static struct finding make_finding(const struct weights *w, const struct subject *s,
				   const struct group *g, const struct judgement *j,
				   double prior_db)
{
	struct score score = weigh_score(w, s);
	double posterior_db = prior_db + score.grouped_db;

	return (struct finding){
		.severity = severity_of(posterior_db),
		.score_db = score.grouped_db,
		.sum_db = score.plain_db,
		.probability = 1 / (1 + pow(10, -posterior_db / 10)),
		.is_timer = s->is_timer,
		.timing = j->timing,
		.size_class = j->size_class,
		.group = *g,
		.host_count = 1,
		.hosts = {g->timeline->key.host},
	};
}

static void count_traits(const struct fleet *f, const struct judgement *judged, const bool *timer,
			 struct weights *w)
{
	for (size_t i = 0; i < f->group_count; i++) {
		struct subject s = weigh_subject(f, &f->groups[i], &judged[i], timer[i]);

		if (f->groups[i].timeline->key.grouping == GROUP_ADDRESS)
			weights_count(w, &s);
	}
	weights_settle(w);
}

/* Without a rhythm, so many unrelated things must be odd: one lone oddity is no case. */
enum { KINDS_WITHOUT_RHYTHM = 3 };

static bool belongs_on_list(const struct weights *w, const struct subject *s, double prior_db)
{
	struct score score;

	if (s->is_timer)
		return true;
	score = weigh_score(w, s);
	return (score.alone || score.kinds_for >= KINDS_WITHOUT_RHYTHM) &&
	       severity_of(prior_db + score.grouped_db) >= SEVERITY_MEDIUM;
}

/* A finding for every timer, and for whatever else is odd in several ways. */
static int list_findings(const struct judgement *judged, const bool *timer, const struct weights *w,
			 struct verdict *v)
{
	const struct fleet *f = &v->fleet;
	size_t room = 0;

	for (size_t i = 0; i < f->group_count; i++) {
		const struct group *g = &f->groups[i];
		struct subject s = weigh_subject(f, g, &judged[i], timer[i]);

		if (g->twin || !belongs_on_list(w, &s, v->prior_db))
			continue;
		if (v->count == room) {
			struct finding *grown;

			room = room ? 2 * room : 64;
			grown = realloc(v->findings, room * sizeof(*grown));
			if (!grown)
				return -ENOMEM;
			v->findings = grown;
		}
		v->findings[v->count++] = make_finding(w, &s, g, &judged[i], v->prior_db);
	}
	return 0;
}

/* Only once the list is short enough for people. */
static int describe_findings(const struct weights *w, struct verdict *v)
{
	struct evidence *next = calloc(v->count * DETECTORS_MAX + 1, sizeof(*next));

	v->evidence = next;
	if (!next)
		return -ENOMEM;
	for (size_t i = 0; i < v->count; i++) {
		struct finding *f = &v->findings[i];
		struct judgement j = {.timing = f->timing,
				      .size_class = (uint32_t)f->size_class,
				      .tested = f->timing.calls > 0};
		struct subject s = weigh_subject(&v->fleet, &f->group, &j, f->is_timer);

		f->evidence = next;
		f->evidence_count = weigh_describe(w, &s, next);
		f->kind = kind_of(f);
		next += f->evidence_count;
	}
	return 0;
}

static int decide(const struct verdict_config *config, struct judgement *judged, bool *timer,
		  struct verdict *v)
{
	struct judge_progress progress = {.report = config->progress, .arg = config->arg};
	struct weights w = {0};
	int rc = judge_fleet(&v->fleet, config->threads, &progress, judged);

	if (!rc)
		rc = find_timers(&v->fleet, judged, config->false_discovery, timer, v);
	if (rc)
		return rc;
	count_traits(&v->fleet, judged, timer, &w);
	rc = list_findings(judged, timer, &w, v);
	if (rc)
		return rc;
	v->count = cases_collapse(v->findings, v->count);
	cases_rank(v->findings, v->count);
	return describe_findings(&w, v);
}

int verdict_reach(const struct fleet_source *sources, size_t count, const struct spans *watched,
		  const struct verdict_config *config, struct verdict *out)
{
	struct verdict v = {.false_discovery = config->false_discovery,
			    .prior_db = config->prior_db};
	struct judgement *judged;
	bool *timer;
	int rc = fleet_build(sources, count, watched, &v.fleet);

	if (rc)
		return rc;
	judged = calloc(v.fleet.group_count + 1, sizeof(*judged));
	timer = calloc(v.fleet.group_count + 1, sizeof(*timer));
	rc = judged && timer ? decide(config, judged, timer, &v) : -ENOMEM;
	free(judged);
	free(timer);
	if (rc) {
		verdict_fini(&v);
		return rc;
	}
	v.groups = v.fleet.group_count;
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
	fleet_fini(&v->fleet);
	*v = (struct verdict){0};
}
