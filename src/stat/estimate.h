/* SPDX-License-Identifier: Apache-2.0 */
/*
 * estimate.h - period, jitter and missed beats, with 90 % intervals.
 *
 * From the posterior of the experts.  Measured coverage of the intervals:
 * period 90 to 100 %; jitter and missed share less (down to a third at jitter
 * .5 with many calls: the grid of jitters is coarse).
 */
#pragma once

#include "base/base.h"
#include "stat/posterior.h"
#include "stat/renewal.h"
#include "stat/timing.h"

/*
 * Fills period_s, jitter, missed, their intervals, merge_s, on_beat and gaps
 * of `out`; leaves them alone if the posterior is empty.  Reorders `posterior`.
 */
void estimate_timer(struct posterior *posterior, const struct renewal_series *series, size_t count,
		    struct timing_result *out);
