/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/hazard.h"

#include "base/random.h"
#include "stat/sort.h"
#include "near.h"

#include <math.h>
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

#define MOST 60

static double exposure(const double *wait_s, size_t n, size_t i)
{
	return (double)(n - i) * (wait_s[i] - (i ? wait_s[i - 1] : 0));
}

/* The min-max formula of isotonic regression: slow, and no pooling anywhere. */
static double slow_hazard(const double *wait_s, size_t n, size_t i)
{
	double least = INFINITY;

	for (size_t from = 0; from <= i; from++) {
		double most = 0, sum = 0;

		for (size_t to = from; to < n; to++) {
			sum += exposure(wait_s, n, to);
			if (to >= i)
				most = fmax(most, (double)(to - from + 1) / sum);
		}
		least = fmin(least, most);
	}
	return least;
}

static double likelihood(const double *wait_s, size_t n, const double *hazard)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += log(hazard[i]) - hazard[i] * exposure(wait_s, n, i);
	return sum;
}

static size_t random_waits(struct random *r, double *wait_s)
{
	double spread = random_between(r, .1, 2.5), scratch[MOST];
	size_t n = 1 + random_below(r, MOST);

	for (size_t i = 0; i < n; i++)
		wait_s[i] = random_log_normal(r, 100, spread);
	sort_doubles(wait_s, n, scratch);
	return n;
}

static void agrees_with_the_min_max_formula(void **state)
{
	struct random r = random_from_seed(1);
	struct hazard_block blocks[MOST];
	double wait_s[MOST], hazard[MOST];

	(void)state;
	for (int round = 0; round < 500; round++) {
		size_t n = random_waits(&r, wait_s);

		for (size_t i = 0; i < n; i++)
			hazard[i] = slow_hazard(wait_s, n, i);
		assert_true(near(hazard_log_likelihood(wait_s, n, blocks),
				 likelihood(wait_s, n, hazard), 1e-9 * (double)n));
	}
}

/* Whoever draws a decreasing hazard by hand does worse. */
static void no_decreasing_hazard_is_better(void **state)
{
	struct random r = random_from_seed(2);
	struct hazard_block blocks[MOST];
	double wait_s[MOST], hazard[MOST];

	(void)state;
	for (int round = 0; round < 2000; round++) {
		size_t n = random_waits(&r, wait_s);
		double h = random_log_normal(&r, .02, 1);

		for (size_t i = 0; i < n; i++)
			hazard[i] = h *= random_chance(&r, .2) ? random_unit(&r) : 1;
		assert_true(hazard_log_likelihood(wait_s, n, blocks) >=
			    likelihood(wait_s, n, hazard) - 1e-9);
	}
}

/* Equal waits of 50 s: everybody waits 50 s, so the best falling hazard is flat, 1/50. */
static void a_clock_looks_exponential(void **state)
{
	const double wait_s[] = {50, 50, 50, 50};
	struct hazard_block blocks[4];

	(void)state;
	assert_true(near(hazard_log_likelihood(wait_s, 4, blocks), 4 * log(1. / 50) - 4, 1e-6));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_the_min_max_formula),
		cmocka_unit_test(no_decreasing_hazard_is_better),
		cmocka_unit_test(a_clock_looks_exponential),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
