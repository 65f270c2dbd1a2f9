/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow_table_model.h - the rules of flow_table.h, written the slow and obvious
 * way: an unsorted array that is searched from end to end for everything.  If
 * the table and the model ever disagree, one of them is wrong.
 */
#pragma once

#include "flow/flow_table.h"

#include <netinet/in.h>
#include <string.h>

enum { MODEL_LIVE_MAX = 64, MODEL_ENDED_MAX = 4096 };

/* What ended, in order; the table's callback fills one of these, the model another. */
struct ended {
	struct flow flow[MODEL_ENDED_MAX];
	size_t count;
};

static inline void ended_add(const struct flow *flow, void *arg)
{
	struct ended *e = arg;

	CHECK(e->count < MODEL_ENDED_MAX);
	memcpy(&e->flow[e->count++], flow, sizeof(*flow));
}

struct model_flow {
	struct flow flow;
	ns_t touched;
	uint64_t ordinal; /* of its last packet */
	bool syn_seen;
	uint32_t syn_seq;
};

struct model {
	struct model_flow live[MODEL_LIVE_MAX];
	size_t count, capacity;
	ns_t now;
	uint64_t packets, evicted;
	struct ended ended;
};

static inline bool model_closed(const struct flow *f)
{
	return ((f->out_flags | f->in_flags) & TCP_RST) ||
	       ((f->out_flags & TCP_FIN) && (f->in_flags & TCP_FIN));
}

static inline ns_t model_timeout(const struct flow *f)
{
	if (model_closed(f))
		return 60 * NS_PER_SEC;
	if (f->tuple.proto == IPPROTO_TCP && f->answer != ANSWER_NONE)
		return 300 * NS_PER_SEC;
	return 30 * NS_PER_SEC;
}

/* Which of two equally silent flows goes first: closed, unanswered, others, TCP. */
static inline int model_rank(const struct flow *f)
{
	if (model_closed(f))
		return 0;
	if (f->answer == ANSWER_NONE)
		return 1;
	return f->tuple.proto == IPPROTO_TCP ? 3 : 2;
}

static inline void model_end(struct model *m, size_t i, enum flow_end why)
{
	struct flow *f = &m->live[i].flow;

	if (why == FLOW_END_EVICTED)
		m->evicted++;
	f->end = (uint8_t)(model_closed(f) && why != FLOW_END_EVICTED ? FLOW_END_CLOSED : why);
	ended_add(f, &m->ended);
	m->live[i] = m->live[--m->count];
}

/* Does a come before b when sorted by time, rank and last packet? */
static inline bool model_before(ns_t a_time, const struct model_flow *a, ns_t b_time,
				const struct model_flow *b)
{
	if (a_time != b_time)
		return a_time < b_time;
	if (model_rank(&a->flow) != model_rank(&b->flow))
		return model_rank(&a->flow) < model_rank(&b->flow);
	return a->ordinal < b->ordinal;
}

static inline void model_end_silent(struct model *m)
{
	for (;;) {
		const struct model_flow *best = NULL;

		for (const struct model_flow *f = m->live; f < m->live + m->count; f++) {
			if (m->now - f->touched < model_timeout(&f->flow))
				continue;
			if (!best || model_before(f->touched + model_timeout(&f->flow), f,
						  best->touched + model_timeout(&best->flow), best))
				best = f;
		}
		if (!best)
			return;
		model_end(m, (size_t)(best - m->live), FLOW_END_IDLE);
	}
}

static inline void model_make_room(struct model *m)
{
	const struct model_flow *best = NULL;
	bool cheap = false; /* best is closed or unanswered */

	for (const struct model_flow *f = m->live; f < m->live + m->count; f++) {
		bool f_cheap = model_rank(&f->flow) <= 1;

		if (!best || (f_cheap && !cheap) ||
		    (f_cheap == cheap && model_before(f->touched, f, best->touched, best))) {
			best = f;
			cheap = f_cheap;
		}
	}
	model_end(m, (size_t)(best - m->live), FLOW_END_EVICTED);
}

static inline bool model_forward(const struct tuple *a, const struct tuple *b)
{
	return address_equal(&a->src, &b->src) && address_equal(&a->dst, &b->dst) &&
	       a->src_port == b->src_port && a->dst_port == b->dst_port && a->proto == b->proto &&
	       a->network == b->network;
}

static inline struct tuple model_mirror(const struct tuple *t)
{
	return (struct tuple){t->dst, t->src, t->dst_port, t->src_port, t->proto, 0, t->network};
}

static inline bool model_is_syn(const struct packet *p)
{
	return (p->tcp_flags & TCP_SYN) && !(p->tcp_flags & (TCP_ACK | TCP_RST | TCP_FIN));
}

static inline struct model_flow model_start(const struct packet *p)
{
	struct model_flow f = {.flow = {.tuple = p->tuple, .first = p->when, .last = p->when}};
	bool mirrored = false;

	f.flow.answer = ANSWER_NONE;
	if (p->tuple.proto == IPPROTO_TCP) {
		f.syn_seen = model_is_syn(p);
		f.syn_seq = p->tcp_seq;
		if (!f.syn_seen) {
			mirrored = (p->tcp_flags & TCP_SYN) && (p->tcp_flags & TCP_ACK) &&
				   !(p->tcp_flags & TCP_RST);
			f.flow.inferred = !mirrored;
			if (p->tuple.src_port < 1024 && p->tuple.dst_port >= 1024)
				mirrored = true;
		}
	}
	if (mirrored)
		f.flow.tuple = model_mirror(&p->tuple);
	return f;
}

/* As if this packet, sent before all others, had come first. */
static inline void model_look_again(struct model_flow *f, const struct packet *p)
{
	struct model_flow anew = model_start(p);
	bool tcp = p->tuple.proto == IPPROTO_TCP;
	struct flow *a = &f->flow, b = f->flow;

	if (f->syn_seen || (double)a->last - (double)p->when >= 5e8)
		return;
	if ((a->inferred || !tcp) && !model_forward(&a->tuple, &anew.flow.tuple)) {
		a->tuple = anew.flow.tuple;
		a->out_bytes = b.in_bytes, a->in_bytes = b.out_bytes;
		a->out_payload = b.in_payload, a->in_payload = b.out_payload;
		a->out_packets = b.in_packets, a->in_packets = b.out_packets;
		a->out_flags = b.in_flags, a->in_flags = b.out_flags;
		a->answer = ANSWER_NONE;
		if ((a->out_flags & TCP_ACK) && !(a->out_flags & TCP_RST))
			a->answer = ANSWER_UNKNOWN;
		if (a->in_packets)
			a->answer = ANSWER_YES;
		if (a->in_flags == TCP_RST || a->in_flags == (TCP_RST | TCP_ACK))
			a->answer = ANSWER_REFUSED;
	}
	if (a->inferred || !tcp)
		a->inferred = anew.flow.inferred;
	if (anew.syn_seen && model_forward(&a->tuple, &p->tuple)) {
		f->syn_seen = true;
		f->syn_seq = p->tcp_seq;
	}
}

static inline void model_count(struct flow *f, const struct packet *p, bool outward)
{
	if (outward) {
		f->out_packets++;
		f->out_bytes += p->bytes;
		f->out_payload += p->payload_bytes;
		f->out_flags |= p->tcp_flags;
		if ((p->tcp_flags & TCP_ACK) && !(p->tcp_flags & TCP_RST) &&
		    f->answer == ANSWER_NONE)
			f->answer = ANSWER_UNKNOWN;
	} else {
		f->in_packets++;
		f->in_bytes += p->bytes;
		f->in_payload += p->payload_bytes;
		f->in_flags |= p->tcp_flags;
		if (!(p->tcp_flags & TCP_RST))
			f->answer = ANSWER_YES;
		else if (f->answer == ANSWER_NONE)
			f->answer = ANSWER_REFUSED;
	}
	f->first = p->when < f->first ? p->when : f->first;
	f->last = p->when > f->last ? p->when : f->last;
}

static inline size_t model_find(const struct model *m, const struct tuple *t)
{
	struct tuple back = model_mirror(t);
	size_t i = 0;

	while (i < m->count && !model_forward(&m->live[i].flow.tuple, t) &&
	       !model_forward(&m->live[i].flow.tuple, &back))
		i++;
	return i;
}

/* Returns the flow; `*out_outward` as flow_table_add() sets it. */
static inline const struct flow *model_add(struct model *m, const struct packet *p,
					   bool *out_outward)
{
	size_t i;

	if (m->packets++ == 0 || p->when > m->now)
		m->now = p->when;
	model_end_silent(m);
	i = model_find(m, &p->tuple);
	if (i < m->count) {
		const struct model_flow *f = &m->live[i];
		bool again = model_closed(&f->flow) && model_is_syn(p) &&
			     !(f->syn_seen && f->syn_seq == p->tcp_seq) && p->when >= f->flow.first;

		if (again || p->when - f->flow.last >= model_timeout(&f->flow) ||
		    f->flow.first - p->when >= model_timeout(&f->flow)) {
			model_end(m, i, FLOW_END_IDLE);
			i = m->count;
		}
	}
	if (i == m->count) {
		if (m->count == m->capacity)
			model_make_room(m);
		i = m->count++;
		m->live[i] = model_start(p);
	}
	if (p->when < m->live[i].flow.first)
		model_look_again(&m->live[i], p);
	*out_outward = model_forward(&m->live[i].flow.tuple, &p->tuple);
	model_count(&m->live[i].flow, p, *out_outward);
	m->live[i].touched = m->now;
	m->live[i].ordinal = m->packets;
	return &m->live[i].flow;
}

static inline int model_tuple_order(const struct tuple *a, const struct tuple *b)
{
	int c = address_compare(&a->src, &b->src);

	c = c ? c : address_compare(&a->dst, &b->dst);
	c = c ? c : (int)a->src_port - (int)b->src_port;
	c = c ? c : (int)a->dst_port - (int)b->dst_port;
	return c ? c : (int)a->proto - (int)b->proto;
}

static inline void model_flush(struct model *m)
{
	while (m->count) {
		size_t best = 0;

		for (size_t i = 1; i < m->count; i++) {
			const struct flow *f = &m->live[i].flow, *g = &m->live[best].flow;

			if (f->first < g->first ||
			    (f->first == g->first && model_tuple_order(&f->tuple, &g->tuple) < 0))
				best = i;
		}
		model_end(m, best, FLOW_END_INPUT);
	}
	m->packets = 0;
}

/* The same flows in the same order, field by field (a struct copy may leave holes alone). */
static inline bool ended_equal(const struct ended *a, const struct ended *b)
{
	bool same = a->count == b->count;

	for (size_t i = 0; same && i < a->count; i++) {
		const struct flow *f = &a->flow[i], *g = &b->flow[i];

		same = model_forward(&f->tuple, &g->tuple) && f->first == g->first &&
		       f->last == g->last && f->out_bytes == g->out_bytes &&
		       f->in_bytes == g->in_bytes && f->out_payload == g->out_payload &&
		       f->in_payload == g->in_payload && f->out_packets == g->out_packets &&
		       f->in_packets == g->in_packets && f->answer == g->answer &&
		       f->end == g->end && f->inferred == g->inferred &&
		       f->out_flags == g->out_flags && f->in_flags == g->in_flags;
	}
	return same;
}
