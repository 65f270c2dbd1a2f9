/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hosts.h - from a host's address to the number of its place in a table.
 *
 * What the tables of hosts beside it (load.h, boots.h) have in common: places
 * 1..capacity, given out once; when all are taken the owner says whose is to be
 * had.  Which place a host gets depends on what was seen only, never on the
 * secret key of the index.
 *
 * Memory: about 30 bytes for each place, at once.  Threads: as the owner.
 * Private to timeline/.
 */
#pragma once

#include "base/hash.h"
#include "flow/slot_index.h"
#include "net/address.h"

struct hosts {
	struct hash_key key;
	struct slot_index index;
	struct address *of; /* whose place it is; [0] is not used */
	uint32_t used, capacity;
	uint32_t last; /* found last: the next question is often the same */
};

/* False if memory is short. */
bool hosts_init(struct hosts *hosts, size_t capacity);
void hosts_fini(struct hosts *hosts);

/* Its number, or 0. */
uint32_t hosts_find(struct hosts *hosts, const struct address *host);

/* A place for a host that has none: a fresh one, or 0 when all are taken. */
uint32_t hosts_fresh(struct hosts *hosts, const struct address *host);

/* Place `number` has a new owner. */
void hosts_replace(struct hosts *hosts, uint32_t number, const struct address *host);
