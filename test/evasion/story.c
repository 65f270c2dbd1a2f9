/* SPDX-License-Identifier: Apache-2.0 */
#include "story.h"

#include "hello_bytes.h"
#include "quic_maker.h"
#include "segment.h"

#include "simulate/frame.h"
#include "simulate/payload.h"
#include "simulate/site.h"

#include <netinet/in.h>

enum { HOSTS = 8, FIRST_HOST = 11, DAY = 86400, HOUR = 3600 };
enum { RESOLVER = 53, MONITOR = 10, MIRROR = 20 };
enum { QUIC_TEXT = 1150 };  /* before it is sealed */
enum { AN_EVIL = 1 << 20 }; /* in the number of a call: a beacon's */

static const ns_t start_of_day = (ns_t)1700000000 * NS_PER_SEC;

struct teller {
	const struct story *story;
	struct tape *tape;
	uint64_t calls;
};

bool story_is_beacon(uint64_t call)
{
	return call & AN_EVIL;
}

static struct address inside(const struct teller *t, unsigned host)
{
	return t->story->v6 ? sim_v6(0xfd000000, host) : sim_v4(10, 0, 0, (uint8_t)host);
}

static struct address outside(const struct teller *t, unsigned number)
{
	return t->story->v6 ? sim_v6(0x20010db8, number) : sim_v4(203, 0, 113, (uint8_t)number);
}

static double chance(uint64_t seed)
{
	return (double)tape_dice(seed, 1000000) / 1e6;
}

static ns_t at(double seconds)
{
	return start_of_day + (ns_t)(seconds * 1e6) * 1000;
}

/* Who, whither, when; how long and what is said follows from the kind. */
static struct sim_call call_to(struct teller *t, double when, unsigned host, struct address dst,
			       uint16_t port, const char *name)
{
	uint64_t n = ++t->calls;

	return (struct sim_call){
		.when = at(when),
		.rtt = 20 * NS_PER_MS,
		.tuple = {.src = inside(t, host),
			  .dst = dst,
			  .src_port = (uint16_t)(32768 + (n * 7 + host * 1000) % 28000),
			  .dst_port = port,
			  .proto = IPPROTO_TCP},
		.id = n * 40009,
		.name = name,
		.rounds = 1,
		.answer = ANSWER_YES,
	};
}

static void tell(struct teller *t, struct sim_call *call, uint64_t out, uint64_t in, ns_t duration,
		 bool beacon)
{
	struct sim_wish wish = {.out_bytes = out, .in_bytes = in, .duration = duration};
	struct sim_script script;
	uint8_t frame[FRAME_MOST];

	sim_call_settle(call, &wish);
	sim_script_start(&script, call);
	for (; !script.done; sim_script_step(&script)) {
		struct shot like = {
			.when = script.packet.when,
			.call = t->calls | (beacon ? AN_EVIL : 0),
			.number = script.packet.number,
			.outward = script.packet.outward,
		};

		tape_add(t->tape, &like, frame, frame_build(call, &script.packet, frame));
	}
}

static void look_up(struct teller *t, double when, unsigned host, const char *name,
		    struct address answer)
{
	struct sim_call call = call_to(t, when, host, inside(t, RESOLVER), 53, name);

	call.tuple.proto = IPPROTO_UDP;
	call.app = APP_DNS;
	call.rtt = NS_PER_MS;
	call.lookup = (struct sim_lookup){.type = answer.version == 6 ? SIM_DNS_AAAA : SIM_DNS_A,
					  .count = 1,
					  .ttl_s = 300,
					  .addresses = {answer}};
	tell(t, &call, 0, 0, 0, false);
}

static void tell_ordinary(struct teller *t, unsigned host)
{
	uint64_t seed = host * 100000u;

	for (double when = 1800 * chance(seed); when < DAY - 60;
	     when += 1800 * (0.7 + 0.6 * chance(++seed))) {
		struct address monitor = outside(t, MONITOR);
		struct sim_call call;

		look_up(t, when, host, "in.monitor.example", monitor);
		call = call_to(t, when + 0.1, host, monitor, 443, "in.monitor.example");
		call.app = APP_TLS;
		tell(t, &call, 700 + tape_dice(seed, 500), 900, NS_PER_SEC / 2, false);
	}
	for (int i = 0; i < 25; i++) {
		double when = (DAY - 60) * chance(++seed);
		struct address mirror = outside(t, MIRROR);
		struct sim_call call;

		look_up(t, when, host, "mirror.example", mirror);
		call = call_to(t, when + 0.1, host, mirror, 80, "mirror.example");
		call.app = APP_HTTP;
		tell(t, &call, 300, 2000 + tape_dice(seed, 9000), NS_PER_SEC / 2, false);
	}
}

/*
 * The beacons.
 */
struct beat {
	double from, to, period;
};

static double next_beat(double when, const struct beat *b, uint64_t seed)
{
	return when + b->period * (0.96 + 0.08 * chance(seed));
}

static void tell_tls(struct teller *t)
{
	const struct story *s = t->story;
	struct beat b = {300, DAY - 60, 600};
	uint64_t seed = 1;

	if (s->short_pause)
		b.period = 40;
	else if (s->stays)
		b = (struct beat){300, 300 + 12 * HOUR, 120};
	for (double when = b.from; when < b.to; when = next_beat(when, &b, ++seed)) {
		unsigned which = s->many_addresses  ? 100 + (unsigned)seed % 100
				 : s->few_addresses ? 100 + (unsigned)tape_dice(seed, 4)
						    : 7;
		bool v6 = s->both_families && seed % 2;
		struct address dst = v6 ? sim_v6(0x20010db8, which) : outside(t, which);
		struct sim_call call;

		call = call_to(t, when, 12, dst, 8443, "cdn.lantern.example");
		if (v6)
			call.tuple.src = sim_v6(0xfd000000, 12);
		if (s->same_port)
			call.tuple.src_port = 40001;
		call.app = APP_TLS;
		call.stack = 1;
		tell(t, &call, 900, 500, NS_PER_SEC / 4, true);
	}
}

/* The same beats as one connection: its `rounds` are evenly spread. */
static void tell_one_connection(struct teller *t)
{
	struct sim_call call = call_to(t, 300, 12, outside(t, 7), 8443, "cdn.lantern.example");

	call.app = APP_TLS;
	call.stack = 1;
	call.rounds = 12 * HOUR / 120;
	tell(t, &call, 900u * call.rounds, 500u * call.rounds, (ns_t)12 * HOUR * NS_PER_SEC, true);
}

/*
 * A QUIC connection: what opens it (RFC 9001, an Initial with a hello in it) is said
 * once, and then only short headers with the connection's number.
 */
static void put_quic(struct shot *s, bool first)
{
	static const uint8_t id[8] = {8, 7, 6, 5, 4, 3, 2, 1};
	struct view v = view_of(s->bytes, s->len);
	uint8_t *payload = s->bytes + v.payload;
	size_t len = view_payload_len(&v);

	if (first) {
		struct bytes hello = draw(hello_tls13);
		struct quic_maker maker = quic_maker(QUIC_V1, id, sizeof(id));
		uint8_t text[QUIC_TEXT] = {0};
		struct quic_packet packet;

		put_crypto(text, hello.at + 5, 0, hello.len - 5);
		packet = quic_seal(&maker, text, sizeof(text));
		CHECK(packet.len <= len);
		memcpy(payload, packet.bytes, packet.len);
		quic_maker_fini(&maker);
		free(hello.at);
	} else {
		payload[0] = 0x40 | (payload[0] & 0x1f);
		memcpy(payload + 1, id, sizeof(id));
	}
	segment_seal(s->bytes, s->len);
}

static void tell_quic(struct teller *t)
{
	struct beat b = {300, DAY - 60, 20};
	uint64_t seed = 30000;

	for (double when = b.from; when < b.to; when = next_beat(when, &b, ++seed)) {
		struct sim_call call = call_to(t, when, 12, outside(t, 7), 443, NULL);
		size_t from = t->tape->count;

		if (!t->story->migrates)
			call.tuple.src_port = 40004;
		call.tuple.proto = IPPROTO_UDP;
		tell(t, &call, 1250, 300, NS_PER_SEC / 4, true);
		for (size_t i = from; i < t->tape->count; i++)
			put_quic(&t->tape->shots[i], i == 0);
	}
}

static void tell_http(struct teller *t)
{
	struct beat b = {120, DAY - 60, 900};
	uint64_t seed = 10000;

	for (double when = b.from; when < b.to; when = next_beat(when, &b, ++seed)) {
		struct sim_call call =
			call_to(t, when, 14, outside(t, 8), 8080, "drop.cinder.example");

		if (t->story->same_port)
			call.tuple.src_port = 40002;
		call.app = APP_HTTP;
		tell(t, &call, 1600, 300, NS_PER_SEC / 4, true);
	}
}

static void tell_dns(struct teller *t)
{
	struct beat b = {60, DAY - 60, 300};
	uint64_t seed = 20000;

	for (double when = b.from; when < b.to; when = next_beat(when, &b, ++seed)) {
		struct sim_call call =
			call_to(t, when, 16, outside(t, 9), 53, "c0ffee00beef.t.sorrel.example");

		if (t->story->same_port)
			call.tuple.src_port = 40003;
		call.tuple.proto = IPPROTO_UDP;
		call.app = APP_DNS;
		call.lookup = (struct sim_lookup){
			.type = SIM_DNS_A, .count = 1, .addresses = {sim_v4(192, 0, 2, 1)}};
		tell(t, &call, 0, 0, 0, true);
	}
}

static void tell_all(struct teller *t)
{
	if (t->story->quic) /* first, so that its first shot is the tape's */
		tell_quic(t);
	for (unsigned i = 0; i < HOSTS; i++)
		tell_ordinary(t, FIRST_HOST + i);
	if (t->story->quic)
		;
	else if (t->story->one_connection)
		tell_one_connection(t);
	else
		tell_tls(t);
	tell_http(t);
	tell_dns(t);
}

void story_tell(const struct story *story, struct tape *tape)
{
	struct teller t = {.story = story, .tape = tape};

	tell_all(&t);
	if (story->twins) {
		size_t count = tape->count;

		for (size_t i = 0; i < count; i++) {
			struct shot twin = tape->shots[i];

			twin.call |= TWIN_CALL;
			tape_add(tape, &twin, twin.bytes, twin.len);
		}
	}
	tape_sort(tape);
}
