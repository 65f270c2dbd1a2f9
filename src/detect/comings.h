/* SPDX-License-Identifier: Apache-2.0 */
/*
 * comings.h - what each host called first, each time it came up.
 *
 * A host comes up when it says so (timeline/boots.h) and no more than one pair of
 * it had called out in the minute before: else it was up, and only took another address.
 * DNS, NTP and DHCP do not count as calls here: they come before everything.
 *
 * Memory: 32 bytes for each announcement kept, and room for the calls of one pair.  Time: the
 * calls of those hosts that announced themselves are read once.
 * Threads: built by one, read by all.
 */
#pragma once

#include "timeline/timeline.h"

struct fleet;
struct fleet_source;

enum { COMING_BEFORE_MS = 60000, COMING_AFTER_MS = 600000 };

struct coming {
	int64_t at_ms;	  /* announced */
	int64_t first_ms; /* first call since, within COMING_AFTER_MS; INT64_MAX: none */
	uint32_t before;  /* calls in COMING_BEFORE_MS before, of one pair ... */
	bool was_up;	  /* ... or of several: it had been up already */
};

struct comings {
	struct coming *all;
	uint32_t *first; /* by number of host, and one more: where its own begin in `all` */
};

/* Needs groups sorted and numbered.  0 or -ENOMEM. */
int comings_build(const struct fleet_source *sources, size_t count, const struct fleet *fleet,
		  struct comings *out) MUST_USE;
void comings_fini(struct comings *comings);

/* Is a call of this pair no call here? */
bool comings_passes_over(const struct timeline_key *key);

/* How a pair with these calls, in order, stands to the comings of its host. */
struct coming_role {
	uint32_t comings; /* with a first call */
	uint32_t first;	  /* in which this pair's call was the first */
	uint32_t before;  /* in which only this pair called before the announcement */
	double delay_s;	  /* from announcement to first call, the longest of those in `first` */
};
struct coming_role comings_role(const struct comings *comings, uint32_t host,
				const struct call *calls, size_t n);
