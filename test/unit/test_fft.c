/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/fft.h"

#include "base/random.h"
#include "near.h"

#include <math.h>
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

#define MOST 1024

/* The definition. */
static struct complex_pair slow_bin(const double *x, size_t n, size_t k)
{
	struct complex_pair sum = {0, 0};

	for (size_t j = 0; j < n; j++) {
		double angle = -2 * M_PI * (double)(j * k % n) / (double)n;

		sum.re += x[j] * cos(angle);
		sum.im += x[j] * sin(angle);
	}
	return sum;
}

static void agrees_with_the_definition(void **state)
{
	struct random r = random_from_seed(4);
	struct fft *fft = fft_new(MOST);
	struct complex_pair data[MOST / 2];
	double x[MOST];

	(void)state;
	assert_non_null(fft);
	for (size_t n = 4; n <= MOST; n *= 2) {
		for (size_t i = 0; i < n; i++) {
			x[i] = random_normal(&r);
			(i % 2 ? &data[i / 2].im : &data[i / 2].re)[0] = x[i];
		}
		fft_real(fft, data, n);
		assert_true(near(data[0].re, slow_bin(x, n, 0).re, 1e-9));
		assert_true(near(data[0].im, slow_bin(x, n, n / 2).re, 1e-9));
		for (size_t k = 1; k < n / 2; k++) {
			struct complex_pair slow = slow_bin(x, n, k);

			assert_true(near(data[k].re, slow.re, 1e-9));
			assert_true(near(data[k].im, slow.im, 1e-9));
		}
	}
	fft_free(fft);
}

static void a_million_points_keep_their_energy(void **state)
{
	struct random r = random_from_seed(5);
	size_t n = (size_t)1 << 20;
	struct fft *fft = fft_new(n);
	struct complex_pair *data = calloc(n / 2, sizeof(*data));
	double before = 0, after;

	(void)state;
	assert_true(fft && data);
	for (size_t i = 0; i < n / 2; i++) {
		data[i] = (struct complex_pair){random_normal(&r), random_normal(&r)};
		before += data[i].re * data[i].re + data[i].im * data[i].im;
	}
	fft_real(fft, data, n);
	/* Parseval; the ends are real and stand once, all others twice. */
	after = data[0].re * data[0].re + data[0].im * data[0].im;
	for (size_t k = 1; k < n / 2; k++)
		after += 2 * (data[k].re * data[k].re + data[k].im * data[k].im);
	assert_true(near(after / (double)n / before, 1, 1e-12));
	free(data);
	fft_free(fft);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_the_definition),
		cmocka_unit_test(a_million_points_keep_their_energy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
