/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pools.h - hosts that may share a timer none of them shows alone.
 *
 * A beacon too slow or too irregular to be seen on one host is seen on ten.  Groups that
 * are no timers themselves are joined over hosts where they go to the same
 *
 *	destination	address, port and protocol
 *	name		registered as one
 *	client		any place that is rare, by a client with the same fingerprint
 *
 * and judged by timing_pool(), in which no gap reaches from one host to another.  Only
 * what is rare in the fleet: at least two and at most a tenth of the hosts (three, if
 * that is more) go there or have that client; and no known service.  Hosts that came by
 * only once are counted apart, at most as many.  Two calls of each host at least,
 * POOLS_CALLS_LEAST in all; a host that holds more than three quarters is left out, up
 * to three of them, and the rest is pooled.
 * Each pool is one more test in the false-discovery control.
 *
 * That hosts share a timer convicts none of them: a new agent rolled out on ten hosts
 * does, too.  It only makes a rhythm visible; what is weighed is what else is odd.
 */
#pragma once

#include "verdict/unite.h"

enum { POOLS_CALLS_LEAST = 8, POOLS_CALLS_MOST = 60000 };

/* Append the pools to the groups of the fleet, as unions_form() does.  0 or -ENOMEM. */
int pools_form(struct fleet *fleet, const bool *timer, struct unions *out_pools) MUST_USE;
