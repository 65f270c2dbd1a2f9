/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/hidden_onsets.h"

#include "stat/onset.h"

#include <math.h>

#define BLOCK_LEAST 12
#define BLOCKS_MOST 40

/* The time that counts between two onsets, on the wall's clock or the host's. */
static double live_between(const struct hidden_onsets *o, size_t i, const struct activity *activity)
{
	double from_s = o->at_s[i - 1] + o->merge_s;

	if (!activity)
		return o->at_s[i] - from_s;
	return activity_until(activity, o->at_s[i]) -
	       activity_until(activity, fmin(from_s, o->at_s[i]));
}

/*
 * Rates by blocks of onsets; `activity` NULL is the wall's clock.  Returns how well
 * that explains the onsets.
 */
static double find_rates(struct hidden_rates *rates, const struct hidden_onsets *o,
			 const struct activity *activity)
{
	size_t block = o->n / BLOCKS_MOST > BLOCK_LEAST ? o->n / BLOCKS_MOST : BLOCK_LEAST, end;
	double so_far = 0, sum = 0;

	rates->live[0] = 0;
	for (size_t i = 1; i < o->n; i++)
		rates->live[i] = rates->live[i - 1] + live_between(o, i, activity);
	for (size_t from = 0; from < o->n; from = end) {
		double span, rate;
		size_t last;

		end = from + block + block / 2 <= o->n ? from + block : o->n;
		last = end < o->n ? end : o->n - 1;
		span = rates->live[last] - rates->live[from];
		rate = ((double)(last > from ? last - from : 1) + .5) / fmax(span, 1e-3);
		for (size_t i = from; i < end; i++) {
			rates->rate[i] =
				activity ? rate * activity_rate(activity, o->at_s[i]) : rate;
			rates->expected[i] = so_far + (rates->live[i] - rates->live[from]) * rate;
			if (activity)
				sum += log(rates->rate[i] / rate);
		}
		sum += (double)(end - from) * log(rate);
		so_far += span * rate;
	}
	return sum - so_far;
}

static void keep_rates(const struct hidden_rates *rates, struct hidden_onsets *o)
{
	for (size_t i = 0; i < o->n; i++) {
		o->rate[i] = rates->rate[i];
		o->wait_s[i] = 1 / rates->rate[i];
		o->expected[i] = i + 1 < o->n ? rates->expected[i + 1] - rates->expected[i] : 0;
	}
}

void hidden_onsets_find(struct hidden_rates *rates, struct hidden_onsets *o, const double *times_s,
			size_t n, double merge_s, const struct activity *activity)
{
	double on_clock;

	o->merge_s = merge_s;
	o->n = 0;
	for (size_t at = 0; at < n; at = onset_next(times_s, n, merge_s, at))
		o->at_s[o->n++] = times_s[at];
	if (o->n < HIDDEN_FEWEST_ONSETS)
		return;
	on_clock = find_rates(rates, o, NULL);
	keep_rates(rates, o);
	if (activity && activity->hours && find_rates(rates, o, activity) > on_clock)
		keep_rates(rates, o);
}
