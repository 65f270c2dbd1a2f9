/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/mixture.h"

#include "stat/envelope.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static_assert(EXPERT_STRETCH == EXPERT_LANES, "both are done by add_times()");

#define PAD	       EXPERT_STRETCH
#define BINS_MAX       (MIXTURE_PERIODS_MAX + EXPERT_ROWS_MAX)
#define COARSE	       4	  /* levels from here on have few periods and wide templates */
#define ROUND_TO_WHOLE 12582912.f /* 1.5 * 2^23: a sum has no room for a fraction */
#define BIN_OFFSET     1000000.0  /* makes bins positive, so that a cast rounds down */

/* The gaps of the series in the bins of one level, ascending. */
struct bins {
	int count;
	int bin[BINS_MAX];
	float gaps[BINS_MAX];
};

/* The periods of one level: number p is shortest_s * e^((first + p) step). */
struct grid {
	int first, periods;
	struct bins bins;
	float bound[PAD + MIXTURE_PERIODS_MAX + PAD]; /* nats above the highest floor */
};

/* What is weighed: ascending log gaps, and the range of log periods. */
struct series {
	const double *ln_gap;
	size_t n;
	double ln_shortest, span;
};

struct mixture_work {
	struct experts experts;
	struct grid grid[EXPERT_LEVELS];
	struct envelope envelope[ENVELOPE_GROUPS];
	struct envelope_bound bound;
	/* What was worked out of one level: periods, and products of their eight experts. */
	int worked, at_floor; /* at_floor: had no gap near a multiple, not listed */
	int period[MIXTURE_PERIODS_MAX];
	float nats[MIXTURE_PERIODS_MAX][EXPERT_LANES]; /* above the floor of each lane */
};

struct mixture_work *mixture_work_new(void)
{
	struct mixture_work *work = malloc(sizeof(*work));

	if (!work)
		return NULL;
	experts_init(&work->experts);
	for (size_t i = 0; i < ENVELOPE_GROUPS; i++)
		envelope_init(&work->envelope[i], i, &work->experts);
	return work;
}

void mixture_work_free(struct mixture_work *work)
{
	free(work);
}

/* Leaves out gaps that are near no multiple of any period of the grid. */
static void fill_bins(struct grid *grid, const struct expert_level *level, const double *ln_gap,
		      size_t n, double ln_shortest)
{
	struct bins *bins = &grid->bins;
	double per_step = 1 / level->step;
	int last = -1;

	bins->count = 0;
	for (size_t i = 0; i < n; i++) {
		int bin = (int)((ln_gap[i] - ln_shortest) * per_step + (.5 + BIN_OFFSET)) -
			  (int)BIN_OFFSET - level->first - grid->first;

		if (bin < 0 || bin >= grid->periods + level->rows - 1)
			continue;
		if (bins->count && bin == last) {
			bins->gaps[bins->count - 1]++;
			continue;
		}
		bins->bin[bins->count] = last = bin;
		bins->gaps[bins->count++] = 1;
	}
}

/* Eight at a time; a function, because inside a loop the compiler sees an alias. */
static void add_times(float *restrict sum, const float *restrict add, float times)
{
	for (int i = 0; i < EXPERT_LANES; i++)
		sum[i] += times * add[i];
}

/* The most that any of eight neighbouring experts can have bet, for all periods. */
static void fill_bound(struct grid *grid, const struct expert_level *level)
{
	const struct bins *bins = &grid->bins;

	memset(grid->bound, 0, (size_t)(grid->periods + 2 * PAD) * sizeof(grid->bound[0]));
	for (int i = 0; i < bins->count; i++) {
		int period = bins->bin[i] - level->rows + 1;

		for (int s = 0; s < level->stretches; s++) {
			int at = period + level->stretch[s];

			if (at > -PAD && at < grid->periods)
				add_times(grid->bound + PAD + at, level->most + level->stretch[s],
					  bins->gaps[i]);
		}
	}
}

/* The product of the bets of eight experts on the bins from..to. */
static void work_out(const struct expert_level *level, const struct bins *bins, int from, int to,
		     int period, float *restrict nats)
{
	float sum[EXPERT_LANES] = {0};

	for (int i = from; i < to; i++)
		add_times(sum, level->gain[bins->bin[i] - period], bins->gaps[i]);
	memcpy(nats, sum, sizeof(sum));
}

/* The best of eight experts. */
static double best_lane(const struct mixture_work *work, size_t n, const float *nats)
{
	double best = -INFINITY;

	for (size_t lane = 0; lane < EXPERT_LANES; lane++) {
		double here = (double)nats[lane] + (double)n * work->experts.floor[lane];

		best = here > best ? here : best;
	}
	return best;
}

static int most_promising(const struct grid *grid)
{
	float most = grid->bound[PAD];
	int period = 0;

	for (int p = 1; p < grid->periods; p++) {
		if (grid->bound[PAD + p] <= most)
			continue;
		most = grid->bound[PAD + p];
		period = p;
	}
	return period;
}

/* A first idea of the best: the most promising period of a coarse level. */
static double first_best(struct mixture_work *work, size_t l, size_t n)
{
	const struct expert_level *level = &work->experts.level[l];
	const struct grid *grid = &work->grid[l];
	int period = most_promising(grid), from = 0, to;

	while (from < grid->bins.count && grid->bins.bin[from] < period)
		from++;
	for (to = from; to < grid->bins.count && grid->bins.bin[to] < period + level->rows;)
		to++;
	work_out(level, &grid->bins, from, to, period, work->nats[0]);
	return best_lane(work, n, work->nats[0]) + level->ln_step;
}

/* Works out every period whose bound reaches the bar. */
static void work_out_level(struct mixture_work *work, size_t l, size_t n, double bar_nats)
{
	const struct expert_level *level = &work->experts.level[l];
	const struct grid *grid = &work->grid[l];
	float bar = (float)(bar_nats - (double)n * work->experts.highest_floor);
	int from = 0, to = 0;

	work->worked = work->at_floor = 0;
	for (int p = 0; p < grid->periods; p++) {
		if (grid->bound[PAD + p] < bar)
			continue;
		if (grid->bound[PAD + p] <= 0) {
			work->at_floor++;
			continue;
		}
		while (from < grid->bins.count && grid->bins.bin[from] < p)
			from++;
		while (to < grid->bins.count && grid->bins.bin[to] < p + level->rows)
			to++;
		work->period[work->worked] = p;
		work_out(level, &grid->bins, from, to, p, work->nats[work->worked]);
		work->worked++;
	}
}

static double most_of_level(const struct mixture_work *work, size_t n)
{
	float most[EXPERT_LANES];

	for (size_t lane = 0; lane < EXPERT_LANES; lane++)
		most[lane] = work->at_floor ? 0 : -INFINITY;
	for (int i = 0; i < work->worked; i++)
		for (size_t lane = 0; lane < EXPERT_LANES; lane++)
			most[lane] =
				work->nats[i][lane] > most[lane] ? work->nats[i][lane] : most[lane];
	return best_lane(work, n, most);
}

/*
 * e^x of eight numbers in -60 .. 0, to 3e-6 of each; below, about e^-60.
 * x / ln 2 is split into a whole number, which becomes the exponent of the
 * result, and a rest of at most a half, for Taylor's polynomial.
 */
static void exp_lanes(const float *restrict x, float *restrict out)
{
	float inside[EXPERT_LANES], shifted[EXPERT_LANES], rest[EXPERT_LANES], power[EXPERT_LANES];
	uint32_t bits[EXPERT_LANES];

	for (int lane = 0; lane < EXPERT_LANES; lane++) /* alone, or it would branch */
		inside[lane] = x[lane] > -60.f ? x[lane] : -60.f;
	for (int lane = 0; lane < EXPERT_LANES; lane++) {
		float y = inside[lane] * (float)M_LOG2E;

		shifted[lane] = y + ROUND_TO_WHOLE;
		rest[lane] = (y - (shifted[lane] - ROUND_TO_WHOLE)) * (float)M_LN2;
	}
	memcpy(bits, shifted, sizeof(bits));
	for (int lane = 0; lane < EXPERT_LANES; lane++)
		bits[lane] = (bits[lane] + 127) << 23;
	memcpy(power, bits, sizeof(power));
	for (int lane = 0; lane < EXPERT_LANES; lane++) {
		float r = rest[lane];

		out[lane] = power[lane] *
			    (1 + r * (1 + r * (1 / 2.f +
					       r * (1 / 6.f + r * (1 / 24.f + r * (1 / 120.f))))));
	}
}

/* ln of the sum of all products; `most` is the greatest. */
static double add_up_level(struct mixture_work *work, size_t n, double most)
{
	float below[EXPERT_LANES], x[EXPERT_LANES], e[EXPERT_LANES], sum[EXPERT_LANES];
	double total = 0;

	for (int lane = 0; lane < EXPERT_LANES; lane++)
		below[lane] = (float)((double)n * work->experts.floor[lane] - most);
	exp_lanes(below, sum);
	for (int lane = 0; lane < EXPERT_LANES; lane++)
		sum[lane] *= (float)work->at_floor;
	for (int i = 0; i < work->worked; i++) {
		for (int lane = 0; lane < EXPERT_LANES; lane++)
			x[lane] = work->nats[i][lane] + below[lane];
		exp_lanes(x, e);
		for (int lane = 0; lane < EXPERT_LANES; lane++)
			sum[lane] += e[lane];
	}
	for (int lane = 0; lane < EXPERT_LANES; lane++)
		total += (double)sum[lane];
	return most + log(total);
}

/* The remembered cells of a level are a heap with the worst on top. */
static void remember(struct mixture_cell *heap, size_t *count, struct mixture_cell cell)
{
	size_t at = *count;

	if (at < MIXTURE_CELLS) {
		heap[(*count)++] = cell;
		for (size_t up; at > 0 && heap[up = (at - 1) / 2].nats > cell.nats; at = up)
			heap[at] = heap[up];
	} else {
		size_t child;

		if (cell.nats <= heap[0].nats)
			return;
		for (at = 0; (child = 2 * at + 1) < MIXTURE_CELLS; at = child) {
			if (child + 1 < MIXTURE_CELLS && heap[child + 1].nats < heap[child].nats)
				child++;
			if (heap[child].nats >= cell.nats)
				break;
			heap[at] = heap[child];
		}
	}
	heap[at] = cell;
}

/* The period whose best expert is best of all worked out. */
static int best_worked(const struct mixture_work *work, size_t n)
{
	double most = -INFINITY;
	int best = 0;

	for (int i = 0; i < work->worked; i++) {
		double nats = best_lane(work, n, work->nats[i]);

		if (nats <= most)
			continue;
		most = nats;
		best = i;
	}
	return best;
}

/* From the best outward: few that come later are better than those kept. */
static void remember_level(const struct mixture_work *work, size_t l, size_t n, double bar,
			   double shortest_s, struct mixture *out)
{
	struct mixture_cell *heap = out->cell + out->cells;
	int best = best_worked(work, n);
	size_t count = 0;

	for (int k = 0; k < work->worked; k++) {
		int i = k < work->worked - best ? best + k : work->worked - 1 - k;
		double period_s = shortest_s * exp((work->grid[l].first + work->period[i]) *
						   work->experts.level[l].step);

		for (size_t lane = 0; lane < EXPERT_LANES; lane++) {
			double nats =
				(double)work->nats[i][lane] + (double)n * work->experts.floor[lane];

			if (nats >= bar && (count < MIXTURE_CELLS || nats > heap[0].nats))
				remember(heap, &count, (struct mixture_cell){nats, period_s, l});
		}
	}
	out->cells += count;
}

/* The part of a level's periods that lies in a range. */
static void cut_grid(struct grid *grid, const struct expert_level *level, double span,
		     struct envelope_range range)
{
	int periods = (int)fmin(span / level->step, MIXTURE_PERIODS_MAX - 1) + 1;
	int last = (int)fmin(ceil(range.high / level->step), periods - 1);

	grid->first = (int)fmin(floor(range.low / level->step), MIXTURE_PERIODS_MAX);
	grid->periods = range.low < range.high ? last - grid->first + 1 : 0;
	if (grid->periods < 0)
		grid->periods = 0;
}

/* Bounds for the levels of a group, where there is any hope; the best known so far. */
static double prepare_group(struct mixture_work *work, const struct envelope *envelope,
			    const struct series *series, double least, double best)
{
	struct envelope_range range;
	double bar;

	envelope_bound(envelope, series->ln_gap, series->n, series->ln_shortest, series->span,
		       &work->bound);
	bar = fmax(least, best - MIXTURE_RANGE_NATS - envelope->ln_step);
	range = envelope_above(&work->bound, bar - (double)series->n * work->experts.highest_floor,
			       series->span);
	for (size_t l = envelope->low; l <= envelope->high; l++) {
		const struct expert_level *level = &work->experts.level[l];
		struct grid *grid = &work->grid[l];

		cut_grid(grid, level, series->span, range);
		if (grid->periods == 0)
			continue;
		fill_bins(grid, level, series->ln_gap, series->n, series->ln_shortest);
		fill_bound(grid, level);
		if (l >= COARSE)
			best = fmax(best, first_best(work, l, series->n));
	}
	return best;
}

void mixture_weigh(struct mixture_work *work, const double *ln_gap, size_t n, double shortest_s,
		   double longest_s, struct mixture *out)
{
	struct series series = {ln_gap, n, log(shortest_s), log(longest_s) - log(shortest_s)};
	double best = -INFINITY;

	for (size_t i = ENVELOPE_GROUPS; i-- > 0;)
		best = prepare_group(work, &work->envelope[i], &series, out->least, best);
	out->cells = 0;
	/* From wide jitters to narrow ones: each leaves less to be worked out for the next. */
	for (size_t l = EXPERT_LEVELS; l-- > 0;) {
		double ln_step = work->experts.level[l].ln_step, most;

		out->ln_sum[l] = -INFINITY;
		if (work->grid[l].periods == 0)
			continue;
		work_out_level(work, l, n, fmax(out->least, best - MIXTURE_RANGE_NATS - ln_step));
		most = most_of_level(work, n);
		best = fmax(best, most + ln_step);
		if (most > -INFINITY)
			out->ln_sum[l] = add_up_level(work, n, most);
		if (out->wanted)
			remember_level(work, l, n, best - ln_step - MIXTURE_CELL_RANGE, shortest_s,
				       out);
	}
}
