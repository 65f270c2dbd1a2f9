/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lane.h - one line of work: from frames and log rows to timelines.
 *
 *	frame --decode--> flow table --claims--> ended flow --+
 *	log row ------------------------------------> flow ---+--> outbound? --> timelines
 *
 * A lane owns everything its hosts need: flow table, names, timelines.  All
 * traffic of one fleet host goes to one lane, so a look-up and the call that
 * follows it meet without a lock.
 *
 * Memory.  One budget, divided at start; see lane_new().
 * Threads.  A lane belongs to one thread.
 */
#pragma once

#include "base/spans.h"
#include "base/string_table.h"
#include "flow/flow_table.h"
#include "flow/home.h"
#include "input/input.h"
#include "timeline/timeline.h"

/* What was seen and what was not: the ground under every conclusion. */
struct coverage {
	uint64_t frames;
	uint64_t cut;	    /* frames of which only the beginning was captured */
	uint64_t tunnelled; /* packets that carry other packets, which are not opened */
	uint64_t decoded[DECODE_VERDICTS];
	uint64_t rows; /* flows that came from logs */
	uint64_t flows, flows_evicted;
	uint64_t outbound, inbound, internal, outside, group; /* flows by direction */
	uint64_t outbound_bytes; /* IP bytes of outbound flows, one way */
	uint64_t lookups;
	uint64_t names_refused, names_evicted, claims_refused;
	struct spans captured, logged; /* when frames were captured, when rows were logged */
	struct spans watched;	       /* both */
	struct timeline_stats timelines;
};

struct lane; /* opaque */

/* NULL if memory is short.  `home` is copied. */
struct lane *lane_new(const struct home *home, size_t budget) MUST_USE;
void lane_free(struct lane *lane); /* NULL is fine */

void lane_frame(struct lane *lane, const struct frame *frame);
void lane_flow(struct lane *lane, const struct flow *flow);

/*
 * Is a flow between these ends outbound, so that lane_flow() would file it?  The
 * rest need not be read: lane_count() counts them as lane_flow() would, but
 * for flows_inferred, since nobody looked who had begun.  Not for flows that
 * the lane wants.
 */
bool lane_wants(const struct lane *lane, const struct tuple *ends);
void lane_count(struct lane *lane, const struct tuple *ends, ns_t first, ns_t last);
void lane_lookup(struct lane *lane, const struct input_lookup *lookup);
void lane_claim(struct lane *lane, const struct input_claim *claim);

/* Have every conversation told that ended, in whichever direction it went; NULL: nobody. */
typedef void lane_flow_fn(const struct lane *lane, const struct flow *flow, void *arg);
void lane_watch(struct lane *lane, lane_flow_fn *watcher, void *arg);

/* File what is still open.  Call at the end, and when a capture goes back in time. */
void lane_flush(struct lane *lane);

/* Borrowed until the lane is freed. */
const struct timeline_table *lane_timelines(const struct lane *lane);
const struct string_table *lane_names(const struct lane *lane);
const struct string_table *lane_fingerprints(const struct lane *lane);
struct coverage lane_coverage(const struct lane *lane);
