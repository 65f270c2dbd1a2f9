/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls keep a rhythm.  Whether they do was decided by stat/timing and by
 * false-discovery control over all groups; here it is only weighed: three to
 * ten in a hundred ordinary pairs are timers too, so a timer is worth about
 * 10 dB however sure its timing is.
 */
#include "detect/detector.h"
#include "detect/detectors.h"

#include <math.h>
#include <stdio.h>

static enum trait observe(const struct subject *s)
{
	if (!s->timing)
		return TRAIT_UNKNOWN;
	return s->is_timer ? TRAIT_PRESENT : TRAIT_ABSENT;
}

/* Odds beyond 10^99 are no surer than 10^99. */
enum { SUREST_DB = 990 };

/* Up to here a plain number is read more easily. */
enum { READ_DB = 40 };

/* What was seen, in the words of the channel that convinced. */
static void say_seen(const struct timing_result *t, const char *class, char *out, size_t size)
{
	char period[DURATION_TEXT_SIZE];

	duration_text(t->period_s, period);
	if (t->by_hidden)
		snprintf(out, size,
			 "among other calls to the same place%s a timer of %s (jitter %.0f %%, "
			 "%.0f %% missed)",
			 class, period, 100 * t->jitter, 100 * t->missed);
	else if (t->by_cycle)
		snprintf(out, size,
			 "%zu of %zu gaps%s repeat a cycle of %zu calls in %s (jitter %.0f %%)",
			 t->on_beat, t->gaps, class, t->calls_per_beat, period, 100 * t->jitter);
	else
		snprintf(out, size,
			 "%zu of %zu gaps%s fit a timer of %s (jitter %.0f %%, %.0f %% missed)",
			 t->on_beat, t->gaps, class, period, 100 * t->jitter, 100 * t->missed);
}

static void say_change(const struct change *change, char *out, size_t size)
{
	char before[DURATION_TEXT_SIZE], after[DURATION_TEXT_SIZE];

	snprintf(out, size, "; the period changed from %s to %s",
		 duration_text(change->before_s, before), duration_text(change->after_s, after));
}

static void describe(const struct subject *s, enum trait trait, double p0, struct evidence *out)
{
	const struct timing_result *t = s->timing;
	char seen[192], class[48] = "", odds[64], changed[128] = "";

	(void)trait;
	if (s->size_class)
		snprintf(class, sizeof(class), " of the %zu calls of one size", s->size_class);
	if (t->guaranteed_db >= t->decibans && t->guaranteed_db < READ_DB)
		snprintf(odds, sizeof(odds), "without a timer at most 1 in %.0f",
			 pow(10, t->guaranteed_db / 10));
	else if (t->guaranteed_db >= t->decibans)
		snprintf(odds, sizeof(odds), "without a timer at most 1 in 10^%.0f",
			 fmin(t->guaranteed_db, SUREST_DB) / 10);
	else
		snprintf(odds, sizeof(odds), "p = %.1g on ordinary traffic",
			 fmax(t->p, pow(10, -SUREST_DB / 10.0)));
	say_seen(t, class, seen, sizeof(seen));
	if (t->change.at_s > 0)
		say_change(&t->change, changed, sizeof(changed));
	evidence_say(out, "%s%s; %s; %.0f %% of such pairs are timers", seen, changed, odds,
		     100 * p0);
	evidence_fact(out, "period_s", t->period_s);
	evidence_fact(out, "jitter", t->jitter);
	evidence_fact(out, "missed", t->missed);
	evidence_fact(out, "timer_guaranteed_db", t->guaranteed_db);
	evidence_fact(out, "p", t->p);
	evidence_fact(out, "calls", (double)t->calls);
	evidence_fact(out, "timers_share", p0);
}

const struct detector detect_timing = {
	.name = "timing",
	.kin = "timing",
	.sign = "keeps a rhythm",
	.attack = "T1071",
	.p1 = 0.8,
	.p0 = 0.05,
	.observe = observe,
	.describe = describe,
};
