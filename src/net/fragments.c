/* SPDX-License-Identifier: Apache-2.0 */
#include "net/fragments.h"

#include "base/hash.h"
#include "net/peel.h"
#include "net/runs.h"

#include <string.h>

enum {
	DATAGRAM_MAX = 65535,
	BLOCK_SIZE = 1024,
	BLOCKS_EACH = 64, /* enough for the longest datagram */
	PIECES_MAX = 8192,
	BUDGET_MIN = 384 * 1024,
};

static const ns_t PATIENCE = 30 * NS_PER_SEC; /* what Linux grants IPv4 */
static const ns_t ECHO_TIME = NS_PER_SEC;     /* in which copies of a whole datagram come */

/* Ports are 0 in the tuple, and everything is significant: hashed and compared as a whole. */
struct key {
	struct tuple tuple;
	uint32_t id;
};
_Static_assert(sizeof(struct key) == 48, "a key is hashed whole: it must have no holes");

enum datagram_state {
	OPEN,
	OVERLAPPED, /* an IPv6 datagram that can never be whole */
	WHOLE,	    /* handed on; here to tell copies */
};

/* Bytes lie in blocks, by their place: byte n in block n / BLOCK_SIZE; 0 is no block. */
struct datagram {
	struct key key;
	ns_t born, last; /* born by the table's clock, last by the packet's own */
	uint32_t next;	 /* with the same hash */
	uint32_t older, newer;
	uint32_t bytes; /* of all pieces, IP headers included */
	uint32_t total; /* payload bytes of the whole, 0: not known */
	uint16_t pieces;
	uint8_t state; /* enum datagram_state */
	uint8_t inside;
	bool overlaps; /* counted */
	struct runs runs;
	uint32_t blocks[BLOCKS_EACH];
};

/* By age; a datagram is on one of two. */
struct queue {
	uint32_t oldest, newest;
};

struct fragment_table {
	fragment_packets_fn *on_packets;
	void *arg;
	struct hash_key hash_key;
	ns_t now;
	struct fragment_stats stats;
	struct queue open, whole;
	uint32_t bucket_mask, free_slot, free_block, slots_used, blocks_used, slot_count,
		block_count;
	uint32_t *buckets;
	struct datagram *datagrams; /* [0] is not used */
	uint8_t *blocks;	    /* likewise; a free one holds the next's number */
	uint8_t *room, *spare_room; /* to lay out one datagram; spare: to make room for another */
};

/* A third of the budget for what is known of datagrams, the rest for their bytes. */
static void divide(struct fragment_table *t, size_t budget)
{
	size_t each = sizeof(struct datagram) + 2 * sizeof(uint32_t);
	size_t buckets = 64, most = UINT32_MAX / 4;

	budget = (budget < BUDGET_MIN ? BUDGET_MIN : budget) - 2 * DATAGRAM_MAX;
	t->slot_count = (uint32_t)(budget / 3 / each < most ? budget / 3 / each : most);
	while (buckets < t->slot_count)
		buckets *= 2;
	t->bucket_mask = (uint32_t)buckets - 1;
	budget -= t->slot_count * sizeof(struct datagram) + buckets * sizeof(uint32_t);
	t->block_count = (uint32_t)(budget / BLOCK_SIZE < most ? budget / BLOCK_SIZE : most);
}

struct fragment_table *fragment_table_new(size_t budget, fragment_packets_fn *on_packets, void *arg)
{
	struct fragment_table *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->on_packets = on_packets;
	t->arg = arg;
	t->hash_key = hash_key_new();
	t->now = INT64_MIN;
	divide(t, budget);
	t->buckets = calloc((size_t)t->bucket_mask + 1, sizeof(*t->buckets));
	t->datagrams = calloc((size_t)t->slot_count + 1, sizeof(*t->datagrams));
	t->blocks = calloc((size_t)t->block_count + 1, BLOCK_SIZE);
	t->room = malloc(DATAGRAM_MAX);
	t->spare_room = malloc(DATAGRAM_MAX);
	if (!t->buckets || !t->datagrams || !t->blocks || !t->room || !t->spare_room) {
		fragment_table_free(t);
		return NULL;
	}
	return t;
}

void fragment_table_free(struct fragment_table *t)
{
	if (!t)
		return;
	free(t->buckets);
	free(t->datagrams);
	free(t->blocks);
	free(t->spare_room);
	free(t->room);
	free(t);
}

static uint8_t *block_bytes(const struct fragment_table *t, uint32_t block)
{
	return t->blocks + (size_t)block * BLOCK_SIZE;
}

static void free_blocks(struct fragment_table *t, struct datagram *d)
{
	for (unsigned i = 0; i < BLOCKS_EACH; i++) {
		uint32_t block = d->blocks[i];

		if (!block)
			continue;
		memcpy(block_bytes(t, block), &t->free_block, sizeof(t->free_block));
		t->free_block = block;
		d->blocks[i] = 0;
	}
}

static void queue_append(struct fragment_table *t, struct queue *q, uint32_t n)
{
	t->datagrams[n].older = q->newest;
	t->datagrams[n].newer = 0;
	*(q->newest ? &t->datagrams[q->newest].newer : &q->oldest) = n;
	q->newest = n;
}

static void queue_remove(struct fragment_table *t, struct queue *q, uint32_t n)
{
	const struct datagram *d = &t->datagrams[n];

	*(d->older ? &t->datagrams[d->older].newer : &q->oldest) = d->newer;
	*(d->newer ? &t->datagrams[d->newer].older : &q->newest) = d->older;
}

static uint32_t *bucket_of(const struct fragment_table *t, const struct key *key)
{
	return &t->buckets[hash_bytes(&t->hash_key, key, sizeof(*key)) & t->bucket_mask];
}

/* Forget a datagram and take back its room. */
static void forget(struct fragment_table *t, uint32_t n)
{
	struct datagram *d = &t->datagrams[n];
	uint32_t *link = bucket_of(t, &d->key);

	while (*link != n)
		link = &t->datagrams[*link].next;
	*link = d->next;
	queue_remove(t, d->state == WHOLE ? &t->whole : &t->open, n);
	free_blocks(t, d);
	d->next = t->free_slot;
	t->free_slot = n;
}

/*
 * Lay out what was captured without a gap from the beginning, in `room`, and
 * describe it: a packet whose payload is all that IP carried.
 */
static struct packet lay_out(const struct fragment_table *t, const struct datagram *d,
			     uint8_t *room)
{
	uint32_t captured = runs_captured(&d->runs);

	for (uint32_t at = 0; at < captured; at += BLOCK_SIZE) {
		uint32_t n = captured - at < BLOCK_SIZE ? captured - at : BLOCK_SIZE;

		memcpy(room + at, block_bytes(t, d->blocks[at / BLOCK_SIZE]), n);
	}
	return (struct packet){
		.when = d->last,
		.tuple = d->key.tuple,
		.bytes = d->bytes,
		.payload_bytes = runs_covered(&d->runs),
		.payload_captured = captured,
		.payload = captured ? room : NULL,
		.stamp = d->key.tuple.src.version == 4 ? d->key.id << 16 : 0,
		.inside = d->inside,
		.fragment = true,
		.fragment_id = d->key.id,
	};
}

static void hide_payload(struct packet *p)
{
	p->carries = TUNNEL_NONE;
	p->payload = NULL;
	p->payload_captured = 0;
}

/*
 * Hand on a datagram that never became whole.  Its layers are read as those of a
 * frame that the capture cut; if its beginning is missing, it has no ports.
 */
static void hand_on_part(const struct fragment_table *t, const struct datagram *d)
{
	struct packet layers[PACKET_LAYERS_MAX], all = lay_out(t, d, t->spare_room);
	unsigned count;
	enum decode_verdict v = decode_datagram(&all, layers, &count);

	if (count == 0 || d->state == OVERLAPPED) {
		if (count == 0)
			layers[0] = all;
		count = 1;
		hide_payload(&layers[0]);
	}
	if (v == DECODE_FRAGMENT)
		hide_payload(&layers[count - 1]);
	layers[0].fragment = true;
	t->on_packets(DECODE_FRAGMENT, layers, count, t->arg);
}

/* A piece that belongs nowhere. */
static void refuse(struct fragment_table *t, const struct packet *piece)
{
	struct packet alone = *piece;

	t->stats.refused++;
	hide_payload(&alone);
	t->on_packets(DECODE_FRAGMENT, &alone, 1, t->arg);
}

/* Room is short, or time is up. */
static void give_up(struct fragment_table *t, uint32_t n, uint64_t *reason)
{
	++*reason;
	hand_on_part(t, &t->datagrams[n]);
	forget(t, n);
}

/* Some datagram other than `kept` makes room: copies need not be told apart so urgently. */
static void push_out(struct fragment_table *t, uint32_t kept)
{
	uint32_t n = t->open.oldest;

	if (t->whole.oldest) {
		forget(t, t->whole.oldest);
		return;
	}
	if (n == kept)
		n = t->datagrams[n].newer;
	CHECK(n);
	give_up(t, n, &t->stats.pushed_out);
}

static bool is_older(const struct fragment_table *t, uint32_t n, ns_t limit)
{
	return n && (uint64_t)t->now - (uint64_t)t->datagrams[n].born > (uint64_t)limit;
}

static void pass_time(struct fragment_table *t, ns_t when)
{
	if (when > t->now)
		t->now = when;
	while (is_older(t, t->open.oldest, PATIENCE))
		give_up(t, t->open.oldest, &t->stats.given_up);
	while (is_older(t, t->whole.oldest, ECHO_TIME))
		forget(t, t->whole.oldest);
}

void fragment_table_tick(struct fragment_table *t, ns_t when)
{
	if (t->open.oldest && when > t->now)
		pass_time(t, when);
}

static uint32_t find(const struct fragment_table *t, const struct key *key)
{
	uint32_t n = *bucket_of(t, key);

	while (n && memcmp(&t->datagrams[n].key, key, sizeof(*key)) != 0)
		n = t->datagrams[n].next;
	return n;
}

static uint32_t begin(struct fragment_table *t, const struct key *key, const struct packet *piece)
{
	uint32_t *bucket = bucket_of(t, key), n;

	if (!t->free_slot && t->slots_used == t->slot_count)
		push_out(t, 0);
	n = t->free_slot ? t->free_slot : ++t->slots_used;
	if (t->free_slot)
		t->free_slot = t->datagrams[n].next;
	/* not the whole struct: it is large, and of the runs only as many count as there are */
	struct datagram *d = &t->datagrams[n];

	d->key = *key;
	d->born = t->now;
	d->bytes = d->total = 0;
	d->pieces = 0;
	d->state = OPEN;
	d->inside = piece->inside;
	d->overlaps = false;
	d->runs.count = 0;
	d->next = *bucket;
	*bucket = n;
	queue_append(t, &t->open, n);
	return n;
}

/* The block in which byte `at` of datagram `n` lies. */
static uint8_t *block_at(struct fragment_table *t, uint32_t n, uint32_t at)
{
	uint32_t *block = &t->datagrams[n].blocks[at / BLOCK_SIZE];

	if (*block)
		return block_bytes(t, *block);
	while (!t->free_block && t->blocks_used == t->block_count)
		push_out(t, n);
	*block = t->free_block ? t->free_block : ++t->blocks_used;
	if (t->free_block)
		memcpy(&t->free_block, block_bytes(t, *block), sizeof(t->free_block));
	return block_bytes(t, *block);
}

static void store(struct fragment_table *t, uint32_t n, uint32_t at, const uint8_t *bytes,
		  uint32_t len)
{
	while (len) {
		uint32_t in = at % BLOCK_SIZE, left = BLOCK_SIZE - in,
			 part = len < left ? len : left;

		memcpy(block_at(t, n, at) + in, bytes, part);
		at += part;
		bytes += part;
		len -= part;
	}
}

/* Does the piece say what is stored, as far as both were captured? */
static bool says_the_same(const struct fragment_table *t, const struct datagram *d,
			  const struct packet *piece)
{
	uint32_t at = piece->fragment_at, end = at + piece->payload_captured;
	uint32_t known = runs_known(&d->runs, at);
	const uint8_t *bytes = piece->payload;

	if (end > known)
		end = known;
	while (at < end) {
		uint32_t in = at % BLOCK_SIZE, left = BLOCK_SIZE - in;
		uint32_t part = end - at < left ? end - at : left;

		if (memcmp(block_bytes(t, d->blocks[at / BLOCK_SIZE]) + in, bytes, part) != 0)
			return false;
		at += part;
		bytes += part;
	}
	return true;
}

/* What of a piece is new. */
enum news { ALL_NEW, PARTLY_NEW, COPY, CONTRARY };

static enum news news_of(const struct fragment_table *t, const struct datagram *d,
			 const struct packet *piece)
{
	uint32_t start = piece->fragment_at, end = start + piece->payload_bytes;
	struct run hole;

	if (!runs_hole(&d->runs, start, end, &hole))
		return says_the_same(t, d, piece) ? COPY : CONTRARY;
	return hole.start == start && hole.end == end ? ALL_NEW : PARTLY_NEW;
}

/* First bytes win: only holes are filled. */
static void fill_holes(struct fragment_table *t, uint32_t n, const struct packet *piece)
{
	struct runs *runs = &t->datagrams[n].runs;
	uint32_t start = piece->fragment_at, end = start + piece->payload_bytes;
	uint32_t have = start + piece->payload_captured;
	struct run hole;

	while (runs_hole(runs, start, end, &hole)) {
		uint32_t to = have < hole.end ? have : hole.end;

		if (to < hole.start)
			to = hole.start;
		if (to > hole.start)
			store(t, n, hole.start, piece->payload + (hole.start - piece->fragment_at),
			      to - hole.start);
		runs_fill(runs, hole.start, hole.end, to);
		start = hole.end;
	}
}

static bool is_possible(const struct packet *piece)
{
	uint32_t len = piece->payload_bytes;

	return len > 0 && len <= DATAGRAM_MAX && piece->fragment_at + len <= DATAGRAM_MAX &&
	       (!piece->more_fragments || len % 8 == 0);
}

/* Is there room for the piece, and does it not go against where the datagram ends? */
static bool fits(const struct datagram *d, const struct packet *piece)
{
	uint32_t end = piece->fragment_at + piece->payload_bytes;

	if (d->pieces == PIECES_MAX || runs_full(&d->runs, piece->fragment_at, end))
		return false;
	if (!piece->more_fragments)
		return d->total ? end == d->total : end >= runs_end(&d->runs);
	return !d->total || end <= d->total;
}

static void note_overlap(struct fragment_table *t, struct datagram *d)
{
	t->stats.overlapping += !d->overlaps;
	d->overlaps = true;
	if (d->key.tuple.src.version == 6)
		d->state = OVERLAPPED;
}

/*
 * Hand on a datagram that is whole, and keep it to tell copies.  True if it ends
 * in a piece of another one, which is left in `out_piece` and borrows `room`.
 */
static bool hand_on_whole(struct fragment_table *t, uint32_t n, struct packet *out_piece)
{
	struct datagram *d = &t->datagrams[n];
	struct packet layers[PACKET_LAYERS_MAX], all = lay_out(t, d, t->room);
	unsigned count;
	enum decode_verdict v = decode_datagram(&all, layers, &count);

	queue_remove(t, &t->open, n);
	d->state = WHOLE;
	d->born = t->now;
	queue_append(t, &t->whole, n);
	t->stats.whole++;
	if (v == DECODE_FRAGMENT) {
		*out_piece = layers[--count];
		if (count) {
			layers[0].fragment = true;
			t->on_packets(DECODE_OK, layers, count, t->arg);
		}
		return true;
	}
	if (count == 0) {
		layers[count++] = all;
		hide_payload(&layers[0]);
	}
	layers[0].fragment = true;
	t->on_packets(v, layers, count, t->arg);
	return false;
}

/* Add to datagram `n`; as hand_on_whole(). */
static bool add_to(struct fragment_table *t, uint32_t n, const struct packet *piece,
		   struct packet *out_piece)
{
	struct datagram *d = &t->datagrams[n];
	enum news news;

	if (!fits(d, piece)) {
		refuse(t, piece);
		return false;
	}
	news = d->state == OPEN ? news_of(t, d, piece) : ALL_NEW;
	if (news == COPY) {
		t->stats.duplicates++;
		return false;
	}
	d->pieces++;
	d->bytes += piece->bytes;
	d->last = piece->when;
	if (news != ALL_NEW)
		note_overlap(t, d);
	if (d->state == OVERLAPPED)
		return false;
	if (!piece->more_fragments)
		d->total = piece->fragment_at + piece->payload_bytes;
	fill_holes(t, n, piece);
	return d->total && runs_whole(&d->runs, d->total) && hand_on_whole(t, n, out_piece);
}

static bool add_piece(struct fragment_table *t, const struct packet *piece,
		      struct packet *out_piece)
{
	struct key key = {.tuple = piece->tuple, .id = piece->fragment_id};
	uint32_t n;

	t->stats.pieces++;
	if (!is_possible(piece)) {
		refuse(t, piece);
		return false;
	}
	n = find(t, &key);
	if (n && t->datagrams[n].state == WHOLE) {
		if (news_of(t, &t->datagrams[n], piece) == COPY) {
			t->stats.duplicates++;
			return false;
		}
		forget(t, n); /* the identification is used again */
		n = 0;
	}
	if (!n)
		n = begin(t, &key, piece);
	return add_to(t, n, piece, out_piece);
}

/* Datagrams within datagrams, all in pieces: followed as deep as tunnels are. */
void fragment_table_add(struct fragment_table *t, const struct packet *piece)
{
	struct packet next, inner;
	bool again;

	pass_time(t, piece->when);
	again = add_piece(t, piece, &inner);
	for (int depth = 1; again && depth < PACKET_LAYERS_MAX; depth++) {
		next = inner;
		again = add_piece(t, &next, &inner);
	}
	if (again)
		refuse(t, &inner);
}

void fragment_table_flush(struct fragment_table *t)
{
	while (t->open.oldest)
		give_up(t, t->open.oldest, &t->stats.given_up);
	while (t->whole.oldest)
		forget(t, t->whole.oldest);
	t->now = INT64_MIN;
}

struct fragment_stats fragment_table_stats(const struct fragment_table *t)
{
	return t->stats;
}
