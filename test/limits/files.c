/* SPDX-License-Identifier: Apache-2.0 */
/*
 * files - hostile captures and logs: as many records, blocks, rows or fields as
 * n says, each as small as it can be.
 */
#include "limits/rooms.h"
#include "recorder.h"

#include <stdio.h>

/* A line of a log is at most BYTES_WANT_MAX long. */
enum { MILLION = 1000000, ONE_LINE = 60000 };

static void count_frame(void *arg, const struct frame *frame)
{
	(void)frame;
	++*(uint64_t *)arg;
}

static void count_flow(void *arg, const struct flow *flow)
{
	(void)flow;
	++*(uint64_t *)arg;
}

static void count_lookup(void *arg, const struct input_lookup *lookup)
{
	(void)lookup;
	++*(uint64_t *)arg;
}

static void count_claim(void *arg, const struct input_claim *claim)
{
	(void)claim;
	++*(uint64_t *)arg;
}

static void read_file(struct maker *m)
{
	uint64_t count = 0;
	struct input_sink sink = {.frame = count_frame,
				  .flow = count_flow,
				  .lookup = count_lookup,
				  .claim = count_claim,
				  .arg = &count};
	struct recognised what;
	struct bytes *source;
	struct complaint why;

	CHECK(!bytes_over(m->bytes, m->len, "limits", &source));
	meter_start();
	if (!recognise(source, &what, &why))
		(void)!read_recognised(source, &what, &sink, &why);
	meter_stop();
	bytes_close(source);
	maker_fini(m);
}

static void put_times(struct maker *m, size_t n, const void *bytes, size_t len)
{
	for (size_t i = 0; i < n; i++)
		put(m, bytes, len);
}

static const char pcap_header[24] = "\xd4\xc3\xb2\xa1\2\0\4\0\0\0\0\0\0\0\0\0\0\0\4\0\1\0\0\0";
static const char section[28] = "\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a\1\0\0\0"
				"\xff\xff\xff\xff\xff\xff\xff\xff\x1c\0\0";
static const char interface[20] = "\1\0\0\0\x14\0\0\0\1\0\0\0\0\0\0\0\x14\0\0";

static void pcap_empty(size_t n)
{
	static const char record[16] = "\1\0\0\0";
	struct maker m = {0};

	put(&m, pcap_header, sizeof(pcap_header));
	put_times(&m, n, record, sizeof(record));
	read_file(&m);
}

static void pcapng_blocks(size_t n, const char *block, size_t len)
{
	struct maker m = {0};

	put(&m, section, sizeof(section));
	put(&m, interface, sizeof(interface));
	put_times(&m, n, block, len);
	read_file(&m);
}

static void pcapng_unknown(size_t n)
{
	pcapng_blocks(n, "\x55\0\0\0\x0c\0\0\0\x0c\0\0", 12);
}

static void pcapng_sections(size_t n)
{
	pcapng_blocks(n, section, sizeof(section));
}

static void pcapng_interfaces(size_t n)
{
	pcapng_blocks(n, interface, sizeof(interface));
}

static void pcapng_simple(size_t n)
{
	pcapng_blocks(n, "\3\0\0\0\x10\0\0\0\0\0\0\0\x10\0\0", 16);
}

/* An interface with n / 1,000 options, again and again. */
static void pcapng_options(size_t n)
{
	struct maker m = {0};
	size_t options = 1000, total = 20 + 4 * options;

	put(&m, section, sizeof(section));
	for (size_t i = 0; i < n / options; i++) {
		put32(&m, 1);
		put32(&m, total);
		put(&m, "\1\0\0\0\0\0\0", 8);
		put_times(&m, options, "\x77\0\0", 4);
		put32(&m, total);
	}
	read_file(&m);
}

static void pcapng_strangers(size_t n)
{
	pcapng_blocks(n, "\6\0\0\0\x20\0\0\0\x63\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x20\0\0",
		      32);
}

#define LOGS(name, start, repeated, end)                                                           \
	static void name(size_t n)                                                                 \
	{                                                                                          \
		struct maker m = {0};                                                              \
                                                                                                   \
		put_text(&m, start);                                                               \
		put_times(&m, n, repeated, sizeof(repeated) - 1);                                  \
		put_text(&m, end);                                                                 \
		read_file(&m);                                                                     \
	}

#define CONN "#path\tconn\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tx\n"
LOGS(zeek_rows, CONN, "1\tC\t10.0.0.1\t1\t1.2.3.4\t2\tudp\n", "")
LOGS(zeek_bad_rows, CONN, "\n1\t", "")
LOGS(zeek_headers, CONN, "#fields\tts\tuid\n", "")
LOGS(zeek_fields, "#path\tconn\n#fields", "\ta", "\n1\t2\n")
LOGS(zeek_many_values, CONN, "\t1", "\n")
LOGS(zeek_answers, "#path\tdns\n#fields\tts\tid.orig_h\tquery\tanswers\n1\t10.0.0.1\ta\t",
     "1.2.3.4,", "\n")
LOGS(json_rows, "", "{\"_path\":\"conn\",\"ts\":1}\n", "")
LOGS(json_deep, "{\"_path\":\"conn\",\"ts\":1,\"x\":", "[", "\n")
LOGS(json_keys, "{\"_path\":\"conn\",\"ts\":1", ",\"a\":1", "}\n")
LOGS(json_same_key, "{\"_path\":\"conn\",\"ts\":1", ",\"uid\":\"a\"", "}\n")
LOGS(json_escapes, "{\"_path\":\"dns\",\"ts\":1,\"id.orig_h\":\"1.1.1.1\",\"query\":\"", "\\u0041",
     "\"}\n")
LOGS(json_unclosed, "{\"_path\":\"conn\",\"ts\":1}\n", "{\"\n", "")

const struct room rooms_of_files[] = {
	{"pcap", "empty records", MILLION, pcap_empty},
	{"pcapng", "blocks of no known kind", MILLION, pcapng_unknown},
	{"pcapng", "sections", MILLION, pcapng_sections},
	{"pcapng", "interfaces", MILLION, pcapng_interfaces},
	{"pcapng", "options of interfaces", MILLION, pcapng_options},
	{"pcapng", "simple packets", MILLION, pcapng_simple},
	{"pcapng", "packets of no interface", MILLION, pcapng_strangers},
	{"zeek", "rows", MILLION, zeek_rows},
	{"zeek", "rows that make no sense", MILLION, zeek_bad_rows},
	{"zeek", "headers", MILLION, zeek_headers},
	{"zeek", "fields in a header", ONE_LINE, zeek_fields},
	{"zeek", "values in a row", ONE_LINE, zeek_many_values},
	{"zeek", "answers in a row", ONE_LINE, zeek_answers},
	{"zeek", "JSON: rows", MILLION, json_rows},
	{"zeek", "JSON: brackets", ONE_LINE, json_deep},
	{"zeek", "JSON: keys in a row", ONE_LINE, json_keys},
	{"zeek", "JSON: a key over and over", ONE_LINE, json_same_key},
	{"zeek", "JSON: escapes", ONE_LINE, json_escapes},
	{"zeek", "JSON: rows that do not end", MILLION, json_unclosed},
	{0},
};
