/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How it works
 * ============
 *
 * Offsets count from the beginning of what is still to be read.  In a buffer a
 * byte lies at its offset, whenever it comes:
 *
 *	0            have                        end      STREAM_MAX
 *	| in order   |    gap   | kept | gap | kept |         |
 *
 *	next = number of the byte at `have`
 *
 * `present` has a bit for each byte beyond `have`, and is only in use while
 * there are gaps; so any number of gaps costs the same.  `urgent` has a bit
 * for each byte that is out of band, and is only in use if there is one.  It
 * stays where it is, so that a retransmission finds its place, and is left
 * out of the copy that a view then is.
 *
 * Buffers in use are on a list, oldest first.  A stream whose buffer went to
 * another one learns it from the tuple in there: of the streams that are alive
 * no two have the same.
 */
#include "flow/stream.h"

#include <string.h>

enum { WORD = 64, WORDS = STREAM_MAX / WORD };

/* Segments in a row that bring a stream no further, before it is given up. */
enum { PATIENCE = 63 };

#define NOWHERE UINT32_MAX

enum state {
	STATE_NEW,   /* the start is not known */
	STATE_KNOWN, /* it is; no payload came */
	STATE_OPEN,
	STATE_DONE,
};

enum {
	FLAG_SYN = 1 << 0,     /* one was seen */
	FLAG_GUESSED = 1 << 1, /* the start is where the first payload was */
	PATIENCE_UNIT = 1 << 2,
	FLAGS = PATIENCE_UNIT - 1,
};

struct kept {
	struct tuple sender;
	uint32_t have, end, need;
	uint32_t filled;       /* bytes ever put in, since the beginning was moved */
	uint32_t cut;	       /* from here on bytes are missing for good; NOWHERE: none are */
	bool gaps;	       /* `present` is in use */
	bool out_of_band;      /* `urgent` is in use */
	uint16_t older, newer; /* in use: by age; else `newer` is the next free one */
};

struct buffer {
	_Alignas(64) uint8_t bytes[STREAM_MAX];
	uint64_t present[WORDS], urgent[WORDS];
};

struct stream_pool {
	struct buffer *buffers; /* [0] is the copy without urgent bytes */
	struct kept *kept;	/* [0] is not used */
	struct stream_stats stats;
	uint16_t count, fresh; /* highest number; buffers from `fresh` on were never used */
	uint16_t free, oldest, newest;
};

/*
 * The pool.
 */
struct stream_pool *stream_pool_new(size_t budget)
{
	struct stream_pool *pool = calloc(1, sizeof(*pool));
	size_t count = budget / (sizeof(struct buffer) + sizeof(struct kept));

	if (!pool)
		return NULL;
	count = count < 2 ? 1 : count - 1;
	pool->count = count < UINT16_MAX ? (uint16_t)count : UINT16_MAX - 1;
	pool->fresh = 1;
	pool->buffers = aligned_alloc(64, (pool->count + 1U) * sizeof(*pool->buffers));
	pool->kept = calloc(pool->count + 1U, sizeof(*pool->kept));
	if (!pool->buffers || !pool->kept) {
		stream_pool_free(pool);
		return NULL;
	}
	return pool;
}

void stream_pool_free(struct stream_pool *pool)
{
	if (!pool)
		return;
	free(pool->buffers);
	free(pool->kept);
	free(pool);
}

struct stream_stats stream_stats(const struct stream_pool *pool)
{
	return pool->stats;
}

static void unlink_buffer(struct stream_pool *pool, uint16_t n)
{
	struct kept *k = &pool->kept[n];

	if (k->older)
		pool->kept[k->older].newer = k->newer;
	else
		pool->oldest = k->newer;
	if (k->newer)
		pool->kept[k->newer].older = k->older;
	else
		pool->newest = k->older;
	pool->stats.live--;
}

static uint16_t find_room(struct stream_pool *pool)
{
	uint16_t n = pool->free;

	if (n) {
		pool->free = pool->kept[n].newer;
	} else if (pool->fresh <= pool->count) {
		n = pool->fresh++;
	} else {
		n = pool->oldest;
		unlink_buffer(pool, n);
		pool->stats.stolen++;
	}
	return n;
}

static struct kept *take(struct stream_pool *pool, struct stream *s, const struct tuple *sender)
{
	uint16_t n = find_room(pool);
	struct kept *k = &pool->kept[n];

	*k = (struct kept){.sender = *sender, .need = 1, .cut = NOWHERE, .older = pool->newest};
	if (pool->newest)
		pool->kept[pool->newest].newer = n;
	else
		pool->oldest = n;
	pool->newest = n;
	pool->stats.taken++;
	pool->stats.live++;
	s->buffer = n;
	return k;
}

/* What this stream keeps; NULL if nothing, or if its buffer is another's now. */
static struct kept *kept_by(struct stream_pool *pool, const struct stream *s,
			    const struct tuple *sender)
{
	struct kept *k = &pool->kept[s->buffer];

	return s->buffer && !memcmp(&k->sender, sender, sizeof(*sender)) ? k : NULL;
}

static void give_back(struct stream_pool *pool, struct stream *s, struct kept *k)
{
	unlink_buffer(pool, s->buffer);
	memset(&k->sender, 0, sizeof(k->sender));
	k->newer = pool->free;
	pool->free = s->buffer;
	s->buffer = 0;
}

void stream_settle(struct stream_pool *pool, struct stream *s, const struct tuple *sender)
{
	struct kept *k = kept_by(pool, s, sender);

	if (k)
		give_back(pool, s, k);
	s->buffer = 0;
	s->state = STATE_DONE;
}

void *stream_scratch(struct stream_pool *pool, struct stream *s, const struct tuple *sender)
{
	if (!s->buffer) {
		take(pool, s, sender);
		memset(pool->buffers[s->buffer].bytes, 0, STREAM_MAX);
	}
	return kept_by(pool, s, sender) ? pool->buffers[s->buffer].bytes : NULL;
}

/*
 * Bits.
 */
static uint64_t bits_between(uint32_t from, uint32_t to) /* both within one word, from < to */
{
	return UINT64_MAX >> (WORD - (to - from)) << from % WORD;
}

static uint32_t word_end(uint32_t from, uint32_t to)
{
	uint32_t end = (from / WORD + 1) * WORD;

	return end < to ? end : to;
}

static void set_bits(uint64_t *bits, uint32_t from, uint32_t to)
{
	for (uint32_t next; from < to; from = next) {
		next = word_end(from, to);
		bits[from / WORD] |= bits_between(from, next);
	}
}

static void shift_bits_down(uint64_t *bits, uint32_t by)
{
	uint32_t words = by / WORD, rest = by % WORD;

	for (uint32_t i = 0; i < WORDS; i++) {
		uint64_t low = i + words < WORDS ? bits[i + words] : 0;
		uint64_t high = i + words + 1 < WORDS ? bits[i + words + 1] : 0;

		bits[i] = rest ? low >> rest | high << (WORD - rest) : low;
	}
}

static void shift_bits_up(uint64_t *bits, uint32_t by)
{
	uint32_t words = by / WORD, rest = by % WORD;

	for (uint32_t i = WORDS; i-- > 0;) {
		uint64_t high = i >= words ? bits[i - words] : 0;
		uint64_t low = i >= words + 1 ? bits[i - words - 1] : 0;

		bits[i] = rest ? high << rest | low >> (WORD - rest) : high;
	}
}

/*
 * Bytes into a buffer.
 */
static void start_gaps(struct kept *k, struct buffer *b)
{
	if (!k->gaps)
		memset(b->present, 0, sizeof(b->present));
	k->gaps = true;
}

/* Let `have` run over what was kept before. */
static void advance(struct kept *k, const struct buffer *b)
{
	while (k->have < k->end) {
		uint64_t missing = ~b->present[k->have / WORD] >> k->have % WORD;

		if (missing) {
			k->have += (uint32_t)__builtin_ctzll(missing);
			break;
		}
		k->have = (k->have / WORD + 1) * WORD;
	}
	k->gaps = k->have < k->end;
}

/* Bytes beyond `have` that may have been kept before; true if they contradict. */
static bool put_among_gaps(struct kept *k, struct buffer *b, uint32_t from, uint32_t to,
			   const uint8_t *bytes)
{
	bool conflict = false;

	for (uint32_t next; from < to; bytes += next - from, from = next) {
		next = word_end(from, to);

		uint64_t mine = bits_between(from, next), *present = &b->present[from / WORD];

		if (!(*present & mine)) {
			memcpy(b->bytes + from, bytes, next - from);
		} else if ((*present & mine) == mine) {
			conflict |= memcmp(b->bytes + from, bytes, next - from) != 0;
		} else {
			for (uint32_t i = from; i < next; i++) {
				if (!(*present >> i % WORD & 1))
					b->bytes[i] = bytes[i - from];
				conflict |= b->bytes[i] != bytes[i - from];
			}
		}
		k->filled += (uint32_t)__builtin_popcountll(mine & ~*present);
		*present |= mine;
	}
	return conflict;
}

static bool put(struct kept *k, struct buffer *b, uint32_t from, uint32_t to, const uint8_t *bytes)
{
	bool conflict = false;

	if (from < k->have) {
		uint32_t old = to < k->have ? to : k->have;

		conflict = memcmp(b->bytes + from, bytes, old - from) != 0;
		bytes += old - from;
		from = old;
	}
	if (from >= to)
		return conflict;
	if (from > k->have)
		start_gaps(k, b);
	if (k->gaps) {
		conflict |= put_among_gaps(k, b, from, to, bytes);
	} else {
		memcpy(b->bytes + from, bytes, to - from);
		k->filled += to - from;
	}
	if (from == k->have)
		k->have = to;
	if (k->end < to)
		k->end = to;
	if (k->gaps)
		advance(k, b);
	return conflict;
}

/* Make room for `by` bytes before the beginning. */
static void move_up(struct kept *k, struct buffer *b, uint32_t by)
{
	uint32_t end = k->end + by < STREAM_MAX ? k->end + by : STREAM_MAX;

	start_gaps(k, b);
	set_bits(b->present, 0, k->have);
	shift_bits_up(b->present, by);
	if (k->out_of_band)
		shift_bits_up(b->urgent, by);
	memmove(b->bytes + by, b->bytes, end - by);
	if (k->cut != NOWHERE)
		k->cut += by;
	k->have = 0;
	k->end = end;
}

/* Forget the first `by` bytes, there or not. */
static void move_down(struct kept *k, struct buffer *b, uint32_t by)
{
	if (k->end > by)
		memmove(b->bytes, b->bytes + by, k->end - by);
	if (k->gaps)
		shift_bits_down(b->present, by < STREAM_MAX ? by : STREAM_MAX);
	if (k->out_of_band)
		shift_bits_down(b->urgent, by < STREAM_MAX ? by : STREAM_MAX);
	k->have = k->have > by ? k->have - by : 0;
	k->end = k->end > by ? k->end - by : 0;
	if (k->cut != NOWHERE)
		k->cut = k->cut > by ? k->cut - by : NOWHERE;
	if (k->gaps)
		advance(k, b);
}

/*
 * The view.
 */
static size_t copy_in_band(struct stream_pool *pool, const struct kept *k, const struct buffer *b)
{
	uint8_t *out = pool->buffers[0].bytes;
	size_t len = 0;

	for (uint32_t i = 0; i < k->have; i++)
		if (!(b->urgent[i / WORD] >> i % WORD & 1))
			out[len++] = b->bytes[i];
	return len;
}

static uint32_t count_urgent(const struct kept *k, const struct buffer *b)
{
	uint32_t count = 0;

	for (uint32_t i = 0, next; i < k->have; i = next) {
		next = word_end(i, k->have);
		count +=
			(uint32_t)__builtin_popcountll(b->urgent[i / WORD] & bits_between(i, next));
	}
	return count;
}

/* How many sequence numbers the first `len` bytes of a view take. */
static uint32_t span_of(const struct kept *k, const struct buffer *b, size_t len)
{
	uint32_t i = 0;

	if (!k->out_of_band)
		return (uint32_t)len;
	for (size_t seen = 0; seen < len; i++)
		seen += i >= STREAM_MAX || !(b->urgent[i / WORD] >> i % WORD & 1);
	return i;
}

static bool is_midstream(const struct stream *s)
{
	return !(s->flags & FLAG_SYN);
}

/* True if what was asked for is there, or if no more will come. */
static bool look(struct stream_pool *pool, struct stream *s, const struct kept *k, bool final,
		 struct stream_view *out)
{
	const struct buffer *b = &pool->buffers[s->buffer];

	final |= k->have == STREAM_MAX || k->have == k->cut || k->filled > 2 * STREAM_MAX;
	if (!final && k->have - (k->out_of_band ? count_urgent(k, b) : 0) < k->need)
		return false;
	*out = (struct stream_view){
		.bytes = k->out_of_band ? pool->buffers[0].bytes : b->bytes,
		.len = k->out_of_band ? copy_in_band(pool, k, b) : k->have,
		.final = final,
		.midstream = is_midstream(s),
	};
	return true;
}

bool stream_rest(struct stream_pool *pool, struct stream *s, const struct tuple *sender,
		 struct stream_view *out)
{
	const struct kept *k = kept_by(pool, s, sender);

	return k && look(pool, s, k, true, out);
}

static bool nothing_more(const struct stream *s, struct stream_view *out)
{
	*out = (struct stream_view){.final = true, .midstream = is_midstream(s)};
	return true;
}

void stream_keep(struct stream_pool *pool, struct stream *s, const struct packet *p,
		 const struct stream_view *view, size_t done, size_t need)
{
	struct kept *k = kept_by(pool, s, &p->tuple);
	size_t left = view->len > done ? view->len - done : 0;

	if (done)
		s->flags &= (uint8_t)~FLAG_GUESSED; /* nothing is before what was read */
	if (k) {
		struct buffer *b = &pool->buffers[s->buffer];
		uint32_t base = s->next - k->have, span = span_of(k, b, done);

		if (span) {
			move_down(k, b, span);
			k->filled = k->end;
		}
		s->next = base + span + k->have;
		if (!k->end && !k->out_of_band) {
			give_back(pool, s, k);
			return;
		}
	} else {
		s->next += (uint32_t)done;
		if (!left)
			return;
		k = take(pool, s, &p->tuple);
		put(k, &pool->buffers[s->buffer], 0,
		    left < STREAM_MAX ? (uint32_t)left : STREAM_MAX, view->bytes + done);
		s->next += k->have;
	}
	if (k->have == 0)
		need = 1;
	k->need = need < STREAM_MAX ? (uint32_t)need : STREAM_MAX;
}

/*
 * A segment.
 */
static void see_syn(struct stream *s, uint32_t start)
{
	if (s->state == STATE_NEW && !(s->flags & FLAG_SYN)) {
		s->next = start;
		s->state = STATE_KNOWN;
		s->flags |= FLAG_SYN;
	} else if (s->state == STATE_KNOWN && !s->buffer && s->next != start) {
		s->state = STATE_NEW; /* which of them the other side took will be seen */
	}
}

/* True if patience ends with this segment, which brought the stream no further. */
static bool is_stuck(struct stream_pool *pool, struct stream *s)
{
	if (s->flags / PATIENCE_UNIT == PATIENCE) {
		pool->stats.given_up++;
		return true;
	}
	s->flags = (uint8_t)(s->flags + PATIENCE_UNIT);
	return false;
}

static void mark_urgent(struct kept *k, struct buffer *b, const struct packet *p, int32_t offset)
{
	int64_t at = (int64_t)offset + (p->tcp_urgent ? p->tcp_urgent - 1 : 0);

	if (!(p->tcp_flags & TCP_URG) || at < k->have || at >= STREAM_MAX)
		return;
	if (!k->out_of_band)
		memset(b->urgent, 0, sizeof(b->urgent));
	k->out_of_band = true;
	set_bits(b->urgent, (uint32_t)at, (uint32_t)at + 1);
}

/* A keep-alive repeats the last byte's number with any byte (RFC 9293, 3.8.4). */
static bool is_keep_alive(const struct kept *k, int32_t offset, uint32_t len)
{
	return len <= 1 && offset + 1 == (int32_t)k->have;
}

/* Put the segment, which begins at `offset`, where it belongs. */
static void keep_segment(struct stream_pool *pool, struct stream *s, struct kept *k,
			 const struct packet *p, int32_t offset)
{
	struct buffer *b = &pool->buffers[s->buffer];
	int32_t from = offset > 0 ? offset : 0, to = offset + (int32_t)p->payload_captured;

	if (to > (int32_t)k->have) {
		mark_urgent(k, b, p, offset);
		if (p->payload_captured < p->payload_bytes &&
		    ((uint32_t)to < k->cut || k->cut < k->have))
			k->cut = (uint32_t)to;
	}
	pool->stats.disorders += offset > (int32_t)k->have;
	if (to > STREAM_MAX)
		to = STREAM_MAX;
	if (from < to && !is_keep_alive(k, offset, p->payload_bytes))
		pool->stats.conflicts +=
			put(k, b, (uint32_t)from, (uint32_t)to, p->payload + (from - offset));
}

/* Beyond this a number is no place in the stream, and an offset would overflow. */
enum { FAR_AWAY = 1 << 28 };

/* All but the common case: something is kept, or the segment is not the next one. */
static bool read_slowly(struct stream_pool *pool, struct stream *s, const struct packet *p,
			uint32_t seq, struct stream_view *out)
{
	struct kept *k = kept_by(pool, s, &p->tuple);
	uint32_t base = s->next - (k ? k->have : 0), before;
	int32_t offset = (int32_t)(seq - base);

	if (s->buffer && !k)
		return nothing_more(s, out);
	if (offset < -FAR_AWAY || offset >= STREAM_MAX || p->payload_captured > FAR_AWAY)
		return is_stuck(pool, s) &&
		       (k ? look(pool, s, k, true, out) : nothing_more(s, out));
	if (!k) {
		if (offset + (int32_t)p->payload_captured <= 0)
			return false;
		k = take(pool, s, &p->tuple);
	}
	if (offset < 0 && offset > -STREAM_MAX && s->flags & FLAG_GUESSED && p->payload_bytes > 1) {
		move_up(k, &pool->buffers[s->buffer], (uint32_t)-offset);
		base = seq;
		offset = 0;
	}
	before = k->filled;
	keep_segment(pool, s, k, p, offset);
	s->next = base + k->have;
	if (k->filled > before) {
		s->flags &= FLAGS;
		return look(pool, s, k, false, out);
	}
	return is_stuck(pool, s) && look(pool, s, k, true, out);
}

bool stream_read(struct stream_pool *pool, struct stream *s, const struct packet *p,
		 struct stream_view *out)
{
	uint32_t seq = p->tcp_seq;

	if (s->state == STATE_DONE)
		return false;
	if (p->tcp_flags & TCP_SYN)
		see_syn(s, ++seq);
	if (!p->payload_captured)
		return false;
	if (s->state == STATE_NEW) {
		s->next = seq;
		s->state = STATE_OPEN;
		s->flags |= FLAG_GUESSED;
	}
	if (s->next != seq || s->buffer || p->tcp_flags & TCP_URG)
		return read_slowly(pool, s, p, seq, out);
	s->state = STATE_OPEN;
	s->flags &= FLAGS;
	*out = (struct stream_view){
		.bytes = p->payload,
		.len = p->payload_captured,
		.final =
			p->payload_captured < p->payload_bytes || p->payload_captured >= STREAM_MAX,
		.midstream = is_midstream(s),
	};
	return true;
}
