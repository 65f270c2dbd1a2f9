/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same conversation, however its segments come, makes the same claims; and
 * those are what its bytes say to a reader of the RFCs.
 */
#include "unit/unit.h"

#include "flow/fingerprint.h"
#include "flow/stream.h"
#include "intel/intel_load.h"
#include "lane/opening.h"
#include "lane/questions.h"
#include "hello_bytes.h"
#include "quic_maker.h"

#include <netinet/in.h>

enum { TURNS = 8 };

struct turn {
	bool outward;
	const uint8_t *bytes;
	size_t len;
};

struct talk {
	struct turn turns[TURNS];
	size_t count;
	uint16_t port;
};

/* A lane without the rest of it. */
struct desk {
	struct opening_context context;
	struct home home;
	struct flow flow;
	uint32_t seq[2]; /* [1] of the initiator */
	uint64_t lookups;
};

static const ns_t noon = 1795400000 * NS_PER_SEC; /* while the test certificate is valid */

static struct desk *desk_new(uint16_t port, uint8_t proto)
{
	struct desk *d = calloc(1, sizeof(*d));

	assert_non_null(d);
	d->home = home_default();
	d->context = (struct opening_context){
		.names = string_table_new(1 << 20),
		.fingerprints = string_table_new(1 << 20),
		.name_map = name_map_new(64),
		.home = &d->home,
		.lookups = &d->lookups,
	};
	assert_true(opening_init(&d->context, 1 << 20));
	d->flow = (struct flow){
		.tuple = {.src = address_v4((uint8_t[]){10, 0, 0, 1}),
			  .dst = address_v4((uint8_t[]){192, 0, 2, 1}),
			  .src_port = 50000,
			  .dst_port = port,
			  .proto = proto},
		.first = noon,
		.last = noon,
	};
	d->seq[0] = 0xfffffff0; /* wraps soon */
	d->seq[1] = 1000;
	return d;
}

static void desk_free(struct desk *d)
{
	assert_int_equal(stream_stats(d->context.streams).live, 0);
	opening_fini(&d->context);
	name_map_free(d->context.name_map);
	string_table_free(d->context.fingerprints);
	string_table_free(d->context.names);
	free(d);
}

/* Of a copy that is exactly as long. */
static void give(struct desk *d, bool outward, uint32_t seq, const uint8_t *bytes, size_t len,
		 uint8_t flags)
{
	uint8_t *copy = malloc(len ? len : 1);
	const struct tuple *t = &d->flow.tuple;
	struct packet p = {
		.when = noon,
		.tuple = *t,
		.payload = len ? copy : NULL,
		.payload_bytes = (uint32_t)len,
		.payload_captured = (uint32_t)len,
		.tcp_seq = seq,
		.tcp_flags = flags,
	};

	assert_non_null(copy);
	if (len)
		memcpy(copy, bytes, len);
	if (!outward) {
		p.tuple.src = t->dst;
		p.tuple.dst = t->src;
		p.tuple.src_port = t->dst_port;
		p.tuple.dst_port = t->src_port;
	}
	if (opening_wants(&d->flow, &p, outward))
		opening_read(&d->context, &d->flow, &p, outward);
	free(copy);
}

static void shake_hands(struct desk *d)
{
	give(d, true, d->seq[1] - 1, NULL, 0, TCP_SYN);
	give(d, false, d->seq[0] - 1, NULL, 0, TCP_SYN | TCP_ACK);
}

/*
 * Ways to deliver a turn.
 */
enum way { WHOLE, PIECES, BACKWARD, TWICE, RUBBISH_AFTER, OVERLAPPING, KEEP_ALIVES, WAYS };

static void give_at(struct desk *d, const struct turn *t, size_t at, size_t len)
{
	if (at + len > t->len)
		len = t->len - at;
	give(d, t->outward, d->seq[t->outward] + (uint32_t)at, t->bytes + at, len, TCP_ACK);
}

static void give_rubbish(struct desk *d, const struct turn *t, size_t at, size_t len)
{
	uint8_t rubbish[64];

	memset(rubbish, 'Z', sizeof(rubbish));
	if (at + len > t->len)
		len = t->len - at;
	give(d, t->outward, d->seq[t->outward] + (uint32_t)at, rubbish, len, TCP_ACK);
}

static void deliver(struct desk *d, const struct turn *t, enum way way, size_t k)
{
	size_t pieces = (t->len + k - 1) / k;

	if (way == WHOLE || way == RUBBISH_AFTER) {
		give_at(d, t, 0, t->len);
		if (way == RUBBISH_AFTER)
			give_rubbish(d, t, 0, 64);
	}
	for (size_t i = 0; i < pieces && way != WHOLE && way != RUBBISH_AFTER; i++) {
		size_t at = (way == BACKWARD ? pieces - 1 - i : i) * k;

		if (way == OVERLAPPING && at >= 3)
			give_at(d, t, at - 3, k + 3);
		else
			give_at(d, t, at, k);
		if (way == TWICE)
			give_at(d, t, at, k);
		if (way == KEEP_ALIVES && at + k <= t->len)
			give_rubbish(d, t, at + k - 1, 1);
		if (way == OVERLAPPING)
			give_rubbish(d, t, at, k < 64 ? k : 64);
	}
	d->seq[t->outward] += (uint32_t)t->len;
}

static struct desk *converse(const struct talk *talk, enum way way, size_t k, bool syn)
{
	struct desk *d = desk_new(talk->port, IPPROTO_TCP);

	if (syn)
		shake_hands(d);
	for (size_t i = 0; i < talk->count; i++)
		deliver(d, &talk->turns[i], way, k);
	opening_ended(&d->context, &d->flow);
	return d;
}

struct claims {
	enum app app;
	const char *name;
	uint32_t claims;
	uint16_t taken;
	const char *agent;
	bool ja, hassh;
	uint64_t lookups;
};

static const char *text_of(const struct desk *d, uint32_t number)
{
	return string_table_get(d->context.fingerprints, number);
}

static void assert_claims(const struct desk *d, const struct claims *c)
{
	struct fingerprint f = fingerprint_get(d->context.fingerprints, d->flow.fingerprint);

	assert_int_equal(d->flow.app, c->app);
	assert_string_equal(string_table_get(d->context.names, d->flow.name), c->name);
	assert_int_equal(d->flow.claims, c->claims);
	assert_int_equal(f.tls_taken, c->taken);
	assert_string_equal(text_of(d, f.agent), c->agent ? c->agent : "");
	assert_int_equal(strlen(text_of(d, f.ja3)), c->ja ? 32 : 0);
	assert_int_equal(strlen(text_of(d, f.ja4)), c->ja ? 36 : 0);
	assert_int_equal(strlen(text_of(d, f.hassh)), c->hassh ? 32 : 0);
	assert_int_equal(d->lookups, c->lookups);
}

/* All ways, with a SYN; and those without disorder, where none was seen. */
static void assert_in_all_ways(const struct talk *talk, const struct claims *c)
{
	static const size_t sizes[] = {1, 2, 7, 16, 100, 1000};

	for (enum way way = WHOLE; way < WAYS; way++)
		for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
			struct desk *d = converse(talk, way, sizes[i], true);

			assert_claims(d, c);
			desk_free(d);
			if (way == BACKWARD || way == KEEP_ALIVES)
				continue;
			d = converse(talk, way, sizes[i], false);
			assert_claims(d, c);
			desk_free(d);
		}
}

static void say(struct talk *t, bool outward, const void *bytes, size_t len)
{
	assert_true(t->count < TURNS);
	t->turns[t->count++] = (struct turn){outward, bytes, len};
}

static void say_text(struct talk *t, bool outward, const char *text)
{
	say(t, outward, text, strlen(text));
}

#define OUT true
#define IN  false

static void tls_1_2_with_its_own_certificate(void **state)
{
	struct bytes hello = draw(hello_tls12), flight = draw(flight_tls12);
	struct talk t = {.port = 443};

	(void)state;
	say(&t, OUT, hello.at, hello.len);
	say(&t, IN, flight.at, flight.len);
	assert_in_all_ways(&t, &(struct claims){.app = APP_TLS,
						.name = "one.example",
						.claims = CLAIM_SELF_SIGNED | CLAIM_CERTIFICATE |
							  CLAIM_CERT_NAME,
						.taken = 0x0303,
						.ja = true});
	free(hello.at);
	free(flight.at);
}

static void tls_1_3(void **state)
{
	struct bytes hello = draw(hello_tls13), flight = draw(flight_tls13);
	struct talk t = {.port = 443};

	(void)state;
	say(&t, OUT, hello.at, hello.len);
	say(&t, IN, flight.at, flight.len);
	assert_in_all_ways(
		&t, &(struct claims){
			    .app = APP_TLS, .name = "two.example", .taken = 0x0304, .ja = true});
	free(hello.at);
	free(flight.at);
}

static void tls_without_a_name(void **state)
{
	struct bytes hello = draw(hello_nameless);
	struct talk t = {.port = 8443};

	(void)state;
	say(&t, OUT, hello.at, hello.len);
	assert_in_all_ways(
		&t,
		&(struct claims){.app = APP_TLS, .name = "", .claims = CLAIM_NO_SNI, .ja = true});
	free(hello.at);
}

static void one_side_of_tls(void **state)
{
	struct bytes flight = draw(flight_tls12);
	struct talk t = {.port = 443};

	(void)state;
	say(&t, IN, flight.at, flight.len);
	assert_in_all_ways(&t, &(struct claims){.app = APP_TLS,
						.name = "",
						.claims = CLAIM_SELF_SIGNED | CLAIM_CERTIFICATE,
						.taken = 0x0303});
	free(flight.at);
}

static void a_certificate_out_of_time(void **state)
{
	struct bytes flight = draw(flight_tls12);
	struct desk *d = desk_new(443, IPPROTO_TCP);
	struct packet p = {.when = noon + 400 * 86400 * NS_PER_SEC,
			   .tuple = d->flow.tuple,
			   .payload = flight.at,
			   .payload_bytes = (uint32_t)flight.len,
			   .payload_captured = (uint32_t)flight.len};

	(void)state;
	opening_read(&d->context, &d->flow, &p, false);
	assert_int_equal(d->flow.claims, CLAIM_SELF_SIGNED | CLAIM_CERT_TIME | CLAIM_CERTIFICATE);
	desk_free(d);
	free(flight.at);
}

static void http(void **state)
{
	struct talk t = {.port = 80};

	(void)state;
	say_text(&t, OUT,
		 "GET /a HTTP/1.1\r\nUser-Agent: curl/8.1\r\nHost: Web.Example:80\r\n\r\n");
	say_text(&t, IN, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	assert_in_all_ways(
		&t, &(struct claims){.app = APP_HTTP, .name = "web.example", .agent = "curl/8.1"});
}

static void http_to_an_address(void **state)
{
	struct talk t = {.port = 80};

	(void)state;
	say_text(&t, OUT, "POST /x HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\nbody");
	assert_in_all_ways(
		&t, &(struct claims){.app = APP_HTTP, .name = "", .claims = CLAIM_HOST_IS_ADDRESS});
}

static void the_destination_behind_connect(void **state)
{
	struct bytes hello = draw(hello_tls12), flight = draw(flight_tls12);
	struct talk t = {.port = 3128};

	(void)state;
	say_text(&t, OUT, "CONNECT real.example:443 HTTP/1.1\r\nUser-Agent: x\r\n\r\n");
	say_text(&t, IN, "HTTP/1.1 200 Connection established\r\n\r\n");
	say(&t, OUT, hello.at, hello.len);
	say(&t, IN, flight.at, flight.len);
	assert_in_all_ways(&t, &(struct claims){.app = APP_HTTP,
						.name = "real.example",
						.claims = CLAIM_PROXIED | CLAIM_SELF_SIGNED |
							  CLAIM_CERTIFICATE | CLAIM_CERT_NAME,
						.taken = 0x0303,
						.agent = "x",
						.ja = true});
	free(hello.at);
	free(flight.at);
}

/* The other end of the tunnel is whose name came first, whatever it is told there. */
static void a_tunnel_goes_where_it_was_asked_to(void **state)
{
	static const struct {
		const char *asked, *inside, *name;
	} cases[] = {
		{"CONNECT real.example:443", "CONNECT 10.0.0.5:443", "real.example"},
		{"CONNECT real.example:443", "CONNECT popular.example:443", "real.example"},
		{"CONNECT real.example:443", "GET http://popular.example/", "real.example"},
		{"CONNECT 198.51.100.9:443", "CONNECT 10.0.0.5:443", "198.51.100.9"},
		{"CONNECT 10.0.0.5:3128", "CONNECT real.example:443", "real.example"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct talk t = {.port = 3128};
		uint32_t address = CLAIM_HOST_IS_ADDRESS;
		char text[200];

		snprintf(text, sizeof(text), "%s HTTP/1.1\r\n\r\n%s HTTP/1.1\r\n\r\n",
			 cases[i].asked, cases[i].inside);
		say_text(&t, OUT, text);
		if (strstr(cases[i].asked, ".example"))
			address = 0;
		assert_in_all_ways(&t, &(struct claims){.app = APP_HTTP,
							.name = cases[i].name,
							.claims = CLAIM_PROXIED | address});
	}
}

/* Whatever the hello inside says: a popular name is said as easily as any. */
static void an_address_behind_connect_stays_the_destination(void **state)
{
	struct bytes hello = draw(hello_tls12);
	struct talk t = {.port = 8080};

	(void)state;
	say_text(&t, OUT, "CONNECT 198.51.100.9:443 HTTP/1.1\r\n\r\n");
	say_text(&t, IN, "HTTP/1.1 200 OK\r\n\r\n");
	assert_in_all_ways(&t, &(struct claims){.app = APP_HTTP,
						.name = "198.51.100.9",
						.claims = CLAIM_PROXIED | CLAIM_HOST_IS_ADDRESS});
	say(&t, OUT, hello.at, hello.len);
	assert_in_all_ways(&t, &(struct claims){.app = APP_HTTP,
						.name = "198.51.100.9",
						.claims = CLAIM_PROXIED | CLAIM_HOST_IS_ADDRESS,
						.ja = true});
	free(hello.at);
}

/* RFC 1928, with the password of RFC 1929. */
static void the_destination_behind_socks(void **state)
{
	static const uint8_t greeting[] = {5, 2, 0, 2}, chosen[] = {5, 2};
	static const uint8_t password[] = {1, 1, 'u', 2, 'p', 'w'}, welcome[] = {1, 0};
	static const uint8_t request[] = {5,   1,   0,	 3,   12,  'r', 'e', 'a', 'l',
					  '.', 'e', 'x', 'a', 'm', 'p', 'l', 0,	  80};
	static const uint8_t reply[] = {5, 0, 0, 1, 10, 0, 0, 9, 4, 56};
	struct bytes hello = draw(hello_tls13), flight = draw(flight_tls13);
	struct talk t = {.port = 1080};
	struct claims c = {.app = APP_SOCKS,
			   .name = "real.exampl",
			   .claims = CLAIM_PROXIED,
			   .taken = 0x0304,
			   .ja = true};
	uint8_t named[sizeof(request)];

	(void)state;
	memcpy(named, request, sizeof(named));
	named[4] = 11;
	say(&t, OUT, greeting, sizeof(greeting));
	say(&t, IN, chosen, sizeof(chosen));
	say(&t, OUT, password, sizeof(password));
	say(&t, IN, welcome, sizeof(welcome));
	say(&t, OUT, named, sizeof(named));
	say(&t, IN, reply, sizeof(reply));
	say(&t, OUT, hello.at, hello.len);
	say(&t, IN, flight.at, flight.len);
	assert_in_all_ways(&t, &c);
	free(hello.at);
	free(flight.at);
}

static void ssh_on_the_port_of_tls(void **state)
{
	struct talk t = {.port = 443};

	(void)state;
	say_text(&t, IN, "SSH-2.0-OpenSSH_9.2\r\n");
	say_text(&t, OUT, "SSH-2.0-libssh2_1.10\r\n");
	assert_in_all_ways(&t, &(struct claims){.app = APP_SSH,
						.name = "",
						.claims = CLAIM_OTHER_PROTOCOL,
						.agent = "libssh2_1.10"});
}

/* RFC 4253, 7.1: the lists of an offer, here all "a" but for the empty last two. */
static void ssh_with_its_offer(void **state)
{
	uint8_t hello[128] = "SSH-2.0-x\r\n";
	size_t at = 11;
	struct talk t = {.port = 22};

	(void)state;
	hello[at + 3] = 1 + 17 + 8 * 5 + 2 * 4 + 5 + 4; /* packet */
	hello[at + 4] = 4;				/* padding */
	hello[at + 5] = 20;				/* KEXINIT, cookie 16 */
	at += 4 + 1 + 17;
	for (int i = 0; i < 10; i++, at += 4)
		if (i < 8) {
			hello[at + 3] = 1;
			hello[at++ + 4] = 'a';
		}
	at += 5 + 4;
	say(&t, OUT, hello, at);
	say_text(&t, IN, "SSH-2.0-OpenSSH_9.2\r\n");
	assert_in_all_ways(
		&t, &(struct claims){.app = APP_SSH, .name = "", .agent = "x", .hassh = true});
}

/* The telling word of a greeting is at its end. */
static void a_long_first_line(void **state)
{
	struct talk t = {.port = 2525};

	(void)state;
	say_text(&t, IN, "220 a-host-with-a-long-name.example.com here speaks ESMTP\r\n");
	assert_in_all_ways(&t, &(struct claims){.app = APP_SMTP, .name = ""});
}

/* Bytes of a cipher stream (AES-128-CTR of zeros, key of zeros, by `openssl enc`). */
static void noise(void **state)
{
	struct bytes b = draw("66e94bd4ef8a2c3b884cfa59ca342b2e58e2fccefa7e3061367f1d57a4e7455a"
			      "0388dace60b6a392f328c2b971b2fe78f795aaab494b5923f7fd89ff948bc1e0"
			      "200211214e7394da2089b6acd093abe0c94da219118e297d7b7ebcbcc9c388f2");
	struct talk t = {.port = 9999};
	struct desk *d;

	(void)state;
	say(&t, OUT, b.at, b.len);
	d = converse(&t, WHOLE, 1, true);
	assert_int_equal(d->flow.app, APP_RANDOM);
	assert_int_equal(d->flow.claims, 0);
	desk_free(d);
	t.port = 443;
	d = converse(&t, WHOLE, 1, true);
	assert_int_equal(d->flow.app, APP_RANDOM);
	assert_int_equal(d->flow.claims, CLAIM_OTHER_PROTOCOL);
	desk_free(d);
	free(b.at);
}

static void what_is_not_tls_on_its_port(void **state)
{
	struct talk t = {.port = 443};

	(void)state;
	say_text(&t, OUT, "\x01\x02hello, this is nothing that anybody knows");
	for (enum way way = WHOLE; way < WAYS; way++)
		for (int syn = 0; syn < 2; syn++) { /* midway it may be part of anything */
			struct desk *d = converse(&t, way, 5, syn);

			assert_int_equal(d->flow.app, APP_UNKNOWN);
			assert_int_equal(d->flow.claims, syn ? CLAIM_OTHER_PROTOCOL : 0);
			desk_free(d);
		}
}

static void silence_and_greetings_claim_nothing(void **state)
{
	struct talk t = {.port = 443};

	(void)state;
	assert_in_all_ways(&t, &(struct claims){.name = ""});
	say(&t, OUT, "\x16\x03\x01", 3); /* no further than this */
	assert_in_all_ways(&t, &(struct claims){.name = ""});
	t = (struct talk){.port = 25};
	say_text(&t, IN, "220 mx.example ESMTP\r\n");
	say_text(&t, OUT, "EHLO a\r\n");
	assert_in_all_ways(&t, &(struct claims){.app = APP_SMTP, .name = ""});
	t = (struct talk){.port = 25};
	say_text(&t, IN, "220 mx.example here\r\n");
	say_text(&t, OUT, "WHATEVER that may be\r\n");
	assert_in_all_ways(&t, &(struct claims){.name = ""});
}

/* "a.example A 192.0.2.7", asked and answered twice on one connection. */
static void dns_over_tcp_feeds_the_names(void **state)
{
	static const uint8_t query[] = {0,   27,  0,   7,   1, 0,   0, 1,   0,	 0,
					0,   0,	  0,   0,   1, 'a', 7, 'e', 'x', 'a',
					'm', 'p', 'l', 'e', 0, 0,   1, 0,   1};
	static const uint8_t answer[] = {0, 43, 0,  7,	 0x81, 0x80, 0,	  1,   0,   1,	 0,   0,
					 0, 0,	1,  'a', 7,    'e',  'x', 'a', 'm', 'p', 'l', 'e',
					 0, 0,	1,  0,	 1,    0xc0, 12,  0,   1,   0,	 1,   0,
					 0, 0,	60, 0,	 4,    192,  0,	  2,   7};
	struct talk t = {.port = 53};

	(void)state;
	for (int i = 0; i < 2; i++) {
		say(&t, OUT, query, sizeof(query));
		say(&t, IN, answer, sizeof(answer));
	}
	assert_in_all_ways(&t, &(struct claims){.app = APP_DNS, .name = "", .lookups = 2});

	struct address told = address_v4((uint8_t[]){192, 0, 2, 7});
	struct desk *d = converse(&t, PIECES, 10, true);
	struct name_map_answer found =
		name_map_find(d->context.name_map, &d->flow.tuple.src, &told, noon);

	assert_string_equal(string_table_get(d->context.names, found.name), "a.example");
	desk_free(d);
}

/* A resolver's answer that is longer than any buffer; the next one is read again. */
static void a_long_message_is_stepped_over(void **state)
{
	static uint8_t answer[2 + 20000] = {
		20000 >> 8, 20000 & 0xff, 0, 7, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0,
		1,	    'a',	  0, 0, 16,   0,    1};
	struct talk t = {.port = 53};
	struct desk *d;

	(void)state;
	for (int i = 0; i < 3; i++)
		say(&t, IN, answer, sizeof(answer));
	d = converse(&t, PIECES, 1400, true);
	assert_int_equal(d->flow.app, APP_DNS);
	assert_int_equal(d->lookups, 3);
	desk_free(d);
}

/* Each request on a kept connection asks for a name of its own. */
static void further_requests(void **state)
{
	static const char first[] = "GET / HTTP/1.1\r\nHost: one.example\r\n\r\n";
	static const char second[] = "GET / HTTP/1.1\r\nHost: two.example\r\n\r\n";
	static const char third[] = "GET / HTTP/1.1\r\nHost: bad.example\r\n\r\n";
	static const char body[] = "and so on, which asks nobody for anything";
	struct desk *d = desk_new(80, IPPROTO_TCP);

	(void)state;
	give(d, true, 1, (const uint8_t *)first, strlen(first), TCP_ACK);
	assert_string_equal(string_table_get(d->context.names, d->flow.name), "one.example");
	give(d, true, 100, (const uint8_t *)body, strlen(body), TCP_ACK);
	assert_string_equal(string_table_get(d->context.names, d->flow.name), "one.example");
	give(d, true, 1, (const uint8_t *)third, strlen(third), TCP_ACK); /* sent again, changed */
	assert_string_equal(string_table_get(d->context.names, d->flow.name), "one.example");
	give(d, true, 200, (const uint8_t *)second, strlen(second), TCP_ACK);
	assert_string_equal(string_table_get(d->context.names, d->flow.name), "two.example");
	give(d, true, 200, (const uint8_t *)third, strlen(third), TCP_ACK);
	assert_string_equal(string_table_get(d->context.names, d->flow.name), "two.example");
	opening_ended(&d->context, &d->flow);
	desk_free(d);
}

static const char *listed(const struct desk *d)
{
	struct fingerprint f = fingerprint_get(d->context.fingerprints, d->flow.fingerprint);
	static char text[96];

	snprintf(text, sizeof(text), "%s",
		 f.listed ? intel_get(d->context.intel, f.listed).text : "");
	return text;
}

/* The page that is asked for, by itself or through a proxy, and the certificate that comes. */
static void what_is_said_is_looked_up_on_lists(void **state)
{
	static const char list[] =
		"http://bad.example/gate.php\nhttp://odd.example:8080/x\n"
		"11629E5343F9BDB61897CC15A864BEABD702ECBFAEF7549C2DDC89196CD333E9\n";
	static const struct {
		const char *request, *listed;
		uint16_t port;
	} rows[] = {
		{"GET /gate.php HTTP/1.1\r\nHost: bad.example\r\n\r\n", "bad.example/gate.php", 80},
		{"GET /gate.php?id=1 HTTP/1.1\r\nHost: Bad.Example:80\r\n\r\n",
		 "bad.example/gate.php", 80},
		{"GET /gate.php HTTP/1.1\r\nHost: bad.example\r\n\r\n", "", 81},
		{"GET /Gate.php HTTP/1.1\r\nHost: bad.example\r\n\r\n", "", 80},
		{"GET http://bad.example/gate.php HTTP/1.1\r\nHost: bad.example\r\n\r\n",
		 "bad.example/gate.php", 3128},
		{"GET http://odd.example:8080/x HTTP/1.1\r\nHost: odd.example:8080\r\n\r\n",
		 "odd.example:8080/x", 3128},
		{"GET /x HTTP/1.1\r\nHost: odd.example:8080\r\n\r\n", "odd.example:8080/x", 8080},
	};
	struct home home = home_default();
	struct intel *intel = intel_new(&home, 1 << 20);
	struct bytes flight = draw(flight_tls12);
	struct complaint why;
	struct desk *d;

	(void)state;
	assert_int_equal(intel_load_text(&(struct intel_reader){.intel = intel}, "l", list,
					 strlen(list), &why),
			 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		d = desk_new(rows[i].port, IPPROTO_TCP);
		d->context.intel = intel;
		give(d, true, 1, (const uint8_t *)rows[i].request, strlen(rows[i].request),
		     TCP_ACK);
		assert_string_equal(listed(d), rows[i].listed);
		opening_ended(&d->context, &d->flow);
		desk_free(d);
	}
	d = desk_new(443, IPPROTO_TCP);
	d->context.intel = intel;
	give(d, false, 1, flight.at, flight.len, TCP_ACK);
	assert_string_equal(listed(d),
			    "11629e5343f9bdb61897cc15a864beabd702ecbfaef7549c2ddc89196cd333e9");
	opening_ended(&d->context, &d->flow);
	desk_free(d);
	free(flight.at);
	intel_free(intel);
}

/*
 * Datagrams.
 */
static void quic_in_two_datagrams_and_any_order(void **state)
{
	static const uint8_t id[] = {1, 2, 3, 4, 5, 6, 7, 8};
	struct bytes hello = draw(hello_tls13);

	(void)state;
	for (int backward = 0; backward < 2; backward++) {
		struct quic_maker m = quic_maker(QUIC_V1, id, sizeof(id));
		struct desk *d = desk_new(443, IPPROTO_UDP);
		uint8_t text[2][1200] = {{0}};
		size_t half = (hello.len - 5) / 2;
		struct quic_packet packets[2];

		put_crypto(text[0], hello.at + 5, 0, half);
		put_crypto(text[1], hello.at + 5, half, hello.len - 5 - half);
		for (int i = 0; i < 2; i++)
			packets[i] = quic_seal(&m, text[i], sizeof(text[i]));
		for (int i = 0; i < 2; i++)
			give(d, true, 0, packets[i ^ backward].bytes, packets[i ^ backward].len, 0);
		opening_ended(&d->context, &d->flow);
		assert_claims(d,
			      &(struct claims){.app = APP_QUIC, .name = "two.example", .ja = true});
		desk_free(d);
		quic_maker_fini(&m);
	}
	free(hello.at);
}

/* A version to be refused, and data that overtook it, come before the hello. */
static void quic_whose_first_datagrams_are_no_hello(void **state)
{
	static const uint8_t id[] = {1, 2, 3, 4, 5, 6, 7, 8};
	uint8_t refused[1200] = {0xc0, 0x0a, 0x1a, 0x2a, 0x3a, 8, 1, 2, 3, 4, 5, 6, 7, 8};
	uint8_t early[1200] = {0xd0, 0, 0, 0, 1, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0x44, 0x90};
	struct bytes hello = draw(hello_tls13);
	struct quic_maker m = quic_maker(QUIC_V1, id, sizeof(id));
	struct desk *d = desk_new(443, IPPROTO_UDP);
	uint8_t text[1200] = {0};
	struct quic_packet packet;

	(void)state;
	put_crypto(text, hello.at + 5, 0, hello.len - 5);
	packet = quic_seal(&m, text, sizeof(text));
	give(d, true, 0, refused, sizeof(refused), 0);
	give(d, true, 0, early, sizeof(early), 0);
	give(d, true, 0, packet.bytes, packet.len, 0);
	opening_ended(&d->context, &d->flow);
	assert_claims(d, &(struct claims){.app = APP_QUIC, .name = "two.example", .ja = true});
	desk_free(d);
	quic_maker_fini(&m);
	free(hello.at);
}

/* RFC 5389: type 2, length 2, cookie 4, transaction 12; what follows is the conversation. */
static void dtls_behind_stun(void **state)
{
	static const uint8_t stun[20] = {0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 7};
	struct bytes hello = draw(hello_dtls);
	struct desk *d = desk_new(40000, IPPROTO_UDP);

	(void)state;
	for (int i = 0; i < 3; i++)
		give(d, true, 0, stun, sizeof(stun), 0);
	assert_int_equal(d->flow.app, APP_STUN);
	give(d, true, 0, hello.at, hello.len, 0);
	opening_ended(&d->context, &d->flow);
	assert_int_equal(d->flow.app, APP_DTLS);
	assert_int_not_equal(d->flow.fingerprint, 0);
	desk_free(d);
	free(hello.at);
}

static void dtls(void **state)
{
	struct bytes hello = draw(hello_dtls);
	struct desk *d = desk_new(443, IPPROTO_UDP);

	(void)state;
	give(d, true, 0, hello.at, hello.len, 0);
	opening_ended(&d->context, &d->flow);
	assert_int_equal(d->flow.app, APP_DTLS);
	assert_false(d->flow.claims & (CLAIM_OTHER_PROTOCOL | CLAIM_NO_SNI));
	assert_int_not_equal(d->flow.fingerprint, 0);
	desk_free(d);
	free(hello.at);
}

/* What one kind of hello has left behind is no beginning of another kind. */
static void dtls_behind_a_refused_quic(void **state)
{
	uint8_t refused[1200] = {0xc0, 0x0a, 0x1a, 0x2a, 0x3a, 8, 1, 2, 3, 4, 5, 6, 7, 8};
	struct bytes hello = draw(hello_dtls);
	struct desk *d = desk_new(443, IPPROTO_UDP);

	(void)state;
	give(d, true, 0, refused, sizeof(refused), 0);
	give(d, true, 0, hello.at, hello.len, 0);
	opening_ended(&d->context, &d->flow);
	assert_int_not_equal(d->flow.fingerprint, 0);
	desk_free(d);
	free(hello.at);
}

static void assert_datagram(uint16_t port, const void *bytes, size_t len, enum app app,
			    uint32_t claims, uint64_t lookups)
{
	struct desk *d = desk_new(port, IPPROTO_UDP);

	for (int i = 0; i < 6; i++)
		give(d, i % 2 == 0, 0, bytes, len, 0);
	opening_ended(&d->context, &d->flow);
	assert_int_equal(d->flow.app, app);
	assert_int_equal(d->flow.claims, claims);
	assert_int_equal(d->lookups, lookups);
	desk_free(d);
}

static void datagrams(void **state)
{
	static const uint8_t answer[] = {0, 7, 0x81, 0x80, 0, 1, 0, 0, 0, 0,
					 0, 0, 1,    'a',  0, 0, 1, 0, 1};
	static const uint8_t ntp[48] = {0x23};
	static const char text[] = "this is neither a look-up nor the time of day, as you see";

	(void)state;
	assert_datagram(53, answer, sizeof(answer), APP_DNS, 0, 3);
	assert_datagram(5353, answer, sizeof(answer), APP_MDNS, 0, 0);
	assert_datagram(5355, answer, sizeof(answer), APP_LLMNR, 0, 0);
	assert_datagram(123, ntp, sizeof(ntp), APP_NTP, 0, 0);
	assert_datagram(53, text, sizeof(text), APP_UNKNOWN, CLAIM_OTHER_PROTOCOL, 0);
	assert_datagram(123, text, sizeof(text), APP_UNKNOWN, CLAIM_OTHER_PROTOCOL, 0);
	assert_datagram(9999, text, sizeof(text), APP_UNKNOWN, 0, 0);
}

static void icmp(void **state)
{
	struct desk *d = desk_new(0, IPPROTO_ICMP);

	(void)state;
	opening_ended(&d->context, &d->flow);
	assert_int_equal(d->flow.app, APP_ICMP);
	desk_free(d);
}

/* Of a message cut short by the capture as much counts as was sent. */
static void dns_counts_what_was_sent(void **state)
{
	static const uint8_t answer[] = {0, 7,	 0x81, 0x80, 0,	  1,   0,   1,	 0,   0,   0,
					 0, 1,	 'a',  7,    'e', 'x', 'a', 'm', 'p', 'l', 'e',
					 3, 'c', 'o',  'm',  0,	  0,   1,   0,	 1};
	const struct timeline_table *calls;
	struct packet p = {.when = noon,
			   .payload = answer,
			   .payload_bytes = 47,
			   .payload_captured = sizeof(answer)};
	struct desk *d = desk_new(53, IPPROTO_UDP);

	(void)state;
	d->context.questions = questions_new(&d->home, d->context.names, 1 << 20, 1 << 20);
	p.tuple = (struct tuple){.src = d->flow.tuple.dst,
				 .dst = d->flow.tuple.src,
				 .src_port = 53,
				 .dst_port = 50000,
				 .proto = IPPROTO_UDP};
	opening_read(&d->context, &d->flow, &p, false);
	questions_flush(d->context.questions);
	calls = questions_calls(d->context.questions);
	assert_int_equal(timeline_stats(calls).groups, 1);
	assert_int_equal(timeline_get(calls, 0)->in_payload, 47);
	questions_free(d->context.questions);
	desk_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tls_1_2_with_its_own_certificate),
		cmocka_unit_test(tls_1_3),
		cmocka_unit_test(tls_without_a_name),
		cmocka_unit_test(one_side_of_tls),
		cmocka_unit_test(a_certificate_out_of_time),
		cmocka_unit_test(http),
		cmocka_unit_test(http_to_an_address),
		cmocka_unit_test(the_destination_behind_connect),
		cmocka_unit_test(a_tunnel_goes_where_it_was_asked_to),
		cmocka_unit_test(an_address_behind_connect_stays_the_destination),
		cmocka_unit_test(the_destination_behind_socks),
		cmocka_unit_test(ssh_on_the_port_of_tls),
		cmocka_unit_test(ssh_with_its_offer),
		cmocka_unit_test(a_long_first_line),
		cmocka_unit_test(noise),
		cmocka_unit_test(what_is_not_tls_on_its_port),
		cmocka_unit_test(silence_and_greetings_claim_nothing),
		cmocka_unit_test(dns_over_tcp_feeds_the_names),
		cmocka_unit_test(a_long_message_is_stepped_over),
		cmocka_unit_test(further_requests),
		cmocka_unit_test(what_is_said_is_looked_up_on_lists),
		cmocka_unit_test(quic_in_two_datagrams_and_any_order),
		cmocka_unit_test(quic_whose_first_datagrams_are_no_hello),
		cmocka_unit_test(dtls_behind_stun),
		cmocka_unit_test(dtls_behind_a_refused_quic),
		cmocka_unit_test(dtls),
		cmocka_unit_test(datagrams),
		cmocka_unit_test(dns_counts_what_was_sent),
		cmocka_unit_test(icmp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
