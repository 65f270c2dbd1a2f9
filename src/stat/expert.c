/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/expert.h"

#include <math.h>
#include <string.h>

#define STRAY_RANGE 12.0 /* nats: from a second to two days */
#define SHIFTS	    5	 /* positions of the period inside its bin, averaged */
#define LEAST_GAIN  0.02 /* nats; smaller rows are not worth their time */

static const double jitters[EXPERT_LEVELS] = {.01, .03, .06, .12, .2, .3, .42, .55, .7, .82, .93};
static const double missed_shares[2] = {.03, .5};
static const double stray_shares[2] = {.01, .2};

double expert_jitter(size_t level)
{
	return jitters[level];
}

/* A quarter of the jitter, but neither finer nor coarser than makes sense. */
double expert_step(size_t level)
{
	return fmax(.005, fmin(jitters[level] / 4, .12));
}

/* Lane bits: 1 clock, 2 many missed, 4 many strays. */
static bool is_clock(size_t lane)
{
	return lane & 1;
}

static double missed_share(size_t lane)
{
	return missed_shares[lane >> 1 & 1];
}

static double stray_share(size_t lane)
{
	return stray_shares[lane >> 2 & 1];
}

static double normal_below(double z)
{
	return 0.5 * erfc(-z * M_SQRT1_2);
}

/* Chance that `beats` periods last less than `u` periods. */
static double lasts_below(double u, size_t beats, double jitter, bool clock)
{
	double sd = jitter * sqrt((clock ? 2 : (double)beats) / 3);
	double normal = normal_below((u - (double)beats) / sd);

	if (clock || beats > 1)
		return normal;
	/* One sleep: between uniform, as most write it, and bell-shaped. */
	return 0.5 * normal + 0.5 * fmin(1, fmax(0, (u - 1 + jitter) / (2 * jitter)));
}

/* Chance that the gap lasts less than `u` periods, none of it stray. */
static double gap_below(double u, double jitter, bool clock, double missed)
{
	double weight = 1 - missed, total = 0, sum = 0;

	for (size_t beats = 1; beats <= EXPERT_MULTIPLES; beats++) {
		sum += weight * lasts_below(u, beats, jitter, clock);
		total += weight;
		weight *= missed;
	}
	return sum / total;
}

/* Density of the log gap in the bin at `offset`, none of it stray. */
static double beat_density(const struct expert_level *level, int offset, size_t lane)
{
	double sum = 0;

	for (size_t i = 0; i < SHIFTS; i++) {
		double shift = ((double)i + .5) / SHIFTS - .5;
		double low = exp((offset - .5 + shift) * level->step);
		double high = exp((offset + .5 + shift) * level->step);

		sum += gap_below(high, level->jitter, is_clock(lane), missed_share(lane)) -
		       gap_below(low, level->jitter, is_clock(lane), missed_share(lane));
	}
	return sum / SHIFTS / level->step;
}

/* Is any multiple near enough to the bin to matter?  Saves most of the work. */
static bool near_a_multiple(const struct expert_level *level, int offset)
{
	double low = exp((offset - 1) * level->step), high = exp((offset + 1) * level->step);

	for (double beats = 1; beats <= EXPERT_MULTIPLES; beats++) {
		double reach = 7 * level->jitter * sqrt(fmax(beats, 2) / 3);

		if (low < beats + reach && high > beats - reach)
			return true;
	}
	return false;
}

/* Leaves the row empty if it is hardly above the floor. */
static void fill_row(const struct experts *experts, struct expert_level *level, int row)
{
	double density[EXPERT_LANES], gain[EXPERT_LANES], most = 0;

	for (size_t lane = 0; lane < EXPERT_LANES; lane++) {
		double stray = stray_share(lane);

		/* The second four differ from the first in their strays only. */
		density[lane] = lane < 4 ? beat_density(level, level->first + row, lane)
					 : density[lane - 4];
		gain[lane] = log((1 - stray) * density[lane] + stray / STRAY_RANGE) -
			     experts->floor[lane];
		most = fmax(most, gain[lane]);
	}
	if (most <= LEAST_GAIN)
		return;
	for (size_t lane = 0; lane < EXPERT_LANES; lane++)
		level->gain[row][lane] = (float)gain[lane];
}

static void find_most(const struct experts *experts, struct expert_level *level)
{
	for (int row = 0; row < level->rows; row++) {
		double most = 0;

		for (size_t lane = 0; lane < EXPERT_LANES; lane++)
			most = fmax(most, experts->floor[lane] + (double)level->gain[row][lane] -
						  experts->highest_floor);
		level->most[level->rows - 1 - row] = (float)most;
	}
	for (int at = 0; at < level->rows; at++) {
		if (level->most[at] <= 0)
			continue;
		level->stretch[level->stretches++] = at;
		at += EXPERT_STRETCH - 1;
	}
}

static void init_level(const struct experts *experts, struct expert_level *level, size_t number)
{
	double jitter = expert_jitter(number), step = expert_step(number);
	int last = (int)ceil(log(EXPERT_MULTIPLES * (1 + jitter) + 1) / step) + 2;

	level->jitter = jitter;
	level->step = step;
	level->ln_step = log(step);
	level->first = (int)floor(log(fmax(.05, 1 - jitter) * .7) / step) - 2;
	while (!near_a_multiple(level, level->first))
		level->first++;
	while (!near_a_multiple(level, last))
		last--;
	level->rows = last - level->first + 1;
	CHECK(level->rows <= EXPERT_ROWS_MAX);
	for (int row = 0; row < level->rows; row++)
		if (near_a_multiple(level, level->first + row))
			fill_row(experts, level, row);
	find_most(experts, level);
}

void experts_init(struct experts *experts)
{
	memset(experts, 0, sizeof(*experts));
	experts->highest_floor = -INFINITY;
	for (size_t lane = 0; lane < EXPERT_LANES; lane++) {
		experts->floor[lane] = log(stray_share(lane) / STRAY_RANGE);
		experts->highest_floor = fmax(experts->highest_floor, experts->floor[lane]);
	}
	for (size_t i = 0; i < EXPERT_LEVELS; i++)
		init_level(experts, &experts->level[i], i);
}
