/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Byte 0: is there a SYN?  Then six bytes a segment: where, how long, flags,
 * urgent pointer, and what the reader does with what it sees.  The code must do
 * what the obvious model does.
 */
#include "stream_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define WRAPS 0xfffff000u /* so that the numbers wrap within the first segments */

static struct packet read_segment(const uint8_t b[static 6], size_t *at, uint8_t *payload)
{
	size_t len = b[2] & 0x80 ? (size_t)(b[2] & 0x7f) * 4 : b[2];

	if (b[1] & 0x80)
		*at += (size_t)(b[1] & 0x3f) << (b[1] & 0x40 ? 7 : 0);
	else
		*at -= b[1];
	for (size_t i = 0; i < len; i++)
		payload[i] = (uint8_t)(*at + i + (i == b[4] && b[3] & 0x40));
	return (struct packet){
		.payload = payload,
		.payload_captured = (uint32_t)len,
		.payload_bytes = (uint32_t)len + (b[3] & 0x20 ? b[4] : 0),
		.tcp_seq = (uint32_t)(*at - MODEL_START + WRAPS),
		.tcp_flags = b[3] & 0x10 ? TCP_ACK | TCP_URG : TCP_ACK,
		.tcp_urgent = b[3] & 0x10 ? b[4] : 0,
	};
}

static void check_view(const struct stream_view *view, const struct stream_model *m)
{
	CHECK(view->final == m->final && view->len == m->view_len);
	CHECK(!view->len || !memcmp(view->bytes, m->view, view->len));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct stream_pool *pool;
	static struct stream_model m;
	static uint8_t payload[2048];
	struct stream s = {0};
	struct stream_view view;
	struct packet syn = {.tcp_flags = TCP_SYN, .tcp_seq = WRAPS - 1};
	size_t at = MODEL_START;

	if (len < 1 || len > 6 * 24)
		return 0;
	if (!pool)
		pool = stream_pool_new(0);
	CHECK(pool);
	model_init(&m, bytes[0] & 1);
	CHECK(!(bytes[0] & 1) || !stream_read(pool, &s, &syn, &view));
	for (size_t i = 1; i + 6 <= len; i += 6) {
		const uint8_t *b = bytes + i;
		struct packet p = read_segment(b, &at, payload);
		bool seen;

		if (at < STREAM_MAX || at > 10 * STREAM_MAX || m.filled > STREAM_MAX)
			break;
		seen = stream_read(pool, &s, &p, &view);
		CHECK(seen == model_read(&m, at, &p));
		if (!seen)
			continue;
		check_view(&view, &m);
		size_t done = view.final || b[3] & 1 ? view.len + (b[5] & 3) : b[5] >> 4;

		stream_keep(pool, &s, &p, &view, done, b[5]);
		model_keep(&m, done, b[5]);
		at += p.payload_captured;
	}
	stream_settle(pool, &s, &syn.tuple);
	CHECK(stream_stats(pool).live == 0);
	return 0;
}
