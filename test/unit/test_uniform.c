/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a p-value promises, on pairs of the benign mix that the calibration never saw:
 * as many are below x as x says, or fewer.  bench/power counts far more of them.
 */
#include "benign_mix.h"
#include "stat/timing.h"

#include <stdarg.h>
#include <stdio.h>
#include <setjmp.h>
#include <cmocka.h>

#define WEEK_S	  (7 * 86400.)
#define CALLS_MAX 1024

/* Not more than three standard errors above. */
static bool as_promised(size_t below, size_t n, double level)
{
	double promised = level * (double)n;

	return (double)below <= promised + 3 * sqrt(promised);
}

static void p_is_what_it_promises(void **state)
{
	static const size_t sizes[] = {7, 14, 28, 56};
	static double times_s[CALLS_MAX], hourly[MIX_HOURS_MAX];
	struct timing_work *work = timing_work_new();
	struct random r = random_from_seed(99);
	size_t tenth = 0, hundredth = 0, thousandth = 0, pairs = 0, guaranteed = 0;

	(void)state;
	assert_non_null(work);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		for (int k = 0; k < 600; k++, pairs++) {
			struct mix_profile profile;
			size_t n = mix_make(&r, WEEK_S, sizes[i], times_s, CALLS_MAX, &profile);
			struct timing_activity activity = {
				hourly, mix_hourly(&r, &profile, WEEK_S, hourly)};
			struct timing_result t;

			timing_analyse(work, times_s, n, WEEK_S, &activity, &t);
			tenth += t.p < .1;
			hundredth += t.p < .01;
			thousandth += t.p < .001;
			guaranteed += t.guaranteed_db >= 20;
		}
	print_message("%zu pairs: p below .1 %zu, .01 %zu, .001 %zu; 20 dB %zu\n", pairs, tenth,
		      hundredth, thousandth, guaranteed);
	assert_true(as_promised(tenth, pairs, .1) && as_promised(hundredth, pairs, .01));
	assert_true(as_promised(thousandth, pairs, .001) && as_promised(guaranteed, pairs, .01));
	assert_true(tenth > pairs / 25); /* nor are they all 1 */
	timing_work_free(work);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(p_is_what_it_promises),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
