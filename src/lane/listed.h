/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listed.h - is a call to somewhere on the lists?  Remembers what it asked.
 *
 * Hosts call the same places again and again, so most answers come from three
 * small tables: by address, by number of a name, by number of a fingerprint.
 *
 * Memory: some 100 KiB.  Threads: belongs to one; the lists are only read.
 */
#pragma once

#include "base/string_table.h"
#include "flow/flow.h"
#include "input/input.h"
#include "intel/intel.h"

struct listed; /* opaque */

/* NULL: no memory.  `intel` is borrowed. */
struct listed *listed_new(const struct intel *intel) MUST_USE;
void listed_free(struct listed *listed); /* NULL is fine */

const struct intel *listed_intel(const struct listed *listed);

/* The strongest match of a call and the name it was made under; 0: none. */
struct listed_call {
	const struct flow *flow;
	uint32_t name; /* in `names`; 0: none */
	bool proxied;  /* then its address is the proxy's */
	const struct string_table *names, *fingerprints;
};
uint32_t listed_call(struct listed *listed, const struct listed_call *call);

/* Of a look-up: its name or an address in its answer, if strong; else 0. */
uint32_t listed_lookup(struct listed *listed, const struct input_lookup *lookup);

/* Is a match of this kind enough to keep a group for? */
bool listed_is_strong(uint32_t match);
