/* SPDX-License-Identifier: Apache-2.0 */
/*
 * V3: TCP segments as no ordinary host sends them.
 *
 * "The opening" is the packet in which a caller says what it wants: the
 * fourth, after the handshake.
 */
#include "segment.h"
#include "tricks.h"

#include "net/packet.h"

#include <netinet/in.h>
#include <string.h>

enum { OPENING = 3, OPENING_MAX = 4096 };

static bool is_opening(const struct shot *s, const struct view *v)
{
	return v->proto == IPPROTO_TCP && s->number == OPENING && s->outward &&
	       view_payload_len(v) > 0;
}

/* What somebody else would have said: as long, and another name in it. */
static const uint8_t *forged(const struct shot *s, const struct view *v)
{
	static uint8_t bytes[OPENING_MAX];
	size_t len = view_payload_len(v);

	CHECK(len <= sizeof(bytes));
	memcpy(bytes, s->bytes + v->payload, len);
	for (size_t i = 0; i + 7 < len; i++)
		if (!memcmp(bytes + i, "lantern", 7) || !memcmp(bytes + i, "monitor", 7))
			memcpy(bytes + i, "nothing", 7);
		else if (!memcmp(bytes + i, "cinder.", 7))
			memcpy(bytes + i, "nobody.", 7);
	return bytes;
}

/*
 * In pieces.
 */
enum order { IN_ORDER, SHUFFLED, LATE_OVERLAP, EARLY_OVERLAP };

struct part {
	size_t at, len;
	bool forged;
};

static size_t cut_up(size_t len, size_t step, enum order order, struct part out[2 * OPENING_MAX])
{
	size_t n = 0;

	for (size_t at = 0; at < len; at += step) {
		struct part p = {at, at + step < len ? step : len - at, false};

		/* a forged part takes in its neighbours, but for the first byte and the last */
		struct part other = {at ? at - 1 : 0, p.len + (at ? 1 : 0), true};
		bool inside = at > 0 && at + step < len;

		if (inside && order == EARLY_OVERLAP)
			out[n++] = other;
		out[n++] = p;
		if (inside && order == LATE_OVERLAP)
			out[n++] = other;
	}
	return n;
}

static void split(const struct tape *in, struct tape *out, size_t step, enum order order)
{
	static struct part parts[2 * OPENING_MAX];

	for (size_t i = 0; i < in->count; i++) {
		const struct shot *s = &in->shots[i];
		struct view v = view_of(s->bytes, s->len);
		size_t n;

		if (!is_opening(s, &v)) {
			segment_copy(out, s);
			continue;
		}
		n = cut_up(view_payload_len(&v), step, order, parts);
		for (size_t k = 0; k < n; k++) {
			size_t turn = k, left = n - k;
			const uint8_t *from = s->bytes + v.payload;
			struct part p;

			if (order == SHUFFLED)
				turn += tape_dice(i + k, left);
			p = parts[turn];
			parts[turn] = parts[k];
			if (p.forged)
				from = forged(s, &v);
			segment_add(out, s, v.seq + (uint32_t)p.at, TCP_ACK, from + p.at, p.len)
				->when += (ns_t)k * 1000;
		}
	}
	tape_sort(out);
}

static void split_in_order(const struct tape *in, struct tape *out, int step)
{
	split(in, out, (size_t)step, IN_ORDER);
}

static void split_shuffled(const struct tape *in, struct tape *out, int step)
{
	split(in, out, (size_t)step, SHUFFLED);
}

static void split_late_overlap(const struct tape *in, struct tape *out, int step)
{
	split(in, out, (size_t)step, LATE_OVERLAP);
}

static void split_early_overlap(const struct tape *in, struct tape *out, int step)
{
	split(in, out, (size_t)step, EARLY_OVERLAP);
}

/*
 * Around the opening.
 */
enum odd {
	RETRANSMIT,	 /* again, with another name in it */
	SYN_AGAIN,	 /* a SYN with another number before the true one */
	SYN_AGAIN_AFTER, /* ... or after the connection stands */
	RESET_OUTSIDE,	 /* a reset that is out of the window, before the opening */
	FIN_OUTSIDE,	 /* likewise, from both sides */
	URGENT,		 /* a byte out of band in the middle of the name */
	KEEP_ALIVE,	 /* a byte of the past, as keep-alives send it */
	CLOSED_WINDOW,	 /* the window shuts and is probed with single bytes */
	WRONG_SUM,	 /* before the opening, a forged one that no host accepts */
	SHORT_LIFE,	 /* ... or that does not reach its host */
};

static void add_urgent(struct tape *out, const struct shot *s, const struct view *v)
{
	uint8_t bytes[OPENING_MAX];
	size_t len = view_payload_len(v), half = len / 2;
	struct shot *added;

	CHECK(len < sizeof(bytes));
	memcpy(bytes, s->bytes + v->payload, half);
	bytes[half] = '!';
	memcpy(bytes + half + 1, s->bytes + v->payload + half, len - half);
	added = segment_add(out, s, v->seq, TCP_ACK | TCP_PSH | TCP_URG, bytes, len + 1);
	put16(added->bytes + v->transport + 18, (uint32_t)half + 1);
	segment_seal(added->bytes, added->len);
}

static void add_probes(struct tape *out, const struct shot *s, const struct view *v)
{
	for (uint32_t i = 0; i < 3; i++)
		segment_add(out, s, v->seq + i, TCP_ACK, s->bytes + v->payload + i, 1);
	segment_add(out, s, v->seq + 3, TCP_ACK | TCP_PSH, s->bytes + v->payload + 3,
		    view_payload_len(v) - 3);
}

static void add_forged(struct tape *out, const struct shot *s, const struct view *v, bool wrong_sum)
{
	struct shot *added =
		segment_add(out, s, v->seq, TCP_ACK | TCP_PSH, forged(s, v), view_payload_len(v));

	if (wrong_sum) {
		added->bytes[v->transport + 16] ^= 0x5a;
	} else {
		added->bytes[v->ip + (v->version == 4 ? 8 : 7)] = 1;
		segment_seal(added->bytes, added->len);
	}
	added->when -= 1000;
}

/* The opening is at hand; everything else has been copied. */
static void play_odd(struct tape *out, const struct shot *s, const struct view *v, enum odd odd)
{
	const uint8_t *payload = s->bytes + v->payload;
	size_t len = view_payload_len(v);

	if (odd == URGENT) {
		add_urgent(out, s, v);
		return;
	}
	if (odd == CLOSED_WINDOW) {
		add_probes(out, s, v);
		return;
	}
	if (odd == RESET_OUTSIDE)
		segment_add(out, s, v->seq + 0x40000000, TCP_RST, NULL, 0);
	if (odd == FIN_OUTSIDE)
		segment_add(out, s, v->seq + 0x40000000, TCP_FIN | TCP_ACK, NULL, 0);
	if (odd == SYN_AGAIN_AFTER)
		segment_add(out, s, v->seq + 0x1234567, TCP_SYN, NULL, 0);
	if (odd == KEEP_ALIVE)
		segment_add(out, s, v->seq - 1, TCP_ACK, (const uint8_t *)"?", 1);
	if (odd == WRONG_SUM || odd == SHORT_LIFE)
		add_forged(out, s, v, odd == WRONG_SUM);
	segment_copy(out, s);
	if (odd == RETRANSMIT)
		segment_add(out, s, v->seq, TCP_ACK | TCP_PSH, forged(s, v), len)->when +=
			5 * NS_PER_MS;
	if (odd == KEEP_ALIVE)
		segment_add(out, s, v->seq + (uint32_t)len - 1, TCP_ACK, payload, 1)->when +=
			5 * NS_PER_MS;
}

static void play_all(const struct tape *in, struct tape *out, int odd)
{
	for (size_t i = 0; i < in->count; i++) {
		const struct shot *s = &in->shots[i];
		struct view v = view_of(s->bytes, s->len);

		if (odd == SYN_AGAIN && v.proto == IPPROTO_TCP && s->number == 0)
			segment_add(out, s, v.seq ^ 0x3c3c3c3c, TCP_SYN, NULL, 0)->when -= 1000;
		if (is_opening(s, &v))
			play_odd(out, s, &v, (enum odd)odd);
		else
			segment_copy(out, s);
	}
	tape_sort(out);
}

/* The opening is in the SYN (RFC 7413): the handshake waits for it. */
static void open_in_syn(const struct tape *in, struct tape *out, int how)
{
	(void)how;
	for (size_t i = 0; i < in->count; i++) {
		const struct shot *s = &in->shots[i];
		struct view v = view_of(s->bytes, s->len);
		const struct shot *opening = NULL;

		if (v.proto == IPPROTO_TCP && s->number == 0)
			for (size_t k = i; k < in->count && !opening; k++)
				if (in->shots[k].call == s->call && in->shots[k].number == OPENING)
					opening = &in->shots[k];
		if (opening) {
			struct view w = view_of(opening->bytes, opening->len);

			segment_add(out, s, v.seq, TCP_SYN, opening->bytes + w.payload,
				    view_payload_len(&w));
		} else if (!is_opening(s, &v)) {
			segment_copy(out, s);
		}
	}
}

/* Numbers run over in the middle of the opening. */
static void wrap_numbers(const struct tape *in, struct tape *out, int how)
{
	(void)how;
	for (size_t i = 0; i < in->count; i++) {
		struct shot *s = segment_copy(out, &in->shots[i]);
		struct view v = view_of(s->bytes, s->len);
		uint8_t *tcp = s->bytes + v.transport;
		/* frame.c starts a caller's numbers at the call's own number, times 40009 */
		uint32_t start = (uint32_t)((s->call & 0xfffff) * 40009);
		uint32_t shift = 0xffffffc0 - start;

		if (v.proto != IPPROTO_TCP)
			continue;
		if (s->outward)
			put32(tcp + 4, v.seq + shift);
		else
			put32(tcp + 8, get32(tcp + 8) + shift);
		segment_seal(s->bytes, s->len);
	}
}

/* As a host shows its packets when the network card does the sums. */
static void leave_out_sums(const struct tape *in, struct tape *out, int how)
{
	for (size_t i = 0; i < in->count; i++) {
		struct shot *s = segment_copy(out, &in->shots[i]);
		struct view v = view_of(s->bytes, s->len);

		put16(s->bytes + v.transport + (v.proto == IPPROTO_TCP ? 16 : 6), (uint32_t)how);
		if (v.version == 4)
			put16(s->bytes + v.ip + 10, 0);
	}
}

const struct trick tricks_of_streams[] = {
	{.name = "V3-bytes", .play = split_in_order, .how = 1},
	{.name = "V3-7-bytes", .play = split_in_order, .how = 7},
	{.name = "V3-100-bytes", .play = split_in_order, .how = 100},
	{.name = "V3-bytes-shuffled", .play = split_shuffled, .how = 1},
	{.name = "V3-16-bytes-shuffled", .play = split_shuffled, .how = 16},
	{.name = "V3-overlap-first-wins", .play = split_late_overlap, .how = 16},
	{.name = "V3-overlap-last-wins", .play = split_early_overlap, .how = 16},
	{.name = "V3-retransmission", .play = play_all, .how = RETRANSMIT},
	{.name = "V3-syn-again", .play = play_all, .how = SYN_AGAIN},
	{.name = "V3-syn-again-after", .play = play_all, .how = SYN_AGAIN_AFTER},
	{.name = "V3-syn-data", .play = open_in_syn},
	{.name = "V3-urgent", .play = play_all, .how = URGENT},
	{.name = "V3-keep-alive", .play = play_all, .how = KEEP_ALIVE},
	{.name = "V3-closed-window", .play = play_all, .how = CLOSED_WINDOW},
	{.name = "V3-reset-outside", .play = play_all, .how = RESET_OUTSIDE},
	{.name = "V3-fin-outside", .play = play_all, .how = FIN_OUTSIDE},
	{.name = "V3-wrong-sum", .play = play_all, .how = WRONG_SUM},
	{.name = "V3-short-life", .play = play_all, .how = SHORT_LIFE},
	{.name = "V3-no-sums", .play = leave_out_sums, .how = 0},
	{.name = "V3-same-sums", .play = leave_out_sums, .how = 0xabcd},
	{.name = "V3-wrap", .play = wrap_numbers},
	{.name = "V3-long-reset",
	 .play = play_all,
	 .how = RESET_OUTSIDE,
	 .plain = {.stays = true, .one_connection = true},
	 .evasive = {.stays = true, .one_connection = true}},
	{0},
};
