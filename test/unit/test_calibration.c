/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/calibration.h"
#include "stat/calibration_table.h"

#include "base/random.h"
#include "near.h"

#include <math.h>
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

/* By hand from the quantiles of the phase channel, whose table starts 8, 12, 16 calls. */
static void interpolates(void **state)
{
	const enum calibration_channel phase = CALIBRATION_PHASE;
	const struct calibration_row *eight = &calibration_rows[phase][0];
	const struct calibration_row *twelve = &calibration_rows[phase][1];
	size_t last = eight->levels - 1;
	double at_twelve;

	(void)state;
	assert_true(near(calibration_sizes[0], 8, 0) && near(calibration_sizes[1], 12, 0));
	/* At 8 calls one in ten exceeds the third quantile, one in a hundred the fifth. */
	assert_true(near(calibration_log10_rarity(phase, eight->nats[2], 8), 1, 1e-9));
	assert_true(near(calibration_log10_rarity(phase, eight->nats[4], 8), 2, 1e-9));
	/* Beyond the last, on along the slope. */
	assert_true(near(calibration_log10_rarity(phase, eight->nats[last] + 10, 8),
			 calibration_rarity[last] + 10 * eight->slope, 1e-9));
	/* 9 calls lie .290489 of the way from 8 to 12 in ln n: ln(9/8) / ln(12/8). */
	at_twelve = calibration_log10_rarity(phase, eight->nats[4], 12);
	assert_true(near(calibration_log10_rarity(phase, eight->nats[4], 9),
			 2 + .2904887 * (at_twelve - 2), 1e-6));
	/* Half way between two quantiles of 12 calls, half way between their rarities. */
	assert_true(
		near(calibration_log10_rarity(phase, (twelve->nats[4] + twelve->nats[5]) / 2, 12),
		     2.25, 1e-9));
	/* Fewer calls than the first column count like it. */
	assert_true(near(calibration_log10_rarity(phase, eight->nats[4], 5), 2, 1e-9));
	assert_true(calibration_log10_rarity(phase, -60, 8) == 0);
}

/* Quantiles rise, rarities as well: else there would be no inverse. */
static void the_table_is_in_order(void **state)
{
	(void)state;
	for (size_t c = 0; c < CALIBRATION_CHANNELS; c++)
		for (size_t i = 0; i < CALIBRATION_SIZES; i++) {
			const struct calibration_row *row = &calibration_rows[c][i];

			assert_true(row->levels >= 3 && row->levels <= CALIBRATION_LEVELS);
			assert_true(row->slope > 0);
			for (size_t l = 1; l < row->levels; l++)
				assert_true(row->nats[l] > row->nats[l - 1]);
		}
	for (size_t l = 1; l < CALIBRATION_LEVELS; l++)
		assert_true(calibration_rarity[l] > calibration_rarity[l - 1]);
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

/* Between two sizes the lesser counts. */
static void finds_the_statistic_of_a_rarity(void **state)
{
	struct random r = random_from_seed(11);
	const struct calibration_row *row = calibration_rows[CALIBRATION_PHASE];

	(void)state;
	assert_true(near(calibration_nats(CALIBRATION_PHASE, 2, 9),
			 fmin(row[0].nats[4], row[1].nats[4]), 1e-9));
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
		cmocka_unit_test(the_table_is_in_order),
		cmocka_unit_test(rises_with_the_evidence),
		cmocka_unit_test(finds_the_statistic_of_a_rarity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
