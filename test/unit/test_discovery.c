/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/discovery.h"

#include "base/random.h"

#include <math.h>
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

/* The fifteen tests of Benjamini and Hochberg 1995, section 4: four are rejected at .05. */
static void bh_repeats_its_paper(void **state)
{
	static const double p[] = {.0344, .0001, .0004, .0019, .3240, .0095, .0201, .0278,
				   .0298, .0459, .4262, .5719, .6528, .7590, 1.000};
	double scratch[ARRAY_LEN(p)], threshold;

	(void)state;
	assert_int_equal(discovery_bh(p, ARRAY_LEN(p), .05, scratch, &threshold), 4);
	assert_true(threshold == .0095);
}

/*
 * Five e-values at alpha = .1: k e_(k) must reach 50.  60, 2 x 30 = 60,
 * 3 x 17 = 51, 4 x 12 = 48, 5 x 1: the third is the last to do so.
 */
static void e_bh_by_hand(void **state)
{
	const double ln_e[] = {log(12), log(30), log(1), log(60), log(17)};
	double scratch[ARRAY_LEN(ln_e)], threshold;

	(void)state;
	assert_int_equal(discovery_e_bh(ln_e, ARRAY_LEN(ln_e), .1, scratch, &threshold), 3);
	assert_true(threshold == log(17));
}

/* A step up, not a step down: the first fails alone and is carried by the second. */
static void a_later_one_carries_an_earlier_one(void **state)
{
	const double ln_e[] = {log(30), log(30)};
	double scratch[2], threshold;

	(void)state;
	assert_int_equal(discovery_e_bh(ln_e, 2, .05, scratch, &threshold), 2);
}

static void nothing_and_nobody(void **state)
{
	const double ln_e[] = {1, -INFINITY}, p[] = {.6, 1};
	double scratch[2], threshold;

	(void)state;
	assert_int_equal(discovery_e_bh(ln_e, 2, .05, scratch, &threshold), 0);
	assert_true(1 < threshold);
	assert_int_equal(discovery_bh(p, 2, .05, scratch, &threshold), 0);
	assert_true(.6 > threshold);
	assert_int_equal(discovery_e_bh(ln_e, 0, .05, scratch, &threshold), 0);
	assert_int_equal(discovery_bh(p, 0, .05, scratch, &threshold), 0);
}

/* The definition, counted: the largest k such that k of them reach n / (alpha k). */
static size_t slow_e_bh(const double *ln_e, size_t n, double alpha)
{
	size_t best = 0;

	for (size_t k = 1; k <= n; k++) {
		size_t reach = 0;

		for (size_t i = 0; i < n; i++)
			reach += ln_e[i] >= log((double)n / (alpha * (double)k));
		if (reach >= k)
			best = k;
	}
	return best;
}

static size_t slow_bh(const double *p, size_t n, double alpha)
{
	size_t best = 0;

	for (size_t k = 1; k <= n; k++) {
		size_t reach = 0;

		for (size_t i = 0; i < n; i++)
			reach += p[i] <= alpha * (double)k / (double)n;
		if (reach >= k)
			best = k;
	}
	return best;
}

static void agrees_with_counting(void **state)
{
	struct random r = random_from_seed(5);
	double ln_e[40], p[40], scratch[40], threshold;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		size_t n = 1 + random_below(&r, 40), reach = 0, rejected;
		double alpha = random_between(&r, .01, .5);

		for (size_t i = 0; i < n; i++) {
			/* Whole numbers, so that there are ties. */
			ln_e[i] = floor(random_between(&r, -3, 7));
			p[i] = floor(random_unit(&r) * random_unit(&r) * 100) / 100;
		}
		rejected = discovery_e_bh(ln_e, n, alpha, scratch, &threshold);
		assert_int_equal(rejected, slow_e_bh(ln_e, n, alpha));
		for (size_t i = 0; i < n; i++)
			reach += ln_e[i] >= threshold;
		assert_int_equal(reach, rejected);

		rejected = discovery_bh(p, n, alpha, scratch, &threshold);
		assert_int_equal(rejected, slow_bh(p, n, alpha));
		reach = 0;
		for (size_t i = 0; i < n; i++)
			reach += p[i] <= threshold;
		assert_int_equal(reach, rejected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bh_repeats_its_paper),
		cmocka_unit_test(e_bh_by_hand),
		cmocka_unit_test(a_later_one_carries_an_earlier_one),
		cmocka_unit_test(nothing_and_nobody),
		cmocka_unit_test(agrees_with_counting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
