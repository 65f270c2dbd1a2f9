/* SPDX-License-Identifier: Apache-2.0 */
/*
 * expert.h - what the gaps of a timer look like, for many kinds of timer.
 *
 * An expert is a timer of period T, jitter j, share m of missed beats and
 * share eps of stray gaps.  It bets on the logarithm of the next gap with
 *
 *	q(ln g) = (1 - eps) sum_(b=1..8) (1-m) m^(b-1) f_b(g / T) + eps / 12
 *
 * f_b is the law of b periods in a row with b-1 beats missed.  A sleeping
 * timer (wait, call, wait) drifts: variance b j^2/3.  A clock does not: the
 * same 2 j^2/3 for every b.  The stray part is uniform over 12 nats.
 *
 * q depends on ln g - ln T only, so one template per (j, m, eps, kind) serves
 * all periods: it is tabulated in bins of the log axis, and the evidence for
 * every period of a grid is a correlation.  The eight combinations of m, eps
 * and kind lie side by side and are computed together.
 */
#pragma once

#include "base/base.h"

#define EXPERT_LEVELS	 11 /* jitters */
#define EXPERT_LANES	 8  /* missed share x stray share x sleeping or clock */
#define EXPERT_MULTIPLES 8
#define EXPERT_ROWS_MAX	 440 /* bins of the finest template */
#define EXPERT_STRETCH	 8   /* a stretch is so many rows */

struct expert_level {
	double jitter; /* half width over the period */
	double step;   /* of the log axis, in nats; also of the period grid */
	double ln_step;
	int first; /* bin of the gap, less bin of the period, of row 0 */
	int rows;
	/*
	 * gain[r] is what a gap in bin b adds to the experts whose period lies
	 * in bin b - first - r: ln q less their floor.
	 */
	float gain[EXPERT_ROWS_MAX][EXPERT_LANES];
	/*
	 * The most that any of the eight gains beyond the highest floor, rows in
	 * reverse so that it lies along rising periods, and the stretches that
	 * are not all zero.
	 */
	float most[EXPERT_ROWS_MAX + EXPERT_STRETCH];
	int stretches;
	int stretch[EXPERT_ROWS_MAX / EXPERT_STRETCH];
};

struct experts {
	double floor[EXPERT_LANES]; /* ln(eps / 12): a gap far from every multiple */
	double highest_floor;
	struct expert_level level[EXPERT_LEVELS];
};

double expert_jitter(size_t level);
double expert_step(size_t level);

/* Pure arithmetic, some milliseconds. */
void experts_init(struct experts *experts);
