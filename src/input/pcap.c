/* SPDX-License-Identifier: Apache-2.0 */
/*
 *	file    magic 4 | major 2 | minor 2 | zone 4 | accuracy 4 | snap 4 | link 4
 *	packet  seconds 4 | fraction 4 | captured 4 | length 4 | (modified: 8) | bytes
 */
#include "input/pcap.h"

#include "input/wire.h"

#include <errno.h>

enum { FILE_HEADER = 24, PACKET_HEADER = 16, MODIFIED_HEADER = 24 };

struct layout {
	bool big;	      /* written by a big-endian machine */
	bool lengths_swapped; /* before version 2.3 they came in the other order */
	bool lengths_unsure;  /* version 2.3: either, the smaller is the captured one */
	uint32_t header;      /* bytes before a packet */
	uint32_t fraction_ns;
	uint32_t link;
};

static bool read_magic(const uint8_t *head, struct layout *out)
{
	for (int big = 0; big < 2; big++) {
		uint32_t magic = wire_u32(head, big);

		*out = (struct layout){.big = big, .header = PACKET_HEADER, .fraction_ns = 1000};
		if (magic == 0xa1b2c3d4)
			return true;
		if (magic == 0xa1b23c4d) {
			out->fraction_ns = 1;
			return true;
		}
		if (magic == 0xa1b2cd34) {
			out->header = MODIFIED_HEADER;
			return true;
		}
	}
	return false;
}

bool pcap_recognise(const uint8_t *head, size_t len)
{
	struct layout layout;

	return len >= 4 && read_magic(head, &layout);
}

static int read_file_header(struct bytes *b, struct layout *out, struct complaint *why)
{
	unsigned major, minor;

	if (!bytes_want(b, FILE_HEADER)) {
		int rc = bytes_error(b, why);

		if (!rc)
			complain(why, "%s: the file ends inside its header", b->name);
		return rc ? rc : -ENODATA;
	}
	if (!read_magic(b->pos, out)) {
		complain(why, "%s: this is no pcap file", b->name);
		return -EBADMSG;
	}
	major = wire_u16(b->pos + 4, out->big);
	minor = wire_u16(b->pos + 6, out->big);
	if (major != 2) {
		complain(why, "%s: pcap version %u.%u is not known", b->name, major, minor);
		return -EBADMSG;
	}
	out->lengths_swapped = minor < 3;
	out->lengths_unsure = minor == 3;
	out->link = wire_u32(b->pos + 20, out->big) & 0xffff;
	b->pos += FILE_HEADER;
	return 0;
}

static inline void read_packet_header(const uint8_t *p, const struct layout *l, struct frame *out)
{
	out->when =
		wire_u32(p, l->big) * NS_PER_SEC + (ns_t)wire_u32(p + 4, l->big) * l->fraction_ns;
	out->captured = wire_u32(p + 8, l->big);
	out->length = wire_u32(p + 12, l->big);
	out->link = l->link;
	if (l->lengths_swapped || (l->lengths_unsure && out->captured > out->length)) {
		uint32_t length = out->captured;

		out->captured = out->length;
		out->length = length;
	}
	if (out->length < out->captured)
		out->length = out->captured;
}

/* Every packet up to the end or a break; `*out_packets` is the one it stopped at. */
static int read_packets(struct bytes *b, const struct layout *l, const struct input_sink *sink,
			uint64_t *out_packets, struct complaint *why)
{
	struct frame frame;
	uint64_t n;

	for (n = *out_packets = 1; bytes_want(b, l->header); *out_packets = ++n) {
		read_packet_header(b->pos, l, &frame);
		if (frame.captured > CAPTURED_MAX) {
			complain(why, "%s: packet %llu: the header claims %u captured bytes",
				 b->name, (unsigned long long)n, frame.captured);
			return -EBADMSG;
		}
		if (!bytes_want(b, l->header + frame.captured))
			return -ENODATA;
		frame.bytes = b->pos + l->header;
		b->pos += l->header + frame.captured;
		sink->frame(sink->arg, &frame);
	}
	return bytes_ready(b) ? -ENODATA : 0;
}

int pcap_read(struct bytes *b, const struct input_sink *sink, struct complaint *why)
{
	struct layout layout;
	uint64_t packets;
	int rc = read_file_header(b, &layout, why);

	if (rc)
		return rc;
	rc = read_packets(b, &layout, sink, &packets, why);
	if (rc == -EBADMSG)
		return rc;
	if (bytes_error(b, NULL))
		return bytes_error(b, why);
	if (rc)
		complain(why, "%s: the file ends inside packet %llu", b->name,
			 (unsigned long long)packets);
	return rc;
}
