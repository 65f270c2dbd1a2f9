/* SPDX-License-Identifier: Apache-2.0 */
/*
 * places.h - how many groups of a host go to the same place.
 *
 * How common a trait is among ordinary traffic is counted over places that hosts go
 * to, or one host that spreads over a hundred addresses makes ordinary whatever it
 * does.  The groups by address of one host that were reached under one registered
 * name, or without a name in one /24 (IPv6: /48), share one place; and all places
 * without a name of one host count as PLACES_NAMELESS_MOST at most.
 */
#pragma once

#include "detect/fleet.h"

enum { PLACES_NAMELESS_MOST = 16 };

/* How the two address families are cut into networks that one owner mostly has. */
enum { PLACES_PREFIX_V4 = 24, PLACES_PREFIX_V6 = 48 };

/* The first `prefix` bits, counted in its own family. */
struct address places_network(const struct address *address, unsigned prefix);

/*
 * Anybody can put a popular name into a hello.  A name counts unless the host's
 * look-ups were seen and none of them gave it the address under that name.
 */
bool places_name_is_credible(const struct timeline *timeline);

/* Set `share` of all groups by address, which stand in the order of the fleet.  0 or -ENOMEM. */
int places_share(struct fleet *fleet) MUST_USE;

/* The same for the groups of one host, in any order. */
int places_share_host(struct group *groups, size_t count) MUST_USE;
