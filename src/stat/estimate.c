/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/estimate.h"

#include "stat/onset.h"

#include <math.h>

static void swap_cells(struct posterior_cell *a, struct posterior_cell *b)
{
	struct posterior_cell swap = *a;

	*a = *b;
	*b = swap;
}

static struct posterior_cell best_cell(const struct posterior *posterior)
{
	const struct posterior_cell *best = &posterior->cell[0];

	for (size_t i = 1; i < posterior->count; i++) {
		const struct posterior_cell *cell = &posterior->cell[i];

		if (cell->weight > best->weight ||
		    (cell->weight == best->weight && cell->period_s > best->period_s))
			best = cell;
	}
	return *best;
}

/* Drops what is far below the best, and makes plain shares of the logarithms. */
static void to_shares(struct posterior *posterior, double best)
{
	size_t kept = 0;
	double sum = 0;

	for (size_t i = 0; i < posterior->count; i++) {
		struct posterior_cell cell = posterior->cell[i];

		if (cell.weight <= best - MIXTURE_CELL_RANGE)
			continue;
		cell.weight = exp(cell.weight - best);
		sum += cell.weight;
		posterior->cell[kept++] = cell;
	}
	posterior->count = kept;
	for (size_t i = 0; i < kept; i++)
		posterior->cell[i].weight /= sum;
}

/* Puts cells of shorter period than the middle one first; returns where the others start. */
static size_t split(struct posterior_cell *cell, size_t n, double *share_before)
{
	size_t before = 0;

	*share_before = 0;
	swap_cells(&cell[n / 2], &cell[n - 1]);
	for (size_t i = 0; i + 1 < n; i++) {
		if (cell[i].period_s >= cell[n - 1].period_s)
			continue;
		*share_before += cell[i].weight;
		swap_cells(&cell[i], &cell[before++]);
	}
	swap_cells(&cell[before], &cell[n - 1]);
	return before;
}

/*
 * The period at which the shares, from short to long, add up to `level`:
 * Hoare's selection (1961), by weight.  Reorders the cells.
 */
static double period_quantile(struct posterior *posterior, double level)
{
	struct posterior_cell *cell = posterior->cell;
	size_t n = posterior->count;

	while (n > 1) {
		double share_before;
		size_t middle = split(cell, n, &share_before);

		if (share_before >= level && middle > 0) {
			n = middle;
			continue;
		}
		level -= share_before + cell[middle].weight;
		if (level <= 0 || middle + 1 == n)
			return cell[middle].period_s;
		cell += middle + 1;
		n -= middle + 1;
	}
	return cell->period_s;
}

/* A level stands for what is nearer to it than to the next. */
static double lower_edge(size_t level)
{
	return level ? (expert_jitter(level - 1) + expert_jitter(level)) / 2 : 0;
}

static double upper_edge(size_t level)
{
	return level + 1 < EXPERT_LEVELS ? lower_edge(level + 1) : 1;
}

static void estimate_jitter(const struct posterior *posterior, struct timing_result *out)
{
	double share[EXPERT_LEVELS] = {0}, sum = 0;

	for (size_t i = 0; i < posterior->count; i++)
		share[posterior->cell[i].level] += posterior->cell[i].weight;
	out->jitter_90.high = 1;
	for (size_t l = 0; l < EXPERT_LEVELS; l++) {
		out->jitter += share[l] * expert_jitter(l);
		if (sum < .05)
			out->jitter_90.low = lower_edge(l);
		if (sum < .95)
			out->jitter_90.high = upper_edge(l);
		sum += share[l];
	}
	out->jitter_90.low = fmin(out->jitter_90.low, out->jitter);
	out->jitter_90.high = fmax(out->jitter_90.high, out->jitter);
}

/* Lays the period against every gap of a series; shares are worked out later. */
static void count_beats(const struct renewal_series *series, struct timing_result *out,
			double *beats, double *missed)
{
	double tolerance = fmax(.02, 1.2 * out->jitter);
	const double *times_s = series->times_s;

	for (size_t at = 0, next;
	     (next = onset_next(times_s, series->n, out->merge_s, at)) < series->n; at = next) {
		double gap_s = times_s[next] - times_s[at];
		double multiple = fmax(1, rint(gap_s / out->period_s));

		out->gaps++;
		if (multiple > EXPERT_MULTIPLES)
			continue;
		*beats += 1;
		*missed += multiple - 1;
		if (fabs(log(gap_s / (multiple * out->period_s))) < tolerance)
			out->on_beat++;
	}
}

/* A binomial share with Jeffreys' prior, normal interval. */
static void estimate_missed(double beats, double missed, struct timing_result *out)
{
	double a = missed + .5, b = beats + .5;
	double half = 1.645 * sqrt(a * b / ((a + b) * (a + b) * (a + b + 1)));

	out->missed = missed / fmax(1, beats + missed);
	out->missed_90.low = fmax(0, a / (a + b) - half);
	out->missed_90.high = fmin(1, a / (a + b) + half);
}

void estimate_timer(struct posterior *posterior, const struct renewal_series *series, size_t count,
		    struct timing_result *out)
{
	double beats = 0, missed = 0;
	struct posterior_cell best;

	if (posterior->count == 0)
		return;
	best = best_cell(posterior);
	to_shares(posterior, best.weight);
	out->merge_s = best.merge_s;

	out->period_s = period_quantile(posterior, .5);
	out->period.low = period_quantile(posterior, .05) * exp(-expert_step(best.level) / 2);
	out->period.high = period_quantile(posterior, .95) * exp(expert_step(best.level) / 2);
	estimate_jitter(posterior, out);
	for (size_t i = 0; i < count; i++)
		count_beats(&series[i], out, &beats, &missed);
	estimate_missed(beats, missed, out);
}
