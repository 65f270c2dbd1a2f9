/* SPDX-License-Identifier: Apache-2.0 */
/*
 * posterior.h - which timer was it: the best experts and their weights.
 */
#pragma once

#include "base/base.h"
#include "stat/expert.h"

#define POSTERIOR_PER_LEVEL  40	  /* the best of each jitter level are kept */
#define POSTERIOR_RANGE_NATS 12.0 /* and none that is e^12 times worse than the best */
#define POSTERIOR_SCALES     5	  /* merge scales */

struct posterior_cell {
	double ln_weight;
	double period_s, jitter, step; /* step: of the period grid, in nats */
	double merge_s;
};

struct posterior {
	size_t count;
	struct posterior_cell cell[POSTERIOR_SCALES * EXPERT_LEVELS * POSTERIOR_PER_LEVEL];
};

/*
 * Adds a cell to those from `first` on, which are kept as a heap of at most
 * POSTERIOR_PER_LEVEL with the worst on top; drops the worst when full.
 */
void posterior_add(struct posterior *posterior, size_t first, const struct posterior_cell *cell);

/* The lowest weight that would be kept by posterior_add(). */
double posterior_bar(const struct posterior *posterior, size_t first);
