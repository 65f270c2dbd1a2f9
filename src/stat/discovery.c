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

/* How many of an ascending list are below the bar, or (`with`) at most as high. */
static size_t count_below(const double *ascending, size_t n, double bar, bool with)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ascending[middle] < bar || (with && ascending[middle] <= bar))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static size_t rejected(const double *value, size_t n, double bar, bool at_most)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += at_most ? value[i] <= bar : value[i] >= bar;
	return count;
}

static double bar_of(size_t n, double alpha, size_t k, bool at_most)
{
	return at_most ? alpha * (double)k / (double)n : log((double)n / (alpha * (double)k));
}

/*
 * From k = n down.  If only c < k values pass the bar of k, fewer or as many pass
 * the sterner bars of k - 1, k - 2, ...; so none of those above c can be it.
 */
static double find_bar(const double *ascending, size_t n, const struct discovery_change *c,
		       double alpha, bool at_most)
{
	size_t all = n + c->added_count - c->removed_count, k = all;

	while (k > 0) {
		double bar = bar_of(all, alpha, k, at_most);
		size_t below = count_below(ascending, n, bar, at_most);
		size_t pass = (at_most ? below : n - below) +
			      rejected(c->added, c->added_count, bar, at_most) -
			      rejected(c->removed, c->removed_count, bar, at_most);

		if (pass >= k)
			return bar;
		k = pass;
	}
	return at_most ? -INFINITY : INFINITY;
}

double discovery_e_bh_bar(const double *ascending, size_t n, const struct discovery_change *change,
			  double alpha)
{
	return find_bar(ascending, n, change, alpha, false);
}

double discovery_bh_bar(const double *ascending, size_t n, const struct discovery_change *change,
			double alpha)
{
	return find_bar(ascending, n, change, alpha, true);
}
