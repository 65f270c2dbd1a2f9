/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include "near.h"
#include "simulate/sim_fleet.h"

#include <stdlib.h>

static const ns_t start = 1740960000 * NS_PER_SEC;

static struct sim_fleet *fleet_of(uint32_t hosts, double days, uint64_t seed,
				  const struct implant *implants, size_t count)
{
	struct sim_fleet_plan plan = {
		.hosts = hosts,
		.days = days,
		.seed = seed,
		.start = start,
		.rate = 1,
		.implants = implants,
		.implant_count = count,
	};
	struct sim_fleet *fleet = NULL;

	assert_int_equal(sim_fleet_new(&plan, &fleet, NULL), 0);
	return fleet;
}

static bool same_call(const struct sim_call *a, const struct sim_call *b)
{
	return a->when == b->when && a->duration == b->duration && a->rtt == b->rtt &&
	       !memcmp(&a->tuple, &b->tuple, sizeof(a->tuple)) && a->out_bytes == b->out_bytes &&
	       a->in_bytes == b->in_bytes && a->id == b->id && a->rounds == b->rounds &&
	       a->app == b->app && a->answer == b->answer && a->stack == b->stack &&
	       !strcmp(a->name ? a->name : "-", b->name ? b->name : "-");
}

static void the_same_seed_gives_the_same_calls(void **state)
{
	struct sim_fleet *a = fleet_of(20, 0.5, 3, NULL, 0), *b = fleet_of(20, 0.5, 3, NULL, 0);
	struct sim_fleet *c = fleet_of(20, 0.5, 4, NULL, 0);
	struct sim_call x, y, z;
	size_t n = 0, differ = 0;

	(void)state;
	for (; sim_fleet_next(a, &x); n++) {
		assert_true(sim_fleet_next(b, &y));
		assert_true(same_call(&x, &y));
		differ += !sim_fleet_next(c, &z) || !same_call(&x, &z);
	}
	assert_false(sim_fleet_next(b, &y));
	assert_true(n > 5000 && differ > n * 9 / 10);
	sim_fleet_free(a);
	sim_fleet_free(b);
	sim_fleet_free(c);
}

static void calls_come_in_order_and_within_their_time(void **state)
{
	struct sim_fleet *f = fleet_of(30, 1, 1, NULL, 0);
	struct sim_call c;
	ns_t last = start, end = start + 86400 * NS_PER_SEC;

	(void)state;
	while (sim_fleet_next(f, &c)) {
		assert_true(c.when >= last);
		assert_true(c.duration >= 0 && c.when + c.duration <= end);
		last = c.when;
	}
	assert_true(last > end - 60 * NS_PER_SEC);
	sim_fleet_free(f);
}

static void an_implant_changes_nothing_else(void **state)
{
	struct implant implants[4];
	struct sim_fleet *with, *without;
	struct sim_call a, b;
	size_t theirs = 0;

	(void)state;
	for (uint32_t i = 0; i < ARRAY_LEN(implants); i++)
		implants[i] = implant_random(8, i, 0.5);
	with = fleet_of(10, 0.5, 8, implants, ARRAY_LEN(implants));
	without = fleet_of(10, 0.5, 8, NULL, 0);
	while (sim_fleet_next(with, &a)) {
		/* calls of implants, and their look-ups, come from ports of their own */
		if (a.tuple.src_port >= 61000 && a.tuple.src.bytes[12] == 10) {
			theirs++;
			continue;
		}
		assert_int_equal(a.implant, 0);
		assert_true(sim_fleet_next(without, &b));
		assert_true(same_call(&a, &b));
	}
	assert_false(sim_fleet_next(without, &b));
	assert_true(theirs > 20);
	sim_fleet_free(with);
	sim_fleet_free(without);
}

/* --- what an implant does, measured on the calls ------------------------ */

enum { MOST_CALLS = 20000 };

struct measured {
	size_t n;
	double times_s[MOST_CALLS];
};

static void run_implant(const char *text, double days, struct measured *m)
{
	struct implant im;
	struct sim_fleet *f;
	struct sim_call c;

	assert_int_equal(implant_parse(text, &im, NULL), 0);
	f = fleet_of(2, days, 6, &im, 1);
	m->n = 0;
	while (sim_fleet_next(f, &c)) {
		if (c.implant != 1)
			continue;
		assert_true(m->n < MOST_CALLS);
		m->times_s[m->n++] = (double)(c.when - start) / 1e9;
	}
	sim_fleet_free(f);
}

static void implants_sleep_as_told(void **state)
{
	static struct measured m;
	double least = 1e9, most = 0, sum = 0;

	(void)state;
	run_implant("host=1,period=300,jitter=0.2,dest=198.51.100.9", 30, &m);
	for (size_t i = 1; i < m.n; i++) {
		double gap = m.times_s[i] - m.times_s[i - 1];

		sum += gap;
		least = fmin(least, gap);
		most = fmax(most, gap);
	}
	/* 8,640 gaps of 300 s, s.d. 35 s: five standard errors are 1.9 s */
	assert_true(near((double)m.n, 30 * 86400 / 300.0, 60));
	assert_true(near(sum / (double)(m.n - 1), 300, 1.9));
	assert_true(near((most - least) / 2 / 300, 0.2, 0.002));
}

static void implants_miss_as_told(void **state)
{
	static struct measured m;
	size_t beats = 0;

	(void)state;
	run_implant("host=0,period=600,missed=0.25,law=clock,jitter=0.1,dest=198.51.100.9", 60, &m);
	for (size_t i = 1; i < m.n; i++) {
		double gap = (m.times_s[i] - m.times_s[i - 1]) / 600;

		assert_true(near(gap, round(gap), 0.1 + 1e-3));
		beats += (size_t)round(gap);
	}
	assert_true(near(1 - (double)(m.n - 1) / (double)beats, 0.25, 0.025));
}

static void implants_keep_duty_hours_and_wake_and_stop(void **state)
{
	static struct measured m;

	(void)state;
	run_implant("host=0,period=300,duty=8-18,name=c2.test,dest=198.51.100.9", 4, &m);
	assert_true(m.n > 4 * 119 && m.n < 4 * 121);
	for (size_t i = 0; i < m.n; i++) {
		double hour = fmod(m.times_s[i] / 3600, 24);

		/* a look-up may hold up the call a little */
		assert_true(hour >= 8 && hour < 18.001);
	}
	run_implant("host=0,period=300,after=7200,calls=5,dest=198.51.100.9", 1, &m);
	assert_int_equal(m.n, 5);
	assert_true(m.times_s[0] >= 7200 && m.times_s[0] < 7500);
}

/* --- names -------------------------------------------------------------- */

enum { MOST_TOLD = 4096 };

struct told {
	struct address host, address;
	const char *name;
	ns_t until;
};

static struct told *told_of(struct told *told, size_t *count, const struct address *host,
			    const struct address *address, const char *name)
{
	for (size_t i = 0; i < *count; i++)
		if (address_equal(&told[i].host, host) &&
		    address_equal(&told[i].address, address) && !strcmp(told[i].name, name))
			return &told[i];
	assert_true(*count < MOST_TOLD);
	told[*count] = (struct told){*host, *address, name, 0};
	return &told[(*count)++];
}

/*
 * A host calls a name's address only when it has been told it and the answer
 * was still good, or in the first minutes, from what it knew before.
 */
static void names_are_looked_up_before_they_are_called(void **state)
{
	static struct told told[MOST_TOLD];
	struct sim_fleet *f = fleet_of(12, 0.5, 2, NULL, 0);
	size_t count = 0, checked = 0;
	struct sim_call c;

	(void)state;
	while (sim_fleet_next(f, &c)) {
		struct address host = c.tuple.src;

		/* questions go by IPv4; a host's IPv6 address ends in the same bytes */
		if (host.version == 6)
			host = address_v4(host.bytes + 12);
		for (size_t i = 0; c.app == APP_DNS && i < c.lookup.count; i++)
			told_of(told, &count, &host, &c.lookup.addresses[i], c.name)->until =
				c.when + (ns_t)c.lookup.ttl_s * NS_PER_SEC;
		if (c.app == APP_DNS || !c.name || c.tuple.src.bytes[12] == 198)
			continue;
		if (c.when < start + 3600 * NS_PER_SEC)
			continue;
		checked++;
		/* the first of the call's delays is the answer's */
		assert_true(told_of(told, &count, &host, &c.tuple.dst, c.name)->until + NS_PER_SEC >
			    c.when);
	}
	assert_true(checked > 1000);
	sim_fleet_free(f);
}

static bool reserved(const struct address *a)
{
	const uint8_t *b = a->bytes;

	if (a->version == 6)
		return b[0] == 0xfd ||
		       (b[0] == 0x20 && b[1] == 0x01 && b[2] == 0x0d && b[3] == 0xb8);
	b += 12;
	return b[0] == 10 || (b[0] == 169 && b[1] == 254) || (b[0] == 198 && (b[1] & 0xfe) == 18) ||
	       (b[0] == 192 && b[1] == 0 && b[2] == 2) ||
	       (b[0] == 198 && b[1] == 51 && b[2] == 100) ||
	       (b[0] == 203 && b[1] == 0 && b[2] == 113);
}

static bool ends_with(const char *name, const char *tail)
{
	size_t n = strlen(name), t = strlen(tail);

	return n > t && !strcmp(name + n - t, tail);
}

static void nobody_real_is_in_it(void **state)
{
	struct implant implants[20];
	struct sim_fleet *f;
	struct sim_call c;

	(void)state;
	for (uint32_t i = 0; i < ARRAY_LEN(implants); i++)
		implants[i] = implant_random(1, i, 1);
	f = fleet_of(60, 1, 1, implants, ARRAY_LEN(implants));
	while (sim_fleet_next(f, &c)) {
		assert_true(reserved(&c.tuple.src) && reserved(&c.tuple.dst));
		if (c.name)
			assert_true(ends_with(c.name, ".example") || ends_with(c.name, ".test") ||
				    ends_with(c.name, ".internal") ||
				    ends_with(c.name, ".18.198.in-addr.arpa"));
	}
	sim_fleet_free(f);
}

static void an_implant_needs_its_host(void **state)
{
	struct implant im;
	struct sim_fleet_plan plan = {
		.hosts = 5, .days = 1, .rate = 1, .implants = &im, .implant_count = 1};
	struct sim_fleet *fleet = NULL;
	struct complaint why;

	(void)state;
	assert_int_equal(implant_parse("host=5", &im, NULL), 0);
	assert_true(sim_fleet_new(&plan, &fleet, &why) < 0);
	assert_string_equal(why.text, "implant 1: there is no host 5 in a fleet of 5");
	assert_null(fleet);
}

/* --- boots ---------------------------------------------------------------- */

/*
 * A host that is restarted says nothing while it is down, then asks for its
 * address; the implant is the first to call, or calls before the host is up.
 */
static void a_boot_is_silence_then_a_first_call(const char *text, bool early)
{
	struct implant im;
	struct sim_fleet *f;
	struct sim_call c;
	ns_t quiet_since = 0, up = 0, called = 0;
	size_t boots = 0, seen = 0;
	struct address me;

	assert_int_equal(implant_parse(text, &im, NULL), 0);
	f = fleet_of(4, 3, 6, &im, 1);
	me = sim_fleet_host(f, 2)->v4;
	while (sim_fleet_next(f, &c)) {
		bool asks = c.app == APP_DHCP && c.tuple.src_port == 68 &&
			    address_equal(&c.lookup.addresses[0], &me);

		if (asks) {
			boots++;
			up = c.when;
			assert_true(early ? called > quiet_since && called < up : true);
			assert_true(up - quiet_since > 30 * NS_PER_SEC);
		}
		if (c.implant) {
			assert_true(address_equal(&c.tuple.src, &me));
			called = c.when;
			seen++;
			/* nothing of this host came between */
			assert_true(early || (quiet_since < up && c.when - up < NS_PER_SEC));
		} else if (address_equal(&c.tuple.src, &me) && c.app != APP_DHCP &&
			   c.tuple.proto != SIM_PROTO_ARP) {
			quiet_since = c.when;
		}
	}
	sim_fleet_free(f);
	assert_true(boots >= 8 && boots <= 9); /* every 8 hours */
	assert_true(seen >= boots && seen <= boots + 1);
}

static void boots_are_told_and_used(void **state)
{
	(void)state;
	a_boot_is_silence_then_a_first_call("host=2,boot=first,dest=198.51.100.9", false);
	a_boot_is_silence_then_a_first_call("host=2,boot=early,dest=198.51.100.9", true);
}

static void an_implant_follows_what_its_host_serves(void **state)
{
	struct implant im;
	struct sim_fleet *f;
	struct sim_call c;
	uint64_t served = 0;
	size_t calls = 0;
	struct address me;

	(void)state;
	assert_int_equal(implant_parse("app=tcp,out=100,sizes=0,follows=0.5,period=3000,"
				       "dest=198.51.100.9",
				       &im, NULL),
			 0);
	f = fleet_of(30, 1, 6, &im, 1);
	me = sim_fleet_host(f, sim_fleet_implant(f, 0)->host)->v4;
	while (sim_fleet_next(f, &c)) {
		if (address_equal(&c.tuple.dst, &me) && c.tuple.src.bytes[12] == 198 &&
		    c.answer == ANSWER_YES)
			served += c.in_bytes;
		if (!c.implant)
			continue;
		assert_true(near((double)c.out_bytes, 100 + 0.5 * (double)served, 1));
		calls += served > 0;
		served = 0;
	}
	assert_true(calls > 15);
	sim_fleet_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_seed_gives_the_same_calls),
		cmocka_unit_test(calls_come_in_order_and_within_their_time),
		cmocka_unit_test(an_implant_changes_nothing_else),
		cmocka_unit_test(implants_sleep_as_told),
		cmocka_unit_test(implants_miss_as_told),
		cmocka_unit_test(implants_keep_duty_hours_and_wake_and_stop),
		cmocka_unit_test(names_are_looked_up_before_they_are_called),
		cmocka_unit_test(nobody_real_is_in_it),
		cmocka_unit_test(an_implant_needs_its_host),
		cmocka_unit_test(boots_are_told_and_used),
		cmocka_unit_test(an_implant_follows_what_its_host_serves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
