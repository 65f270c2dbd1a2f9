/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hazard.h - the best explanation in which calls come ever more slowly.
 *
 * Among all waiting-time laws whose hazard (the rate of the next call, given
 * silence so far) never rises, the one that makes the data most likely
 * (Marshall and Proschan 1965; Barlow, Bartholomew, Bremner and Brunk 1972).
 * With sorted waits x_1 <= ... <= x_n its hazard on (x_(i-1), x_i] is the
 * decreasing isotonic fit to 1 / ((n-i+1)(x_i - x_(i-1))), found by pooling
 * adjacent violators.
 */
#pragma once

#include "base/base.h"

/* Work space: room for n of each. */
struct hazard_block {
	double exposure; /* silence survived, summed over the waits still running */
	double ended;	 /* waits that ended in it */
};

/*
 * Log likelihood of the fit: sum over blocks of ended ln(ended/exposure), less
 * n.  `wait_s` is sorted ascending, positive.  O(n).
 */
double hazard_log_likelihood(const double *wait_s, size_t n, struct hazard_block *blocks);
