/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is gathered from a group's calls: blocks of time counted by hand, and a
 * stream that reports its host's load among one that does not.
 */
#include "unit/unit.h"

#include "base/random.h"
#include "detect/facts.h"

#include <math.h>

static struct fleet fleet_of(double window_s)
{
	return (struct fleet){
		.watched = {.span = {{0, (ns_t)(window_s * 1e9) - 1}}, .count = 1},
		.window_s = window_s,
	};
}

static void blocks_are_days_or_eighths(void **state)
{
	static const struct {
		double window_s, block_s;
		uint32_t blocks;
	} cases[] = {
		{3599, 0, 0}, /* too short */
		{28800, 3600, 8},
		{86400, 10800, 8},
		{7 * 86400, 86400, 7},
		{14.5 * 86400, 86400, 15},
		{90 * 86400, 172800, 45}, /* 64 at most, so two days each */
	};
	struct timeline t = {0};
	struct group g = {.timeline = &t};
	struct call calls[FACTS_LEAST] = {{.start_ms = 1, .out = 5}, {.start_ms = 2, .out = 6}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fleet f = fleet_of(cases[i].window_s);
		struct facts facts = facts_gather(&f, &g, calls, FACTS_LEAST);

		assert_int_equal(facts.blocks, cases[i].blocks);
		assert_true(facts.block_s == cases[i].block_s);
		assert_int_equal(facts.busy_blocks, cases[i].blocks > 0);
	}
}

/* Ten days: 100 bytes on each, 4000 on the fourth, 250 on the last, none on the sixth. */
static void the_largest_blocks_are_found(void **state)
{
	enum { DAY_MS = 86400000 };
	struct fleet f = fleet_of(10 * 86400);
	struct timeline t = {0};
	struct group g = {.timeline = &t};
	struct call calls[21];
	struct facts facts;
	size_t n = 0;

	(void)state;
	for (int64_t day = 0; day < 10; day++) {
		if (day == 5)
			continue;
		calls[n++] = (struct call){.start_ms = day * DAY_MS, .out = 60};
		calls[n++] = (struct call){.start_ms = (day + 1) * DAY_MS - 2, .out = 40};
		if (day == 3)
			calls[n++] = (struct call){.start_ms = day * DAY_MS + 7, .out = 3900};
		if (day == 9)
			calls[n++] = (struct call){.start_ms = day * DAY_MS + 7, .out = 150};
	}
	facts = facts_gather(&f, &g, calls, n);
	assert_int_equal(facts.blocks, 10);
	assert_int_equal(facts.busy_blocks, 9);
	assert_true(facts.top_block == 4000 && facts.second_block == 250);
}

enum { CALLS = 720, STEP_S = 120 }; /* a day */

/* A server whose answers come and go, minute by minute. */
static struct load_table *busy_server(struct random *r, const struct address *host, float *served)
{
	struct load_table *t = load_table_new(1 << 20);

	for (int64_t m = 0; m < 1440; m++) {
		float bytes = (float)random_log_normal(r, 1e6, 1);

		load_served(t, host, m * 60 * NS_PER_SEC, m * 60 * NS_PER_SEC, (uint64_t)bytes);
		served[m] = bytes;
	}
	return t;
}

static struct facts gather_day(const struct load *load, const struct call *calls)
{
	struct fleet f = fleet_of(86400);
	struct timeline t = {.out_payload = 1000};
	struct group g = {.timeline = &t};

	f.hosts = 1;
	f.loads.of = &load;
	return facts_gather(&f, &g, calls, CALLS);
}

/* Every two minutes it tells what was served in them, rounded, in padding to 64 bytes. */
static void a_report_of_the_load_is_told_from_another(void **state)
{
	struct random r = random_from_seed(5);
	struct address host = address_v4((uint8_t[]){10, 0, 0, 1});
	struct call report[CALLS], other[CALLS];
	float served[1440];
	struct load_table *t = busy_server(&r, &host, served);
	struct facts facts;

	(void)state;
	for (int i = 0; i < CALLS; i++) {
		double sum = i ? served[2 * i - 1] + served[2 * i - 2] : 0;

		report[i] = (struct call){.start_ms = (int64_t)i * STEP_S * 1000,
					  .out = 64 * (uint32_t)(sum / 2e5)};
		other[i] = (struct call){.start_ms = (int64_t)i * STEP_S * 1000,
					 .out = (uint32_t)random_log_normal(&r, 1000, 1)};
	}
	facts = gather_day(load_get(t, 0), report);
	assert_int_equal(facts.follow_bin_s, 512); /* 720 calls, 4 a bin: 180 at most */
	assert_in_range(facts.follow_bins, 165, 169);
	assert_true(facts.follow.r > 0.6 && facts.follow.z_score > 5);
	assert_true(facts.follow.elsewhere < 0.4);
	facts = gather_day(load_get(t, 0), other);
	assert_true(facts.follow.r < 0.3);
	load_table_free(t);
}

static struct facts of_starts(const double *seconds, size_t n)
{
	struct fleet f = fleet_of(86400);
	struct timeline t = {0};
	struct group g = {.timeline = &t};
	struct call calls[32] = {0};

	for (size_t i = 0; i < n; i++)
		calls[i].start_ms = (int64_t)(seconds[i] * 1000);
	return facts_gather(&f, &g, calls, n);
}

/* By hand: gaps of 10, 20, 10, 20, 10 differ by a third: 3 (1/3)^2 = 1/3. */
static void unevenness_is_local(void **state)
{
	static const double even[] = {0, 10, 20, 30, 40, 50};
	static const double odd[] = {0, 10, 30, 40, 60, 70};

	(void)state;
	assert_true(of_starts(even, 6).unevenness == 0);
	assert_true(fabs(of_starts(odd, 6).unevenness - 1.0 / 3) < 1e-12);
	assert_true(of_starts(even, 5).unevenness == -1);
}

/* Two tries 3 s apart every quarter of an hour, once three. */
static void tries_in_groups_are_counted(void **state)
{
	static const double groups[] = {0, 3, 955, 958, 1910, 1913, 1916, 5400, 5403};
	static const double lone[] = {0, 955, 1910, 1913, 5400, 5403, 9000, 9003};
	struct facts facts = of_starts(groups, ARRAY_LEN(groups));

	(void)state;
	assert_int_equal(facts.trains, 4);
	assert_int_equal(facts.tries, 2);
	assert_true(facts.same_tries == 0.75);
	facts = of_starts(lone, ARRAY_LEN(lone));
	assert_int_equal(facts.trains, 3);
	assert_true(facts.same_tries == 0.6); /* three of five */
}

static void waits_that_double_are_a_backoff(void **state)
{
	static const double doubling[] = {0, 2, 6.1, 14, 30.3, 62, 126};
	static const double regular[] = {0, 60, 120, 180, 240, 300, 360};
	static const double chance[] = {0, 5, 100, 107, 400, 420, 421.5};

	(void)state;
	assert_true(fabs(of_starts(doubling, 7).backoff - 2) < 0.1);
	assert_true(of_starts(regular, 7).backoff == 0);
	assert_true(of_starts(chance, 7).backoff == 0);
}

/* Eight of ten within 2 %; a size that straddles a border of classes counts whole. */
static void sizes_are_compared_within_a_few_percent(void **state)
{
	struct fleet f = fleet_of(86400);
	struct timeline t = {0};
	struct group g = {.timeline = &t};
	struct call calls[10] = {0};

	(void)state;
	for (uint32_t size = 100; size < 100000; size += 937) {
		for (uint32_t i = 0; i < 10; i++)
			calls[i].out = i < 8 ? size + i * size / 400 : 3 * size + 50 * size * i;
		assert_true(facts_gather(&f, &g, calls, 10).same_size == 0.8);
	}
	assert_true(facts_gather(&f, &g, calls, 7).same_size == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unevenness_is_local),
		cmocka_unit_test(tries_in_groups_are_counted),
		cmocka_unit_test(waits_that_double_are_a_backoff),
		cmocka_unit_test(sizes_are_compared_within_a_few_percent),
		cmocka_unit_test(blocks_are_days_or_eighths),
		cmocka_unit_test(the_largest_blocks_are_found),
		cmocka_unit_test(a_report_of_the_load_is_told_from_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
