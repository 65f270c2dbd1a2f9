/* SPDX-License-Identifier: Apache-2.0 */
/*
 * caller_time.h - when a caller acts: by its law, and by the boots of its host.
 *
 * A caller whose host goes down falls silent; when the host is up again the
 * program starts anew.  All of these set caller->next; no failure, O(1).
 */
#pragma once

#include "simulate/caller.h"

static inline ns_t ns_from_s(double s)
{
	return (ns_t)(s * 1e6) * 1000;
}

/* The next boot of its host that concerns it; times are INT64_MAX if there is none. */
struct host_boot caller_next_boot(const struct caller *caller, const struct world *world,
				  ns_t after);

/* The first call, by its law from `origin` on; or at the first boot. */
void caller_start_law(struct caller *caller, const struct world *world, ns_t origin);
void caller_start_booting(struct caller *caller, const struct world *world);

/* The call after this one; or at the next boot. */
void caller_advance(struct caller *caller, const struct world *world);
void caller_wait_for_boot(struct caller *caller, const struct world *world);
