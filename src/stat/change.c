/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/change.h"

#include "stat/onset.h"

#include <math.h>

#define BEATS_MOST  8
#define LEAST_RATIO 1.2 /* closer periods are not told apart by a gap */
#define AGREE_LEAST 0.8

/* In nats, from the nearest multiple of the period. */
static double distance(double gap_s, double period_s)
{
	double beats = fmax(1, rint(gap_s / period_s));

	return beats > BEATS_MOST ? INFINITY : fabs(log(gap_s / (beats * period_s)));
}

static bool is_nearer(double gap_s, double before_s, double after_s)
{
	return distance(gap_s, before_s) < distance(gap_s, after_s);
}

/* The best split is where the most gaps agree, counted on the way from "all after". */
struct change change_find(const double *times_s, size_t n, double merge_s, double before_s,
			  double after_s)
{
	struct change change = {0, before_s, after_s, 0};
	size_t gaps = 0, right = 0, most = 0;

	if (fabs(log(before_s / after_s)) < log(LEAST_RATIO))
		return change;
	for (size_t at = 0, next; (next = onset_next(times_s, n, merge_s, at)) < n; at = next) {
		gaps++;
		right += !is_nearer(times_s[next] - times_s[at], before_s, after_s);
	}
	for (size_t at = 0, next; (next = onset_next(times_s, n, merge_s, at)) < n; at = next) {
		if (is_nearer(times_s[next] - times_s[at], before_s, after_s))
			right++;
		else
			right--;
		if (right <= most)
			continue;
		most = right;
		change.at_s = times_s[next];
	}
	change.agreeing = gaps ? (double)most / (double)gaps : 0;
	if (change.agreeing < AGREE_LEAST)
		change.at_s = 0;
	return change;
}
