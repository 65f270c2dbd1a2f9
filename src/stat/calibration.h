/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calibration.h - how often a benign source looks that regular.
 *
 * Quantiles of the statistics over the benign mix of test/benign_mix.h at 14
 * numbers of calls in a window of 7 days, 105,000 pairs at 8 calls to 2,100 at
 * 2,048, written by bench/calibrate (make calibration ARGS=.35).  -log10 p is
 * piecewise linear in the statistic, exponential beyond the last quantile (its
 * slope is that of the mean excess over the 30 greatest or a higher share of
 * values, the flatter one), and interpolated in ln n.  What a channel does not look
 * at counts as less than all.
 */
#pragma once

#include "base/base.h"

enum calibration_channel {
	CALIBRATION_HAZARD,
	CALIBRATION_LOG_NORMAL,
	CALIBRATION_PHASE,
	CALIBRATION_HIDDEN,
	CALIBRATION_CHANNELS
};

/* -log10 of the p-value of `nats` for a pair of `calls` calls; at least 0, finite. */
double calibration_log10_rarity(enum calibration_channel channel, double nats, size_t calls);

/* A statistic below this has a p-value of at least 10^-log10_rarity; log10_rarity > 0. */
double calibration_nats(enum calibration_channel channel, double log10_rarity, size_t calls);
