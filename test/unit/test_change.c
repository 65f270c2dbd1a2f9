/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/change.h"
#include "stat/timing.h"

#include "arrivals.h"
#include "near.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

/* Calls every 10 s up to 100, then every 25 s: the first gap of 25 s ends at 125. */
static void by_hand(void **state)
{
	double times_s[17];
	struct change change;

	(void)state;
	for (int i = 0; i <= 10; i++)
		times_s[i] = 10 * i;
	for (int i = 11; i < 17; i++)
		times_s[i] = 100 + 25 * (i - 10);
	change = change_find(times_s, 17, 1, 10, 25);
	assert_true(near(change.at_s, 100, 0) && near(change.agreeing, 1, 0));
	assert_true(near(change_find(times_s, 17, 1, 25, 10).at_s, 0, 0));
	assert_true(near(change_find(times_s, 17, 1, 10, 11).at_s, 0, 0));
	assert_true(near(change_find(times_s, 1, 1, 10, 25).at_s, 0, 0));
}

static size_t beat(struct random *r, double *times_s, double change_s, double ratio)
{
	double at_s = random_between(r, 0, 1800);
	size_t n = 0;

	for (; at_s < 86400; n++) {
		times_s[n] = at_s;
		at_s += 1800 * (at_s < change_s ? 1 : ratio) * (1 + random_between(r, -.1, .1));
	}
	return n;
}

static void is_found_where_it_was(void **state)
{
	struct timing_work *work = timing_work_new();
	struct random r = random_from_seed(8);
	struct timing_result t;
	double times_s[200];

	(void)state;
	assert_non_null(work);
	for (int run = 0; run < 10; run++) {
		size_t n = beat(&r, times_s, 43200, .4);

		timing_analyse(work, times_s, n, 86400, NULL, &t);
		assert_true(fabs(t.change.at_s - 43200) < 3600);
		assert_true(fabs(t.change.before_s - 1800) < 150);
		assert_true(fabs(t.change.after_s - 720) < 60);
		n = beat(&r, times_s, 0, 1);
		timing_analyse(work, times_s, n, 86400, NULL, &t);
		assert_true(near(t.change.at_s, 0, 0));
	}
	timing_work_free(work);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_hand),
		cmocka_unit_test(is_found_where_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
