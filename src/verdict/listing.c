/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict/listing.h"

#include <math.h>

/*
 * So many unrelated things must be odd: one lone oddity is no case, nor is it with
 * a rhythm that is common among such.  Without a rhythm and with one kind less it
 * is still worth a line below the cases.
 */
enum { KINDS_WITH_RHYTHM = 2, KINDS_WITHOUT_RHYTHM = 3 };

enum severity listing_severity(double posterior_db)
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

/* Enough for a person to be asked, if the odds are. */
static bool may_be_case(const struct subject *s, const struct score *score)
{
	return score->alone ||
	       score->kinds_for >= (s->is_timer ? KINDS_WITH_RHYTHM : KINDS_WITHOUT_RHYTHM);
}

static enum severity severity_of(const struct subject *s, const struct score *score,
				 double prior_db)
{
	enum severity severity = listing_severity(prior_db + score->grouped_db);

	return severity > SEVERITY_LOW && !may_be_case(s, score) ? SEVERITY_LOW : severity;
}

static const char *held_by(const struct subject *s, const struct score *score, double prior_db)
{
	if (score->event)
		return "it happened too seldom, or within one exchange, to be a behaviour";
	if (listing_severity(prior_db + score->grouped_db) > SEVERITY_LOW && !may_be_case(s, score))
		return s->is_timer ? "nothing but one kind of evidence and a common rhythm"
				   : "no rhythm, and fewer than three kinds of evidence";
	return NULL;
}

bool listing_takes(const struct weights *w, const struct subject *s, double prior_db)
{
	struct score score;

	if (s->is_timer)
		return true;
	score = weigh_score(w, s);
	return severity_of(s, &score, prior_db) >= SEVERITY_LOW &&
	       (score.alone || score.kinds_for >= KINDS_WITHOUT_RHYTHM - 1);
}

struct finding listing_finding(const struct weights *w, const struct subject *s,
			       const struct group *g, const struct judgement *j, double prior_db)
{
	struct score score = weigh_score(w, s);
	double posterior_db = prior_db + score.grouped_db;

	return (struct finding){
		.severity = severity_of(s, &score, prior_db),
		.score_db = score.grouped_db,
		.sum_db = score.plain_db,
		.probability = 1 / (1 + pow(10, -posterior_db / 10)),
		.held = held_by(s, &score, prior_db),
		.is_timer = s->is_timer,
		.timing = j->timing,
		.facts = j->facts,
		.size_class = j->size_class,
		.group = *g,
		.host_count = 1,
		.hosts = {g->timeline->key.host},
	};
}
