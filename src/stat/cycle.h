/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cycle.h - does each gap repeat the one some gaps before?
 *
 * A timer that calls two to four times a period, 84 s and 1,716 s apart in turn, has
 * gaps of several lengths and no period in the sense of stat/expert.h; one whose
 * period drifts or changes has no period for long.  But every gap repeats the one
 * k gaps before.  So the experts of this channel bet on the log of the next gap
 *
 *	q(ln g_i) = (1 - eps) N(ln g_i; ln g_(i-k), w) + eps / 12
 *
 * for k = 1..4, w = .02, .08, .3 and eps = .02, .2.  What is bet on depends on the
 * past only, so the bound of stat/renewal.h holds gap by gap: e q c_i is an e-value,
 * c_i the share of the gap in which a call would not have been the same burst (and the
 * same in the host's own activity).
 *
 * Persistence, so that no lively hour convicts: a bet is made only if the k gaps
 * before lasted S_0 or longer, and the one to be repeated S_0 / k.  S_0 = window / 2^(1..16) are
 *sixteen sets of experts, each with its share of the prior; of these the one speaks whose S_0 is
 *just above 8 % of the window over the number of cycles.
 *
 * Linear in the number of calls.  Pure but for its scratch memory.
 */
#pragma once

#include "base/base.h"
#include "stat/activity.h"
#include "stat/onset.h"
#include "stat/renewal.h"

#define CYCLE_NO_EVIDENCE (-50.0)

struct cycle_work { /* touched as far as needed */
	struct gaps gaps;
	struct activity activity;
	double ln_gap[GAPS_MAX], allowed[GAPS_MAX]; /* e c_i */
	double spare[GAPS_MAX], scratch[GAPS_MAX];
};

struct cycle {
	double nats;
	size_t calls;	 /* per period, of the best; 0 without evidence */
	double period_s; /* mean of the usual ones, and half of the range from the 5th to the */
	double jitter;	 /* 95th percentile, over it */
	size_t on_beat, gaps; /* gaps within .3 nats of the one they repeat, of how many */
};

/*
 * Onsets at `merge_s` of the ascending times of a series, at most six gaps in
 * `slot_s`, blurred by `blur_s`.  `decided`: what is a timer of one call a period is
 * known for one, and need not be weighed again; it has no evidence here.
 */
struct cycle cycle_weigh(struct cycle_work *work, const struct renewal_series *series,
			 double window_s, double merge_s, double slot_s, double blur_s,
			 bool decided);
