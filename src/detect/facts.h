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

struct facts {
	struct follow follow;  /* do its bytes follow what the host serves? (detect_load.c) */
	uint32_t follow_bins;  /* 0: cannot be told */
	uint32_t follow_bin_s; /* seconds each */
};

/* `calls`, n of them in the order of time, are those of `group`. */
struct facts facts_gather(const struct fleet *fleet, const struct group *group,
			  const struct call *calls, size_t n);
