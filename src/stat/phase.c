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
#define CYCLES_PER_ONSET	10.0 /* and up to ten cycles per onset */
#define FREQUENCY_MOST_HZ	0.2
#define POINTS_PER_CYCLE	10.0 /* time resolution at the highest frequency */
#define POINTS_LEAST		64
#define POINTS_MOST		((size_t)1 << 20)
#define MEDIAN_OF_NOISE		1.386 /* median of a chi-squared with two degrees of freedom */
#define LEAST_POWER		6.0   /* white noise exceeds it one time in twenty */

static const double kappas[] = {.3, .7, 1.5, 4, 12, 60, 400};

struct phase_work {
	struct fft *fft;
	struct complex_pair *spectrum; /* POINTS_MOST / 2 */
	double *power;		       /* 2 |X|^2 / n: chi-squared with two degrees of freedom */
	double *scratch;
};

struct phase_work *phase_work_new(void)
{
	struct phase_work *work = calloc(1, sizeof(*work));

	if (!work)
		return NULL;
	work->fft = fft_new(POINTS_MOST);
	work->spectrum = malloc(POINTS_MOST / 2 * sizeof(*work->spectrum));
	work->power = malloc(POINTS_MOST / 8 * sizeof(*work->power));
	work->scratch = malloc(POINTS_MOST / 8 * sizeof(*work->scratch));
	if (work->fft && work->spectrum && work->power && work->scratch)
		return work;
	phase_work_free(work);
	return NULL;
}

void phase_work_free(struct phase_work *work)
{
	if (!work)
		return;
	fft_free(work->fft);
	free(work->spectrum);
	free(work->power);
	free(work->scratch);
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

/* The frequencies k df with low <= k <= high, and the grid fine enough for them. */
struct band {
	size_t low, high, points;
	double step_hz;
};

static struct band band_for(size_t onsets, double window_s)
{
	double most_hz =
		fmax(CYCLES_PER_ONSET * (double)onsets / window_s, CYCLES_PER_DAY_SEARCHED / DAY_S);
	struct band band = {.points = POINTS_LEAST, .step_hz = 1 / (2 * window_s)};
	double points_wanted, high;

	most_hz = fmin(most_hz, FREQUENCY_MOST_HZ);
	points_wanted = POINTS_PER_CYCLE * 2 * window_s * most_hz;
	while ((double)band.points < points_wanted && band.points < POINTS_MOST)
		band.points *= 2;
	high = fmin(most_hz / band.step_hz, (double)(band.points / 8 - 1));
	band.high = (size_t)high;
	band.low = (size_t)fmin(CYCLES_PER_DAY_LEAST / DAY_S / band.step_hz, high);
	if (band.low < 1)
		band.low = 1;
	return band;
}

/* Twice the window, the second half empty: frequencies half a cycle apart. */
static void find_power(struct phase_work *work, const double *times_s, size_t n, double merge_s,
		       size_t onsets, double window_s, const struct band *band)
{
	double point_s = 2 * window_s / (double)band->points;
	double *counts = &work->spectrum->re;

	memset(counts, 0, band->points * sizeof(*counts));
	for (size_t at = 0; at < n; at = onset_next(times_s, n, merge_s, at)) {
		size_t point = (size_t)(times_s[at] / point_s);

		if (point < band->points)
			counts[point] += 1;
	}
	fft_real(work->fft, work->spectrum, band->points);
	for (size_t k = band->low; k <= band->high; k++) {
		struct complex_pair x = work->spectrum[k];

		work->power[k] = (x.re * x.re + x.im * x.im) * 2 / (double)onsets;
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
	size_t end;

	for (size_t from = band->low; from <= band->high; from = end) {
		size_t width = from / 2 < 96 ? from / 2 : 96;
		double noise;

		end = from + (width > 16 ? width : 16);
		if (end > band->high + 1)
			end = band->high + 1;
		memcpy(work->scratch, work->power + from, (end - from) * sizeof(*work->scratch));
		noise = median(work->scratch, end - from) / MEDIAN_OF_NOISE;
		if (noise <= 1)
			continue;
		for (size_t k = from; k < end; k++)
			work->power[k] /= noise;
	}
}

static double bayes_factor(double power, double onsets, const double *ln_i0_kappa)
{
	double resultant = sqrt(power * onsets / 2), best = -INFINITY;

	for (size_t i = 0; i < ARRAY_LEN(kappas); i++)
		best = fmax(best, phase_ln_i0(kappas[i] * resultant) - onsets * ln_i0_kappa[i]);
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
	find_power(work, times_s, n, merge_s, onsets, window_s, &band);
	whiten(work, &band);
	return weigh_band(work, (double)onsets, &band);
}
