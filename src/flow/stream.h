/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream.h - TCP segments put in order, just far enough to read how each side opens.
 *
 *	if (stream_read(pool, s, packet, &view)) {	in order from the beginning on
 *		need = parse(view.bytes, view.len);
 *		if (need > view.len && !view.final)
 *			stream_keep(pool, s, packet, &view, 0, need);
 *		else
 *			stream_settle(pool, s, &packet->tuple);
 *	}
 *
 * The common case copies nothing: the first segment comes first, the parser is
 * content with it, and `view` is the packet's own bytes.  Only when it wants
 * more, or when segments come out of order, a buffer of STREAM_MAX bytes is
 * taken from the pool; stream_read() then says nothing until as many bytes are
 * in order as were asked for, so a parser that asks for what it needs, or
 * doubles, does linear work on a conversation of one-byte segments.
 *
 * Rules (RFC 9293; where systems differ, the one that loses nothing):
 *
 *	start	after the SYN.  A second SYN with another number makes the start
 *		unknown; as without any SYN it is then where the first payload
 *		is, or before, as long as nothing was settled
 *	overlap	the byte that came first stays; a different one is a conflict
 *	urgent	the byte before the urgent pointer is out of band (RFC 6093, 2.1)
 *		and not in the view
 *	cut	bytes that the capture left out are missing: the view ends there
 *	FIN, RST  say nothing here, since anybody can forge one; the flow ends
 *
 * Memory.  The pool is taken at start; a page of it is touched when first
 * used.  When all buffers are in use, the one taken longest ago changes hands:
 * its stream is told by a final view without bytes, and it is counted.
 * Time.  Constant for each segment and linear in its bytes, beside
 * stream_keep() of a part, which moves what is left.
 * Threads.  A pool belongs to one thread.
 * Ownership.  A view is borrowed until the next call.
 */
#pragma once

#include "net/packet.h"

enum { STREAM_MAX = 8192 };

/*
 * How far one direction has been read.  Lives in its flow; all zeros at first;
 * may be moved.
 */
struct stream {
	uint32_t next;	 /* sequence number of the first byte not yet in order; the caller's, once
			    settled */
	uint16_t buffer; /* where what came so far is kept; 0: nowhere */
	uint8_t state;	 /* private to stream.c */
	uint8_t flags;
};
_Static_assert(sizeof(struct stream) == 8, "two of them lie in every flow");

struct stream_pool; /* opaque */

struct stream_view {
	const uint8_t *bytes;
	size_t len;
	bool final;	/* no more will come than this, which may be nothing at all */
	bool midstream; /* no SYN was seen: this may be no beginning */
};

struct stream_stats {
	uint64_t taken;	    /* buffers, so far */
	uint64_t stolen;    /* ... of which were taken away from another stream */
	uint64_t disorders; /* segments that came too early */
	uint64_t conflicts; /* segments that contradict what came before */
	uint64_t given_up;  /* streams whose beginning did not come */
	size_t live;	    /* buffers in use now */
};

/* NULL if memory is short.  At least one buffer, whatever the budget. */
struct stream_pool *stream_pool_new(size_t budget) MUST_USE;
void stream_pool_free(struct stream_pool *pool); /* NULL is fine */
struct stream_stats stream_stats(const struct stream_pool *pool);

/*
 * A segment of this direction, with or without payload.  True if there is
 * something to look at: then stream_keep() or stream_settle() has to follow.
 */
bool stream_read(struct stream_pool *pool, struct stream *s, const struct packet *packet,
		 struct stream_view *out);

/*
 * The first `done` bytes of the view are done with, and may reach beyond it;
 * ask again when more has come and `need` bytes from there on are in order, or
 * at the next byte if none of them is there yet.
 */
void stream_keep(struct stream_pool *pool, struct stream *s, const struct packet *packet,
		 const struct stream_view *view, size_t done, size_t need);

/* Nothing more is to be read.  `sender` is the tuple with this direction's sender first. */
void stream_settle(struct stream_pool *pool, struct stream *s, const struct tuple *sender);

static inline bool stream_is_pending(const struct stream *s)
{
	return s->buffer != 0;
}

/* What waits in a buffer, when the conversation is over: a final view.  False: nothing. */
bool stream_rest(struct stream_pool *pool, struct stream *s, const struct tuple *sender,
		 struct stream_view *out);

/*
 * A buffer for another use, for a conversation without segments: STREAM_MAX
 * bytes, aligned for anything, zeros when first taken.  NULL if it was taken
 * away since.
 */
void *stream_scratch(struct stream_pool *pool, struct stream *s, const struct tuple *sender);
