/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A controller that is gone: nobody answers, and the tries come in groups of one
 * number, or each after a longer wait than the one before.  Failed calls are calls.
 */
#include "detect/detector.h"
#include "detect/detectors.h"

enum { LEAST_TOLD = 5, LEAST_TRAINS = 3 };
static const double failing = 0.8, alike = 0.75;

static enum trait observe(const struct subject *s)
{
	const struct timeline *t = s->timeline;
	const struct facts *f = s->facts;
	uint32_t failed = t->unanswered + t->refused, told = failed + t->answered;

	if (!f || told < LEAST_TOLD)
		return TRAIT_UNKNOWN;
	if (failed < failing * told)
		return TRAIT_ABSENT;
	return (f->trains >= LEAST_TRAINS && f->same_tries >= alike) || f->backoff > 0
		       ? TRAIT_PRESENT
		       : TRAIT_ABSENT;
}

static void describe(const struct subject *s, enum trait trait, double p0, struct evidence *out)
{
	const struct facts *f = s->facts;

	(void)trait;
	if (f->backoff > 0)
		evidence_say(out,
			     "it tries again and again without an answer, each wait %.1f times the "
			     "one before; %.1f %% of pairs do",
			     f->backoff, 100 * p0);
	else
		evidence_say(
			out,
			"it tries in groups without an answer: %.0f %% of them are of %u tries; "
			"%.1f %% of pairs do",
			100 * f->same_tries, f->tries, 100 * p0);
	evidence_fact(out, "groups", f->trains);
	evidence_fact(out, "tries", f->tries);
	evidence_fact(out, "backoff", f->backoff);
	evidence_fact(out, "pairs_like_that", p0);
}

const struct detector detect_retry = {
	.name = "retry",
	.kin = "answer",
	.sign = "tries in groups",
	.attack = "T1008",
	.p1 = 0.15,
	.p0 = 0.01,
	.observe = observe,
	.describe = describe,
};
