/* SPDX-License-Identifier: Apache-2.0 */
/*
 * posterior.h - which timer was it: the best experts of all merge scales.
 */
#pragma once

#include "base/base.h"
#include "stat/mixture.h"

#define POSTERIOR_SCALES 5 /* merge scales at most */

struct posterior_cell {
	double weight; /* nats, or a share once they are compared */
	double period_s, merge_s;
	size_t level; /* of jitter */
};

struct posterior {
	size_t count;
	struct posterior_cell cell[POSTERIOR_SCALES * EXPERT_LEVELS * MIXTURE_CELLS];
};
