/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cases.h - one behaviour, one case.
 */
#pragma once

#include "verdict/finding.h"

/*
 * Collapse what belongs together and return how many findings are left:
 * - a finding by name stands for the findings by address that the host only
 *   ever reached under names that have findings of their own, no weaker;
 * - several hosts that call the same destination at the same pace (each period
 *   within 2 % of the next, or within the error of its estimate) are one family, led by its
 * strongest member.
 */
size_t cases_collapse(struct finding *findings, size_t count);

/* Below 0 if `a` stands above `b`: by score, plain sum, timing, host and destination. */
int cases_compare(const struct finding *a, const struct finding *b);

/* Would these two, standing side by side, be of one family? */
bool cases_same_family(const struct finding *a, const struct finding *b);

/* Sort by score, then by plain sum, timing, host and destination; number from 1. */
void cases_rank(struct finding *findings, size_t count);
