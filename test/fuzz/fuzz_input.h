/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_input.h - for fuzz targets: read bytes as a file, whole and in pieces,
 * and check what must hold whatever they are.
 */
#pragma once

#include "input/unpack.h"
#include "recorder.h"

#include <errno.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static inline void check_frame(void *arg, const struct frame *frame)
{
	CHECK(frame->captured <= 256 * 1024 && frame->captured <= frame->length);
	record_frame(arg, frame);
}

static inline void check_flow(void *arg, const struct flow *flow)
{
	CHECK(flow->first >= 0 && flow->first <= flow->last);
	CHECK(flow->tuple.src.version && flow->tuple.dst.version && !flow->tuple.zero);
	record_flow(arg, flow);
}

static inline void check_lookup(void *arg, const struct input_lookup *lookup)
{
	struct recorder *r = arg;

	CHECK(lookup->client.version && lookup->name_len <= 1023);
	for (size_t i = 0; i < lookup->address_count; i++)
		CHECK(lookup->addresses[i].version);
	add_sum(r, lookup->name, lookup->name_len);
	r->lookups++;
}

static inline void check_claim(void *arg, const struct input_claim *claim)
{
	struct recorder *r = arg;

	CHECK(claim->uid && claim->name_len <= 1023);
	CHECK(claim->app == APP_TLS || claim->app == APP_HTTP);
	add_sum(r, claim->name, claim->name_len);
	r->claims++;
}

static inline struct input_sink fuzz_sink(struct recorder *r)
{
	return (struct input_sink){.frame = check_frame,
				   .flow = check_flow,
				   .lookup = check_lookup,
				   .claim = check_claim,
				   .progress = record_progress,
				   .progress_arg = r,
				   .arg = r};
}

static inline int fuzz_read(struct recorder *r, const uint8_t *bytes, size_t len, size_t at_most)
{
	struct input_sink sink = fuzz_sink(r);
	struct recognised what;
	struct bytes *source;
	int rc;

	recorder_reset(r);
	CHECK(!bytes_over(bytes, len, "fuzz", &source));
	bytes_watch(source, record_progress, r);
	bytes_read_at_most(source, at_most);
	rc = recognise(source, &what, &r->why);
	r->format = what.format;
	if (!rc)
		rc = read_recognised(source, &what, &sink, &r->why);
	bytes_close(source);
	return rc;
}

/* Read twice; the size of the pieces must not show in anything. */
static inline void fuzz_reading(const uint8_t *bytes, size_t len)
{
	static struct recorder whole, pieces;
	int rc = fuzz_read(&whole, bytes, len, SIZE_MAX);

	CHECK(rc <= 0);
	CHECK((rc == 0) == (whole.why.text[0] == '\0'));
	CHECK(rc == fuzz_read(&pieces, bytes, len, 1 + len % 61));
	/* How much of broken packed data comes out before the break shows is up to the library. */
	if (rc == -EBADMSG && packing_of(bytes, len) != PACKING_NONE)
		return;
	CHECK(whole.format == pieces.format && whole.sum == pieces.sum);
	CHECK(whole.frames == pieces.frames && whole.flows == pieces.flows);
	CHECK(whole.lookups == pieces.lookups && whole.claims == pieces.claims);
}
