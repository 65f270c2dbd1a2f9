/* SPDX-License-Identifier: Apache-2.0 */
#include "input/recognise.h"

#include "input/pcap.h"
#include "input/pcapng.h"
#include "input/unpack.h"
#include "input/zeek_json.h"

#include <errno.h>
#include <string.h>

enum { HEAD = 64 * 1024 };

/* Things people have lying next to their captures; all are told apart by magic bytes. */
static const char *foreign_name(const uint8_t *head, size_t len)
{
	static const struct {
		const char *magic;
		size_t len;
		const char *name;
	} foreign[] = {
		{"BZh", 3, "bzip2 data, which is not unpacked here"},
		{"PK\3\4", 4, "a zip archive; unpack it first"},
		{"7z\xbc\xaf\x27\x1c", 6, "a 7-Zip archive; unpack it first"},
		{"\x02\x21\x4c\x18", 4, "lz4 data in the legacy format; repack it with lz4"},
		{"snoop\0\0\0", 8, "a snoop capture; convert it with editcap"},
		{"GMBU", 4, "a Network Monitor capture; convert it with editcap"},
		{"XCP\0", 4, "a Sniffer capture; convert it with editcap"},
		{"\x0c\xa5", 2, "an nfdump file, which is not read"},
		{"SQLite format 3", 15, "an SQLite database"},
		{"\x7f"
		 "ELF",
		 4, "a program"},
	};

	if (packing_of(head, len) != PACKING_NONE)
		return "packed twice; unpack it once";
	for (size_t i = 0; i < ARRAY_LEN(foreign); i++) {
		if (len >= foreign[i].len && !memcmp(head, foreign[i].magic, foreign[i].len))
			return foreign[i].name;
	}
	return NULL;
}

static void complain_unknown(const char *name, const uint8_t *head, size_t len,
			     struct complaint *why)
{
	struct text rest, line = text_split((struct text){(const char *)head, len}, '\n', &rest);
	const char *foreign = foreign_name(head, len);
	char start[64];

	if (foreign) {
		complain(why, "%s: neither a capture nor a Zeek log but %s", name, foreign);
		return;
	}
	if (zeek_json_has(line, "event_type") && zeek_json_has(line, "timestamp")) {
		complain(why, "%s: Suricata's EVE log, which is not read", name);
		return;
	}
	printable(start, sizeof(start), line.at, line.len < 24 ? line.len : 24);
	complain(why, "%s: neither a capture nor a Zeek log (it starts \"%s\")", name, start);
}

/*
 * The first packet's time.
 */

static void keep_first(void *arg, const struct frame *frame)
{
	struct recognised *what = arg;

	if (!what->first)
		what->first = frame->when;
}

static void first_packet(const uint8_t *head, size_t len, struct recognised *what)
{
	struct input_sink sink = {.frame = keep_first, .arg = what};
	struct bytes *bytes;

	if (bytes_over(head, len, "", &bytes))
		return;
	if (read_recognised(bytes, what, &sink, NULL)) {
		/* The head ends in the middle of something: no wonder, and no matter. */
	}
	bytes_close(bytes);
}

int recognise(struct bytes *b, struct recognised *out, struct complaint *why)
{
	bool whole = !bytes_want(b, HEAD);
	size_t len = whole ? bytes_ready(b) : HEAD;

	*out = (struct recognised){.format = INPUT_UNKNOWN};
	if (len == 0) {
		int rc = bytes_error(b, why);

		if (rc)
			return rc;
		out->format = INPUT_EMPTY;
		complain(why, "%s: empty", b->name);
	} else if (pcap_recognise(b->pos, len)) {
		out->format = INPUT_PCAP;
		first_packet(b->pos, len, out);
	} else if (pcapng_recognise(b->pos, len)) {
		out->format = INPUT_PCAPNG;
		first_packet(b->pos, len, out);
	} else if (zeek_recognise(b->pos, len, &out->zeek)) {
		out->format = out->zeek.kind;
		out->first = out->zeek.first;
	} else if (whole && bytes_error(b, why)) {
		return bytes_error(b, NULL);
	} else {
		complain_unknown(b->name, b->pos, len, why);
	}
	return 0;
}

int read_recognised(struct bytes *b, const struct recognised *what, const struct input_sink *sink,
		    struct complaint *why)
{
	switch (what->format) {
	case INPUT_PCAP:
		return pcap_read(b, sink, why);
	case INPUT_PCAPNG:
		return pcapng_read(b, sink, why);
	case INPUT_ZEEK_CONN:
	case INPUT_ZEEK_DNS:
	case INPUT_ZEEK_SSL:
	case INPUT_ZEEK_HTTP:
		return zeek_read(b, &what->zeek, sink, why);
	case INPUT_ZEEK_OTHER:
		return 0;
	case INPUT_EMPTY:
		return -ENODATA;
	default:
		return -EBADMSG;
	}
}
