/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/onset.h"

#include <math.h>

void gaps_find(struct gaps *gaps, const double *times_s, size_t n, double merge_s, double slot_s)
{
	double slot = -1;
	size_t in_slot = 0;

	gaps->count = 0;
	gaps->onsets = n > 0;
	for (size_t at = 0, next; (next = onset_next(times_s, n, merge_s, at)) < n; at = next) {
		double slot_now = floor(times_s[at] / slot_s);

		gaps->onsets++;
		in_slot = slot_now == slot ? in_slot + 1 : 1;
		slot = slot_now;
		if (in_slot > GAPS_PER_SLOT || gaps->count == GAPS_MAX)
			continue;
		gaps->length_s[gaps->count] = times_s[next] - times_s[at];
		gaps->end_s[gaps->count] = times_s[next];
		gaps->burst_s[gaps->count] = times_s[next - 1] - times_s[at];
		gaps->count++;
	}
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
