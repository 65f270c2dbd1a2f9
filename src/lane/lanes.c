/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/lanes.h"

#include "lane/claim_map.h"
#include "lane/claimed.h"
#include "net/arrival.h"
#include "net/fragments.h"
#include "timeline/boots.h"

#include <netinet/in.h>
#include <string.h>

struct lanes {
	struct home home;
	struct lane *lane[LANES];
	struct crew *crew;
	struct fragment_table *fragments;
	struct claim_map *claims;
	struct string_table *claimed; /* names in claims, until it is known whose they are */
	const struct intel *intel;    /* NULL: no lists */
	struct boots_table *boots;    /* announcements are few, and seen here */
	struct coverage coverage;     /* what is counted before a lane is known */
	uint64_t turns[INPUT_BUFFERS_MAX - 1]; /* batches submitted at the last turns, a ring */
	unsigned turn;
};

/* Percent of the budget. */
enum {
	SHARE_FRAGMENTS = 2,
	SHARE_CLAIMS = 7,
	SHARE_CLAIMED = 2,
	SHARE_BOOTS = 1,
	SHARE_LANES = 88
};

static void on_datagram(enum decode_verdict verdict, const struct packet *packets, unsigned count,
			void *arg);

struct lanes *lanes_new(const struct home *home, size_t budget, size_t threads)
{
	struct lanes *l = calloc(1, sizeof(*l));
	size_t percent = budget / 100;
	bool ok = l;

	if (!l)
		return NULL;
	l->home = *home;
	for (int i = 0; i < LANES; i++) {
		l->lane[i] = lane_new(home, percent * SHARE_LANES / LANES);
		ok = ok && l->lane[i];
	}
	l->fragments = fragment_table_new(percent * SHARE_FRAGMENTS, on_datagram, l);
	l->claims = claim_map_new(percent * SHARE_CLAIMS / sizeof(struct claim));
	l->claimed = string_table_new(percent * SHARE_CLAIMED);
	l->boots = boots_table_new(percent * SHARE_BOOTS);
	if (ok && l->fragments && l->claims && l->claimed && l->boots)
		l->crew = crew_new(l->lane, threads);
	if (!l->crew) {
		lanes_free(l);
		return NULL;
	}
	return l;
}

bool lanes_use_intel(struct lanes *l, const struct intel *intel)
{
	bool ok = true;

	l->intel = intel;
	for (int i = 0; i < LANES; i++)
		ok = lane_use_intel(l->lane[i], intel) && ok;
	return ok;
}

static void free_intake(struct lanes *l)
{
	crew_free(l->crew);
	fragment_table_free(l->fragments);
	claim_map_free(l->claims);
	string_table_free(l->claimed);
	l->crew = NULL;
	l->fragments = NULL;
	l->claims = NULL;
	l->claimed = NULL;
}

void lanes_free(struct lanes *l)
{
	if (!l)
		return;
	free_intake(l);
	for (int i = 0; i < LANES; i++)
		lane_free(l->lane[i]);
	boots_table_free(l->boots);
	free(l);
}

/*
 * Who goes where is fixed and known to all: a secret would make what is
 * forgotten, when memory is short, differ from run to run.
 */
static unsigned lane_of(const struct address *host)
{
	uint64_t high, low;

	memcpy(&high, host->bytes, sizeof(high));
	memcpy(&low, host->bytes + 8, sizeof(low));
	low = (low ^ high * 0x9e3779b97f4a7c15) * 0xd6e8feb86659fd93;
	/* The last octet of an address is the first in 64 bits: it moves none but the top ones. */
	return (unsigned)(low >> 32 ^ low >> 48 ^ low >> 58) % LANES;
}

/*
 * Whose traffic is it?  The fleet's end; of two such ends the one that asks,
 * if it is a look-up; else, whichever way the packet goes, the same one.
 */
static const struct address *host_of(const struct home *home, const struct tuple *t)
{
	enum { PORT_DNS = 53 };
	bool src = home_contains(home, &t->src), dst = home_contains(home, &t->dst);

	if (src != dst)
		return src ? &t->src : &t->dst;
	if (t->dst_port == PORT_DNS && t->src_port != PORT_DNS)
		return &t->src;
	if (t->src_port == PORT_DNS && t->dst_port != PORT_DNS)
		return &t->dst;
	return address_compare(&t->src, &t->dst) < 0 ? &t->src : &t->dst;
}

/*
 * Frames.
 */
/* The next packet of the open batch goes to the lane of its host. */
static void put_on_pile(struct lanes *l, struct batch *b)
{
	unsigned n = lane_of(host_of(&l->home, &b->packets[b->total].tuple));

	b->piles[(size_t)n * BATCH_PACKETS + b->count[n]++] = (uint16_t)b->total++;
}

/* With room for all the packets of a frame. */
static struct batch *open_batch(struct lanes *l)
{
	struct batch *b = crew_open_batch(l->crew);

	if (b->total + PACKET_LAYERS_MAX <= BATCH_PACKETS)
		return b;
	crew_submit(l->crew);
	return crew_open_batch(l->crew);
}

enum { PROTO_L2TP = 115 }; /* RFC 3931 */

/* IP in IP, GRE, L2TP: by the protocol's number a tunnel, whatever is in it. */
static bool is_unopened(const struct packet *innermost)
{
	uint8_t proto = innermost->tuple.proto;

	return !innermost->carries && !innermost->fragment &&
	       (proto == IPPROTO_IPIP || proto == IPPROTO_IPV6 || proto == IPPROTO_GRE ||
		proto == PROTO_L2TP);
}

/* Does a host of the fleet say that it has come up?  Few frames even might. */
static void note_arrival(struct lanes *l, const struct frame *frame, enum decode_verdict verdict,
			 const struct packet *packets, unsigned count)
{
	struct address host;

	if (verdict == DECODE_NOT_IP ? arrival_by_frame(frame, &host)
				     : count == 1 && arrival_by_packet(packets, &host))
		if (home_contains(&l->home, &host))
			boots_saw(l->boots, &host, frame->when);
}

void lanes_frame(struct lanes *l, const struct frame *frame)
{
	struct coverage *c = &l->coverage;
	enum decode_verdict verdict;
	struct batch *b;
	unsigned count;

	fragment_table_tick(l->fragments, frame->when); /* may fill the batch */
	b = open_batch(l);
	verdict = decode_frame(frame, &b->packets[b->total], &count);
	c->frames++;
	c->cut += frame->captured < frame->length;
	c->decoded[verdict]++;
	spans_add(&c->captured, frame->when);
	hours_add(&c->hours, frame->when);
	c->tunnelled += count > 1;
	c->tunnels_unopened += count && is_unopened(&b->packets[b->total + count - 1]);
	note_arrival(l, frame, verdict, &b->packets[b->total], count);
	if (verdict == DECODE_FRAGMENT)
		count--;
	for (unsigned i = 0; i < count; i++)
		put_on_pile(l, b);
	if (verdict == DECODE_FRAGMENT) {
		struct packet piece = b->packets[b->total];

		fragment_table_add(l->fragments, &piece);
	}
}

/* The batch keeps the payload: the table will not. */
static void keep_payload(struct batch *b, struct packet *p)
{
	if (!p->payload_captured || p->carries) {
		p->payload_captured = 0;
		p->payload = NULL;
		return;
	}
	memcpy(b->copies + b->copied, p->payload, p->payload_captured);
	p->payload = b->copies + b->copied;
	b->copied += p->payload_captured;
}

/* A datagram that was put together, or given up: the packets in it, outermost first. */
static void on_datagram(enum decode_verdict verdict, const struct packet *packets, unsigned count,
			void *arg)
{
	struct lanes *l = arg;

	(void)verdict; /* its frames have been counted */
	for (unsigned i = 0; i < count; i++) {
		struct batch *b = open_batch(l);

		CHECK(packets[i].payload_captured <= BATCH_COPIES);
		if (b->copied + packets[i].payload_captured > BATCH_COPIES) {
			crew_submit(l->crew);
			b = crew_open_batch(l->crew);
		}
		b->packets[b->total] = packets[i];
		keep_payload(b, &b->packets[b->total]);
		put_on_pile(l, b);
	}
}

/* What was submitted at the turn before the last two is about to be overwritten. */
void lanes_turn(struct lanes *l, bool all)
{
	uint64_t submitted = crew_submit(l->crew);

	crew_wait(l->crew, all ? submitted : l->turns[l->turn]);
	l->turns[l->turn] = submitted;
	l->turn = (l->turn + 1) % ARRAY_LEN(l->turns);
}

void lanes_flush(struct lanes *l)
{
	fragment_table_flush(l->fragments);
	crew_flush(l->crew);
}

/* What is counted before a lane is known, fragments and claims included. */
static struct coverage count_before_lanes(const struct lanes *l)
{
	struct coverage c = l->coverage;
	struct fragment_stats fragments;

	if (!l->crew) /* finished: it is all there */
		return c;
	fragments = fragment_table_stats(l->fragments);
	c.datagrams = fragments.whole;
	c.datagrams_lost = fragments.given_up + fragments.pushed_out + fragments.refused;
	c.overlaps = fragments.overlapping;
	c.duplicates += fragments.duplicates;
	c.names_refused += string_table_refused(l->claimed);
	c.claims_refused += claim_map_refused(l->claims);
	return c;
}

void lanes_finish(struct lanes *l)
{
	if (!l->crew)
		return;
	lanes_flush(l);
	for (int i = 0; i < LANES; i++)
		lane_finish(l->lane[i]);
	l->coverage = count_before_lanes(l);
	free_intake(l);
}

/*
 * Rows of logs.
 */
void lanes_flow(struct lanes *l, const struct flow *flow)
{
	struct lane *lane = l->lane[lane_of(host_of(&l->home, &flow->tuple))];
	struct claim claim = claim_map_find(l->claims, flow->uid);
	struct lane_claim told = {.number = claim.what, .texts = l->claimed};

	told.claimed = claimed_get(l->claimed, claim.what);
	lane_flow(lane, flow, claim.what ? &told : NULL);
}

bool lanes_want(const struct lanes *l, const struct tuple *ends)
{
	return lane_wants(l->lane[0], ends); /* they all know the same home */
}

void lanes_count(struct lanes *l, const struct tuple *ends, ns_t first, ns_t last, uint64_t served)
{
	lane_count(l->lane[0], ends, first, last);
	if (served)
		lane_served(l->lane[lane_of(&ends->dst)], ends, first, last, served);
}

void lanes_lookup(struct lanes *l, const struct input_lookup *lookup)
{
	lane_lookup(l->lane[lane_of(&lookup->client)], lookup);
}

void lanes_claim(struct lanes *l, const struct input_claim *claim)
{
	struct claim told = {.uid = claim->uid, .what = claimed_keep(l->claimed, l->intel, claim)};
	struct claim first = claim_map_find(l->claims, claim->uid);

	if (!first.uid) {
		claim_map_add(l->claims, &told);
		return;
	}
	told.what = claimed_join(l->claimed, first.what, told.what);
	if (told.what != first.what)
		claim_map_replace(l->claims, &told);
}

/*
 * What came of it.
 */
const struct boots_table *lanes_boots(const struct lanes *l)
{
	return l->boots;
}

struct lane *lanes_get(const struct lanes *l, size_t number)
{
	CHECK(number < LANES);
	return l->lane[number];
}

const struct spans *lanes_captured(const struct lanes *l)
{
	return &l->coverage.captured;
}

struct coverage lanes_coverage(const struct lanes *l)
{
	struct coverage c = count_before_lanes(l);

	for (int i = 0; i < LANES; i++) {
		struct coverage of_lane = lane_coverage(l->lane[i]);

		coverage_add(&c, &of_lane);
	}
	c.watched = c.captured;
	spans_merge(&c.watched, &c.logged);
	return c;
}

/*
 * As a sink.
 */
static void on_frame(void *arg, const struct frame *frame)
{
	lanes_frame(arg, frame);
}

static void on_turn(void *arg, bool all)
{
	lanes_turn(arg, all);
}

static void on_run(void *arg, void (*job)(void *job_arg), void *job_arg)
{
	crew_run(((struct lanes *)arg)->crew, job, job_arg);
}

static void on_await(void *arg)
{
	crew_await(((struct lanes *)arg)->crew);
}

static void on_flow(void *arg, const struct flow *flow)
{
	lanes_flow(arg, flow);
}

static bool wants_flow(void *arg, const struct tuple *ends)
{
	return lanes_want(arg, ends);
}

static void on_unwanted_flow(void *arg, const struct tuple *ends, ns_t first, ns_t last,
			     uint64_t served)
{
	lanes_count(arg, ends, first, last, served);
}

static void on_lookup(void *arg, const struct input_lookup *lookup)
{
	lanes_lookup(arg, lookup);
}

static void on_claim(void *arg, const struct input_claim *claim)
{
	lanes_claim(arg, claim);
}

struct input_sink lanes_sink(struct lanes *l)
{
	bool alone = crew_is_alone(l->crew);

	return (struct input_sink){
		.frame = on_frame,
		.turn = on_turn,
		.buffers = alone ? 1 : INPUT_BUFFERS_MAX,
		.run = alone ? NULL : on_run,
		.await = alone ? NULL : on_await,
		.flow = on_flow,
		.wants_flow = wants_flow,
		.unwanted_flow = on_unwanted_flow,
		.lookup = on_lookup,
		.claim = on_claim,
		.arg = l,
	};
}
