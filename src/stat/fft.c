/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/fft.h"

#include <math.h>
#include <string.h>

/* Keeps the four arrays from falling into the same lines of the cache. */
#define STAGGER 136

struct complex_pair {
	double re, im;
};

/* Real and imaginary parts apart, so that neighbours can be computed together. */
struct series {
	double *re, *im;
};

struct fft {
	size_t max_points;
	size_t known; /* roots are tabulated for series of up to so many */
	/* e^(-2 pi i p / n), p < n/4, from index n/4 on, for each power of two n. */
	struct complex_pair *root;
	double *memory;
	struct series from, to; /* in `memory` */
};

struct fft *fft_new(size_t max_points)
{
	struct fft *fft;
	size_t half = max_points / 2;

	CHECK(max_points >= 8 && (max_points & (max_points - 1)) == 0);
	fft = calloc(1, sizeof(*fft));
	if (!fft)
		return NULL;
	fft->max_points = max_points;
	fft->root = malloc(half * sizeof(*fft->root));
	fft->memory = malloc(4 * (half + STAGGER) * sizeof(*fft->memory));
	if (!fft->root || !fft->memory) {
		fft_free(fft);
		return NULL;
	}
	fft->from = (struct series){fft->memory, fft->memory + half + STAGGER};
	fft->to = (struct series){fft->memory + 2 * (half + STAGGER),
				  fft->memory + 3 * (half + STAGGER)};
	fft->known = 2;
	return fft;
}

void fft_free(struct fft *fft)
{
	if (!fft)
		return;
	free(fft->root);
	free(fft->memory);
	free(fft);
}

static void tabulate_roots(struct fft *fft, size_t points)
{
	for (; fft->known < points; fft->known *= 2) {
		size_t n = 2 * fft->known;

		for (size_t p = 0; p < n / 4; p++) {
			double angle = 2 * M_PI * (double)p / (double)n;

			fft->root[n / 4 + p] = (struct complex_pair){cos(angle), -sin(angle)};
		}
	}
}

static struct complex_pair product(struct complex_pair a, struct complex_pair b)
{
	return (struct complex_pair){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

/*
 * The butterfly of four numbers that lie a quarter of the series apart, of all
 * interleaved series; the results are written `apart` apart:
 *
 *	y0 = (a + c) + (b + d)
 *	y1 = w  ((a - c) - i (b - d))
 *	y2 = w^2 ((a + c) - (b + d))
 *	y3 = w^3 ((a - c) + i (b - d))
 */
static inline void butterfly(const double *restrict re, const double *restrict im, size_t quarter,
			     double *restrict to_re, double *restrict to_im, size_t apart,
			     const struct complex_pair *w)
{
	for (size_t q = 0; q < apart; q++) {
		double sum_re = re[q] + re[q + 2 * quarter], sum_im = im[q] + im[q + 2 * quarter];
		double gap_re = re[q] - re[q + 2 * quarter], gap_im = im[q] - im[q + 2 * quarter];
		double odd_re = re[q + quarter] + re[q + 3 * quarter];
		double odd_im = im[q + quarter] + im[q + 3 * quarter];
		double turn_re = im[q + quarter] - im[q + 3 * quarter]; /* -i (b - d) */
		double turn_im = re[q + 3 * quarter] - re[q + quarter];
		double x_re = gap_re + turn_re, x_im = gap_im + turn_im;
		double y_re = sum_re - odd_re, y_im = sum_im - odd_im;
		double z_re = gap_re - turn_re, z_im = gap_im - turn_im;

		to_re[q] = sum_re + odd_re;
		to_im[q] = sum_im + odd_im;
		to_re[q + apart] = w[0].re * x_re - w[0].im * x_im;
		to_im[q + apart] = w[0].re * x_im + w[0].im * x_re;
		to_re[q + 2 * apart] = w[1].re * y_re - w[1].im * y_im;
		to_im[q + 2 * apart] = w[1].re * y_im + w[1].im * y_re;
		to_re[q + 3 * apart] = w[2].re * z_re - w[2].im * z_im;
		to_im[q + 3 * apart] = w[2].re * z_im + w[2].im * z_re;
	}
}

/* One pass: `apart` interleaved series of n numbers become 4 apart of n/4. */
static void quarter_series(const struct fft *fft, const struct series *from,
			   const struct series *to, size_t n, size_t apart)
{
	size_t quarter = n / 4 * apart;

	for (size_t p = 0; p < n / 4; p++) {
		const double *re = from->re + p * apart, *im = from->im + p * apart;
		double *to_re = to->re + 4 * p * apart, *to_im = to->im + 4 * p * apart;
		struct complex_pair w[3];

		w[0] = fft->root[n / 4 + p];
		w[1] = product(w[0], w[0]);
		w[2] = product(w[0], w[1]);
		butterfly(re, im, quarter, to_re, to_im, apart, w);
	}
}

/* The last pass, if n is an odd power of two: series of two numbers. */
static void halve_series(const struct series *from, const struct series *to, size_t apart)
{
	for (size_t q = 0; q < apart; q++) {
		to->re[q] = from->re[q] + from->re[q + apart];
		to->im[q] = from->im[q] + from->im[q + apart];
		to->re[q + apart] = from->re[q] - from->re[q + apart];
		to->im[q + apart] = from->im[q] - from->im[q + apart];
	}
}

static void swap_series(struct fft *fft)
{
	struct series swap = fft->from;

	fft->from = fft->to;
	fft->to = swap;
}

/* The result is left in `from`. */
static void transform(struct fft *fft, size_t n)
{
	size_t apart = 1;

	for (; n >= 4; n /= 4, apart *= 4) {
		quarter_series(fft, &fft->from, &fft->to, n, apart);
		swap_series(fft);
	}
	if (n == 2) {
		halve_series(&fft->from, &fft->to, apart);
		swap_series(fft);
	}
}

/*
 * Z is the spectrum of x_0 + i x_1, x_2 + i x_3 ...  The even and the odd
 * numbers are told apart by symmetry: E_k = (Z_k + conj Z_(n-k)) / 2,
 * O_k = (Z_k - conj Z_(n-k)) / 2i, and X_k = E_k + e^(-2 pi i k / 2n) O_k.
 */
static double power_of(const struct fft *fft, size_t n, size_t k)
{
	size_t mirror = (n - k) % n;
	double re = fft->from.re[k], im = fft->from.im[k];
	double mirror_re = fft->from.re[mirror], mirror_im = fft->from.im[mirror];
	struct complex_pair odd = {(im + mirror_im) / 2, (mirror_re - re) / 2};
	/* e^(-2 pi i k / 2n) is tabulated for the first quarter of the circle. */
	struct complex_pair w = k < n / 2 ? fft->root[n / 2 + k] : fft->root[k];
	struct complex_pair turned = product(w, odd), x;

	if (k >= n / 2)
		turned = (struct complex_pair){turned.im, -turned.re};
	x = (struct complex_pair){(re + mirror_re) / 2 + turned.re,
				  (im - mirror_im) / 2 + turned.im};
	return x.re * x.re + x.im * x.im;
}

void fft_power(struct fft *fft, const double *x, size_t points, size_t wanted, double *power)
{
	size_t n = points / 2;

	CHECK(points >= 8 && points <= fft->max_points && (points & (points - 1)) == 0);
	CHECK(wanted <= n);
	tabulate_roots(fft, points);
	for (size_t j = 0; j < n; j++) {
		fft->from.re[j] = x[2 * j];
		fft->from.im[j] = x[2 * j + 1];
	}
	transform(fft, n);
	for (size_t k = 0; k < wanted; k++)
		power[k] = power_of(fft, n, k);
}
