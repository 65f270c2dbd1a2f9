/* SPDX-License-Identifier: Apache-2.0 */
/*
 * V4, V6, V7: what a sensor gets to see: a part, less of each packet, in
 * another order, or twice.
 */
#include "segment.h"
#include "tricks.h"

#include "net/packet.h"

#include <netinet/in.h>
#include <string.h>

/* V4: the handshake is not in the capture. */
static void drop_handshakes(const struct tape *in, struct tape *out, int how)
{
	(void)how;
	for (size_t i = 0; i < in->count; i++) {
		const struct shot *s = &in->shots[i];
		struct view v = view_of(s->bytes, s->len);

		if (v.proto == IPPROTO_TCP && s->number < 3)
			continue;
		segment_copy(out, s);
	}
}

/* V4: only one direction is. */
static void drop_direction(const struct tape *in, struct tape *out, int outward)
{
	for (size_t i = 0; i < in->count; i++)
		if (in->shots[i].outward == !!outward)
			segment_copy(out, &in->shots[i]);
}

/* V4: both */
static void join_direction(const struct tape *in, struct tape *out, int outward)
{
	for (size_t i = 0; i < in->count; i++) {
		const struct shot *s = &in->shots[i];
		struct view v = view_of(s->bytes, s->len);

		if (s->outward == !!outward && (v.proto != IPPROTO_TCP || s->number >= 3))
			segment_copy(out, s);
	}
}

/* V6 */
static void cut(const struct tape *in, struct tape *out, int snaplen)
{
	for (size_t i = 0; i < in->count; i++)
		segment_copy(out, &in->shots[i]);
	out->snaplen = (uint32_t)snaplen;
}

/*
 * V7: packets keep their times, but arrive in any order within a window of
 * so many packets.  No mirror holds a packet back for longer than 2 s.
 */
static void shuffle(struct shot *shots, size_t count, uint64_t seed)
{
	for (size_t i = count; i > 1; i--) {
		size_t k = tape_dice(seed + i, i);
		struct shot s = shots[i - 1];

		shots[i - 1] = shots[k];
		shots[k] = s;
	}
}

static void reorder(const struct tape *in, struct tape *out, int window)
{
	size_t from = 0;

	for (size_t i = 0; i < in->count; i++)
		segment_copy(out, &in->shots[i]);
	for (size_t i = 1; i <= out->count; i++) {
		bool full = i - from == (size_t)window || i == out->count;

		if (full || out->shots[i].when - out->shots[from].when > 2 * NS_PER_SEC) {
			shuffle(out->shots + from, i - from, from);
			from = i;
		}
	}
}

/* V7: everything twice. */
enum twice {
	TWICE_SPAN,   /* a mirror port that sends both directions: the same frame at once */
	TWICE_ROUTED, /* before and after a router: TTL, cards, and another VLAN */
};

static void pass_router(struct tape *out, const struct shot *s)
{
	static const uint8_t tag[4] = {0x81, 0x00, 0x00, 0x65};
	uint8_t frame[FRAME_ROOM];
	struct view v = view_of(s->bytes, s->len);

	memcpy(frame, s->bytes, 12);
	frame[5] ^= 1;
	frame[11] ^= 1;
	memcpy(frame + 12, tag, 4);
	memcpy(frame + 16, s->bytes + 12, s->len - 12);
	if (v.version == 4) {
		frame[ETHER + 4 + 8]--;
		seal_ipv4(frame + ETHER + 4);
	} else {
		frame[ETHER + 4 + 7]--;
	}
	tape_add(out, s, frame, s->len + 4);
}

static void repeat(const struct tape *in, struct tape *out, int how)
{
	for (size_t i = 0; i < in->count; i++) {
		struct shot s = in->shots[i];

		segment_copy(out, &s);
		if (how == TWICE_SPAN) {
			s.when += 3000;
			segment_copy(out, &s);
		} else {
			s.when += 100000 + (ns_t)tape_dice(i, 2000000);
			pass_router(out, &s);
		}
	}
	tape_sort(out);
}

#define IN_V6 .plain = {.v6 = true}, .evasive = {.v6 = true}

const struct trick tricks_of_sight[] = {
	{.name = "V4-midstream", .play = drop_handshakes},
	{.name = "V4-out-only", .play = drop_direction, .how = true},
	{.name = "V4-in-only", .play = drop_direction, .how = false},
	{.name = "V4-out-midstream", .play = join_direction, .how = true},
	{.name = "V4-in-midstream", .play = join_direction, .how = false},
	{.name = "V6-64", .play = cut, .how = 64},
	{.name = "V6-96", .play = cut, .how = 96},
	{.name = "V6-128", .play = cut, .how = 128},
	{.name = "V6-256", .play = cut, .how = 256},
	{.name = "V6-64-v6", .play = cut, .how = 64, IN_V6},
	{.name = "V6-96-v6", .play = cut, .how = 96, IN_V6},
	{.name = "V7-reorder-2", .play = reorder, .how = 2},
	{.name = "V7-reorder-10", .play = reorder, .how = 10},
	{.name = "V7-reorder-100", .play = reorder, .how = 100},
	{.name = "V7-reorder-1000", .play = reorder, .how = 1000},
	{.name = "V7-span", .play = repeat, .how = TWICE_SPAN},
	{.name = "V7-two-taps", .play = repeat, .how = TWICE_ROUTED},
	{.name = "V7-span-v6", .play = repeat, .how = TWICE_SPAN, IN_V6},
	{.name = "V7-two-taps-v6", .play = repeat, .how = TWICE_ROUTED, IN_V6},
	{0},
};
