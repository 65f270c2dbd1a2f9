/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hours.h - in how many different hours was anything seen at all?
 *
 * A window says when the first and the last thing came; two packets two days apart
 * make one of two days in which nobody watched.  So we count clock hours (UTC), up
 * to HOURS_MAX, which is enough to tell less than a day from more.
 *
 * Memory: fixed.  Time: a comparison for each time once HOURS_MAX hours are known.
 */
#pragma once

#include "base/base.h"

enum { HOURS_MAX = 24 };

struct hours {
	int64_t hour[HOURS_MAX]; /* since the Unix epoch, in no order */
	size_t count;
	size_t latest; /* where the last one added went */
};

void hours_add(struct hours *hours, ns_t when);
void hours_merge(struct hours *hours, const struct hours *others);
