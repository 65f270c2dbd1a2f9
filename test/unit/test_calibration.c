/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/calibration.h"

#include "base/random.h"
#include "near.h"

#include <math.h>
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

/* Worked by hand from the quantiles of the phase channel, whose table starts 8, 12, 16 calls. */
static void interpolates(void **state)
{
	const enum calibration_channel phase = CALIBRATION_PHASE;

	(void)state;
	/* At 8 calls one in ten exceeds -2.003749, one in a hundred -.785918. */
	assert_true(near(calibration_log10_rarity(phase, -2.003748655, 8), 1, 1e-5));
	assert_true(near(calibration_log10_rarity(phase, -.7859182358, 8), 2, 1e-5));
	/* Beyond the last, 1.849684 at 3.3, by .4595916 a nat. */
	assert_true(near(calibration_log10_rarity(phase, 11.849684, 8), 3.3 + 4.595916, 1e-5));
	/*
	 * At 12 calls -2.1148956 and -1.8716023 are one in 10 and in 31.6, so
	 * -2.0037487 is 10^-1.2284211; 9 calls lie .290489 of the way in ln n.
	 */
	assert_true(near(calibration_log10_rarity(phase, -2.003748655, 9), 1.066354, 1e-5));
	/* Fewer calls than the first column count like it. */
	assert_true(near(calibration_log10_rarity(phase, -.7859182358, 5), 2, 1e-5));
	assert_true(calibration_log10_rarity(phase, -50, 8) == 0);
}

static void rises_with_the_evidence(void **state)
{
	struct random r = random_from_seed(10);

	(void)state;
	for (int round = 0; round < 20000; round++) {
		enum calibration_channel channel =
			(enum calibration_channel)random_below(&r, CALIBRATION_CHANNELS);
		size_t calls = 5 + random_below(&r, 5000);
		double nats = random_between(&r, -120, 60), more = nats + random_exponential(&r, 5);
		double rarity = calibration_log10_rarity(channel, nats, calls);

		assert_true(rarity >= 0 && isfinite(rarity));
		assert_true(calibration_log10_rarity(channel, more, calls) >= rarity);
	}
}

/* Of one in a hundred: -.785918 at 8 calls and -1.17175 at 12, the lesser counts. */
static void finds_the_statistic_of_a_rarity(void **state)
{
	struct random r = random_from_seed(11);

	(void)state;
	assert_true(near(calibration_nats(CALIBRATION_PHASE, 2, 8), -1.17175, 1e-4));
	assert_true(near(calibration_nats(CALIBRATION_PHASE, 2, 9), -1.17175, 1e-4));
	for (int round = 0; round < 20000; round++) {
		enum calibration_channel channel =
			(enum calibration_channel)random_below(&r, CALIBRATION_CHANNELS);
		size_t calls = 5 + random_below(&r, 5000);
		double rarity = random_between(&r, .01, 6);
		double nats = calibration_nats(channel, rarity, calls);

		assert_true(calibration_log10_rarity(channel, nats, calls) <= rarity + 1e-9);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interpolates),
		cmocka_unit_test(rises_with_the_evidence),
		cmocka_unit_test(finds_the_statistic_of_a_rarity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
