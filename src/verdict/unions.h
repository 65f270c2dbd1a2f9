/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unions.h - groups that only together may show a rhythm.
 *
 * A beacon that calls another port or address each time leaves a few calls in
 * each of many groups.  Once every group has been judged, those that are no timers
 * themselves are joined, within each host:
 *
 *	GROUP_PORTS	one address, any port
 *	GROUP_NETWORK	one /24 (IPv6: /64, and /48 where that holds more), any address and port
 *	GROUP_SERVICE	one port, any address that is rare in the fleet
 *	GROUP_NAMES	names registered as one, any of them
 *
 * The first three hold only groups whose name nothing bears out, and no
 * known service: what has a name is judged by name.
 *
 * Why the guarantee holds.  The rate of a superposition is the sum of the rates; if
 * none of them rises while its source is silent, the sum does not rise while all
 * are.  Each union is one more test in the false-discovery control over all groups.
 *
 * A union needs UNIONS_CALLS_LEAST calls, and no member may hold more than three
 * quarters of them: that would be the same test again.  Such a member is left out, up
 * to three times, and the rest is joined.
 *
 * Memory: one timeline for each union; no calls are copied.
 */
#pragma once

#include "verdict/unite.h"

enum { UNIONS_CALLS_LEAST = 8 };

/*
 * Append the unions to the groups of the fleet; `timer` says which of the plain
 * groups are timers.  The fleet then borrows from `out_unions`.  0 or -ENOMEM.
 */
int unions_form(struct fleet *fleet, const bool *timer, struct unions *out_unions) MUST_USE;

/* The kept calls of a group, of all members if it is a union, in order of start. */
void unions_calls(const struct fleet *fleet, const struct group *group, struct call *out);
