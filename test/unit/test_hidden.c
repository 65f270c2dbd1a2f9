/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A timer among other calls.  The recursion against every way of telling beats from
 * other calls, one by one; the whole channel is compared with the numpy reference in
 * test_timing.
 */
#include "stat/hidden.h"
#include "stat/hidden_look.h"

#include "arrivals.h"
#include "near.h"

#include <stdarg.h>
#include <stdio.h>
#include <setjmp.h>
#include <cmocka.h>

#define WEEK_S	  (7 * 86400.)
#define CALLS_MAX 700

static struct hidden_onsets onsets;
static struct hidden_look_work look_work;
static struct activity flat;

/* The model of hidden_look.h for one timer: a law of three boxes. */
struct model {
	double period_s, jitter, missed;
};

static double weight_of(const struct model *m, int beats)
{
	return (1 - m->missed) * pow(m->missed, beats - 1) / (1 - pow(m->missed, 3));
}

static double density(const struct model *m, double gap_s, int most)
{
	double u = gap_s / m->period_s, sum = 0;

	for (int beats = 1; beats <= most; beats++)
		if (fabs(u - beats) < m->jitter * sqrt(beats))
			sum += weight_of(m, beats) / (2 * m->jitter * sqrt(beats));
	return sum;
}

static double longer(const struct model *m, double gap_s)
{
	double u = gap_s / m->period_s;

	for (int beats = 1; beats <= 3; beats++)
		if (u < beats - m->jitter * sqrt(beats))
			return pow(m->missed, beats - 1);
	return 0;
}

/* All that may happen from onset `i` on; `last`: the last beat, or -1 while the timer sleeps. */
static double all_ways(const struct model *m, int i, int last, int most)
{
	double n = (double)onsets.n, start = 2 / n, stop = 1 / n, others, passed, beat;

	if (i == (int)onsets.n)
		return last < 0 ? 1 : longer(m, onsets.at_s[i - 1] - onsets.at_s[last]);
	others = fmax(.04, 1 - (1 - m->missed) / m->period_s / onsets.rate[i]);
	passed = exp((1 - others) * onsets.expected[i]);
	beat = last < 0 ? start
			: density(m, onsets.at_s[i] - onsets.at_s[last], most) /
				  (m->period_s * onsets.rate[i]);
	return beat * (stop * all_ways(m, i + 1, -1, most) +
		       (1 - stop) * passed * all_ways(m, i + 1, i, most)) +
	       (last < 0 ? (1 - start) * all_ways(m, i + 1, -1, most)
			 : others * passed * all_ways(m, i + 1, last, most));
}

static void the_recursion_sums_over_all_ways(void **state)
{
	static struct hidden_rates rates;
	struct random r = random_from_seed(1);
	int differing = 0;

	(void)state;
	activity_init(&flat, NULL, 0);
	for (int round = 0; round < 40; round++) {
		double times_s[9], jitter = round % 2 ? .2 : .08, first_s = 300 + 40 * round;
		struct hidden_look looks[HIDDEN_LOOK_LANES];

		for (size_t i = 0; i < 9; i++)
			times_s[i] = random_between(&r, 0, 10000);
		qsort(times_s, 9, sizeof(double), arrivals_ascending);
		hidden_onsets_find(&rates, &onsets, times_s, 9, 2, &flat);
		hidden_look_index(&look_work, &onsets);
		hidden_look(&look_work, &onsets, jitter, first_s, 1.2, looks);
		for (int k = 0; k < HIDDEN_LOOK_LANES; k++) {
			struct model m = {looks[k].period_s, jitter, .3};
			bool many = first_s < onsets.at_s[onsets.n - 1] / (double)onsets.n;
			double all = log(all_ways(&m, 0, -1, many ? 3 : 2));

			assert_true(near(looks[k].period_s, first_s * pow(1.2, k), 1e-6));
			assert_true(near(looks[k].nats, all, 1e-4));
			differing += fabs(all) > .5;
		}
	}
	assert_true(differing > 20); /* or nothing was tested */
}

/* By hand: 13 onsets 100 s apart, in which 2 s each are dead; blocks: all in one. */
static void rates_count_live_time(void **state)
{
	static struct hidden_rates rates;
	double times_s[13];

	(void)state;
	activity_init(&flat, NULL, 0);
	for (size_t i = 0; i < 13; i++)
		times_s[i] = 50 + 100 * (double)i;
	hidden_onsets_find(&rates, &onsets, times_s, 13, 2, &flat);
	assert_int_equal(onsets.n, 13);
	assert_true(near(onsets.rate[0], 12.5 / (12 * 98), 1e-12));
	assert_true(near(onsets.wait_s[5], 12 * 98 / 12.5, 1e-9));
	assert_true(near(onsets.expected[0], 12.5 / 12, 1e-9) && near(onsets.expected[12], 0, 0));
}

static struct hidden weigh(struct hidden_work *work, struct random *r, double jitter, double noise,
			   size_t beats, double missed)
{
	struct arrivals_timer timer = {WEEK_S * (1 - missed) / (double)beats, jitter, missed, noise,
				       false};
	double times_s[CALLS_MAX];
	size_t n = arrivals_beat(r, &timer, WEEK_S, times_s, CALLS_MAX);

	activity_init(&flat, NULL, 0);
	return hidden_weigh(work, times_s, n, WEEK_S, &flat);
}

/* In as many other calls, and in three times as many; the period within a few per cent. */
static void finds_timers_among_other_calls(void **state)
{
	struct hidden_work *work = hidden_work_new();
	struct random r = random_from_seed(2);
	size_t loud = 0, right = 0;

	(void)state;
	assert_non_null(work);
	for (int run = 0; run < 20; run++) {
		struct hidden h = weigh(work, &r, .1, run % 2 ? 1 : 3, 64, 0);

		loud += h.nats > 4;
		right += fabs(log(h.period_s / (WEEK_S / 64))) < .05;
	}
	print_message("%zu of 20 above 4 nats, the period of %zu right\n", loud, right);
	assert_true(loud >= 17 && right >= 17);
	hidden_work_free(work);
}

static void says_little_of_other_calls_alone(void **state)
{
	struct hidden_work *work = hidden_work_new();
	struct random r = random_from_seed(3);
	double times_s[CALLS_MAX];
	size_t loud = 0;

	(void)state;
	assert_non_null(work);
	activity_init(&flat, NULL, 0);
	for (int run = 0; run < 150; run++) {
		size_t n = arrivals_make(&r, (enum arrivals)random_below(&r, ARRIVALS_FAMILIES),
					 WEEK_S, times_s, 20 + random_below(&r, 200));

		loud += hidden_weigh(work, times_s, n, WEEK_S, &flat).nats > 4;
	}
	assert_true(loud <= 2);
	hidden_work_free(work);
}

static void extremes_are_finite(void **state)
{
	static double times_s[HIDDEN_CALLS_MAX];
	struct hidden_work *work = hidden_work_new();
	static const double steps_s[] = {0, 1e-3, 1, 300, 86400};

	(void)state;
	assert_non_null(work);
	activity_init(&flat, NULL, 0);
	for (size_t s = 0; s < ARRAY_LEN(steps_s); s++)
		for (size_t n = 0; n <= HIDDEN_CALLS_MAX; n = 3 * n + 1) {
			struct hidden h;

			for (size_t i = 0; i < n; i++)
				times_s[i] = steps_s[s] * (double)i;
			h = hidden_weigh(work, times_s, n, steps_s[s] * (double)n + 1, &flat);
			assert_true(isfinite(h.nats) && h.nats >= HIDDEN_NO_EVIDENCE);
			assert_true(isfinite(h.period_s) && h.period_s >= 0);
		}
	hidden_work_free(work);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_recursion_sums_over_all_ways),
		cmocka_unit_test(rates_count_live_time),
		cmocka_unit_test(finds_timers_among_other_calls),
		cmocka_unit_test(says_little_of_other_calls_alone),
		cmocka_unit_test(extremes_are_finite),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
