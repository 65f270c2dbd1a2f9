/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/random.h"
#include "flow_table_model.h"

static struct ended ended;

static struct flow_table *table(size_t capacity)
{
	struct flow_table *t = flow_table_new(&(struct flow_table_config){
		.capacity = capacity,
		.on_end = ended_add,
		.arg = &ended,
	});

	assert_non_null(t);
	ended.count = 0;
	return t;
}

static void freep(struct flow_table **t)
{
	flow_table_free(*t);
}

static struct address host(int n)
{
	return address_v4((uint8_t[]){10, 0, 0, (uint8_t)n});
}

/* From host `src` to host `dst`: the lower one is the client, at port 50000 + its number. */
static struct packet packet(uint8_t proto, int src, int dst, double seconds, uint8_t flags)
{
	struct packet p = {
		.when = (ns_t)(seconds * 1e9),
		.tuple = {.src = host(src), .dst = host(dst), .proto = proto},
		.bytes = 100,
		.payload_bytes = 60,
		.tcp_flags = flags,
	};

	p.tuple.src_port = (uint16_t)(src < dst ? 50000 + src : 443);
	p.tuple.dst_port = (uint16_t)(src < dst ? 443 : 50000 + dst);
	return p;
}

static struct packet tcp(int src, int dst, double seconds, uint8_t flags)
{
	return packet(IPPROTO_TCP, src, dst, seconds, flags);
}

static struct packet udp(int src, int dst, double seconds)
{
	return packet(IPPROTO_UDP, src, dst, seconds, 0);
}

/* Returns whether the packet went outward. */
static bool add(struct flow_table *t, struct packet p)
{
	bool outward;
	struct flow *flow = flow_table_add(t, &p, &outward);

	assert_non_null(flow);
	return outward;
}

static void both_directions_are_one_flow(void **state)
{
	AUTO(freep) struct flow_table *t = table(8);
	struct packet big = tcp(1, 2, 3, TCP_ACK | TCP_PSH);
	struct flow *f = &ended.flow[0];

	(void)state;
	big.bytes = 1500;
	big.payload_bytes = 1460;
	assert_true(add(t, tcp(1, 2, 1, TCP_SYN)));
	assert_false(add(t, tcp(2, 1, 2, TCP_SYN | TCP_ACK)));
	assert_true(add(t, big));
	flow_table_flush(t);

	assert_int_equal(ended.count, 1);
	assert_int_equal(f->out_packets, 2);
	assert_int_equal(f->in_packets, 1);
	assert_int_equal(f->out_bytes, 1600);
	assert_int_equal(f->in_bytes, 100);
	assert_int_equal(f->out_payload, 1520);
	assert_int_equal(f->in_payload, 60);
	assert_int_equal(f->out_flags, TCP_SYN | TCP_ACK | TCP_PSH);
	assert_int_equal(f->in_flags, TCP_SYN | TCP_ACK);
	assert_int_equal(f->first, 1 * NS_PER_SEC);
	assert_int_equal(f->last, 3 * NS_PER_SEC);
	assert_int_equal(f->tuple.src_port, 50001);
	assert_int_equal(f->answer, ANSWER_YES);
	assert_int_equal(f->end, FLOW_END_INPUT);
	assert_int_equal(f->uid, 0);
	assert_int_equal(f->name, 0);
	assert_false(f->inferred);
}

static void a_flow_differs_by_every_part_of_its_tuple(void **state)
{
	AUTO(freep) struct flow_table *t = table(64);
	struct packet p = udp(1, 2, 0);
	uint8_t bytes[16];

	(void)state;
	add(t, p);
	p.tuple.proto = IPPROTO_UDPLITE;
	add(t, p);
	p = udp(1, 2, 0);
	p.tuple.src_port++;
	add(t, p);
	p = udp(1, 2, 0);
	p.tuple.dst_port++;
	add(t, p);
	/* ports swapped, addresses not: another conversation */
	p = udp(1, 2, 0);
	p.tuple.src_port = 443;
	p.tuple.dst_port = 50001;
	add(t, p);
	/* the same bytes from a real IPv6 header */
	p = udp(1, 2, 0);
	memcpy(bytes, p.tuple.src.bytes, 16);
	p.tuple.src = address_v6(bytes);
	memcpy(bytes, p.tuple.dst.bytes, 16);
	p.tuple.dst = address_v6(bytes);
	add(t, p);
	assert_int_equal(flow_table_stats(t).live, 6);
	assert_int_equal(flow_table_stats(t).flows, 6);
}

static void silence_ends_a_flow_after_its_own_timeout(void **state)
{
	static const struct {
		double at; /* first moment that is too late */
		uint8_t proto;
		uint8_t out, back; /* flags of a packet each way; back 0xff: none */
		enum flow_end end;
	} cases[] = {
		{30, IPPROTO_UDP, 0, 0xff, FLOW_END_IDLE},
		{30, IPPROTO_UDP, 0, 0, FLOW_END_IDLE},
		{30, IPPROTO_ICMP, 0, 0, FLOW_END_IDLE},
		{30, IPPROTO_TCP, TCP_SYN, 0xff, FLOW_END_IDLE},
		{300, IPPROTO_TCP, TCP_SYN, TCP_SYN | TCP_ACK, FLOW_END_IDLE},
		{300, IPPROTO_TCP, TCP_FIN | TCP_ACK, TCP_ACK, FLOW_END_IDLE},
		{300, IPPROTO_TCP, TCP_ACK, 0xff, FLOW_END_IDLE},
		{60, IPPROTO_TCP, TCP_FIN | TCP_ACK, TCP_FIN | TCP_ACK, FLOW_END_CLOSED},
		{60, IPPROTO_TCP, TCP_SYN, TCP_RST | TCP_ACK, FLOW_END_CLOSED},
		{60, IPPROTO_TCP, TCP_RST, 0xff, FLOW_END_CLOSED},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(freep) struct flow_table *t = table(8);

		add(t, packet(cases[i].proto, 1, 2, 0, cases[i].out));
		if (cases[i].back != 0xff)
			add(t, packet(cases[i].proto, 2, 1, 0, cases[i].back));
		add(t, udp(3, 4, cases[i].at - 0.001));
		assert_int_equal(ended.count, 0);
		add(t, udp(3, 4, cases[i].at));
		assert_int_equal(ended.count, 1);
		assert_int_equal(ended.flow[0].end, cases[i].end);
		assert_int_equal(ended.flow[0].tuple.dst.bytes[15], 2);
	}
}

static void the_initiator_is_who_sent_the_syn(void **state)
{
	static const struct {
		uint16_t src_port, dst_port;
		uint8_t flags;
		bool outward, inferred;
	} cases[] = {
		{50000, 443, TCP_SYN, true, false},
		{443, 50000, TCP_SYN, true, false}, /* odd, but it did send the SYN */
		{443, 50000, TCP_SYN | TCP_ACK, false, false},
		{50000, 443, TCP_SYN | TCP_ACK, false, false},
		{50000, 443, TCP_ACK, true, true},
		{443, 50000, TCP_ACK, false, true},
		{1023, 1024, TCP_ACK, false, true},
		{443, 22, TCP_ACK, true, true}, /* both or neither well known: who spoke first */
		{22, 443, TCP_ACK, true, true},
		{5000, 6000, TCP_ACK, true, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(freep) struct flow_table *t = table(8);
		struct packet p = tcp(1, 2, 0, cases[i].flags);

		p.tuple.src_port = cases[i].src_port;
		p.tuple.dst_port = cases[i].dst_port;
		assert_int_equal(add(t, p), cases[i].outward);
		flow_table_flush(t);
		assert_int_equal(ended.flow[0].inferred, cases[i].inferred);
		assert_int_equal(ended.flow[0].tuple.src.bytes[15], cases[i].outward ? 1 : 2);
	}
	{
		AUTO(freep) struct flow_table *t = table(8);

		assert_true(add(t, udp(2, 1, 0))); /* from port 443, but UDP has no midstream */
		flow_table_flush(t);
		assert_false(ended.flow[0].inferred);
	}
}

static void the_answer_tells_who_is_there(void **state)
{
	static const struct {
		uint8_t out, back; /* back 0xff: none */
		enum flow_answer answer;
	} cases[] = {
		{TCP_SYN, 0xff, ANSWER_NONE},
		{TCP_SYN, TCP_RST | TCP_ACK, ANSWER_REFUSED},
		{TCP_SYN, TCP_SYN | TCP_ACK, ANSWER_YES},
		{TCP_SYN | TCP_RST, 0xff, ANSWER_NONE},
		{TCP_ACK, 0xff, ANSWER_UNKNOWN},
		{TCP_ACK, TCP_ACK, ANSWER_YES},
		{TCP_ACK | TCP_RST, 0xff, ANSWER_NONE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(freep) struct flow_table *t = table(8);

		add(t, tcp(1, 2, 0, cases[i].out));
		if (cases[i].back != 0xff)
			add(t, tcp(2, 1, 1, cases[i].back));
		flow_table_flush(t);
		assert_int_equal(ended.flow[0].answer, cases[i].answer);
	}
	{
		AUTO(freep) struct flow_table *t = table(8);

		add(t, udp(1, 2, 0));
		add(t, udp(3, 4, 0));
		add(t, udp(4, 3, 0));
		flow_table_flush(t);
		assert_int_equal(ended.flow[0].answer, ANSWER_NONE);
		assert_int_equal(ended.flow[1].answer, ANSWER_YES);
	}
}

static void a_new_syn_on_a_closed_connection_is_a_new_flow(void **state)
{
	AUTO(freep) struct flow_table *t = table(8);
	struct packet syn = tcp(1, 2, 0, TCP_SYN);

	(void)state;
	syn.tcp_seq = 1000;
	add(t, syn);
	add(t, tcp(2, 1, 0.1, TCP_RST | TCP_ACK));
	add(t, syn); /* the same, sent again: Windows tries three times */
	add(t, tcp(2, 1, 0.6, TCP_RST | TCP_ACK));
	assert_int_equal(flow_table_stats(t).flows, 1);
	syn.tcp_seq = 2000;
	add(t, syn);
	assert_int_equal(flow_table_stats(t).flows, 2);
	assert_int_equal(ended.count, 1);
	assert_int_equal(ended.flow[0].end, FLOW_END_CLOSED);
	assert_int_equal(ended.flow[0].out_packets, 2);
	assert_int_equal(ended.flow[0].in_packets, 2);
	syn.tcp_seq = 3000; /* not closed: still the same flow */
	add(t, syn);
	assert_int_equal(flow_table_stats(t).flows, 2);
}

static void a_full_table_gives_up_the_least_telling_flow(void **state)
{
	AUTO(freep) struct flow_table *t = table(4);

	(void)state;
	add(t, tcp(1, 2, 0, TCP_SYN)); /* answered, oldest of all */
	add(t, tcp(2, 1, 0, TCP_SYN | TCP_ACK));
	add(t, udp(1, 3, 1)); /* answered */
	add(t, udp(3, 1, 1));
	add(t, tcp(1, 4, 2, TCP_SYN)); /* closed */
	add(t, tcp(4, 1, 2, TCP_RST));
	add(t, tcp(1, 5, 3, TCP_SYN)); /* unanswered */
	assert_int_equal(ended.count, 0);

	for (int i = 0; i < 4; i++) {
		add(t, tcp(1, 10 + i, 4, TCP_SYN));
		add(t, tcp(10 + i, 1, 4, TCP_SYN | TCP_ACK));
	}
	assert_int_equal(ended.count, 4);
	assert_int_equal(ended.flow[0].tuple.dst.bytes[15], 4);
	assert_int_equal(ended.flow[1].tuple.dst.bytes[15], 5);
	assert_int_equal(ended.flow[2].tuple.dst.bytes[15], 2);
	assert_int_equal(ended.flow[3].tuple.dst.bytes[15], 3);
	for (int i = 0; i < 4; i++)
		assert_int_equal(ended.flow[i].end, FLOW_END_EVICTED);
	assert_int_equal(flow_table_stats(t).evicted, 4);
	assert_int_equal(flow_table_stats(t).live, 4);
}

static void time_never_runs_backwards(void **state)
{
	AUTO(freep) struct flow_table *t = table(8);

	(void)state;
	add(t, udp(1, 2, 100));
	add(t, udp(1, 2, 90));
	add(t, udp(3, 4, 129.9)); /* 1->2 was last touched when it was 100 */
	assert_int_equal(ended.count, 0);
	add(t, udp(3, 4, 130));
	assert_int_equal(ended.count, 1);
	assert_int_equal(ended.flow[0].first, 90 * NS_PER_SEC);
	assert_int_equal(ended.flow[0].last, 100 * NS_PER_SEC);
}

static void a_second_capture_of_past_hours_is_still_cut_by_silence(void **state)
{
	AUTO(freep) struct flow_table *t = table(8);

	(void)state;
	add(t, udp(3, 4, 10000));
	for (int call = 0; call < 5; call++)
		add(t, udp(1, 2, 60 * call));
	flow_table_flush(t);
	assert_int_equal(ended.count, 6);
	assert_int_equal(flow_table_stats(t).live, 0);

	/* and after a flush time starts anew */
	add(t, udp(1, 2, 0));
	add(t, udp(3, 4, 30));
	assert_int_equal(ended.count, 7);
}

static void flush_goes_by_start_then_tuple(void **state)
{
	static const int order[] = {7, 3, 9, 4, 8, 5, 6};
	AUTO(freep) struct flow_table *t = table(16);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		add(t, udp(order[i], 100, 1));
	add(t, udp(200, 100, 0.5));
	flow_table_flush(t);
	assert_int_equal(ended.count, 8);
	assert_int_equal(ended.flow[0].tuple.src.bytes[15], 200);
	for (int i = 1; i < 8; i++)
		assert_int_equal(ended.flow[i].tuple.src.bytes[15], 2 + i);
}

/* More than the index starts with; every reply must find its request. */
static void many_flows_are_all_found(void **state)
{
	enum { MANY = MODEL_ENDED_MAX };
	AUTO(freep) struct flow_table *t = table(MANY);

	(void)state;
	for (int way = 0; way < 2; way++) {
		for (int i = 0; i < MANY; i++) {
			struct packet p = way == 0 ? udp(1, 2, 1) : udp(2, 1, 2);
			uint16_t port = (uint16_t)(10000 + i);

			*(way == 0 ? &p.tuple.src_port : &p.tuple.dst_port) = port;
			assert_int_equal(add(t, p), way == 0);
		}
	}
	assert_int_equal(flow_table_stats(t).flows, MANY);
	flow_table_flush(t);
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(ended.flow[i].tuple.src_port, 10000 + i);
		assert_int_equal(ended.flow[i].in_packets, 1);
	}
	assert_true(add(t, udp(1, 2, 0))); /* and the table can be used again */
	assert_false(add(t, udp(2, 1, 0)));
}

static void extreme_times_do_no_harm(void **state)
{
	static const ns_t times[] = {INT64_MIN, INT64_MAX, 0, -1, INT64_MAX - 1, INT64_MIN + 1};
	AUTO(freep) struct flow_table *t = table(4);

	(void)state;
	for (size_t i = 0; i < 6 * ARRAY_LEN(times); i++) {
		struct packet p = udp(1 + (int)(i % 5), 100, 0);

		p.when = times[i % ARRAY_LEN(times)];
		add(t, p);
	}
	flow_table_flush(t);
	assert_int_equal(flow_table_stats(t).live, 0);
	assert_int_equal(flow_table_stats(t).flows, ended.count);
}

static void a_host_that_talks_to_itself_is_one_flow(void **state)
{
	AUTO(freep) struct flow_table *t = table(4);
	struct packet p = tcp(1, 1, 0, TCP_SYN | TCP_ACK);

	(void)state;
	p.tuple.src_port = p.tuple.dst_port;
	assert_true(add(t, p));
	assert_true(add(t, p));
	assert_int_equal(flow_table_stats(t).flows, 1);
}

/* `p`, sent so many milliseconds after the tenth second; no port is a well-known one. */
static struct packet at_ms(struct packet p, int ms)
{
	p.when = 10 * NS_PER_SEC + ms * NS_PER_MS;
	p.tuple.src_port = p.tuple.src_port == 443 ? 8443 : p.tuple.src_port;
	p.tuple.dst_port = p.tuple.dst_port == 443 ? 8443 : p.tuple.dst_port;
	return p;
}

static void whoever_spoke_first_began_whatever_came_first(void **state)
{
	AUTO(freep) struct flow_table *t = table(4);
	const struct flow *f = &ended.flow[0];

	(void)state;
	/* an answer before its question */
	assert_true(add(t, at_ms(udp(2, 1, 0), 20)));
	assert_true(add(t, at_ms(udp(1, 2, 0), 0)));
	assert_false(add(t, at_ms(udp(2, 1, 0), 30)));
	flow_table_flush(t);
	assert_int_equal(ended.count, 1);
	assert_int_equal(f->tuple.src.bytes[15], 1);
	assert_int_equal(f->out_packets, 1);
	assert_int_equal(f->in_packets, 2);
	assert_int_equal(f->answer, ANSWER_YES);
	assert_int_equal(f->first, 10 * NS_PER_SEC);
	assert_int_equal(f->bursts, 1);

	/* a connection whose packets come the wrong way round: no second one */
	ended.count = 0;
	assert_true(add(t, at_ms(tcp(2, 1, 0, TCP_FIN | TCP_ACK), 60)));
	assert_true(add(t, at_ms(tcp(1, 2, 0, TCP_FIN | TCP_ACK), 50)));
	assert_true(add(t, at_ms(tcp(2, 1, 0, TCP_PSH | TCP_ACK), 40)));
	assert_true(add(t, at_ms(tcp(1, 2, 0, TCP_SYN), 0)));
	assert_false(add(t, at_ms(tcp(2, 1, 0, TCP_SYN | TCP_ACK), 20)));
	flow_table_flush(t);
	assert_int_equal(ended.count, 1);
	assert_int_equal(f->tuple.src.bytes[15], 1);
	assert_false(f->inferred);
}

static void a_late_word_does_not_turn_a_flow(void **state)
{
	AUTO(freep) struct flow_table *t = table(4);

	(void)state;
	/* joined midway; then somebody outside sends a SYN, or one comes that is too old */
	assert_true(add(t, at_ms(tcp(1, 2, 0, TCP_PSH | TCP_ACK), 1000)));
	assert_false(add(t, at_ms(tcp(2, 1, 0, TCP_SYN), 1001)));
	assert_false(add(t, at_ms(tcp(2, 1, 0, TCP_SYN), 500)));
	assert_true(add(t, at_ms(tcp(1, 2, 0, TCP_PSH | TCP_ACK), 1002)));
	/* the handshake has said who began */
	assert_true(add(t, at_ms(tcp(3, 4, 0, TCP_SYN), 1010)));
	assert_false(add(t, at_ms(tcp(4, 3, 0, TCP_SYN), 1005)));
	assert_int_equal(flow_table_stats(t).flows, 2);
}

/*
 * Bursts against an obvious model: all packets of one conversation are kept,
 * and cut where the initiator had said nothing for the silence.
 */
struct bursts {
	struct flow burst[64];
	size_t count;
	struct flow whole;
};

static void keep_burst(const struct flow *burst, const struct flow *flow, void *arg)
{
	struct bursts *b = arg;

	assert_true(flow->first <= burst->first);
	assert_true(b->count < ARRAY_LEN(b->burst));
	b->burst[b->count++] = *burst;
}

static void keep_whole(const struct flow *flow, void *arg)
{
	((struct bursts *)arg)->whole = *flow;
}

static void check_bursts(const struct packet *packets, const bool *outward, size_t count,
			 const struct bursts *got)
{
	ns_t spoke = 0;
	bool spoken = false;
	struct flow want = {0};
	size_t n = 0;

	for (size_t i = 0; i <= count; i++) {
		const struct packet *p = i < count ? &packets[i] : NULL;
		bool says = p && outward[i] && p->payload_bytes;

		if (!p || (says && spoken && p->when - spoke >= FLOW_BURST_SILENCE_NS)) {
			assert_true(n < got->count);
			assert_int_equal(got->burst[n].first, want.first);
			assert_int_equal(got->burst[n].last, want.last);
			assert_int_equal(got->burst[n].out_bytes, want.out_bytes);
			assert_int_equal(got->burst[n].in_bytes, want.in_bytes);
			assert_int_equal(got->burst[n].out_payload, want.out_payload);
			assert_int_equal(got->burst[n].in_payload, want.in_payload);
			assert_int_equal(got->burst[n].out_packets, want.out_packets);
			assert_int_equal(got->burst[n].end, p ? FLOW_END_BURST : FLOW_END_INPUT);
			want = (struct flow){0};
			n++;
		}
		if (!p)
			break;
		if (!want.first)
			want.first = p->when;
		want.last = p->when;
		*(outward[i] ? &want.out_bytes : &want.in_bytes) += p->bytes;
		*(outward[i] ? &want.out_payload : &want.in_payload) += p->payload_bytes;
		want.out_packets += outward[i];
		if (says) {
			spoke = p->when;
			spoken = true;
		}
	}
	assert_int_equal(got->count, n);
}

static void a_long_connection_is_told_burst_by_burst(void **state)
{
	static const double gaps[] = {0, 0.001, 0.2, 0.499, 0.5, 0.7, 3, 20};
	struct random r = random_from_seed(11);

	(void)state;
	for (int round = 0; round < 300; round++) {
		struct bursts got = {0};
		struct flow_table_config config = {
			.capacity = 4, .on_end = keep_whole, .on_burst = keep_burst, .arg = &got};
		struct flow_table *t = flow_table_new(&config);
		struct packet packets[40];
		bool outward[40], is_outward;
		double now = 1000;

		assert_non_null(t);
		for (size_t i = 0; i < ARRAY_LEN(packets); i++) {
			outward[i] = i == 0 || random_below(&r, 2);
			now += gaps[random_below(&r, ARRAY_LEN(gaps))];
			packets[i] =
				outward[i] ? tcp(1, 100, now, TCP_ACK) : tcp(100, 1, now, TCP_ACK);
			if (i == 0)
				packets[i].tcp_flags = TCP_SYN;
			packets[i].payload_bytes = i && random_below(&r, 3) ? 100 : 0;
			packets[i].bytes = packets[i].payload_bytes + 40;
			flow_table_add(t, &packets[i], &is_outward);
			assert_int_equal(is_outward, outward[i]);
		}
		flow_table_flush(t);
		check_bursts(packets, outward, ARRAY_LEN(packets), &got);
		flow_table_free(t);
	}
}

/* A second tap brings the same packet a little later; everything else is another packet. */
static void a_packet_seen_twice_counts_once(void **state)
{
	AUTO(freep) struct flow_table *t = table(4);
	struct packet first = tcp(1, 100, 50, TCP_ACK | TCP_PSH), p;
	const struct {
		double delay_s;
		uint32_t stamp, seq, bytes;
		uint8_t flags;
		bool back, copy;
	} cases[] = {
		{0.000, 0x12345678, 9, 140, TCP_ACK | TCP_PSH, false, true},
		{0.015, 0x12345678, 9, 140, TCP_ACK | TCP_PSH, false, true},
		{0.000, 0x12355678, 9, 140, TCP_ACK | TCP_PSH, false, false}, /* sent again */
		{0.000, 0x12345679, 9, 140, TCP_ACK | TCP_PSH, false, false},
		{0.000, 0x12345678, 10, 140, TCP_ACK | TCP_PSH, false, false},
		{0.000, 0x12345678, 9, 141, TCP_ACK | TCP_PSH, false, false},
		{0.000, 0x12345678, 9, 140, TCP_ACK, false, false},
		{0.000, 0x12345678, 9, 140, TCP_ACK | TCP_PSH, true, false},
		{0.500, 0x12345678, 9, 140, TCP_ACK | TCP_PSH, false, false}, /* later */
		{0.501, 0, 9, 140, TCP_ACK | TCP_PSH, false, false},
		{0.501, 0, 9, 140, TCP_ACK | TCP_PSH, false, false}, /* cannot be told */
	};
	uint64_t copies = 0;
	bool outward;

	(void)state;
	first.stamp = 0x12345678;
	first.tcp_seq = 9;
	first.bytes = 140;
	assert_non_null(flow_table_add(t, &first, &outward));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		p = cases[i].back ? tcp(100, 1, 50, 0) : first;
		p.when = first.when + (ns_t)(cases[i].delay_s * 1e9);
		p.stamp = cases[i].stamp;
		p.tcp_seq = cases[i].seq;
		p.bytes = cases[i].bytes;
		p.tcp_flags = cases[i].flags;
		copies += cases[i].copy;
		assert_int_equal(flow_table_add(t, &p, &outward) == NULL, cases[i].copy);
	}
	assert_int_equal(flow_table_stats(t).duplicates, copies);
	assert_int_equal(flow_table_stats(t).packets, 1 + ARRAY_LEN(cases) - copies);
}

/* Each table has its own secrets; which copies it has forgotten must not tell. */
static void every_run_finds_the_same_copies(void **state)
{
	uint64_t found[3];

	(void)state;
	for (size_t run = 0; run < ARRAY_LEN(found); run++) {
		AUTO(freep) struct flow_table *t = table(64);
		struct random r = random_from_seed(5);
		struct packet sent[3000];
		bool outward;

		for (size_t i = 0; i < ARRAY_LEN(sent); i++) {
			sent[i] = udp(1 + (int)random_below(&r, 20), 100, 50 + (double)i * 1e-5);
			sent[i].stamp = 1 + (uint32_t)random_below(&r, 1000000);
			flow_table_add(t, &sent[i], &outward);
			if (i >= 1200) /* late enough for some to be displaced */
				flow_table_add(t, &sent[i - 1200], &outward);
		}
		found[run] = flow_table_stats(t).duplicates;
	}
	assert_true(found[0] > 200 && found[0] < 1700);
	assert_int_equal(found[0], found[1]);
	assert_int_equal(found[0], found[2]);
}

/* A stack that numbers no packets repeats its acknowledgements and resets: they all count. */
static void acknowledgements_may_be_alike(void **state)
{
	static const uint8_t flags[] = {TCP_ACK, TCP_RST, TCP_RST | TCP_ACK};
	AUTO(freep) struct flow_table *t = table(4);
	struct packet p = tcp(1, 100, 50, TCP_ACK);
	bool outward;

	(void)state;
	p.stamp = 0xabcd;
	p.payload_bytes = 0;
	for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
		p.tcp_flags = flags[i];
		for (int again = 0; again < 3; again++)
			assert_non_null(flow_table_add(t, &p, &outward));
	}
}

/*
 * Datagrams of one length whose sums were left to the network card, or that carry
 * packets whose own sums are right, differ in nothing but what they say.
 */
static void datagrams_that_say_something_else_are_no_copies(void **state)
{
	AUTO(freep) struct flow_table *t = table(4);
	struct packet p = packet(IPPROTO_UDP, 1, 2, 50, 0);
	uint8_t payload[1200] = {0};
	bool outward;

	(void)state;
	p.stamp = 0xabcd;
	p.payload = payload;
	p.payload_bytes = p.payload_captured = sizeof(payload);
	assert_non_null(flow_table_add(t, &p, &outward));
	assert_null(flow_table_add(t, &p, &outward));
	for (size_t at = 0; at < 64; at++) {
		payload[at] = 1;
		assert_non_null(flow_table_add(t, &p, &outward));
		assert_null(flow_table_add(t, &p, &outward));
	}
	payload[sizeof(payload) - 1] = 1;
	assert_non_null(flow_table_add(t, &p, &outward));
	p.payload_bytes = p.payload_captured = 3;
	assert_non_null(flow_table_add(t, &p, &outward));
	payload[2] = 2;
	assert_non_null(flow_table_add(t, &p, &outward));
	assert_null(flow_table_add(t, &p, &outward));
}

/* 200 datagrams that differ only where nobody looks: a leak must not count as one of them. */
static void many_that_look_alike_are_no_copies(void **state)
{
	AUTO(freep) struct flow_table *t = table(4);
	struct packet p = packet(IPPROTO_UDP, 1, 2, 50, 0);
	uint8_t payload[1200] = {0};
	unsigned counted = 0;
	bool outward;

	(void)state;
	p.stamp = 0xabcd;
	p.payload = payload;
	p.payload_bytes = p.payload_captured = sizeof(payload);
	for (int i = 0; i < 200; i++) {
		payload[600] = (uint8_t)i;
		counted += flow_table_add(t, &p, &outward) != NULL;
		p.when += 10000;
	}
	assert_int_equal(counted, 200 / 4);
}

static void memory_is_as_promised(void **state)
{
	(void)state;
	assert_true(flow_table_size(1 << 20) < (size_t)256 << 20);
	assert_true(flow_table_size(1 << 20) >= (1 << 20) * sizeof(struct flow));
	flow_table_free(NULL);
}

static struct packet random_packet(struct random *r, ns_t *clock)
{
	static const ns_t steps[] = {0, 0, 1, NS_PER_SEC, 4 * NS_PER_SEC, 26 * NS_PER_SEC};
	static const uint8_t flags[] = {TCP_SYN, TCP_SYN | TCP_ACK, TCP_ACK,
					TCP_ACK, TCP_FIN | TCP_ACK, TCP_RST};
	static const uint8_t protos[] = {IPPROTO_TCP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP};
	struct packet p = packet(protos[random_below(r, 4)], 1 + (int)random_below(r, 3),
				 2 + (int)random_below(r, 3), 0, 0);

	if (p.tuple.proto == IPPROTO_TCP) {
		p.tcp_flags = flags[random_below(r, ARRAY_LEN(flags))];
		p.tcp_seq = (uint32_t)random_below(r, 2);
	}
	*clock += steps[random_below(r, ARRAY_LEN(steps))];
	if (random_chance(r, 0.01))
		*clock += 290 * NS_PER_SEC;
	p.when = *clock;
	if (random_chance(r, 0.05))
		p.when -= (ns_t)random_below(r, 400) * NS_PER_SEC;
	else if (random_chance(r, 0.3))
		p.when -= (ns_t)random_below(r, 700) * NS_PER_MS;
	p.bytes = (uint32_t)random_below(r, 1500);
	p.payload_bytes = p.bytes / 2;
	return p;
}

static void agrees_with_the_obvious_model(void **state)
{
	struct random r = random_from_seed(1);
	struct model *m = calloc(1, sizeof(*m));

	(void)state;
	assert_non_null(m);
	for (int round = 0; round < 3000; round++) {
		size_t capacity = 1 + random_below(&r, 9);
		AUTO(freep) struct flow_table *t = table(capacity);
		ns_t clock = (ns_t)random_below(&r, 1000) * NS_PER_SEC;

		m->capacity = capacity;
		m->packets = m->evicted = m->count = m->ended.count = 0;
		for (int i = 0; i < 100; i++) {
			struct packet p = random_packet(&r, &clock);
			bool outward, model_outward;

			flow_table_add(t, &p, &outward);
			model_add(m, &p, &model_outward);
			assert_int_equal(outward, model_outward);
			assert_int_equal(ended.count, m->ended.count);
			assert_int_equal(flow_table_stats(t).live, m->count);
		}
		flow_table_flush(t);
		model_flush(m);
		assert_true(ended_equal(&ended, &m->ended));
		assert_int_equal(flow_table_stats(t).evicted, m->evicted);
		assert_int_equal(flow_table_stats(t).packets, 100);
	}
	free(m);
}

/* A line of a script: who speaks, when, and how much. */
struct said {
	int by;
	double seconds;
	uint32_t bytes;
};

/* Host 1 calls host 2, and then it goes as written. */
static struct flow play(const struct said *script, size_t count)
{
	AUTO(freep) struct flow_table *t = table(8);
	const struct packet opening[] = {tcp(1, 2, 0, TCP_SYN), tcp(2, 1, 0.01, TCP_SYN | TCP_ACK),
					 tcp(1, 2, 0.02, TCP_ACK)};

	for (size_t i = 0; i < ARRAY_LEN(opening); i++) {
		struct packet p = opening[i];

		p.payload_bytes = 0;
		add(t, p);
	}
	for (size_t i = 0; i < count; i++) {
		struct packet p = tcp(script[i].by, 3 - script[i].by, script[i].seconds, TCP_ACK);

		p.payload_bytes = script[i].bytes;
		add(t, p);
	}
	flow_table_flush(t);
	assert_int_equal(ended.count, 1);
	return ended.flow[0];
}

/* Somebody types at host 2: a prompt, three commands, one of them with a long answer. */
static void orders_of_the_far_end_are_counted(void **state)
{
	static const struct said shell[] = {
		{1, 0.1, 40},  {2, 3.1, 3},    {1, 3.12, 300}, {2, 7.0, 12},  {1, 7.03, 1400},
		{1, 7.9, 800}, {1, 8.8, 1400}, {2, 15.0, 8},   {1, 15.4, 30},
	};
	struct flow f = play(shell, ARRAY_LEN(shell));

	(void)state;
	assert_int_equal(f.led, 3);
	assert_false(f.claims & CLAIM_REMOTE_FIRST);
}

static void who_asks_for_himself_is_not_led(void **state)
{
	/* Requests and answers, the last one slow, then a keep-alive that nobody answers. */
	static const struct said client[] = {
		{1, 0.1, 200},	{2, 0.2, 400},	 {1, 5, 200},	{2, 5.1, 400},
		{1, 12.0, 200}, {2, 12.05, 400}, {2, 30.0, 1},	{1, 60.0, 200},
		{2, 60.1, 400}, {2, 70, 60000},	 {1, 70.1, 30}, /* a download is no order */
	};
	struct flow f = play(client, ARRAY_LEN(client));

	(void)state;
	assert_int_equal(f.led, 0);
	assert_int_equal(f.bursts, 5);
}

static void a_greeting_is_noted(void **state)
{
	static const struct said mail[] = {{2, 0.2, 50}, {1, 0.25, 20}, {2, 0.3, 90}};
	struct flow f = play(mail, ARRAY_LEN(mail));

	(void)state;
	assert_true(f.claims & CLAIM_REMOTE_FIRST);
	assert_int_equal(f.led, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_directions_are_one_flow),
		cmocka_unit_test(orders_of_the_far_end_are_counted),
		cmocka_unit_test(who_asks_for_himself_is_not_led),
		cmocka_unit_test(a_greeting_is_noted),
		cmocka_unit_test(a_flow_differs_by_every_part_of_its_tuple),
		cmocka_unit_test(silence_ends_a_flow_after_its_own_timeout),
		cmocka_unit_test(the_initiator_is_who_sent_the_syn),
		cmocka_unit_test(the_answer_tells_who_is_there),
		cmocka_unit_test(a_new_syn_on_a_closed_connection_is_a_new_flow),
		cmocka_unit_test(a_full_table_gives_up_the_least_telling_flow),
		cmocka_unit_test(time_never_runs_backwards),
		cmocka_unit_test(a_second_capture_of_past_hours_is_still_cut_by_silence),
		cmocka_unit_test(flush_goes_by_start_then_tuple),
		cmocka_unit_test(many_flows_are_all_found),
		cmocka_unit_test(extreme_times_do_no_harm),
		cmocka_unit_test(a_host_that_talks_to_itself_is_one_flow),
		cmocka_unit_test(whoever_spoke_first_began_whatever_came_first),
		cmocka_unit_test(a_late_word_does_not_turn_a_flow),
		cmocka_unit_test(a_long_connection_is_told_burst_by_burst),
		cmocka_unit_test(a_packet_seen_twice_counts_once),
		cmocka_unit_test(every_run_finds_the_same_copies),
		cmocka_unit_test(acknowledgements_may_be_alike),
		cmocka_unit_test(datagrams_that_say_something_else_are_no_copies),
		cmocka_unit_test(many_that_look_alike_are_no_copies),
		cmocka_unit_test(memory_is_as_promised),
		cmocka_unit_test(agrees_with_the_obvious_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
