/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nobody of the fleet went there before, though this host and the fleet had
 * been watched for a day or more: something has changed.
 */
#include "detect/detector.h"
#include "detect/detectors.h"
#include "detect/fleet.h"

static const double least_window_s = 2 * 86400;
enum { WATCHED_MS = 86400 * 1000 };

static enum trait observe(const struct subject *s)
{
	const struct novelty *n = s->group ? &s->group->novelty : NULL;

	if (!n || !n->place_first_ms || s->window_s < least_window_s || s->groups_forgotten)
		return TRAIT_UNKNOWN;
	return n->place_first_ms - n->host_first_ms >= WATCHED_MS ? TRAIT_PRESENT : TRAIT_ABSENT;
}

static void describe(const struct subject *s, enum trait trait, double p0, struct evidence *out)
{
	const struct novelty *n = &s->group->novelty;
	double after_s = (double)(n->place_first_ms - n->host_first_ms) / 1e3;
	char after[DURATION_TEXT_SIZE];

	(void)trait;
	evidence_say(out,
		     "nobody of the fleet went there until this host had been seen for %s; %.1f %% "
		     "of such pairs began so late",
		     duration_text(after_s, after), 100 * p0);
	evidence_fact(out, "began_after_s", after_s);
	evidence_fact(out, "pairs_like_that", p0);
}

const struct detector detect_new = {
	.name = "new-destination",
	.kin = "age",
	.sign = "new to the fleet",
	.attack = "T1568",
	.p1 = 0.4,
	.p0 = 0.3,
	.observe = observe,
	.describe = describe,
};
