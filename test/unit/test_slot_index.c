/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/random.h"
#include "flow/slot_index.h"

enum { CAPACITY = 200 };

static bool finds(const struct slot_index *x, uint64_t hash, uint32_t slot)
{
	struct slot_walk walk;
	uint32_t n = slot_index_walk(x, hash, &walk);

	while (n && n != slot)
		n = slot_index_next(x, &walk);
	return n == slot;
}

/* The model is an array: which slot is in, and under which hash. */
static void agrees_with_an_array(void **state)
{
	struct random r = random_from_seed(1);
	uint64_t hashes[CAPACITY + 1] = {0};
	bool in[CAPACITY + 1] = {false};
	struct slot_index x;

	(void)state;
	assert_true(slot_index_init(&x, CAPACITY));
	for (int round = 0; round < 20000; round++) {
		uint32_t n = 1 + (uint32_t)random_below(&r, CAPACITY);

		if (in[n]) {
			slot_index_remove(&x, hashes[n], n);
		} else {
			/* few homes, at both ends of the array: long runs that wrap around */
			hashes[n] = random_below(&r, 7) * 0x100000000u + random_below(&r, 8) - 4;
			slot_index_insert(&x, hashes[n], n);
		}
		in[n] = !in[n];
		for (uint32_t i = 1; i <= CAPACITY; i++)
			if (finds(&x, hashes[i], i) != in[i])
				fail_msg("round %d, slot %u", round, i);
	}
	slot_index_clear(&x);
	for (uint32_t i = 1; i <= CAPACITY; i++)
		assert_false(finds(&x, hashes[i], i));
	slot_index_fini(&x);
}

/* Far more slots than the part in use at first, all found again after each growth. */
static void grows_as_it_fills(void **state)
{
	enum { MANY = 5000 };
	struct slot_index x;
	uint32_t grown = 0;

	(void)state;
	assert_true(slot_index_init(&x, MANY));
	for (uint32_t n = 1; n <= MANY; n++) {
		if (slot_index_is_tight(&x)) {
			slot_index_grow(&x);
			for (uint32_t i = 1; i < n; i++)
				slot_index_insert(&x, i * 0x9e3779b97f4a7c15u, i);
			grown++;
		}
		slot_index_insert(&x, n * 0x9e3779b97f4a7c15u, n);
		assert_true(x.count <= (x.mask + 1) / 2);
		if (n % 500 == 0)
			for (uint32_t i = 1; i <= MANY; i++)
				assert_int_equal(finds(&x, i * 0x9e3779b97f4a7c15u, i), i <= n);
	}
	assert_int_equal(grown, 4); /* 1024 places for 512 slots, and so on to 16384 */
	slot_index_fini(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_an_array),
		cmocka_unit_test(grows_as_it_fills),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
