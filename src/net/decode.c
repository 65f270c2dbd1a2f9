/* SPDX-License-Identifier: Apache-2.0 */
#include "net/peel.h"

static void fill(struct packet *out, const struct peel *p, ns_t when)
{
	bool v4 = p->version == 4;

	*out = (struct packet){
		.when = when,
		.tuple = {.src = v4 ? address_v4(p->src) : address_v6(p->src),
			  .dst = v4 ? address_v4(p->dst) : address_v6(p->dst),
			  .src_port = p->src_port,
			  .dst_port = p->dst_port,
			  .proto = p->proto},
		.bytes = p->bytes,
	};
}

enum decode_verdict decode_frame(const struct frame *frame, struct packet out[PACKET_LAYERS_MAX],
				 unsigned *out_count)
{
	uint32_t length = frame->length > frame->captured ? frame->length : frame->captured;
	struct peel p = {
		.rest = {.bytes = frame->bytes, .captured = frame->captured, .length = length},
	};
	enum decode_verdict v = peel_link(&p, frame->link);

	*out_count = 0;
	if (v != DECODE_OK && v != DECODE_FRAGMENT)
		return v;
	*out_count = 1;
	fill(out, &p, frame->when);
	if (v == DECODE_FRAGMENT)
		return v;
	out->payload_bytes = p.rest.length;
	out->payload_captured = p.rest.captured;
	out->payload = p.rest.captured ? p.rest.bytes : NULL;
	out->tcp_seq = p.tcp_seq;
	out->tcp_flags = p.tcp_flags;
	out->fragment = p.fragment;
	return v;
}
