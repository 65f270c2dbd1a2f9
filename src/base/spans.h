/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spans.h - when did we watch?  A short list of spans of time, kept as times
 * come in.
 *
 * Times closer than SPANS_GAP belong to one span.  So a packet whose clock had
 * not been set yet, or two captures of different months, do not stretch the
 * window in which a rhythm has to hold: what lies between spans was not seen.
 *
 * Memory: fixed.  When there would be more than SPANS_MAX spans, the shortest but
 * for the new one is forgotten, and counted: joining two would claim that what
 * lies between them was watched, and hide every rhythm.
 */
#pragma once

#include "base/base.h"

enum { SPANS_MAX = 32 };
#define SPANS_GAP (7 * 86400 * NS_PER_SEC) /* the longest period that we look for */

struct span {
	ns_t first, last; /* both included */
};

struct spans {
	struct span span[SPANS_MAX + 1]; /* in order; one more while one is being added */
	size_t count;
	size_t hint; /* where the last time went */
	uint64_t forgotten;
};

void spans_add(struct spans *spans, ns_t when);
void spans_merge(struct spans *spans, const struct spans *others);

ns_t spans_first(const struct spans *spans); /* 0 if there are none */
ns_t spans_last(const struct spans *spans);

/* Whole milliseconds watched, each span's last one included. */
int64_t spans_watched_ms(const struct spans *spans);

/*
 * How many milliseconds had been watched when `ms` (since the epoch) came: the
 * place of a time on an axis without the gaps.  Times outside every span go to
 * the nearest end.
 */
int64_t spans_place_ms(const struct spans *spans, int64_t ms);

/* Floor division: times before 1970 must not round towards it. */
static inline int64_t ns_to_ms(ns_t when)
{
	return when / NS_PER_MS - (when % NS_PER_MS < 0);
}
