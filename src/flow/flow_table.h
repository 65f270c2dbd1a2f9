/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow_table.h - who is talking to whom, right now.
 *
 * The table turns packets into flows: one entry per 5-tuple, counted in both
 * directions, until the conversation ends or falls silent.  Ended flows are
 * handed to a callback.
 *
 *	packet --> flow_table_add() --> [ live flows ] --idle, closed, evicted--> on_end()
 *
 * Initiator: who sent the SYN; else whoever spoke first, marked `inferred`
 * when TCP was joined midstream.  Midstream, a well-known service port
 * (below 1024, when the other is not) is taken for the responder's; a
 * SYN+ACK seen first makes its receiver the initiator, which is no guess.  Packets
 * may come in another order than they were sent: while a flow is younger than half a
 * second, an earlier one by its own time has the say, unless the handshake had.
 *
 * Whoever spoke first may only want to seem so: where a host of the fleet turns out
 * to call out of it, a new flow begins with it as the initiator (initiator.h).  And
 * a SYN from outside begins no new flow on a 5-tuple that a host of the fleet began.
 *
 * Timeouts (silence that ends a flow): TCP 300 s, TCP that was never answered
 * 30 s, TCP closed by both sides or reset 60 s (the
 * TIME_WAIT of Linux: a late FIN or RST is no new conversation), UDP 30 s, everything else 30 s.
 * A SYN with a new sequence number on a closed 5-tuple starts a new flow.  A
 * closed flow ends as FLOW_END_CLOSED, be it by silence or by a flush.
 *
 * Answer: NONE until the responder sends something; REFUSED while all that it
 * sent is RST; else YES.  UNKNOWN when the initiator of a TCP flow goes on
 * past the handshake and yet nothing comes back: only one side is captured.
 *
 * Bursts.  A connection that stays open may hold many calls.  Each time the
 * initiator speaks up after FLOW_BURST_SILENCE_NS without a word from it, what
 * went before, both ways, is told to on_burst() as a flow of its own with its
 * own times and sums (but no in_packets, and FLOW_END_BURST); so is the rest
 * just before on_end().  The bursts of a flow add up to the flow.
 *
 * Copies.  A packet that equals one of the last 20 ms in all that can be told -
 * identification, checksum, sequence number, lengths, what a datagram begins and
 * ends with - came by a second tap.  It
 * is counted in `duplicates` and nowhere else.  Packets without a stamp are never
 * taken for copies, and of more than four that are alike the fifth counts again.
 *
 * Memory.  Room for `capacity` flows is allocated once and never grows.  When
 * it is full the flow that has been silent longest (unanswered and closed ones
 * first) is ended early and counted in `evicted`.
 *
 * Time.  The table believes the packets' own times.  Time never runs
 * backwards: an older packet counts as arriving at the newest time seen, but
 * a flow's `first` and `last` are the packets' own.  So is the silence between
 * two packets of a 5-tuple: if it is too long they are two flows, even in a
 * second capture of hours already past.  A flush lets time start anew.
 *
 * Order.  Flows end in an order that depends on the packets only: by the time
 * when they had been silent for long enough.
 *
 * Threads.  A table belongs to one thread.
 */
#pragma once

#include "flow/flow.h"
#include "flow/home.h"
#include "net/packet.h"

struct flow_table; /* opaque */

/* All is lent for the call.  The callback must not call into the table. */
typedef void flow_end_fn(const struct flow *flow, void *arg);
typedef void flow_ending_fn(struct flow *flow, void *arg);
typedef void flow_burst_fn(const struct flow *burst, const struct flow *flow, void *arg);

#define FLOW_BURST_SILENCE_NS (NS_PER_SEC / 2) /* beats of a second must stay apart */

struct flow_table_config {
	size_t capacity;	   /* most flows alive at once; at least 1 */
	flow_ending_fn *on_ending; /* may add claims before on_burst and on_end; may be NULL */
	flow_end_fn *on_end;
	flow_burst_fn *on_burst; /* may be NULL */
	const struct home *home; /* borrowed; NULL: whoever speaks first is believed */
	void *arg;		 /* handed to on_end */
};

struct flow_table_stats {
	uint64_t flows, packets, evicted, duplicates;
	size_t live;
};

/* NULL if memory is short.  `config` is copied. */
struct flow_table *flow_table_new(const struct flow_table_config *config) MUST_USE;
void flow_table_free(struct flow_table *table); /* ends nothing; NULL is fine */

/* Bytes that a table of this capacity takes. */
size_t flow_table_size(size_t capacity);

/*
 * Count one decoded packet and return its flow, borrowed until the next call,
 * for the caller to write claims into; NULL if the packet is a copy. `*out_outward` tells whether
 * the packet came from the initiator.
 */
struct flow *flow_table_add(struct flow_table *table, const struct packet *packet,
			    bool *out_outward);

/*
 * The same in two steps, for whoever has several packets at hand: what a packet
 * will need can be fetched while others are being added.  A key stays good
 * until the table is freed; flow_table_fetch() is nothing but a hint.
 */
struct flow_key {
	uint64_t hash;
	uint64_t likeness; /* equal for copies; 0: cannot be told */
	uint16_t place;	   /* where copies meet */
	bool low_first;	   /* the packet's src is the lower end */
};
struct flow_key flow_table_key(const struct flow_table *table, const struct packet *packet);
void flow_table_fetch(const struct flow_table *table, const struct flow_key *key);
struct flow *flow_table_add_keyed(struct flow_table *table, const struct packet *packet,
				  const struct flow_key *key, bool *out_outward);

/*
 * A new call begins with the packet of `when`, though nobody had been silent: what
 * went before is told as a burst.  `flow` comes from flow_table_add() just now.
 */
void flow_table_cut(struct flow_table *table, struct flow *flow, ns_t when);

/* End every live flow (FLOW_END_INPUT; FLOW_END_CLOSED if it was), by start, then by tuple. */
void flow_table_flush(struct flow_table *table);

struct flow_table_stats flow_table_stats(const struct flow_table *table);
