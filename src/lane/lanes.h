/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lanes.h - all lanes together: who handles what.
 *
 *	frame --decode--> packets --+
 *	fragments ----> packets ----+--by fleet host--> piles --crew--> lanes
 *	log rows ---------------------by fleet host------------------> lanes
 *
 * All traffic of one fleet host goes to one lane, so a look-up and the call
 * that follows it meet without a lock.  There are always LANES lanes, however
 * many threads work them, and which host goes where is fixed: so the same
 * input gives the same report on any number of threads.
 *
 * Memory.  `budget` bytes are divided among the lanes at start.
 * Threads.  One thread calls; others may work behind it.
 */
#pragma once

#include "lane/crew.h"
#include "lane/lane.h"

struct lanes; /* opaque */

/* NULL if memory is short.  `home` is copied. */
struct lanes *lanes_new(const struct home *home, size_t budget, size_t threads) MUST_USE;
void lanes_free(struct lanes *lanes); /* NULL is fine */

/* Lists to ask of all that leaves the fleet; before anything is read.  Borrowed. */
bool lanes_use_intel(struct lanes *lanes, const struct intel *intel) MUST_USE;

/* Where input_read() may put everything: calls the functions below. */
struct input_sink lanes_sink(struct lanes *lanes);

/* The frame's bytes must stay as they are for as long as struct input_sink says. */
void lanes_frame(struct lanes *lanes, const struct frame *frame);
void lanes_turn(struct lanes *lanes, bool all);

/* Rows of logs: as lane.h has it. */
void lanes_flow(struct lanes *lanes, const struct flow *flow);
bool lanes_want(const struct lanes *lanes, const struct tuple *ends);
void lanes_count(struct lanes *lanes, const struct tuple *ends, ns_t first, ns_t last,
		 uint64_t served);
void lanes_lookup(struct lanes *lanes, const struct input_lookup *lookup);
void lanes_claim(struct lanes *lanes, const struct input_claim *claim);

/* File what is still open.  Call at the end, and when a capture goes back in time. */
void lanes_flush(struct lanes *lanes);

/*
 * File what is still open, for good: nothing may come any more, and all that
 * was only needed for that is freed, about a third of the budget.
 */
void lanes_finish(struct lanes *lanes);

/* One of them, 0 to LANES - 1, borrowed; only after lanes_finish(), or between lanes_flush()
 * and the next frame or row. */
struct lane *lanes_get(const struct lanes *lanes, size_t number);

/* Of all lanes; likewise, but `captured` is always true. */
/* When hosts of the fleet said that they had come up: captures only, borrowed. */
const struct boots_table *lanes_boots(const struct lanes *lanes);
struct coverage lanes_coverage(const struct lanes *lanes);
const struct spans *lanes_captured(const struct lanes *lanes);
