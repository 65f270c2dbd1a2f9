/* SPDX-License-Identifier: Apache-2.0 */
/* Byte 0 picks the link type, bytes 1 and 2 how much the capture cut off; a frame follows. */
#include "net/packet.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_packet(const struct frame *frame, enum decode_verdict v, const struct packet *p)
{
	CHECK(p->tuple.zero == 0 && p->tuple.src.version == p->tuple.dst.version);
	CHECK(p->tuple.src.version == 4 || p->tuple.src.version == 6);
	CHECK(p->payload_captured <= p->payload_bytes && p->payload_bytes <= p->bytes);
	CHECK((p->payload == NULL) == (p->payload_captured == 0));
	CHECK(!p->payload || (p->payload > frame->bytes &&
			      p->payload + p->payload_captured <= frame->bytes + frame->captured));
	if (v == DECODE_FRAGMENT)
		CHECK(p->fragment && p->tuple.src_port == 0 && p->tuple.dst_port == 0);
}

/* Whatever the capture cuts off, nothing but the payload may change. */
static void check_cut(const struct frame *frame, const struct packet *p)
{
	struct frame cut = *frame;
	struct packet layers[PACKET_LAYERS_MAX], q;
	unsigned count;

	if (cut.length < cut.captured)
		cut.length = cut.captured;
	cut.captured -= cut.captured / 4 + 1;
	if (decode_frame(&cut, layers, &count) != DECODE_OK)
		return;
	q = layers[0];
	CHECK(!memcmp(&p->tuple, &q.tuple, sizeof(q.tuple)) && p->bytes == q.bytes);
	CHECK(p->payload_bytes == q.payload_bytes && p->tcp_flags == q.tcp_flags);
	CHECK(p->payload_captured >= q.payload_captured);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const uint32_t links[] = {LINK_ETHERNET,	 LINK_NULL,	  LINK_RAW,  LINK_LOOP,
					 LINK_LINUX_SLL, LINK_LINUX_SLL2, LINK_IPV4, LINK_IPV6};
	struct frame frame;
	struct packet packets[PACKET_LAYERS_MAX];
	unsigned count;
	enum decode_verdict v;

	if (len < 3)
		return 0;
	frame = (struct frame){
		.bytes = bytes + 3,
		.captured = (uint32_t)len - 3,
		.length = (uint32_t)len - 3 + (uint32_t)(bytes[1] << 8 | bytes[2]),
		.link = links[bytes[0] % ARRAY_LEN(links)],
	};
	v = decode_frame(&frame, packets, &count);
	CHECK(v < DECODE_VERDICTS);
	if (v == DECODE_OK || v == DECODE_FRAGMENT)
		check_packet(&frame, v, &packets[0]);
	if (v == DECODE_OK)
		check_cut(&frame, &packets[0]);
	return 0;
}
