/* SPDX-License-Identifier: Apache-2.0 */
/*
 * follow.h - does one series follow another more closely than both follow the day?
 *
 * Ranks of x and y, each less its moving average over FOLLOW_TREND bins to either side, and less
 * what a third series z explains of them: a partial rank correlation
 * (Spearman 1904; Kendall 1942) of what is left when slow change and the common
 * cause are taken out.
 *
 *	r = (r_xy - r_xz r_yz) / sqrt((1 - r_xz^2) (1 - r_yz^2))
 *
 * Bins of a series resemble their neighbours, so the usual error of r is too
 * small.  Instead y is turned round against x by every number of bins: those
 * correlations have the same neighbours but no cause.  If r lies z_score of
 * their standard deviations above their mean, the two go together at this time and
 * no other.  A daily rhythm common to both shows at the shift of a day just as
 * much, and a slow one at all small shifts, so neither convicts.
 *
 * Pure functions on arrays; no allocation; time n^2 if r is FOLLOW_WORTH or more, else n log n.
 */
#pragma once

#include "base/base.h"

enum { FOLLOW_MOST = 512, FOLLOW_LEAST = 32, FOLLOW_TREND = 6, FOLLOW_NEAR = 2 };
static const double FOLLOW_WORTH = 0.4;

struct follow {
	double r;	  /* at the same time or one bin later, whichever is more */
	double z_score;	  /* against other shifts; 0 if r is not worth the time */
	double elsewhere; /* the most at any other shift */
	double plain;	  /* rank correlation with nothing taken out */
};

/*
 * `n` bins of each, FOLLOW_LEAST to FOLLOW_MOST; z may be NULL.  False, and nothing
 * written, if a series hardly changes.
 */
bool follow_measure(const double *x, const double *y, const double *z, size_t n,
		    struct follow *out);
