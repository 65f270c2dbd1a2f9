/* SPDX-License-Identifier: Apache-2.0 */
/*
 * discovery.h - how many of the best may be believed at once.
 */
#pragma once

#include "base/base.h"

/*
 * e-BH (Wang and Ramdas 2022), any dependence: given ln e-values, how many
 * hypotheses to reject at false-discovery level `alpha`.  The caller rejects
 * those with ln e >= *out_threshold.  `scratch` has room for `n`.
 */
size_t discovery_e_bh(const double *ln_e, size_t n, double alpha, double *scratch,
		      double *out_threshold);

/* Benjamini and Hochberg 1995 on p-values: reject those with p <= *out_threshold. */
size_t discovery_bh(const double *p, size_t n, double alpha, double *scratch,
		    double *out_threshold);

/*
 * The same bars for a list that is kept sorted, in logarithmic time, and for the
 * list that it would be if some values came and others went.  A value is
 * rejected if it is at least (ln e) or at most (p) the bar; the bar lies
 * between the last one rejected and the next.
 */
struct discovery_change {
	const double *added, *removed; /* removed ones are in the list */
	size_t added_count, removed_count;
};
double discovery_e_bh_bar(const double *ascending, size_t n, const struct discovery_change *change,
			  double alpha);
double discovery_bh_bar(const double *ascending, size_t n, const struct discovery_change *change,
			double alpha);
