/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rita.h - the beacon score of RITA v5, by its published formula, to be compared with.
 *
 * A quarter each for: timestamps (Bowley's skewness and the median deviation of
 * the gaps in whole seconds), sizes (here all alike: 1), the histogram of 24
 * bins, and how much of the window is covered.  -1: fewer than 4 calls or 3 gaps.
 */
#pragma once

#include "arrivals.h"

#define RITA_CALLS_MAX 4096

static inline double rita_round(double x)
{
	return rint(x * 1000) / 1000;
}

static inline double rita_median(const double *sorted, size_t n)
{
	return n % 2 ? sorted[n / 2] : n ? (sorted[n / 2 - 1] + sorted[n / 2]) / 2 : 0;
}

static inline double rita_timestamps(const double *times_s, size_t n)
{
	double gap[RITA_CALLS_MAX], off[RITA_CALLS_MAX], q1, q2, q3, skew = 0, even = 1;
	size_t gaps = 0, half;

	for (size_t i = 1; i < n; i++) {
		double seconds = floor(times_s[i]) - floor(times_s[i - 1]);

		if (seconds > 0)
			gap[gaps++] = seconds;
	}
	if (gaps < 3)
		return -1;
	qsort(gap, gaps, sizeof(*gap), arrivals_ascending);
	half = gaps / 2 + gaps % 2;
	q1 = rita_median(gap, gaps / 2);
	q2 = rita_median(gap, gaps);
	q3 = rita_median(gap + half, gaps - half);
	if (q3 - q1 >= 10 && q2 != q1 && q2 != q3)
		skew = (q1 + q3 - 2 * q2) / (q3 - q1);
	for (size_t i = 0; i < gaps; i++)
		off[i] = fabs(gap[i] - q2);
	qsort(off, gaps, sizeof(*off), arrivals_ascending);
	if (q2 >= 1)
		even = fmax(0, (q2 - rita_median(off, gaps)) / q2);
	return rita_round((1 - fabs(skew) + even) / 2);
}

/* Coefficient of variation of the bars, or how many of them are of two heights. */
static inline double rita_histogram(const size_t *bars, size_t n, size_t filled)
{
	double mean = (double)n / 24, variance = 0, cv, best = 0, most = 0;
	size_t height[24] = {0}, first = 0, second = 0;

	for (size_t i = 0; i < 24; i++) {
		variance += ((double)bars[i] - mean) * ((double)bars[i] - mean) / 24;
		most = fmax(most, (double)bars[i]);
	}
	cv = sqrt(variance) / mean;
	best = cv > 1 ? 0 : rita_round(1 - cv);
	if (filled < 11)
		return best;
	for (size_t i = 0; i < 24; i++)
		if (bars[i])
			height[(size_t)((double)bars[i] / ceil(most * .05))]++;
	for (size_t i = 0; i < 24; i++) {
		if (height[i] > first) {
			second = first;
			first = height[i];
		} else if (height[i] > second) {
			second = height[i];
		}
	}
	return fmax(best, fmin(1, rita_round((double)(first + second) / (double)(filled - 1))));
}

static inline double rita_duration(const double *times_s, size_t n, double window_s,
				   const size_t *bars)
{
	size_t run = 0, longest = 0, filled = 0;
	double covered;

	for (size_t i = 0; i < 24; i++)
		filled += bars[i] > 0;
	if (filled < 6)
		return 0;
	for (size_t i = 0; i < 48; i++) {
		run = bars[i % 24] ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	longest = longest < 24 ? longest : 24;
	covered = ceil((floor(times_s[n - 1]) - floor(times_s[0])) / window_s * 1000) / 1000;
	return fmax(fmin(1, covered), fmin(1, ceil((double)longest / 12 * 1000) / 1000));
}

static inline double rita_score(const double *times_s, size_t n, double window_s)
{
	size_t bars[24] = {0}, filled = 0;
	double timestamps;

	if (n < 4 || n > RITA_CALLS_MAX || (timestamps = rita_timestamps(times_s, n)) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		bars[(size_t)fmin(23, floor(times_s[i]) / (window_s / 24))]++;
	for (size_t i = 0; i < 24; i++)
		filled += bars[i] > 0;
	return rita_round(.25 * (timestamps + 1 + rita_duration(times_s, n, window_s, bars) +
				 rita_histogram(bars, n, filled)));
}
