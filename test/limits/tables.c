/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tables - hostile packets for what keeps state: flows, fragments, streams and
 * what is read from them, names, timelines, spans.
 */
#include "flow/flow_table.h"
#include "flow/name_map.h"
#include "lane/lane.h"
#include "limits/rooms.h"
#include "net/fragments.h"
#include "timeline/timeline.h"

#include <netinet/in.h>
#include <stdio.h>

/*
 * Before anything is measured tables are made as full as they get: that is what
 * an adversary finds, and the caches play the same part at every size.
 */
enum { MILLION = 1000000, TABLE_FLOWS = 1 << 17, WARM = 200000 };

static const ns_t DAWN = (ns_t)1700000000 * NS_PER_SEC;

static struct address address_of(uint32_t number)
{
	return address_v4((uint8_t[]){(uint8_t)(number >> 24), (uint8_t)(number >> 16),
				      (uint8_t)(number >> 8), (uint8_t)number});
}

static struct packet packet_of(uint8_t proto, uint32_t dst, size_t i)
{
	return (struct packet){
		.when = DAWN + (ns_t)i * NS_PER_MS / 100,
		.tuple = {.src = address_of(0x0a000001),
			  .dst = address_of(dst),
			  .src_port = (uint16_t)(1024 + i % 60000),
			  .dst_port = 443,
			  .proto = proto},
		.bytes = 60,
		.stamp = (uint32_t)i + 1,
		.tcp_seq = (uint32_t)i,
	};
}

static void reverse(struct packet *p)
{
	struct tuple t = p->tuple;

	p->tuple.src = t.dst, p->tuple.dst = t.src;
	p->tuple.src_port = t.dst_port, p->tuple.dst_port = t.src_port;
}

/*
 * Flow table.
 */
static void no_end(const struct flow *flow, void *arg)
{
	(void)flow;
	++*(uint64_t *)arg;
}

static void no_burst(const struct flow *burst, const struct flow *flow, void *arg)
{
	(void)burst;
	no_end(flow, arg);
}

static void flows(size_t n, struct packet (*make)(size_t i))
{
	uint64_t ended = 0;
	bool outward;
	struct flow_table *t = flow_table_new(&(struct flow_table_config){
		.capacity = TABLE_FLOWS, .on_end = no_end, .on_burst = no_burst, .arg = &ended});

	CHECK(t);
	for (size_t i = 0; i < WARM + n; i++) {
		struct packet p = make(i);

		if (i == WARM)
			meter_start();
		(void)flow_table_add(t, &p, &outward);
	}
	meter_stop();
	flow_table_free(t);
}

static struct packet new_flow(size_t i)
{
	return packet_of(IPPROTO_UDP, 0x20000000 + (uint32_t)i, i);
}

static struct packet rotating_port(size_t i)
{
	struct packet p = packet_of(IPPROTO_UDP, 0x20000000, i);

	p.tuple.src_port = (uint16_t)i;
	p.tuple.dst_port = (uint16_t)(i >> 16);
	return p;
}

static struct packet half_open(size_t i)
{
	struct packet p = packet_of(IPPROTO_TCP, 0x20000000 + (uint32_t)i, i);

	p.tcp_flags = TCP_SYN;
	return p;
}

/* SYN, SYN+ACK, RST, over and over between the same ends. */
static struct packet reopening(size_t i)
{
	struct packet p = packet_of(IPPROTO_TCP, 0x20000000, i);

	p.tuple.src_port = 50000;
	p.tcp_flags = i % 3 == 0 ? TCP_SYN : i % 3 == 1 ? TCP_SYN | TCP_ACK : TCP_RST;
	if (i % 3 == 1)
		reverse(&p);
	return p;
}

static struct packet clock_backwards(size_t i)
{
	struct packet p = new_flow(i);

	p.when = DAWN - (ns_t)i * NS_PER_SEC;
	return p;
}

/* Ever forth by an hour and back: everything before is too old, or too new. */
static struct packet clock_jumping(size_t i)
{
	struct packet p = new_flow(i % 1000);

	p.when = DAWN + (i % 2 ? 3600 * NS_PER_SEC : 0) + (ns_t)i;
	p.stamp = (uint32_t)i + 1;
	return p;
}

/* Hour by hour all fall silent at once. */
static struct packet one_late(size_t i)
{
	enum { AT_ONCE = 5000 };
	struct packet p = new_flow(i);

	p.when += (ns_t)(i / AT_ONCE) * 3600 * NS_PER_SEC;
	return p;
}

static struct packet bursts(size_t i)
{
	struct packet p = packet_of(IPPROTO_UDP, 0x20000000, i);

	p.tuple.src_port = 50000;
	p.payload_bytes = 10;
	p.when = DAWN + (ns_t)i * NS_PER_SEC;
	return p;
}

static struct packet copies(size_t i)
{
	return packet_of(IPPROTO_UDP, 0x20000000, i / 4);
}

#define FLOWS(make)                                                                                \
	static void flows_##make(size_t n)                                                         \
	{                                                                                          \
		flows(n, make);                                                                    \
	}
FLOWS(new_flow)
FLOWS(rotating_port)
FLOWS(half_open)
FLOWS(reopening)
FLOWS(clock_backwards)
FLOWS(clock_jumping)
FLOWS(one_late)
FLOWS(bursts)
FLOWS(copies)

/*
 * Fragments.
 */
static void no_packets(enum decode_verdict verdict, const struct packet *packets, unsigned count,
		       void *arg)
{
	(void)verdict, (void)packets, (void)count;
	++*(uint64_t *)arg;
}

/* Piece `i`: of which datagram, and where in it. */
struct piece {
	uint32_t id, at;
	bool more;
};

static void pieces(size_t n, uint8_t version, struct piece (*make)(size_t i))
{
	static const uint8_t bytes[16] = {17};
	uint64_t told = 0;
	struct fragment_table *t = fragment_table_new(4 << 20, no_packets, &told);

	CHECK(t);
	for (size_t i = 0; i < WARM + n; i++) {
		struct piece piece = make(i);
		struct packet p = packet_of(IPPROTO_UDP, 0x20000000, 0);

		if (i == WARM)
			meter_start();
		p.tuple.src_port = p.tuple.dst_port = 0;
		if (version == 6) {
			p.tuple.src = address_v6(p.tuple.src.bytes);
			p.tuple.dst = address_v6(p.tuple.dst.bytes);
		}
		p.when = DAWN + (ns_t)i;
		p.payload = bytes;
		p.payload_bytes = p.payload_captured = 16;
		p.fragment = true;
		p.fragment_id = piece.id;
		p.fragment_at = (uint16_t)piece.at;
		p.more_fragments = piece.more;
		fragment_table_add(t, &p);
	}
	meter_stop();
	fragment_table_free(t);
}

static struct piece never_whole(size_t i)
{
	return (struct piece){(uint32_t)i, 0, true};
}

static struct piece rising(size_t i)
{
	return (struct piece){(uint32_t)(i / 4095), (uint32_t)(i % 4095 * 16), true};
}

static struct piece falling(size_t i)
{
	return (struct piece){(uint32_t)(i / 4095), (uint32_t)((4094 - i % 4095) * 16), true};
}

/* As many holes as there may be, and then more. */
static struct piece holes(size_t i)
{
	return (struct piece){(uint32_t)(i / 2000), (uint32_t)(i % 2000 * 32), true};
}

static struct piece overlaps(size_t i)
{
	return (struct piece){(uint32_t)(i / 8000), (uint32_t)(i * 8 % 64000), true};
}

/* Sixty-four holes in each of many datagrams, by turns. */
static struct piece by_turns(size_t i)
{
	return (struct piece){(uint32_t)(i % 1000), (uint32_t)(i / 1000 % 64 * 32), true};
}

static struct piece same(size_t i)
{
	(void)i;
	return (struct piece){7, 64, true};
}

#define PIECES(make)                                                                               \
	static void pieces_##make(size_t n)                                                        \
	{                                                                                          \
		pieces(n, 4, make);                                                                \
	}
PIECES(never_whole)
PIECES(rising)
PIECES(falling)
PIECES(holes)
PIECES(overlaps)
PIECES(by_turns)
PIECES(same)

static void pieces_overlaps_6(size_t n)
{
	pieces(n, 6, overlaps);
}

/*
 * Streams and what is read from them.
 */
enum { PILE = 1024 };

static void lane_of(size_t n, struct packet (*make)(size_t i))
{
	static struct packet pile[PILE];
	struct home home = home_default();
	struct lane *lane = lane_new(&home, 64 << 20);

	CHECK(lane);
	for (size_t i = 0; i < WARM + n;) {
		size_t k = 0, end = i < WARM ? WARM : WARM + n;

		if (i == WARM)
			meter_start();
		for (; k < PILE && i < end; k++, i++)
			pile[k] = make(i);
		lane_packets(lane, pile, k);
	}
	meter_stop();
	lane_free(lane);
}

static struct packet segment(size_t flow, uint32_t seq, const void *payload, uint32_t len, size_t i)
{
	struct packet p = packet_of(IPPROTO_TCP, 0x20000000 + (uint32_t)flow, i);

	p.tuple.src_port = 50000;
	p.tcp_flags = TCP_ACK;
	p.tcp_seq = seq;
	p.payload = payload;
	p.payload_bytes = p.payload_captured = len;
	p.bytes = 40 + len;
	return p;
}

/* 8,192 segments of a byte make one conversation: `text` over and over. */
static struct packet byte_of(const char *text, size_t i, size_t at)
{
	size_t len = strlen(text);

	return segment(i / 8192, (uint32_t)at, at < len ? text + at : "a", 1, i);
}

static struct packet bytes_of_http(size_t i)
{
	return byte_of("GET / HTTP/1.1\r\nHost: a.example\r\nX: ", i, i % 8192);
}

static struct packet bytes_of_tls(size_t i)
{
	return byte_of("\x16\x03\x01\x20\x00\x01", i, i % 8192);
}

static struct packet bytes_of_nothing(size_t i)
{
	return byte_of("~", i, i % 8192);
}

static struct packet bytes_of_ssh(size_t i)
{
	return byte_of("SSH-2.0-a\r\n", i, i % 8192);
}

/* The last byte first; the first comes last. */
static struct packet bytes_falling(size_t i)
{
	size_t at = 8191 - i % 8192;

	if (i % 8192 == 0) {
		struct packet p = segment(i / 8192, UINT32_MAX, NULL, 0, i);

		p.tcp_flags = TCP_SYN;
		return p;
	}
	return byte_of("GET / HTTP/1.1\r\nHost: a.example\r\nX: ", i, at);
}

/* Every second byte, then the others. */
static struct packet bytes_with_gaps(size_t i)
{
	size_t k = i % 8192;

	return byte_of("GET / HTTP/1.1\r\nHost: a.example\r\nX: ", i,
		       k < 4096 ? 2 * k + 1 : 2 * (k - 4096));
}

/* Many that begin and none that goes on: buffers change hands. */
static struct packet beginnings(size_t i)
{
	return segment(i, 0, "\x16\x03\x01\x20\x00\x01\x00\x1f\xfc", 9, i);
}

static struct packet syn_storm(size_t i)
{
	struct packet p = segment(0, (uint32_t)i * 77, NULL, 0, i);

	p.tcp_flags = TCP_SYN;
	return p;
}

/* The same bytes, each time different. */
static struct packet conflicts(size_t i)
{
	return segment(0, (uint32_t)(i % 64 * 8), i % 2 ? "GET / HTTP/1.1" : "PUT / HTTP/1.1", 14,
		       i);
}

#define LANES_OF(make)                                                                             \
	static void lane_##make(size_t n)                                                          \
	{                                                                                          \
		lane_of(n, make);                                                                  \
	}
LANES_OF(bytes_of_http)
LANES_OF(bytes_of_tls)
LANES_OF(bytes_of_nothing)
LANES_OF(bytes_of_ssh)
LANES_OF(bytes_falling)
LANES_OF(bytes_with_gaps)
LANES_OF(beginnings)
LANES_OF(syn_storm)
LANES_OF(conflicts)

/*
 * Names.
 */
static void names(size_t n, bool many_clients, bool many_addresses)
{
	struct name_map *map = name_map_new(TABLE_FLOWS);

	CHECK(map);
	for (size_t i = 0; i < WARM + n; i++) {
		struct address client = address_of(many_clients ? (uint32_t)i : 1);
		struct address address = address_of(many_addresses ? (uint32_t)i : 2);

		if (i == WARM)
			meter_start();
		name_map_saw_query(map, &client, DAWN);
		name_map_add(map, &client, &address, (uint32_t)i + 1, DAWN - (ns_t)i);
		(void)name_map_find(map, &client, &address, DAWN);
	}
	meter_stop();
	name_map_free(map);
}

static void names_of_clients(size_t n)
{
	names(n, true, false);
}

static void names_of_addresses(size_t n)
{
	names(n, false, true);
}

static void names_changing(size_t n)
{
	names(n, false, false);
}

static void strings(size_t n, const char *format)
{
	struct string_table *t = string_table_new(256 << 20);
	char text[300];

	CHECK(t);
	for (size_t i = 0; i < MILLION + n; i++) {
		if (i == MILLION)
			meter_start();
		int len = snprintf(text, sizeof(text), format, (unsigned int)i);

		(void)string_table_add(t, text, (size_t)len);
	}
	meter_stop();
	string_table_free(t);
}

static void strings_short(size_t n)
{
	strings(n, "%x");
}

static void strings_alike(size_t n)
{
	strings(n, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa%08x");
}

/*
 * Timelines.
 */
static void histories(size_t n, size_t warm, size_t groups, ns_t step)
{
	struct timeline_table *t = timeline_table_new(64 << 20);
	struct timeline_key key = {.host = address_of(1), .proto = IPPROTO_UDP};
	struct call *calls = malloc(TIMELINE_CALLS_MAX * sizeof(*calls));
	struct flow flow = {.out_payload = 1000, .in_payload = 100000};

	CHECK(t && calls);
	for (size_t i = 0; i < warm + n; i++) {
		if (i == warm)
			meter_start();
		key.destination = address_of((uint32_t)(i % groups));
		flow.tuple.dst = key.destination;
		flow.first = flow.last = DAWN + (ns_t)i * step;
		timeline_add(t, &key, &flow, &(struct timeline_marks){.name = (uint32_t)i});
	}
	for (size_t i = 0; warm == 0 && i < timeline_count(t); i++)
		if (timeline_get(t, i))
			timeline_calls(t, timeline_get(t, i), calls);
	meter_stop();
	free(calls);
	timeline_table_free(t);
}

static void histories_many(size_t n)
{
	histories(n, WARM, UINT32_MAX, NS_PER_SEC);
}

static void histories_one(size_t n)
{
	histories(n, 0, 1, NS_PER_SEC);
}

static void histories_backwards(size_t n)
{
	histories(n, 0, 1, -NS_PER_SEC);
}

static void histories_by_turns(size_t n)
{
	histories(n, WARM, 1000, NS_PER_SEC);
}

static void spans_apart(size_t n)
{
	struct spans s = {0};

	meter_start();
	for (size_t i = 0; i < n; i++)
		spans_add(&s, (ns_t)(i * 2654435761u % 1000 * 14) * 86400 * NS_PER_SEC);
	meter_stop();
}

const struct room rooms_of_tables[] = {
	{"flows", "all new", MILLION, flows_new_flow},
	{"flows", "one pair of hosts, all ports", MILLION, flows_rotating_port},
	{"flows", "half-open", MILLION, flows_half_open},
	{"flows", "the same ends, opened and reset", MILLION, flows_reopening},
	{"flows", "all new, the clock running backwards", MILLION, flows_clock_backwards},
	{"flows", "the clock jumping an hour to and fro", MILLION, flows_clock_jumping},
	{"flows", "five thousand end at once", MILLION, flows_one_late},
	{"flows", "one that speaks up once a second", MILLION, flows_bursts},
	{"flows", "four copies of each packet", MILLION, flows_copies},
	{"fragments", "firsts that stay alone", MILLION, pieces_never_whole},
	{"fragments", "small pieces in order", MILLION, pieces_rising},
	{"fragments", "small pieces, last first", MILLION, pieces_falling},
	{"fragments", "as many holes as there may be", MILLION, pieces_holes},
	{"fragments", "each overlaps the one before", MILLION, pieces_overlaps},
	{"fragments", "the same, IPv6", MILLION, pieces_overlaps_6},
	{"fragments", "64 holes in 1,000 datagrams by turns", MILLION, pieces_by_turns},
	{"fragments", "always the same piece", MILLION, pieces_same},
	{"openings", "segments of a byte: HTTP", MILLION, lane_bytes_of_http},
	{"openings", "segments of a byte: TLS", MILLION, lane_bytes_of_tls},
	{"openings", "segments of a byte: SSH", MILLION, lane_bytes_of_ssh},
	{"openings", "segments of a byte: nothing known", MILLION, lane_bytes_of_nothing},
	{"openings", "segments of a byte, last first", MILLION, lane_bytes_falling},
	{"openings", "segments of a byte, every second first", MILLION, lane_bytes_with_gaps},
	{"openings", "hellos that do not go on", MILLION, lane_beginnings},
	{"openings", "a storm of SYNs, each another", MILLION, lane_syn_storm},
	{"openings", "bytes that contradict each other", MILLION, lane_conflicts},
	{"names", "many clients", MILLION, names_of_clients},
	{"names", "many addresses", MILLION, names_of_addresses},
	{"names", "one address, ever another name", MILLION, names_changing},
	{"strings", "all different, short", MILLION, strings_short},
	{"strings", "all different, only in the end", MILLION, strings_alike},
	{"timelines", "all new groups", MILLION, histories_many},
	{"timelines", "all calls in one", MILLION, histories_one},
	{"timelines", "all calls in one, last first", MILLION, histories_backwards},
	{"timelines", "a thousand groups by turns", MILLION, histories_by_turns},
	{"spans", "two weeks apart, in no order", MILLION, spans_apart},
	{0},
};
