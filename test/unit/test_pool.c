/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several hosts weighed together: what is gained, and that the promise holds.
 */
#include "arrivals.h"
#include "near.h"
#include "stat/pool.h"
#include "stat/timing.h"

#include <stdarg.h>
#include <stdio.h>
#include <setjmp.h>
#include <cmocka.h>

#define HOSTS	  10
#define CALLS_MAX 64
#define DAY_S	  86400.

static double times_s[HOSTS][CALLS_MAX];
static struct timing_series series[HOSTS];

static struct timing_work *new_work(void)
{
	struct timing_work *work = timing_work_new();

	assert_non_null(work);
	return work;
}

static void set_series(size_t host, size_t n)
{
	series[host] = (struct timing_series){times_s[host], n, {NULL, 0}};
}

static void one_host_alone_is_itself(void **state)
{
	struct arrivals_timer timer = {1800, .2, 0, 0, false};
	struct timing_work *work = new_work();
	struct random r = random_from_seed(1);
	struct timing_result alone, pool;

	(void)state;
	set_series(0, arrivals_beat(&r, &timer, DAY_S / 2, times_s[0], CALLS_MAX));
	timing_analyse(work, times_s[0], series[0].n, DAY_S / 2, NULL, &alone);
	timing_pool(work, series, 1, DAY_S / 2, &pool);
	/* A pool has no cycles, which have a twentieth of the prior of one alone. */
	assert_true(near(alone.guaranteed_nats,
			 pool.guaranteed_nats +
				 log(.95 + .05 * exp(alone.cycle_nats - pool.guaranteed_nats)),
			 1e-3));
	assert_true(near(pool.period_s, alone.period_s, 1e-9));
	assert_int_equal(pool.gaps, alone.gaps);
	timing_work_free(work);
}

/* Four calls a day with half a period of jitter: nothing on one host. */
static void ten_hosts_say_what_one_cannot(void **state)
{
	struct timing_work *work = new_work();
	struct random r = random_from_seed(2);
	size_t found = 0, right = 0;

	(void)state;
	for (size_t run = 0; run < 20; run++) {
		struct arrivals_timer timer = {14000, .3, 0, 0, false};
		struct timing_result pool, alone;

		for (size_t host = 0; host < HOSTS; host++) {
			set_series(host,
				   arrivals_beat(&r, &timer, DAY_S, times_s[host], CALLS_MAX));
			timing_analyse(work, times_s[host], series[host].n, DAY_S, NULL, &alone);
			assert_true(alone.guaranteed_db < 30);
		}
		timing_pool(work, series, HOSTS, DAY_S, &pool);
		assert_int_equal(pool.hosts, HOSTS);
		found += pool.guaranteed_db > 50;
		right += fabs(pool.period_s / timer.period_s - 1) < .1;
	}
	assert_true(found >= 18 && right >= 18);
	timing_work_free(work);
}

/* Hosts that are set off together: ten times the same surprise. */
static void a_common_cause_is_not_multiplied(void **state)
{
	struct timing_work *work = new_work();
	struct random r = random_from_seed(3);
	size_t together = 0;

	(void)state;
	for (size_t run = 0; run < 50; run++) {
		size_t n = arrivals_make(&r, ARRIVALS_POISSON, DAY_S, times_s[0], 12);
		struct timing_result pool, alone;

		for (size_t host = 0; host < HOSTS; host++) {
			for (size_t i = 0; i < n; i++)
				times_s[host][i] =
					fmin(DAY_S, times_s[0][i] + random_between(&r, 0, 1));
			qsort(times_s[host], n, sizeof(double), arrivals_ascending);
			set_series(host, n);
		}
		timing_analyse(work, times_s[0], n, DAY_S, NULL, &alone);
		timing_pool(work, series, HOSTS, DAY_S, &pool);
		together += pool.together;
		assert_true(pool.guaranteed_db <= alone.guaranteed_db + 3 ||
			    pool.guaranteed_db < 10);
	}
	assert_int_equal(together, 50);
	timing_work_free(work);
}

static size_t benign_host(struct random *r, size_t host, double window_s)
{
	size_t n = arrivals_make(r, (enum arrivals)random_below(r, ARRIVALS_GUARANTEED), window_s,
				 times_s[host], 3 + random_below(r, 20));

	set_series(host, n);
	return n;
}

/* At most one benign pool in 10^(x/10) reaches x dB; far fewer do. */
static void the_promise_holds_for_pools(void **state)
{
	const char *wanted = getenv("WATERTIGHT_STREAMS");
	size_t pools = wanted ? strtoul(wanted, NULL, 10) : 300, above[3] = {0};
	struct timing_work *work = new_work();
	struct random r = random_from_seed(4);

	(void)state;
	for (size_t run = 0; run < pools; run++) {
		double window_s = run % 2 ? DAY_S : 7200;
		size_t hosts = 2 + random_below(&r, HOSTS - 1);
		struct timing_result pool;

		for (size_t host = 0; host < hosts; host++)
			benign_host(&r, host, window_s);
		timing_pool(work, series, hosts, window_s, &pool);
		for (size_t i = 0; i < 3; i++)
			above[i] += pool.guaranteed_db >= 10 * (double)(i + 1);
	}
	print_message("%zu pools, above 10/20/30 dB: %zu %zu %zu\n", pools, above[0], above[1],
		      above[2]);
	for (size_t i = 0; i < 3; i++) {
		double promised = (double)pools * pow(10, -(double)(i + 1));

		assert_true((double)above[i] <= promised + 3 * sqrt(promised));
	}
	timing_work_free(work);
}

/* By hand: onsets of two hosts, 100 s apart, the second .5 s behind the first. */
static void closeness_is_counted(void **state)
{
	static struct pool pool;
	double first[20], behind[20], between[20];
	struct renewal_series two[2] = {{first, 20, NULL, 0}, {behind, 20, NULL, 0}};

	(void)state;
	for (size_t i = 0; i < 20; i++) {
		first[i] = 10 + 100 * (double)i;
		behind[i] = first[i] + .5;
		between[i] = first[i] + 50;
	}
	assert_true(pool_together(&pool, two, 2, 2000));
	two[1].times_s = between;
	assert_false(pool_together(&pool, two, 2, 2000));
	assert_false(pool_together(&pool, two, 1, 2000));
}

static void odd_pools_are_survived(void **state)
{
	struct timing_work *work = new_work();
	struct timing_result pool;

	(void)state;
	for (size_t host = 0; host < HOSTS; host++)
		set_series(host, 0);
	timing_pool(work, series, HOSTS, DAY_S, &pool);
	assert_true(pool.p >= 1 && pool.decibans <= 0 && pool.calls == 0);
	for (size_t host = 0; host < HOSTS; host++) {
		set_series(host, 1);
		times_s[host][0] = (double)host;
	}
	timing_pool(work, series, HOSTS, DAY_S, &pool);
	assert_true(pool.p >= 1 && pool.decibans <= 0 && isfinite(pool.guaranteed_nats));
	timing_pool(work, series, HOSTS, 9, &pool);
	assert_true(isfinite(pool.guaranteed_nats));
	timing_work_free(work);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_host_alone_is_itself),
		cmocka_unit_test(ten_hosts_say_what_one_cannot),
		cmocka_unit_test(a_common_cause_is_not_multiplied),
		cmocka_unit_test(the_promise_holds_for_pools),
		cmocka_unit_test(closeness_is_counted),
		cmocka_unit_test(odd_pools_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
