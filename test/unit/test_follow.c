/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a stream follow the load?  The formula against one spelled out slowly,
 * and how often it errs on streams that only share a day with it.
 */
#include "unit/unit.h"

#include "base/random.h"
#include "near.h"
#include "stat/follow.h"

#include <math.h>

enum { DAY = 96 }; /* bins of a quarter of an hour */

/* Ranks by counting, trend by summing, correlation by the book. */
static void slow_residual(const double *v, size_t n, double *out)
{
	double ranks[FOLLOW_MOST];

	for (size_t i = 0; i < n; i++) {
		ranks[i] = -0.5;
		for (size_t k = 0; k < n; k++)
			ranks[i] += v[k] < v[i] ? 1 : v[k] == v[i] ? 0.5 : 0;
	}
	for (size_t i = 0; i < n; i++) {
		double sum = 0, count = 0;

		for (int64_t k = (int64_t)i - FOLLOW_TREND; k <= (int64_t)i + FOLLOW_TREND; k++) {
			if (k < 0 || k >= (int64_t)n)
				continue;
			sum += ranks[k];
			count++;
		}
		out[i] = ranks[i] - sum / count;
	}
}

static double slow_r(const double *x, const double *y, size_t n)
{
	double mx = 0, my = 0, xy = 0, xx = 0, yy = 0;

	for (size_t i = 0; i < n; i++) {
		mx += x[i] / (double)n;
		my += y[i] / (double)n;
	}
	for (size_t i = 0; i < n; i++) {
		xy += (x[i] - mx) * (y[i] - my);
		xx += (x[i] - mx) * (x[i] - mx);
		yy += (y[i] - my) * (y[i] - my);
	}
	return xy / sqrt(xx * yy);
}

static void the_formula_is_the_one_in_the_header(void **state)
{
	struct random r = random_from_seed(3);
	double x[100], y[100], z[100], a[100], b[100], c[100], xy, xz, yz;
	struct follow f;

	(void)state;
	for (size_t i = 0; i < 100; i++) {
		x[i] = floor(random_between(&r, 0, 40)); /* with ties */
		z[i] = x[i] + random_between(&r, 0, 40);
		y[i] = 2 * x[i] + z[i] + random_between(&r, 0, 30);
	}
	assert_true(follow_measure(x, y, z, 100, &f));
	slow_residual(x, 100, a);
	slow_residual(y, 100, b);
	slow_residual(z, 100, c);
	xy = slow_r(a, b, 100);
	xz = slow_r(a, c, 100);
	yz = slow_r(b, c, 100);
	assert_true(near(f.r, (xy - xz * yz) / sqrt((1 - xz * xz) * (1 - yz * yz)), 1e-9));
	assert_true(follow_measure(x, y, NULL, 100, &f));
	assert_true(near(f.r, xy, 1e-9));
}

/* By hand: 1 2 3 .. against itself is 1, with the trend off it is flat and says nothing. */
static void a_straight_line_says_nothing(void **state)
{
	double x[FOLLOW_LEAST], flat[FOLLOW_LEAST] = {0};
	struct follow f;

	(void)state;
	for (size_t i = 0; i < FOLLOW_LEAST; i++)
		x[i] = (double)i;
	assert_false(follow_measure(x, flat, NULL, FOLLOW_LEAST, &f));
	assert_false(follow_measure(flat, x, NULL, FOLLOW_LEAST, &f));
}

/* Busy by day, with bursts of its own that last for some bins. */
static void busy_day(struct random *r, size_t n, double *out)
{
	double burst = 0;

	for (size_t i = 0; i < n; i++) {
		burst = 0.7 * burst + random_normal(r);
		out[i] = exp(1.5 * sin(6.283185307 * (double)i / DAY) + 0.5 * burst);
	}
}

static bool follows(const struct follow *f)
{
	return f->r >= 0.5 && f->z_score >= 4 && f->r > f->elsewhere;
}

static void a_report_of_the_load_is_seen(void **state)
{
	struct random r = random_from_seed(11);
	double x[2 * DAY], y[2 * DAY], late[2 * DAY], z[2 * DAY];
	struct follow f;
	int seen = 0, seen_late = 0;

	(void)state;
	for (int run = 0; run < 100; run++) {
		busy_day(&r, 2 * DAY, x);
		busy_day(&r, 2 * DAY, z);
		for (size_t i = 0; i < 2 * DAY; i++)
			y[i] = floor(200 + 10 * x[i] * random_between(&r, 0.8, 1.25));
		for (size_t i = 0; i < 2 * DAY; i++)
			late[i] = y[i ? i - 1 : 0]; /* told a bin later */
		seen += follow_measure(x, y, z, 2 * DAY, &f) && follows(&f);
		seen_late += follow_measure(x, late, z, 2 * DAY, &f) && follows(&f);
	}
	assert_true(seen >= 99 && seen_late >= 99);
}

/* The day is common to all; the rest is not. */
static void the_working_day_convicts_nobody(void **state)
{
	struct random r = random_from_seed(12);
	double x[3 * DAY], y[3 * DAY], z[3 * DAY];
	struct follow f;
	int wrong = 0;
	double plain = 0;

	(void)state;
	for (int run = 0; run < 1000; run++) {
		size_t n = run % 2 ? DAY : 3 * DAY;

		busy_day(&r, n, x);
		busy_day(&r, n, y);
		busy_day(&r, n, z);
		assert_true(follow_measure(x, y, z, n, &f));
		wrong += follows(&f);
		plain += f.plain / 1000;
	}
	assert_true(plain > 0.5); /* what a plain correlation says of them */
	assert_int_equal(wrong, 0);
}

/* Both jump on the hour, each for its own reason: so they do an hour later. */
static void jobs_on_the_hour_convict_nobody(void **state)
{
	struct random r = random_from_seed(13);
	double x[3 * DAY], y[3 * DAY];
	struct follow f;
	int wrong = 0;

	(void)state;
	for (int run = 0; run < 300; run++) {
		for (size_t i = 0; i < 3 * DAY; i++) {
			x[i] = random_exponential(&r, 1) + (i % 4 ? 0 : 20);
			y[i] = random_exponential(&r, 1) + (i % 4 ? 0 : 20);
		}
		assert_true(follow_measure(x, y, NULL, 3 * DAY, &f));
		assert_true(f.r > 0.4);
		wrong += follows(&f);
	}
	assert_true(wrong <= 3);
}

/* Whatever the host does to serve, its other calls show as well. */
static void what_all_its_traffic_does_convicts_nobody(void **state)
{
	struct random r = random_from_seed(14);
	double x[2 * DAY], y[2 * DAY], z[2 * DAY];
	struct follow f;
	int wrong = 0, alone = 0;

	(void)state;
	for (int run = 0; run < 300; run++) {
		busy_day(&r, 2 * DAY, z);
		for (size_t i = 0; i < 2 * DAY; i++) {
			x[i] = z[i] * random_log_normal(&r, 1, 0.3);
			y[i] = z[i] * random_log_normal(&r, 1, 0.3);
		}
		wrong += follow_measure(x, y, z, 2 * DAY, &f) && follows(&f);
		alone += follow_measure(x, y, NULL, 2 * DAY, &f) && follows(&f);
	}
	assert_int_equal(wrong, 0);
	assert_true(alone > 250); /* that is what z is for */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_formula_is_the_one_in_the_header),
		cmocka_unit_test(a_straight_line_says_nothing),
		cmocka_unit_test(a_report_of_the_load_is_seen),
		cmocka_unit_test(the_working_day_convicts_nobody),
		cmocka_unit_test(jobs_on_the_hour_convict_nobody),
		cmocka_unit_test(what_all_its_traffic_does_convicts_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
