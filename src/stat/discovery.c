/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/discovery.h"

#include <math.h>
#include <string.h>

static int ascending(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

/*
 * With e_(1) >= e_(2) >= ... of n e-values, reject the k largest, where k is
 * the greatest with e_(k) >= n / (alpha k).  Equal values share their fate:
 * the condition is easier for the later one.
 */
size_t discovery_e_bh(const double *ln_e, size_t n, double alpha, double *scratch,
		      double *out_threshold)
{
	*out_threshold = INFINITY;
	memcpy(scratch, ln_e, n * sizeof(*ln_e));
	qsort(scratch, n, sizeof(*scratch), ascending);
	for (size_t k = n; k > 0; k--) {
		if (scratch[n - k] < log((double)n / (alpha * (double)k)))
			continue;
		*out_threshold = scratch[n - k];
		return k;
	}
	return 0;
}

/* With p_(1) <= p_(2) <= ..., reject up to the greatest k with p_(k) <= alpha k / n. */
size_t discovery_bh(const double *p, size_t n, double alpha, double *scratch, double *out_threshold)
{
	*out_threshold = -INFINITY;
	memcpy(scratch, p, n * sizeof(*p));
	qsort(scratch, n, sizeof(*scratch), ascending);
	for (size_t k = n; k > 0; k--) {
		if (scratch[k - 1] > alpha * (double)k / (double)n)
			continue;
		*out_threshold = scratch[k - 1];
		return k;
	}
	return 0;
}
