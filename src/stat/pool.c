/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/pool.h"

#include "stat/onset.h"
#include "stat/sort.h"

#include <math.h>

#define MERGED_SHARE 0.03 /* of the mean gap of a host: one burst */
#define NEAR_SHARE   0.02 /* of the mean gap of a host: at the same moment */
#define NEAR_MOST    0.1  /* of the mean gap of all together, or all would be near by chance */

static size_t add_onsets(struct pool *pool, const struct renewal_series *series, size_t count,
			 double merge_s)
{
	size_t onsets = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t at = 0; at < series[i].n && onsets < POOL_ONSETS_MAX;) {
			pool->at_s[onsets++] = series[i].times_s[at];
			at = onset_next(series[i].times_s, series[i].n, merge_s, at);
		}
	return onsets;
}

bool pool_together(struct pool *pool, const struct renewal_series *series, size_t count,
		   double window_s)
{
	double hosts = (double)count, calls = 0, reach_s, chance, limit;
	size_t onsets, near = 0;

	if (count < 2)
		return false;
	for (size_t i = 0; i < count; i++)
		calls += (double)series[i].n;
	onsets = add_onsets(pool, series, count, MERGED_SHARE * window_s * hosts / fmax(1, calls));
	reach_s = window_s / fmax(1, (double)onsets) * fmin(NEAR_SHARE * hosts, NEAR_MOST);
	/* Onsets of one host are then further apart than that. */
	onsets = add_onsets(pool, series, count, reach_s);
	sort_doubles(pool->at_s, onsets, pool->scratch);
	for (size_t i = 1; i < onsets; i++)
		near += pool->at_s[i] - pool->at_s[i - 1] <= reach_s;
	chance = 1 - exp(-(double)onsets * reach_s * (hosts - 1) / hosts / fmax(1e-9, window_s));
	limit = chance + 1.5 * sqrt(chance * (1 - chance) / hosts);
	return (double)near > limit * (double)onsets;
}
