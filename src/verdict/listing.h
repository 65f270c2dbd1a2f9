/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listing.h - who goes on the list, and with which severity.
 */
#pragma once

#include "verdict/weigh.h"

/*
 * Severity by the odds after the evidence: a case worth an analyst's time has
 * at least one chance in ten, a high one is more likely than not.
 */
enum severity listing_severity(double posterior_db);

/*
 * Every timer, and of the rest what reaches medium severity by several
 * unrelated kinds of signs or by one that is case enough alone, or low severity by
 * two kinds.  The list also holds the LISTING_REST oddest of what this leaves
 * out, never as a case: in a short recording nothing keeps a rhythm, and a person
 * wants to know where to begin.
 */
enum { LISTING_REST = 5 };
bool listing_takes(const struct weights *weights, const struct subject *subject, double prior_db);

/* Without rank, kind and evidence, which only the list as a whole gives. */
struct finding listing_finding(const struct weights *weights, const struct subject *subject,
			       const struct group *group, const struct judgement *judgement,
			       double prior_db);
