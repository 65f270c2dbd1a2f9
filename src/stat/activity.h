/* SPDX-License-Identifier: Apache-2.0 */
/*
 * activity.h - a host's own day as a clock.
 *
 * A host that works from nine to five calls everywhere from nine to five.
 * Measured in its own activity instead of in seconds, such calls are evenly
 * spread again.  The hourly counts are smoothed 1-2-1, scaled to mean 1 and
 * never fall below a tenth of the mean, so a silent night is slow time, not
 * stopped time.
 */
#pragma once

#include "base/base.h"

#define ACTIVITY_HOURS_MAX 16384 /* 22 months; later hours count like the last one kept */

struct activity {
	size_t hours; /* 0: flat, the clock on the wall */
	double rate[ACTIVITY_HOURS_MAX];
	double total_s[ACTIVITY_HOURS_MAX]; /* activity time at the start of each hour */
};

/* `hourly` counts calls per hour from time 0; NULL or no hours: flat. */
void activity_init(struct activity *activity, const double *hourly, size_t hours);

/* Activity per second at a time; its mean over the given hours is about 1. */
double activity_rate(const struct activity *activity, double time_s);

/* Activity time that passed from 0 to `time_s`. */
double activity_until(const struct activity *activity, double time_s);
