/* SPDX-License-Identifier: Apache-2.0 */
/*
 * envelope.h - where on the axis of periods may any expert of a group do well?
 *
 * The levels of jitter in three groups: narrow, middle and wide.  For each, the
 * most that any of its experts can bet on a gap in a bin of .06 nats when its
 * period lies in another: an upper bound for the whole group at all periods
 * costs as much as the bound of one coarse level.  Ordinary traffic stays so
 * far below what matters that this is all that is looked at.
 */
#pragma once

#include "base/base.h"
#include "stat/expert.h"

#define ENVELOPE_GROUPS	     3
#define ENVELOPE_PERIODS_MAX 720 /* bins: 43 nats, as the finest grid of periods */
#define ENVELOPE_PLACES	     4	 /* of a gap in its bin */
#define ENVELOPE_ROWS_MAX    160

struct envelope {
	size_t low, high; /* its levels, both included */
	double ln_step;	  /* of the coarsest of them */
	int last, reach;  /* bin of the gap less bin of the period at row 0; rows */
	/* By place of the gap, along rising periods: nats above the highest floor. */
	float most[ENVELOPE_PLACES][ENVELOPE_ROWS_MAX + EXPERT_STRETCH];
	int stretches;
	int stretch[ENVELOPE_ROWS_MAX / EXPERT_STRETCH];
};

/* A range of periods as nats above the shortest; nothing if low >= high. */
struct envelope_range {
	double low, high;
};

struct envelope_bound {
	int periods; /* 0: too many, all may do well */
	float nats[EXPERT_STRETCH + ENVELOPE_PERIODS_MAX + EXPERT_STRETCH];
};

/* Pure arithmetic. */
void envelope_init(struct envelope *envelope, size_t group, const struct experts *experts);

/*
 * The bound over `n` ascending log gaps, for periods from e^ln_shortest up to
 * e^span times that.  O(n), no memory.
 */
void envelope_bound(const struct envelope *envelope, const double *ln_gap, size_t n,
		    double ln_shortest, double span, struct envelope_bound *out);

/* The periods, from first to last, whose bound is `bar` or more. */
struct envelope_range envelope_above(const struct envelope_bound *bound, double bar, double span);
