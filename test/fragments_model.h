/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fragments_model.h - reassembly the obvious way: a byte of notes for each byte of
 * each datagram, everything counted anew after each piece.  Slow, and short
 * enough to be believed.  Knows no budget: whoever compares stays below it.
 */
#pragma once

#include "net/fragments.h"

#include <string.h>

/* A fuzzer is to explore the table, not its model; nor where that would be inlined. */
#ifdef __clang__
#pragma clang attribute push(__attribute__((no_sanitize("coverage"))), apply_to = function)
#pragma clang attribute push(__attribute__((noinline)), apply_to = function)
#endif

enum { MODEL_DATAGRAMS = 8, MODEL_EVENTS = 1024, MODEL_SIZE = 65536 };

/* What was handed on. */
struct model_event {
	bool whole;
	uint32_t key, bytes, payload_bytes, payload_captured, payload_sum;
	ns_t when;
};

struct model_datagram {
	enum { NO_DATAGRAM, COLLECTING, SPOILT, COMPLETE } state;
	uint32_t key, bytes, total, pieces, end;
	uint64_t number; /* in order of birth; of completion once complete */
	ns_t born, last;
	bool overlaps;
	bool there[MODEL_SIZE], captured[MODEL_SIZE];
	uint8_t byte[MODEL_SIZE];
};

struct model {
	struct model_datagram datagrams[MODEL_DATAGRAMS];
	struct model_event events[MODEL_EVENTS];
	size_t event_count;
	uint64_t numbers;
	struct fragment_stats stats;
	ns_t now;
};

static inline uint32_t model_sum(const uint8_t *bytes, uint32_t len)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < len; i++)
		sum = sum * 31 + bytes[i] + 1;
	return sum;
}

static inline void model_note(struct model *m, struct model_event event)
{
	CHECK(m->event_count < MODEL_EVENTS);
	m->events[m->event_count++] = event;
}

static inline void model_hand_on(struct model *m, const struct model_datagram *d, bool whole)
{
	struct model_event e = {.whole = whole, .key = d->key, .bytes = d->bytes, .when = d->last};

	for (uint32_t i = 0; i < d->end; i++)
		e.payload_bytes += d->there[i];
	while (d->state != SPOILT && e.payload_captured < d->end && d->there[e.payload_captured] &&
	       d->captured[e.payload_captured])
		e.payload_captured++;
	e.payload_sum = model_sum(d->byte, e.payload_captured);
	model_note(m, e);
}

static inline void model_forget(struct model_datagram *d)
{
	memset(d->there, 0, d->end);
	memset(d->captured, 0, d->end);
	d->state = NO_DATAGRAM;
}

/* The oldest that is born before `limit` and complete, or not. */
static inline struct model_datagram *model_oldest(struct model *m, bool complete, ns_t patience)
{
	struct model_datagram *oldest = NULL;

	for (int i = 0; i < MODEL_DATAGRAMS; i++) {
		struct model_datagram *d = &m->datagrams[i];

		if (d->state != NO_DATAGRAM && (d->state == COMPLETE) == complete &&
		    m->now - d->born > patience && (!oldest || d->number < oldest->number))
			oldest = d;
	}
	return oldest;
}

static inline void model_give_up(struct model *m, ns_t patience)
{
	struct model_datagram *d;

	while ((d = model_oldest(m, false, patience)) != NULL) {
		m->stats.given_up++;
		model_hand_on(m, d, false);
		model_forget(d);
	}
}

static inline void model_refuse(struct model *m, uint32_t key, const struct packet *p)
{
	m->stats.refused++;
	model_note(m, (struct model_event){.key = key,
					   .bytes = p->bytes,
					   .payload_bytes = p->payload_bytes,
					   .when = p->when,
					   .payload_sum = model_sum(NULL, 0)});
}

/* Runs of bytes that are there; whether one of them touches or meets start..end. */
static inline uint32_t model_runs(const struct model_datagram *d, uint32_t start, uint32_t end,
				  bool *out_touches)
{
	uint32_t runs = 0;

	*out_touches = false;
	for (uint32_t i = 0; i < d->end; i++) {
		runs += d->there[i] && (i == 0 || !d->there[i - 1]);
		if (d->there[i] && i + 1 >= start && i <= end)
			*out_touches = true;
	}
	return runs;
}

static inline bool model_fits(const struct model_datagram *d, const struct packet *p)
{
	uint32_t start = p->fragment_at, end = start + p->payload_bytes;
	bool touches;

	if (d->pieces == 8192 || (model_runs(d, start, end, &touches) == 64 && !touches))
		return false;
	if (p->more_fragments)
		return !d->total || end <= d->total;
	return d->total ? end == d->total : end >= d->end;
}

/* Are the piece's bytes those there?  Beyond a gap in what was captured nobody remembers. */
static inline bool model_same(const struct model_datagram *d, const struct packet *p)
{
	uint32_t at = p->fragment_at, first = at;

	while (first > 0 && d->there[first - 1])
		first--;
	for (uint32_t i = first; i < at; i++)
		if (!d->captured[i])
			return true;
	for (uint32_t i = 0; i < p->payload_captured && d->captured[at + i]; i++)
		if (d->byte[at + i] != p->payload[i])
			return false;
	return true;
}

static inline uint32_t model_there(const struct model_datagram *d, const struct packet *p)
{
	uint32_t there = 0;

	for (uint32_t i = 0; i < p->payload_bytes; i++)
		there += p->fragment_at + i < d->end && d->there[p->fragment_at + i];
	return there;
}

static inline void model_place(struct model *m, struct model_datagram *d, const struct packet *p)
{
	uint32_t at = p->fragment_at;

	for (uint32_t i = 0; i < p->payload_bytes; i++) {
		if (at + i < d->end && d->there[at + i])
			continue;
		d->there[at + i] = true;
		d->captured[at + i] = i < p->payload_captured;
		d->byte[at + i] = i < p->payload_captured ? p->payload[i] : 0;
	}
	if (at + p->payload_bytes > d->end)
		d->end = at + p->payload_bytes;
	if (!p->more_fragments)
		d->total = d->end;
	for (uint32_t i = 0; i < d->end; i++)
		if (!d->there[i])
			return;
	if (!d->total)
		return;
	m->stats.whole++;
	model_hand_on(m, d, true);
	d->state = COMPLETE;
	d->born = m->now;
	d->number = ++m->numbers;
}

static inline void model_to(struct model *m, struct model_datagram *d, const struct packet *p)
{
	uint32_t there = 0;

	if (!model_fits(d, p)) {
		model_refuse(m, d->key, p);
		return;
	}
	if (d->state == COLLECTING) {
		there = model_there(d, p);
		if (there == p->payload_bytes && model_same(d, p)) {
			m->stats.duplicates++;
			return;
		}
	}
	d->pieces++;
	d->bytes += p->bytes;
	d->last = p->when;
	if (there) {
		m->stats.overlapping += !d->overlaps;
		d->overlaps = true;
		if (p->tuple.src.version == 6)
			d->state = SPOILT;
	}
	if (d->state == COLLECTING)
		model_place(m, d, p);
}

/* `key` < MODEL_DATAGRAMS stands for all by which datagrams are told apart. */
static inline void model_add(struct model *m, uint32_t key, const struct packet *p)
{
	struct model_datagram *d = &m->datagrams[key];

	if (p->when > m->now)
		m->now = p->when;
	model_give_up(m, 30 * NS_PER_SEC);
	for (int i = 0; i < MODEL_DATAGRAMS; i++)
		if (m->datagrams[i].state == COMPLETE && m->now - m->datagrams[i].born > NS_PER_SEC)
			model_forget(&m->datagrams[i]);
	m->stats.pieces++;
	if (p->payload_bytes == 0 || p->fragment_at + p->payload_bytes > 65535 ||
	    (p->more_fragments && p->payload_bytes % 8)) {
		model_refuse(m, key, p);
		return;
	}
	if (d->state == COMPLETE) {
		if (model_there(d, p) == p->payload_bytes && model_same(d, p)) {
			m->stats.duplicates++;
			return;
		}
		model_forget(d);
	}
	if (d->state == NO_DATAGRAM) {
		d->state = COLLECTING;
		d->key = key;
		d->bytes = d->total = d->pieces = d->end = 0;
		d->overlaps = false;
		d->born = m->now;
		d->number = ++m->numbers;
	}
	model_to(m, d, p);
}

static inline void model_reset(struct model *m)
{
	for (int i = 0; i < MODEL_DATAGRAMS; i++)
		model_forget(&m->datagrams[i]);
	m->event_count = 0;
	m->numbers = 0;
	m->stats = (struct fragment_stats){0};
	m->now = INT64_MIN;
}

#ifdef __clang__
#pragma clang attribute pop
#pragma clang attribute pop
#endif
