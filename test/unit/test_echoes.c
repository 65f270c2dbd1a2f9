/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pings as ping sends them, and pings that carry something.
 */
#include "unit/unit.h"

#include "base/random.h"
#include "timeline/echoes.h"

#include <netinet/in.h>

struct world {
	struct echo_table *table;
	struct address host, other;
	uint8_t payload[2048];
};

static struct world new_world(void)
{
	struct world w = {
		.table = echo_table_new(1 << 20),
		.host = address_v4((uint8_t[]){10, 0, 0, 1}),
		.other = address_v4((uint8_t[]){192, 0, 2, 1}),
	};

	assert_non_null(w.table);
	return w;
}

/* `len` bytes were on the wire, and `captured` of them are here. */
static void ping_cut(struct world *w, bool out, bool request, uint32_t len, uint32_t captured)
{
	struct packet p = {
		.tuple = {.src = out ? w->host : w->other,
			  .dst = out ? w->other : w->host,
			  .src_port = request ? 8 : 0,
			  .dst_port = request ? 0 : 8,
			  .proto = IPPROTO_ICMP},
		.payload_bytes = len,
		.payload_captured = captured,
		.payload = w->payload,
	};

	echoes_note(w->table, &w->host, &p);
}

static void ping(struct world *w, bool out, bool request, uint32_t len)
{
	ping_cut(w, out, request, len, len);
}

static const struct echo_facts *facts(const struct world *w)
{
	const struct echo_facts *f = echo_table_find(w->table, &w->host, &w->other);

	assert_non_null(f);
	return f;
}

/* Linux: 16 bytes of time, then 0x10, 0x11 ... */
static void fill(struct world *w, struct random *r)
{
	for (int i = 0; i < 16; i++)
		w->payload[i] = (uint8_t)random_below(r, 256);
	for (int i = 16; i < 56; i++)
		w->payload[i] = (uint8_t)i;
}

static void ping_says_nothing(void **state)
{
	struct random r = random_from_seed(1);
	struct world w = new_world();

	(void)state;
	for (int i = 0; i < 100; i++) {
		fill(&w, &r);
		ping(&w, true, true, 56);
		ping(&w, false, false, 56);
	}
	assert_int_equal(facts(&w)->out.requests, 100);
	assert_int_equal(facts(&w)->in.replies, 100);
	assert_int_equal(facts(&w)->out.compared, 99);
	assert_int_equal(facts(&w)->out.different, 0);
	assert_int_equal(facts(&w)->in.checked, 100);
	assert_int_equal(facts(&w)->in.unlike, 0);
	assert_int_equal(facts(&w)->out.bytes, 5600);
	echo_table_free(w.table);
}

/* Each holds 100 bytes of noise, of which 76 stand behind the stamp: 255 in 256 differ. */
static void a_tunnel_differs_and_is_not_what_was_asked(void **state)
{
	struct random r = random_from_seed(2);
	struct world w = new_world();

	(void)state;
	for (int i = 0; i < 200; i++) {
		for (int k = 0; k < 100; k++)
			w.payload[k] = (uint8_t)random_below(&r, 256);
		ping(&w, true, i % 2 == 0, 100); /* a reply that nobody asked for, too */
		w.payload[50] ^= 1;
		ping(&w, false, false, 80);
	}
	assert_int_equal(facts(&w)->out.different, 198);
	assert_in_range(facts(&w)->out.changed_bytes, 198 * 76 * 0.99, 198 * 76);
	assert_int_equal(facts(&w)->in.checked, 200);
	assert_int_equal(facts(&w)->in.unlike, 200);
	assert_int_equal(facts(&w)->out.unlike, 100);
	echo_table_free(w.table);
}

static void replies_may_come_late_and_out_of_order(void **state)
{
	struct random r = random_from_seed(3);
	struct world w = new_world();
	uint8_t sent[6][56];

	(void)state;
	for (int i = 0; i < 6; i++) {
		fill(&w, &r);
		memcpy(sent[i], w.payload, 56);
		ping(&w, true, true, 56);
	}
	for (int i = 5; i >= 0; i--) {
		memcpy(w.payload, sent[i], 56);
		ping(&w, false, false, 56);
	}
	assert_int_equal(facts(&w)->in.unlike, 0);
	echo_table_free(w.table);
}

static void what_was_cut_is_not_compared(void **state)
{
	struct random r = random_from_seed(4);
	struct world w = new_world();

	(void)state;
	for (int i = 0; i < 10; i++) {
		fill(&w, &r);
		w.payload[40] = (uint8_t)i;
		ping_cut(&w, true, true, 1400, 54);
		ping_cut(&w, false, false, 1400, 50);
	}
	assert_int_equal(facts(&w)->out.compared, 0);
	assert_int_equal(facts(&w)->in.checked, 0);
	assert_int_equal(facts(&w)->out.longest, 1400);
	echo_table_free(w.table);
}

static void errors_are_no_echoes(void **state)
{
	struct world w = new_world();
	struct packet p = {
		.tuple = {.src = w.host, .dst = w.other, .src_port = 3, .proto = IPPROTO_ICMP}};

	(void)state;
	echoes_note(w.table, &w.host, &p);
	p.tuple.proto = IPPROTO_ICMPV6;
	p.tuple.src_port = 135;
	p.tuple.dst_port = 136;
	echoes_note(w.table, &w.host, &p);
	assert_int_equal(echo_table_count(w.table), 0);
	p.tuple.src_port = 128;
	p.tuple.dst_port = 129;
	echoes_note(w.table, &w.host, &p);
	assert_int_equal(facts(&w)->out.requests, 1);
	echo_table_free(w.table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ping_says_nothing),
		cmocka_unit_test(a_tunnel_differs_and_is_not_what_was_asked),
		cmocka_unit_test(replies_may_come_late_and_out_of_order),
		cmocka_unit_test(what_was_cut_is_not_compared),
		cmocka_unit_test(errors_are_no_echoes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
