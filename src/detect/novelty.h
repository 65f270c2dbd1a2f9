/* SPDX-License-Identifier: Apache-2.0 */
/*
 * novelty.h - what is new or odd about a place and a client, beside the whole fleet.
 *
 * Memory: 24 bytes for each group by address while it works.  Time: sorting them.
 */
#pragma once

#include "base/base.h"

/* Of one group; zeros say nothing. */
struct novelty {
	int64_t place_first_ms; /* when any host of the fleet first went there */
	int64_t host_first_ms;	/* when this host was first seen to call anybody */
	uint32_t client_hosts;	/* hosts whose clients look like this group's; 0: no client known */
	uint32_t host_clients;	/* different clients of this host */
	uint32_t fleet_clients; /* hosts of the fleet with any client known */
	bool lookups_elsewhere; /* the host names places that its look-ups seen hardly ever bear out
				 */
};

struct fleet;

/* Set the novelty of all groups by address, which stand in the order of the fleet.  0 or -ENOMEM.
 */
int novelty_find(struct fleet *fleet) MUST_USE;
