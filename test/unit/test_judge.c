/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include "base/random.h"
#include "verdict/judge.h"

#include <math.h>

static void sizes_within_two_percent_are_one_class(void **state)
{
	struct call calls[64] = {0};
	struct size_class class[JUDGE_CLASSES];
	size_t n = 0;

	(void)state;
	for (int i = 0; i < 9; i++)
		calls[n++] = (struct call){.start_ms = i, .out = 5000 + 10 * (uint32_t)i};
	for (int i = 0; i < 12; i++)
		calls[n++] = (struct call){.start_ms = i, .out = 200};
	for (int i = 0; i < 8; i++)
		calls[n++] =
			(struct call){.start_ms = i, .out = 205}; /* 2.5 % more: another class */
	for (int i = 0; i < 7; i++)
		calls[n++] = (struct call){.start_ms = i, .out = 9000}; /* too few */
	assert_int_equal(judge_size_classes(calls, n, class), 3);
	assert_int_equal(class[0].count, 12);
	assert_int_equal(calls[class[0].start].out, 200);
	assert_int_equal(class[1].count, 9);
	assert_int_equal(calls[class[1].start].out, 5000);
	assert_int_equal(class[2].count, 8);
}

static void only_the_ten_largest_classes_are_tested(void **state)
{
	struct call calls[400] = {0};
	struct size_class class[JUDGE_CLASSES];
	size_t n = 0;

	(void)state;
	for (uint32_t c = 1; c <= 15; c++)
		for (uint32_t i = 0; i < 8 + c; i++)
			calls[n++] = (struct call){.start_ms = i, .out = 100 * c * c};
	assert_int_equal(judge_size_classes(calls, n, class), JUDGE_CLASSES);
	for (uint32_t i = 0; i < JUDGE_CLASSES; i++) {
		assert_int_equal(class[i].count, 8 + 15 - i);
		assert_int_equal(calls[class[i].start].out, 100 * (15 - i) * (15 - i));
	}
}

static struct timeline_table *one_group(const struct call *calls, size_t n)
{
	struct timeline_table *t = timeline_table_new(8 << 20);
	struct timeline_key key = {.port = 443, .proto = 6, .grouping = GROUP_ADDRESS};

	key.host = address_v4((uint8_t[]){10, 0, 0, 1});
	key.destination = address_v4((uint8_t[]){192, 0, 2, 1});
	for (size_t i = 0; i < n; i++) {
		struct flow flow = {.first = calls[i].start_ms * NS_PER_MS,
				    .last = calls[i].start_ms * NS_PER_MS,
				    .out_payload = calls[i].out};

		timeline_add(t, &key, &flow, &(struct timeline_marks){0});
	}
	return t;
}

/*
 * A beacon of 40 calls with 10 % jitter under three times as many chance calls
 * of other sizes to the same destination: nothing to see in the whole, plain
 * in its size class (the study finds power 0.00 before and 1.00 after).
 */
static void splitting_by_size_finds_what_the_whole_hides(void **state)
{
	enum { BEATS = 40, NOISE = 120 };
	struct random r = random_from_seed(3);
	struct call calls[BEATS + NOISE] = {0};
	struct timeline_table *t;
	struct fleet fleet;
	struct judgement judgement;
	double week_ms = 7 * 86400e3, at = 0;
	size_t n = 0;

	(void)state;
	for (int i = 0; i < BEATS; i++) {
		at += week_ms / BEATS * random_between(&r, 0.7, 1.3) * 0.98;
		calls[n++] = (struct call){.start_ms = (int64_t)at, .out = 317};
	}
	for (int i = 0; i < NOISE; i++)
		calls[n++] = (struct call){.start_ms = (int64_t)random_between(&r, 0, week_ms),
					   .out = (uint32_t)random_between(&r, 1000, 100000)};
	t = one_group(calls, n);
	assert_int_equal(
		fleet_build(&(struct fleet_source){.table = t}, 1,
			    &(struct spans){.span = {{0, (ns_t)week_ms * NS_PER_MS}}, .count = 1},
			    &fleet),
		0);
	assert_int_equal(judge_fleet(&fleet, 1, NULL, &judgement), 0);
	assert_true(judgement.tested);
	assert_int_equal(judgement.size_class, BEATS);
	assert_true(judgement.timing.guaranteed_db > 40);
	assert_true(judgement.timing.period_s > 3.5 * 3600 &&
		    judgement.timing.period_s < 4.8 * 3600);
	fleet_fini(&fleet);
	timeline_table_free(t);
}

/* Five-minute calls on the last of thirty days: 3 % of the window, but all of its own day. */
static void a_young_beacon_is_judged_in_a_young_window(void **state)
{
	enum { CALLS = 280 };
	const int64_t day_ms = 86400000;
	struct random r = random_from_seed(8);
	struct call calls[CALLS] = {0};
	struct timeline_table *t;
	struct fleet fleet;
	struct judgement j;
	double at = 29.0 * 86400e3;

	(void)state;
	for (int i = 0; i < CALLS; i++) {
		calls[i] = (struct call){.start_ms = (int64_t)at, .out = 100};
		at += 300e3 * random_between(&r, 0.9, 1.1);
	}
	t = one_group(calls, CALLS);
	assert_int_equal(
		fleet_build(&(struct fleet_source){.table = t}, 1,
			    &(struct spans){.span = {{0, 30 * day_ms * NS_PER_MS}}, .count = 1},
			    &fleet),
		0);
	assert_int_equal(judge_fleet(&fleet, 1, NULL, &j), 0);
	assert_true(j.timing.guaranteed_db > 60);
	assert_true(j.timing.window_s < 2.1 * 86400);
	assert_true(j.timing.period_s > 290 && j.timing.period_s < 310);
	fleet_fini(&fleet);
	timeline_table_free(t);
}

/* Gaps of 9 s and 14 s in turn: what a person would say is 9 to 14 s, not 4.6 s with gaps. */
static void a_period_that_no_gap_shows_is_not_printed(void **state)
{
	enum { CALLS = 200 };
	struct call calls[CALLS] = {0};
	struct timeline_table *t;
	struct fleet fleet;
	struct judgement j;
	int64_t at = 0;

	(void)state;
	for (int i = 0; i < CALLS; i++) {
		at += i % 2 ? 9000 : 14000;
		calls[i] = (struct call){.start_ms = at, .out = 100};
	}
	t = one_group(calls, CALLS);
	assert_int_equal(
		fleet_build(&(struct fleet_source){.table = t}, 1,
			    &(struct spans){.span = {{0, (at + 1000) * NS_PER_MS}}, .count = 1},
			    &fleet),
		0);
	assert_int_equal(judge_fleet(&fleet, 1, NULL, &j), 0);
	assert_true(j.timing.guaranteed_db > 60);
	/* Two calls every 23 s, not one every 4.6 s. */
	assert_true(fabs(j.timing.period_s - 23) < .1 && j.timing.calls_per_beat == 2);
	fleet_fini(&fleet);
	timeline_table_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_within_two_percent_are_one_class),
		cmocka_unit_test(only_the_ten_largest_classes_are_tested),
		cmocka_unit_test(splitting_by_size_finds_what_the_whole_hides),
		cmocka_unit_test(a_young_beacon_is_judged_in_a_young_window),
		cmocka_unit_test(a_period_that_no_gap_shows_is_not_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
