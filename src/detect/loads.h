/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loads.h - whose load is whose: what the lanes counted, by the fleet's number of the host.
 *
 * Traffic inside the fleet goes to the lane of either end, so that what one
 * host serves may be in two lanes or more.
 *
 * Memory: a pointer a host, and a copy of what more than one lane has seen.
 */
#pragma once

#include "detect/fleet.h"

/* Needs the groups sorted and numbered.  0 or -ENOMEM. */
int loads_join(const struct fleet_source *sources, size_t count, struct fleet *fleet) MUST_USE;
void loads_fini(struct fleet_loads *loads);
