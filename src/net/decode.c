/* SPDX-License-Identifier: Apache-2.0 */
#include "net/peel.h"

enum decode_verdict decode_frame(const struct frame *frame, struct packet out[PACKET_LAYERS_MAX],
				 unsigned *out_count)
{
	uint32_t length = frame->length > frame->captured ? frame->length : frame->captured;
	struct peel p = {
		.rest = {.bytes = frame->bytes, .captured = frame->captured, .length = length},
		.packet = out,
		.end = out + PACKET_LAYERS_MAX,
		.when = frame->when,
	};
	enum decode_verdict v = peel_link(&p, frame->link);

	*out_count = (unsigned)(p.packet - out);
	return v;
}

enum decode_verdict decode_datagram(const struct packet *whole,
				    struct packet out[PACKET_LAYERS_MAX], unsigned *out_count)
{
	struct peel p = {
		.rest = {.bytes = whole->payload,
			 .captured = whole->payload_captured,
			 .length = whole->payload_bytes},
		.packet = out,
		.end = out + PACKET_LAYERS_MAX,
		.reached = 1,
		.when = whole->when,
		.network = whole->tuple.network,
		.inside = whole->inside,
	};
	enum decode_verdict v;

	out[0] = *whole;
	v = whole->tuple.src.version == 6 ? peel_extensions(&p) : peel_transport(&p);
	*out_count = (unsigned)(p.packet - out);
	return v;
}
