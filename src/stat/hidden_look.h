/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hidden_look.h - a first, cheap look for a timer among other calls.
 *
 * The recursion of stat/hidden.h with a law that is made of boxes: a beat, two or
 * three later, give or take the jitter times the root of their number.  Then the sum over
 * all earlier onsets is a difference of running sums, so an onset costs the same
 * however many calls lie within a period, and eight periods are done together.
 */
#pragma once

#include "base/base.h"
#include "stat/hidden_onsets.h"

#define HIDDEN_LOOK_LANES 8 /* periods done together */

struct hidden_look { /* one timer that was looked at */
	double jitter, period_s, nats;
};

#define HIDDEN_LOOK_CELLS 16 /* of time, for each onset */

struct hidden_look_work { /* scratch memory */
	double first_s, cells_per_s;
	uint16_t before[HIDDEN_CALLS_MAX * HIDDEN_LOOK_CELLS + 1]; /* onsets before a cell */
	double sum[HIDDEN_CALLS_MAX + 1][HIDDEN_LOOK_LANES];
};

/* Must come before the first look at these onsets; linear. */
void hidden_look_index(struct hidden_look_work *work, const struct hidden_onsets *o);

/* Eight periods from `period_s` on, each `ratio` times the one before. */
void hidden_look(struct hidden_look_work *work, const struct hidden_onsets *o, double jitter,
		 double period_s, double ratio, struct hidden_look *out);
