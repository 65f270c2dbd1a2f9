/* SPDX-License-Identifier: Apache-2.0 */
/*
 * story.h - what the plain capture of every pair tells: a day of eight servers.
 *
 *	all	a monitoring agent every half hour or so (TLS), updates as they
 *		come (HTTP), and the look-ups for both at a resolver of the fleet
 *	.12	a beacon every 10 minutes: TLS on port 8443, to a name never looked up
 *	.14	a beacon every 15 minutes: HTTP on port 8080, likewise
 *	.16	a beacon every 5 minutes: look-ups at a resolver outside
 *
 * Packets are those of simulate/ (script.h, frame.h), with their checksums.
 */
#pragma once

#include "tape.h"

enum beacon { BEACON_TLS, BEACON_HTTP, BEACON_DNS, BEACONS };

/* How the beacons go about it; all zero: as above, in IPv4. */
struct story {
	bool v6;
	bool same_port;	     /* all calls of a beacon come from one port */
	bool short_pause;    /* the TLS beacon calls every 40 s: within TIME_WAIT */
	bool many_addresses; /* the TLS beacon's name has another address for each call */
	bool few_addresses;  /* ... one of four */
	bool stays;	     /* the TLS beacon calls every 2 minutes for half a day ... */
	bool one_connection; /* ... all in one connection */
	bool both_families;  /* every second call of the TLS beacon is IPv6 */
	bool quic;	     /* the TLS beacon is one QUIC connection, a beat every 20 s ... */
	bool migrates;	     /* ... each from another port of the host */
	bool twins;	     /* two networks with the same addresses: see tricks_tunnel.c */
};

enum { TWIN_CALL = 1 << 30 }; /* or-ed into the number of a call of the second network */

/* Adds to an empty tape, in the order of time. */
void story_tell(const struct story *story, struct tape *tape);

/* Is this call one of a beacon, or an ordinary one? */
bool story_is_beacon(uint64_t call);
