/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opening.h - read what a conversation claims to be from how each side begins.
 *
 *	packet --> in order (stream.h) --> which language? --> its parser --> claims
 *
 * By what is said first, by the port second: TLS (name, ALPN, versions, JA3,
 * JA4; of the server the version taken and the certificate up to TLS 1.2),
 * HTTP/1 (name, agent, proxies), HTTP/2, SSH (banner, HASSH), SOCKS, DNS over
 * UDP and TCP (answers feed the name map), QUIC, DTLS, NTP, and whatever
 * spoken.h knows.  Behind CONNECT or SOCKS the tunnelled hello is read too.
 *
 * CLAIM_OTHER_PROTOCOL means that something else was said than what belongs on
 * the port; silence, a conversation joined midway, and ports where the server
 * speaks first claim nothing.
 *
 * Time.  Once a direction is settled, opening_wants() is all that a packet
 * costs: two comparisons.  Otherwise linear in the bytes, parsers being asked
 * only when as much is there as they wanted.
 * Memory.  The buffers of streams.  Threads.  A context belongs to one thread.
 */
#pragma once

#include "base/string_table.h"
#include "flow/flow.h"
#include "flow/home.h"
#include "flow/name_map.h"
#include "input/input.h"
#include "intel/intel.h"
#include "net/packet.h"
#include "proto/http.h"

struct quic_keys;
struct questions;

struct opening_stats {
	uint64_t openings;  /* directions in which something was read */
	uint64_t unread;    /* ... recognised, and then not well formed */
	uint64_t cut;	    /* ... settled on a part of what the parser wanted */
	uint64_t requests;  /* further HTTP requests */
	uint64_t datagrams; /* Initials of QUIC handed to its parser */
};

struct opening_context {
	struct string_table *names; /* of hosts */
	struct string_table
		*fingerprints; /* of clients: JA3, JA4, agents, and struct fingerprint */
	struct name_map *name_map;
	const struct home *home;     /* may be NULL: nobody is known to be of the fleet */
	uint64_t *lookups;	     /* counts DNS responses read */
	struct questions *questions; /* takes all of DNS; may be NULL */
	const struct intel *intel;   /* NULL: no lists */
	/* Told of each answer, if there are lists. */
	void (*on_lookup)(void *arg, const struct input_lookup *lookup);
	void *on_lookup_arg;
	struct stream_pool *streams;
	struct quic_keys *quic;
	struct opening_stats *stats;
};

/*
 * Makes `streams`, within `budget` bytes, `quic` and `stats`; the others are the
 * caller's.  False if memory is short; opening_fini() is due in either case.
 */
bool opening_init(struct opening_context *context, size_t budget) MUST_USE;
void opening_fini(struct opening_context *context);

/* How a flow remembers, in `opening_out` and `opening_in`: looks taken so far; or this. */
enum { OPENING_SETTLED = 0x80, OPENING_LOOKS_MAX = OPENING_SETTLED - 1 };

/* Has this packet anything to be read? */
static inline bool opening_wants(const struct flow *flow, const struct packet *packet, bool outward)
{
	unsigned int seen = outward ? flow->opening_out : flow->opening_in;

	if (!packet->payload_captured && !(packet->tcp_flags & TCP_SYN))
		return false;
	if (!(seen & OPENING_SETTLED))
		return !packet->carries;
	return outward && flow->app == APP_HTTP && packet->payload_captured &&
	       http_is_request(packet->payload, packet->payload_captured);
}

/* Reads a packet that opening_wants(). */
void opening_read(const struct opening_context *context, struct flow *flow,
		  const struct packet *packet, bool outward);

/* The conversation is over: make do with what is there.  Call before anyone is told of it. */
void opening_ended(const struct opening_context *context, struct flow *flow);

/* Is this name (a number in `names`) the text of an IP address? */
bool opening_name_is_address(const struct string_table *names, uint32_t name);
