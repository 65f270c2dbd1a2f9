/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cases.h - one behaviour, one case.
 */
#pragma once

#include "verdict/finding.h"

/*
 * Collapse what belongs together:
 * - the same calls seen twice: by name and by address that was only ever reached under that
 *   name, a union (verdict/unions.h) and its members, groups with the same calls;
 * - a union and what would have been a member, had it shown no rhythm of its own;
 * - a finding by address that its host only ever reached under names that have
 *   findings of their own, no weaker;
 * - ports of one address that has no name; of several hosts, if it is rare in the fleet;
 * - whatever one entry of a list names (intel/intel.h), but for what only looks alike;
 * - several destinations that one host calls at one pace (verdict/peers.h);
 * - several hosts that call the same destination at the same pace (each period
 *   within 2 % of the next, or within the error of its estimate).
 * The strongest finding leads its case and speaks for it; the others only add
 * their hosts and destinations.
 *
 * `count` is updated; `out_destinations` is what the findings point into, for
 * free().  0 or -ENOMEM.
 */
int cases_collapse(const struct fleet *fleet, struct finding *findings, size_t *count,
		   struct destination **out_destinations) MUST_USE;

/* Below 0 if `a` stands above `b`: fillers last, then by score, plain sum, timing, host and
 * destination. */
int cases_compare(const struct finding *a, const struct finding *b);

/* Would these two, standing side by side, be of one family? */
bool cases_same_family(const struct finding *a, const struct finding *b);

/* Sort as cases_compare() says: by score, then by plain sum, timing, host and destination; number
 * from 1. */
void cases_rank(struct finding *findings, size_t count);
