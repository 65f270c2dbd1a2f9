/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How it works
 * ============
 *
 * `slots` is a fixed pool.  `index` finds a slot by the hash of its two ends,
 * taken in the order of their values, so that both directions meet in one
 * place.  Every live slot is on the age list of its class, most silent first;
 * all flows of a class have the same timeout, so both ending silent flows and
 * choosing whom to push out look at nothing but the four heads:
 *
 *	CLOSED       60 s	|
 *	UNANSWERED  30 s	|  pushed out first, the more silent head of the two
 *	OTHER       30 s	:
 *	TCP        300 s	:  else the more silent of these
 *
 * `next_deadline` is never later than the first head's, so most packets look
 * at no list at all.  Whatever on_end is told, and in which order, follows
 * from the packets alone: the secret hash key decides only where things lie.
 *
 * Slot numbers are one-based so that 0 can mean "none".
 */
#include "flow/flow_table.h"

#include "base/hash.h"
#include "flow/age_list.h"
#include "flow/copies.h"
#include "flow/initiator.h"
#include "flow/slot_index.h"

#include <netinet/in.h>
#include <string.h>

enum age_class { AGE_CLOSED, AGE_UNANSWERED, AGE_OTHER, AGE_TCP, AGE_CLASSES };

static const ns_t silence[AGE_CLASSES] = {
	[AGE_CLOSED] = 60 * NS_PER_SEC,
	[AGE_UNANSWERED] = 30 * NS_PER_SEC,
	[AGE_OTHER] = 30 * NS_PER_SEC,
	[AGE_TCP] = 300 * NS_PER_SEC,
};

/*
 * What the initiator has said since it was last silent.  Sums so far are kept
 * where the difference may be large, differences elsewhere.
 */
struct burst {
	ns_t first;
	uint64_t out_bytes, in_bytes;	  /* of the flow when the burst began */
	uint32_t out_payload, in_payload; /* since then; UINT32_MAX: that or more */
	uint32_t out_packets;		  /* of the flow when the burst began */
	uint32_t spoke_ms;		  /* the initiator's last word, after `first` */
};

/* Three cache lines. */
struct slot {
	_Alignas(64) struct flow flow;
	uint32_t syn_seq;
	uint8_t age_class;
	bool syn_seen : 1; /* so syn_seq holds */
	bool asked : 1;	   /* the responder broke a silence, and waits for an answer */
	bool low_first;	   /* the initiator is the end with the lower value */
	bool spoken;	   /* the initiator has said something */
	struct burst burst;
};
_Static_assert(sizeof(struct slot) == 192, "a slot should fill three cache lines");

struct flow_table {
	struct flow_table_config config;
	struct flow_table_stats stats;
	struct hash_key hash_key;
	struct slot *slots; /* capacity + 1; [0] is not used */
	struct age_link *links;
	struct slot_index index;
	struct age_list ages[AGE_CLASSES];
	uint32_t fresh;	    /* slots from here on were never used */
	uint32_t free_slot; /* used and given back; linked by `newer` */
	ns_t now, next_deadline;
	bool in_callback;
	struct copies copies;
};

/*
 * The direction-free key.
 */
static uint64_t load64(const uint8_t *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

/* Any order will do as long as it is the same for both directions. */
static bool src_is_low(const struct tuple *t)
{
	uint64_t s = load64(t->src.bytes + 8), d = load64(t->dst.bytes + 8);

	if (s != d)
		return s < d;
	s = load64(t->src.bytes);
	d = load64(t->dst.bytes);
	if (s != d)
		return s < d;
	return t->src_port <= t->dst_port;
}

static struct flow_key key_of(const struct hash_key *hash_key, const struct tuple *t)
{
	struct hash_state s = hash_start(hash_key);
	bool low_first = src_is_low(t);
	const uint8_t *low = low_first ? t->src.bytes : t->dst.bytes;
	const uint8_t *high = low_first ? t->dst.bytes : t->src.bytes;
	uint16_t low_port = low_first ? t->src_port : t->dst_port;
	uint16_t high_port = low_first ? t->dst_port : t->src_port;
	uint64_t rest = (uint64_t)t->src.version << 40 | (uint64_t)t->proto << 32 |
			(uint32_t)high_port << 16 | low_port;
	size_t len = 8 + 6;

	if (t->network) {
		hash_word(&s, t->network);
		len += 64; /* no other kind of key is that long */
	}

	if (t->src.version == 4) {
		hash_word(&s, load64(low + 8) >> 32 | (load64(high + 8) >> 32 << 32));
	} else {
		hash_word(&s, load64(low));
		hash_word(&s, load64(low + 8));
		hash_word(&s, load64(high));
		hash_word(&s, load64(high + 8));
		len += 24;
	}
	return (struct flow_key){.hash = hash_end(&s, rest, len), .low_first = low_first};
}

static bool same_tuple(const struct tuple *a, const struct tuple *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static bool mirrored_tuple(const struct tuple *a, const struct tuple *b)
{
	return a->src_port == b->dst_port && a->dst_port == b->src_port && a->proto == b->proto &&
	       a->network == b->network && memcmp(&a->src, &b->dst, sizeof(a->src)) == 0 &&
	       memcmp(&a->dst, &b->src, sizeof(a->dst)) == 0;
}

static uint32_t find(const struct flow_table *t, const struct tuple *tuple,
		     const struct flow_key *key)
{
	struct slot_walk walk;
	uint32_t n = slot_index_walk(&t->index, key->hash, &walk);

	for (; n; n = slot_index_next(&t->index, &walk)) {
		const struct slot *s = &t->slots[n];

		if (s->low_first == key->low_first ? same_tuple(&s->flow.tuple, tuple)
						   : mirrored_tuple(&s->flow.tuple, tuple))
			break;
	}
	return n;
}

/*
 * Bursts.
 */
static uint64_t payload_of(uint32_t since, uint64_t bytes)
{
	return since == UINT32_MAX ? bytes : since; /* so large that headers do not matter */
}

static void tell_burst(struct flow_table *t, const struct slot *s, enum flow_end why)
{
	const struct burst *b = &s->burst;
	struct flow part = s->flow;

	if (!t->config.on_burst)
		return;
	if (s->flow.bursts > 1)
		part.first = b->first;
	part.out_bytes -= b->out_bytes;
	part.in_bytes -= b->in_bytes;
	part.out_payload = payload_of(b->out_payload, part.out_bytes);
	part.in_payload = payload_of(b->in_payload, part.in_bytes);
	part.out_packets -= b->out_packets;
	part.end = (uint8_t)why;
	if (part.in_bytes == 0 && part.answer != ANSWER_UNKNOWN)
		part.answer = ANSWER_NONE;
	t->in_callback = true;
	t->config.on_burst(&part, &s->flow, t->config.arg);
	t->in_callback = false;
}

static bool was_silent(const struct slot *s, const struct packet *p)
{
	ns_t spoke = s->burst.first + (ns_t)s->burst.spoke_ms * NS_PER_MS;

	return s->spoken && p->when > spoke && p->when - spoke >= FLOW_BURST_SILENCE_NS;
}

static struct burst begin_burst(const struct flow *f, ns_t when)
{
	return (struct burst){
		.first = when,
		.out_bytes = f->out_bytes,
		.in_bytes = f->in_bytes,
		.out_packets = f->out_packets,
	};
}

/*
 * A silence both ways, a few bytes from whoever was called, an answer: somebody
 * gives orders at the far end of a connection that he did not begin.  As the
 * packets' own times are compared, before the flow takes note of this one.
 */
enum { LINE_MOST = 512 };
#define ORDER_SILENCE_NS NS_PER_SEC
#define ORDER_ANSWER_NS	 (5 * NS_PER_SEC)

static void note_inward_speech(struct slot *s, const struct packet *p)
{
	struct flow *f = &s->flow;

	if (!f->out_payload && !f->in_payload)
		f->claims |= CLAIM_REMOTE_FIRST;
	if (p->payload_bytes <= LINE_MOST && p->when > f->last &&
	    p->when - f->last >= ORDER_SILENCE_NS)
		s->asked = true;
}

static void note_answer(struct slot *s, const struct packet *p)
{
	struct flow *f = &s->flow;
	bool soon = p->when <= f->last || p->when - f->last < ORDER_ANSWER_NS;

	s->asked = false;
	if (soon && f->led < UINT16_MAX)
		f->led++;
}

/* The initiator says something: is it the first thing after a silence? */
static void note_speech(struct flow_table *t, struct slot *s, const struct packet *p)
{
	ns_t since;

	if (s->asked)
		note_answer(s, p);
	if (was_silent(s, p)) {
		tell_burst(t, s, FLOW_END_BURST);
		s->burst = begin_burst(&s->flow, p->when);
		s->spoken = false;
	}
	if (!s->spoken)
		s->flow.bursts++;
	s->spoken = true;
	since = (p->when - s->burst.first) / NS_PER_MS;
	if (since > s->burst.spoke_ms)
		s->burst.spoke_ms = since < UINT32_MAX ? (uint32_t)since : UINT32_MAX;
}

/*
 * The end of a flow.
 */
static void tell(struct flow_table *t, struct slot *s, enum flow_end why)
{
	if (s->age_class == AGE_CLOSED && why != FLOW_END_EVICTED)
		why = FLOW_END_CLOSED; /* nothing more was to come */
	s->flow.end = (uint8_t)why;
	t->in_callback = true;
	if (t->config.on_ending)
		t->config.on_ending(&s->flow, t->config.arg);
	tell_burst(t, s, why);
	t->config.on_end(&s->flow, t->config.arg);
	t->in_callback = false;
}

static void end_flow(struct flow_table *t, uint32_t n, enum flow_end why)
{
	struct slot *s = &t->slots[n];

	slot_index_remove(&t->index, key_of(&t->hash_key, &s->flow.tuple).hash, n);
	age_unlink(&t->ages[s->age_class], t->links, n);
	t->stats.live--;
	if (why == FLOW_END_EVICTED)
		t->stats.evicted++;
	tell(t, s, why);
	t->links[n].newer = t->free_slot;
	t->free_slot = n;
}

static ns_t deadline(ns_t touched, enum age_class age_class)
{
	ns_t d;

	return __builtin_add_overflow(touched, silence[age_class], &d) ? INT64_MAX : d;
}

static void end_silent_flows(struct flow_table *t)
{
	while (t->now >= t->next_deadline) {
		uint32_t first = 0;
		ns_t at = INT64_MAX;

		for (enum age_class c = 0; c < AGE_CLASSES; c++) {
			uint32_t n = t->ages[c].oldest;

			if (n && (!first || deadline(t->links[n].touched, c) < at)) {
				first = n;
				at = deadline(t->links[n].touched, c);
			}
		}
		t->next_deadline = at;
		if (!first || at > t->now)
			return;
		end_flow(t, first, FLOW_END_IDLE);
	}
}

/* The head of `a` or `b` that has been silent longer; `a` when they are equal. */
static uint32_t more_silent(const struct flow_table *t, enum age_class a, enum age_class b)
{
	uint32_t x = t->ages[a].oldest, y = t->ages[b].oldest;

	if (!x || !y)
		return x ? x : y;
	return t->links[y].touched < t->links[x].touched ? y : x;
}

static void make_room(struct flow_table *t)
{
	uint32_t n = more_silent(t, AGE_CLOSED, AGE_UNANSWERED);

	if (!n)
		n = more_silent(t, AGE_OTHER, AGE_TCP);
	end_flow(t, n, FLOW_END_EVICTED);
}

/*
 * The start of a flow.
 */
static bool is_syn(const struct packet *p)
{
	return (p->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) == TCP_SYN;
}

/* Is the sender of this first packet the responder?  Sets `inferred` if that is a guess. */
static bool answers_first(const struct packet *p, bool *inferred)
{
	uint8_t handshake = p->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST);

	*inferred = false;
	if (p->tuple.proto != IPPROTO_TCP || is_syn(p))
		return false;
	if (handshake == (TCP_SYN | TCP_ACK))
		return true;
	*inferred = true;
	return p->tuple.src_port < 1024 && p->tuple.dst_port >= 1024;
}

static struct tuple mirror(const struct tuple *t)
{
	return (struct tuple){
		.src = t->dst,
		.dst = t->src,
		.src_port = t->dst_port,
		.dst_port = t->src_port,
		.proto = t->proto,
		.network = t->network,
	};
}

/* Has every live slot inserted again into an index twice as large. */
static void grow_index(struct flow_table *t)
{
	slot_index_grow(&t->index);
	for (enum age_class c = 0; c < AGE_CLASSES; c++)
		for (uint32_t n = t->ages[c].oldest; n; n = t->links[n].newer)
			slot_index_insert(&t->index,
					  key_of(&t->hash_key, &t->slots[n].flow.tuple).hash, n);
}

static uint32_t start_flow(struct flow_table *t, const struct packet *p, const struct flow_key *key)
{
	bool inferred;
	bool mirrored = answers_first(p, &inferred);
	uint32_t n;

	if (!t->free_slot && t->fresh > t->config.capacity)
		make_room(t);
	n = t->free_slot;
	if (n)
		t->free_slot = t->links[n].newer;
	else
		n = t->fresh++;
	t->slots[n] = (struct slot){
		.flow = {.tuple = mirrored ? mirror(&p->tuple) : p->tuple,
			 .first = p->when,
			 .last = p->when,
			 .answer = ANSWER_NONE,
			 .inferred = inferred},
		.syn_seq = p->tcp_seq,
		.syn_seen = is_syn(p),
		.age_class = AGE_UNANSWERED,
		.burst = {.first = p->when},
	};
	t->slots[n].low_first = src_is_low(&t->slots[n].flow.tuple);
	if (slot_index_is_tight(&t->index))
		grow_index(t);
	slot_index_insert(&t->index, key->hash, n);
	age_append(&t->ages[AGE_UNANSWERED], t->links, n);
	t->stats.flows++;
	t->stats.live++;
	return n;
}

/*
 * A packet that was sent earlier than all so far.
 */
static void swap64(uint64_t *a, uint64_t *b)
{
	uint64_t c = *a;

	*a = *b;
	*b = c;
}

static void swap32(uint32_t *a, uint32_t *b)
{
	uint32_t c = *a;

	*a = *b;
	*b = c;
}

static void swap8(uint8_t *a, uint8_t *b)
{
	uint8_t c = *a;

	*a = *b;
	*b = c;
}

static enum flow_answer answer_of(const struct flow *f)
{
	if (f->in_packets)
		return (f->in_flags & ~TCP_ACK) == TCP_RST ? ANSWER_REFUSED : ANSWER_YES;
	return (f->out_flags & (TCP_ACK | TCP_RST)) == TCP_ACK ? ANSWER_UNKNOWN : ANSWER_NONE;
}

/* The other side is the initiator after all.  The flow is in its first burst. */
static void turn_around(struct slot *s)
{
	struct flow *f = &s->flow;
	struct burst *b = &s->burst;
	struct stream stream = f->out_stream;

	f->tuple = mirror(&f->tuple);
	s->low_first = src_is_low(&f->tuple);
	swap64(&f->out_bytes, &f->in_bytes);
	swap64(&f->out_payload, &f->in_payload);
	swap32(&f->out_packets, &f->in_packets);
	swap8(&f->out_flags, &f->in_flags);
	swap8(&f->opening_out, &f->opening_in);
	if (f->out_payload || f->in_payload)
		f->claims ^= CLAIM_REMOTE_FIRST;
	f->out_stream = f->in_stream;
	f->in_stream = stream;
	f->answer = (uint8_t)answer_of(f);
	swap32(&b->out_payload, &b->in_payload);
	s->spoken = f->tuple.proto == IPPROTO_TCP ? f->out_payload > 0 : f->out_packets > 0;
	f->bursts = s->spoken;
	b->first = f->first;
	b->spoke_ms = (uint32_t)((f->last - f->first) / NS_PER_MS);
}

/* From a port to itself: nobody makes such packets but to confuse, and all count as sent. */
static bool has_one_end(const struct tuple *t)
{
	return t->src_port == t->dst_port && address_equal(&t->src, &t->dst);
}

/* Packets came in another order than they were sent: does this one know who began? */
static void look_again(struct slot *s, const struct packet *p, bool outward)
{
	bool inferred, mirrored = answers_first(p, &inferred);
	bool guessed = s->flow.inferred || p->tuple.proto != IPPROTO_TCP;

	if (s->syn_seen || ns_apart(s->flow.last, p->when) >= (uint64_t)FLOW_BURST_SILENCE_NS)
		return;
	if (guessed && mirrored == outward && !has_one_end(&p->tuple))
		turn_around(s);
	if (guessed)
		s->flow.inferred = inferred;
	if (is_syn(p) && s->low_first == src_is_low(&p->tuple)) {
		s->syn_seen = true;
		s->syn_seq = p->tcp_seq;
	}
}

/*
 * Is this packet the first of another conversation between the same ports?  Not if it
 * was sent before the rest of this one.  Silence shows here only when packets come out of order,
 * say from a second capture of the same hours: else end_silent_flows() has seen it already.
 */
static bool starts_anew(const struct flow_table *t, const struct slot *s, const struct packet *p,
			bool outward)
{
	const struct home *home = t->config.home;

	if (s->age_class == AGE_CLOSED && is_syn(p) && !(s->syn_seen && s->syn_seq == p->tcp_seq) &&
	    p->when >= s->flow.first &&
	    (outward || !home || !initiator_is_home(home, &s->flow.tuple)))
		return true;
	if (home && !outward && p->when >= s->flow.first && initiator_is_sender(home, &s->flow, p))
		return true;
	return p->when >= deadline(s->flow.last, s->age_class) ||
	       s->flow.first >= deadline(p->when, s->age_class);
}

/*
 * One packet of a flow.
 */
static uint32_t add32(uint32_t a, uint32_t b)
{
	return a + b < a ? UINT32_MAX : a + b;
}

static void count_outward(struct slot *s, const struct packet *p)
{
	struct flow *f = &s->flow;

	s->burst.out_payload = add32(s->burst.out_payload, p->payload_bytes);
	f->out_bytes += p->bytes;
	f->out_payload += p->payload_bytes;
	f->out_packets += f->out_packets != UINT32_MAX;
	f->out_flags |= p->tcp_flags;
	/* No handshake gets that far unanswered: we see one side only. */
	if (f->answer == ANSWER_NONE && (p->tcp_flags & (TCP_ACK | TCP_RST)) == TCP_ACK)
		f->answer = ANSWER_UNKNOWN;
}

static void count_inward(struct slot *s, const struct packet *p)
{
	struct flow *f = &s->flow;

	s->burst.in_payload = add32(s->burst.in_payload, p->payload_bytes);
	f->in_bytes += p->bytes;
	f->in_payload += p->payload_bytes;
	f->in_packets += f->in_packets != UINT32_MAX;
	f->in_flags |= p->tcp_flags;
	if (!(p->tcp_flags & TCP_RST))
		f->answer = ANSWER_YES;
	else if (f->answer == ANSWER_NONE)
		f->answer = ANSWER_REFUSED;
}

static enum age_class class_of(const struct flow *f)
{
	uint8_t either = f->out_flags | f->in_flags, both = f->out_flags & f->in_flags;

	if ((either & TCP_RST) || (both & TCP_FIN))
		return AGE_CLOSED;
	if (f->answer == ANSWER_NONE)
		return AGE_UNANSWERED;
	return f->tuple.proto == IPPROTO_TCP ? AGE_TCP : AGE_OTHER;
}

static void touch(struct flow_table *t, uint32_t n)
{
	struct slot *s = &t->slots[n];
	enum age_class c = class_of(&s->flow);

	t->links[n].touched = t->now;
	if (c == s->age_class) {
		age_touch(&t->ages[c], t->links, n);
	} else {
		age_unlink(&t->ages[s->age_class], t->links, n);
		age_append(&t->ages[c], t->links, n);
		s->age_class = (uint8_t)c;
	}
	if (deadline(t->now, c) < t->next_deadline)
		t->next_deadline = deadline(t->now, c);
}

/* TCP's own traffic - handshakes, acknowledgements - says nothing. */
static bool speaks(const struct packet *p)
{
	return p->payload_bytes > 0 || p->tuple.proto != IPPROTO_TCP;
}

struct flow_key flow_table_key(const struct flow_table *t, const struct packet *p)
{
	struct flow_key key = key_of(&t->hash_key, &p->tuple);

	key.likeness = copies_likeness(&t->copies, p, key.hash ^ key.low_first);
	key.place = copies_place(p);
	__builtin_prefetch(&t->copies.recent[key.place], 1);
	slot_index_fetch(&t->index, key.hash);
	return key;
}

void flow_table_fetch(const struct flow_table *t, const struct flow_key *key)
{
	struct slot_walk walk;
	uint32_t n = slot_index_walk(&t->index, key->hash, &walk);
	const char *slot = (const char *)&t->slots[n];

	__builtin_prefetch(slot);
	__builtin_prefetch(slot + 64);
	__builtin_prefetch(slot + 128);
	__builtin_prefetch(&t->links[n]);
}

struct flow *flow_table_add(struct flow_table *t, const struct packet *p, bool *out_outward)
{
	struct flow_key key = flow_table_key(t, p);

	return flow_table_add_keyed(t, p, &key, out_outward);
}

struct flow *flow_table_add_keyed(struct flow_table *t, const struct packet *p,
				  const struct flow_key *key, bool *out_outward)
{
	struct slot *slot;
	struct flow *flow;
	uint32_t n;

	CHECK(!t->in_callback);
	if (copies_saw(&t->copies, key->likeness, key->place, p->when)) {
		t->stats.duplicates++;
		return NULL;
	}
	if (p->when > t->now)
		t->now = p->when;
	end_silent_flows(t);
	t->stats.packets++;

	n = find(t, &p->tuple, key);
	if (n && starts_anew(t, &t->slots[n], p, t->slots[n].low_first == key->low_first)) {
		end_flow(t, n, FLOW_END_IDLE);
		n = 0;
	}
	if (!n)
		n = start_flow(t, p, key);

	slot = &t->slots[n];
	flow = &slot->flow;
	if (p->when < flow->first)
		look_again(slot, p, slot->low_first == key->low_first);
	*out_outward = slot->low_first == key->low_first;
	if (*out_outward && speaks(p))
		note_speech(t, slot, p);
	else if (!*out_outward && p->payload_bytes)
		note_inward_speech(slot, p);
	if (p->when < flow->first)
		flow->first = p->when;
	if (p->when > flow->last)
		flow->last = p->when;
	if (*out_outward)
		count_outward(slot, p);
	else
		count_inward(slot, p);
	touch(t, n);
	return flow;
}

void flow_table_cut(struct flow_table *t, struct flow *flow, ns_t when)
{
	struct slot *s = (struct slot *)flow; /* a slot begins with its flow */

	CHECK(!t->in_callback);
	if (!s->spoken || s->burst.first == when)
		return;
	tell_burst(t, s, FLOW_END_BURST);
	s->burst = begin_burst(&s->flow, when);
	s->flow.bursts++;
}

/*
 * The end of everything.
 */
static int compare_ports(uint16_t a, uint16_t b)
{
	return (a > b) - (a < b);
}

static int by_start_then_tuple(const void *a, const void *b, void *arg)
{
	const struct flow_table *t = arg;
	const struct flow *f = &t->slots[((const struct slot_place *)a)->slot].flow;
	const struct flow *g = &t->slots[((const struct slot_place *)b)->slot].flow;
	int c;

	if (f->first != g->first)
		return f->first < g->first ? -1 : 1;
	c = address_compare(&f->tuple.src, &g->tuple.src);
	if (!c)
		c = address_compare(&f->tuple.dst, &g->tuple.dst);
	if (!c)
		c = compare_ports(f->tuple.src_port, g->tuple.src_port);
	if (!c)
		c = compare_ports(f->tuple.dst_port, g->tuple.dst_port);
	if (!c)
		c = (f->tuple.network > g->tuple.network) - (f->tuple.network < g->tuple.network);
	return c ? c : (int)f->tuple.proto - (int)g->tuple.proto;
}

/* Nobody looks anything up any more, so the index lends its memory to the sorting. */
void flow_table_flush(struct flow_table *t)
{
	struct slot_place *order = t->index.places;
	size_t count = 0;

	CHECK(!t->in_callback);
	for (enum age_class c = 0; c < AGE_CLASSES; c++)
		for (uint32_t n = t->ages[c].oldest; n; n = t->links[n].newer)
			order[count++].slot = n;
	qsort_r(order, count, sizeof(*order), by_start_then_tuple, t);
	for (size_t i = 0; i < count; i++) {
		t->stats.live--;
		tell(t, &t->slots[order[i].slot], FLOW_END_INPUT);
	}
	slot_index_clear(&t->index);
	memset(t->ages, 0, sizeof(t->ages));
	t->fresh = 1;
	t->free_slot = 0;
	t->now = INT64_MIN;
	t->next_deadline = INT64_MAX;
	copies_forget(&t->copies);
}

struct flow_table *flow_table_new(const struct flow_table_config *config)
{
	struct flow_table *t = calloc(1, sizeof(*t));

	CHECK(config->capacity >= 1 && config->on_end);
	if (!t)
		return NULL;
	t->config = *config;
	t->hash_key = hash_key_new();
	copies_start(&t->copies, hash_bytes(&t->hash_key, "copies", 6));
	t->slots = aligned_alloc(64, (config->capacity + 1) * sizeof(*t->slots));
	t->links = calloc(config->capacity + 1, sizeof(*t->links));
	if (!slot_index_init(&t->index, config->capacity) || !t->slots || !t->links) {
		flow_table_free(t);
		return NULL;
	}
	t->fresh = 1;
	t->now = INT64_MIN;
	t->next_deadline = INT64_MAX;
	return t;
}

void flow_table_free(struct flow_table *t)
{
	if (!t)
		return;
	slot_index_fini(&t->index);
	free(t->links);
	free(t->slots);
	free(t);
}

size_t flow_table_size(size_t capacity)
{
	return sizeof(struct flow_table) + slot_index_size(capacity) +
	       (capacity + 1) * (sizeof(struct slot) + sizeof(struct age_link));
}

struct flow_table_stats flow_table_stats(const struct flow_table *t)
{
	return t->stats;
}
