/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict/verdict.h"

#include "verdict/cases.h"
#include "verdict/ground.h"
#include "verdict/listing.h"

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

static void count_traits(const struct fleet *f, struct ground *g)
{
	for (size_t i = 0; i < f->group_count; i++) {
		struct subject s = weigh_subject(f, &f->groups[i], &g->judged[i], g->timer[i]);

		if (f->groups[i].timeline->key.grouping == GROUP_ADDRESS)
			weights_count(&g->weights, &s);
	}
	weights_settle(&g->weights);
}

/* A finding for every timer, and for whatever else is odd in several ways. */
static int list_findings(struct verdict *v)
{
	const struct fleet *f = &v->fleet;
	const struct ground *on = v->ground;
	size_t room = 0;

	for (size_t i = 0; i < f->group_count; i++) {
		const struct group *g = &f->groups[i];
		struct subject s = weigh_subject(f, g, &on->judged[i], on->timer[i]);

		if (g->twin || !listing_takes(&on->weights, &s, v->prior_db))
			continue;
		if (v->count == room) {
			struct finding *grown;

			room = room ? 2 * room : 64;
			grown = realloc(v->findings, room * sizeof(*grown));
			if (!grown)
				return -ENOMEM;
			v->findings = grown;
		}
		v->findings[v->count++] =
			listing_finding(&on->weights, &s, g, &on->judged[i], v->prior_db);
	}
	return 0;
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

		f->evidence = next;
		f->evidence_count = weigh_describe(w, &s, next);
		f->kind = kind_of(f);
		next += f->evidence_count;
	}
	return 0;
}

static int decide(const struct verdict_config *config, struct verdict *v)
{
	struct judge_progress progress = {.report = config->progress, .arg = config->arg};
	struct ground *g = v->ground;
	int rc = judge_fleet(&v->fleet, config->threads, &progress, g->judged);

	if (!rc)
		rc = timers_find(g->judged, v->fleet.group_count, config->false_discovery,
				 &g->timers);
	if (rc)
		return rc;
	for (size_t i = 0; i < v->fleet.group_count; i++) {
		g->timer[i] = timers_pass(&g->timers.bars, &g->judged[i]);
		v->timers += g->timer[i];
	}
	v->groups_tested = g->timers.tested;
	count_traits(&v->fleet, g);
	rc = list_findings(v);
	if (rc)
		return rc;
	v->count = cases_collapse(v->findings, v->count);
	cases_rank(v->findings, v->count);
	return describe_findings(v);
}

static struct ground *ground_new(size_t groups)
{
	struct ground *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->judged = calloc(groups + 1, sizeof(*g->judged));
	g->timer = calloc(groups + 1, sizeof(*g->timer));
	return g;
}

static void ground_free(struct ground *g)
{
	if (!g)
		return;
	free(g->judged);
	free(g->timer);
	timers_fini(&g->timers);
	free(g);
}

int verdict_reach(const struct fleet_source *sources, size_t count, const struct spans *watched,
		  const struct verdict_config *config, struct verdict *out)
{
	struct verdict v = {.false_discovery = config->false_discovery,
			    .prior_db = config->prior_db};
	int rc = fleet_build(sources, count, watched, &v.fleet);

	if (rc)
		return rc;
	v.ground = ground_new(v.fleet.group_count);
	rc = v.ground && v.ground->judged && v.ground->timer ? decide(config, &v) : -ENOMEM;
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
	ground_free(v->ground);
	fleet_fini(&v->fleet);
	*v = (struct verdict){0};
}
