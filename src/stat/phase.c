/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/phase.h"

#include "stat/fft.h"
#include "stat/onset.h"

#include <math.h>
#include <string.h>

#define NO_EVIDENCE		(-50.0)
#define FEWEST_ONSETS		4
#define DAY_S			86400.0
#define CYCLES_PER_DAY_LEAST	7.5  /* the day's own harmonics lie below */
#define CYCLES_PER_DAY_SEARCHED 48.0 /* at least up to a period of half an hour */
#define CYCLES_BY_DAYS_MOST                                                                        \
	3264.0			 /* 68 days of them: the cost must not grow with a wrong clock     \
				  */
#define CYCLES_PER_ONSET    10.0 /* and up to ten cycles per onset */
#define FREQUENCY_MOST_HZ   0.2
#define TICKS_PER_CYCLE	    10.0 /* time resolution at the highest frequency */
#define TICKS_LEAST	    64
#define TICKS_MOST	    ((size_t)1 << 22)
#define TICKS_PER_POINT	    4
#define POINTS_MOST	    (TICKS_MOST / TICKS_PER_POINT)
#define BELL_REACH	    16 /* points on either side */
#define BELL_WIDTH	    (2 * BELL_REACH)
#define BELL_SHARPNESS	    0.0878 /* cut off and folded back: both 2e-10 */
#define BLOCK_LEAST	    16
#define BLOCK_MOST	    96
#define MEDIAN_OF_NOISE	    1.386 /* median of a chi-squared with two degrees of freedom */
#define LEAST_POWER	    6.0	  /* white noise exceeds it one time in twenty */
#define BEAT_MULTIPLES_MOST 64
#define BEAT_ONSETS_MOST    4096
#define AS_TIGHT	    0.95

static const double kappas[] = {.3, .7, 1.5, 4, 12, 60, 400};

struct phase_work {
	struct fft *fft;
	double *counts; /* POINTS_MOST, the onsets as bells */
	double *power;	/* 2 |X|^2 / n: chi-squared, two degrees of freedom */
	double bell[TICKS_PER_POINT][BELL_WIDTH]; /* by place between two points */
};

struct phase_work *phase_work_new(void)
{
	struct phase_work *work = calloc(1, sizeof(*work));

	if (!work)
		return NULL;
	work->fft = fft_new(POINTS_MOST);
	work->counts = malloc(POINTS_MOST * sizeof(*work->counts));
	work->power = malloc(POINTS_MOST / 2 * sizeof(*work->power));
	if (!work->fft || !work->counts || !work->power) {
		phase_work_free(work);
		return NULL;
	}
	for (int tick = 0; tick < TICKS_PER_POINT; tick++)
		for (int i = 0; i < BELL_WIDTH; i++) {
			double off = i - (BELL_REACH - 1) - (double)tick / TICKS_PER_POINT;

			work->bell[tick][i] = exp(-BELL_SHARPNESS * off * off);
		}
	return work;
}

void phase_work_free(struct phase_work *work)
{
	if (!work)
		return;
	fft_free(work->fft);
	free(work->counts);
	free(work->power);
	free(work);
}

double phase_ln_i0(double x)
{
	double y;

	if (x <= 3.75) {
		y = x / 3.75 * (x / 3.75);
		return log(1 + y * (3.5156229 +
				    y * (3.0899424 +
					 y * (1.2067492 +
					      y * (.2659732 + y * (.0360768 + y * .0045813))))));
	}
	y = 3.75 / x;
	return x - .5 * log(x) +
	       log(.39894228 +
		   y * (.01328592 +
			y * (.00225319 +
			     y * (-.00157565 +
				  y * (.00916281 + y * (-.02057706 +
							y * (.02635537 + y * (-.01647633 +
									      y * .00392377))))))));
}

/* The frequencies k step with low <= k <= high, and the ticks of time fine enough for them. */
struct band {
	size_t low, high, ticks;
	double step_hz, tick_s;
};

/* Twice the window, the second half empty: frequencies half a cycle apart. */
static struct band band_for(size_t onsets, double window_s)
{
	double least_hz = fmin(CYCLES_PER_DAY_SEARCHED / DAY_S, CYCLES_BY_DAYS_MOST / window_s);
	double most_hz = fmax(CYCLES_PER_ONSET * (double)onsets / window_s, least_hz);
	struct band band = {.ticks = TICKS_LEAST, .step_hz = 1 / (2 * window_s)};
	double ticks_wanted, high;

	most_hz = fmin(most_hz, FREQUENCY_MOST_HZ);
	ticks_wanted = TICKS_PER_CYCLE * 2 * window_s * most_hz;
	while ((double)band.ticks < ticks_wanted && band.ticks < TICKS_MOST)
		band.ticks *= 2;
	band.tick_s = 2 * window_s / (double)band.ticks;
	high = fmin(most_hz / band.step_hz, (double)(band.ticks / 10));
	band.high = (size_t)high;
	band.low = (size_t)fmin(CYCLES_PER_DAY_LEAST / DAY_S / band.step_hz, high);
	if (band.low < 1)
		band.low = 1;
	return band;
}

/*
 * The ticks are four times finer than a transform of the band needs.  So each
 * onset is drawn as a bell on every fourth tick, and the spectrum divided by
 * that of the bell (Dutt and Rokhlin 1993; Greengard and Lee 2004):
 * sum_m e^(-a (m-u)^2) e^(-2 pi i k m / M) =
 * sqrt(pi/a) e^(-(pi k / M)^2 / a) e^(-2 pi i k u / M).
 */
static void draw_bells(struct phase_work *work, const double *times_s, size_t n, double merge_s,
		       const struct band *band)
{
	size_t points = band->ticks / TICKS_PER_POINT;

	memset(work->counts, 0, points * sizeof(*work->counts));
	for (size_t at = 0; at < n; at = onset_next(times_s, n, merge_s, at)) {
		size_t tick = (size_t)(times_s[at] / band->tick_s);
		size_t first = points + tick / TICKS_PER_POINT - (BELL_REACH - 1);
		const double *bell = work->bell[tick % TICKS_PER_POINT];

		for (size_t i = 0; i < BELL_WIDTH; i++)
			work->counts[(first + i) & (points - 1)] += bell[i];
	}
}

static void find_power(struct phase_work *work, double onsets, const struct band *band)
{
	double points = (double)(band->ticks / TICKS_PER_POINT), low = (double)band->low;
	double sharpness = 2 * (M_PI / points) * (M_PI / points) / BELL_SHARPNESS;
	double scale = 2 / onsets * (BELL_SHARPNESS / M_PI) * exp(sharpness * low * low);
	double growth = exp(sharpness * (2 * low + 1)), growth_growth = exp(2 * sharpness);

	fft_power(work->fft, work->counts, (size_t)points, band->high + 1, work->power);
	for (size_t k = band->low; k <= band->high; k++) {
		work->power[k] *= scale; /* e^(sharpness k^2), step by step */
		scale *= growth;
		growth *= growth_growth;
	}
}

/* The value that would be at `rank` if `values` were sorted (Hoare 1961).  Reorders them. */
static double select_rank(double *values, size_t n, size_t rank)
{
	size_t low = 0, high = n - 1;

	while (low < high) {
		double pivot = values[low + (high - low) / 2];
		size_t i = low, j = high;

		while (i <= j) {
			while (values[i] < pivot)
				i++;
			while (values[j] > pivot)
				j--;
			if (i > j)
				break;
			double swap = values[i];

			values[i++] = values[j];
			values[j] = swap;
			if (j == 0)
				break;
			j--;
		}
		if (rank <= j)
			high = j;
		else if (rank >= i)
			low = i;
		else
			break;
	}
	return values[rank];
}

static double median(double *values, size_t n)
{
	double upper = select_rank(values, n, n / 2), lower;

	if (n % 2)
		return upper;
	lower = values[0];
	for (size_t i = 1; i < n / 2; i++)
		lower = fmax(lower, values[i]);
	return (lower + upper) / 2;
}

/* Bursts and days raise the power of whole stretches: divide each by its median. */
static void whiten(struct phase_work *work, const struct band *band)
{
	double block[BLOCK_MOST];
	size_t end;

	for (size_t from = band->low; from <= band->high; from = end) {
		size_t width = from / 2 < BLOCK_MOST ? from / 2 : BLOCK_MOST;
		double noise;

		end = from + (width > BLOCK_LEAST ? width : BLOCK_LEAST);
		if (end > band->high + 1)
			end = band->high + 1;
		memcpy(block, work->power + from, (end - from) * sizeof(*block));
		noise = median(block, end - from) / MEDIAN_OF_NOISE;
		if (noise <= 1)
			continue;
		for (size_t k = from; k < end; k++)
			work->power[k] /= noise;
	}
}

/*
 * The best of the concentrations.  R I1/I0(kappa R) over n I1/I0(kappa) falls
 * as kappa grows, so the factor rises to one peak and falls: stop behind it.
 */
static double bayes_factor(double power, double onsets, const double *ln_i0_kappa)
{
	double resultant = sqrt(power * onsets / 2), best = -INFINITY;

	for (size_t i = 0; i < ARRAY_LEN(kappas); i++) {
		double nats = phase_ln_i0(kappas[i] * resultant) - onsets * ln_i0_kappa[i];

		if (nats < best)
			break;
		best = nats;
	}
	return best;
}

static struct phase weigh_band(const struct phase_work *work, double onsets,
			       const struct band *band)
{
	double ln_i0_kappa[ARRAY_LEN(kappas)], best = -INFINITY, most = -INFINITY;
	double sum = 0, prior = 0;
	size_t best_k = band->low;

	for (size_t i = 0; i < ARRAY_LEN(kappas); i++)
		ln_i0_kappa[i] = phase_ln_i0(kappas[i]);
	for (size_t k = band->low; k <= band->high; k++) {
		double nats, weighted;

		prior += 1 / (double)k;
		if (work->power[k] <= LEAST_POWER)
			continue;
		nats = bayes_factor(work->power[k], onsets, ln_i0_kappa);
		if (nats > most) {
			most = nats;
			best_k = k;
		}
		weighted = nats - log((double)k);
		if (weighted > best) {
			sum = sum * exp(best - weighted) + 1;
			best = weighted;
		} else {
			sum += exp(weighted - best);
		}
	}
	return (struct phase){
		.nats = fmax(NO_EVIDENCE,
			     best + log(sum) - log(prior) - log((double)ARRAY_LEN(kappas))),
		.period_s = 1 / ((double)best_k * band->step_hz),
	};
}

struct phase phase_weigh(struct phase_work *work, const double *times_s, size_t n, double merge_s,
			 double window_s)
{
	struct band band;
	size_t onsets = 0;

	for (size_t at = 0; at < n; at = onset_next(times_s, n, merge_s, at))
		onsets++;
	if (onsets < FEWEST_ONSETS)
		return (struct phase){.nats = NO_EVIDENCE};
	band = band_for(onsets, window_s);
	if (band.low >= band.high)
		return (struct phase){.nats = NO_EVIDENCE};
	draw_bells(work, times_s, n, merge_s, &band);
	find_power(work, (double)onsets, &band);
	whiten(work, &band);
	return weigh_band(work, (double)onsets, &band);
}

/* |sum_i e^(2 pi i t_i / period)| of the first onsets, and how many they are. */
static double resultant(const double *times_s, size_t n, double merge_s, double period_s,
			size_t *onsets)
{
	double re = 0, im = 0;

	*onsets = 0;
	for (size_t at = 0; at < n && *onsets < BEAT_ONSETS_MOST; ++*onsets) {
		double angle = 2 * M_PI * times_s[at] / period_s;

		re += cos(angle);
		im += sin(angle);
		at = onset_next(times_s, n, merge_s, at);
	}
	return sqrt(re * re + im * im);
}

/*
 * What is not on the beat is noise, which adds as much as its root to any
 * period, and most to the one that was chosen for being the best.
 */
double phase_beat(const double *times_s, size_t n, double merge_s, double period_s,
		  double longest_s)
{
	size_t onsets;
	double tight = resultant(times_s, n, merge_s, period_s, &onsets), beat_s = period_s;
	double bar = AS_TIGHT * tight - 1.5 * sqrt(fmax(0, (double)onsets - tight));

	for (size_t k = 2; k <= BEAT_MULTIPLES_MOST && (double)k * period_s <= longest_s; k++)
		if (resultant(times_s, n, merge_s, (double)k * period_s, &onsets) >= bar)
			beat_s = (double)k * period_s;
	return beat_s;
}
