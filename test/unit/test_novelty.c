/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is new or odd beside the fleet, on fleets small enough to count by hand;
 * and the signs drawn from it, by the examples of their pages.
 */
#include "unit/unit.h"

#include "detect/detector.h"
#include "detect/detectors.h"
#include "detect/fleet.h"
#include "flow/fingerprint.h"

#include <netinet/in.h>

static const int64_t day_ms = 86400000;

struct bench {
	struct timeline_table *table;
	struct string_table *names, *fingerprints;
	struct spans watched;
	struct fleet fleet;
};

static struct bench start(void)
{
	struct bench b = {.table = timeline_table_new(1 << 20),
			  .names = string_table_new(1 << 20),
			  .fingerprints = string_table_new(1 << 20)};

	spans_add(&b.watched, 0);
	spans_add(&b.watched, 4 * day_ms * NS_PER_MS);
	return b;
}

static void stop(struct bench *b)
{
	fleet_fini(&b->fleet);
	timeline_table_free(b->table);
	string_table_free(b->names);
	string_table_free(b->fingerprints);
}

/* One call of host 10.0.0.`host` to 192.0.2.`to`, under `name` (or NULL), by `client` (or NULL). */
struct made {
	uint8_t host, to;
	int64_t when_ms;
	const char *name, *client;
	bool confirmed, given; /* ... a DNS answer gave the address, under this name or another */
};

static void call(struct bench *b, struct made m)
{
	struct flow flow = {.first = m.when_ms * NS_PER_MS, .last = m.when_ms * NS_PER_MS};
	struct timeline_marks marks = {.lookups_visible = true, .confirmed = m.confirmed};
	struct timeline_key key = {.port = 443, .proto = IPPROTO_TCP};

	key.host = flow.tuple.src = address_v4((uint8_t[]){10, 0, 0, m.host});
	key.destination = flow.tuple.dst = address_v4((uint8_t[]){192, 0, 2, m.to});
	if (m.name)
		marks.name = string_table_add(b->names, m.name, strlen(m.name));
	marks.looked_up = m.confirmed || m.given;
	marks.contradicted = m.name && !m.confirmed;
	if (m.client) {
		struct fingerprint f = {
			.ja4 = string_table_add(b->fingerprints, m.client, strlen(m.client))};

		flow.fingerprint = fingerprint_keep(b->fingerprints, &f);
	}
	timeline_add(b->table, &key, &flow, &marks);
}

static void build(struct bench *b)
{
	struct fleet_source source = {
		.table = b->table, .names = b->names, .fingerprints = b->fingerprints};

	assert_int_equal(fleet_build(&source, 1, &b->watched, &b->fleet), 0);
}

static const struct group *find(const struct bench *b, uint8_t host, uint8_t to)
{
	for (size_t i = 0; i < b->fleet.group_count; i++) {
		const struct timeline_key *k = &b->fleet.groups[i].timeline->key;

		if (k->host.bytes[15] == host && k->destination.bytes[15] == to)
			return &b->fleet.groups[i];
	}
	fail_msg("no group %u > %u", host, to);
	return NULL;
}

static enum trait ask(const struct bench *b, const struct detector *d, uint8_t host, uint8_t to)
{
	const struct group *g = find(b, host, to);

	return d->observe(&(struct subject){.timeline = g->timeline,
					    .group = g,
					    .names = b->names,
					    .hosts = b->fleet.hosts,
					    .window_s = b->fleet.window_s});
}

/* Hosts 1 to 6 share one client; host 1 has another one for 192.0.2.9. */
static void a_client_of_one_host_is_rare(void **state)
{
	struct bench b = start();
	const struct novelty *n;

	(void)state;
	for (uint8_t h = 1; h <= 6; h++)
		call(&b, (struct made){.host = h, .to = 1, .when_ms = h, .client = "t13d_common"});
	call(&b, (struct made){.host = 1, .to = 9, .when_ms = 50, .client = "t12i_odd"});
	call(&b, (struct made){.host = 7, .to = 9, .when_ms = 50, .client = "t12i_only"});
	call(&b, (struct made){.host = 1, .to = 8, .when_ms = 50});
	build(&b);
	n = &find(&b, 1, 9)->novelty;
	assert_int_equal(n->client_hosts, 1);
	assert_int_equal(n->host_clients, 2);
	assert_int_equal(n->fleet_clients, 7);
	assert_int_equal(find(&b, 1, 1)->novelty.client_hosts, 6);
	assert_int_equal(ask(&b, &detect_client, 1, 9), TRAIT_PRESENT);
	assert_int_equal(ask(&b, &detect_client, 1, 1), TRAIT_ABSENT);
	assert_int_equal(ask(&b, &detect_client, 7, 9), TRAIT_ABSENT); /* it has no other */
	assert_int_equal(ask(&b, &detect_client, 1, 8), TRAIT_UNKNOWN);
	stop(&b);
}

/* Host 1 is seen from the start; 192.0.2.5 is new on day 3, 192.0.2.6 only to host 1. */
static void a_place_is_new_to_the_whole_fleet(void **state)
{
	struct bench b = start();

	(void)state;
	call(&b, (struct made){.host = 1, .to = 1, .when_ms = 1000});
	call(&b, (struct made){.host = 1, .to = 5, .when_ms = 3 * day_ms});
	call(&b, (struct made){.host = 1, .to = 6, .when_ms = 3 * day_ms});
	call(&b, (struct made){.host = 2, .to = 6, .when_ms = 2000});
	call(&b, (struct made){.host = 3, .to = 7, .when_ms = 3 * day_ms}); /* seen no earlier */
	/* another address of a name that was there before */
	call(&b, (struct made){.host = 2,
			       .to = 10,
			       .when_ms = 3000,
			       .name = "a.svc.example",
			       .confirmed = true});
	call(&b, (struct made){.host = 1,
			       .to = 11,
			       .when_ms = 3 * day_ms,
			       .name = "b.svc.example",
			       .confirmed = true});
	build(&b);
	assert_int_equal(ask(&b, &detect_new, 1, 5), TRAIT_PRESENT);
	assert_int_equal(ask(&b, &detect_new, 1, 1), TRAIT_ABSENT);
	assert_int_equal(ask(&b, &detect_new, 1, 6), TRAIT_ABSENT);
	assert_int_equal(ask(&b, &detect_new, 3, 7), TRAIT_ABSENT);
	assert_int_equal(ask(&b, &detect_new, 1, 11), TRAIT_ABSENT);
	b.fleet.window_s = 86400;
	assert_int_equal(ask(&b, &detect_new, 1, 5), TRAIT_UNKNOWN);
	stop(&b);
}

static void a_claimed_name_is_held_against_dns(void **state)
{
	struct bench b = start();

	(void)state;
	call(&b, (struct made){.host = 1, .to = 1, .name = "good.example", .confirmed = true});
	call(&b, (struct made){.host = 1, .to = 2, .name = "borrowed.example", .given = true});
	call(&b, (struct made){.host = 1, .to = 4, .name = "made-up.example"});
	call(&b, (struct made){.host = 1, .to = 3});
	build(&b);
	assert_int_equal(ask(&b, &detect_name, 1, 1), TRAIT_ABSENT);
	assert_int_equal(ask(&b, &detect_name, 1, 2), TRAIT_PRESENT);
	assert_int_equal(ask(&b, &detect_name, 1, 3), TRAIT_UNKNOWN);
	assert_int_equal(ask(&b, &detect_name, 1, 4), TRAIT_ABSENT); /* that is for ... */
	assert_int_equal(ask(&b, &detect_lookup, 1, 4), TRAIT_PRESENT);
	stop(&b);
}

/* Eight named places, of which look-ups bear out one: they are made where we do not see them. */
static void lookups_elsewhere_excuse(void **state)
{
	struct bench b = start();
	char name[] = "?.example";

	(void)state;
	for (uint8_t i = 0; i < 8; i++) {
		name[0] = (char)('a' + i);
		call(&b, (struct made){.host = 1, .to = i, .name = name, .confirmed = i == 0});
		if (i < 7)
			call(&b, (struct made){.host = 2, .to = i, .name = name});
	}
	call(&b, (struct made){.host = 1, .to = 99});
	call(&b, (struct made){.host = 2, .to = 99});
	build(&b);
	assert_true(find(&b, 1, 3)->novelty.lookups_elsewhere);
	assert_int_equal(ask(&b, &detect_name, 1, 3), TRAIT_UNKNOWN);
	assert_int_equal(ask(&b, &detect_lookup, 1, 99), TRAIT_UNKNOWN);
	assert_false(find(&b, 2, 3)->novelty.lookups_elsewhere); /* seven are too few to tell */
	assert_int_equal(ask(&b, &detect_lookup, 2, 99), TRAIT_PRESENT);
	stop(&b);
}

static void certificates_have_faults(void **state)
{
	struct timeline t = {.calls = 1};
	struct subject s = {.timeline = &t};
	struct evidence e = {0};

	(void)state;
	t.claims = CLAIM_SELF_SIGNED; /* not without a certificate */
	assert_int_equal(detect_certificate.observe(&s), TRAIT_UNKNOWN);
	t.claims = CLAIM_CERTIFICATE;
	assert_int_equal(detect_certificate.observe(&s), TRAIT_ABSENT);
	t.claims = CLAIM_CERTIFICATE | CLAIM_SELF_SIGNED | CLAIM_CERT_NAME;
	assert_int_equal(detect_certificate.observe(&s), TRAIT_PRESENT);
	detect_certificate.describe(&s, TRAIT_PRESENT, 0.02, &e);
	assert_string_equal(e.text, "the server's certificate is issued by itself, not for the "
				    "name that was asked for; so are 2.0 % of those seen");
}

/* docs/detection/naming.md, docs/detection/novelty.md: 10 log10((0.9 p1 + 0.1 p0) / p0) */
static void weights_are_those_of_the_pages(void **state)
{
	const struct {
		const struct detector *d;
		double p0, db;
	} rows[] = {
		{&detect_name, 0.01, 13.5},
		{&detect_certificate, 0.02, 12.6},
		{&detect_client, 0.05, 8.6},
		{&detect_new, 0.1, 5.7},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		double db = detector_weight_db(rows[i].d, TRAIT_PRESENT, rows[i].p0);

		if (db < rows[i].db - 0.06 || db > rows[i].db + 0.06)
			fail_msg("%s: %.2f instead of %.2f", rows[i].d->name, db, rows[i].db);
		assert_true(detector_weight_db(rows[i].d, TRAIT_ABSENT, rows[i].p0) == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_of_one_host_is_rare),
		cmocka_unit_test(a_place_is_new_to_the_whole_fleet),
		cmocka_unit_test(a_claimed_name_is_held_against_dns),
		cmocka_unit_test(lookups_elsewhere_excuse),
		cmocka_unit_test(certificates_have_faults),
		cmocka_unit_test(weights_are_those_of_the_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
