/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two ways to the same numbers: a call's packets counted one by one, and
 * sim_call_shape(), which only calculates.
 */
#include "unit/unit.h"

#include "base/random.h"
#include "net/packet.h"
#include "simulate/script.h"

#include <math.h>
#include <netinet/in.h>

struct side {
	uint64_t packets, ip_bytes, payload;
	uint32_t next_seq;
	uint8_t flags;
};

static struct sim_call some_call(struct random *r)
{
	static const uint8_t apps[] = {APP_TLS, APP_HTTP, APP_SSH, APP_UNKNOWN, APP_NTP, APP_DNS};
	struct sim_call c = {.id = random_u64(r), .when = 1740960000 * NS_PER_SEC + 777};
	bool v6 = random_chance(r, 0.3);

	c.app = apps[random_below(r, ARRAY_LEN(apps))];
	c.name = random_chance(r, 0.7) || c.app == APP_DNS ? "some.name.example" : NULL;
	c.tuple.proto = c.app == APP_DNS || c.app == APP_NTP ? IPPROTO_UDP : IPPROTO_TCP;
	if (c.app == APP_UNKNOWN && random_chance(r, 0.3))
		c.tuple.proto = IPPROTO_UDP;
	c.tuple.src.version = c.tuple.dst.version = v6 ? 6 : 4;
	c.tuple.dst.bytes[15] = (uint8_t)random_below(r, 256);
	c.stack = (uint8_t)random_below(r, SIM_STACKS);
	c.rtt = (ns_t)random_log_normal(r, 2e7, 2);
	if (c.app == APP_UNKNOWN && !v6 && random_chance(r, 0.2))
		c.tuple.proto = IPPROTO_ICMP;
	c.rounds = 1;
	if (c.tuple.proto == IPPROTO_TCP && c.app != APP_HTTP)
		c.rounds += (uint32_t)random_exponential(r, 4);
	c.typed = random_chance(r, 0.2);
	c.waver = (uint8_t)random_below(r, 91);
	c.told_first =
		c.app == APP_UNKNOWN && c.tuple.proto == IPPROTO_TCP && random_chance(r, 0.5);
	c.lookup.labels = (uint8_t)random_below(r, 4);
	c.lookup.label_chars = (uint8_t)random_below(r, SIM_LABELS_MOST + 1);
	if (random_chance(r, 0.5)) {
		c.lookup.type = random_chance(r, 0.5) ? SIM_DNS_TXT : SIM_DNS_CNAME;
		c.lookup.told_chars = (uint8_t)random_below(r, 256);
	}
	c.answer = ANSWER_YES;
	if (random_chance(r, 0.2))
		c.answer = c.tuple.proto == IPPROTO_TCP && random_chance(r, 0.5) ? ANSWER_REFUSED
										 : ANSWER_NONE;
	return c;
}

static void settle(struct sim_call *c, struct random *r)
{
	double most = c->tuple.proto != IPPROTO_TCP ? 4e4 : 4e5;
	struct sim_wish wish = {
		.out_bytes = (uint64_t)fmin(most, random_log_normal(r, 1000, 2)),
		.in_bytes = (uint64_t)fmin(most, random_log_normal(r, 3000, 2)),
		.duration = (ns_t)random_log_normal(r, 1e8, 3),
	};

	if (c->app == APP_UNKNOWN && random_chance(r, 0.2))
		wish.in_bytes = 0; /* a side that says nothing at all */
	sim_call_settle(c, &wish);
}

static void count(struct side *sender, const struct side *other, const struct sim_call *c,
		  const struct sim_packet *p)
{
	uint64_t ip = c->tuple.src.version == 4 ? 20 : 40;
	uint64_t transport = c->tuple.proto != IPPROTO_TCP ? 8
			     : p->tcp_flags & TCP_SYN	   ? 20 + SIM_SYN_OPTIONS
							   : 20;

	assert_true(p->len <= (c->tuple.src.version == 4 ? 1460 : 1440));
	sender->packets++;
	sender->payload += p->len;
	sender->ip_bytes += ip + transport + p->len;
	if (c->tuple.proto != IPPROTO_TCP)
		return;
	if (c->answer != ANSWER_NONE) { /* or the SYN comes again */
		assert_int_equal(p->seq, sender->next_seq);
		assert_int_equal(p->ack, other->next_seq);
		sender->next_seq += p->len + (p->tcp_flags & (TCP_SYN | TCP_FIN) ? 1 : 0);
	}
	sender->flags |= p->tcp_flags;
}

static void play(const struct sim_call *c)
{
	struct side out = {0}, in = {0};
	struct sim_script s;
	struct sim_shape shape;
	ns_t last = c->when;
	uint64_t number = 0;

	for (sim_script_start(&s, c); !s.done; sim_script_step(&s)) {
		if (number == 0)
			assert_true(s.packet.when == c->when && s.packet.outward);
		assert_int_equal(s.packet.number, number++);
		assert_true(s.packet.when >= last);
		assert_int_equal(s.packet.when % 1000, 0);
		last = s.packet.when;
		count(s.packet.outward ? &out : &in, s.packet.outward ? &in : &out, c, &s.packet);
	}
	assert_int_equal(last, c->when + c->duration);
	sim_call_shape(c, &shape);
	assert_int_equal(shape.out_packets, out.packets);
	assert_int_equal(shape.in_packets, in.packets);
	assert_int_equal(shape.out_ip_bytes, out.ip_bytes);
	assert_int_equal(shape.in_ip_bytes, in.ip_bytes);
	assert_int_equal(shape.out_payload, out.payload);
	assert_int_equal(shape.in_payload, in.payload);
	if (c->answer == ANSWER_YES) {
		assert_int_equal(out.payload, c->out_bytes);
		assert_int_equal(in.payload, c->in_bytes);
		if (c->tuple.proto == IPPROTO_TCP)
			assert_true((out.flags & in.flags & (TCP_SYN | TCP_FIN)) ==
				    (TCP_SYN | TCP_FIN));
	}
}

static void calculation_and_packets_agree(void **state)
{
	struct random r = random_from_seed(2);

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct sim_call c = some_call(&r);

		settle(&c, &r);
		play(&c);
	}
}

/* The handshake by hand: what Linux would send, and when. */
static void a_short_call_in_full(void **state)
{
	static const struct {
		ns_t us;
		bool outward;
		uint8_t flags;
		uint32_t len;
	} expected[] = {
		{0, true, TCP_SYN, 0},
		{10000, false, TCP_SYN | TCP_ACK, 0},
		{10030, true, TCP_ACK, 0},
		{10060, true, TCP_ACK | TCP_PSH, 100},
		{20060, false, TCP_ACK, 1460},
		{20080, false, TCP_ACK, 1460},
		{20090, true, TCP_ACK, 0},
		{20100, false, TCP_ACK | TCP_PSH, 80},
		{89960, true, TCP_FIN | TCP_ACK, 0},
		{99980, false, TCP_FIN | TCP_ACK, 0},
		{100000, true, TCP_ACK, 0},
	};
	struct sim_call c = {.rounds = 1, .answer = ANSWER_YES, .rtt = 10 * NS_PER_MS};
	struct sim_script s;
	size_t i = 0;

	(void)state;
	c.tuple.proto = IPPROTO_TCP;
	c.tuple.src.version = c.tuple.dst.version = 4;
	sim_call_settle(&c, &(struct sim_wish){100, 3000, 100 * NS_PER_MS});
	for (sim_script_start(&s, &c); !s.done; sim_script_step(&s), i++) {
		assert_true(i < ARRAY_LEN(expected));
		assert_int_equal(s.packet.when, expected[i].us * 1000);
		assert_int_equal(s.packet.outward, expected[i].outward);
		assert_int_equal(s.packet.tcp_flags, expected[i].flags);
		assert_int_equal(s.packet.len, expected[i].len);
	}
	assert_int_equal(i, ARRAY_LEN(expected));
}

static void silence_is_four_tries(void **state)
{
	static const ns_t after_s[] = {0, 1, 3, 7};
	struct sim_call c = {.rounds = 1, .answer = ANSWER_NONE, .rtt = NS_PER_MS, .app = APP_TLS};
	struct sim_script s;
	size_t i = 0;

	(void)state;
	c.tuple.proto = IPPROTO_TCP;
	c.tuple.src.version = c.tuple.dst.version = 4;
	sim_call_settle(&c, &(struct sim_wish){100, 100, 0});
	for (sim_script_start(&s, &c); !s.done; sim_script_step(&s), i++) {
		assert_true(i < ARRAY_LEN(after_s));
		assert_int_equal(s.packet.when, after_s[i] * NS_PER_SEC);
		assert_int_equal(s.packet.tcp_flags, TCP_SYN);
		assert_int_equal(s.packet.seq, 0);
	}
	assert_int_equal(i, ARRAY_LEN(after_s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calculation_and_packets_agree),
		cmocka_unit_test(a_short_call_in_full),
		cmocka_unit_test(silence_is_four_tries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
