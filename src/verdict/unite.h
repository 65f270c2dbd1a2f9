/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unite.h - make groups of groups and append them to a fleet.
 *
 * A united group has a timeline with the sums of its members and their numbers; its
 * calls stay where they are.  Memory: one timeline and 4 bytes a member each.
 */
#pragma once

#include "detect/fleet.h"

/* What the united groups of a fleet borrow from. */
struct unions {
	struct timeline *timelines;
	uint32_t *members;
};

struct unite {
	struct fleet *fleet;
	struct group *groups;
	size_t count, room;
	struct unions unions;
	size_t members, members_room;
};

/*
 * Join plain groups, given by number, under a key.  All else is taken from the first of
 * them, but for how many hosts go there, which is the largest number of all.  The
 * group may be changed until the next is made.  NULL: no memory.
 */
struct group *unite_add(struct unite *unite, const struct timeline_key *key,
			const uint32_t *numbers, size_t count);

/* Append all to the fleet, which borrows from `out_unions` then.  0 or -ENOMEM. */
int unite_append(struct unite *unite, struct unions *out_unions) MUST_USE;
void unite_fini(struct unite *unite); /* always, also after unite_append() */

void unions_fini(struct unions *unions);
