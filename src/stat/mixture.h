/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mixture.h - the evidence of all experts together, for every period of a grid.
 *
 * For each of the 88 kinds of expert and each period T of a grid on the log
 * axis, the product of its bets on all gaps; then the sum over T.  Done in
 * full that is some 20,000 products per series.  But the most that any of
 * eight neighbouring experts can have bet on a gap is one number, so an upper
 * bound for all eight at all periods costs a tenth of it, and only where the
 * bound is within MIXTURE_RANGE_NATS of the best found are the products worked
 * out.  What is left out adds less than 20,000 e^-17 of the sum, a thousandth.
 *
 * A caller may also say below which sum it does not care (`least`).  Then a
 * yet cheaper bound (stat/envelope.h) often shows that there is nothing to work
 * out, or for a few periods only.
 */
#pragma once

#include "base/base.h"
#include "stat/expert.h"
#include "stat/onset.h"

#define MIXTURE_RANGE_NATS  17.0
#define MIXTURE_PERIODS_MAX 8192 /* of one level: a range of e^40 at the finest step */
#define MIXTURE_CELLS	    40	 /* the best of each level are remembered */
#define MIXTURE_CELL_RANGE  12.0 /* nats below the best: not worth remembering */

struct mixture_cell {
	double nats; /* without the prior of its level */
	double period_s;
	size_t level;
};

/* ln of the sum over a level's lanes and periods of the products of bets; no prior. */
struct mixture {
	double ln_sum[EXPERT_LEVELS];
	bool wanted; /* by the caller: the cells */
	/*
	 * By the caller, or -INFINITY: products below e^least are of no interest.
	 * If the prior of all of them adds up to 1, at most e^least is lost.
	 */
	double least;
	size_t cells;
	struct mixture_cell cell[EXPERT_LEVELS * MIXTURE_CELLS];
};

struct mixture_work; /* opaque: experts and scratch memory, about 3 MB */
struct mixture_work *mixture_work_new(void) MUST_USE; /* NULL: no memory */
void mixture_work_free(struct mixture_work *work);

/*
 * The logarithms of `n` gaps, ascending, and the range of periods (longest >
 * shortest).  Some level has a finite sum, unless all is below `least`.
 */
void mixture_weigh(struct mixture_work *work, const double *ln_gap, size_t n, double shortest_s,
		   double longest_s, struct mixture *out);
