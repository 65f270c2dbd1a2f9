/* SPDX-License-Identifier: Apache-2.0 */
/*
 * name_map.h - under which name did this host find this address, if at all.
 *
 * Fed with DNS answers as they pass; asked when a flow is filed.  Knows per
 * host whether any of its look-ups were seen: "never looked up" means nothing
 * about a host whose resolver we cannot see.
 *
 * Memory.  At most `capacity` (host, address) entries and as many hosts; when
 * full, the entry unused longest goes and is counted in `evicted`.
 * Threads.  A map belongs to one thread.
 */
#pragma once

#include "net/address.h"

struct name_map; /* opaque */

struct name_map_answer {
	uint32_t name;	  /* number in the caller's string table; 0: address never given */
	ns_t first, last; /* when this host was first and last given the address */
};

struct name_map *name_map_new(size_t capacity) MUST_USE;
void name_map_free(struct name_map *map); /* NULL is fine */
size_t name_map_size(size_t capacity);

/* `client` asked, and the answer gave it `address` under `name`. */
void name_map_add(struct name_map *map, const struct address *client, const struct address *address,
		  uint32_t name, ns_t when);

/* `client` asked something, whatever the answer was. */
void name_map_saw_query(struct name_map *map, const struct address *client, ns_t when);

/*
 * What `client` was told of `address` no later than `when`; name 0 if nothing.
 * The last two names of an address are kept; a moment before both, though not
 * before `first`, gets the older one.  `last` is never later than `when`.
 */
struct name_map_answer name_map_find(struct name_map *map, const struct address *client,
				     const struct address *address, ns_t when);

/* How many look-ups by `client` have been seen. */
uint64_t name_map_queries(const struct name_map *map, const struct address *client);

uint64_t name_map_evicted(const struct name_map *map);
