/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hidden_onsets.h - onsets of bursts, and how often one is to be expected locally.
 *
 * Rates are those of blocks of 12 onsets, or of a fortieth of all, per second in
 * which a call would have been seen: not within merge_s of the onset before.  On
 * the clock of the wall or in the host's own activity, whichever explains better
 * when the onsets came.  Without the dead time a Poisson stream of a thousand
 * calls looks like a timer by 14 nats.
 */
#pragma once

#include "base/base.h"
#include "stat/activity.h"

#define HIDDEN_CALLS_MAX     2048
#define HIDDEN_FEWEST_ONSETS 6

struct hidden_onsets {
	size_t n;
	double merge_s;
	double at_s[HIDDEN_CALLS_MAX];
	double rate[HIDDEN_CALLS_MAX];	   /* of calls, locally */
	double wait_s[HIDDEN_CALLS_MAX];   /* 1 / rate */
	double expected[HIDDEN_CALLS_MAX]; /* calls, until the next onset */
};

struct hidden_rates {		       /* scratch memory */
	double live[HIDDEN_CALLS_MAX]; /* time in which a call would have been seen */
	double rate[HIDDEN_CALLS_MAX], expected[HIDDEN_CALLS_MAX];
};

/* Rates are there only if there are HIDDEN_FEWEST_ONSETS. */
void hidden_onsets_find(struct hidden_rates *rates, struct hidden_onsets *o, const double *times_s,
			size_t n, double merge_s, const struct activity *activity);
