/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crew.h - threads that take packets through the lanes, a batch at a time.
 *
 *	dispatcher --> [ batch: a pile of packets for each lane ] --> crew --> lanes
 *
 * One thread dispatches: it fills the open batch and submits it.  A lane takes
 * its piles in the order of submission, on one thread at a time, whichever is
 * free; so what a lane sees does not depend on how many threads there are.
 * The dispatcher lends a hand whenever it has to wait, and with one thread
 * it does everything itself.
 *
 * Memory.  About half a MiB a batch.
 */
#pragma once

#include "lane/lane.h"

enum { LANES = 8, BATCHES = 8, BATCH_PACKETS = 2048, BATCH_COPIES = 256 * 1024 };

struct batch {
	struct packet
		*packets; /* in order of capture; room for one frame more than BATCH_PACKETS */
	uint16_t *piles;  /* which of them each lane takes: LANES times BATCH_PACKETS numbers */
	uint8_t *copies;  /* payload of packets put together from fragments */
	size_t copied;
	uint32_t count[LANES], total;
	bool flush; /* then each lane is flushed */
};

struct crew; /* opaque */

/* `lanes` are borrowed.  NULL if memory is short; fewer threads if the system refuses some. */
struct crew *crew_new(struct lane *const lanes[LANES], size_t threads) MUST_USE;
void crew_free(struct crew *crew); /* after crew_wait(); NULL is fine */

/*
 * Have a job done that has nothing to do with lanes, such as reading ahead; then
 * wait for it, lending a hand.  One at a time.
 */
void crew_run(struct crew *crew, void (*job)(void *arg), void *arg);
void crew_await(struct crew *crew);

/* Is everything done by the time that crew_submit() returns? */
bool crew_is_alone(const struct crew *crew);

/* The batch to fill, empty or begun. */
struct batch *crew_open_batch(struct crew *crew);

/* Hand it over; nothing happens to an empty one.  Returns how many have been submitted. */
uint64_t crew_submit(struct crew *crew);

/* Hand over the open batch, have every lane flushed after it, and wait for that. */
void crew_flush(struct crew *crew);

/* Wait until the first `batches` of those submitted are done with. */
void crew_wait(struct crew *crew, uint64_t batches);
