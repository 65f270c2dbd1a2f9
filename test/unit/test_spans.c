/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include "base/random.h"
#include "base/spans.h"

#define DAY (86400 * NS_PER_SEC)

static void times_within_a_week_are_one_span(void **state)
{
	struct spans s = {0};

	(void)state;
	assert_int_equal(spans_watched_ms(&s), 0);
	spans_add(&s, 10 * DAY);
	spans_add(&s, 17 * DAY);
	spans_add(&s, 12 * DAY);
	assert_int_equal(s.count, 1);
	assert_true(spans_first(&s) == 10 * DAY && spans_last(&s) == 17 * DAY);
	assert_true(spans_watched_ms(&s) == 7 * 86400000LL + 1);
}

/* A packet from 1970 and one from 2106 around a day of 2025: a day and two moments were watched. */
static void a_wild_clock_does_not_stretch_the_window(void **state)
{
	const ns_t start = 20000 * DAY;
	struct spans s = {0};

	(void)state;
	spans_add(&s, start);
	spans_add(&s, 0);
	spans_add(&s, start + DAY);
	spans_add(&s, 49710 * DAY);
	assert_int_equal(s.count, 3);
	assert_true(spans_watched_ms(&s) == 86400000LL + 3);
	assert_true(spans_place_ms(&s, 0) == 0);
	assert_true(spans_place_ms(&s, ns_to_ms(start)) == 1);
	assert_true(spans_place_ms(&s, ns_to_ms(start + DAY)) == 1 + 86400000LL);
	assert_true(spans_place_ms(&s, ns_to_ms(start) - 5) == 1); /* in the gap: the nearest end */
	assert_true(spans_place_ms(&s, INT64_MAX / NS_PER_MS) == spans_watched_ms(&s) - 1);
}

static void spans_grow_together(void **state)
{
	struct spans s = {0};

	(void)state;
	spans_add(&s, 0);
	spans_add(&s, 14 * DAY);
	assert_int_equal(s.count, 2);
	spans_add(&s, 7 * DAY); /* a week from both */
	assert_int_equal(s.count, 1);
	assert_true(spans_last(&s) == 14 * DAY);
}

/* The obvious model: all times sorted; a new span wherever the step is more than a week. */
static int by_time(const void *a, const void *b)
{
	ns_t x = *(const ns_t *)a, y = *(const ns_t *)b;

	return (x > y) - (x < y);
}

static void agrees_with_the_obvious_model(void **state)
{
	struct random r = random_from_seed(5);

	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct spans s = {0};
		ns_t times[40];
		size_t n = 1 + random_below(&r, 40), count = 1;

		for (size_t i = 0; i < n; i++) {
			times[i] = (ns_t)random_below(&r, 150) * DAY - 20 * DAY;
			spans_add(&s, times[i]);
		}
		qsort(times, n, sizeof(times[0]), by_time);
		for (size_t i = 1; i < n; i++)
			count += times[i] - times[i - 1] > SPANS_GAP;
		assert_int_equal(s.count, count);
		for (size_t i = 0; i < n; i++)
			assert_true(spans_place_ms(&s, ns_to_ms(times[i])) < spans_watched_ms(&s));
	}
}

/* A day of traffic among a hundred packets from a hundred other years is still a day. */
static void stray_times_take_each_others_place(void **state)
{
	const ns_t start = 20000 * DAY;
	struct spans s = {0};

	(void)state;
	for (int i = 0; i < 100; i++) {
		spans_add(&s, (ns_t)i * 100 * DAY);
		spans_add(&s, start + i * DAY / 100);
	}
	assert_int_equal(s.count, SPANS_MAX);
	assert_true(s.forgotten == 101 - SPANS_MAX);
	assert_true(spans_watched_ms(&s) == 86400000LL * 99 / 100 + SPANS_MAX);
	assert_true(spans_last(&s) == start + 99 * DAY / 100);
}

static void memory_is_bounded_and_the_ends_of_time_are_safe(void **state)
{
	struct spans s = {0};

	(void)state;
	spans_add(&s, INT64_MIN);
	spans_add(&s, INT64_MAX);
	assert_int_equal(s.count, 2);
	for (int i = 0; i < 1000; i++)
		spans_add(&s, (ns_t)i * 30 * DAY);
	assert_int_equal(s.count, SPANS_MAX);
	assert_true(s.forgotten == 1002 - SPANS_MAX);
	assert_true(spans_watched_ms(&s) == SPANS_MAX); /* moments, not the years between */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_within_a_week_are_one_span),
		cmocka_unit_test(a_wild_clock_does_not_stretch_the_window),
		cmocka_unit_test(spans_grow_together),
		cmocka_unit_test(agrees_with_the_obvious_model),
		cmocka_unit_test(stray_times_take_each_others_place),
		cmocka_unit_test(memory_is_bounded_and_the_ends_of_time_are_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
