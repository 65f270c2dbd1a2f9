/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fleet.h - what is known only when every lane has been looked at together:
 * how many hosts there are, how many of them go to a place, and how busy each
 * one is hour by hour.
 *
 * Memory: about 40 bytes per group while building; 4 bytes per host and hour, for at
 * most 32 Mi of them, and no more in all than a fourth of what the timelines may take.
 * Beyond that hosts are taken to be equally busy at all hours.
 * Threads: built by one, then read by all.
 */
#pragma once

#include "base/spans.h"
#include "base/string_table.h"
#include "detect/comings.h"
#include "detect/novelty.h"
#include "detect/roles.h"
#include "intel/catalogue.h"
#include "intel/intel.h"
#include "timeline/domains.h"
#include "timeline/echoes.h"
#include "timeline/load.h"
#include "timeline/timeline.h"

struct boots_table;

/* One group, by where it is kept. */
struct group {
	const struct timeline_table *table;
	const struct string_table *names, *fingerprints;
	const struct timeline *timeline;
	uint32_t host;		       /* number of its host in the fleet */
	uint32_t hosts_to_destination; /* of the fleet, this one included; 0: cannot be told */
	bool names_forgotten;	       /* in its lane */
	uint32_t twin_of;	       /* number of the group by address whose calls these are (of a
					* look-up: of the group by name that followed), plus 1 */
	struct novelty novelty;
	float share; /* of the place it goes to, see detect/places.h */

	/* Of a union (verdict/unions.h), else 0. */
	const uint32_t *members; /* numbers of the groups it joins */
	uint32_t member_count, addresses, ports, names_joined;
	uint32_t hosts_pooled; /* several hosts at one place (verdict/pools.h); their number */
	uint8_t prefix;	       /* length of the network, in the family of its address */

	/* Several destinations of its host that keep the same rhythm (verdict/peers.h), else 0. */
	uint32_t family, peers;

	bool resolver;		       /* the host is one that others ask */
	const struct echo_facts *echo; /* of pings that were captured; else NULL */

	/* Of a group by domain (fleet_domains.h). */
	const struct domain_table *domains;
	const struct domain_facts *domain; /* NULL: by address or name, or forgotten */
	uint32_t names_called;		   /* under it, by this host, as a look-up bears out */
	uint64_t calls_under;		   /* ... how often */
	bool told; /* its questions are but the prelude to calls, or a client's: not judged */
};

/* By number of host; NULL: it serves nothing that was seen, or nobody kept count. */
struct fleet_loads {
	const struct load **of;
	struct load *merged; /* those that more than one lane has seen */
};

struct fleet {
	struct group *groups;		 /* in an order that depends only on what was seen */
	size_t group_count, plain_count; /* unions come after the plain ones */
	uint32_t hosts;
	struct spans watched; /* the window: gaps in which nothing was seen are left out */
	double window_s;
	bool groups_forgotten;	   /* too many to tell how many hosts go to a place */
	size_t hours;		   /* of the window; 0 when it is too short for a daily rhythm */
	float *hourly;		   /* hosts x hours: outbound calls */
	struct comings comings;	   /* when each host came up, and what it called first */
	struct fleet_loads loads;  /* what each host serves */
	const struct intel *intel; /* borrowed; NULL: no lists */
	const struct catalogue *catalogue; /* borrowed, of ordinary services; NULL: none */
	struct roles roles;		   /* which hosts are alike, and what those send */
};

/* The tables of all lanes.  0 or -ENOMEM. */
struct fleet_source {
	const struct timeline_table *table;
	const struct string_table *names, *fingerprints;
	const struct load_table *loads;	    /* NULL: nobody kept count */
	const struct boots_table *boots;    /* likewise */
	const struct intel *intel;	    /* the same in all; NULL: no lists */
	const struct catalogue *catalogue;  /* likewise, of ordinary services */
	const struct echo_table *echoes;    /* NULL: nobody kept count */
	const struct domain_table *domains; /* fact sheets, if `table` is of groups by domain */
	bool names_forgotten; /* some name or look-up did not fit: "never looked up" means nothing
			       */
};
int fleet_build(const struct fleet_source *sources, size_t count, const struct spans *watched,
		struct fleet *out_fleet) MUST_USE;
void fleet_fini(struct fleet *fleet);

/* Outbound calls of a host, hour by hour; NULL when hours is 0. */
const float *fleet_hourly(const struct fleet *fleet, uint32_t host);

/*
 * The group under the same key as this one, which may be of other tables; NULL:
 * there is none.  And the first group of a host.
 */
const struct group *fleet_find(const struct fleet *fleet, const struct group *like);
const struct group *fleet_find_host(const struct fleet *fleet, const struct address *host);

/* Does a group by name hold the same calls as one by address?  Then it is its twin. */
bool fleet_same_calls(const struct timeline *a, const struct timeline *b);

/* The hour of the window in which this time falls; only when `hours` is not 0. */
size_t fleet_hour(const struct fleet *fleet, int64_t ms);

/*
 * The part of a name that was registered: its last two labels, three where the
 * last but one is a short category under a country ("co.uk").  Borrowed from
 * `name`.  An approximation of the Public Suffix List, and said so where used.
 */
const char *fleet_registered_name(const char *name);
