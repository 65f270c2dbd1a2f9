/* SPDX-License-Identifier: Apache-2.0 */
/*
 * weigh.h - count how common each trait is in this fleet, then weigh it.
 */
#pragma once

#include "verdict/finding.h"
#include "verdict/judge.h"

struct weights {
	size_t present[DETECTORS_MAX], known[DETECTORS_MAX]; /* groups by address */
	double p0[DETECTORS_MAX];
};

struct subject weigh_subject(const struct fleet *fleet, const struct group *group,
			     const struct judgement *judgement, bool is_timer);

/* Count one group; call for every group by address, then weights_settle() once. */
void weights_count(struct weights *weights, const struct subject *subject);
void weights_settle(struct weights *weights);

/* Plain and grouped sum of everything that speaks for and against. */
struct score {
	double plain_db, grouped_db;
};
struct score weigh_score(const struct weights *weights, const struct subject *subject);

/* The same evidence spelled out, heaviest first; returns how many pieces. */
size_t weigh_describe(const struct weights *weights, const struct subject *subject,
		      struct evidence out[DETECTORS_MAX]);
