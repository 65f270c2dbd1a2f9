/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/fft.h"

#include <math.h>

struct fft {
	size_t max_points;
	struct complex_pair root[]; /* e^(-2 pi i k / max_points), k < max_points / 2 */
};

struct fft *fft_new(size_t max_points)
{
	struct fft *fft;

	CHECK(max_points >= 4 && (max_points & (max_points - 1)) == 0);
	fft = malloc(sizeof(*fft) + max_points / 2 * sizeof(fft->root[0]));
	if (!fft)
		return NULL;
	fft->max_points = max_points;
	for (size_t k = 0; k < max_points / 2; k++) {
		double angle = 2 * M_PI * (double)k / (double)max_points;

		fft->root[k] = (struct complex_pair){cos(angle), -sin(angle)};
	}
	return fft;
}

void fft_free(struct fft *fft)
{
	free(fft);
}

static struct complex_pair times(struct complex_pair a, struct complex_pair b)
{
	return (struct complex_pair){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

static void reverse_bits(struct complex_pair *data, size_t n)
{
	for (size_t i = 1, j = 0; i < n; i++) {
		size_t bit = n / 2;

		for (; j & bit; bit /= 2)
			j ^= bit;
		j ^= bit;
		if (i < j) {
			struct complex_pair swap = data[i];

			data[i] = data[j];
			data[j] = swap;
		}
	}
}

static void transform(const struct fft *fft, struct complex_pair *data, size_t n)
{
	reverse_bits(data, n);
	for (size_t half = 1; half < n; half *= 2) {
		size_t stride = fft->max_points / (2 * half);

		for (size_t at = 0; at < n; at += 2 * half) {
			struct complex_pair *low = data + at, *high = low + half;

			for (size_t k = 0; k < half; k++) {
				struct complex_pair t = times(fft->root[k * stride], high[k]);

				high[k] = (struct complex_pair){low[k].re - t.re, low[k].im - t.im};
				low[k] = (struct complex_pair){low[k].re + t.re, low[k].im + t.im};
			}
		}
	}
}

/*
 * Z = even spectrum + i odd spectrum.  The two are told apart by symmetry:
 * E_k = (Z_k + conj Z_(n-k)) / 2, O_k = (Z_k - conj Z_(n-k)) / 2i, and
 * X_k = E_k + e^(-2 pi i k / 2n) O_k.
 */
static void untangle(const struct fft *fft, struct complex_pair *data, size_t n)
{
	size_t stride = fft->max_points / (2 * n);
	struct complex_pair first = data[0];

	data[0] = (struct complex_pair){first.re + first.im, first.re - first.im};
	for (size_t k = 1; k <= n / 2; k++) {
		struct complex_pair z = data[k], y = data[n - k];
		struct complex_pair even = {(z.re + y.re) / 2, (z.im - y.im) / 2};
		struct complex_pair odd = {(z.im + y.im) / 2, (y.re - z.re) / 2};
		struct complex_pair t = times(fft->root[k * stride], odd);

		data[k] = (struct complex_pair){even.re + t.re, even.im + t.im};
		data[n - k] = (struct complex_pair){even.re - t.re, t.im - even.im};
	}
}

void fft_real(const struct fft *fft, struct complex_pair *data, size_t points)
{
	CHECK(points >= 4 && points <= fft->max_points && (points & (points - 1)) == 0);
	transform(fft, data, points / 2);
	untangle(fft, data, points / 2);
}
