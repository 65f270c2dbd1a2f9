/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Byte 0 is the capacity; then five bytes a packet: who, whose ports, flags,
 * and how far time moves.  The table must do what the obvious model does.
 */
#include "flow_table_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static struct packet read_packet(const uint8_t b[static 5], ns_t *clock)
{
	static const uint8_t protos[] = {IPPROTO_TCP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP};
	uint8_t src = b[0] & 3, dst = b[0] >> 2 & 3;
	struct packet p = {
		.tuple = {.src = address_v4((uint8_t[]){10, 0, 0, src}),
			  .dst = address_v4((uint8_t[]){10, 0, 0, dst}),
			  .proto = protos[b[0] >> 4 & 3],
			  .src_port = b[1] & 1 ? 443 : 50000,
			  .dst_port = b[1] & 2 ? 443 : 50000},
		.bytes = 40 + b[1],
		.payload_bytes = b[1],
	};

	if (b[0] & 0x80)
		p.tuple.src = address_v6(p.tuple.src.bytes);
	if (b[0] & 0x80)
		p.tuple.dst = address_v6(p.tuple.dst.bytes);
	if (p.tuple.proto == IPPROTO_TCP) {
		p.tcp_flags = b[2] & 0x3f;
		p.tcp_seq = b[2] >> 6;
	}
	*clock += (ns_t)(b[3] & 0x7f) * (b[3] & 0x80 ? 5 * NS_PER_SEC : NS_PER_SEC / 2);
	p.when = *clock - (ns_t)(b[4] & 0x7f) * (b[4] & 0x80 ? 5 * NS_PER_SEC : 10 * NS_PER_MS);
	return p;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct ended ended;
	static struct model model;
	struct flow_table_config config = {.on_end = ended_add, .arg = &ended};
	struct flow_table *table;
	ns_t clock = 0;

	if (len < 1 || len > 4000)
		return 0;
	config.capacity = 1 + bytes[0] % MODEL_LIVE_MAX;
	table = flow_table_new(&config);
	CHECK(table);
	model.capacity = config.capacity;
	model.packets = model.evicted = model.count = model.ended.count = ended.count = 0;
	for (size_t at = 1; at + 5 <= len; at += 5) {
		struct packet p = read_packet(bytes + at, &clock);
		bool outward, model_outward;

		flow_table_add(table, &p, &outward);
		model_add(&model, &p, &model_outward);
		CHECK(outward == model_outward && ended.count == model.ended.count);
		CHECK(flow_table_stats(table).live == model.count);
		CHECK(flow_table_stats(table).evicted == model.evicted);
	}
	flow_table_flush(table);
	model_flush(&model);
	CHECK(ended_equal(&ended, &model.ended));
	flow_table_free(table);
	return 0;
}
