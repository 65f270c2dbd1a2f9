/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include "prove/binomial.h"

#include <math.h>

/* P(X <= k) by walking all trials one after the other: no logarithm, no factorial. */
static double slow_at_most(uint32_t n, uint32_t k, double p)
{
	double chance[512] = {1}, sum = 0; /* of so many hits so far */

	for (uint32_t i = 0; i < n; i++)
		for (uint32_t h = i + 2; h-- > 0;)
			chance[h] = chance[h] * (1 - p) + (h ? chance[h - 1] * p : 0);
	for (uint32_t h = 0; h <= k; h++)
		sum += chance[h];
	return sum;
}

static void the_law_is_that_of_repeated_trials(void **state)
{
	static const double p[] = {.01, .05, .3, .5, .95, .999};

	(void)state;
	for (uint32_t n = 1; n < 400; n = n * 2 + 1)
		for (uint32_t k = 0; k <= n; k += 1 + n / 7)
			for (size_t i = 0; i < ARRAY_LEN(p); i++)
				assert_true(fabs(binomial_at_most(n, k, p[i]) -
						 slow_at_most(n, k, p[i])) < 1e-9);
	assert_true(binomial_at_most(10, 10, .5) == 1);
	assert_true(binomial_at_most(10, 3, 0) == 1);
	assert_true(binomial_at_most(10, 3, 1) == 0);
}

/*
 * Sample sizes for 95 % at 95 % by success-run tables: 59 trials without a miss
 * (Wilks's number), 93 with one, 124 with two, 153 with three, 181, 208 ...
 */
static void sample_sizes_as_in_the_tables(void **state)
{
	static const uint32_t trials[] = {59, 93, 124, 153, 181, 208};

	(void)state;
	for (uint32_t misses = 0; misses < ARRAY_LEN(trials); misses++)
		assert_int_equal(binomial_plan_of(misses, .95, .95).trials, trials[misses]);
	assert_int_equal(binomial_plan_of(0, .90, .95).trials, 29);
	assert_int_equal(binomial_plan_of(0, .99, .95).trials, 299);
	assert_int_equal(binomial_plan(.95, .95).trials, 311);
	assert_int_equal(binomial_plan(.95, .95).misses, 9);
}

/* One trial less would not do. */
static void plans_are_tight(void **state)
{
	(void)state;
	for (uint32_t misses = 0; misses < 12; misses++) {
		struct binomial_plan plan = binomial_plan_of(misses, .95, .95);

		assert_true(slow_at_most(plan.trials, misses, .05) <= .05);
		assert_true(slow_at_most(plan.trials - 1, misses, .05) > .05);
		assert_true(binomial_least(plan.trials, plan.trials - misses, .95) >= .95);
	}
}

/* Printed in many places: 5 of 10, 0 of 10, 10 of 10 at 95 %. */
static void intervals_of_the_textbook(void **state)
{
	struct binomial_interval i = binomial_interval(10, 5, .95);

	(void)state;
	assert_true(fabs(i.low - .1871) < 5e-5 && fabs(i.high - .8129) < 5e-5);
	i = binomial_interval(10, 0, .95);
	assert_true(i.low == 0 && fabs(i.high - .3085) < 5e-5);
	i = binomial_interval(10, 10, .95);
	assert_true(fabs(i.low - .6915) < 5e-5 && i.high == 1);
}

/* What Clopper and Pearson ask: at either end the hits seen are just that unlikely. */
static void intervals_end_where_the_tails_do(void **state)
{
	(void)state;
	for (uint32_t n = 5; n < 300; n += 37) {
		for (uint32_t hits = 1; hits < n; hits += 1 + n / 5) {
			struct binomial_interval i = binomial_interval(n, hits, .9);

			assert_true(fabs(1 - slow_at_most(n, hits - 1, i.low) - .05) < 1e-6);
			assert_true(fabs(slow_at_most(n, hits, i.high) - .05) < 1e-6);
			assert_true(fabs(binomial_least(n, hits, .95) - i.low) < 1e-12);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_law_is_that_of_repeated_trials),
		cmocka_unit_test(sample_sizes_as_in_the_tables),
		cmocka_unit_test(plans_are_tight),
		cmocka_unit_test(intervals_of_the_textbook),
		cmocka_unit_test(intervals_end_where_the_tails_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
