/* SPDX-License-Identifier: Apache-2.0 */
/*
 * boots.h - when each host said that it had come up (net/arrival.h).
 *
 * Announcements less than BOOT_APART_MS after the last one belong to it: a host says it
 * by DHCP, ARP and IPv6 in turn, and a pair of servers that watch over each other says it
 * all the time.  The latest BOOTS_MAX are kept.
 *
 * Memory: all from one budget, about 320 bytes a host.  When it is spent, of eight
 * hosts in turn the one with the fewest makes room, and is counted.
 * Threads: one while it grows; reading is free.
 */
#pragma once

#include "base/base.h"
#include "net/address.h"

enum { BOOTS_MAX = 32, BOOT_APART_MS = 300000 };

struct boots {
	struct address host;
	uint32_t seen;		  /* in all */
	uint32_t kept;		  /* in `at_ms`, in order */
	int64_t last_ms;	  /* latest announcement */
	int64_t at_ms[BOOTS_MAX]; /* first announcement of each */
};

struct boots_table; /* opaque */

struct boots_table *boots_table_new(size_t budget) MUST_USE; /* NULL: no memory */
void boots_table_free(struct boots_table *table);	     /* NULL is fine */

void boots_saw(struct boots_table *table, const struct address *host, ns_t when);

/* Numbered from 0 below this. */
size_t boots_count(const struct boots_table *table);
const struct boots *boots_get(const struct boots_table *table, size_t number);
uint64_t boots_evicted(const struct boots_table *table);
