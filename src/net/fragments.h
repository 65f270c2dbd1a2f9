/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fragments.h - put the pieces of IP datagrams together again.
 *
 *	DECODE_FRAGMENT --> fragment_table_add() --> [ datagrams ] --whole, too old, pushed out-->
 *		packets, as decode_frame() would have found them
 *
 * A datagram that is whole is decoded on, transport and tunnels, and handed on
 * with the time of its last piece and the bytes of all its pieces.  One that
 * does not become whole within 30 s of its first piece, or is pushed out by
 * newer ones, is handed on too, with what can be told: ports if its beginning is
 * there, and the bytes so far.  So nothing escapes being counted.
 *
 * Which pieces belong together: addresses, protocol, identification and virtual
 * network (RFC 791, RFC 8200).  A fragment found in a datagram put together here,
 * because a tunnel's outside was cut up as well as its inside, is added in turn.
 *
 * Overlaps.  A piece that says again what is known is a copy: harmless, and not
 * counted in bytes; so is one of a datagram that became whole less than a second
 * ago, as a second tap brings it.  Any other overlap makes an IPv6 datagram
 * worthless (RFC 5722): it is kept as one that never becomes whole, and nobody reads
 * its payload.  Of IPv4 the first bytes win.
 *
 * Refused, and handed on alone: a piece that is empty, ends beyond 65,535 bytes
 * or beyond the last one, is not the last and no multiple of 8 bytes long, or
 * would be one of too many (64 runs with holes between them, 8,192 pieces).
 *
 * Captured in part.  A datagram is whole when all its bytes were on the wire; its
 * payload is what was captured without a gap from its beginning.
 *
 * Memory.  `budget` bytes, allocated at start and touched as used, but at least
 * 384 KiB.  A piece takes time in proportion to its length, whatever came before.
 * Time.  As the packets tell it; it never runs backwards.
 * Threads.  A table belongs to one thread.
 */
#pragma once

#include "net/packet.h"

struct fragment_table; /* opaque */

/*
 * What one datagram held, lent for the call.  `verdict` is what decode_frame()
 * would have said of it, so with DECODE_OK all packets are whole; DECODE_FRAGMENT:
 * it never became whole.  packets[0] is the datagram itself, always there, with
 * `fragment` set.  The callback must not call into the table.
 */
typedef void fragment_packets_fn(enum decode_verdict verdict, const struct packet *packets,
				 unsigned count, void *arg);

struct fragment_stats {
	uint64_t pieces;      /* all that were added, refused ones included */
	uint64_t whole;	      /* datagrams put together ... */
	uint64_t given_up;    /* ... that became too old, or were open at a flush */
	uint64_t pushed_out;  /* ... that had to make room */
	uint64_t overlapping; /* datagrams with an overlap, whatever became of them */
	uint64_t duplicates;  /* pieces that were there already */
	uint64_t refused;     /* pieces that cannot be right */
};

/* NULL if memory is short. */
struct fragment_table *fragment_table_new(size_t budget, fragment_packets_fn *on_packets,
					  void *arg) MUST_USE;
void fragment_table_free(struct fragment_table *table); /* hands on nothing; NULL is fine */

/* `piece`: the last packet of a frame with DECODE_FRAGMENT.  Copied as needed. */
void fragment_table_add(struct fragment_table *table, const struct packet *piece);

/*
 * Other packets tell the time, too: what is too old by now should not wait for
 * the next fragment, for the conversation that it is of may be over by then.
 */
void fragment_table_tick(struct fragment_table *table, ns_t when);

/* Hand on what is open, oldest first; time starts anew. */
void fragment_table_flush(struct fragment_table *table);

struct fragment_stats fragment_table_stats(const struct fragment_table *table);
