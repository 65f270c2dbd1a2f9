/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load.h - how much each host serves and sends, over time.
 *
 * Served: payload that a host of the fleet sends to whoever called it, inside
 * or outside.  Sent: payload of its own calls that leave the fleet, counted from
 * when it first served something.  Both in LOAD_BINS bins of equal width, a power
 * of two times LOAD_LEAST_MS and laid out from the Unix epoch, so that the series of two
 * lanes can be added.  When a time does not fit, the bins become twice as wide:
 * a day has bins of 256 s, a week of 2048 s.  What went on for longer than a bin
 * is spread in proportion to time.
 *
 * One packet with a clock from 1970 must not make the bins so wide that nothing
 * is seen in them: a time a week off is left out of the series (not out of the
 * sums), unless LOAD_STRANGERS in a row say so; then the series begins anew.
 *
 * Memory: all from one budget, about 4 KiB a host that serves.  When it is spent, of
 * eight hosts in turn the one that served least makes room, and is counted.
 * Threads: one while it grows; reading is free.
 */
#pragma once

#include "base/spans.h"
#include "net/address.h"

enum { LOAD_BINS = 512, LOAD_LEAST_MS = 1000, LOAD_STRANGERS = 16 };

struct load {
	struct address host;
	int64_t first_bin; /* number of the first bin since the epoch */
	uint32_t bins;	   /* from there on; 0: nothing yet */
	uint32_t strangers;
	uint8_t doublings; /* a bin is LOAD_LEAST_MS << doublings */
	uint64_t served_bytes, sent_bytes;
	float served[LOAD_BINS], sent[LOAD_BINS]; /* bytes */
};

static inline int64_t load_bin_ms(const struct load *load)
{
	return (int64_t)LOAD_LEAST_MS << load->doublings;
}

struct load_table; /* opaque */

struct load_table *load_table_new(size_t budget) MUST_USE; /* NULL: no memory */
void load_table_free(struct load_table *table);		   /* NULL is fine */

/* So many bytes from `first` to `last` (nanoseconds since the epoch). */
void load_served(struct load_table *table, const struct address *host, ns_t first, ns_t last,
		 uint64_t bytes);
void load_sent(struct load_table *table, const struct address *host, ns_t first, ns_t last,
	       uint64_t bytes);

/* Numbered from 0 below this. */
size_t load_count(const struct load_table *table);
const struct load *load_get(const struct load_table *table, size_t number);
uint64_t load_evicted(const struct load_table *table);

/* Add what another lane saw of the same host. */
void load_add(struct load *load, const struct load *other);
