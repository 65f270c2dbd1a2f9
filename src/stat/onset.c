/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/onset.h"

#include <math.h>

#define MERGED_SHARE   0.03 /* of the mean gap */
#define LEAST_GAP_S    1e-6 /* blurred ticks may come close */
#define TICK_TOLERANCE 1e-4 /* of a tick: rounding of times that count from anywhere */

static bool on_grid(const double *times_s, size_t n, double tick_s)
{
	for (size_t i = 1; i < n; i++) {
		double ticks = (times_s[i] - times_s[0]) / tick_s;

		if (fabs(ticks - rint(ticks)) > TICK_TOLERANCE)
			return false;
	}
	return true;
}

double onset_resolution(const double *times_s, size_t n)
{
	static const double ticks_s[] = {1, .1, .01};

	for (size_t i = 0; i < ARRAY_LEN(ticks_s); i++)
		if (on_grid(times_s, n, ticks_s[i]))
			return ticks_s[i];
	return 0;
}

/* 0 .. 1, the same for the same tick (the finalizer of SplitMix64, Steele et al. 2014). */
static double scatter(double tick)
{
	uint64_t z = (uint64_t)tick * 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (double)((z ^ z >> 31) >> 11) * 0x1p-53;
}

/* Ticks count from the first call; later ones stay later. */
static double blurred(const double *times_s, size_t at, double tick_s)
{
	double tick;

	if (tick_s <= 0)
		return times_s[at];
	tick = rint((times_s[at] - times_s[0]) / tick_s);
	return times_s[0] + tick_s * (tick + scatter(tick));
}

void gaps_clear(struct gaps *gaps, double blur_s)
{
	gaps->count = gaps->onsets = 0;
	gaps->blur_s = blur_s;
}

void gaps_add(struct gaps *gaps, uint32_t series, const double *times_s, size_t n, double merge_s,
	      double slot_s)
{
	double slot = -1, blur_s = gaps->blur_s;
	size_t in_slot = 0;

	gaps->onsets += n > 0;
	for (size_t at = 0, next; (next = onset_next(times_s, n, merge_s, at)) < n; at = next) {
		double slot_now = floor(times_s[at] / slot_s), onset_s;

		gaps->onsets++;
		in_slot = slot_now == slot ? in_slot + 1 : 1;
		slot = slot_now;
		if (in_slot > GAPS_PER_SLOT || gaps->count == GAPS_MAX)
			continue;
		onset_s = blurred(times_s, at, blur_s);
		gaps->end_s[gaps->count] = blurred(times_s, next, blur_s);
		gaps->length_s[gaps->count] = fmax(gaps->end_s[gaps->count] - onset_s, LEAST_GAP_S);
		gaps->burst_s[gaps->count] = blurred(times_s, next - 1, blur_s) - onset_s;
		gaps->series[gaps->count] = series;
		gaps->count++;
	}
}

void gaps_find(struct gaps *gaps, const double *times_s, size_t n, double merge_s, double slot_s,
	       double blur_s)
{
	gaps_clear(gaps, blur_s);
	gaps_add(gaps, 0, times_s, n, merge_s, slot_s);
}

double onset_local_variation(const double *times_s, size_t n, double merge_s)
{
	double last_gap = 0, sum = 0;
	size_t pairs = 0;

	for (size_t at = 0, next; (next = onset_next(times_s, n, merge_s, at)) < n; at = next) {
		double gap = times_s[next] - times_s[at];

		if (last_gap > 0) {
			double contrast = (gap - last_gap) / (gap + last_gap);

			sum += contrast * contrast;
			pairs++;
		}
		last_gap = gap;
	}
	return pairs ? 3 * sum / (double)pairs : 1;
}

double onset_window_variation(const double *times_s, size_t n, double window_s)
{
	size_t onsets = 0;

	if (n == 0)
		return 1;
	for (size_t at = 0; at < n; onsets++)
		at = onset_next(times_s, n, MERGED_SHARE * window_s / (double)n, at);
	return onset_local_variation(times_s, n, MERGED_SHARE * window_s / (double)onsets);
}
