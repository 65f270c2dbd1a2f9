/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Datagrams are cut up here and must come out as they were.  fuzz_fragments
 * compares with a map of bytes, piece by piece.
 */
#include "unit.h"

#include "net/fragments.h"

#include <netinet/in.h>
#include <sys/resource.h>

struct seen {
	enum decode_verdict verdict;
	unsigned count;
	struct packet packets[PACKET_LAYERS_MAX];
	uint8_t payload[65536]; /* of packets[0] */
};

struct record {
	struct seen seen[8];
	uint64_t calls, bytes;
};

static void note(enum decode_verdict verdict, const struct packet *packets, unsigned count,
		 void *arg)
{
	struct record *r = arg;

	assert_true(count >= 1 && count <= PACKET_LAYERS_MAX);
	assert_true(packets[0].fragment);
	if (r->calls < ARRAY_LEN(r->seen)) {
		struct seen *s = &r->seen[r->calls];

		s->verdict = verdict;
		s->count = count;
		memcpy(s->packets, packets, count * sizeof(*packets));
		if (packets[0].payload)
			memcpy(s->payload, packets[0].payload, packets[0].payload_captured);
	}
	r->calls++;
	r->bytes += packets[0].bytes;
}

/* A datagram to cut pieces from. */
struct whole {
	uint8_t version, proto;
	uint32_t id, network, len;
	uint8_t bytes[66000];
};

/* UDP from port 49152 to `port`, with bytes that tell their place. */
static struct whole *udp_of(uint8_t version, uint16_t port, uint32_t len)
{
	static struct whole w;
	const uint8_t header[8] = {
		0xc0, 0x00, (uint8_t)(port >> 8), (uint8_t)port, (uint8_t)(len >> 8), (uint8_t)len,
		0xab, 0xcd};

	w = (struct whole){.version = version, .proto = IPPROTO_UDP, .id = 0x1234, .len = len};
	for (uint32_t i = 0; i < len; i++)
		w.bytes[i] = (uint8_t)(i * 7 + (i >> 8));
	memcpy(w.bytes, header, 8);
	return &w;
}

static struct packet piece_of(const struct whole *w, uint32_t at, uint32_t len, ns_t when)
{
	static const uint8_t a[16] = {10, 0, 0, 1}, b[16] = {192, 0, 2, 2};
	bool v4 = w->version == 4;

	return (struct packet){
		.when = when,
		.tuple = {.src = v4 ? address_v4(a) : address_v6(a),
			  .dst = v4 ? address_v4(b) : address_v6(b),
			  .proto = w->proto,
			  .network = w->network},
		.bytes = len + (v4 ? 20 : 48),
		.payload_bytes = len,
		.payload_captured = len,
		.payload = len ? w->bytes + at : NULL,
		.fragment = true,
		.fragment_at = (uint16_t)at,
		.more_fragments = at + len < w->len,
		.fragment_id = w->id,
	};
}

static void add(struct fragment_table *t, const struct whole *w, uint32_t at, uint32_t len,
		ns_t when)
{
	struct packet p = piece_of(w, at, len, when);

	fragment_table_add(t, &p);
}

static struct record record;

static struct fragment_table *table_new(size_t budget)
{
	memset(&record, 0, sizeof(record));
	return fragment_table_new(budget, note, &record);
}

static void assert_whole(const struct whole *w, uint32_t bytes, ns_t when)
{
	const struct seen *s = &record.seen[0];

	assert_int_equal(record.calls, 1);
	assert_int_equal(s->verdict, DECODE_OK);
	assert_int_equal(s->count, 1);
	assert_int_equal(s->packets[0].when, when);
	assert_int_equal(s->packets[0].bytes, bytes);
	assert_int_equal(s->packets[0].tuple.src_port, 0xc000);
	assert_int_equal(s->packets[0].tuple.dst_port, 53);
	assert_int_equal(s->packets[0].payload_bytes, w->len - 8);
	assert_int_equal(s->packets[0].payload_captured, w->len - 8);
	assert_memory_equal(s->payload, w->bytes + 8, w->len - 8);
	assert_int_equal(s->packets[0].stamp, w->version == 4 ? 0x1234abcd : 0xabcd);
}

static void pieces_in_any_order_make_the_datagram(void **state)
{
	static const uint32_t cut[5] = {0, 1480, 1488, 2960, 5000};
	static const uint8_t order[][4] = {{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}, {1, 3, 0, 2}};

	(void)state;
	for (uint8_t version = 4; version <= 6; version += 2) {
		for (size_t o = 0; o < ARRAY_LEN(order); o++) {
			const struct whole *w = udp_of(version, 53, 5000);
			struct fragment_table *t = table_new(0);

			assert_non_null(t);
			for (int i = 0; i < 4; i++) {
				uint8_t n = order[o][i];

				assert_int_equal(record.calls, 0);
				add(t, w, cut[n], cut[n + 1] - cut[n], 100 + i);
			}
			assert_whole(w, 5000 + 4 * (version == 4 ? 20 : 48), 103);
			assert_int_equal(fragment_table_stats(t).whole, 1);
			fragment_table_flush(t);
			assert_int_equal(record.calls, 1);
			fragment_table_free(t);
		}
	}
}

static void the_longest_datagram_fits_and_no_longer_one(void **state)
{
	struct whole *w = udp_of(4, 53, 65535);
	struct fragment_table *t = table_new(0);

	(void)state;
	for (uint32_t at = 0; at < w->len; at += 8)
		add(t, w, at, w->len - at < 8 ? w->len - at : 8, 5);
	assert_whole(w, 65535 + 8192 * 20, 5);
	w->len = 66000;
	w->id++;
	add(t, w, 65528, 16, 6);
	assert_int_equal(fragment_table_stats(t).refused, 1);
	assert_int_equal(record.calls, 2); /* refused, and yet counted */
	assert_int_equal(record.seen[1].packets[0].bytes, 36);
	fragment_table_free(t);
}

static void copies_change_nothing(void **state)
{
	const struct whole *w = udp_of(6, 53, 3000);
	struct fragment_table *t = table_new(0);

	(void)state;
	for (int twice = 0; twice < 2; twice++)
		add(t, w, 0, 1480, 1);
	for (int twice = 0; twice < 2; twice++)
		add(t, w, 1480, 1520, 2); /* the second after the datagram is whole */
	assert_whole(w, 3000 + 2 * 48, 2);
	assert_int_equal(fragment_table_stats(t).duplicates, 2);
	assert_int_equal(fragment_table_stats(t).overlapping, 0);
	fragment_table_flush(t);
	assert_int_equal(record.calls, 1);
	fragment_table_free(t);
}

static void an_identification_may_be_used_again(void **state)
{
	struct whole *w = udp_of(4, 53, 3000);
	struct fragment_table *t = table_new(0);

	(void)state;
	add(t, w, 0, 1480, 1);
	add(t, w, 1480, 1520, 2);
	w->bytes[100]++; /* within the second: other bytes, so another datagram */
	add(t, w, 0, 1480, 3);
	add(t, w, 1480, 1520, 4);
	add(t, w, 0, 1480, 2 * NS_PER_SEC); /* later: the same bytes are another one too */
	add(t, w, 1480, 1520, 2 * NS_PER_SEC);
	assert_int_equal(fragment_table_stats(t).whole, 3);
	assert_int_equal(record.calls, 3);
	fragment_table_free(t);
}

static void ipv4_keeps_the_first_bytes(void **state)
{
	struct whole *w = udp_of(4, 53, 3000);
	struct whole lie;
	struct fragment_table *t = table_new(0);

	(void)state;
	lie = *w;
	memset(lie.bytes + 8, 0xee, sizeof(lie.bytes) - 8);
	add(t, w, 0, 1480, 1);
	add(t, w, 2000, 1000, 2);
	add(t, &lie, 1000, 480, 3);  /* all there */
	add(t, &lie, 1200, 1200, 4); /* 1480..2000 is new */
	memset(w->bytes + 1480, 0xee, 520);
	assert_whole(w, 1500 + 1020 + 500 + 1220, 4);
	assert_int_equal(fragment_table_stats(t).overlapping, 1);
	fragment_table_free(t);
}

static void ipv6_with_an_overlap_is_never_whole(void **state)
{
	const struct whole *w = udp_of(6, 53, 3000);
	struct fragment_table *t = table_new(0);
	const struct packet *p = &record.seen[0].packets[0];

	(void)state;
	add(t, w, 0, 1480, 1);
	add(t, w, 1000, 1000, 2);
	add(t, w, 1480, 1520, 3);
	assert_int_equal(record.calls, 0);
	fragment_table_flush(t);
	assert_int_equal(record.calls, 1);
	assert_int_equal(record.seen[0].verdict, DECODE_FRAGMENT);
	assert_int_equal(p->tuple.dst_port, 53);
	assert_int_equal(p->bytes, 4000 + 3 * 48);
	assert_null(p->payload); /* the host that got it did not read it either */
	assert_int_equal(fragment_table_stats(t).overlapping, 1);
	fragment_table_free(t);
}

static void what_is_never_whole_is_counted_after_30_seconds(void **state)
{
	struct whole *w = udp_of(4, 53, 3000);
	struct fragment_table *t = table_new(0);
	const struct packet *p = record.seen[0].packets, *q = record.seen[1].packets;

	(void)state;
	add(t, w, 0, 1480, NS_PER_SEC);
	w->id++;
	add(t, w, 1480, 1520, 2 * NS_PER_SEC);
	w->id++;
	add(t, w, 0, 8, 31 * NS_PER_SEC);
	assert_int_equal(record.calls, 0);
	add(t, w, 16, 8, 31 * NS_PER_SEC + 1);
	assert_int_equal(record.calls, 1);
	assert_int_equal(record.seen[0].verdict, DECODE_FRAGMENT);
	assert_int_equal(p->tuple.dst_port, 53);
	assert_int_equal(p->bytes, 1500);
	assert_int_equal(p->payload_captured, 1472);
	assert_memory_equal(record.seen[0].payload, w->bytes + 8, 1472);
	fragment_table_flush(t);
	assert_int_equal(record.calls, 3);
	assert_int_equal(q->tuple.dst_port, 0); /* its beginning is missing */
	assert_int_equal(q->tuple.proto, IPPROTO_UDP);
	assert_int_equal(q->bytes, 1540);
	assert_null(q->payload);
	assert_int_equal(fragment_table_stats(t).given_up, 3);
	assert_int_equal(fragment_table_stats(t).whole, 0);
	fragment_table_free(t);
}

static void other_packets_tell_the_time_too(void **state)
{
	const ns_t start = 1000 * NS_PER_SEC;
	struct fragment_table *t = table_new(1 << 20);

	(void)state;
	assert_non_null(t);
	fragment_table_tick(t, start + 500 * NS_PER_SEC);
	add(t, udp_of(4, 9, 800), 0, 400, start);
	fragment_table_tick(t, start + 30 * NS_PER_SEC);
	assert_int_equal(record.calls, 0);
	fragment_table_tick(t, start - NS_PER_SEC);
	fragment_table_tick(t, start + 30 * NS_PER_SEC + 1);
	assert_int_equal(record.calls, 1);
	assert_int_equal(record.seen[0].packets[0].when, start);
	assert_int_equal(fragment_table_stats(t).given_up, 1);
	fragment_table_free(t);
}

static void networks_and_protocols_and_ids_are_apart(void **state)
{
	struct whole *w = udp_of(4, 53, 3000);
	struct fragment_table *t = table_new(0);

	(void)state;
	add(t, w, 0, 1480, 1);
	w->network = 1;
	add(t, w, 1480, 1520, 1);
	w->network = 0;
	w->id++;
	add(t, w, 1480, 1520, 1);
	w->id--;
	w->proto = IPPROTO_TCP;
	add(t, w, 1480, 1520, 1);
	assert_int_equal(record.calls, 0);
	w->proto = IPPROTO_UDP;
	add(t, w, 1480, 1520, 1);
	assert_whole(w, 3040, 1);
	fragment_table_free(t);
}

static void what_was_captured_from_the_beginning_is_the_payload(void **state)
{
	const struct whole *w = udp_of(4, 53, 3000);
	struct fragment_table *t = table_new(0);
	struct packet first = piece_of(w, 0, 1480, 1), last = piece_of(w, 1480, 1520, 1);
	const struct packet *p = record.seen[0].packets;

	(void)state;
	last.payload_captured = 100;
	fragment_table_add(t, &last);
	fragment_table_add(t, &first);
	assert_int_equal(record.seen[0].verdict, DECODE_OK);
	assert_int_equal(p->payload_bytes, 2992);
	assert_int_equal(p->payload_captured, 1572);
	assert_memory_equal(record.seen[0].payload, w->bytes + 8, 1572);

	fragment_table_flush(t);
	memset(&record, 0, sizeof(record));
	first.payload_captured = 64;
	last.payload_captured = 1520;
	fragment_table_add(t, &first);
	fragment_table_add(t, &last);
	assert_int_equal(p->payload_bytes, 2992);
	assert_int_equal(p->payload_captured, 56);
	fragment_table_free(t);
}

static void impossible_pieces_are_refused_and_counted(void **state)
{
	struct whole *w = udp_of(4, 53, 3000);
	struct fragment_table *t = table_new(0);

	(void)state;
	add(t, w, 16, 9, 1); /* not the last, no multiple of 8 */
	add(t, w, 16, 0, 1);
	assert_int_equal(fragment_table_stats(t).refused, 2);
	add(t, w, 2000, 1000, 1);
	w->len = 2900;
	add(t, w, 2896, 4, 1); /* another end */
	w->len = 4000;
	add(t, w, 2992, 16, 1); /* beyond the end */
	assert_int_equal(fragment_table_stats(t).refused, 4);
	for (uint32_t at = 0; at < 1024; at += 16) /* 64 holes, and a run at the end */
		add(t, w, at, 8, 1);
	assert_int_equal(fragment_table_stats(t).refused, 5);
	assert_int_equal(record.calls, 5);
	fragment_table_free(t);
}

/* Each half of the inside travels in an outside that is in two pieces itself. */
static void a_tunnel_is_opened_and_pieces_in_it_are_put_together_too(void **state)
{
	static struct whole inner, outer;
	struct fragment_table *t = table_new(0);

	(void)state;
	inner = *udp_of(4, 53, 1000);
	for (int half = 0; half < 2; half++) {
		uint8_t ip[20] = {0x45,
				  0,
				  2,
				  8,
				  0,
				  7,
				  (uint8_t)(half ? 0 : 0x20),
				  (uint8_t)(half ? 63 : 0),
				  64,
				  17,
				  0,
				  0,
				  172,
				  16,
				  0,
				  1,
				  172,
				  16,
				  0,
				  2};
		uint32_t at = half ? 504 : 0, len = half ? 496 : 504;

		ip[2] = (uint8_t)((20 + len) >> 8);
		ip[3] = (uint8_t)(20 + len);
		outer = (struct whole){
			.version = 4, .proto = IPPROTO_IPIP, .id = 77u + (uint32_t)half};
		outer.len = 20 + len;
		memcpy(outer.bytes, ip, 20);
		memcpy(outer.bytes + 20, inner.bytes + at, len);
		add(t, &outer, 256, outer.len - 256, 1);
		add(t, &outer, 0, 256, 2);
	}
	assert_int_equal(record.calls, 3); /* two outsides, one inside */
	assert_int_equal(record.seen[0].packets[0].carries, TUNNEL_IP);
	assert_int_equal(record.seen[0].packets[0].bytes, 524 + 40);
	assert_int_equal(record.seen[1].packets[0].bytes, 516 + 40);
	assert_int_equal(record.seen[2].verdict, DECODE_OK);
	assert_int_equal(record.seen[2].packets[0].tuple.dst_port, 53);
	assert_int_equal(record.seen[2].packets[0].inside, TUNNEL_IP);
	assert_int_equal(record.seen[2].packets[0].bytes, 1040);
	assert_memory_equal(record.seen[2].payload, inner.bytes + 8, 992);
	assert_int_equal(fragment_table_stats(t).whole, 3);
	fragment_table_free(t);
}

static long memory_kib(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

/* Every piece opens a datagram of its own: none is lost, and room stays within the budget. */
static void a_flood_costs_no_memory_and_loses_no_byte(void **state)
{
	enum { PIECES = 200000, BUDGET = 4 << 20 };
	struct whole *w = udp_of(4, 53, 3000);
	struct fragment_table *t = table_new(BUDGET);
	long before = memory_kib();
	struct fragment_stats stats;

	(void)state;
	for (uint32_t i = 0; i < PIECES; i++) {
		w->id = i & 0xffff;
		w->network = i >> 16;
		add(t, w, i % 3 ? 1480 : 0, 16 * (1 + i % 64), i * 1000);
	}
	fragment_table_flush(t);
	stats = fragment_table_stats(t);
	assert_int_equal(stats.pieces, PIECES);
	assert_int_equal(stats.given_up + stats.pushed_out, PIECES);
	assert_int_equal(record.calls, PIECES);
	assert_true(stats.pushed_out > PIECES / 2);
	assert_true(memory_kib() - before <
		    2 * BUDGET / 1024); /* twice: sanitizers add their own */
	fragment_table_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_in_any_order_make_the_datagram),
		cmocka_unit_test(the_longest_datagram_fits_and_no_longer_one),
		cmocka_unit_test(copies_change_nothing),
		cmocka_unit_test(an_identification_may_be_used_again),
		cmocka_unit_test(ipv4_keeps_the_first_bytes),
		cmocka_unit_test(ipv6_with_an_overlap_is_never_whole),
		cmocka_unit_test(what_is_never_whole_is_counted_after_30_seconds),
		cmocka_unit_test(networks_and_protocols_and_ids_are_apart),
		cmocka_unit_test(what_was_captured_from_the_beginning_is_the_payload),
		cmocka_unit_test(impossible_pieces_are_refused_and_counted),
		cmocka_unit_test(a_tunnel_is_opened_and_pieces_in_it_are_put_together_too),
		cmocka_unit_test(a_flood_costs_no_memory_and_loses_no_byte),
		cmocka_unit_test(other_packets_tell_the_time_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
