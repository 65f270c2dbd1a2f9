/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include "base/random.h"
#include "proto/ntp.h"

/* An answer as in RFC 5905: version 4, mode 4, stratum 2; times are those of 2021-05-27. */
static void answer(uint8_t p[48], uint32_t receive, uint32_t transmit)
{
	memset(p, 0, 48);
	p[0] = 4 << 3 | 4;
	p[1] = 2;
	for (int i = 0; i < 4; i++) {
		p[32 + i] = (uint8_t)(receive >> (24 - 8 * i));
		p[40 + i] = (uint8_t)(transmit >> (24 - 8 * i));
	}
}

static void servers_answer_at_once(void **state)
{
	uint8_t p[48];

	(void)state;
	answer(p, 0xe45a6f00, 0xe45a6f00);
	assert_true(ntp_tells_time(p, 48));
	answer(p, 0xe45a6f00, 0xe45a6eff - 1024); /* interleaved: of the answer before */
	assert_true(ntp_tells_time(p, 48));
	answer(p, 0xffffffff, 3); /* 2036-02-07: a new era */
	assert_true(ntp_tells_time(p, 48));
	answer(p, 0xe45a6f00, 0x12345678);
	assert_false(ntp_tells_time(p, 48));
	p[1] = 16; /* does not know the time, and says so */
	assert_true(ntp_tells_time(p, 48));
	p[1] = 2;
	p[0] = 4 << 3 | 3; /* a client's, which may hold anything */
	assert_true(ntp_tells_time(p, 48));
	assert_true(ntp_tells_time(p, 47));
}

/* 2^18 of 2^32 differences pass. */
static void noise_hardly_ever_tells_time(void **state)
{
	struct random r = random_from_seed(1);
	int passed = 0;
	uint8_t p[48];

	(void)state;
	for (int i = 0; i < 100000; i++) {
		answer(p, (uint32_t)random_u64(&r), (uint32_t)random_u64(&r));
		passed += ntp_tells_time(p, 48);
	}
	assert_in_range(passed, 0, 25); /* 6.1 expected */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_answer_at_once),
		cmocka_unit_test(noise_hardly_ever_tells_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
