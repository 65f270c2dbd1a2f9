/* SPDX-License-Identifier: Apache-2.0 */
/*
 * facts.h - what a group's calls tell besides their rhythm, found once for all detectors.
 *
 * Filled while a group is judged, when its calls are at hand; detectors ask many
 * times.  All zero for groups of too few calls.
 */
#pragma once

#include "detect/fleet.h"
#include "stat/follow.h"

/* Of fewer calls only what their host's boots and other hosts tell. */
enum { FACTS_LEAST = 5 };

struct facts {
	struct follow follow;  /* do its bytes follow what the host serves? (detect_load.c) */
	uint32_t follow_bins;  /* 0: cannot be told */
	uint32_t follow_bin_s; /* seconds each */

	/* What it sent, block by block: a day each, in windows of less than four days an eighth. */
	uint32_t blocks;      /* of the window; 0: too few calls to look, or less than an hour */
	uint32_t busy_blocks; /* in which anything was sent */
	double block_s;
	double top_block, second_block; /* bytes of the two largest */

	/* Of the calls themselves. */
	double same_size; /* share of them that sent the most common size, within 4 %; 0: too few */
	double unevenness; /* local variation of the gaps of a second or more (Shinomoto 2003): 0
			      for a clock, 1 for chance; -1: too few */
	uint32_t trains;   /* groups of calls less than a minute apart, two or more calls each */
	uint32_t tries;	   /* calls in most of those */
	double same_tries; /* share of the trains with so many */
	double backoff; /* how much longer each gap is than the one before, if nearly all agree */

	uint32_t busy_half_hour;   /* minutes of its busiest half hour in which 1.5 kB or more went
				      out */
	struct coming_role coming; /* when its host came up */

	/* What its host and others like it send. */
	struct role_peers peers;
	uint64_t host_sent; /* payload to all places */
};

/* `calls`, n of them in the order of time, are those of `group`; n is 0 if nobody looked. */
struct facts facts_gather(const struct fleet *fleet, const struct group *group,
			  const struct call *calls, size_t n);
