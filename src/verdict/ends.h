/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ends.h - the two ends of a case: which hosts, and where their calls went.
 */
#pragma once

#include "verdict/finding.h"

/* All of one case so far, and the destinations of those before. */
struct ends {
	uint32_t *groups; /* plain ones by address, by number; may repeat */
	size_t groups_used, groups_room;
	struct address *hosts;
	size_t hosts_used, hosts_room;
	struct destination *destinations;
	size_t used, room, begun;
};

void ends_begin(struct ends *ends);

/* Add what one finding of the case holds.  0 or -ENOMEM. */
int ends_add(struct ends *ends, const struct fleet *fleet, const struct finding *finding) MUST_USE;

/* Note hosts and the number of destinations in the leader of the case.  0 or -ENOMEM. */
int ends_settle(struct ends *ends, const struct fleet *fleet, struct finding *leader) MUST_USE;

/* The findings, as settled, get what they point to; the caller owns it. */
struct destination *ends_point(struct ends *ends, struct finding *findings, size_t count);

void ends_fini(struct ends *ends);
