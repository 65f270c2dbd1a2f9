/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/calibration.h"

#include "stat/calibration_table.h"

#include <math.h>

static double rarity_in_row(const struct calibration_row *row, double nats)
{
	size_t last = row->levels - 1, i = 1;

	if (nats <= row->nats[0])
		return 0;
	if (nats > row->nats[last])
		return calibration_rarity[last] + (nats - row->nats[last]) * row->slope;
	while (nats > row->nats[i])
		i++;
	return calibration_rarity[i - 1] +
	       (nats - row->nats[i - 1]) * (calibration_rarity[i] - calibration_rarity[i - 1]) /
		       (row->nats[i] - row->nats[i - 1]);
}

/* The inverse of rarity_in_row(). */
static double nats_in_row(const struct calibration_row *row, double log10_rarity)
{
	size_t last = row->levels - 1, i = 1;

	if (log10_rarity > calibration_rarity[last])
		return row->nats[last] + (log10_rarity - calibration_rarity[last]) / row->slope;
	while (log10_rarity > calibration_rarity[i])
		i++;
	return row->nats[i - 1] + (log10_rarity - calibration_rarity[i - 1]) *
					  (row->nats[i] - row->nats[i - 1]) /
					  (calibration_rarity[i] - calibration_rarity[i - 1]);
}

/* The row of the size above. */
static size_t row_above(double n)
{
	size_t i = 1;

	while (n > calibration_sizes[i])
		i++;
	return i;
}

static double clamp_size(size_t calls)
{
	return fmin(fmax((double)calls, calibration_sizes[0]),
		    calibration_sizes[CALIBRATION_SIZES - 1]);
}

double calibration_log10_rarity(enum calibration_channel channel, double nats, size_t calls)
{
	double n = clamp_size(calls), share, below, above;
	size_t i = row_above(n);

	share = log(n / calibration_sizes[i - 1]) /
		log(calibration_sizes[i] / calibration_sizes[i - 1]);
	below = rarity_in_row(&calibration_rows[channel][i - 1], nats);
	above = rarity_in_row(&calibration_rows[channel][i], nats);
	return below + share * (above - below);
}

/* As rarity is interpolated: not rarer in either row is not rarer between them. */
double calibration_nats(enum calibration_channel channel, double log10_rarity, size_t calls)
{
	size_t i = row_above(clamp_size(calls));

	CHECK(log10_rarity > 0);
	return fmin(nats_in_row(&calibration_rows[channel][i - 1], log10_rarity),
		    nats_in_row(&calibration_rows[channel][i], log10_rarity));
}
