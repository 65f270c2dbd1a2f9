/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/envelope.h"

#include <math.h>
#include <string.h>

#define STEP	 0.06
#define PAD	 EXPERT_STRETCH
#define SAFE	 1e-4		   /* of a nat: rounding at the border of two bins */
#define FARTHEST ENVELOPE_ROWS_MAX /* a gap so many bins below a period is none of its */

static const size_t lowest_level[ENVELOPE_GROUPS + 1] = {0, 3, 6, EXPERT_LEVELS};

/* Rows of a level are centred on whole steps: the most of those that reach into low..high. */
static double most_between(const struct expert_level *level, double low, double high)
{
	int from = (int)ceil(low / level->step - .5) - level->first;
	int to = (int)floor(high / level->step + .5) - level->first;
	double most = 0;

	for (int row = from < 0 ? 0 : from; row <= to && row < level->rows; row++)
		most = fmax(most, (double)level->most[level->rows - 1 - row]);
	return most;
}

/* Of a gap at `place` in a bin, over periods anywhere in the bin that is `bins` lower. */
static double most_of_group(const struct envelope *envelope, const struct experts *experts,
			    size_t place, int bins)
{
	double low = (bins - 1 + (double)place / ENVELOPE_PLACES) * STEP - SAFE;
	double high = (bins + (double)(place + 1) / ENVELOPE_PLACES) * STEP + SAFE;
	double most = 0;

	for (size_t l = envelope->low; l <= envelope->high; l++)
		most = fmax(most, most_between(&experts->level[l], low, high));
	return most;
}

static bool all_zero(const struct envelope *envelope, int row)
{
	for (size_t place = 0; place < ENVELOPE_PLACES; place++)
		if (envelope->most[place][row] > 0)
			return false;
	return true;
}

void envelope_init(struct envelope *envelope, size_t group, const struct experts *experts)
{
	double first = INFINITY, last = -INFINITY;

	memset(envelope, 0, sizeof(*envelope));
	envelope->low = lowest_level[group];
	envelope->high = lowest_level[group + 1] - 1;
	envelope->ln_step = experts->level[envelope->high].ln_step;
	for (size_t l = envelope->low; l <= envelope->high; l++) {
		const struct expert_level *level = &experts->level[l];

		first = fmin(first, (level->first - 1) * level->step);
		last = fmax(last, (level->first + level->rows) * level->step);
	}
	envelope->last = (int)ceil(last / STEP) + 1;
	envelope->reach = envelope->last - (int)floor(first / STEP) + 2;
	CHECK(envelope->reach <= ENVELOPE_ROWS_MAX);
	for (size_t place = 0; place < ENVELOPE_PLACES; place++)
		for (int row = 0; row < envelope->reach; row++)
			envelope->most[place][row] = (float)most_of_group(envelope, experts, place,
									  envelope->last - row);
	for (int row = 0; row < envelope->reach; row++) {
		if (all_zero(envelope, row))
			continue;
		envelope->stretch[envelope->stretches++] = row;
		row += EXPERT_STRETCH - 1;
	}
}

/* Eight at a time; a function, because inside a loop the compiler sees an alias. */
static void add_times(float *restrict sum, const float *restrict add, float times)
{
	for (int i = 0; i < EXPERT_STRETCH; i++)
		sum[i] += times * add[i];
}

/* `place` counts from FARTHEST bins below the shortest period. */
static void add_gaps(const struct envelope *envelope, int place, float times,
		     struct envelope_bound *out)
{
	int bin = place / ENVELOPE_PLACES - FARTHEST;
	const float *most = envelope->most[place % ENVELOPE_PLACES];

	for (int s = 0; s < envelope->stretches; s++) {
		int at = bin - envelope->last + envelope->stretch[s];

		if (at > -PAD && at < out->periods)
			add_times(out->nats + PAD + at, most + envelope->stretch[s], times);
	}
}

void envelope_bound(const struct envelope *envelope, const double *ln_gap, size_t n,
		    double ln_shortest, double span, struct envelope_bound *out)
{
	double per_place = ENVELOPE_PLACES / STEP, start = FARTHEST * STEP - ln_shortest;
	int beyond, last = 0;
	float times = 0;

	out->periods = span / STEP < ENVELOPE_PERIODS_MAX - 1 ? (int)(span / STEP) + 1 : 0;
	if (!out->periods)
		return;
	memset(out->nats, 0, (size_t)(out->periods + 2 * PAD) * sizeof(out->nats[0]));
	beyond = (FARTHEST + out->periods + envelope->last) * ENVELOPE_PLACES;
	for (size_t i = 0; i < n; i++) {
		double at = (ln_gap[i] + start) * per_place;

		if (at < 0)
			continue;
		if (at >= beyond)
			break;
		if ((int)at != last && times > 0) {
			add_gaps(envelope, last, times, out);
			times = 0;
		}
		last = (int)at;
		times++;
	}
	if (times > 0)
		add_gaps(envelope, last, times, out);
}

struct envelope_range envelope_above(const struct envelope_bound *bound, double bar, double span)
{
	int low = 0, high = bound->periods;

	if (!bound->periods)
		return (struct envelope_range){0, span};
	while (low < high && (double)bound->nats[PAD + low] < bar)
		low++;
	while (low < high && (double)bound->nats[PAD + high - 1] < bar)
		high--;
	return (struct envelope_range){low * STEP, high * STEP};
}
