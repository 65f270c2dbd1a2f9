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
 */
#pragma once

#include "base/base.h"

#define GAPS_PER_SLOT 6
#define GAPS_MAX      65536 /* more than a year of hourly slots; later gaps are not kept */

struct gaps {
	size_t count;  /* gaps kept */
	size_t onsets; /* bursts seen, kept or not */
	double length_s[GAPS_MAX];
	double end_s[GAPS_MAX];	  /* time of the onset that ended the gap */
	double burst_s[GAPS_MAX]; /* how long the burst at its start lasted */
};

/* `times_s` ascends.  Linear in `n`, no memory. */
void gaps_find(struct gaps *gaps, const double *times_s, size_t n, double merge_s, double slot_s);

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
