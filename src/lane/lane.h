/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lane.h - one line of work: from frames and log rows to timelines.
 *
 *	packet --> flow table --claims--> ended flow --+
 *	log row -----------------------------> flow ---+--> outbound? --> timelines
 *
 * A lane owns everything its hosts need: flow table, names, timelines.  All
 * traffic of one fleet host goes to one lane, so a look-up and the call that
 * follows it meet without a lock.
 *
 * Memory.  One budget, divided at start; see lane_new().
 * Threads.  A lane belongs to one thread.
 */
#pragma once

#include "base/string_table.h"
#include "flow/flow_table.h"
#include "flow/home.h"
#include "input/input.h"
#include "intel/intel.h"
#include "lane/claimed.h"
#include "lane/coverage.h"
#include "timeline/domains.h"
#include "timeline/echoes.h"

struct lane; /* opaque */

/* NULL if memory is short.  `home` is copied. */
struct lane *lane_new(const struct home *home, size_t budget) MUST_USE;
void lane_free(struct lane *lane); /* NULL is fine */

/*
 * Of `packets` those numbered in `which`, all of this lane's hosts, in the order of
 * capture.  Payload and all may go when it returns.
 */
void lane_packets(struct lane *lane, const struct packet *packets, const uint16_t *which,
		  size_t count);

/* What another log claims for a row: its number, and the texts that it refers to. */
struct lane_claim {
	uint32_t number;
	const struct string_table *texts;
	struct claimed claimed;
};

/* A row of a log, and what another log claims for it, if that is known (else NULL). */
void lane_flow(struct lane *lane, const struct flow *flow, const struct lane_claim *claim);

/*
 * Is a flow between these ends outbound, so that lane_flow() would file it?  The
 * rest need not be read: lane_count() counts them as lane_flow() would, but
 * for flows_inferred, since nobody looked who had begun.  Not for flows that
 * the lane wants.
 */
bool lane_wants(const struct lane *lane, const struct tuple *ends);
void lane_count(struct lane *lane, const struct tuple *ends, ns_t first, ns_t last);

/* What the host that was called served in a flow that is only counted, if it is of the fleet. */
void lane_served(struct lane *lane, const struct tuple *ends, ns_t first, ns_t last,
		 uint64_t bytes);
void lane_lookup(struct lane *lane, const struct input_lookup *lookup);

/* Have every conversation told that ended, in whichever direction it went; NULL: nobody. */
typedef void lane_flow_fn(const struct lane *lane, const struct flow *flow, void *arg);
void lane_watch(struct lane *lane, lane_flow_fn *watcher, void *arg);

/* Ask these lists of whatever leaves the fleet from now on; false: no memory.  Borrowed. */
bool lane_use_intel(struct lane *lane, const struct intel *intel) MUST_USE;

/* File what is still open. */
void lane_flush(struct lane *lane);

/*
 * The same, for good: what is only needed to take in more is freed, so that
 * judging has its room.  Timelines, names, fingerprints and coverage stay.
 */
void lane_finish(struct lane *lane);

/* Borrowed until the lane is freed. */
const struct timeline_table *lane_timelines(const struct lane *lane);
const struct load_table *lane_loads(const struct lane *lane);
const struct timeline_table *lane_domain_calls(const struct lane *lane); /* GROUP_DOMAIN */
const struct echo_table *lane_echoes(const struct lane *lane);
const struct domain_table *lane_domains(const struct lane *lane);
const struct string_table *lane_names(const struct lane *lane);
const struct string_table *lane_fingerprints(const struct lane *lane);
struct coverage lane_coverage(const struct lane *lane); /* without `watched` */
