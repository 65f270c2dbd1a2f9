/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/sort.h"

#include "base/random.h"

#include <string.h>
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

static int ascending(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static void agrees_with_qsort(void **state)
{
	struct random r = random_from_seed(3);
	double ours[300], theirs[300], scratch[300];

	(void)state;
	for (int round = 0; round < 3000; round++) {
		size_t n = random_below(&r, 300);
		uint64_t kinds = 1 + random_below(&r, 1000); /* few kinds: many equal values */

		for (size_t i = 0; i < n; i++)
			ours[i] = theirs[i] = (double)random_below(&r, kinds);
		sort_doubles(ours, n, scratch);
		qsort(theirs, n, sizeof(theirs[0]), ascending);
		assert_memory_equal(ours, theirs, n * sizeof(ours[0]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_qsort),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
