/* SPDX-License-Identifier: Apache-2.0 */
/*
 * V1, V2: IP datagrams in pieces, of IPv4 (RFC 791) and IPv6 (RFC 8200, 5722, 6946),
 * and IPv6 with headers in between.
 */
#include "tricks.h"
#include "wrap.h"

#include <netinet/in.h>
#include <string.h>

enum { PIECES_MAX = 4096 };

struct piece {
	size_t at, len; /* in what IP carries */
	bool more;
	bool garbage; /* other bytes than those of the packet */
};

struct pieces {
	struct piece list[PIECES_MAX];
	size_t count;
};

static void fill_garbage(uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		bytes[i] ^= (uint8_t)(0x55 + i);
}

/* One piece of `s`, `late` nanoseconds after it; `id` may be another than the packet's. */
static void add_piece(struct tape *out, const struct shot *s, const struct piece *p, uint32_t id,
		      ns_t late)
{
	static uint8_t frame[FRAME_ROOM];
	struct view v = view_of(s->bytes, s->len);
	uint8_t *ip = frame + v.ip, *data = frame + v.transport;
	struct shot *added;

	memcpy(frame, s->bytes, v.transport);
	if (v.version == 4) {
		put16(ip + 2, (uint32_t)(20 + p->len));
		put16(ip + 4, id);
		put16(ip + 6, (p->more ? 0x2000u : 0) | (uint32_t)(p->at / 8));
		seal_ipv4(ip);
	} else {
		put16(ip + 4, (uint32_t)(8 + p->len));
		data[0] = ip[6];
		ip[6] = IPPROTO_FRAGMENT;
		data[1] = 0;
		put16(data + 2, (uint32_t)p->at | p->more);
		put32(data + 4, id);
		data += 8;
	}
	memcpy(data, s->bytes + v.transport + p->at, p->len);
	if (p->garbage)
		fill_garbage(data, p->len);
	added = tape_add(out, s, frame, (size_t)(data - frame) + p->len);
	added->when += late;
}

static uint32_t id_of(const struct shot *s)
{
	return (uint32_t)(s->call * 61 + s->number * 7 + s->outward) & 0xffff;
}

static void add_pieces(struct tape *out, const struct shot *s, const struct pieces *pieces)
{
	for (size_t i = 0; i < pieces->count; i++)
		add_piece(out, s, &pieces->list[i], id_of(s), (ns_t)i * 2000);
}

/* Pieces of `step` bytes, a multiple of 8; false if the packet is too small for two. */
static bool cut_up(const struct shot *s, size_t step, struct pieces *out)
{
	struct view v = view_of(s->bytes, s->len);
	size_t len = v.end - v.transport;

	out->count = 0;
	if (len <= step)
		return false;
	for (size_t at = 0; at < len; at += step) {
		CHECK(out->count < PIECES_MAX);
		out->list[out->count++] = (struct piece){
			.at = at,
			.len = at + step < len ? step : len - at,
			.more = at + step < len,
		};
	}
	return true;
}

static void insert(struct pieces *pieces, size_t where, struct piece p)
{
	CHECK(pieces->count < PIECES_MAX);
	memmove(&pieces->list[where + 1], &pieces->list[where],
		(pieces->count++ - where) * sizeof(p));
	pieces->list[where] = p;
}

/*
 * Which packets, and in which order.
 */
enum order { IN_ORDER, REVERSED, SHUFFLED, LATE_OVERLAP, EARLY_OVERLAP };

static void arrange(struct pieces *pieces, enum order order, uint64_t seed)
{
	size_t n = pieces->count;

	if (order == REVERSED || order == SHUFFLED)
		for (size_t i = n; i > 1; i--) {
			size_t k = order == REVERSED ? (i <= n / 2 ? i - 1 : n - i)
						     : tape_dice(seed + i, i);
			struct piece p = pieces->list[i - 1];

			pieces->list[i - 1] = pieces->list[k];
			pieces->list[k] = p;
		}
	if (order == LATE_OVERLAP || order == EARLY_OVERLAP)
		for (size_t i = 0; i < n; i++) {
			struct piece p = {.at = 8 * i, .len = 24, .more = true, .garbage = true};

			/* within the datagram, before it is whole; never its transport header */
			if (p.at < 24 || p.at + 32 > (n - 1) * pieces->list[0].len)
				continue;
			insert(pieces, order == LATE_OVERLAP ? pieces->count - 1 : 0, p);
		}
}

static void fragment(const struct tape *in, struct tape *out, size_t step, enum order order)
{
	static struct pieces pieces;

	for (size_t i = 0; i < in->count; i++) {
		const struct shot *s = &in->shots[i];

		if (!cut_up(s, step, &pieces)) {
			segment_copy(out, s);
			continue;
		}
		arrange(&pieces, order, i);
		add_pieces(out, s, &pieces);
	}
	tape_sort(out);
}

static void fragment_in_order(const struct tape *in, struct tape *out, int step)
{
	fragment(in, out, (size_t)step, IN_ORDER);
}

static void fragment_reversed(const struct tape *in, struct tape *out, int step)
{
	fragment(in, out, (size_t)step, REVERSED);
}

static void fragment_shuffled(const struct tape *in, struct tape *out, int step)
{
	fragment(in, out, (size_t)step, SHUFFLED);
}

static void fragment_overlapping(const struct tape *in, struct tape *out, int early)
{
	fragment(in, out, 64, early ? EARLY_OVERLAP : LATE_OVERLAP);
}

/* Pieces between the pieces, of datagrams that never become whole. */
static void leave_holes(const struct tape *in, struct tape *out, int how)
{
	static struct pieces pieces;

	(void)how;
	for (size_t i = 0; i < in->count; i++) {
		const struct shot *s = &in->shots[i];

		if (!cut_up(s, 64, &pieces)) {
			segment_copy(out, s);
			continue;
		}
		add_pieces(out, s, &pieces);
		if (story_is_beacon(s->call) && tape_dice(s->call, 32) == 0 && s->number == 3 &&
		    pieces.count > 2)
			for (size_t k = 1; k < pieces.count; k += 2) {
				struct piece p = pieces.list[k];

				p.garbage = true;
				add_piece(out, s, &p, id_of(s) ^ 0x8000, (ns_t)k * 2000 + 1);
			}
	}
	tape_sort(out);
}

/* The same identification in another VLAN, where somebody has the same addresses. */
static void reuse_in_vlan(const struct tape *in, struct tape *out, int how)
{
	static struct pieces pieces;
	struct tape plain = {0}, other = {0};

	(void)how;
	for (size_t i = 0; i < in->count; i++) {
		const struct shot *s = &in->shots[i];

		if (!cut_up(s, 64, &pieces)) {
			wrap_add(out, s, WRAP_VLAN);
			continue;
		}
		add_pieces(&plain, s, &pieces);
		for (size_t k = 1; k + 1 < pieces.count && s->number == 3; k++) {
			struct piece p = pieces.list[k];

			p.garbage = true;
			add_piece(&other, s, &p, id_of(s), (ns_t)k * 2000 - 3000);
		}
	}
	for (size_t i = 0; i < plain.count; i++)
		wrap_add(out, &plain.shots[i], WRAP_VLAN);
	for (size_t i = 0; i < other.count; i++)
		wrap_add(out, &other.shots[i], WRAP_QINQ);
	tape_sort(out);
	tape_fini(&plain);
	tape_fini(&other);
}

/* The outside of a tunnel in pieces, and (`how`) the inside as well. */
static void fragment_tunnel(const struct tape *in, struct tape *out, int inside)
{
	static struct pieces pieces;
	struct tape first = {0}, wrapped = {0};

	if (inside)
		fragment(in, &first, 96, IN_ORDER);
	for (size_t i = 0; i < (inside ? first.count : in->count); i++)
		wrap_add(&wrapped, inside ? &first.shots[i] : &in->shots[i], WRAP_VXLAN);
	for (size_t i = 0; i < wrapped.count; i++) {
		struct shot *s = &wrapped.shots[i];
		uint64_t number = s->number;

		s->number = i * 3; /* an identification for each */
		if (cut_up(s, 72, &pieces)) {
			arrange(&pieces, SHUFFLED, i);
			add_pieces(out, s, &pieces);
		} else {
			segment_copy(out, s);
		}
		s->number = number;
	}
	tape_sort(out);
	tape_fini(&first);
	tape_fini(&wrapped);
}

/*
 * IPv6: headers in between.
 */
struct chain {
	uint8_t bytes[512];
	size_t len;
	uint8_t first;	  /* number of the first header */
	size_t last_next; /* where the last one names what follows */
};

static void chain_add(struct chain *c, uint8_t number, size_t len)
{
	uint8_t *header = c->bytes + c->len;

	if (c->len)
		c->bytes[c->last_next] = number;
	else
		c->first = number;
	c->last_next = c->len;
	memset(header, 0, len);
	if (number != IPPROTO_FRAGMENT)
		header[1] = (uint8_t)(len / 8 - 1);
	if (number == IPPROTO_HOPOPTS || number == IPPROTO_DSTOPTS) {
		header[2] = 1; /* PadN */
		header[3] = (uint8_t)(len - 4);
	}
	c->len += len;
}

static void put_chain(struct tape *out, const struct shot *s, struct chain *c)
{
	uint8_t frame[FRAME_ROOM];
	struct view v = view_of(s->bytes, s->len);

	memcpy(frame, s->bytes, v.transport);
	c->bytes[c->last_next] = v.proto;
	memcpy(frame + v.transport, c->bytes, c->len);
	memcpy(frame + v.transport + c->len, s->bytes + v.transport, s->len - v.transport);
	frame[v.ip + 6] = c->first;
	put16(frame + v.ip + 4, (uint32_t)(s->len - v.transport + c->len));
	tape_add(out, s, frame, s->len + c->len);
}

enum headers { ATOMIC, CHAIN, LONG_CHAIN, CHAIN_AND_ATOMIC };

static void add_headers(const struct tape *in, struct tape *out, int how)
{
	for (size_t i = 0; i < in->count; i++) {
		struct chain c = {0};

		if (how != ATOMIC) {
			chain_add(&c, IPPROTO_HOPOPTS, 8);
			chain_add(&c, IPPROTO_DSTOPTS, 24);
			chain_add(&c, IPPROTO_ROUTING, 8);
		}
		for (int k = 0; how == LONG_CHAIN && k < 40; k++)
			chain_add(&c, IPPROTO_DSTOPTS, 8);
		if (how == ATOMIC || how == CHAIN_AND_ATOMIC)
			chain_add(&c, IPPROTO_FRAGMENT, 8);
		put_chain(out, &in->shots[i], &c);
	}
}

/*
 * A forged hello in pieces that overlap, before the true one: no host that
 * follows RFC 5722 reads it.
 */
static void overlap_decoys(const struct tape *in, struct tape *out, int how)
{
	static struct pieces pieces;

	(void)how;
	for (size_t i = 0; i < in->count; i++) {
		const struct shot *s = &in->shots[i];
		struct view v = view_of(s->bytes, s->len);

		if (v.proto == IPPROTO_TCP && s->number == 3 && s->outward) {
			struct shot forged = *s;
			uint8_t frame[FRAME_ROOM];

			memcpy(frame, s->bytes, s->len);
			fill_garbage(frame + v.payload + 40, s->len - v.payload - 40);
			forged.bytes = frame;
			CHECK(cut_up(&forged, 64, &pieces));
			insert(&pieces, 1,
			       (struct piece){.at = 56, .len = 64, .more = true, .garbage = true});
			for (size_t k = 0; k < pieces.count; k++)
				add_piece(out, &forged, &pieces.list[k], id_of(s) ^ 0x8000,
					  (ns_t)k - 100);
		}
		segment_copy(out, s);
	}
	tape_sort(out);
}

#define IN_V6 .plain = {.v6 = true}, .evasive = {.v6 = true}

const struct trick tricks_of_fragments[] = {
	{.name = "V1-fragments", .play = fragment_in_order, .how = 64},
	{.name = "V1-tiny", .play = fragment_in_order, .how = 8},
	{.name = "V1-tiny-shuffled", .play = fragment_shuffled, .how = 8},
	{.name = "V1-reversed", .play = fragment_reversed, .how = 32},
	{.name = "V1-shuffled", .play = fragment_shuffled, .how = 64},
	{.name = "V1-overlap-first-wins", .play = fragment_overlapping, .how = false},
	{.name = "V1-overlap-last-wins", .play = fragment_overlapping, .how = true},
	{.name = "V1-holes", .play = leave_holes},
	{.name = "V1-id-in-two-vlans", .play = reuse_in_vlan},
	{.name = "V1-tunnel", .play = fragment_tunnel, .how = false},
	{.name = "V1-tunnel-and-inside", .play = fragment_tunnel, .how = true},
	{.name = "V2-atomic", .play = add_headers, .how = ATOMIC, IN_V6},
	{.name = "V2-chain", .play = add_headers, .how = CHAIN, IN_V6},
	{.name = "V2-long-chain", .play = add_headers, .how = LONG_CHAIN, IN_V6},
	{.name = "V2-chain-and-atomic", .play = add_headers, .how = CHAIN_AND_ATOMIC, IN_V6},
	{.name = "V2-fragments", .play = fragment_in_order, .how = 64, IN_V6},
	{.name = "V2-shuffled", .play = fragment_shuffled, .how = 64, IN_V6},
	{.name = "V2-overlap-decoys", .play = overlap_decoys, IN_V6},
	{0},
};
