/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The promise of the guaranteed channel, by simulation: of sources whose call
 * rate never rises during silence, at most one in 10^(x/10) ever reaches x dB,
 * however often one looks.
 *
 * WATERTIGHT_STREAMS=100000 for a long run; the default is a smoke test.
 */
#include "arrivals.h"
#include "stat/timing.h"

#include <stdarg.h>
#include <stdio.h>
#include <setjmp.h>
#include <cmocka.h>

#define CALLS_MAX 400

static const double levels_db[] = {10, 20, 30};

static size_t streams(void)
{
	const char *wanted = getenv("WATERTIGHT_STREAMS");

	return wanted ? strtoul(wanted, NULL, 10) : 8;
}

/* Shares above the levels may exceed what is promised by three standard errors. */
static void check_shares(const char *name, const size_t *above, size_t n)
{
	print_message("%-28s %7zu streams, above 10/20/30 dB: %zu %zu %zu\n", name, n, above[0],
		      above[1], above[2]);
	for (size_t i = 0; i < ARRAY_LEN(levels_db); i++) {
		double promised = (double)n * pow(10, -levels_db[i] / 10);

		assert_true((double)above[i] <= promised + 3 * sqrt(promised) + 1);
	}
}

/* The most it ever says about a stream that is looked at after every third call. */
static double loudest_db(struct timing_work *work, const double *times_s, size_t n, double window_s)
{
	double loudest = 0;

	for (size_t seen = 5; seen <= n; seen += 3) {
		struct timing_result result;

		timing_analyse(work, times_s, seen, window_s, NULL, &result);
		loudest = fmax(loudest, result.guaranteed_db);
	}
	return loudest;
}

/* `tick_s`: the clock that told the times, or 0. */
static void watch(double window_s, double tick_s, const char *name)
{
	struct timing_work *work = timing_work_new();
	struct random r = random_from_seed((uint64_t)window_s);
	size_t above[ARRAY_LEN(levels_db)] = {0}, n = 0;
	double times_s[CALLS_MAX];

	assert_non_null(work);
	for (size_t i = 0; i < streams(); i++)
		for (int family = 0; family < ARRIVALS_GUARANTEED; family++, n++) {
			size_t most = (size_t)random_log_normal(&r, 30, 1), calls;
			double loudest;

			most = most < 6 ? 6 : most > CALLS_MAX ? CALLS_MAX : most;
			calls = arrivals_make(&r, (enum arrivals)family, window_s, times_s, most);
			for (size_t k = 0; tick_s > 0 && k < calls; k++)
				times_s[k] = tick_s * floor(times_s[k] / tick_s);
			loudest = loudest_db(work, times_s, calls, window_s);
			for (size_t l = 0; l < ARRAY_LEN(levels_db); l++)
				above[l] += loudest >= levels_db[l];
		}
	check_shares(name, above, n);
	timing_work_free(work);
}

static void holds_in_windows_of_all_lengths(void **state)
{
	(void)state;
	watch(30, 0, "30 s");
	watch(120, 0, "2 minutes");
	watch(600, 0, "10 minutes");
	watch(3600, 0, "an hour");
	watch(20 * 3600, 0, "20 hours");
	watch(86400, 0, "a day");
	watch(7 * 86400, 0, "a week");
}

static void holds_for_coarse_clocks(void **state)
{
	(void)state;
	watch(120, .01, "2 minutes, hundredths");
	watch(600, .1, "10 minutes, tenths");
	watch(90, 1, "90 s, whole seconds");
	watch(1800, 1, "half an hour, whole seconds");
	watch(86400, 1, "a day, whole seconds");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds_in_windows_of_all_lengths),
		cmocka_unit_test(holds_for_coarse_clocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
