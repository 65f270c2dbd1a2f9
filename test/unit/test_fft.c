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
static double slow_power(const double *x, size_t n, size_t k)
{
	double re = 0, im = 0;

	for (size_t j = 0; j < n; j++) {
		double angle = -2 * M_PI * (double)(j * k % n) / (double)n;

		re += x[j] * cos(angle);
		im += x[j] * sin(angle);
	}
	return re * re + im * im;
}

static void agrees_with_the_definition(void **state)
{
	struct random r = random_from_seed(4);
	struct fft *fft = fft_new(MOST);
	double x[MOST], power[MOST / 2];

	(void)state;
	assert_non_null(fft);
	for (size_t n = 8; n <= MOST; n *= 2) {
		for (size_t i = 0; i < n; i++)
			x[i] = random_normal(&r);
		fft_power(fft, x, n, n / 2, power);
		for (size_t k = 0; k < n / 2; k++)
			assert_true(near(power[k], slow_power(x, n, k), 1e-9));
	}
	fft_free(fft);
}

/* Parseval: the sum of all powers is n times that of the squares. */
static void a_million_points_keep_their_energy(void **state)
{
	struct random r = random_from_seed(5);
	size_t n = (size_t)1 << 20;
	struct fft *fft = fft_new(n);
	double *x = calloc(n, sizeof(*x)), *power = calloc(n / 2, sizeof(*power));
	double before = 0, after, alternating = 0;

	(void)state;
	assert_true(fft && x && power);
	for (size_t i = 0; i < n; i++) {
		x[i] = random_normal(&r);
		before += x[i] * x[i];
		alternating += i % 2 ? -x[i] : x[i];
	}
	fft_power(fft, x, n, n / 2, power);
	/* The two ends stand once in the whole spectrum, all others twice. */
	after = power[0] + alternating * alternating;
	for (size_t k = 1; k < n / 2; k++)
		after += 2 * power[k];
	assert_true(near(after / (double)n / before, 1, 1e-12));
	free(x);
	free(power);
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
