/* SPDX-License-Identifier: Apache-2.0 */
/* A server spoils who began by speaking first; the table is told who the fleet is. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "flow/flow_table.h"

#include <netinet/in.h>

static const uint8_t inside[] = {10, 0, 0, 1}, outside[] = {203, 0, 113, 9};

/* Flows as they ended, by who began. */
struct told {
	unsigned outbound, inbound;
	uint64_t said; /* by the fleet, in flows that it began */
};

static void ended(const struct flow *flow, void *arg)
{
	struct told *told = arg;
	bool out = flow->tuple.src.bytes[12] == 10;

	told->outbound += out;
	told->inbound += !out;
	told->said += out ? flow->out_payload : 0;
}

struct word {
	bool from_home;
	uint8_t flags;
	uint16_t home_port, other_port, payload;
};

static struct told after(uint8_t proto, const struct word *words, size_t count)
{
	struct home home = home_default();
	struct told told = {0};
	struct flow_table *t = flow_table_new(&(struct flow_table_config){
		.capacity = 8, .on_end = ended, .arg = &told, .home = &home});
	bool outward;

	assert_non_null(t);
	for (size_t i = 0; i < count; i++) {
		const struct word *w = &words[i];
		struct address in = address_v4(inside), out = address_v4(outside);
		struct packet p = {
			.when = (ns_t)(i + 1) * NS_PER_MS,
			.tuple = {.src = w->from_home ? in : out,
				  .dst = w->from_home ? out : in,
				  .src_port = w->from_home ? w->home_port : w->other_port,
				  .dst_port = w->from_home ? w->other_port : w->home_port,
				  .proto = proto},
			.bytes = 40u + w->payload,
			.payload_bytes = w->payload,
			.tcp_seq = (uint32_t)i,
			.tcp_flags = w->flags,
		};

		assert_non_null(flow_table_add(t, &p, &outward));
	}
	flow_table_flush(t);
	flow_table_free(t);
	return told;
}

#define AFTER(proto, ...)                                                                          \
	after(proto, (struct word[]){__VA_ARGS__},                                                 \
	      sizeof((struct word[]){__VA_ARGS__}) / sizeof(struct word))

#define CALL(home, other)                                                                          \
	{true, TCP_SYN, home, other, 0}, {false, TCP_SYN | TCP_ACK, home, other, 0},               \
	{                                                                                          \
		true, TCP_ACK, home, other, 77                                                     \
	}

static void forged_packets_do_not_make_a_call_inbound(void **state)
{
	static const uint8_t flags[] = {TCP_SYN, TCP_ACK, TCP_RST, TCP_FIN | TCP_ACK, 0};
	struct told told;

	(void)state;
	for (size_t i = 0; i < sizeof(flags); i++) {
		told = AFTER(IPPROTO_TCP, {false, flags[i], 40000, 8443, 0}, CALL(40000, 8443));
		assert_int_equal(told.said, 77);
		told = AFTER(IPPROTO_TCP, {false, flags[i], 2000, 50000, 0}, CALL(2000, 50000));
		assert_int_equal(told.said, 77);
	}
	/* the host itself, with a raw socket */
	told = AFTER(IPPROTO_TCP, {true, TCP_SYN | TCP_ACK, 40000, 8443, 0}, CALL(40000, 8443));
	assert_int_equal(told.said, 77);
	/* a reset and a SYN, in the midst of the handshake */
	told = AFTER(IPPROTO_TCP, {true, TCP_SYN, 40000, 8443, 0}, {false, TCP_RST, 40000, 8443, 0},
		     {false, TCP_SYN, 40000, 8443, 0}, {false, TCP_SYN | TCP_ACK, 40000, 8443, 0},
		     {true, TCP_ACK, 40000, 8443, 77});
	assert_int_equal(told.said, 77);
	assert_int_equal(told.inbound, 0);
}

static void a_call_from_outside_stays_inbound(void **state)
{
	struct told told =
		AFTER(IPPROTO_TCP, {false, TCP_SYN, 8443, 40000, 0},
		      {true, TCP_SYN | TCP_ACK, 8443, 40000, 0}, {false, TCP_ACK, 8443, 40000, 50},
		      {true, TCP_ACK, 8443, 40000, 77});

	(void)state;
	assert_int_equal(told.inbound, 1);
	assert_int_equal(told.outbound, 0);
	told = AFTER(IPPROTO_UDP, {false, 0, 53, 40000, 30}, {true, 0, 53, 40000, 77});
	assert_int_equal(told.outbound, 0);
	told = AFTER(IPPROTO_UDP, {false, 0, 5060, 5060, 30}, {true, 0, 5060, 5060, 77});
	assert_int_equal(told.outbound, 0);
	told = AFTER(IPPROTO_ICMP, {false, 0, 0, 8, 30}, {true, 0, 8, 0, 30});
	assert_int_equal(told.outbound, 1); /* an echo reply, and only then a request */
	told = AFTER(IPPROTO_ICMP, {false, 0, 0, 8, 30});
	assert_int_equal(told.outbound, 0);
}

static void a_datagram_ahead_does_not_make_a_call_inbound(void **state)
{
	struct told told =
		AFTER(IPPROTO_UDP, {false, 0, 40000, 8443, 9}, {true, 0, 40000, 8443, 77});

	(void)state;
	assert_int_equal(told.said, 77);
	assert_int_equal(told.inbound, 1); /* what came ahead */
	told = AFTER(IPPROTO_UDP, {false, 0, 1500, 443, 9}, {true, 0, 1500, 443, 77});
	assert_int_equal(told.said, 77);
	told = AFTER(IPPROTO_ESP, {false, 0, 0, 0, 9}, {true, 0, 0, 0, 77});
	assert_int_equal(told.said, 77);
	/* what it said first is kept apart once, and not again with each answer */
	told = AFTER(IPPROTO_UDP, {false, 0, 40000, 8443, 9}, {true, 0, 40000, 8443, 77},
		     {false, 0, 40000, 8443, 9}, {true, 0, 40000, 8443, 77});
	assert_int_equal(told.outbound, 1);
	assert_int_equal(told.said, 2 * 77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forged_packets_do_not_make_a_call_inbound),
		cmocka_unit_test(a_call_from_outside_stays_inbound),
		cmocka_unit_test(a_datagram_ahead_does_not_make_a_call_inbound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
