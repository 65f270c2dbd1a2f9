/* SPDX-License-Identifier: Apache-2.0 */
/*
 * roles.h - which hosts are alike, and how much those send to any one place.
 *
 * Two hosts have the same role if they call mostly the same places of those
 * that at least ROLE_PLACE_HOSTS hosts call: by name as registered where a name is
 * known, else by address.  The share of places in common is estimated by ROLE_HASHES
 * minima of hashes (Broder 1997); five of eight must agree with the first
 * host of the role.  Hosts are taken in the order of their addresses.  Where fewer than
 * ROLE_PEERS others have the role, the whole fleet is what a host is held against.
 *
 * An approximation: a host that was made to look like another by calling the same
 * places is taken for one.
 *
 * Memory: 96 bytes a host.  Threads: built by one, read by all.
 */
#pragma once

#include "base/base.h"

struct fleet;

enum { ROLE_PLACE_HOSTS = 3, ROLE_HASHES = 8, ROLE_AGREE = 5, ROLE_PEERS = 4, ROLES_MOST = 256 };

/* The two largest uploads to one place, by two different hosts. */
struct role_top {
	uint32_t hosts; /* that have the role */
	uint32_t host[2];
	uint64_t bytes[2];
};

struct roles {
	uint32_t *of;	       /* by number of host: 1 + number of its role; 0: none */
	uint64_t *sent;	       /* by number of host: payload of all its calls */
	struct role_top *role; /* [0]: the whole fleet */
	size_t count;	       /* of roles, the whole fleet included */
};

/* Needs prevalence counted.  0 or -ENOMEM. */
int roles_build(const struct fleet *fleet, struct roles *out) MUST_USE;
void roles_fini(struct roles *roles);

/* The most that any other host like this one sent to one place. */
struct role_peers {
	uint32_t hosts; /* others it is held against; 0: too few to tell */
	bool of_fleet;	/* the whole fleet, not those of its role */
	uint64_t most_bytes;
};
struct role_peers roles_peers(const struct roles *roles, uint32_t host);
