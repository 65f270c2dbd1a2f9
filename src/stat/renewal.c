/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/renewal.h"

#include "stat/expert.h"
#include "stat/hazard.h"
#include "stat/sort.h"

#include <math.h>
#include <string.h>

#define FEWEST_GAPS   3
#define LONGEST_SHARE 2.5  /* periods up to window / 2.5 */
#define COVERED	      0.08 /* a timer must fill this share of the window */
#define GRID_MAX      8192 /* periods of one level; a range of e^40 */
#define NEGLIGIBLE    30.0 /* nats below the best: not worth an exp() */
#define BIN	      0.02 /* nats, of the bound on the log gap */
#define LEAST_WAIT_S  1e-6
#define LEAST_SPREAD  0.75 /* of the log-normal; below, it would be a timer itself */
#define LN_SQRT_2PI   0.9189385

struct renewal_work {
	struct experts experts;
	double sorted_s[GAPS_MAX], scratch[GAPS_MAX], ln_gap[GAPS_MAX];
	struct hazard_block blocks[GAPS_MAX];
	float grid[GRID_MAX][EXPERT_LANES];
};

struct renewal_work *renewal_work_new(void)
{
	struct renewal_work *work = malloc(sizeof(*work));

	if (work)
		experts_init(&work->experts);
	return work;
}

void renewal_work_free(struct renewal_work *work)
{
	free(work);
}

/* Which periods are looked for, and which of them this series can speak about. */
struct period_range {
	double prior_low, low, high; /* of the prior: whole, and persistent */
	double grid_low, grid_high;  /* of the grid: within e^2 of some gap */
};

static bool find_range(const struct gaps *gaps, const double *sorted_s,
		       const struct renewal_scale *scale, struct period_range *range)
{
	range->prior_low = scale->shortest_s;
	range->low = fmax(scale->shortest_s, COVERED * scale->window_s / (double)gaps->onsets);
	range->high = scale->window_s / LONGEST_SHARE;
	range->grid_low = fmax(range->low, sorted_s[0] / 8.5);
	range->grid_high = fmin(range->high, sorted_s[gaps->count - 1] * 8);
	return range->grid_high > range->grid_low;
}

/* A sum of exponentials that never overflows. */
struct ln_sum {
	double most, sum;
};

static void ln_sum_add(struct ln_sum *s, double nats)
{
	if (nats > s->most) {
		s->sum = s->sum * exp(s->most - nats) + 1;
		s->most = nats;
	} else if (nats > s->most - NEGLIGIBLE) {
		s->sum += exp(nats - s->most);
	}
}

static void add_gaps(const struct expert_level *level, int bin, float count,
		     float (*grid)[EXPERT_LANES], int periods)
{
	for (size_t row = 0; row < level->rows; row++) {
		int at = bin - level->offset[row];

		if (at < 0 || at >= periods)
			continue;
		for (size_t lane = 0; lane < EXPERT_LANES; lane++)
			grid[at][lane] += count * level->gain[row][lane];
	}
}

static void correlate(const struct expert_level *level, const double *ln_gap, size_t n,
		      double ln_low, float (*grid)[EXPERT_LANES], int periods)
{
	memset(grid, 0, (size_t)periods * sizeof(*grid));
	for (size_t i = 0, same; i < n; i += same) {
		int bin = (int)floor((ln_gap[i] - ln_low) / level->step + .5);

		for (same = 1; i + same < n; same++)
			if ((int)floor((ln_gap[i + same] - ln_low) / level->step + .5) != bin)
				break;
		add_gaps(level, bin, (float)same, grid, periods);
	}
}

struct scan {
	struct ln_sum evidence;
	struct posterior *posterior;
	size_t first; /* of this level in the posterior */
	double merge_s;
};

static void scan_cell(struct scan *scan, const struct expert_level *level, double nats,
		      double period_s)
{
	ln_sum_add(&scan->evidence, nats);
	if (nats < scan->evidence.most - POSTERIOR_RANGE_NATS ||
	    nats < posterior_bar(scan->posterior, scan->first))
		return;
	posterior_add(scan->posterior, scan->first,
		      &(struct posterior_cell){.ln_weight = nats,
					       .period_s = period_s,
					       .jitter = level->jitter,
					       .step = level->step,
					       .merge_s = scan->merge_s});
}

/* ln of the mixture of all experts: sum over experts of prior times product of bets. */
static double mixture(struct renewal_work *work, size_t n, const struct period_range *range,
		      struct scan *scan)
{
	double ln_low = log(range->grid_low), ln_span = log(range->high / range->low);

	for (size_t l = 0; l < EXPERT_LEVELS; l++) {
		const struct expert_level *level = &work->experts.level[l];
		double prior = -log(EXPERT_LEVELS * EXPERT_LANES) - log(ln_span / level->step + 1);
		int periods = (int)((log(range->grid_high) - ln_low) / level->step) + 1;

		if (periods > GRID_MAX)
			periods = GRID_MAX;
		correlate(level, work->ln_gap, n, ln_low, work->grid, periods);
		scan->first = scan->posterior->count;
		for (int at = 0; at < periods; at++)
			for (size_t lane = 0; lane < EXPERT_LANES; lane++)
				scan_cell(scan, level,
					  (double)work->grid[at][lane] + prior +
						  (double)n * work->experts.floor[lane],
					  range->grid_low * exp(at * level->step));
	}
	return scan->evidence.most + log(scan->evidence.sum);
}

/* The silence that counts: from `merge_s` after the last call of the burst. */
static double silence(const struct gaps *gaps, size_t i, double merge_s)
{
	return gaps->length_s[i] - gaps->burst_s[i] - merge_s;
}

/* Chance of the log gap in its bin: at most 1/e of the bin in terms of ln x, and at most 1. */
static double silence_correction(const struct gaps *gaps, double merge_s)
{
	double up = exp(BIN / 2), down = exp(-BIN / 2), sum = 0;

	for (size_t i = 0; i < gaps->count; i++) {
		double dead_s = gaps->burst_s[i] + merge_s;
		double low = fmax(gaps->length_s[i] * down - dead_s, 1e-9);
		double high = gaps->length_s[i] * up - dead_s;

		sum -= log(fmin(M_E, log(high / low)) / BIN);
	}
	return fmin(0, sum);
}

/* The same in the host's own time: density of the silence there, seen from here. */
static double activity_correction(const struct gaps *gaps, double merge_s,
				  const struct activity *activity)
{
	double sum = 0;

	if (!activity->hours)
		return 0;
	for (size_t i = 0; i < gaps->count; i++) {
		double wait_s = fmax(silence(gaps, i, merge_s), LEAST_WAIT_S);
		double end_s = gaps->end_s[i];
		double active_s =
			activity_until(activity, end_s) - activity_until(activity, end_s - wait_s);

		sum += log(active_s / (wait_s * activity_rate(activity, end_s)));
	}
	return fmin(0, sum);
}

/* Log likelihood of the log gaps under the best decreasing hazard, in seconds. */
static double hazard_in_seconds(struct renewal_work *work, size_t n, double merge_s, double sum_ln)
{
	for (size_t i = 0; i < n; i++)
		work->scratch[i] = fmax(work->sorted_s[i] - merge_s, LEAST_WAIT_S);
	return sum_ln + hazard_log_likelihood(work->scratch, n, work->blocks);
}

/* The same in activity time; ln rate is the change of measure.  Reorders sorted_s. */
static double hazard_in_activity(struct renewal_work *work, const struct gaps *gaps, double merge_s,
				 double sum_ln, const struct activity *activity)
{
	for (size_t i = 0; i < gaps->count; i++) {
		double end_s = gaps->end_s[i], start_s = end_s - gaps->length_s[i] + merge_s;

		work->sorted_s[i] =
			fmax(activity_until(activity, end_s) - activity_until(activity, start_s),
			     LEAST_WAIT_S);
		sum_ln += log(activity_rate(activity, end_s));
	}
	sort_doubles(work->sorted_s, gaps->count, work->scratch);
	return sum_ln + hazard_log_likelihood(work->sorted_s, gaps->count, work->blocks);
}

/* Maximum-likelihood log-normal of the gap beyond the merge scale. */
static double log_normal_likelihood(const double *sorted_s, size_t n, double merge_s)
{
	double sum = 0, squares = 0, variance, spread;

	for (size_t i = 0; i < n; i++) {
		double z = log(sorted_s[i] - merge_s * .999);

		sum += z;
		squares += z * z;
	}
	variance = fmax(0, squares / (double)n - sum / (double)n * (sum / (double)n));
	spread = fmax(sqrt(variance), LEAST_SPREAD);
	return -(double)n * (log(spread) + LN_SQRT_2PI) -
	       .5 * (double)n * variance / (spread * spread);
}

static struct renewal against_all(struct renewal_work *work, const struct gaps *gaps,
				  double merge_s, const struct activity *activity, double numerator)
{
	size_t n = gaps->count;
	double sum_ln = 0, hazard, log_normal;
	struct renewal r;

	for (size_t i = 0; i < n; i++)
		sum_ln += work->ln_gap[i];
	r.guaranteed = numerator + (double)n + silence_correction(gaps, merge_s) +
		       activity_correction(gaps, merge_s, activity);
	log_normal = log_normal_likelihood(work->sorted_s, n, merge_s);
	hazard = hazard_in_seconds(work, n, merge_s, sum_ln);
	if (activity->hours)
		hazard = fmax(hazard, hazard_in_activity(work, gaps, merge_s, sum_ln, activity));
	r.hazard = numerator - hazard;
	r.log_normal = numerator - fmax(hazard, log_normal);
	return r;
}

/* Nats relative to the hazard denominator, and to the other scales. */
static void shift_posterior(struct posterior *posterior, size_t first, double shift)
{
	for (size_t i = first; i < posterior->count; i++)
		posterior->cell[i].ln_weight += shift;
}

struct renewal renewal_weigh(struct renewal_work *work, const struct gaps *gaps,
			     const struct renewal_scale *scale, const struct activity *activity,
			     double ln_prior, struct posterior *posterior)
{
	struct scan scan = {{-INFINITY, 0}, posterior, posterior->count, scale->merge_s};
	size_t first = posterior->count, n = gaps->count;
	struct period_range range;
	struct renewal r;
	double numerator;

	if (n >= FEWEST_GAPS) {
		memcpy(work->sorted_s, gaps->length_s, n * sizeof(*work->sorted_s));
		sort_doubles(work->sorted_s, n, work->scratch);
	}
	if (n < FEWEST_GAPS || !find_range(gaps, work->sorted_s, scale, &range))
		return (struct renewal){RENEWAL_NO_EVIDENCE, RENEWAL_NO_EVIDENCE,
					RENEWAL_NO_EVIDENCE};
	for (size_t i = 0; i < n; i++)
		work->ln_gap[i] = log(work->sorted_s[i]);
	numerator = mixture(work, n, &range, &scan);
	r = against_all(work, gaps, scale->merge_s, activity, numerator);
	/* What the prior gave to periods that may not speak is lost. */
	r.guaranteed +=
		log(fmax(1e-9, log(range.high / range.low)) / log(range.high / range.prior_low));
	shift_posterior(posterior, first, r.hazard - numerator + ln_prior);
	return r;
}
