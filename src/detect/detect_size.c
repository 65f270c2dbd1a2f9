/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every call sends the same number of bytes.  Machines do; but of ordinary pairs
 * a fifth to four fifths do so too, so the sign is weak and stays weak however
 * rare it is in one fleet.  What sizes are good for is to split calls before their rhythm is
 * tested (verdict/judge.h).
 */
#include "detect/detector.h"
#include "detect/detectors.h"

static const double same = 0.8;

static enum trait observe(const struct subject *s)
{
	if (!s->facts || s->facts->same_size == 0)
		return TRAIT_UNKNOWN;
	return s->facts->same_size >= same ? TRAIT_PRESENT : TRAIT_ABSENT;
}

static void describe(const struct subject *s, enum trait trait, double p0, struct evidence *out)
{
	(void)trait;
	evidence_say(
		out,
		"%.0f %% of %u calls sent the same size within 4 %%; %.1f %% of pairs are as even",
		100 * s->facts->same_size, s->timeline->calls, 100 * p0);
	evidence_fact(out, "same_size", s->facts->same_size);
	evidence_fact(out, "pairs_like_that", p0);
}

const struct detector detect_size = {
	.name = "size",
	.kin = "size",
	.sign = "always the same size",
	.attack = "",
	.p1 = 0.5,
	.p0 = 0.3,
	.least_p0 = 0.25, /* so that it never counts as a kind of its own: below 3 dB */
	.observe = observe,
	.describe = describe,
};
