/* SPDX-License-Identifier: Apache-2.0 */
/*
 * age_list.h - slots in order of last use, oldest first.
 *
 * Several lists can share one array of links; a slot is on one list at a time.
 * The links lie apart from the slots, 16 bytes each, because every use of a
 * slot touches its neighbours' links too, and those of many slots fit in a
 * cache where the slots do not.  0 means none.  Private to flow/.
 */
#pragma once

#include "base/base.h"

struct age_link {
	uint32_t older, newer;
	ns_t touched; /* the user's business: when last used */
};

struct age_list {
	uint32_t oldest, newest;
};

static inline void age_append(struct age_list *list, struct age_link *links, uint32_t slot)
{
	links[slot].older = list->newest;
	links[slot].newer = 0;
	if (list->newest)
		links[list->newest].newer = slot;
	else
		list->oldest = slot;
	list->newest = slot;
}

static inline void age_unlink(struct age_list *list, struct age_link *links, uint32_t slot)
{
	struct age_link link = links[slot];

	if (link.older)
		links[link.older].newer = link.newer;
	else
		list->oldest = link.newer;
	if (link.newer)
		links[link.newer].older = link.older;
	else
		list->newest = link.older;
}

/* `slot`, already on the list, is the last used from now on. */
static inline void age_touch(struct age_list *list, struct age_link *links, uint32_t slot)
{
	if (list->newest == slot)
		return;
	age_unlink(list, links, slot);
	age_append(list, links, slot);
}
