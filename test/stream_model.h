/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream_model.h - the rules of stream.h, written the slow and obvious way: a
 * byte map over all numbers that a test uses, where whoever writes first wins.
 *
 * Numbers here do not wrap: the SYN has MODEL_START - 1, and what goes to the
 * code is that plus any first number modulo 2^32.
 */
#pragma once

#include "flow/stream.h"

#include <string.h>

/* libFuzzer is to follow the code, not the model; nor where that would be inlined. */
#ifdef __clang__
#define UNTRACED __attribute__((no_sanitize("coverage"), noinline))
#else
#define UNTRACED
#endif

enum {
	MODEL_START = 3 * STREAM_MAX,
	MODEL_SPACE = 16 * STREAM_MAX,
	MODEL_NOWHERE = MODEL_SPACE,
};

struct stream_model {
	bool present[MODEL_SPACE], urgent[MODEL_SPACE];
	uint8_t value[MODEL_SPACE];
	uint8_t view[STREAM_MAX];
	size_t view_len;
	bool final;
	bool started, guessed, kept, settled;
	size_t base, need, cut, filled;
	size_t conflicts;
	size_t high; /* nothing from here on was ever touched */
};

/* `m` is all zeros at first. */
UNTRACED static inline void model_init(struct stream_model *m, bool syn)
{
	memset(m->present, 0, m->high);
	memset(m->urgent, 0, m->high);
	m->started = syn;
	m->guessed = m->kept = m->settled = false;
	m->filled = m->conflicts = m->high = 0;
	m->base = MODEL_START;
	m->need = 1;
	m->cut = MODEL_NOWHERE;
}

UNTRACED static inline size_t model_have(const struct stream_model *m)
{
	size_t n = 0;

	while (n < STREAM_MAX && m->present[m->base + n])
		n++;
	return n;
}

UNTRACED static inline void model_forget_beyond(struct stream_model *m, size_t at)
{
	for (size_t i = at; i < m->high; i++)
		m->present[i] = m->urgent[i] = false;
}

UNTRACED static inline bool model_look(struct stream_model *m, bool final)
{
	size_t have = model_have(m);

	m->view_len = 0;
	for (size_t i = 0; i < have; i++)
		if (!m->urgent[m->base + i])
			m->view[m->view_len++] = m->value[m->base + i];
	m->final = final || have == STREAM_MAX || m->base + have == m->cut ||
		   m->filled > 2 * STREAM_MAX;
	return m->final || m->view_len >= m->need;
}

/* One byte; first wins, and a keep-alive's byte says nothing. */
UNTRACED static inline bool model_put(struct stream_model *m, size_t at, uint8_t value)
{
	if (m->present[at])
		return m->value[at] != value;
	m->present[at] = true;
	m->high = at < m->high ? m->high : at + 1;
	m->value[at] = value;
	m->filled++;
	return false;
}

UNTRACED static inline void model_mark_urgent(struct stream_model *m, size_t at)
{
	m->urgent[at] = true;
	m->high = at < m->high ? m->high : at + 1;
}

UNTRACED static inline bool model_read(struct stream_model *m, size_t at, const struct packet *p)
{
	size_t to = at + p->payload_captured, have, before;
	bool conflict = false, alone;

	if (m->settled || p->payload_captured == 0)
		return false;
	if (!m->started) {
		m->started = m->guessed = true;
		m->base = at;
	}
	alone = !m->kept;
	if (at >= m->base + STREAM_MAX || (alone && to <= m->base))
		return false;
	if (alone && at == m->base && !(p->tcp_flags & TCP_URG)) { /* nothing else matters */
		m->view_len = p->payload_captured;
		memcpy(m->view, p->payload, m->view_len);
		m->final = p->payload_captured < p->payload_bytes;
		return true;
	}
	m->kept = true;
	before = m->filled;
	if (m->guessed && at < m->base && at + STREAM_MAX > m->base && p->payload_bytes > 1) {
		m->base = at;
		model_forget_beyond(m, m->base + STREAM_MAX);
	}
	have = model_have(m);
	if (to > m->base + have) {
		size_t oob = at + (p->tcp_urgent ? p->tcp_urgent - 1 : 0);

		if (p->tcp_flags & TCP_URG && oob >= m->base + have && oob < m->base + STREAM_MAX)
			model_mark_urgent(m, oob);
		if (p->payload_captured < p->payload_bytes &&
		    (to < m->cut || m->cut < m->base + have))
			m->cut = to;
	}
	for (size_t i = at; i < to && i < m->base + STREAM_MAX; i++)
		if (i >= m->base && !(p->payload_bytes <= 1 && at + 1 == m->base + have))
			conflict |= model_put(m, i, p->payload[i - at]);
	m->conflicts += conflict;
	return m->filled > before && model_look(m, false); /* nothing new: no new look */
}

/* After a view made of the packet alone: it is kept only now. */
UNTRACED static inline void model_keep(struct stream_model *m, size_t done, size_t need)
{
	size_t span = 0;

	if (!m->kept) {
		for (size_t i = 0; i < m->view_len; i++)
			model_put(m, m->base + i, m->view[i]);
		span = done;
	} else {
		for (size_t seen = 0; seen < done; span++)
			seen += !m->urgent[m->base + span];
	}
	if (done)
		m->guessed = false;
	m->base += span;
	if (m->cut <= m->base)
		m->cut = MODEL_NOWHERE;
	m->kept = false;
	if (span)
		m->filled = 0;
	for (size_t i = 0; i < STREAM_MAX && m->base + i < m->high; i++) {
		m->kept |= m->present[m->base + i] || m->urgent[m->base + i];
		if (span && m->present[m->base + i])
			m->filled = i + 1;
	}
	m->need = model_have(m) && need < STREAM_MAX ? need : model_have(m) ? STREAM_MAX : 1;
}
