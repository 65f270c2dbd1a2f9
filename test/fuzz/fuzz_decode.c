/* SPDX-License-Identifier: Apache-2.0 */
/* Byte 0 picks the link type, bytes 1 and 2 how much the capture cut off; a frame follows. */
#include "net/packet.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_packet(const struct frame *frame, const struct packet *p)
{
	CHECK(p->tuple.zero == 0 && p->tuple.src.version == p->tuple.dst.version);
	CHECK(p->tuple.src.version == 4 || p->tuple.src.version == 6);
	CHECK(p->payload_captured <= p->payload_bytes && p->payload_bytes <= p->bytes);
	CHECK((p->payload == NULL) == (p->payload_captured == 0));
	CHECK(!p->payload || (p->payload > frame->bytes &&
			      p->payload + p->payload_captured <= frame->bytes + frame->captured));
	CHECK(p->inside < TUNNEL_KINDS && p->carries < TUNNEL_KINDS);
	if (p->fragment)
		CHECK(p->tuple.src_port == 0 && p->tuple.dst_port == 0 && !p->carries);
	else
		CHECK(p->fragment_at == 0 && !p->more_fragments && p->fragment_id == 0);
}

/* A packet carries the one that comes next; only the last can be a piece. */
static void check_layers(const struct frame *frame, enum decode_verdict v,
			 const struct packet *packets, unsigned count)
{
	CHECK(v < DECODE_VERDICTS && count <= PACKET_LAYERS_MAX);
	CHECK(count > 0 || (v != DECODE_OK && v != DECODE_FRAGMENT));
	CHECK(count == 0 || packets[0].inside == TUNNEL_NONE);
	for (unsigned i = 0; i < count; i++) {
		check_packet(frame, &packets[i]);
		CHECK(packets[i].fragment == (v == DECODE_FRAGMENT && i == count - 1));
		if (i + 1 == count)
			continue;
		CHECK(packets[i].carries != TUNNEL_NONE &&
		      packets[i].carries == packets[i + 1].inside);
		CHECK(packets[i].payload < packets[i + 1].payload || !packets[i + 1].payload);
	}
}

/* | identification 16 | checksum 16 |: the checksum lies last and may be cut off. */
static void check_stamp(uint32_t whole, uint32_t cut)
{
	CHECK(whole >> 16 == cut >> 16);
	CHECK((uint16_t)cut == (uint16_t)whole || (uint16_t)cut == 0);
}

/* Whatever the capture cuts off, nothing but captured payload and deeper layers may change. */
static void check_cut(const struct frame *frame, const struct packet *whole, unsigned whole_count)
{
	struct frame cut = *frame;
	struct packet q[PACKET_LAYERS_MAX];
	unsigned count;

	if (cut.length < cut.captured)
		cut.length = cut.captured;
	cut.captured -= cut.captured / 4 + 1;
	(void)!decode_frame(&cut, q, &count);
	CHECK(count <= whole_count);
	for (unsigned i = 0; i < count; i++) {
		CHECK(!memcmp(&whole[i].tuple, &q[i].tuple, sizeof(q[i].tuple)));
		CHECK(whole[i].bytes == q[i].bytes && whole[i].inside == q[i].inside);
		CHECK(whole[i].payload_bytes == q[i].payload_bytes);
		CHECK(whole[i].tcp_flags == q[i].tcp_flags);
		check_stamp(whole[i].stamp, q[i].stamp);
		CHECK(whole[i].payload_captured >= q[i].payload_captured);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	/* what seeds use stays in its place: new ones go to the end */
	static const uint32_t links[] = {
		LINK_ETHERNET,	 LINK_NULL,	    LINK_RAW,  LINK_LOOP, LINK_LINUX_SLL,
		LINK_LINUX_SLL2, LINK_IPV4,	    LINK_IPV6, LINK_PPP,  LINK_PPP_HDLC,
		LINK_PPP_ETHER,	 LINK_LLC,	    LINK_WIFI, LINK_MPLS, LINK_RADIOTAP,
		LINK_CISCO_HDLC, LINK_PPP_DIRECTION};
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
	check_layers(&frame, v, packets, count);
	if (frame.captured)
		check_cut(&frame, packets, count);
	return 0;
}
