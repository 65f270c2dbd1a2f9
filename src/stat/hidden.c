/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/hidden.h"

#include "stat/hidden_look.h"

#include <math.h>
#include <string.h>

#define JITTERS		10
#define MISSED		3
#define LEAST_LOOK	2.5 /* nats; one benign pair in ten has more */
#define NARROW_LOOK	.1
#define LEAST_WIDE	0.0 /* or no narrow one is looked at among few calls */
#define LEAST_SUM	0.0 /* of what was tried first: a little is not rare */
#define MANY_CALLS	96
#define SCALES		4
#define PER_PERIOD	100 /* cells of a law */
#define BURST_REACH	7   /* mean waits */
#define CELLS_MAX	1600
#define PERIODS_MAX	1024
#define LEAST_PERIOD_S	10.0
#define LEAST_COVERED	0.2  /* of the window, by periods as many as calls */
#define MOST_COVERED	10.0 /* or the beats are lost among others */
#define LONGEST_SHARE	3.0
#define NARROWEST	0.03 /* jitter whose width is not taken smaller */
#define STEPS_PER_WIDTH 1.3
#define FIRST_MISSED	1   /* all periods are tried with this share first */
#define WORTH_MORE_NATS 3.5 /* below the best: tried with the other shares */
#define NEARBY_NATS	2.5
#define NEARBY		1. /* of the jitter */
#define NARROW		8  /* jitters below this one */
#define LOOKS_MAX	(12 * HIDDEN_LOOK_LANES)
#define LEAST_OTHERS	0.04
#define TOO_LARGE	1e60
#define TOO_SMALL	1e-80
#define LEAST_SPREAD	0.75
#define LN_SQRT_2PI	0.9189385

static const double jitters[JITTERS] = {.02, .05, .085, .13, .19, .26, .35, .48, .65, .88};
static const double jitter_prior[JITTERS] = {.11, .14, .14, .13, .12, .1, .09, .07, .06, .04};
static const double missed_shares[MISSED] = {.02, .3, .6};
static const double missed_prior[MISSED] = {.5, .3, .2};
static const int multiples[MISSED] = {2, 5, 8};
static const double sleeps_prior[2] = {.7, .3};
static const double merges_s[SCALES] = {2, 15, 100, 600};

/*
 * The first look: few jitters, and periods (in mean gaps) where each can do
 * something.  The more calls, the finer; few calls are no narrow timer among many others,
 * and a narrow one that a wide look sees nothing of is none.
 */
struct first_look {
	double jitter, shortest, ratio;
	size_t eights;
};
static const struct first_look looks_at_few[] = {
	{.4, .25, 1.5, 1}, {.2, .22, 1.21, 2}, {.08, 1.2, 1.11, 2}};
static const struct first_look looks_at_many[] = {
	{.03, 2.5, 1.03, 5}, {.08, .7, 1.08, 4}, {.2, .22, 1.21, 2}, {.4, .25, 1.5, 1}};

/* Of bursts: chances to start and to stop, share of calls between them. */
static const struct burst {
	double start, stop, others;
} bursts[] = {{.05, .15, .3}, {.3, .5, .7}, {.15, .3, .1}, {.02, .06, .5}};

/* Of the gap in periods: density, and the chance of a longer one. */
struct law {
	int cells;
	float density[CELLS_MAX], longer[CELLS_MAX];
};

/* One timer that was tried. */
struct trial {
	size_t jitter;
	double period_s, nats;
};

struct hidden_work {
	struct law law[JITTERS][MISSED], burst;
	struct hidden_onsets onsets[SCALES];
	struct hidden_rates rates;
	double weight[HIDDEN_CALLS_MAX], cell[HIDDEN_CALLS_MAX];
	size_t trials;
	struct trial trial[JITTERS * PERIODS_MAX];
	size_t looks;
	struct hidden_look look[LOOKS_MAX];
	struct hidden_look_work eight;
	const struct hidden_onsets *indexed;
};

static double normal_below(double z)
{
	return .5 * erfc(-z * M_SQRT1_2);
}

/* Density of `beats` jittered periods in a row; one is flat with soft ends. */
static double density_of_beats(double u, int beats, double width)
{
	double sd = sqrt(beats * width * width / 3 + 1e-4), z = (u - beats) / sd;
	double normal = exp(-.5 * z * z) / (sd * sqrt(2 * M_PI)), soft = .12 * width;

	if (beats > 1)
		return normal;
	return .4 * normal +
	       .6 * (normal_below((u - 1 + width) / soft) - normal_below((u - 1 - width) / soft)) /
		       (2 * width);
}

static void init_law(struct law *law, double jitter, double missed, int most)
{
	double width = fmax(jitter, NARROWEST), longer = 0;

	law->cells = (int)((most * (1 + jitter) + .5) * PER_PERIOD) + 2;
	CHECK(law->cells <= CELLS_MAX);
	for (int i = 0; i < law->cells; i++) {
		double u = (i + .5) / PER_PERIOD, weight = 1 - missed, sum = 0, total = 0;

		for (int beats = 1; beats <= most; beats++) {
			sum += weight * density_of_beats(u, beats, width);
			total += weight;
			weight *= missed;
		}
		law->density[i] = (float)(sum / total);
	}
	for (int i = law->cells - 1; i >= 0; i--) {
		longer += (double)law->density[i] / PER_PERIOD;
		law->longer[i] = (float)fmin(1, longer);
	}
}

struct hidden_work *hidden_work_new(void)
{
	struct hidden_work *work = malloc(sizeof(*work));

	if (!work)
		return NULL;
	for (size_t j = 0; j < JITTERS; j++)
		for (size_t m = 0; m < MISSED; m++)
			init_law(&work->law[j][m], jitters[j], missed_shares[m], multiples[m]);
	work->burst.cells = BURST_REACH * PER_PERIOD;
	for (int i = 0; i < work->burst.cells; i++)
		work->burst.density[i] = work->burst.longer[i] = (float)exp(-(i + .5) / PER_PERIOD);
	return work;
}

void hidden_work_free(struct hidden_work *work)
{
	free(work);
}

/* What may happen besides beats. */
struct regime {
	double start, stop;
	double beats_per_s; /* of a timer, or */
	double others;	    /* fixed share of other calls, of bursts; else 0 */
};

/*
 * The weights of all earlier onsets change alike from one onset to the next, so
 * their common factor is kept apart.
 */
struct recursion {
	const struct law *law;
	double *weight, *cell; /* of the onsets; weights without the factor */
	double common, asleep, ln_scale;
	size_t first; /* onset within reach of the law */
};

static double sum_within_reach(struct recursion *r, size_t i)
{
	const double *cell = r->cell, *weight = r->weight, here = cell[i];
	const float *density = r->law->density;
	double sum = 0;

	while (here - cell[r->first] >= r->law->cells)
		r->first++;
	for (size_t l = r->first; l < i; l++)
		sum += weight[l] * (double)density[(int)(here - cell[l])];
	return sum * r->common;
}

/* Keeps the numbers within what a double can hold. */
static void rescale(struct recursion *r, size_t i, double *x)
{
	double most = fmax(r->asleep, *x);

	if (most > TOO_LARGE) {
		r->ln_scale += log(most);
		r->asleep /= most;
		r->common /= most;
		*x /= most;
	}
	if (r->common < TOO_SMALL || r->common > TOO_LARGE) {
		for (size_t l = r->first; l < i; l++)
			r->weight[l] *= r->common;
		r->common = 1;
	}
}

/* Logarithm of the likelihood ratio to "all calls are others", by the recursion above. */
static double weigh_law(struct hidden_work *work, const struct hidden_onsets *o, double period_s,
			const struct law *law, const struct regime *regime)
{
	const double cells_per_s = PER_PERIOD / period_s, per_s = 1 / period_s;
	struct recursion r = {law, work->weight, work->cell, 1, 1, 0, 0};
	double total;

	for (size_t i = 0; i < o->n; i++)
		r.cell[i] = (o->at_s[i] - o->at_s[0]) * cells_per_s;
	for (size_t i = 0; i < o->n; i++) {
		bool bursty = regime->others > 0;
		double others = bursty ? regime->others
				       : fmax(LEAST_OTHERS, 1 - regime->beats_per_s * o->wait_s[i]);
		double grows = exp((1 - others) * o->expected[i]);
		double x = regime->start * r.asleep * (bursty ? others : 1) +
			   sum_within_reach(&r, i) * per_s * o->wait_s[i];

		r.asleep = bursty ? (r.asleep * (1 - regime->start) * others + regime->stop * x) *
					    grows
				  : r.asleep * (1 - regime->start) + regime->stop * x;
		r.common *= others * grows;
		if (r.common < TOO_SMALL || r.common > TOO_LARGE || x > TOO_LARGE ||
		    r.asleep > TOO_LARGE)
			rescale(&r, i, &x);
		r.weight[i] = x * grows * (1 - regime->stop) / r.common;
	}
	total = r.asleep;
	for (size_t l = r.first; l < o->n; l++) {
		int at = (int)(r.cell[o->n - 1] - r.cell[l]);

		total += at < law->cells ? r.common * r.weight[l] * (double)law->longer[at] : 0;
	}
	return r.ln_scale + log(total);
}

/* The coarsest merge scale that is still short beside the period. */
static const struct hidden_onsets *onsets_for(const struct hidden_work *work, double period_s,
					      double times)
{
	size_t scale = 0;

	while (scale + 1 < SCALES && merges_s[scale + 1] < period_s / times)
		scale++;
	return &work->onsets[scale];
}

static double weigh_timer(struct hidden_work *work, const struct trial *trial, size_t missed,
			  bool sleeps)
{
	const struct hidden_onsets *o = onsets_for(work, trial->period_s, 15);
	struct regime regime = {
		.start = sleeps ? .05 : 2 / (double)o->n,
		.stop = sleeps ? .06 : 1 / (double)o->n,
		.beats_per_s = (1 - missed_shares[missed]) / trial->period_s,
	};

	return weigh_law(work, o, trial->period_s, &work->law[trial->jitter][missed], &regime);
}

/* The coarsest merge scale that is still short beside the period. */
/* Looks at all periods of one jitter. */
static void look_with(struct hidden_work *work, const struct first_look *look, double mean_s)
{
	double period_s = fmax(LEAST_PERIOD_S, look->shortest * mean_s);

	for (size_t i = 0; i < look->eights; i++) {
		const struct hidden_onsets *o = onsets_for(work, period_s, 15);

		if (o->n >= HIDDEN_FEWEST_ONSETS) {
			if (o != work->indexed)
				hidden_look_index(&work->eight, o);
			work->indexed = o;
			hidden_look(&work->eight, o, look->jitter, period_s, look->ratio,
				    work->look + work->looks);
			work->looks += HIDDEN_LOOK_LANES;
		}
		period_s *= pow(look->ratio, HIDDEN_LOOK_LANES);
	}
}

/* The best of a few timers, which are kept: a tenth of the cost of all. */
static double look_first(struct hidden_work *work, double mean_s, size_t n)
{
	bool many = n >= MANY_CALLS;
	const struct first_look *look = many ? looks_at_many : looks_at_few;
	size_t looks = many ? ARRAY_LEN(looks_at_many) : ARRAY_LEN(looks_at_few);
	double best = -INFINITY;

	work->looks = 0;
	work->indexed = NULL;
	for (size_t i = 0, seen = 0; i < looks; i++) {
		if (!many && look[i].jitter < NARROW_LOOK && best < LEAST_WIDE)
			break;
		look_with(work, &look[i], mean_s);
		for (; seen < work->looks; seen++)
			best = fmax(best, work->look[seen].nats);
	}
	return best;
}

/* Narrow laws need many periods: only those near which a wider law did well. */
static bool near_a_good_one(const struct hidden_work *work, double period_s, double best)
{
	for (size_t i = 0; i < work->looks; i++)
		if (work->look[i].nats > best - NEARBY_NATS &&
		    fabs(log(work->look[i].period_s / period_s)) < NEARBY * work->look[i].jitter)
			return true;
	return false;
}

static double step_of(size_t jitter)
{
	return fmax(jitters[jitter], NARROWEST) / STEPS_PER_WIDTH;
}

/* All periods, one share of missed beats; returns the best. */
static double try_periods(struct hidden_work *work, double shortest_s, double longest_s,
			  double first)
{
	double best = -INFINITY;

	work->trials = 0;
	for (size_t level = 1; level <= JITTERS; level++) {
		size_t j = level % JITTERS, periods = 0;

		for (; periods < PERIODS_MAX; periods++) {
			struct trial *trial = &work->trial[work->trials];

			trial->jitter = j;
			trial->period_s = shortest_s * exp((double)periods * step_of(j));
			if (trial->period_s >= longest_s)
				break;
			if (onsets_for(work, trial->period_s, 15)->n < HIDDEN_FEWEST_ONSETS)
				continue;
			if (j < NARROW && !near_a_good_one(work, trial->period_s, first))
				continue;
			trial->nats = weigh_timer(work, trial, FIRST_MISSED, false);
			best = fmax(best, trial->nats);
			work->trials++;
		}
	}
	return best;
}

struct sum {
	double most, sum;
};

static void add_nats(struct sum *s, double nats)
{
	if (nats > s->most) {
		s->sum = s->sum * exp(s->most - nats) + 1;
		s->most = nats;
	} else {
		s->sum += exp(nats - s->most);
	}
}

static void note_best(struct hidden *out, double nats, const struct trial *trial, size_t missed)
{
	if (nats <= out->nats)
		return;
	out->nats = nats;
	out->period_s = trial->period_s;
	out->jitter = jitters[trial->jitter];
	out->missed = missed_shares[missed];
}

static double prior_of(const struct trial *trial, double ln_span)
{
	return log(step_of(trial->jitter) / ln_span * jitter_prior[trial->jitter]);
}

/* The sum over what was tried, as if all shares of missed beats did as well. */
static double sum_first(const struct hidden_work *work, double ln_span)
{
	struct sum sum = {-INFINITY, 0};

	for (size_t i = 0; i < work->trials; i++)
		add_nats(&sum, work->trial[i].nats + prior_of(&work->trial[i], ln_span));
	return sum.most + log(sum.sum);
}

/* The sum over all timers; `out` is the best of them. */
static double sum_timers(struct hidden_work *work, double ln_span, double best, struct hidden *out)
{
	struct sum sum = {-INFINITY, 0};

	for (size_t i = 0; i < work->trials; i++) {
		const struct trial *trial = &work->trial[i];
		double prior = prior_of(trial, ln_span);

		for (size_t m = 0; m < MISSED; m++)
			for (size_t sleeps = 0; sleeps < 2; sleeps++) {
				bool known = m == FIRST_MISSED && !sleeps;
				double nats;

				if (!known && trial->nats < best - WORTH_MORE_NATS)
					continue;
				nats = known ? trial->nats : weigh_timer(work, trial, m, sleeps);
				note_best(out, nats, trial, m);
				add_nats(&sum, nats + prior +
						       log(missed_prior[m] * sleeps_prior[sleeps]));
			}
	}
	return sum.most + log(sum.sum);
}

static double best_burst(struct hidden_work *work, double mean_s)
{
	double best = 0;

	for (double wait_s = fmax(2, .01 * mean_s); wait_s < 3 * mean_s; wait_s *= 2) {
		const struct hidden_onsets *o = onsets_for(work, wait_s, 8);

		if (o->n < HIDDEN_FEWEST_ONSETS)
			continue;
		for (size_t i = 0; i < ARRAY_LEN(bursts); i++) {
			struct regime regime = {bursts[i].start, bursts[i].stop, 0,
						bursts[i].others};

			best = fmax(best, weigh_law(work, o, wait_s, &work->burst, &regime) - 1);
		}
	}
	return best;
}

/* Log-normal waits beyond the merge scale, against the local rate. */
static double log_normal_waits(const struct hidden_onsets *o)
{
	double n = (double)o->n - 1, sum = 0, squares = 0, against = 0, variance, spread;

	for (size_t i = 1; i < o->n; i++) {
		double z = log(o->at_s[i] - o->at_s[i - 1] - .999 * o->merge_s);

		sum += z;
		squares += z * z;
		against += log(o->rate[i]) - o->expected[i - 1];
	}
	variance = fmax(0, squares / n - sum / n * (sum / n));
	spread = fmax(sqrt(variance), LEAST_SPREAD);
	return -n * (log(spread) + LN_SQRT_2PI) - .5 * n * variance / (spread * spread) - sum -
	       against - 2;
}

struct hidden hidden_weigh(struct hidden_work *work, const double *times_s, size_t n,
			   double window_s, const struct activity *activity)
{
	double mean_s = window_s / (double)n, benign, best;
	double shortest_s = fmax(LEAST_PERIOD_S, LEAST_COVERED * mean_s);
	double longest_s = fmin(window_s / LONGEST_SHARE, MOST_COVERED * mean_s);
	double ln_span = log(longest_s / shortest_s);
	struct hidden out = {HIDDEN_NO_EVIDENCE, HIDDEN_NO_EVIDENCE, 0, 0, 0};

	CHECK(n <= HIDDEN_CALLS_MAX);
	if (n < HIDDEN_FEWEST_ONSETS || shortest_s >= longest_s)
		return out;
	for (size_t i = 0; i < SCALES; i++)
		hidden_onsets_find(&work->rates, &work->onsets[i], times_s, n, merges_s[i],
				   activity);
	out.first_nats = look_first(work, mean_s, n);
	if (out.first_nats < LEAST_LOOK)
		return out;
	best = try_periods(work, shortest_s, longest_s, out.first_nats);
	if (work->trials == 0 || sum_first(work, ln_span) < LEAST_SUM)
		return out;
	out.nats = -INFINITY;
	best = sum_timers(work, ln_span, best, &out);
	benign = best_burst(work, mean_s);
	for (size_t i = 0; i < SCALES; i++)
		if (work->onsets[i].n >= HIDDEN_FEWEST_ONSETS + 2)
			benign = fmax(benign, log_normal_waits(&work->onsets[i]));
	out.nats = fmax(HIDDEN_NO_EVIDENCE, best - benign);
	return out;
}
