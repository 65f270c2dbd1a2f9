/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/onset.h"

#include "base/random.h"
#include "near.h"

#include <math.h>
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

static struct gaps gaps;

static void bursts_are_one_call(void **state)
{
	/* Onsets at 0, 10 and 20; the last call of the first burst at 1.5. */
	const double times_s[] = {0, 1, 1.5, 10, 20, 20, 20.9};

	(void)state;
	gaps_find(&gaps, times_s, ARRAY_LEN(times_s), 1, 3600, 0);
	assert_int_equal(gaps.onsets, 3);
	assert_int_equal(gaps.count, 2);
	assert_true(gaps.length_s[0] == 10 && gaps.end_s[0] == 10 && gaps.burst_s[0] == 1.5);
	assert_true(gaps.length_s[1] == 10 && gaps.end_s[1] == 20 && gaps.burst_s[1] == 0);
}

static void a_slot_counts_six_gaps(void **state)
{
	double times_s[100];

	(void)state;
	for (size_t i = 0; i < 100; i++)
		times_s[i] = 2 * (double)i; /* 50 onsets in each slot of 100 s */
	gaps_find(&gaps, times_s, 100, 1, 100, 0);
	assert_int_equal(gaps.onsets, 100);
	assert_int_equal(gaps.count, 12);
	assert_true(gaps.end_s[5] == 12 && gaps.end_s[6] == 102);
}

static void none_and_one(void **state)
{
	const double at[] = {7};

	(void)state;
	gaps_find(&gaps, NULL, 0, 1, 3600, 0);
	assert_int_equal(gaps.onsets, 0);
	assert_int_equal(gaps.count, 0);
	gaps_find(&gaps, at, 1, 1, 3600, 0);
	assert_int_equal(gaps.onsets, 1);
	assert_int_equal(gaps.count, 0);
}

static void knows_a_coarse_clock(void **state)
{
	const double seconds[] = {.25, 3.25, 60.25, 61.25}, tenths[] = {0, .1, .7, 5};
	const double hundredths[] = {1e6 + .01, 1e6 + .02, 1e6 + .07};
	const double fine[] = {0, 3, 5, 8.00137};

	(void)state;
	assert_true(onset_resolution(seconds, 4) == 1);
	assert_true(onset_resolution(tenths, 4) == .1);
	assert_true(onset_resolution(hundredths, 3) == .01);
	assert_true(onset_resolution(fine, 4) == 0);
}

/* Each tick moves by less than a tick, onward, and no two gaps stay the same. */
static void blurs_a_coarse_clock(void **state)
{
	double times_s[50];

	(void)state;
	for (size_t i = 0; i < 50; i++)
		times_s[i] = 10 * (double)i;
	gaps_find(&gaps, times_s, 50, 1, 3600, 1);
	assert_int_equal(gaps.count, 6);
	for (size_t i = 0; i < 6; i++) {
		assert_true(gaps.end_s[i] >= times_s[i + 1] && gaps.end_s[i] < times_s[i + 1] + 1);
		assert_true(fabs(gaps.length_s[i] - 10) < 1 && gaps.length_s[i] != 10);
	}
}

/* Gaps 1, 3, 1: 3 x mean of (2/4)^2, (2/4)^2. */
static void local_variation_by_hand(void **state)
{
	const double times_s[] = {0, 1, 4, 5};

	(void)state;
	assert_true(near(onset_local_variation(times_s, 4, .5), .75, 1e-12));
}

/* Shinomoto et al. 2003: 0 for a clock, 1 for a Poisson process. */
static void local_variation_of_known_processes(void **state)
{
	static double clock_s[2000], poisson_s[2000];
	struct random r = random_from_seed(6);

	(void)state;
	for (size_t i = 1; i < 2000; i++) {
		clock_s[i] = 60 * (double)i;
		poisson_s[i] = poisson_s[i - 1] + random_exponential(&r, 60);
	}
	assert_true(near(onset_local_variation(clock_s, 2000, 1), 0, 1e-12));
	/* Three standard errors of about 1/sqrt(2000). */
	assert_true(near(onset_local_variation(poisson_s, 2000, 0), 1, .07));
	assert_true(onset_local_variation(clock_s, 2, 1) == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bursts_are_one_call),
		cmocka_unit_test(a_slot_counts_six_gaps),
		cmocka_unit_test(none_and_one),
		cmocka_unit_test(knows_a_coarse_clock),
		cmocka_unit_test(blurs_a_coarse_clock),
		cmocka_unit_test(local_variation_by_hand),
		cmocka_unit_test(local_variation_of_known_processes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
