/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Byte 0 picks what is done.  Even: eight bytes a piece; the table must do what the
 * obvious model does.  1: the same, but many datagrams, so that the budget is
 * spent: no byte may get lost.  3: frames, each behind its length in one byte, so
 * that tunnels are met in what was put together.
 */
#include "fragments_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { PIECE = 8, PROTO_OTHER = 253 };

static struct model_event events[MODEL_EVENTS];
static size_t event_count;
static uint64_t bytes_out;

static void on_packets(enum decode_verdict verdict, const struct packet *packets, unsigned count,
		       void *arg)
{
	const struct packet *p = &packets[0];
	CHECK(count >= 1 && count <= PACKET_LAYERS_MAX && p->fragment);
	for (unsigned i = 0; i < count; i++) {
		uint32_t sum = 0;

		CHECK(packets[i].payload_captured <= packets[i].payload_bytes);
		CHECK((packets[i].payload == NULL) == (packets[i].payload_captured == 0));
		for (uint32_t at = 0; at < packets[i].payload_captured; at += 97)
			sum += packets[i].payload[at]; /* a sanitizer looks on */
		CHECK(sum < UINT32_MAX);
	}
	CHECK(p->payload_bytes <= p->bytes);
	bytes_out += p->bytes;
	event_count++;
	if (!arg)
		return;
	events[event_count - 1] =
		(struct model_event){.whole = verdict == DECODE_OK,
				     .key = p->fragment_id,
				     .bytes = p->bytes,
				     .payload_bytes = p->payload_bytes,
				     .payload_captured = p->payload_captured,
				     .payload_sum = model_sum(p->payload, p->payload_captured),
				     .when = p->when};
}

/*
 *	| who, version, more | place, 2 bytes | length, 2 bytes | captured | time | content |
 *
 * To be compared with a model, places are below 1 KiB, or beyond the end of the
 * world: byte by byte the rest would take too long.
 */
static struct packet read_piece(const uint8_t b[static PIECE], bool many, ns_t *clock)
{
	static uint8_t content[16384];
	bool v6 = b[0] & 1;
	uint8_t a[16] = {10};
	struct packet p = {
		.tuple = {.src = v6 ? address_v6(a) : address_v4(a),
			  .dst = v6 ? address_v6(a) : address_v4(a),
			  .proto = PROTO_OTHER},
		.fragment = true,
		.more_fragments = b[0] & 0x80,
		.fragment_at = (uint16_t)((b[1] << 8 | b[2]) << 3),
		.fragment_id = many ? (uint32_t)(b[0] & 0x7f) << 8 | b[7] : b[0] & 7,
	};

	p.payload_bytes = (uint32_t)(b[3] << 8 | b[4]) % sizeof(content);
	if (!many) {
		p.payload_bytes &= 0xff;
		p.fragment_at &= 0x3ff;
	}
	if (!many && b[1] == 0xff) {
		p.payload_bytes |= 8;
		p.fragment_at = 0xfff8;
	}
	if (b[0] & 0x40) /* mostly what could be */
		p.payload_bytes &= ~7u;
	p.payload_captured = b[5] & 0x80 ? p.payload_bytes * (b[5] & 0x7fu) / 128 : p.payload_bytes;
	p.bytes = p.payload_bytes + 20;
	memset(content, b[7] & 3, p.payload_captured);
	if (b[7] & 4)
		content[b[7] >> 3] ^= 0x55;
	p.payload = p.payload_captured ? content : NULL;
	*clock += (ns_t)(b[6] & 0x7f) * NS_PER_SEC / 8;
	p.when = *clock - (b[6] & 0x80 ? NS_PER_SEC : 0);
	return p;
}

static void compare(const struct model *m, const struct fragment_table *t)
{
	struct fragment_stats stats = fragment_table_stats(t);

	CHECK(!memcmp(&stats, &m->stats, sizeof(stats)));
	CHECK(event_count == m->event_count);
	for (size_t i = 0; i < event_count; i++) {
		const struct model_event *e = &events[i], *f = &m->events[i];

		CHECK(e->whole == f->whole && e->key == f->key && e->when == f->when);
		CHECK(e->bytes == f->bytes && e->payload_bytes == f->payload_bytes);
		CHECK(e->payload_captured == f->payload_captured);
		CHECK(e->payload_sum == f->payload_sum);
	}
}

static void run_model(const uint8_t *bytes, size_t len)
{
	static struct model m;
	static struct fragment_table *t;
	static struct fragment_stats before;
	ns_t clock = 0;

	if (!t)
		t = fragment_table_new(0, on_packets, &m);
	CHECK(t);
	model_reset(&m);
	m.stats = before; /* the table counts on from run to run */
	for (size_t at = 0; at + PIECE <= len; at += PIECE) {
		struct packet p = read_piece(bytes + at, false, &clock);

		fragment_table_add(t, &p);
		model_add(&m, p.fragment_id, &p);
	}
	fragment_table_flush(t);
	model_give_up(&m, -1); /* all */
	compare(&m, t);
	before = m.stats;
}

static void run_flood(struct fragment_table *t, const uint8_t *bytes, size_t len)
{
	uint64_t bytes_in = 0, copies;
	ns_t clock = 0;

	for (size_t at = 0; at + PIECE <= len; at += PIECE) {
		struct packet p = read_piece(bytes + at, true, &clock);

		copies = fragment_table_stats(t).duplicates;
		fragment_table_add(t, &p);
		if (fragment_table_stats(t).duplicates == copies)
			bytes_in += p.bytes;
	}
	fragment_table_flush(t);
	CHECK(bytes_in == bytes_out);
}

static void run_frames(struct fragment_table *t, const uint8_t *bytes, size_t len)
{
	struct packet packets[PACKET_LAYERS_MAX];
	unsigned count;

	for (size_t at = 0; at < len; at += 1u + bytes[at]) {
		struct frame frame = {.bytes = bytes + at + 1,
				      .captured = bytes[at],
				      .length = bytes[at],
				      .link = LINK_RAW,
				      .when = (ns_t)at * NS_PER_MS};

		if (frame.captured > len - at - 1)
			frame.captured = frame.length = (uint32_t)(len - at - 1);
		if (decode_frame(&frame, packets, &count) == DECODE_FRAGMENT)
			fragment_table_add(t, &packets[count - 1]);
	}
	fragment_table_flush(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct fragment_table *t;

	if (len < 1 || len > 4096)
		return 0;
	event_count = 0;
	bytes_out = 0;
	if (!t)
		t = fragment_table_new(0, on_packets, NULL);
	CHECK(t);
	if (bytes[0] % 2 == 0)
		run_model(bytes + 1, len - 1);
	else if (bytes[0] % 4 == 1)
		run_flood(t, bytes + 1, len - 1);
	else
		run_frames(t, bytes + 1, len - 1);
	return 0;
}
