/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/phase.h"

#include "base/random.h"
#include "stat/sort.h"
#include "near.h"

#include <math.h>
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

#define WEEK_S (7 * 86400.)

/* The power series of I0, summed until nothing changes. */
static double slow_ln_i0(double x)
{
	double term = 1, sum = 1;

	for (double k = 1; term > sum * 1e-17; k++) {
		term *= x / 2 / k * (x / 2 / k);
		sum += term;
	}
	return log(sum);
}

static void bessel_agrees_with_its_series(void **state)
{
	(void)state;
	for (double x = 0; x < 600; x += x < 10 ? .01 : 1)
		assert_true(near(phase_ln_i0(x), slow_ln_i0(x), 5e-7));
	assert_true(isfinite(phase_ln_i0(1e12)));
}

/* 40 calls on a grid of half an hour, three in four missing, among 80 others. */
static void finds_a_clock_in_noise(void **state)
{
	struct phase_work *work = phase_work_new();
	struct random r = random_from_seed(8);
	double times_s[200], scratch[200];
	struct phase phase;
	size_t n = 0;

	(void)state;
	assert_non_null(work);
	for (double at = 100; at < WEEK_S; at += 1800)
		if (n < 60 && random_chance(&r, .25))
			times_s[n++] = at + random_between(&r, 0, 90);
	assert_true(n > 40);
	for (size_t i = 0; i < 80; i++)
		times_s[n++] = random_between(&r, 0, WEEK_S);
	sort_doubles(times_s, n, scratch);
	phase = phase_weigh(work, times_s, n, 1, WEEK_S);
	assert_true(phase.nats > 10);
	/* Or one of its harmonics, which are as strong. */
	assert_true(near(remainder(1800 / phase.period_s, 1), 0, .01));
	phase_work_free(work);
}

/* ln of a Bayes factor that averages to 1: over 3 by chance in less than e^-3. */
static void stays_silent_about_noise(void **state)
{
	struct phase_work *work = phase_work_new();
	struct random r = random_from_seed(9);
	double times_s[64], scratch[64];
	int loud = 0;

	(void)state;
	assert_non_null(work);
	for (int round = 0; round < 400; round++) {
		for (size_t i = 0; i < 64; i++)
			times_s[i] = random_between(&r, 0, WEEK_S);
		sort_doubles(times_s, 64, scratch);
		loud += phase_weigh(work, times_s, 64, 1, WEEK_S).nats > 3;
	}
	assert_true(loud < 20);
	phase_work_free(work);
}

static void hostile_series_are_finite(void **state)
{
	struct phase_work *work = phase_work_new();
	const double ends[] = {0, 5, WEEK_S - 5, WEEK_S};
	static double many[1000000];

	(void)state;
	assert_non_null(work);
	assert_true(phase_weigh(work, ends, 3, 1, WEEK_S).nats == -50);
	assert_true(isfinite(phase_weigh(work, ends, 4, 1, WEEK_S).nats));
	for (size_t i = 0; i < ARRAY_LEN(many); i++)
		many[i] = 3. * (double)i;
	assert_true(phase_weigh(work, many, ARRAY_LEN(many), 1, 3e9).nats >= -50);
	assert_true(phase_weigh(work, many, ARRAY_LEN(many), 1, 3e6).nats >= -50);
	phase_work_free(work);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bessel_agrees_with_its_series),
		cmocka_unit_test(finds_a_clock_in_noise),
		cmocka_unit_test(stays_silent_about_noise),
		cmocka_unit_test(hostile_series_are_finite),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
