/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection that stays: an hour or more, or most of a shorter recording; or one
 * after the other, so that the host is connected nearly all the time.
 */
#include "detect/detector.h"
#include "detect/detectors.h"

static const double long_s = 3600, long_in_short_window_s = 600, most = 0.8;

static enum trait observe(const struct subject *s)
{
	double longest = s->timeline->longest_ms / 1e3;

	if (longest >= long_s)
		return TRAIT_PRESENT;
	if (longest >= long_in_short_window_s && longest >= most * s->window_s)
		return TRAIT_PRESENT;
	return TRAIT_ABSENT;
}

static void describe(const struct subject *s, enum trait trait, double p0, struct evidence *out)
{
	double longest = s->timeline->longest_ms / 1e3;
	char text[DURATION_TEXT_SIZE], window[DURATION_TEXT_SIZE];

	(void)trait;
	evidence_say(out,
		     "one connection stayed for %s of the %s seen%s; %.1f %% of pairs have such",
		     duration_text(longest, text), duration_text(s->window_s, window),
		     s->timeline->open ? ", and one was still open at the end" : "", 100 * p0);
	evidence_fact(out, "longest_s", longest);
	evidence_fact(out, "total_s", (double)s->timeline->total_ms / 1e3);
	evidence_fact(out, "pairs_like_that", p0);
}

const struct detector detect_long = {
	.name = "long-connection",
	.kin = "duration",
	.sign = "stays connected",
	.attack = "T1572",
	.p1 = 0.3,
	.p0 = 0.03,
	.observe = observe,
	.describe = describe,
};

/* Connected for most of an hour or more in all, by at least so many connections. */
enum { ONE_AFTER_THE_OTHER = 3 };

static enum trait observe_sum(const struct subject *s)
{
	const struct timeline *t = s->timeline;
	double total = (double)t->total_ms / 1e3;

	if (s->window_s < long_s || t->key.grouping == GROUP_NAME)
		return TRAIT_UNKNOWN;
	return total >= most * s->window_s && t->connections >= ONE_AFTER_THE_OTHER ? TRAIT_PRESENT
										    : TRAIT_ABSENT;
}

static void describe_sum(const struct subject *s, enum trait trait, double p0, struct evidence *out)
{
	const struct timeline *t = s->timeline;
	double total = (double)t->total_ms / 1e3;
	char text[DURATION_TEXT_SIZE], window[DURATION_TEXT_SIZE];

	(void)trait;
	evidence_say(out,
		     "%u connections stood for %s in all, in a window of %s; %.1f %% of pairs are "
		     "connected so much",
		     t->connections, duration_text(total, text), duration_text(s->window_s, window),
		     100 * p0);
	evidence_fact(out, "connections", t->connections);
	evidence_fact(out, "total_s", total);
	evidence_fact(out, "pairs_like_that", p0);
}

const struct detector detect_stays = {
	.name = "always-connected",
	.kin = "duration",
	.sign = "connected nearly always",
	.attack = "T1572",
	.p1 = 0.15,
	.p0 = 0.03,
	.observe = observe_sum,
	.describe = describe_sum,
};
