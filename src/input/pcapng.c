/* SPDX-License-Identifier: Apache-2.0 */
/*
 *	block     type 4 | total length 4 | body, padded to 4 | total length 4
 *	section   0x1a2b3c4d in its byte order | major 2 | minor 2 | length 8 | options
 *	interface link 2 | 2 | snap 4 | options
 *	enhanced  interface 4 | time 8 | captured 4 | length 4 | bytes | options
 *	obsolete  interface 2 | drops 2 | time 8 | captured 4 | length 4 | bytes | options
 *	simple    length 4 | bytes
 *	option    code 2 | length 2 | value, padded to 4
 *
 * A time is one 64-bit number, the upper half first.
 */
#include "input/pcapng.h"

#include "input/pcap.h"
#include "input/trouble.h"
#include "input/wire.h"

#include <errno.h>

enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_OBSOLETE = 2,
	BLOCK_SIMPLE = 3,
	BLOCK_ENHANCED = 6,
	BLOCK_HEAD = 8,
	BLOCK_LEAST = 12,
	ORDER_MAGIC = 0x1a2b3c4d,
	OPTION_END = 0,
	OPTION_TSRESOL = 9,
	OPTION_TSOFFSET = 14,
};

__extension__ typedef unsigned __int128 wide;
__extension__ typedef __int128 signed_wide;

struct interface {
	uint32_t link;
	uint32_t snap;	    /* 0: no limit */
	int64_t offset_s;   /* to be added to its times */
	uint8_t resolution; /* times count 10^-n s, or 2^-n s if the upper bit is set */
};

struct pcapng {
	struct bytes *bytes;
	const struct input_sink *sink;
	bool big; /* this section's byte order */
	uint64_t blocks, packets;
	ns_t last;
	struct trouble trouble;
	uint32_t interface_count;
	struct interface interfaces[INTERFACES_MAX];
};

/* A block that lies whole in the window. */
struct block {
	uint32_t type;
	const uint8_t *body;
	uint32_t len;
};

bool pcapng_recognise(const uint8_t *head, size_t len)
{
	if (len < 4 || wire_u32(head, false) != BLOCK_SECTION)
		return false;
	return len < BLOCK_LEAST || wire_u32(head + 8, false) == ORDER_MAGIC ||
	       wire_u32(head + 8, true) == ORDER_MAGIC;
}

/*
 * Time and packets.
 */

static bool time_of(const struct interface *in, uint64_t units, ns_t *out)
{
	unsigned exponent = in->resolution & 0x7f;
	wide ns = units;
	signed_wide total;

	if (in->resolution & 0x80) {
		ns = ns * (wide)NS_PER_SEC >> exponent;
	} else {
		for (unsigned e = exponent; e < 9; e++)
			ns *= 10;
		for (unsigned e = 9; e < exponent && ns; e++)
			ns /= 10;
	}
	total = (signed_wide)ns + (signed_wide)in->offset_s * NS_PER_SEC;
	if (total > INT64_MAX || total < INT64_MIN)
		return false;
	*out = (ns_t)total;
	return true;
}

static void deliver(struct pcapng *p, const struct interface *in, const uint8_t *bytes,
		    uint32_t captured, uint32_t length)
{
	struct frame frame = {
		.when = p->last,
		.bytes = bytes,
		.captured = captured,
		.length = length < captured ? captured : length,
		.link = in->link,
	};

	p->sink->frame(p->sink->arg, &frame);
}

/* Enhanced and obsolete blocks differ only in how they name the interface. */
static void read_packet(struct pcapng *p, const struct block *block)
{
	enum { FIELDS = 20 };
	const uint8_t *at = block->body;
	uint32_t number, captured;
	uint64_t units;

	p->packets++;
	if (block->len < FIELDS) {
		complain(trouble_note(&p->trouble, p->packets), "its block is too short");
		return;
	}
	number = block->type == BLOCK_ENHANCED ? wire_u32(at, p->big) : wire_u16(at, p->big);
	units = (uint64_t)wire_u32(at + 4, p->big) << 32 | wire_u32(at + 8, p->big);
	captured = wire_u32(at + 12, p->big);
	if (number >= p->interface_count) {
		complain(trouble_note(&p->trouble, p->packets), "interface %u was never described",
			 number);
		return;
	}
	if (captured > block->len - FIELDS || captured > CAPTURED_MAX) {
		complain(trouble_note(&p->trouble, p->packets),
			 "it claims %u captured bytes in a block of %u", captured, block->len);
		return;
	}
	if (!time_of(&p->interfaces[number], units, &p->last)) {
		complain(trouble_note(&p->trouble, p->packets), "its time is out of all range");
		return;
	}
	deliver(p, &p->interfaces[number], at + FIELDS, captured, wire_u32(at + 16, p->big));
}

static void read_simple_packet(struct pcapng *p, const struct block *block)
{
	const struct interface *in = &p->interfaces[0];
	uint32_t length, captured;

	p->packets++;
	if (block->len < 4) {
		complain(trouble_note(&p->trouble, p->packets), "its block is too short");
		return;
	}
	if (p->interface_count == 0) {
		complain(trouble_note(&p->trouble, p->packets),
			 "no interface was described before it");
		return;
	}
	/* What was captured is not written down: it is what the other lengths leave. */
	length = captured = wire_u32(block->body, p->big);
	if (in->snap && captured > in->snap)
		captured = in->snap;
	if (captured > block->len - 4)
		captured = block->len - 4;
	if (captured > CAPTURED_MAX) {
		complain(trouble_note(&p->trouble, p->packets), "it claims %u captured bytes",
			 captured);
		return;
	}
	deliver(p, in, block->body + 4, captured, length);
}

/*
 * Sections and interfaces.
 */

static void read_interface_option(const struct pcapng *p, struct interface *in, uint16_t code,
				  const uint8_t *value, size_t len)
{
	if (code == OPTION_TSRESOL && len >= 1)
		in->resolution = value[0];
	if (code == OPTION_TSOFFSET && len >= 8)
		in->offset_s = (int64_t)wire_u64(value, p->big);
}

static int read_interface(struct pcapng *p, const struct block *block, struct complaint *why)
{
	struct interface *in = &p->interfaces[p->interface_count];
	size_t at = 8;

	if (block->len < at || p->interface_count == INTERFACES_MAX) {
		complain(why, "%s: block %llu: %s", p->bytes->name, (unsigned long long)p->blocks,
			 block->len < at ? "too short to describe an interface"
					 : "too many interfaces in one section");
		return -EBADMSG;
	}
	p->interface_count++;
	*in = (struct interface){.link = wire_u16(block->body, p->big),
				 .snap = wire_u32(block->body + 4, p->big),
				 .resolution = 6};
	while (block->len - at >= 4) {
		uint16_t code = wire_u16(block->body + at, p->big);
		uint16_t len = wire_u16(block->body + at + 2, p->big);

		at += 4;
		if (code == OPTION_END || len > block->len - at)
			break;
		read_interface_option(p, in, code, block->body + at, len);
		at += (len + 3u) & ~3u;
		if (at > block->len)
			break;
	}
	return 0;
}

static int read_section(struct pcapng *p, const struct block *block, struct complaint *why)
{
	unsigned major;

	if (block->len < 16) {
		complain(why, "%s: block %llu: too short to begin a section", p->bytes->name,
			 (unsigned long long)p->blocks);
		return -EBADMSG;
	}
	major = wire_u16(block->body + 4, p->big);
	if (major != 1) {
		complain(why, "%s: block %llu: pcapng version %u is not known", p->bytes->name,
			 (unsigned long long)p->blocks, major);
		return -EBADMSG;
	}
	p->interface_count = 0;
	return 0;
}

/*
 * Blocks.
 */

/* Its type and total length; a section's first bytes also tell the byte order. */
static int read_block_head(struct pcapng *p, uint32_t *out_type, uint32_t *out_total,
			   struct complaint *why)
{
	struct bytes *b = p->bytes;
	unsigned long long n = p->blocks;

	if (!bytes_want(b, BLOCK_LEAST))
		return -ENODATA;
	*out_type = wire_u32(b->pos, p->big);
	if (*out_type == BLOCK_SECTION) {
		p->big = wire_u32(b->pos + 8, true) == ORDER_MAGIC;
		if (!p->big && wire_u32(b->pos + 8, false) != ORDER_MAGIC) {
			complain(why, "%s: block %llu: a section without a byte order", b->name, n);
			return -EBADMSG;
		}
	}
	*out_total = wire_u32(b->pos + 4, p->big);
	if (*out_total < BLOCK_LEAST || *out_total % 4) {
		complain(why, "%s: block %llu: it claims to be %u bytes long", b->name, n,
			 *out_total);
		return -EBADMSG;
	}
	return 0;
}

static bool wanted(uint32_t type)
{
	return type == BLOCK_SECTION || type == BLOCK_INTERFACE || type == BLOCK_ENHANCED ||
	       type == BLOCK_SIMPLE || type == BLOCK_OBSOLETE;
}

static int read_body(struct pcapng *p, const struct block *block, struct complaint *why)
{
	switch (block->type) {
	case BLOCK_SECTION:
		return read_section(p, block, why);
	case BLOCK_INTERFACE:
		return read_interface(p, block, why);
	case BLOCK_SIMPLE:
		read_simple_packet(p, block);
		return 0;
	default:
		read_packet(p, block);
		return 0;
	}
}

static int read_block(struct pcapng *p, struct complaint *why)
{
	struct bytes *b = p->bytes;
	unsigned long long n = p->blocks;
	struct block block;
	uint32_t total, again;
	int rc = read_block_head(p, &block.type, &total, why);

	if (rc)
		return rc;
	if (!wanted(block.type))
		return bytes_skip(b, total) ? 0 : -ENODATA;
	if (total > BYTES_WANT_MAX) {
		complain(why, "%s: block %llu: it claims to be %u bytes long", b->name, n, total);
		return -EBADMSG;
	}
	if (!bytes_want(b, total))
		return -ENODATA;
	again = wire_u32(b->pos + total - 4, p->big);
	if (again != total) {
		complain(why, "%s: block %llu: its two lengths, %u and %u, differ", b->name, n,
			 total, again);
		return -EBADMSG;
	}
	block.body = b->pos + BLOCK_HEAD;
	block.len = total - BLOCK_LEAST;
	b->pos += total;
	return read_body(p, &block, why);
}

int pcapng_read(struct bytes *b, const struct input_sink *sink, struct complaint *why)
{
	struct pcapng *p = malloc(sizeof(*p));
	int rc = 0;

	if (!p)
		return -ENOMEM;
	memset(p, 0, offsetof(struct pcapng, interfaces));
	p->bytes = b;
	p->sink = sink;
	while (!rc && bytes_want(b, 1)) {
		p->blocks++;
		rc = read_block(p, why);
	}
	if (rc != -EBADMSG && bytes_error(b, NULL)) {
		rc = bytes_error(b, why);
	} else if (rc == -ENODATA) {
		complain(why, "%s: the file ends inside block %llu, after %llu packets", b->name,
			 (unsigned long long)p->blocks, (unsigned long long)p->packets);
	} else if (!rc) {
		rc = trouble_report(&p->trouble, b->name, "packet", p->packets, why);
	}
	free(p);
	return rc;
}
