/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include "base/random.h"
#include "proto/spoken.h"

#include <netinet/in.h>
#include <stdlib.h>

/* A million buffers of noise: no rule may take more than ten of them for its own. */
static void noise_is_nothing(void **state)
{
	enum { ROUNDS = 1000000, LONGEST = 160 };
	/* where lengths decide, the right one has to be met */
	static const size_t lens[] = {3, 4, 8, 9, 12, 14, 26, 42, 48, 54, 64, 86, 92, 148};
	int hits[2][APPS] = {0};
	struct random r = random_from_seed(20260101);

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		uint8_t bytes[LONGEST];
		uint64_t draw = random_u64(&r);
		size_t len = draw % 4 ? lens[draw / 4 % ARRAY_LEN(lens)] : draw / 4 % LONGEST;
		uint16_t port = (uint16_t)(draw >> 48);

		for (size_t at = 0; at < len; at += 8) {
			uint64_t word = random_u64(&r);

			memcpy(bytes + at, &word, len - at < 8 ? len - at : 8);
		}
		hits[0][spoken_by(bytes, len, i % 2)]++;
		hits[1][spoken_in_datagram(bytes, len, port)]++;
	}
	for (int app = 1; app < APPS; app++) {
		if (hits[0][app] + hits[1][app] > 0)
			printf("%s: %d in streams, %d in datagrams\n", app_name((enum app)app),
			       hits[0][app], hits[1][app]);
		assert_in_range(hits[0][app], 0, 9);
		assert_in_range(hits[1][app], 0, 9);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(noise_is_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
