/* SPDX-License-Identifier: Apache-2.0 */
/*
 * floods - does memory stay within its budget, and does a beacon stay in sight,
 * while somebody floods us?
 *
 *	make limits
 *	build/release/limits/floods [CASE [MIB [COUNT]]]
 *
 * Each case runs in a child of its own: a day or a month of traffic in which one
 * host calls one place 200 times, evenly, and in whose second half the flood
 * comes, in ten waves of a second each, at no rhythm.  Then everything is judged.  What must hold:
 *
 *	memory	the child's peak, judging and threads included, is at most the
 *		budget and 32 MiB
 *	ledger	what was let go is counted where it should be
 *	beacon	it is found, by its rhythm, with all its 200 calls
 */
#include "limits/frames.h"
#include "verdict/verdict.h"

#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MIB = 1 << 20, SLACK_MIB = 32, THREADS = 2, BEATS = 200, DAY_S = 86400, WAVES = 10 };
static const uint32_t BEACON_HOST = 0x0a636363,
		      BEACON_PLACE = 0xc6336407; /* 10.99.99.99 to 198.51.100.7 */

struct kind {
	const char *name;
	uint64_t count;
	void (*one)(struct flood *f, uint64_t i);
	uint64_t (*let_go)(const struct coverage *c); /* what must have been counted */
	unsigned days;				      /* that all of it takes */
};

/*
 * The floods.  Item i of each; hosts are of the fleet (10.0.0.0/8), places are not.
 */
static uint32_t host(uint64_t i)
{
	return 0x0a000001 + (uint32_t)(i % 1000);
}

static uint32_t place(uint64_t i)
{
	return 0x20000000 + (uint32_t)i;
}

static void udp_flow(struct flood *f, uint64_t i)
{
	flood_shoot(f, &(struct shot){.src = host(i),
				      .dst = place(i),
				      .src_port = (uint16_t)(1024 + i % 60000),
				      .dst_port = (uint16_t)(2000 + i % 1000),
				      .proto = IPPROTO_UDP,
				      .payload = "0123456789",
				      .len = 10});
}

/* One host does all of it, so that one lane has to bear it. */
static void udp_flow_of_one(struct flood *f, uint64_t i)
{
	flood_shoot(f, &(struct shot){.src = 0x0a000001,
				      .dst = place(i),
				      .src_port = (uint16_t)(1024 + i % 60000),
				      .dst_port = 4000,
				      .proto = IPPROTO_UDP,
				      .payload = "0123456789",
				      .len = 10});
}

static void tcp_flow(struct flood *f, uint64_t i)
{
	struct shot out = {.src = host(i),
			   .dst = place(i),
			   .src_port = (uint16_t)(1024 + i % 60000),
			   .dst_port = 443,
			   .proto = IPPROTO_TCP,
			   .flags = TCP_SYN,
			   .seq = (uint32_t)i};
	struct shot in = {.src = out.dst,
			  .dst = out.src,
			  .src_port = 443,
			  .dst_port = out.src_port,
			  .proto = IPPROTO_TCP,
			  .flags = TCP_RST | TCP_ACK};

	flood_shoot(f, &out);
	flood_shoot(f, &in);
}

static void half_open(struct flood *f, uint64_t i)
{
	flood_shoot(f, &(struct shot){.src = host(i),
				      .dst = place(i),
				      .src_port = (uint16_t)(1024 + i % 60000),
				      .dst_port = 443,
				      .proto = IPPROTO_TCP,
				      .flags = TCP_SYN,
				      .seq = (uint32_t)i});
}

/* Midstream, and never a word from the other side. */
static void one_sided(struct flood *f, uint64_t i)
{
	flood_shoot(f, &(struct shot){.src = host(i),
				      .dst = place(i),
				      .src_port = (uint16_t)(1024 + i % 60000),
				      .dst_port = 443,
				      .proto = IPPROTO_TCP,
				      .flags = TCP_ACK | TCP_PSH,
				      .seq = (uint32_t)i,
				      .payload = "\x17\x03\x03\x00\x20 something",
				      .len = 15});
}

/* The same the other way: strangers that knock at hosts that were never seen before. */
static void new_hosts(struct flood *f, uint64_t i)
{
	flood_shoot(f, &(struct shot){.src = 0x0a000000 + (uint32_t)(i * 7 % (1 << 24)),
				      .dst = place(i),
				      .src_port = (uint16_t)(1024 + i % 60000),
				      .dst_port = 123,
				      .proto = IPPROTO_UDP,
				      .payload = "0123456789",
				      .len = 10});
}

static void first_piece(struct flood *f, uint64_t i)
{
	flood_piece(f,
		    &(struct shot){.src = host(i),
				   .dst = place(i),
				   .proto = IPPROTO_UDP,
				   .len = 64 + 8 * (i % 170)},
		    (uint32_t)i, 0, true);
}

static void last_piece(struct flood *f, uint64_t i)
{
	flood_piece(f,
		    &(struct shot){.src = host(i), .dst = place(i), .proto = IPPROTO_UDP, .len = 8},
		    (uint32_t)i, 65520, false);
}

/* A question, and its answer:
 * | id | flags | 1 question, 1 answer | name A IN | name A IN ttl 4 address |. */
static void dns_name(struct flood *f, uint64_t i)
{
	uint8_t m[128], *at = m;
	char label[32];
	size_t len = (size_t)snprintf(label, sizeof(label), "%llx-of-a-flood",
				      (unsigned long long)(i * 0x9e3779b97f4a7c15));
	struct shot out = {.src = host(i),
			   .dst = 0x08080808,
			   .src_port = (uint16_t)(1024 + i % 60000),
			   .dst_port = 53,
			   .proto = IPPROTO_UDP,
			   .payload = m};
	struct shot in = out;

	at = put_be(at, i & 0xffff, 2);
	at = put_be(at, 0x01000001, 4);
	at = put_be(at, 0, 6);
	at = put_be(at, len, 1);
	memcpy(at, label, len);
	at += len;
	memcpy(at, "\4some\7example", 14);
	at = put_be(at + 14, 0x00010001, 4);
	out.len = (size_t)(at - m);
	flood_shoot(f, &out);
	put_be(m + 2, 0x818000010001, 6);
	at = put_be(at, 0xc00c, 2);
	at = put_be(at, 0x00010001, 4);
	at = put_be(at, 300, 4);
	at = put_be(at, 4, 2);
	at = put_be(at, place(i), 4);
	in.src = out.dst, in.dst = out.src;
	in.src_port = out.dst_port, in.dst_port = out.src_port;
	in.len = (size_t)(at - m);
	flood_shoot(f, &in);
}

/* The least hello that has a name: version, random, no session, one cipher, SNI. */
static size_t put_hello(uint8_t *m, const char *name, size_t len)
{
	uint8_t *at = m;
	size_t sni = 9 + len, body = 2 + 32 + 1 + 2 + 2 + 2 + 2 + sni;

	at = put_be(at, 0x160301, 3);
	at = put_be(at, 4 + body, 2);
	at = put_be(at, 1, 1);
	at = put_be(at, body, 3);
	at = put_be(at, 0x0303, 2);
	memset(at, 7, 32);
	at = put_be(at + 32, 0, 1);
	at = put_be(at, 0x00021301, 4);
	at = put_be(at, 0x0100, 2);
	at = put_be(at, sni, 2);
	at = put_be(at, 0, 2);
	at = put_be(at, 5 + len, 2);
	at = put_be(at, 3 + len, 2);
	at = put_be(at, 0, 1);
	at = put_be(at, len, 2);
	memcpy(at, name, len);
	return (size_t)(at + len - m);
}

static void tls_client(struct flood *f, uint64_t i, size_t less)
{
	struct shot s = {.src = host(i),
			 .dst = place(i % 4096),
			 .src_port = (uint16_t)(1024 + i % 60000),
			 .dst_port = 443,
			 .proto = IPPROTO_TCP,
			 .flags = TCP_SYN,
			 .seq = (uint32_t)i};
	uint8_t m[256];
	char name[64];
	size_t len = (size_t)snprintf(name, sizeof(name), "%llx.flood.example",
				      (unsigned long long)(i * 0x9e3779b97f4a7c15));

	flood_shoot(f, &s);
	s.flags = TCP_ACK | TCP_PSH;
	s.seq++;
	s.payload = m;
	s.len = put_hello(m, name, len) - less;
	flood_shoot(f, &s);
}

static void sni(struct flood *f, uint64_t i)
{
	tls_client(f, i, 0);
}

static void half_hello(struct flood *f, uint64_t i)
{
	tls_client(f, i, 10);
}

static void http_agent(struct flood *f, uint64_t i)
{
	struct shot s = {.src = host(i),
			 .dst = place(i % 4096),
			 .src_port = (uint16_t)(1024 + i % 60000),
			 .dst_port = 80,
			 .proto = IPPROTO_TCP,
			 .flags = TCP_SYN,
			 .seq = (uint32_t)i};
	char m[300];

	flood_shoot(f, &s);
	s.flags = TCP_ACK | TCP_PSH;
	s.seq++;
	s.payload = m;
	s.len = (size_t)snprintf(m, sizeof(m),
				 "GET / HTTP/1.1\r\nHost: h%llu.example\r\nUser-Agent: "
				 "%0200llu\r\n\r\n",
				 (unsigned long long)i % 1000, (unsigned long long)i);
	flood_shoot(f, &s);
}

static void zeek_claim(struct flood *f, uint64_t i)
{
	char name[64];
	size_t len = (size_t)snprintf(name, sizeof(name), "%llx.flood.example",
				      (unsigned long long)(i * 0x9e3779b97f4a7c15));

	lanes_claim(f->lanes, &(struct input_claim){
				      .uid = i + 1, .name = name, .name_len = len, .app = APP_TLS});
}

/* Pairs that are as busy as harmless pairs get: forty calls each, at no rhythm. */
static void busy_pair(struct flood *f, uint64_t i)
{
	uint64_t pair = i / 40 % 100000 + i / 4000000 * 100000;
	uint64_t chance = i * 0x9e3779b97f4a7c15;

	flood_shoot(f, &(struct shot){.src = host(pair),
				      .dst = place(pair),
				      .src_port = (uint16_t)(1024 + i % 60000),
				      .dst_port = 443,
				      .proto = IPPROTO_UDP,
				      .payload = "01234567890123456789",
				      .len = 5 + (chance >> 60)});
}

/* Call after call of a few pairs, to fill what is kept of calls. */
static void long_history(struct flood *f, uint64_t i)
{
	uint64_t chance = i * 0x9e3779b97f4a7c15;

	flood_shoot(f, &(struct shot){.src = host(i % 15000),
				      .dst = place(i % 15000),
				      .src_port = (uint16_t)(1024 + i / 15000),
				      .dst_port = 443,
				      .proto = IPPROTO_UDP,
				      .payload = "01234567890123456789",
				      .len = 5 + (chance >> 60)});
}

static void all_at_once(struct flood *f, uint64_t i)
{
	static void (*const mix[])(struct flood *, uint64_t) = {
		sni, dns_name, http_agent, half_hello, first_piece, zeek_claim, new_hosts,
	};

	if (i % 2)
		long_history(f, i / 2);
	else
		mix[i / 2 % ARRAY_LEN(mix)](f, i / 2);
}

/* As many hosts as make what judging keeps by host and hour the largest. */
static void many_hosts(struct flood *f, uint64_t i)
{
	flood_shoot(f, &(struct shot){.src = 0x0a000001 + (uint32_t)(i % 40000),
				      .dst = place(i % 40000),
				      .src_port = (uint16_t)(1024 + i / 40000),
				      .dst_port = 123,
				      .proto = IPPROTO_UDP,
				      .payload = "0123456789",
				      .len = 10});
}

/*
 * What was let go.
 */
static uint64_t groups_let_go(const struct coverage *c)
{
	return c->timelines.evicted;
}

static uint64_t fragments_let_go(const struct coverage *c)
{
	return c->datagrams_lost;
}

static uint64_t names_let_go(const struct coverage *c)
{
	return c->names_refused;
}

static uint64_t claims_let_go(const struct coverage *c)
{
	return c->claims_refused;
}

static uint64_t nothing_let_go(const struct coverage *c)
{
	(void)c;
	return 1;
}

static const struct kind kinds[] = {
	{"flows of UDP, 1,000 hosts", 10000000, udp_flow, groups_let_go, 1},
	{"flows of UDP, one host", 10000000, udp_flow_of_one, groups_let_go, 1},
	{"flows of TCP, refused", 5000000, tcp_flow, groups_let_go, 1},
	{"half-open TCP", 1000000, half_open, groups_let_go, 1},
	{"one-sided TCP", 1000000, one_sided, groups_let_go, 1},
	{"hosts never seen before", 5000000, new_hosts, groups_let_go, 1},
	{"first fragments", 1000000, first_piece, fragments_let_go, 1},
	{"last fragments", 1000000, last_piece, fragments_let_go, 1},
	{"names in DNS answers", 10000000, dns_name, names_let_go, 1},
	{"names in TLS hellos", 1000000, sni, names_let_go, 1},
	{"hellos cut short", 1000000, half_hello, nothing_let_go, 1},
	{"user agents", 1000000, http_agent, nothing_let_go, 1},
	{"claims of logs", 1000000, zeek_claim, claims_let_go, 1},
	{"pairs of forty calls", 10000000, busy_pair, groups_let_go, 1},
	{"a month of 40,000 hosts", 1000000, many_hosts, nothing_let_go, 30},
	{"all of it at once", 20000000, all_at_once, groups_let_go, 1},
};

/*
 * One case.
 */
static void beat(struct flood *f, unsigned n, unsigned days)
{
	static const ns_t offset_ms[] = {0, 700, -400, 1500, -900, 300, -1300};
	struct shot out = {.src = BEACON_HOST,
			   .dst = BEACON_PLACE,
			   .src_port = (uint16_t)(30000 + n),
			   .dst_port = 4444,
			   .proto = IPPROTO_UDP,
			   .payload = "here I am",
			   .len = 9};
	struct shot in = out;

	f->now = (ns_t)1700000000 * NS_PER_SEC + (ns_t)n * days * DAY_S / BEATS * NS_PER_SEC +
		 offset_ms[n % ARRAY_LEN(offset_ms)] * NS_PER_MS;
	in.src = out.dst, in.dst = out.src;
	in.src_port = out.dst_port, in.dst_port = out.src_port;
	flood_shoot(f, &out);
	flood_shoot(f, &in);
}

static void play(struct flood *f, const struct kind *k, uint64_t count)
{
	static const unsigned after[WAVES] = {100, 103, 120, 121, 140, 150, 152, 170, 190, 198};
	uint64_t done = 0, each = count / WAVES + 1;
	unsigned wave = 0;

	for (unsigned n = 0; n < BEATS; n++) {
		ns_t start;

		beat(f, n, k->days);
		start = f->now;
		if (wave == WAVES || n != after[wave])
			continue;
		wave++;
		for (uint64_t i = 0; i < each && done < count; i++, done++) {
			f->now = start + (ns_t)(i * NS_PER_SEC / each);
			k->one(f, done);
		}
	}
	lanes_finish(f->lanes);
}

static void list_sources(const struct lanes *lanes, struct fleet_source out[LANES])
{
	for (size_t i = 0; i < LANES; i++) {
		const struct lane *lane = lanes_get(lanes, i);
		struct coverage c = lane_coverage(lane);

		out[i] = (struct fleet_source){
			.table = lane_timelines(lane),
			.loads = lane_loads(lane),
			.names = lane_names(lane),
			.fingerprints = lane_fingerprints(lane),
			.names_forgotten = c.names_refused + c.names_evicted > 0,
		};
	}
	out[0].boots = lanes_boots(lanes);
}

static const struct finding *find_beacon(const struct verdict *v)
{
	struct address host_is, place_is;
	uint8_t bytes[4];

	put_be(bytes, BEACON_HOST, 4);
	host_is = address_v4(bytes);
	put_be(bytes, BEACON_PLACE, 4);
	place_is = address_v4(bytes);
	for (size_t i = 0; i < v->count; i++) {
		const struct timeline_key *key = &v->findings[i].group.timeline->key;

		if (address_equal(&key->host, &host_is) &&
		    address_equal(&key->destination, &place_is))
			return &v->findings[i];
	}
	return NULL;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static long peak_mib(void)
{
	struct rusage u;

	CHECK(!getrusage(RUSAGE_SELF, &u));
	return u.ru_maxrss / 1024;
}

/* In the child.  Exit status: 0, or 1 if something does not hold. */
static int run_case(const struct kind *k, size_t budget_mib, uint64_t count)
{
	static uint8_t arena[ARENA_BYTES];
	struct home home = home_default();
	struct verdict_config config = verdict_config_default();
	struct flood f = {.lanes = lanes_new(&home, budget_mib * MIB, THREADS), .arena = arena};
	struct fleet_source sources[LANES];
	const struct finding *beacon;
	struct coverage c;
	struct verdict v;
	long before_judging;
	bool ok, seen;

	CHECK(f.lanes);
	play(&f, k, count);
	before_judging = peak_mib();
	c = lanes_coverage(f.lanes);
	list_sources(f.lanes, sources);
	config.threads = THREADS;
	CHECK(!verdict_reach(sources, LANES, &c.watched, &config, &v));
	beacon = find_beacon(&v);
	seen = beacon && beacon->is_timer && beacon->group.timeline->calls == BEATS;
	ok = (size_t)peak_mib() <= budget_mib + SLACK_MIB && seen && k->let_go(&c) > 0;
	printf("%-27s %9llu %6zu %6ld %6ld %10llu %10llu %9llu %9llu %7.1f  %s%s%s\n", k->name,
	       (unsigned long long)count, budget_mib, before_judging, peak_mib(),
	       (unsigned long long)c.flows_evicted, (unsigned long long)c.timelines.evicted,
	       (unsigned long long)(c.names_refused + c.claims_refused),
	       (unsigned long long)c.datagrams_lost, seconds(),
	       (size_t)peak_mib() <= budget_mib + SLACK_MIB ? "" : "TOO MUCH MEMORY ",
	       seen ? "" : "BEACON LOST ", k->let_go(&c) ? "" : "NOT COUNTED");
	verdict_fini(&v);
	lanes_free(f.lanes);
	return !ok;
}

static int fork_case(const struct kind *k, size_t budget_mib, uint64_t count)
{
	pid_t child;
	int status;

	fflush(stdout);
	child = fork();
	CHECK(child >= 0);
	if (child == 0) {
		status = run_case(k, budget_mib, count);
		fflush(stdout);
		_exit(status);
	}
	CHECK(waitpid(child, &status, 0) == child);
	if (!WIFEXITED(status))
		printf("%-27s killed by signal %d\n", k->name, WTERMSIG(status));
	return !WIFEXITED(status) || WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	static const size_t budgets[] = {64, 256};
	int bad = 0;

	printf("%-27s %9s %6s %6s %6s %10s %10s %9s %9s %7s\n", "flood", "items", "budget", "read",
	       "judged", "flows", "groups", "names", "datagrams", "s CPU");
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (argc > 1 && !strstr(kinds[i].name, argv[1]))
			continue;
		for (size_t b = 0; b < ARRAY_LEN(budgets); b++) {
			if (argc > 2 && strtoull(argv[2], NULL, 10) != budgets[b])
				continue;
			bad += fork_case(&kinds[i], budgets[b],
					 argc > 3 ? strtoull(argv[3], NULL, 10) : kinds[i].count);
		}
	}
	if (bad)
		printf("%d cases do not hold\n", bad);
	return bad != 0;
}
