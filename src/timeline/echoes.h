/* SPDX-License-Identifier: Apache-2.0 */
/*
 * echoes.h - what a host and another say to each other in pings.
 *
 * An echo is to bring back what was sent (RFC 792, RFC 4443), and what is sent is a
 * filling that stays the same: behind a time stamp, letters or numbers in a row.  A
 * tunnel's differ, and its replies are not what was asked.  Kept for each (host, other):
 * how many of each, how long, how much in one differs from the one before, and
 * how many replies were to nothing that was asked lately.
 *
 *	packet --> echoes_note() --> struct echo_facts --> detectors
 *
 * Only packets captured whole are compared; the first ECHO_STAMP bytes, where time
 * stamps lie, are not.
 *
 * Memory.  One budget, about 900 bytes a pair; see sheets.h.
 * Time.  About 1 ns a byte of payload, at most ECHO_KEPT of them, for pings only.
 * Threads.  A table belongs to one thread while it grows; reading is free.
 */
#pragma once

#include "net/packet.h"

enum { ECHO_STAMP = 24, ECHO_KEPT = 256, ECHO_ASKED = 8 };

struct echo_key {
	struct address host, other;
};

/* One way. */
struct echo_way {
	uint32_t requests, replies;
	uint32_t compared;	/* of both, with one of the same kind before */
	uint32_t different;	/* ... that were not the filling of that one */
	uint64_t bytes;		/* payload of both, behind the ICMP header */
	uint64_t changed_bytes; /* not as in the one before, length included */
	uint32_t shortest, longest;
	uint32_t checked, unlike; /* replies to the other's requests; not what was asked */

	/* Private to echoes.c. */
	uint64_t asked[ECHO_ASKED]; /* hashes of requests, a ring */
	uint8_t last[2][ECHO_KEPT]; /* request, reply: what stood behind the stamp */
	uint16_t last_len[2];
};

struct echo_facts {
	struct echo_key key;
	uint8_t zero[2]; /* no hole */
	uint32_t packets;
	struct echo_way out, in;
};

struct echo_table; /* opaque */

struct echo_table *echo_table_new(size_t budget) MUST_USE; /* NULL: no memory */
void echo_table_free(struct echo_table *table);		   /* NULL is fine */

/* A packet of ICMP or ICMPv6 between them; any but echoes are let go. */
void echoes_note(struct echo_table *table, const struct address *host, const struct packet *packet);

const struct echo_facts *echo_table_find(const struct echo_table *table, const struct address *host,
					 const struct address *other);
size_t echo_table_count(const struct echo_table *table);
const struct echo_facts *echo_table_at(const struct echo_table *table, size_t number);
