/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Timers that call several times a period: a worked example, what is found, and
 * that the promise of the guaranteed channel holds for it.
 */
#include "stat/cycle.h"
#include "stat/timing.h"

#include "arrivals.h"
#include "near.h"

#include <stdarg.h>
#include <stdio.h>
#include <setjmp.h>
#include <cmocka.h>

#define DAY_S	  86400.
#define CALLS_MAX 600

static struct cycle_work *new_work(void)
{
	struct cycle_work *work = malloc(sizeof(*work));

	assert_non_null(work);
	return work;
}

/* Two calls a cycle, the second `second_s` after the first. */
static size_t twice(struct random *r, double period_s, double jitter, double second_s,
		    double window_s, double *times_s)
{
	size_t n = 0;

	for (double at_s = random_between(r, 0, period_s); at_s + second_s < window_s;
	     at_s += period_s * (1 + jitter * random_between(r, -1, 1))) {
		times_s[n++] = at_s;
		times_s[n++] = at_s + second_s;
	}
	return n;
}

/*
 * Calls 100 and 900 s apart in turn: gaps 100 900 100 900 100 900 100 900.  Each of
 * the six gaps from the third on repeats the one two before it exactly, each of the
 * four from the fifth on the one four before; none is near the one before it or
 * three before.  The density of a repeat is (1-eps) / (w sqrt(2 pi)) + eps/12, and what
 * may be won e (gap - 1 s) / gap.
 */
static void worked_example(void **state)
{
	static const double times_s[] = {0, 100, 1000, 1100, 2000, 2100, 3000, 3100, 4000};
	static const double widths[] = {.02, .08, .3}, strays[] = {.02, .2};
	struct renewal_series series = {times_s, ARRAY_LEN(times_s), NULL, 0};
	struct cycle_work *work = new_work();
	struct cycle cycle = cycle_weigh(work, &series, 5000, 1, 600, 0, false);
	double two = 0, four = 0, won = M_E * M_E * .99 * 899 / 900; /* by a pair of gaps */

	(void)state;
	for (size_t w = 0; w < 3; w++)
		for (size_t s = 0; s < 2; s++) {
			double repeat =
				(1 - strays[s]) / (widths[w] * sqrt(2 * M_PI)) + strays[s] / 12;

			two += pow(won * repeat * repeat, 3) / 6;
			four += pow(won * repeat * repeat, 2) / 6;
		}
	assert_true(near(cycle.nats, log((two + four) / (4 * 16)), 1e-9));
	assert_int_equal(cycle.calls, 2);
	assert_true(near(cycle.period_s, 1000, 1e-9) && near(cycle.jitter, 0, 1e-9));
	assert_true(cycle.on_beat == 6 && cycle.gaps == 6);
	free(work);
}

/* Gaps too short to fill the window are not bet on, however alike. */
static void a_lively_hour_does_not_convict(void **state)
{
	double times_s[40];
	struct renewal_series series = {times_s, 40, NULL, 0};
	struct cycle_work *work = new_work();

	(void)state;
	for (size_t i = 0; i < 40; i++)
		times_s[i] = 60 * (double)i;
	assert_true(cycle_weigh(work, &series, 7 * DAY_S, 1, 3600, 0, false).nats <=
		    CYCLE_NO_EVIDENCE);
	free(work);
}

/* One call a period is weighed again only if that is not known; two are in any case. */
static void what_is_decided_is_not_weighed_again(void **state)
{
	double plain_s[20], two_s[20];
	struct renewal_series plain = {plain_s, 20, NULL, 0}, two = {two_s, 20, NULL, 0};
	struct cycle_work *work = new_work();

	(void)state;
	for (size_t i = 0; i < 20; i++) {
		plain_s[i] = 500 * (double)i;
		two_s[i] = 1000 * (double)(i / 2) + (i % 2 ? 100 : 0);
	}
	assert_true(cycle_weigh(work, &plain, 1e4, 1, 600, 0, false).nats > 10);
	assert_true(cycle_weigh(work, &plain, 1e4, 1, 600, 0, true).nats <= CYCLE_NO_EVIDENCE);
	assert_int_equal(cycle_weigh(work, &two, 1e4, 1, 600, 0, true).calls, 2);
	free(work);
}

static void finds_two_calls_a_cycle(void **state)
{
	static const double second_s[] = {84, 300, 450, 600};
	struct timing_work *work = timing_work_new();
	struct random r = random_from_seed(5);
	double times_s[CALLS_MAX];

	(void)state;
	assert_non_null(work);
	for (size_t i = 0; i < ARRAY_LEN(second_s); i++)
		for (int day = 0; day < 2; day++) {
			double window_s = day ? DAY_S : 6 * 3600;
			size_t n = twice(&r, 1800, .1, second_s[i], window_s, times_s);
			struct timing_result t;

			timing_analyse(work, times_s, n, window_s, NULL, &t);
			print_message("%4.0f s after, %zu calls: %.0f dB, period %.0f s\n",
				      second_s[i], n, t.guaranteed_db, t.period_s);
			assert_true(t.guaranteed_db > 40 && t.by_cycle && t.calls_per_beat == 2);
			assert_true(fabs(t.period_s - 1800) < 60 && t.jitter < .2);
			assert_true(t.on_beat * 10 >= t.gaps * 9);
		}
	timing_work_free(work);
}

/* One call a cycle is for the other channels to describe. */
static void leaves_plain_timers_alone(void **state)
{
	struct arrivals_timer timer = {1800, .1, 0, 0, false};
	struct timing_work *work = timing_work_new();
	struct random r = random_from_seed(6);
	double times_s[CALLS_MAX];
	struct timing_result t;

	(void)state;
	assert_non_null(work);
	for (int round = 0; round < 20; round++) {
		size_t n = arrivals_beat(&r, &timer, DAY_S, times_s, CALLS_MAX);

		timing_analyse(work, times_s, n, DAY_S, NULL, &t);
		assert_true(!t.by_cycle && t.calls_per_beat == 1);
	}
	timing_work_free(work);
}

/* The channel by itself, watched after every call. */
static void the_promise_holds(void **state)
{
	const char *wanted = getenv("WATERTIGHT_STREAMS");
	size_t streams = wanted ? strtoul(wanted, NULL, 10) : 600, above[3] = {0};
	struct cycle_work *work = new_work();
	struct random r = random_from_seed(7);
	double times_s[CALLS_MAX];

	(void)state;
	for (size_t i = 0; i < streams; i++) {
		enum arrivals family = (enum arrivals)(i % ARRIVALS_GUARANTEED);
		double window_s = i % 2 ? DAY_S : 600, loudest = 0;
		size_t n = arrivals_make(&r, family, window_s, times_s, 8 + random_below(&r, 50));

		for (size_t seen = 5; seen <= n; seen++) {
			struct renewal_series series = {times_s, seen, NULL, 0};
			struct cycle c = cycle_weigh(work, &series, window_s, i % 2 ? 1 : .1,
						     fmin(3600, window_s / 168), 0, false);

			loudest = fmax(loudest, c.nats);
		}
		for (size_t l = 0; l < 3; l++)
			above[l] += loudest >= M_LN10 * (double)(l + 1);
	}
	print_message("%zu streams, above 10/20/30 dB: %zu %zu %zu\n", streams, above[0], above[1],
		      above[2]);
	for (size_t l = 0; l < 3; l++) {
		double promised = (double)streams * pow(10, -(double)(l + 1));

		assert_true((double)above[l] <= promised + 3 * sqrt(promised));
	}
	free(work);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(worked_example),
		cmocka_unit_test(a_lively_hour_does_not_convict),
		cmocka_unit_test(what_is_decided_is_not_weighed_again),
		cmocka_unit_test(finds_two_calls_a_cycle),
		cmocka_unit_test(leaves_plain_timers_alone),
		cmocka_unit_test(the_promise_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
