/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The laws against what their names promise, by plain arithmetic on many
 * gaps.  Tolerances are five standard errors of the estimate or more.
 */
#include "unit/unit.h"

#include "near.h"
#include "simulate/law.h"

enum { DAY_S = 86400, MANY = 20000 };

static const double monday_s = 1740960000; /* 2025-03-03T00:00:00Z */

static size_t times_of(const struct law *law, double rate, uint64_t seed, double *times, size_t n)
{
	struct random random = random_from_seed(seed);
	struct law_setting setting = {monday_s, 1e12, rate};
	struct law_state state;

	times[0] = law_first(law, &setting, &state, &random);
	assert_true(times[0] >= 0);
	for (size_t i = 1; i < n; i++) {
		times[i] = law_next(law, &state, &random);
		assert_true(times[i] >= times[i - 1]);
	}
	return n;
}

static double mean_gap(const double *times, size_t n)
{
	return (times[n - 1] - times[0]) / (double)(n - 1);
}

static void sleepers_keep_their_half_width(void **state)
{
	static const double jitters[] = {0, 0.1, 0.5, 1};
	static double times[MANY];

	(void)state;
	for (size_t j = 0; j < ARRAY_LEN(jitters); j++) {
		struct law law = {.kind = LAW_SLEEP, .period_s = 300, .jitter = jitters[j]};
		double least = 1e9, most = 0, width = 300 * jitters[j];

		times_of(&law, 1, 7, times, MANY);
		for (size_t i = 1; i < MANY; i++) {
			double gap = times[i] - times[i - 1];

			least = fmin(least, gap);
			most = fmax(most, gap);
		}
		/* uniform: s.d. of one gap is width/sqrt(3) */
		assert_true(near(mean_gap(times, MANY), 300, 5 * width / sqrt(3.0 * MANY) + 1e-6));
		assert_true(least >= 300 - width - 1e-6 && least < 300 - 0.99 * width + 1e-6);
		assert_true(most <= 300 + width + 1e-6 && most > 300 + 0.99 * width - 1e-6);
	}
}

static void clocks_never_drift(void **state)
{
	struct law law = {.kind = LAW_CLOCK, .period_s = 600, .jitter = 0.4};
	static double times[MANY];

	(void)state;
	times_of(&law, 1, 3, times, MANY);
	for (size_t i = 1; i < MANY; i++) {
		/* both are at most a fifth of a period off their beats */
		double off = times[i] - times[0] - 600.0 * (double)i;

		assert_true(fabs(off) <= 0.4 * 600 + 1e-6);
	}
}

static void missed_beats_leave_multiples(void **state)
{
	struct law law = {.kind = LAW_CLOCK, .period_s = 100, .missed = 0.3};
	static double times[MANY];
	double beats = 0;

	(void)state;
	times_of(&law, 1, 4, times, MANY);
	for (size_t i = 1; i < MANY; i++) {
		double gap = (times[i] - times[i - 1]) / 100;

		assert_true(near(gap, round(gap), 1e-6) && gap > 0.5);
		beats += round(gap);
	}
	/* of all beats 70 % were calls; binomial s.e. below 0.003 */
	assert_true(near((MANY - 1) / beats, 0.7, 0.015));
}

static void duty_hours_are_kept(void **state)
{
	static const double hours[][2] = {{8, 18}, {22, 6}};
	static double times[MANY];

	(void)state;
	for (size_t h = 0; h < ARRAY_LEN(hours); h++) {
		struct law law = {.kind = LAW_SLEEP,
				  .period_s = 120,
				  .jitter = 0.2,
				  .duty_from_h = hours[h][0],
				  .duty_to_h = hours[h][1]};
		bool seen[24] = {0};

		times_of(&law, 1, 5, times, MANY);
		for (size_t i = 0; i < MANY; i++)
			seen[(int)fmod(times[i] / 3600, 24)] = true;
		for (int hour = 0; hour < 24; hour++) {
			bool on = h == 0 ? hour >= 8 && hour < 18 : hour >= 22 || hour < 6;

			assert_int_equal(seen[hour], on);
		}
	}
}

static void daily_clocks_strike_in_their_hours(void **state)
{
	struct law law = {.kind = LAW_CLOCK,
			  .period_s = DAY_S,
			  .jitter = 0.001,
			  .duty_from_h = 1,
			  .duty_to_h = 5};
	double times[30];

	(void)state;
	for (uint64_t seed = 0; seed < 50; seed++) {
		times_of(&law, 1, seed, times, ARRAY_LEN(times));
		assert_true(times[0] < DAY_S + 100);
		for (size_t i = 0; i < ARRAY_LEN(times); i++) {
			double hour = fmod(times[i] / 3600, 24);

			assert_true(hour > 0.98 && hour < 5.02);
			assert_true(i == 0 || near(times[i] - times[i - 1], DAY_S, 100));
		}
	}
}

static void rates_are_as_asked(void **state)
{
	static const struct law laws[] = {
		{.kind = LAW_POISSON, .period_s = 60},
		{.kind = LAW_HAWKES, .period_s = 60, .branching = 0.5, .within_s = 20},
		{.kind = LAW_SESSION, .period_s = 60, .burst = 5, .within_s = 0.01},
	};
	/* standard errors of the mean gap grow with clustering */
	static const double tolerance[] = {2.5, 6, 7};
	static double times[MANY];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(laws); i++) {
		times_of(&laws[i], 1, 11, times, MANY);
		assert_true(near(mean_gap(times, MANY), 60, tolerance[i]));
		times_of(&laws[i], 4, 12, times, MANY);
		assert_true(near(mean_gap(times, MANY), 15, tolerance[i] / 4 + 0.5));
	}
}

static void log_normal_gaps_have_their_median(void **state)
{
	struct law law = {.kind = LAW_LOG_NORMAL, .period_s = 240, .sigma = 1.5};
	static double times[MANY];
	size_t below = 0;

	(void)state;
	times_of(&law, 1, 13, times, MANY);
	for (size_t i = 1; i < MANY; i++)
		below += times[i] - times[i - 1] < 240;
	assert_true(near((double)below / MANY, 0.5, 0.02));
}

static void offices_close_at_night_and_on_sundays(void **state)
{
	struct law law = {.kind = LAW_POISSON, .period_s = 60, .rhythm = RHYTHM_OFFICE};
	static double times[MANY];
	size_t open = 0;

	(void)state;
	times_of(&law, 1, 14, times, MANY);
	for (size_t i = 0; i < MANY; i++) {
		double day = fmod(times[i] / DAY_S, 7), hour = fmod(times[i] / 3600, 24);

		open += day < 5 && hour >= 8 && hour < 18;
	}
	/* 50 hours at 1, 118 at 0.02 */
	assert_true(near((double)open / MANY, 50 / (50 + 118 * 0.02), 0.01));
}

static void time_servers_are_asked_every_64_to_1024_s(void **state)
{
	struct law law = {.kind = LAW_POLL};
	static double times[MANY];

	(void)state;
	times_of(&law, 1, 15, times, MANY);
	for (size_t i = 1; i < MANY; i++) {
		double power = log2((times[i] - times[i - 1]) / 64);

		assert_true(power > -0.03 && power < 4.03);
		assert_true(near(power, round(power), 0.03));
	}
}

static void a_clock_that_never_strikes_on_duty_ends(void **state)
{
	struct law law = {
		.kind = LAW_CLOCK, .period_s = 2 * 3600, .duty_from_h = 8, .duty_to_h = 8.0001};
	struct law_setting setting = {monday_s, 7 * DAY_S, 1};
	struct law_state law_state;

	(void)state;
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct random random = random_from_seed(seed);

		assert_true(law_first(&law, &setting, &law_state, &random) >= 7 * DAY_S);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sleepers_keep_their_half_width),
		cmocka_unit_test(clocks_never_drift),
		cmocka_unit_test(missed_beats_leave_multiples),
		cmocka_unit_test(duty_hours_are_kept),
		cmocka_unit_test(daily_clocks_strike_in_their_hours),
		cmocka_unit_test(rates_are_as_asked),
		cmocka_unit_test(log_normal_gaps_have_their_median),
		cmocka_unit_test(offices_close_at_night_and_on_sundays),
		cmocka_unit_test(a_clock_that_never_strikes_on_duty_ends),
		cmocka_unit_test(time_servers_are_asked_every_64_to_1024_s),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
