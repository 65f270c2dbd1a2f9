/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that nobody answers, again and again: a controller that is gone, or an
 * address that was never meant to be reached by this network.
 */
#include "detect/detector.h"
#include "detect/detectors.h"

enum { LEAST_CALLS = 5 };

static enum trait observe(const struct subject *s)
{
	const struct timeline *t = s->timeline;
	uint32_t failed = t->unanswered + t->refused, told = failed + t->answered;

	if (told < LEAST_CALLS)
		return TRAIT_UNKNOWN;
	return failed >= 0.8 * told ? TRAIT_PRESENT : TRAIT_ABSENT;
}

static void describe(const struct subject *s, enum trait trait, double p0, struct evidence *out)
{
	const struct timeline *t = s->timeline;

	(void)trait;
	evidence_say(
		out,
		"%u call%s met silence and %u a refusal, of %u; %.1f %% of pairs fail so often",
		t->unanswered, t->unanswered == 1 ? "" : "s", t->refused, t->calls, 100 * p0);
	evidence_fact(out, "unanswered", t->unanswered);
	evidence_fact(out, "refused", t->refused);
	evidence_fact(out, "pairs_like_that", p0);
}

const struct detector detect_answer = {
	.name = "unanswered",
	.kin = "answer",
	.sign = "unanswered",
	.attack = "T1008",
	.p1 = 0.3,
	.p0 = 0.03,
	.observe = observe,
	.describe = describe,
};
