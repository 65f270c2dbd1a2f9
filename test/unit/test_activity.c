/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/activity.h"

#include "base/random.h"
#include "near.h"

#include <math.h>
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

static struct activity activity;

/* Mean 4; smoothed 1-2-1 with the ends repeated: 0, 2, 6, 8 ; over 4; never below .1. */
static void smooths_and_scales(void **state)
{
	const double hourly[] = {0, 0, 8, 8};

	(void)state;
	activity_init(&activity, hourly, 4);
	assert_true(near(activity_rate(&activity, 0), .1, 1e-12));
	assert_true(near(activity_rate(&activity, 3600), .5, 1e-12));
	assert_true(near(activity_rate(&activity, 3 * 3600 - 1), 1.5, 1e-12));
	assert_true(near(activity_rate(&activity, 1e9), 2, 1e-12));
	assert_true(near(activity_until(&activity, 5400), 3600 * .1 + 1800 * .5, 1e-9));
	assert_true(
		near(activity_until(&activity, 5 * 3600), 3600 * (.1 + .5 + 1.5 + 2 + 2), 1e-9));
}

static void flat_is_the_clock_on_the_wall(void **state)
{
	(void)state;
	activity_init(&activity, NULL, 7);
	assert_true(activity_rate(&activity, 5) == 1);
	assert_true(activity_until(&activity, 12.5) == 12.5);
}

/* until() is the integral of rate(). */
static void until_adds_up_the_rate(void **state)
{
	struct random r = random_from_seed(7);
	double hourly[48], sum = 0, step_s = 10;

	(void)state;
	for (size_t i = 0; i < 48; i++)
		hourly[i] = (double)random_below(&r, 30);
	activity_init(&activity, hourly, 48);
	for (double at = 0; at < 60 * 3600; at += step_s) {
		assert_true(near(activity_until(&activity, at), sum, 1e-6));
		sum += activity_rate(&activity, at + step_s / 2) * step_s;
	}
}

static void a_silent_host_is_no_division_by_zero(void **state)
{
	const double hourly[] = {0, 0};

	(void)state;
	activity_init(&activity, hourly, 2);
	assert_true(isfinite(activity_until(&activity, 1e5)));
	assert_true(activity_rate(&activity, 0) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(smooths_and_scales),
		cmocka_unit_test(flat_is_the_clock_on_the_wall),
		cmocka_unit_test(until_adds_up_the_rate),
		cmocka_unit_test(a_silent_host_is_no_division_by_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
