/* SPDX-License-Identifier: Apache-2.0 */
/*
 * change.h - did the timer change its period, and when?
 *
 * The periods of the first and the second half of the time, each estimated by
 * itself, are laid against every gap: which of the two is nearer in the
 * logarithm, a few missed beats allowed?  The change is where most gaps before it are
 * nearer to the one and most after it to the other.
 */
#pragma once

#include "base/base.h"

struct change {
	double at_s; /* of the first call with the new period; 0: no change */
	double before_s, after_s;
	double agreeing; /* share of the gaps on the right side */
};

/* Ascending times, onsets at `merge_s`; periods > 0.  Linear, no memory. */
struct change change_find(const double *times_s, size_t n, double merge_s, double before_s,
			  double after_s);
