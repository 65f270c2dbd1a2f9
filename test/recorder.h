/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recorder.h - for tests: bytes put together by hand, and a sink that
 * remembers what it was given.
 */
#pragma once

#include "input/input.h"
#include "input/recognise.h"

#include <string.h>

/* A file in the making. */
struct maker {
	uint8_t *bytes;
	size_t len, room;
	bool big; /* byte order of the numbers put */
};

static inline void put(struct maker *m, const void *bytes, size_t len)
{
	if (m->len + len > m->room) {
		m->room = 2 * (m->len + len);
		m->bytes = realloc(m->bytes, m->room);
		CHECK(m->bytes);
	}
	if (len)
		memcpy(m->bytes + m->len, bytes, len);
	m->len += len;
}

static inline void put_number(struct maker *m, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++) {
		int shift = 8 * (m->big ? bytes - 1 - i : i);
		uint8_t byte = (uint8_t)(value >> shift);

		put(m, &byte, 1);
	}
}

static inline void put16(struct maker *m, uint64_t value)
{
	put_number(m, value, 2);
}

static inline void put32(struct maker *m, uint64_t value)
{
	put_number(m, value, 4);
}

static inline void put64(struct maker *m, uint64_t value)
{
	put_number(m, value, 8);
}

static inline void put_text(struct maker *m, const char *text)
{
	put(m, text, strlen(text));
}

static inline void maker_fini(struct maker *m)
{
	free(m->bytes);
	*m = (struct maker){0};
}

/* The first RECORDED_MAX of each are kept, all are counted. */
enum { RECORDED_MAX = 64, RECORDED_BYTES = 64 };

struct recorded_frame {
	ns_t when;
	uint32_t captured, length, link;
	uint8_t bytes[RECORDED_BYTES]; /* the first of them */
};

struct recorded_lookup {
	struct input_lookup lookup; /* its pointers are not to be used */
	char name[256];
	struct address addresses[8];
};

struct recorded_claim {
	uint64_t uid;
	uint8_t app;
	char name[256];
};

struct recorder {
	size_t frames, flows, lookups, claims, calls, unwanted;
	struct recorded_frame frame[RECORDED_MAX];
	struct flow flow[RECORDED_MAX];
	struct recorded_unwanted {
		struct tuple ends;
		ns_t first, last;
		uint64_t served;
	} unwanted_flow[RECORDED_MAX];
	struct recorded_lookup lookup[RECORDED_MAX];
	struct recorded_claim claim[RECORDED_MAX];
	uint64_t progress; /* as told last */
	uint64_t sum;	   /* of all there was, to tell two readings apart */
	enum input_format format;
	struct complaint why;
};

/* Forget what came so far; what was recorded lies there still, but counts no more. */
static inline void recorder_reset(struct recorder *r)
{
	r->frames = r->flows = r->lookups = r->claims = r->calls = r->unwanted = 0;
	r->progress = r->sum = 0;
	r->format = INPUT_UNKNOWN;
	r->why.text[0] = '\0';
}

static inline void add_sum(struct recorder *r, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	for (size_t i = 0; i < len; i++)
		r->sum = (r->sum ^ p[i]) * 1099511628211u;
}

static inline void keep_name(char *out, size_t size, const char *name, size_t len)
{
	CHECK(len < size);
	if (len)
		memcpy(out, name, len);
	out[len] = '\0';
}

static inline void record_frame(void *arg, const struct frame *frame)
{
	struct recorder *r = arg;

	if (r->frames < RECORDED_MAX) {
		struct recorded_frame *f = &r->frame[r->frames];
		size_t len = frame->captured < RECORDED_BYTES ? frame->captured : RECORDED_BYTES;

		*f = (struct recorded_frame){
			frame->when, frame->captured, frame->length, frame->link, {0}};
		if (len)
			memcpy(f->bytes, frame->bytes, len);
	}
	add_sum(r, &frame->when, sizeof(frame->when));
	add_sum(r, &frame->captured, sizeof(frame->captured));
	add_sum(r, frame->bytes, frame->captured);
	r->frames++;
}

static inline void record_flow(void *arg, const struct flow *flow)
{
	struct recorder *r = arg;

	if (r->flows < RECORDED_MAX)
		r->flow[r->flows] = *flow;
	add_sum(r, &flow->tuple, sizeof(flow->tuple));
	add_sum(r, &flow->first, sizeof(flow->first));
	r->flows++;
}

static inline void record_unwanted(void *arg, const struct tuple *ends, ns_t first, ns_t last,
				   uint64_t served)
{
	struct recorder *r = arg;

	if (r->unwanted < RECORDED_MAX)
		r->unwanted_flow[r->unwanted] =
			(struct recorded_unwanted){*ends, first, last, served};
	add_sum(r, ends, sizeof(*ends));
	add_sum(r, &last, sizeof(last));
	r->unwanted++;
}

static inline void record_lookup(void *arg, const struct input_lookup *lookup)
{
	struct recorder *r = arg;

	if (r->lookups < RECORDED_MAX) {
		struct recorded_lookup *l = &r->lookup[r->lookups];

		l->lookup = *lookup;
		keep_name(l->name, sizeof(l->name), lookup->name, lookup->name_len);
		for (size_t i = 0; i < lookup->address_count && i < ARRAY_LEN(l->addresses); i++)
			l->addresses[i] = lookup->addresses[i];
	}
	add_sum(r, lookup->name, lookup->name_len);
	r->lookups++;
}

static inline void record_claim(void *arg, const struct input_claim *claim)
{
	struct recorder *r = arg;

	if (r->claims < RECORDED_MAX) {
		struct recorded_claim *c = &r->claim[r->claims];

		c->uid = claim->uid;
		c->app = claim->app;
		keep_name(c->name, sizeof(c->name), claim->name, claim->name_len);
	}
	add_sum(r, claim->name, claim->name_len);
	r->claims++;
}

static inline void record_progress(void *arg, uint64_t bytes_read)
{
	struct recorder *r = arg;

	CHECK(bytes_read > r->progress);
	r->progress = bytes_read;
	r->calls++;
}

static inline struct input_sink recorder_sink(struct recorder *r)
{
	return (struct input_sink){.frame = record_frame,
				   .flow = record_flow,
				   .lookup = record_lookup,
				   .claim = record_claim,
				   .progress = record_progress,
				   .progress_arg = r,
				   .arg = r};
}

/* Read from memory, `at_most` bytes at a time (0: no limit), as input_read() reads a file. */
static inline int record_by(const struct input_sink *sink, const void *bytes, size_t len,
			    size_t at_most)
{
	struct recorder *r = sink->arg;
	struct recognised what;
	struct bytes *source;
	int rc;

	memset(r, 0, sizeof(*r));
	CHECK(!bytes_over(bytes, len, "test", &source));
	bytes_watch(source, record_progress, r);
	if (at_most)
		bytes_read_at_most(source, at_most);
	rc = recognise(source, &what, &r->why);
	r->format = what.format;
	if (!rc)
		rc = read_recognised(source, &what, sink, &r->why);
	bytes_close(source);
	return rc;
}

static inline int record(struct recorder *r, const void *bytes, size_t len, size_t at_most)
{
	struct input_sink sink = recorder_sink(r);

	return record_by(&sink, bytes, len, at_most);
}
