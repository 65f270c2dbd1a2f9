/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include "verdict/cases.h"

enum { MOST = 16 };

struct world {
	struct string_table *names;
	struct timeline timelines[MOST];
	struct finding findings[MOST];
	struct group groups[MOST];
	struct destination *destinations;
	size_t count;
};

static void collapse(struct world *w)
{
	struct fleet fleet = {.groups = w->groups,
			      .group_count = w->count,
			      .plain_count = w->count,
			      .hosts = 100};

	for (size_t i = 0; i < w->count; i++) {
		w->groups[i] = w->findings[i].group;
		w->findings[i].number = (uint32_t)i;
	}
	assert_int_equal(cases_collapse(&fleet, w->findings, &w->count, &w->destinations), 0);
	cases_rank(w->findings, w->count);
}

static void teardown(struct world *w)
{
	free(w->destinations);
	string_table_free(w->names);
}

static struct finding *add(struct world *w, uint8_t host, double score_db, double period_s)
{
	struct timeline *t = &w->timelines[w->count];
	struct finding *f = &w->findings[w->count++];

	t->key.host = address_v4((uint8_t[]){10, 0, 0, host});
	t->calls = (uint32_t)w->count; /* none like another */
	f->group = (struct group){
		.timeline = t, .names = w->names, .host = host, .hosts_to_destination = 50};
	f->score_db = score_db;
	f->is_timer = period_s > 0;
	f->timing.period_s = period_s;
	f->timing.period = (struct timing_interval){0.999 * period_s, 1.001 * period_s};
	return f;
}

static void at_address(struct world *w, uint8_t destination, uint16_t port, const char *name)
{
	struct timeline *t = &w->timelines[w->count - 1];

	t->key.grouping = GROUP_ADDRESS;
	t->key.destination = address_v4((uint8_t[]){192, 0, 2, destination});
	t->key.port = port;
	t->key.proto = 6;
	for (size_t i = 0; name && i < TIMELINE_NAMES_MAX; i++) {
		if (!t->names[i]) {
			t->names[i] = string_table_add(w->names, name, strlen(name));
			break;
		}
	}
}

static void by_name(struct world *w, const char *name)
{
	struct timeline *t = &w->timelines[w->count - 1];

	t->key.grouping = GROUP_NAME;
	t->key.name = t->names[0] = string_table_add(w->names, name, strlen(name));
}

static void setup(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->names = string_table_new(1 << 20);
}

static void a_family_is_one_destination_at_one_pace(void **state)
{
	struct world w;

	(void)state;
	setup(&w);
	for (uint8_t host = 1; host <= 5; host++) { /* 300.0 to 302 s: within 2 % */
		add(&w, host, host == 3 ? 20 : 10, 300 + host * 0.4);
		at_address(&w, 1, 443, NULL);
	}
	add(&w, 6, 5, 400); /* another pace */
	at_address(&w, 1, 443, NULL);
	add(&w, 7, 5, 300); /* another port */
	at_address(&w, 1, 8443, NULL);
	collapse(&w);
	assert_int_equal(w.count, 3);
	assert_int_equal(w.findings[0].host_count, 5);
	assert_int_equal(w.findings[0].group.timeline->key.host.bytes[15],
			 3); /* the strongest leads */
	assert_int_equal(w.findings[0].hosts[0].bytes[15], 3);
	for (size_t i = 0; i < w.count; i++)
		assert_int_equal(w.findings[i].rank, i + 1);
	teardown(&w);
}

static void a_name_stands_for_its_addresses(void **state)
{
	struct world w;

	(void)state;
	setup(&w);
	add(&w, 1, 10, 300);
	by_name(&w, "a.example");
	add(&w, 1, 10, 300);
	by_name(&w, "b.example");
	add(&w, 1, 9, 300); /* only ever a and b: told */
	at_address(&w, 1, 443, "a.example");
	at_address(&w, 1, 443, "b.example");
	add(&w, 1, 10.5, 300); /* only ever a, and stronger: it leads that case */
	at_address(&w, 5, 443, "a.example");
	add(&w, 1, 12, 300); /* also c, which has no finding: kept */
	at_address(&w, 2, 443, "a.example");
	at_address(&w, 2, 443, "c.example");
	add(&w, 2, 13, 300); /* another host: kept */
	at_address(&w, 3, 443, "a.example");
	add(&w, 1, 14, 300); /* no name: kept */
	at_address(&w, 4, 443, NULL);
	collapse(&w);
	assert_int_equal(w.count, 5);
	assert_true(w.findings[0].score_db == 14 && w.findings[1].score_db == 13 &&
		    w.findings[2].score_db == 12 && w.findings[3].score_db == 10.5 &&
		    w.findings[4].score_db == 10);
	assert_int_equal(w.findings[3].group.timeline->key.grouping, GROUP_ADDRESS);
	teardown(&w);
}

/* An address without a name: its ports are one case, and where it is rare its hosts, too. */
static void an_address_without_a_name_is_one_end(void **state)
{
	struct world w;

	(void)state;
	setup(&w);
	add(&w, 1, 10, 0); /* two ports of one host */
	at_address(&w, 1, 443, NULL);
	add(&w, 1, 12, 300);
	at_address(&w, 1, 8443, NULL);
	add(&w, 2, 9, 0); /* another host, where many go */
	at_address(&w, 1, 22, NULL);
	add(&w, 3, 8, 0)->group.hosts_to_destination = 2; /* two hosts, where few go */
	at_address(&w, 2, 80, NULL);
	add(&w, 4, 7, 0)->group.hosts_to_destination = 2;
	at_address(&w, 2, 81, NULL);
	add(&w, 5, 6, 0); /* names may be served by one address */
	at_address(&w, 3, 443, "a.example");
	add(&w, 5, 5, 0);
	at_address(&w, 3, 8443, "b.example");
	collapse(&w);
	assert_int_equal(w.count, 5);
	assert_true(w.findings[0].score_db == 12 && w.findings[0].destination_count == 2);
	assert_true(w.findings[1].score_db == 9 && w.findings[1].host_count == 1);
	assert_true(w.findings[2].score_db == 8 && w.findings[2].host_count == 2);
	assert_int_equal(w.findings[2].destinations[0].port, 80);
	assert_int_equal(w.findings[2].destinations[1].port, 81);
	assert_true(w.findings[3].score_db == 6 && w.findings[4].score_db == 5);
	teardown(&w);
}

/* Groups 0 and 1 were joined by their port; 2 would have been, but for a rhythm of its own. */
static void a_union_takes_in_what_it_covers(void **state)
{
	static const uint32_t members[] = {0, 1};
	struct world w;
	struct finding *f;

	(void)state;
	setup(&w);
	for (uint8_t i = 0; i < 2; i++) { /* other hosts' findings, to have groups to join */
		add(&w, 9, 1, 0)->group.hosts_to_destination = 2;
		at_address(&w, (uint8_t)(50 + i), 4444, NULL);
	}
	add(&w, 1, 10, 9000)->group.hosts_to_destination = 2;
	at_address(&w, 3, 4444, NULL);
	add(&w, 1, 9, 9000)->group.hosts_to_destination = 2; /* another port */
	at_address(&w, 4, 4445, NULL);
	add(&w, 1, 8, 9000); /* many go there */
	at_address(&w, 5, 4444, NULL);
	f = add(&w, 1, 12, 600);
	f->group.members = members;
	f->group.member_count = 2;
	at_address(&w, 6, 4444, NULL);
	w.timelines[w.count - 1].key.grouping = GROUP_SERVICE;
	collapse(&w);
	assert_int_equal(w.findings[0].group.member_count, 2);
	assert_int_equal(w.findings[0].destination_count, 3);
	assert_int_equal(w.count, 3);
	assert_true(w.findings[1].score_db == 9 && w.findings[2].score_db == 8);
	teardown(&w);
}

/* The DNS by server and by domain: the same calls, whatever headers their packets had. */
static void the_same_calls_are_one_case(void **state)
{
	struct world w;

	(void)state;
	setup(&w);
	for (size_t i = 0; i < 4; i++) {
		struct timeline *t = &w.timelines[i];

		add(&w, 1, 10 + (double)i, 300);
		at_address(&w, (uint8_t)(1 + i), 53, NULL);
		t->calls = i == 3 ? 287 : 288; /* one call less is another story */
		t->first_ms = 1000;
		t->last_ms = 90000000;
		t->out_payload = i == 2 ? 288 * 48 : 288 * 47; /* and so are other messages */
		t->out_bytes = t->out_payload + 288 * 28 * (i + 1);
	}
	collapse(&w);
	assert_int_equal(w.count, 3);
	assert_true(w.findings[0].score_db == 13 && w.findings[1].score_db == 12 &&
		    w.findings[2].score_db == 11);
	assert_int_equal(w.findings[2].destination_count, 2);
	teardown(&w);
}

static void equal_scores_keep_one_order(void **state)
{
	struct world a, b;

	(void)state;
	setup(&a);
	setup(&b);
	for (uint8_t i = 0; i < 10; i++) {
		add(&a, i, 1, 60 + i * 10);
		at_address(&a, i, 80, NULL);
		add(&b, (uint8_t)(9 - i), 1, 150 - i * 10);
		at_address(&b, (uint8_t)(9 - i), 80, NULL);
	}
	collapse(&a);
	collapse(&b);
	assert_int_equal(a.count, 10);
	assert_int_equal(b.count, 10);
	for (size_t i = 0; i < 10; i++)
		assert_true(address_equal(&a.findings[i].group.timeline->key.host,
					  &b.findings[i].group.timeline->key.host));
	teardown(&a);
	teardown(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_family_is_one_destination_at_one_pace),
		cmocka_unit_test(a_name_stands_for_its_addresses),
		cmocka_unit_test(an_address_without_a_name_is_one_end),
		cmocka_unit_test(a_union_takes_in_what_it_covers),
		cmocka_unit_test(the_same_calls_are_one_case),
		cmocka_unit_test(equal_scores_keep_one_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
