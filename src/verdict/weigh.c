/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict/weigh.h"

#include "detect/detectors.h"

#include <math.h>
#include <string.h>

struct subject weigh_subject(const struct fleet *f, const struct group *g,
			     const struct judgement *j, bool is_timer)
{
	return (struct subject){
		.timeline = g->timeline,
		.group = g,
		.timing = j->tested ? &j->timing : NULL,
		.facts = &j->facts,
		.names = g->names,
		.intel = f->intel,
		.catalogue = f->catalogue,
		.groups_forgotten = f->groups_forgotten,
		.names_forgotten = g->names_forgotten,
		.is_timer = is_timer,
		.size_class = j->size_class,
		.hosts_to_destination = g->hosts_to_destination,
		.hosts = f->hosts,
		.peers = g->peers,
		.addresses = g->addresses,
		.ports = g->ports,
		.window_s = f->window_s,
	};
}

static enum stratum stratum_of(const struct subject *s)
{
	bool rare = detect_prevalence.observe(s) == TRAIT_PRESENT;

	if (s->is_timer)
		return rare ? STRATUM_RARE_TIMER : STRATUM_COMMON_TIMER;
	return rare ? STRATUM_RARE : STRATUM_COMMON;
}

void weights_count(struct weights *w, const struct subject *s, double share)
{
	struct tally *tally = w->tally[stratum_of(s)];

	for (size_t i = 0; detectors[i]; i++) {
		enum trait trait = detectors[i]->observe(s);

		tally[i].known += trait != TRAIT_UNKNOWN ? share : 0;
		tally[i].present += trait == TRAIT_PRESENT ? share : 0;
	}
}

void weights_uncount(struct weights *w, const struct subject *s, double share)
{
	struct tally *tally = w->tally[stratum_of(s)];

	for (size_t i = 0; detectors[i]; i++) {
		enum trait trait = detectors[i]->observe(s);

		tally[i].known -= trait != TRAIT_UNKNOWN ? share : 0;
		tally[i].present -= trait == TRAIT_PRESENT ? share : 0;
	}
}

static struct tally sum(struct tally a, struct tally b)
{
	return (struct tally){a.present + b.present, a.known + b.known};
}

/* `start` counts as `groups` groups. */
static double share_of(struct tally tally, double start, double groups)
{
	return (tally.present + groups * start) / (tally.known + groups);
}

/* Where the table is surer of itself than usual, a few of the fleet do not overrule it. */
static double surer(const struct detector *d, double groups)
{
	return d->pseudo > groups ? d->pseudo : groups;
}

void weights_settle(struct weights *w)
{
	for (size_t i = 0; detectors[i]; i++) {
		struct tally common_timer = w->tally[STRATUM_COMMON_TIMER][i];
		struct tally rare_timer = w->tally[STRATUM_RARE_TIMER][i];
		struct tally common = sum(w->tally[STRATUM_COMMON][i], common_timer);
		struct tally rare = sum(w->tally[STRATUM_RARE][i], rare_timer);
		double few = surer(detectors[i], DETECTOR_PSEUDO);
		double more = surer(detectors[i], WEIGH_TIMER_PSEUDO);
		double fleet = share_of(sum(common, rare), detectors[i]->p0, few);
		bool by_rarity = detectors[i] == &detect_prevalence; /* these two are the strata */
		bool by_timer = by_rarity || detectors[i] == &detect_timing;
		double at_common = by_rarity ? fleet : share_of(common, fleet, few);
		double at_rare = by_rarity ? fleet : share_of(rare, fleet, few);

		w->p0[STRATUM_COMMON][i] = at_common;
		w->p0[STRATUM_RARE][i] = at_rare;
		w->p0[STRATUM_COMMON_TIMER][i] =
			by_timer ? at_common : share_of(common_timer, at_common, more);
		w->p0[STRATUM_RARE_TIMER][i] =
			by_timer ? at_rare : share_of(rare_timer, at_rare, more);
	}
}

/* What a service is like, for all of its clients. */
static bool is_of_place(const struct detector *d)
{
	static const char *const kins[] = {"service", "volume", "duration", "answer"};

	if (d->weigh)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(kins); i++)
		if (d->kin[0] == kins[i][0] && !strcmp(d->kin, kins[i]))
			return true;
	return false;
}

void weigh_custom(struct custom *c, const struct subject *other)
{
	for (size_t i = 0; detectors[i]; i++) {
		enum trait trait;

		if (!is_of_place(detectors[i]))
			continue;
		trait = detectors[i]->observe(other);
		c->known[i] += trait != TRAIT_UNKNOWN;
		c->present[i] += trait == TRAIT_PRESENT;
	}
}

static double p0_of(const struct weights *w, const struct subject *s, size_t i)
{
	double p0 = w->p0[stratum_of(s)][i];

	if (!s->custom || s->custom->known[i] <= 0)
		return p0;
	return fmax(p0, ((double)s->custom->present[i] + CUSTOM_PSEUDO * p0) /
				((double)s->custom->known[i] + CUSTOM_PSEUDO));
}

static double weight_of(const struct weights *w, const struct subject *s, size_t i,
			enum trait *out_trait)
{
	const struct detector *d = detectors[i];

	*out_trait = d->observe(s);
	if (d->weigh)
		return *out_trait == TRAIT_PRESENT ? d->weigh(s) : 0;
	return detector_weight_db(d, *out_trait, p0_of(w, s, i));
}

/*
 * Too few calls to show any behaviour: somebody logged in elsewhere, once.  Or one
 * exchange that nobody answered, sent again and again for a minute or two.
 */
static bool is_event(const struct subject *s)
{
	const struct timeline *t = s->timeline;
	uint32_t failed = t->refused + t->unanswered;

	if (!s->is_timer && t->calls < JUDGE_LEAST_CALLS)
		return true;
	return failed > t->answered && t->last_ms - t->first_ms < WEIGH_EXCHANGE_MS;
}

struct score weigh_score(const struct weights *w, const struct subject *s)
{
	struct {
		const char *kin;
		double ratios, most_db;
		int count;
	} kin[DETECTORS_MAX];
	size_t kins = 0, k;
	struct score score = {0};

	for (size_t i = 0; detectors[i]; i++) {
		enum trait trait;
		double db = weight_of(w, s, i, &trait);

		if (db == 0)
			continue;
		score.plain_db += db;
		for (k = 0; k < kins && strcmp(kin[k].kin, detectors[i]->kin); k++)
			;
		if (k == kins) {
			kin[kins].kin = detectors[i]->kin;
			kin[kins].ratios = 0;
			kin[kins].most_db = WEIGH_KIND_MOST_DB;
			kin[kins++].count = 0;
		}
		kin[k].ratios += pow(10, db / 10);
		kin[k].count++;
		if (db > 0) {
			kin[k].most_db = fmax(kin[k].most_db, detectors[i]->most_db);
			score.alone |= detectors[i]->alone;
		}
	}
	for (k = 0; k < kins; k++) {
		double db = fmin(kin[k].most_db, 10 * log10(kin[k].ratios / kin[k].count));

		score.grouped_db += db;
		score.kinds_for += db >= WEIGH_KIND_LEAST_DB;
	}
	score.event = !score.alone && score.grouped_db > WEIGH_EVENT_MOST_DB && is_event(s);
	if (score.event)
		score.grouped_db = WEIGH_EVENT_MOST_DB;
	return score;
}

size_t weigh_describe(const struct weights *w, const struct subject *s,
		      struct evidence out[DETECTORS_MAX])
{
	size_t count = 0;

	for (size_t i = 0; detectors[i]; i++) {
		enum trait trait;
		struct evidence e = {
			.name = detectors[i]->name,
			.kin = detectors[i]->kin,
			.sign = detectors[i]->sign,
			.attack = detectors[i]->attack,
			.alone = detectors[i]->alone,
			.weight_db = weight_of(w, s, i, &trait),
		};
		size_t place = count;

		if (e.weight_db == 0)
			continue;
		detectors[i]->describe(s, trait, p0_of(w, s, i), &e);
		for (; place > 0 && out[place - 1].weight_db < e.weight_db; place--)
			out[place] = out[place - 1];
		out[place] = e;
		count++;
	}
	return count;
}
