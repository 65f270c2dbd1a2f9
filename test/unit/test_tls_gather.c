/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces in any order beside the slow obvious way: a byte is what first came there. */
#include "unit/unit.h"

#include "proto/tls_gather.h"

struct model {
	uint8_t bytes[TLS_GATHER_MAX];
	bool there[TLS_GATHER_MAX];
};

static void model_put(struct model *m, size_t at, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (at + i < TLS_GATHER_MAX && !m->there[at + i]) {
			m->there[at + i] = true;
			m->bytes[at + i] = bytes[i];
		}
}

static void any_order_gives_what_the_model_gives(void **state)
{
	static struct tls_gather g;
	static struct model m;
	uint8_t bytes[300];
	uint32_t x = 7;

	(void)state;
	for (int round = 0; round < 300; round++) {
		size_t filled = 0;
		uint32_t spread = round % 3 ? 900 : TLS_GATHER_MAX + 200;

		tls_gather_clear(&g);
		memset(&m, 0, sizeof(m));
		for (int piece = 0; piece < 40; piece++) {
			size_t at, len;

			x = x * 1664525 + 1013904223;
			at = (x >> 8) % spread;
			if (round % 2 && piece % 2)
				at = g.filled;
			x = x * 1664525 + 1013904223;
			len = (x >> 8) % sizeof(bytes);
			for (size_t i = 0; i < len; i++)
				bytes[i] = (uint8_t)(x + i * 31 + (size_t)piece);
			tls_gather_put(&g, at, bytes, len);
			model_put(&m, at, bytes, len);
			while (filled < TLS_GATHER_MAX && m.there[filled])
				filled++;
			assert_int_equal(g.filled, filled);
		}
		assert_memory_equal(g.bytes, m.bytes, filled);
	}
}

static void what_lies_too_far_is_dropped(void **state)
{
	static struct tls_gather g;
	static const uint8_t bytes[TLS_GATHER_MAX + 10] = {1};

	(void)state;
	tls_gather_put(&g, UINT64_MAX, bytes, 5);
	tls_gather_put(&g, TLS_GATHER_MAX, bytes, 5);
	assert_int_equal(g.high, 0);
	tls_gather_put(&g, 3, bytes, sizeof(bytes));
	assert_int_equal(g.high, TLS_GATHER_MAX);
	tls_gather_put(&g, 0, bytes, 3);
	assert_int_equal(g.filled, TLS_GATHER_MAX);
	assert_int_equal(g.bytes[3], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order_gives_what_the_model_gives),
		cmocka_unit_test(what_lies_too_far_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
