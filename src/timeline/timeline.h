/* SPDX-License-Identifier: Apache-2.0 */
/*
 * timeline.h - the history of a group: every call from one host to one place.
 *
 * A group is (host, destination address, port, protocol) or (host, name); each
 * outbound flow is one call and is filed under both when it has a name.  A
 * call costs about ten bytes, so weeks of history fit.
 *
 *	flow --timeline_add()--> [ groups ] --timeline_calls()--> struct call[]
 *
 * Memory.  All of it comes from one budget, taken at start.  When it is spent,
 * whole groups are given up, least suspect first (few calls, uneven gaps, longest
 * silent), and counted: `evicted` groups and the calls that went with them.
 * One group keeps at most TIMELINE_CALLS_MAX calls one by one; later ones are
 * only added to its sums, so `calls - kept` of them have no time.
 *
 * Threads.  A table belongs to one thread while it grows; reading is free.
 */
#pragma once

#include "flow/flow.h"

enum { TIMELINE_CALLS_MAX = 1 << 17, TIMELINE_NAMES_MAX = 4 };

enum timeline_grouping {
	GROUP_ADDRESS, /* host, destination address, port, protocol */
	GROUP_NAME,    /* host, name */
	GROUP_DOMAIN,  /* host, registered domain that it asks the DNS about: a call a question */
	GROUP_LOOKUP,  /* host, name that is on a list or led to a listed address: look-ups of it */

	/* Only when judging, of groups that are no timers themselves (verdict/unions.h). */
	GROUP_PORTS,   /* host, destination address: any port */
	GROUP_NETWORK, /* host, network of destinations: any address and port */
	GROUP_SERVICE, /* host, port and protocol: any rare address without a name */
	GROUP_NAMES,   /* host, names registered as one */
	GROUP_CLIENT,  /* any host and place, one fingerprint of the client */
};

/* No padding: hashed and compared whole. */
struct timeline_key {
	struct address host;
	struct address destination; /* of GROUP_ADDRESS only, as are port and proto */
	uint16_t port;
	uint32_t name;	  /* string table number; 0 for GROUP_ADDRESS */
	uint32_t network; /* virtual, of the host (net/tuple.h); 0: the wire itself */
	uint8_t proto;
	uint8_t grouping; /* enum timeline_grouping */
	uint16_t zero;
};
_Static_assert(sizeof(struct timeline_key) == 48, "a key is hashed whole: no holes");

/* Is it known by name rather than by address? */
static inline bool timeline_key_is_name(const struct timeline_key *key)
{
	return key->grouping == GROUP_NAME || key->grouping == GROUP_DOMAIN ||
	       key->grouping == GROUP_NAMES || key->grouping == GROUP_LOOKUP;
}

/* One call as kept: millisecond times, sizes above TCP or UDP. */
struct call {
	int64_t start_ms; /* since the Unix epoch */
	uint32_t duration_ms, out, in;
};

/* What a flow adds to its group besides the call itself. */
struct timeline_marks {
	uint32_t name;	       /* the name it was reached under; 0: none known */
	bool lookups_visible;  /* some look-up by this host had been seen before the call */
	bool looked_up;	       /* ... and one of them gave it this address */
	bool confirmed;	       /* ... under the very name that the flow claims */
	bool contradicted;     /* it claims a name, and no look-up gave this address under it */
	uint32_t listed;       /* match of the lists; 0: on none */
	bool keep;	       /* do not give the group up before others */
	bool connected;	       /* a connection ended with this call, and had been answered */
	uint64_t connected_ns; /* ... how long it stood; else 0 */
};

struct timeline {
	struct timeline_key key;
	uint32_t calls, kept;
	int64_t first_ms, last_ms;    /* start of the earliest and of the latest call */
	uint64_t out_bytes, in_bytes; /* whole IP packets */
	uint64_t out_payload, in_payload;
	uint64_t out_packets;
	uint64_t total_ms;     /* of all connections, as counted below */
	uint32_t longest_ms;   /* of one */
	uint32_t connections;  /* answered ones that ended, or were open when the input did */
	uint32_t open;	       /* connections that had not ended when the input did */
	uint32_t turns, led;   /* spoke up after a silence; because it was spoken to */
	uint32_t remote_first; /* connections in which whoever was called spoke first */
	uint32_t answered, refused, unanswered; /* the rest: not known */
	uint32_t lookups_visible, looked_up, confirmed, contradicted;
	uint32_t other_protocol;
	uint32_t tls, no_sni, host_is_address, dns, ntp;
	uint32_t proxied;      /* calls that went through a proxy, whose address is in `last` */
	uint16_t proxied_port; /* port that the last of them asked for; 0: not said */
	uint32_t names[TIMELINE_NAMES_MAX]; /* first ones seen; 0: free */
	struct tuple last;		    /* of the flow filed last */
	uint32_t fingerprint;		    /* of the latest client that had one; 0: none */
	uint32_t claims;		    /* enum flow_claim of all calls, or-ed */
	uint32_t listed, listed_calls;	    /* strongest match of the lists; calls that had one */
	uint8_t app;			    /* enum app, of the latest call that could be told */
	uint32_t addresses; /* runs of calls to one address: 1 means only ever one */

	/* Private to timeline.c. */
	int64_t filed_ms; /* start of the call encoded last */
	uint32_t first_chunk, last_chunk, chunk_used;
	uint32_t older, newer;	  /* within its class, silent longest first */
	float gap_ms, unevenness; /* last gap and running local variation */
	uint8_t class;
	bool live;
	bool even; /* its gaps look it */
	bool keep;
};

struct timeline_table; /* opaque */

struct timeline_table *timeline_table_new(size_t budget) MUST_USE; /* NULL: no memory */
void timeline_table_free(struct timeline_table *table);		   /* NULL is fine */

/* File one outbound flow under `key`. */
void timeline_add(struct timeline_table *table, const struct timeline_key *key,
		  const struct flow *flow, const struct timeline_marks *marks);

/*
 * Put a copy of a group of table `from` into `to`, which has none under its key;
 * numbers of names stay those of `from`.  False if its calls did not all fit.
 */
bool timeline_copy(struct timeline_table *to, const struct timeline_table *from,
		   const struct timeline *timeline);

/* Add what is known of `part` to `sum`, but for its key and its calls one by one. */
void timeline_join(struct timeline *sum, const struct timeline *part);

/* Groups are numbered from 0 below this; a number given up earlier yields NULL. */
size_t timeline_count(const struct timeline_table *table);
const struct timeline *timeline_get(const struct timeline_table *table, size_t number);

/* Write the kept calls, in order of start, to `out` (room for `kept`). */
void timeline_calls(const struct timeline_table *table, const struct timeline *timeline,
		    struct call *out);

/* Bytes that the table may take in all, used or not. */
size_t timeline_room(const struct timeline_table *table);

struct timeline_stats {
	size_t groups;
	uint64_t evicted, evicted_calls;
	uint64_t untimed; /* calls beyond TIMELINE_CALLS_MAX of their group, or without a chunk */
};
struct timeline_stats timeline_stats(const struct timeline_table *table);
