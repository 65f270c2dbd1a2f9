/* SPDX-License-Identifier: Apache-2.0 */
/*
 * coverage.h - what was seen and what was not: the ground under every conclusion.
 *
 * Every frame has one verdict: frames = the sum of decoded[].
 */
#pragma once

#include "base/hours.h"
#include "base/spans.h"
#include "timeline/timeline.h"

struct coverage {
	uint64_t frames;
	uint64_t cut;		   /* frames of which only the beginning was captured */
	uint64_t tunnelled;	   /* frames that carry packets inside packets */
	uint64_t tunnels_unopened; /* ... or would, if we could open them */
	uint64_t decoded[DECODE_VERDICTS];
	uint64_t datagrams;	  /* put together from fragments ... */
	uint64_t datagrams_lost;  /* ... or not: counted, but read in part at best */
	uint64_t overlaps;	  /* datagrams whose pieces contradict each other */
	uint64_t duplicates;	  /* packets seen twice, as by two taps of one link: counted once */
	uint64_t openings;	  /* beginnings of one direction that were read ... */
	uint64_t openings_unread; /* ... recognised, and then not well formed */
	uint64_t openings_cut;	  /* ... of which only a part was there */
	uint64_t segments_early;  /* TCP segments that had to wait for others */
	uint64_t contradictions;  /* segments that say other than what came before */
	uint64_t rows;		  /* flows that came from logs */
	uint64_t flows, flows_evicted;
	uint64_t outbound, inbound, internal, outside, group; /* flows by direction */
	uint64_t outbound_bytes; /* IP bytes of outbound flows, one way */
	uint64_t lookups;
	uint64_t names_refused, names_evicted, claims_refused;
	struct spans captured, logged; /* when frames were captured, when rows were logged */
	struct spans watched;	       /* both */
	struct hours hours;	       /* in which any frame or row came */
	struct timeline_stats timelines;
};

/* Add up what two looked at; `watched` is left alone. */
void coverage_add(struct coverage *sum, const struct coverage *part);
