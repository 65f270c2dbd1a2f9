/* SPDX-License-Identifier: Apache-2.0 */
/*
 * onset.h - from calls to bursts, and from bursts to gaps.
 *
 * Calls that follow each other within `merge_s` are one burst: a page that
 * opens six connections called once.  What is timed is the gap from the first
 * call of a burst (its onset) to the next onset.
 *
 * At most GAPS_PER_SLOT gaps that start in one slot of time are kept, so that
 * no single lively hour convicts.  The choice looks only at the past, so it
 * cannot spoil a martingale.
 *
 * Coarse clocks.  Times in whole seconds put all gaps on a grid, where a narrow
 * template may hold all the mass at once and no bound on a density holds.  So
 * times with a resolution of a hundredth of a second or worse can be blurred: each
 * tick is moved by a fixed pseudo-random share of the resolution.  A density
 * then exists, and whatever it is bounded by is bounded two ticks earlier.
 */
#pragma once

#include "base/base.h"

#define GAPS_PER_SLOT 6
#define GAPS_MAX      65000 /* more than a year of hourly slots; later gaps are not kept */

struct gaps {
	size_t count;  /* gaps kept */
	size_t onsets; /* bursts seen, kept or not */
	double blur_s; /* 0: times are as they were */
	double length_s[GAPS_MAX];
	double end_s[GAPS_MAX];	   /* time of the onset that ended the gap */
	double burst_s[GAPS_MAX];  /* how long the burst at its start lasted */
	uint32_t series[GAPS_MAX]; /* of several: the one it belongs to */
};

/*
 * 1, .1 or .01 s if all `n` times lie on such a grid; 0 if they are finer.
 * Linear, but fine times are found out after a few.
 */
double onset_resolution(const double *times_s, size_t n);

void gaps_clear(struct gaps *gaps, double blur_s);

/*
 * Adds the gaps of one series; none reaches from one series into another.  `times_s`
 * ascends.  Gaps are blurred if blur_s is not 0.  Linear in `n`, no memory.
 */
void gaps_add(struct gaps *gaps, uint32_t series, const double *times_s, size_t n, double merge_s,
	      double slot_s);

/* Those of one series alone. */
void gaps_find(struct gaps *gaps, const double *times_s, size_t n, double merge_s, double slot_s,
	       double blur_s);

/* The index of the onset after the one at `at`, or `n`. */
static inline size_t onset_next(const double *times_s, size_t n, double merge_s, size_t at)
{
	for (at++; at < n && times_s[at] - times_s[at - 1] <= merge_s;)
		at++;
	return at;
}

/*
 * Local variation of the gaps between onsets (Shinomoto, Shima and Tanji
 * 2003): mean of 3 ((a - b) / (a + b))^2 over neighbouring gaps.  0 for a
 * clock, 1 for a Poisson process, above 1 for bursts.  Fewer than two gaps: 1.
 */
double onset_local_variation(const double *times_s, size_t n, double merge_s);

/*
 * The same at the scale at which a timer would have to fill the window: calls
 * closer than 3 % of the mean gap between onsets, so found in two steps, are
 * one burst.  O(n) time, no memory; the cheapest test there is.
 */
double onset_window_variation(const double *times_s, size_t n, double window_s);
