/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdict on fleets small enough to know the answer.
 */
#include "unit/unit.h"

#include "base/random.h"
#include "verdict/verdict.h"

#include <math.h>

enum { DAY_S = 86400 };

struct world {
	struct timeline_table *table;
	struct string_table *names;
	struct verdict verdict;
};

static void setup(struct world *w)
{
	w->table = timeline_table_new(64 << 20);
	w->names = string_table_new(1 << 20);
}

static void teardown(struct world *w)
{
	verdict_fini(&w->verdict);
	timeline_table_free(w->table);
	string_table_free(w->names);
}

struct call_spec {
	uint8_t host, destination;
	uint16_t port;
	enum flow_answer answer;
	bool no_sni, not_looked_up;
	bool unseen_lookups, long_lived;
};

static void call(struct world *w, const struct call_spec *s, double at_s, uint64_t out, uint64_t in)
{
	struct timeline_key key = {.port = s->port, .proto = 6, .grouping = GROUP_ADDRESS};
	struct timeline_marks marks = {.lookups_visible = !s->unseen_lookups,
				       .looked_up = !s->not_looked_up};
	struct flow f = {
		.first = (ns_t)(at_s * 1e9),
		.out_payload = out,
		.in_payload = in,
		.out_bytes = out,
		.in_bytes = in,
		.app = APP_TLS,
		.answer = (uint8_t)s->answer,
		.claims = s->no_sni ? CLAIM_NO_SNI : 0,
	};

	f.last = f.first + (s->long_lived ? 5000 : 1) * NS_PER_SEC;
	key.host = f.tuple.src = address_v4((uint8_t[]){10, 0, 0, s->host});
	key.destination = f.tuple.dst = address_v4((uint8_t[]){192, 0, 2, s->destination});
	timeline_add(w->table, &key, &f, &marks);
}

/* Forty hosts that call five places at chance times, as often as they like. */
static void add_ordinary(struct world *w, struct random *r)
{
	for (uint8_t host = 1; host <= 40; host++)
		for (uint8_t destination = 1; destination <= 5; destination++)
			for (int i = 0; i < 30; i++)
				call(w,
				     &(struct call_spec){.host = host,
							 .destination = destination,
							 .port = 443,
							 .answer = ANSWER_YES},
				     random_between(r, 0, DAY_S - 1), 500, 4000);
}

static void reach(struct world *w, size_t threads)
{
	struct verdict_config config = verdict_config_default();

	config.threads = threads;
	assert_int_equal(
		verdict_reach(&(struct fleet_source){.table = w->table, .names = w->names}, 1,
			      &(struct spans){.span = {{1, (ns_t)DAY_S * NS_PER_SEC}}, .count = 1},
			      &config, &w->verdict),
		0);
}

static void ordinary_traffic_has_no_case(void **state)
{
	struct world w;
	struct random r = random_from_seed(1);

	(void)state;
	setup(&w);
	add_ordinary(&w, &r);
	reach(&w, 1);
	assert_int_equal(w.verdict.hosts, 40);
	assert_int_equal(w.verdict.groups, 200);
	assert_int_equal(w.verdict.groups_tested, 200);
	assert_int_equal(w.verdict.unions_tested, 40); /* each host's five places in one /24 */
	assert_int_equal(w.verdict.timers, 0);
	assert_int_equal(w.verdict.count, 0);
	teardown(&w);
}

static void an_implant_leads_and_a_harmless_timer_follows(void **state)
{
	static const struct call_spec implant = {.host = 7,
						 .destination = 99,
						 .port = 4444,
						 .answer = ANSWER_YES,
						 .no_sni = true,
						 .not_looked_up = true};
	struct world w;
	struct random r = random_from_seed(2);
	const struct finding *f;
	double at = 0, sum = 0;

	(void)state;
	setup(&w);
	add_ordinary(&w, &r);
	while ((at += 600 * random_between(&r, 0.8, 1.2)) < DAY_S - 1)
		call(&w, &implant, at, 900, 200);
	for (uint8_t host = 1; host <= 40; host++) /* all poll the same place, by name */
		for (at = 60 + host; at < DAY_S - 1; at += 900)
			call(&w,
			     &(struct call_spec){.host = host,
						 .destination = 6,
						 .port = 443,
						 .answer = ANSWER_YES},
			     at, 300, 300);
	reach(&w, 2);
	/* 41 true ones; at a level of 0.05 a false one or two may be among them */
	assert_in_range(w.verdict.timers, 41, 44);
	assert_in_range(w.verdict.count, 2, 5); /* the pollers are one family */
	f = &w.verdict.findings[0];
	assert_int_equal(f->group.timeline->key.port, 4444);
	assert_int_equal(f->rank, 1);
	assert_int_equal(f->kind, FINDING_BEACON);
	assert_true(f->severity >= SEVERITY_MEDIUM);
	assert_true(f->timing.period_s > 570 && f->timing.period_s < 630);
	assert_true(f->timing.period.low <= 606 && f->timing.period.high >= 594);
	for (size_t i = 0; i < f->evidence_count; i++)
		sum += f->evidence[i].weight_db;
	assert_true(fabs(sum - f->sum_db) < 1e-9); /* the sum is what a person gets */
	assert_true(fabs(f->probability - 1 / (1 + pow(10, -(f->score_db - 30) / 10))) < 1e-9);
	for (f = w.verdict.findings; f->group.timeline->key.destination.bytes[15] != 6;)
		assert_true(++f < w.verdict.findings + w.verdict.count);
	assert_int_equal(f->host_count, 40);
	assert_true(f->severity < SEVERITY_MEDIUM);
	teardown(&w);
}

static void calls_that_nobody_answers_are_a_retry(void **state)
{
	static const struct call_spec dead = {.host = 3,
					      .destination = 98,
					      .port = 8081,
					      .answer = ANSWER_NONE,
					      .not_looked_up = true};
	struct world w;
	struct random r = random_from_seed(3);

	(void)state;
	setup(&w);
	add_ordinary(&w, &r);
	for (double at = 5; at < DAY_S - 1; at += 120 * random_between(&r, 0.95, 1.05))
		call(&w, &dead, at, 0, 0);
	reach(&w, 1);
	assert_int_equal(w.verdict.count, 1);
	assert_int_equal(w.verdict.findings[0].kind, FINDING_RETRY);
	teardown(&w);
}

/* Every third call met silence twice: an agent on a bad line, and no retry. */
static void a_timer_that_fails_now_and_then_is_a_beacon(void **state)
{
	struct call_spec lossy = {
		.host = 3, .destination = 98, .port = 8081, .not_looked_up = true};
	struct world w;
	struct random r = random_from_seed(3);
	int n = 0;

	(void)state;
	setup(&w);
	add_ordinary(&w, &r);
	for (double at = 5; at < DAY_S - 1; at += 120 * random_between(&r, 0.95, 1.05)) {
		lossy.answer = n++ % 3 ? ANSWER_NONE : ANSWER_YES;
		call(&w, &lossy, at, 300, lossy.answer == ANSWER_YES ? 200 : 0);
	}
	reach(&w, 1);
	assert_int_equal(w.verdict.findings[0].group.timeline->key.port, 8081);
	assert_int_equal(w.verdict.findings[0].kind, FINDING_BEACON);
	teardown(&w);
}

/*
 * One lone oddity is no case; three unrelated ones are, even without a rhythm: but
 * not when it happened once.
 */
static void three_kinds_of_oddity_make_a_case(void **state)
{
	static const struct call_spec lone = {
		.host = 9, .destination = 97, .port = 443, .answer = ANSWER_YES};
	/* rare and long, which reaches medium by weight, but nothing is known of its name */
	static const struct call_spec twice = {.host = 8,
					       .destination = 95,
					       .port = 443,
					       .answer = ANSWER_YES,
					       .not_looked_up = true,
					       .unseen_lookups = true,
					       .long_lived = true};
	static const struct call_spec odd = {.host = 9,
					     .destination = 96,
					     .port = 4445,
					     .answer = ANSWER_YES,
					     .no_sni = true,
					     .not_looked_up = true};
	static const double odd_at[] = {2000, 2010, 9000, 30000, 31000};
	struct call_spec once = odd;
	struct world w;
	struct random r = random_from_seed(4);

	(void)state;
	setup(&w);
	add_ordinary(&w, &r);
	call(&w, &lone, 1000, 500, 4000);
	call(&w, &twice, 1500, 500, 4000);
	for (size_t i = 0; i < ARRAY_LEN(odd_at); i++)
		call(&w, &odd, odd_at[i], 500, 4000);
	once.host = 7;
	once.destination = 98;
	call(&w, &once, 2500, 500, 4000);
	reach(&w, 1);
	/* the others are a line below the cases, or fill it up */
	assert_int_equal(w.verdict.count, 4);
	assert_true(w.verdict.findings[0].severity >= SEVERITY_MEDIUM);
	for (size_t i = 1; i < w.verdict.count; i++)
		assert_true(w.verdict.findings[i].severity < SEVERITY_MEDIUM);
	assert_int_equal(w.verdict.findings[0].group.timeline->key.port, 4445);
	assert_int_equal(w.verdict.findings[0].kind, FINDING_UNEXPLAINED);
	teardown(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ordinary_traffic_has_no_case),
		cmocka_unit_test(an_implant_leads_and_a_harmless_timer_follows),
		cmocka_unit_test(calls_that_nobody_answers_are_a_retry),
		cmocka_unit_test(a_timer_that_fails_now_and_then_is_a_beacon),
		cmocka_unit_test(three_kinds_of_oddity_make_a_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
