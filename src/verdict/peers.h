/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peers.h - one host that calls many places at one pace.
 *
 * A peer-to-peer bot asks its peers in turn: ten or a hundred addresses, each rare
 * in the fleet, none of them looked up, and all with the same rhythm.  Timers of
 * one host to such places keep one pace if their periods, in order, are within 2 %
 * of the next or within the error of the estimates, and no further than a fourth
 * apart in all.  Where at least PEERS_LEAST do, they are peers, and all peers of a host
 * are one family: bots ask at one pace while all is well and at another when not.
 * Unions (verdict/unions.h) at such a pace belong to it, but are not counted.
 * Known services are left out: a host may ask four clocks.
 */
#pragma once

#include "detect/fleet.h"
#include "verdict/judge.h"

enum { PEERS_LEAST = 4 };

/* Are two periods, the second no shorter, the same as far as can be told? */
bool peers_same_pace(const struct timing_result *shorter, const struct timing_result *longer);

/*
 * Note in each group that is a peer the number of its family and how many peers keep
 * its pace.  A family shares one place (detect/places.h).  0 or -ENOMEM.
 */
int peers_find(struct fleet *fleet, const struct judgement *judged, const bool *timer) MUST_USE;
