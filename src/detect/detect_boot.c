/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Called before anything else, each time the host comes up; or even before the host
 * says that it has come up, when something else must have made the call: a
 * controller on the board, a card, or firmware.
 */
#include "detect/detector.h"
#include "detect/detectors.h"

enum { LEAST_COMINGS = 3, LEAST_BEFORE = 2 };
static const double nearly_all = 0.75, half = 0.5;

static bool can_tell(const struct subject *s)
{
	return s->facts && s->facts->coming.comings >= LEAST_COMINGS &&
	       !comings_passes_over(&s->timeline->key);
}

static enum trait observe_first(const struct subject *s)
{
	if (!can_tell(s))
		return TRAIT_UNKNOWN;
	return s->facts->coming.first >= nearly_all * s->facts->coming.comings ? TRAIT_PRESENT
									       : TRAIT_ABSENT;
}

static void describe_first(const struct subject *s, enum trait trait, double p0,
			   struct evidence *out)
{
	const struct coming_role *c = &s->facts->coming;
	char delay[DURATION_TEXT_SIZE];

	(void)trait;
	evidence_say(out,
		     "%u of %u times that the host came up it called there before anything else "
		     "but DNS, NTP and DHCP, at most %s after; %.1f %% of pairs of such hosts do",
		     c->first, c->comings, duration_text(c->delay_s, delay), 100 * p0);
	evidence_fact(out, "boots", c->comings);
	evidence_fact(out, "boots_called_first", c->first);
	evidence_fact(out, "longest_delay_s", c->delay_s);
	evidence_fact(out, "pairs_like_that", p0);
}

const struct detector detect_boot = {
	.name = "boot",
	.kin = "boot",
	.sign = "first thing after a boot",
	.attack = "T1547",
	.p1 = 0.3,
	.p0 = 0.05,
	.observe = observe_first,
	.describe = describe_first,
};

static enum trait observe_before(const struct subject *s)
{
	const struct facts *f = s->facts;

	if (!can_tell(s))
		return TRAIT_UNKNOWN;
	return f->coming.before >= LEAST_BEFORE && f->coming.before >= half * f->coming.comings
		       ? TRAIT_PRESENT
		       : TRAIT_ABSENT;
}

static void describe_before(const struct subject *s, enum trait trait, double p0,
			    struct evidence *out)
{
	const struct coming_role *c = &s->facts->coming;

	(void)trait;
	evidence_say(out,
		     "%u of %u times it was called in the minute before the host said that it had "
		     "come up, when nothing else was; %.2f %% of pairs of such hosts are",
		     c->before, c->comings, 100 * p0);
	evidence_fact(out, "boots", c->comings);
	evidence_fact(out, "boots_called_before", c->before);
	evidence_fact(out, "pairs_like_that", p0);
}

const struct detector detect_preboot = {
	.name = "before-boot",
	.kin = "boot",
	.sign = "called before the host was up",
	.attack = "T1542",
	.p1 = 0.1,
	.p0 = 0.002,
	.pseudo = 500,
	.alone = true,
	.observe = observe_before,
	.describe = describe_before,
};
