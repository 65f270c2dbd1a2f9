/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many different hours were lit: a model with one flag for every hour says the same.
 */
#include "unit/unit.h"

#include "base/hours.h"
#include "base/random.h"

#define HOUR (3600 * NS_PER_SEC)

static void an_hour_counts_once(void **state)
{
	struct hours h = {.count = 0};

	(void)state;
	hours_add(&h, 0);
	hours_add(&h, HOUR - 1);
	assert_int_equal(h.count, 1);
	hours_add(&h, HOUR);
	assert_int_equal(h.count, 2);
	hours_add(&h, 5); /* back again */
	assert_int_equal(h.count, 2);
	hours_add(&h, -1); /* before 1970 */
	assert_int_equal(h.count, 3);
	hours_add(&h, -HOUR);
	assert_int_equal(h.count, 3);
	hours_add(&h, INT64_MIN);
	hours_add(&h, INT64_MAX);
	assert_int_equal(h.count, 5);
}

/* Two that saw parts of the same time, in any order, know what one would that saw all. */
static void parts_add_up(void **state)
{
	struct random r = random_from_seed(1);

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct hours part[2] = {{.count = 0}, {.count = 0}};
		bool lit[40] = {false};
		size_t count = 0;

		for (uint64_t n = random_below(&r, 80); n; n--) {
			uint64_t hour = random_below(&r, 40);

			count += !lit[hour];
			lit[hour] = true;
			hours_add(&part[random_below(&r, 2)],
				  (ns_t)hour * HOUR + (ns_t)random_below(&r, 3600) * NS_PER_SEC);
		}
		hours_merge(&part[0], &part[1]);
		assert_int_equal(part[0].count, count < HOURS_MAX ? count : HOURS_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_hour_counts_once),
		cmocka_unit_test(parts_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
