/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calibration.h - how often a benign source looks that regular.
 *
 * Quantiles of the statistics over some 970,000 simulated benign pairs
 * (Poisson, daily rhythms, human sessions, Hawkes, retries, batches, heavy
 * tails and mixtures of two) at 14 numbers of calls in a window of 7 days.
 * -log10 p is piecewise linear in the statistic, exponential beyond the last
 * quantile, and interpolated in ln n.  On fresh seeds a nominal 1e-4 was
 * 1.3e-4 (95 %: .7e-4 to 2.2e-4).
 */
#pragma once

#include "base/base.h"

enum calibration_channel {
	CALIBRATION_HAZARD,
	CALIBRATION_LOG_NORMAL,
	CALIBRATION_PHASE,
	CALIBRATION_CHANNELS
};

/* -log10 of the p-value of `nats` for a pair of `calls` calls; at least 0, finite. */
double calibration_log10_rarity(enum calibration_channel channel, double nats, size_t calls);

/* A statistic below this has a p-value of at least 10^-log10_rarity; log10_rarity > 0. */
double calibration_nats(enum calibration_channel channel, double log10_rarity, size_t calls);
