/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/renewal.h"

#include "stat/hazard.h"
#include "stat/mixture.h"
#include "stat/sort.h"

#include <math.h>
#include <string.h>

#define FEWEST_GAPS   3
#define LONGEST_SHARE 2.5  /* periods up to window / 2.5 */
#define COVERED	      0.08 /* a timer must fill this share of the window */
#define LEAST_MERGES  5	   /* periods of at least 5 merge_s */
#define FINE_TICKS    200  /* a clock with as many ticks in a period is fine */
#define BIN	      0.02 /* nats, of the bound on the log gap */
#define UNEVEN	      1.1  /* local variation: gaps of neither timer nor Poisson process; */
#define UNEVEN_IF_FEW .97  /* few gaps vary more: this and 8 over their number */
#define UNEVEN_GAPS   8.0
#define LEAST_WAIT_S  1e-6
#define MARGIN	      5.0  /* nats */
#define SHARED_MARGIN 0.7  /* scales of the same onsets differ by as much in what matters */
#define LEAST_SPREAD  0.75 /* of the log-normal; below, it would be a timer itself */
#define LN_SQRT_2PI   0.9189385

/* Which periods are looked for, and which of them this series can speak about. */
struct period_range {
	double prior_low, low, high; /* of the prior: whole, and persistent */
	double ln_span;		     /* of the persistent prior */
	double grid_low, grid_high;  /* of the grid: within e^2 of some gap */
};

struct renewal_work {
	struct mixture_work *experts;
	const struct renewal_series *series;
	size_t series_count;
	struct activity activity; /* of one of them: */
	size_t active;
	struct gaps gaps;
	double sorted_s[GAPS_MAX], ln_gap[GAPS_MAX], sum_ln; /* of the gaps */
	double wait_s[GAPS_MAX], scratch[GAPS_MAX];
	struct hazard_block blocks[GAPS_MAX];
	struct mixture mixture;
};

struct renewal_work *renewal_work_new(void)
{
	struct renewal_work *work = malloc(sizeof(*work));

	if (!work)
		return NULL;
	work->experts = mixture_work_new();
	if (work->experts)
		return work;
	free(work);
	return NULL;
}

void renewal_work_free(struct renewal_work *work)
{
	if (!work)
		return;
	mixture_work_free(work->experts);
	free(work);
}

static double ln_of_sum(const double *nats, size_t n)
{
	double most = nats[0], sum = 0;

	for (size_t i = 1; i < n; i++)
		most = fmax(most, nats[i]);
	for (size_t i = 0; i < n; i++)
		sum += exp(nats[i] - most);
	return most + log(sum);
}

/* Sums logarithms by multiplying while that is safe: one log() for dozens of factors. */
struct ln_product {
	double ln, product;
};

static void multiply(struct ln_product *p, double factor)
{
	p->product *= factor;
	if (p->product < 1e-200 || p->product > 1e200) {
		p->ln += log(p->product);
		p->product = 1;
	}
}

/*
 * The silence that counts starts `merge_s` after the last call of the burst;
 * with a coarse clock, both ends may be a tick off.
 */
static double dead_time(const struct gaps *gaps, size_t i, double merge_s)
{
	return gaps->burst_s[i] + merge_s + 2 * gaps->blur_s;
}

/* A bin of the log gap, seen as a bin of the log silence. */
static double silent_bin(double gap_s, double dead_s)
{
	double middle_s = gap_s * cosh(BIN / 2) - dead_s, half_s = gap_s * sinh(BIN / 2);
	double r = half_s / middle_s;

	if (middle_s - half_s < LEAST_WAIT_S)
		return M_E;
	/* ln(hi/lo) = ln((1+r) / (1-r)) */
	if (r < .1)
		return 2 * r * (1 + r * r * (1 / 3. + r * r * (1 / 5. + r * r / 7)));
	return fmin(M_E, log((1 + r) / (1 - r)));
}

/* Chance of the log gap in its bin: at most 1/e of the bin of the log silence, and at most 1. */
static double silence_correction(const struct gaps *gaps, double merge_s)
{
	struct ln_product chance = {0, 1};

	for (size_t i = 0; i < gaps->count; i++)
		multiply(&chance, BIN / silent_bin(gaps->length_s[i], dead_time(gaps, i, merge_s)));
	return fmin(0, chance.ln + log(chance.product));
}

/* The day of the host whose gap it is; gaps of one host follow each other. */
static const struct activity *activity_of(struct renewal_work *work, size_t gap)
{
	size_t number = work->gaps.series[gap];

	if (number != work->active)
		activity_init(&work->activity, work->series[number].hourly,
			      work->series[number].hours);
	work->active = number;
	return &work->activity;
}

static bool has_activity(const struct renewal_work *work)
{
	for (size_t i = 0; i < work->series_count; i++)
		if (work->series[i].hourly && work->series[i].hours > 0)
			return true;
	return false;
}

/* The same in the host's own time: density of the silence there, seen from here. */
static double activity_correction(struct renewal_work *work, double merge_s)
{
	const struct gaps *gaps = &work->gaps;
	struct ln_product chance = {0, 1};

	if (!has_activity(work))
		return 0;
	for (size_t i = 0; i < gaps->count; i++) {
		const struct activity *activity = activity_of(work, i);
		double dead_s = dead_time(gaps, i, merge_s), end_s = gaps->end_s[i];
		double wait_s = fmax(gaps->length_s[i] - dead_s, LEAST_WAIT_S);
		double active_s =
			activity_until(activity, end_s) - activity_until(activity, end_s - wait_s);

		multiply(&chance, active_s / (wait_s * activity_rate(activity, end_s)));
	}
	return fmin(0, chance.ln + log(chance.product));
}

/* Log likelihood of the log gaps under the best decreasing hazard, in seconds. */
static double hazard_in_seconds(struct renewal_work *work, double merge_s)
{
	size_t n = work->gaps.count;

	for (size_t i = 0; i < n; i++)
		work->wait_s[i] = fmax(work->sorted_s[i] - merge_s, LEAST_WAIT_S);
	return work->sum_ln + hazard_log_likelihood(work->wait_s, n, work->blocks);
}

/* The same in activity time; ln rate is the change of measure. */
static double hazard_in_activity(struct renewal_work *work, double merge_s)
{
	size_t n = work->gaps.count;
	double sum = work->sum_ln;

	for (size_t i = 0; i < n; i++) {
		const struct activity *activity = activity_of(work, i);
		double end_s = work->gaps.end_s[i];
		double start_s = end_s - work->gaps.length_s[i] + merge_s;
		double wait_s = activity_until(activity, end_s) - activity_until(activity, start_s);

		work->wait_s[i] = fmax(wait_s, LEAST_WAIT_S);
		sum += log(activity_rate(activity, end_s));
	}
	sort_doubles(work->wait_s, n, work->scratch);
	return sum + hazard_log_likelihood(work->wait_s, n, work->blocks);
}

/* Maximum-likelihood log-normal of the gap beyond the merge scale. */
static double log_normal_likelihood(const struct renewal_work *work, double merge_s)
{
	double n = (double)work->gaps.count, sum = 0, squares = 0, variance, spread;

	for (size_t i = 0; i < work->gaps.count; i++) {
		double gap_s = work->sorted_s[i], share = merge_s * .999 / gap_s, z;

		if (share < .01) /* ln(1 - share) */
			z = work->ln_gap[i] - share * (1 + share * (1 / 2. + share / 3));
		else
			z = log(fmax(gap_s - merge_s * .999, LEAST_WAIT_S));
		sum += z;
		squares += z * z;
	}
	variance = fmax(0, squares / n - sum / n * (sum / n));
	spread = fmax(sqrt(variance), LEAST_SPREAD);
	return -n * (log(spread) + LN_SQRT_2PI) - .5 * n * variance / (spread * spread);
}

static void sort_gaps(struct renewal_work *work)
{
	size_t n = work->gaps.count;

	memcpy(work->sorted_s, work->gaps.length_s, n * sizeof(*work->sorted_s));
	sort_doubles(work->sorted_s, n, work->scratch);
	work->sum_ln = 0;
	for (size_t i = 0; i < n; i++) {
		work->ln_gap[i] = log(work->sorted_s[i]);
		work->sum_ln += work->ln_gap[i];
	}
}

/* Local variation of the gaps kept (stat/onset.h). */
static double variation(const struct gaps *gaps)
{
	double sum = 0;

	for (size_t i = 1; i < gaps->count; i++) {
		double a = gaps->length_s[i - 1], b = gaps->length_s[i],
		       contrast = (a - b) / (a + b);

		sum += contrast * contrast;
	}
	return gaps->count > 1 ? 3 * sum / (double)(gaps->count - 1) : 1;
}

static bool too_uneven(const struct gaps *gaps)
{
	return variation(gaps) >
	       fmax(UNEVEN, UNEVEN_IF_FEW + UNEVEN_GAPS / fmax(1, (double)gaps->count));
}

static bool find_range(const struct renewal_work *work, double merge_s,
		       const struct renewal_plan *plan, struct period_range *range)
{
	size_t n = work->gaps.count;

	if (n < FEWEST_GAPS)
		return false;
	range->prior_low = fmax(plan->shortest_s, LEAST_MERGES * merge_s);
	range->low = fmax(range->prior_low, COVERED * plan->window_s * (double)work->series_count /
						    (double)work->gaps.onsets);
	range->high = plan->window_s / LONGEST_SHARE;
	range->ln_span = log(range->high / range->low);
	range->grid_low = fmax(range->low, work->sorted_s[0] / 8.5);
	range->grid_high = fmin(range->high, work->sorted_s[n - 1] * 8);
	return range->grid_high > range->grid_low;
}

/* The prior of one expert: all kinds alike, all periods of a level alike. */
static double prior_of_level(const struct period_range *range, size_t level)
{
	double periods = range->ln_span / expert_step(level) + 1;

	return 1 / (EXPERT_LEVELS * EXPERT_LANES * periods);
}

static double numerator(const struct mixture *mixture, const struct period_range *range)
{
	double most = mixture->ln_sum[0], sum = 0;

	for (size_t l = 1; l < EXPERT_LEVELS; l++)
		most = fmax(most, mixture->ln_sum[l]);
	if (most <= -INFINITY)
		return -INFINITY; /* all of it too little to matter */
	for (size_t l = 0; l < EXPERT_LEVELS; l++)
		sum += exp(mixture->ln_sum[l] - most) * prior_of_level(range, l);
	return most + log(sum);
}

/* What comes off the numerator, in each of the channels. */
static struct renewal denominators(struct renewal_work *work, double merge_s,
				   const struct period_range *range, const struct renewal *least)
{
	struct renewal d = {0};

	d.guaranteed = -(double)work->gaps.count - silence_correction(&work->gaps, merge_s) -
		       activity_correction(work, merge_s);
	/* What the prior gave to periods that may not speak is lost. */
	d.guaranteed -= log(fmax(1e-9, range->ln_span) / log(range->high / range->prior_low));
	if (least->hazard >= RENEWAL_MUTE && least->log_normal >= RENEWAL_MUTE)
		return d;
	d.hazard = hazard_in_seconds(work, merge_s);
	if (has_activity(work))
		d.hazard = fmax(d.hazard, hazard_in_activity(work, merge_s));
	d.log_normal = fmax(d.hazard, log_normal_likelihood(work, merge_s));
	return d;
}

static double channel(double bets, double denominator, double least)
{
	return bets > -INFINITY && least < RENEWAL_MUTE ? bets - denominator : RENEWAL_NO_EVIDENCE;
}

static void add_to_posterior(struct posterior *posterior, const struct mixture *mixture,
			     const struct period_range *range, double merge_s, double ln_weight)
{
	double prior[EXPERT_LEVELS];

	for (size_t l = 0; l < EXPERT_LEVELS; l++)
		prior[l] = log(prior_of_level(range, l));
	for (size_t i = 0; i < mixture->cells; i++) {
		const struct mixture_cell *cell = &mixture->cell[i];
		posterior->cell[posterior->count++] = (struct posterior_cell){
			.weight = cell->nats + prior[cell->level] + ln_weight,
			.period_s = cell->period_s,
			.merge_s = merge_s,
			.level = cell->level,
		};
	}
}

/*
 * The narrowest templates are 2 % of a period wide.  If that is many ticks of
 * the clock, it does not matter that there are ticks.
 */
static double blur_needed(const struct renewal_work *work, const struct renewal_plan *plan)
{
	double calls = 0, shortest_s;

	for (size_t i = 0; i < work->series_count; i++)
		calls += (double)work->series[i].n;
	shortest_s = fmax(plan->shortest_s,
			  COVERED * plan->window_s * (double)work->series_count / calls);

	return FINE_TICKS * plan->resolution_s > shortest_s ? plan->resolution_s : 0;
}

/*
 * The numerator serves several scales if their onsets and periods are the same,
 * and nothing was left out that matters now.
 */
struct shared {
	size_t onsets;
	double grid_low, grid_high, least;
};

static void find_numerator(struct renewal_work *work, const struct period_range *range,
			   double least, struct shared *shared)
{
	if (range->grid_low == shared->grid_low && range->grid_high == shared->grid_high &&
	    least >= shared->least)
		return;
	least -= SHARED_MARGIN;
	work->mixture.least = least;
	mixture_weigh(work->experts, work->ln_gap, work->gaps.count, range->grid_low,
		      range->grid_high, &work->mixture);
	shared->grid_low = range->grid_low;
	shared->grid_high = range->grid_high;
	shared->least = least;
}

/* Products below this add up to e^-MARGIN of the least numerator that matters to a channel. */
static double least_product(const struct renewal *d, const struct renewal *least)
{
	double numerator_nats =
		fmin(d->guaranteed + least->guaranteed,
		     fmin(d->hazard + least->hazard, d->log_normal + least->log_normal));

	return numerator_nats - MARGIN;
}

static struct renewal weigh_scale(struct renewal_work *work, double merge_s,
				  const struct period_range *range, const struct renewal *least,
				  struct shared *shared)
{
	struct renewal d = denominators(work, merge_s, range, least);
	double bets;

	find_numerator(work, range, least_product(&d, least), shared);
	bets = numerator(&work->mixture, range);
	return (struct renewal){channel(bets, d.guaranteed, least->guaranteed),
				channel(bets, d.hazard, least->hazard),
				channel(bets, d.log_normal, least->log_normal)};
}

static const struct renewal all_matters = {-INFINITY, -INFINITY, -INFINITY};

static void find_gaps(struct renewal_work *work, double merge_s, double slot_s, double blur_s)
{
	gaps_clear(&work->gaps, blur_s);
	for (size_t i = 0; i < work->series_count; i++)
		gaps_add(&work->gaps, (uint32_t)i, work->series[i].times_s, work->series[i].n,
			 merge_s, slot_s);
}

struct renewal renewal_weigh(struct renewal_work *work, const struct renewal_series *series,
			     size_t series_count, const struct renewal_plan *plan,
			     struct posterior *posterior)
{
	double guaranteed[POSTERIOR_SCALES], hazard[POSTERIOR_SCALES], log_normal[POSTERIOR_SCALES];
	const struct renewal *least = plan->least && !posterior ? plan->least : &all_matters;
	struct shared shared = {0};
	double blur_s;

	CHECK(series_count > 0 && series_count < UINT32_MAX);
	work->series = series;
	work->series_count = series_count;
	work->active = SIZE_MAX;
	blur_s = blur_needed(work, plan);
	CHECK(plan->count > 0 && plan->count <= POSTERIOR_SCALES);
	work->mixture.wanted = posterior;
	if (posterior)
		posterior->count = 0;
	for (size_t i = 0; i < plan->count; i++) {
		double merge_s = plan->scales[i].merge_s, prior = log(plan->scales[i].prior);
		struct period_range range;
		struct renewal r;

		find_gaps(work, merge_s, plan->slot_s, blur_s);
		guaranteed[i] = hazard[i] = log_normal[i] = RENEWAL_NO_EVIDENCE + prior;
		if (least != &all_matters && too_uneven(&work->gaps))
			continue;
		/* Onsets of a coarser scale are onsets of a finer one: as many, then the same. */
		if (work->gaps.onsets != shared.onsets) {
			shared = (struct shared){.onsets = work->gaps.onsets};
			sort_gaps(work);
		}
		if (!find_range(work, merge_s, plan, &range))
			continue;
		r = weigh_scale(work, merge_s, &range, least, &shared);
		if (posterior)
			add_to_posterior(posterior, &work->mixture, &range, merge_s,
					 prior + r.hazard - numerator(&work->mixture, &range));
		guaranteed[i] = r.guaranteed + prior;
		hazard[i] = r.hazard + prior;
		log_normal[i] = r.log_normal + prior;
	}
	return (struct renewal){ln_of_sum(guaranteed, plan->count), ln_of_sum(hazard, plan->count),
				ln_of_sum(log_normal, plan->count)};
}
