/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions and answers become calls of (host, domain), and fact sheets.
 */
#include "unit/unit.h"

#include "lane/questions.h"

#include <netinet/in.h>

static const ns_t start = 1700000000 * NS_PER_SEC;

struct world {
	struct home home;
	struct string_table *names;
	struct questions *questions;
	struct tuple ends;
};

static struct world new_world(void)
{
	struct world w = {.home = home_default(), .names = string_table_new(1 << 20)};

	w.ends = (struct tuple){
		.src = address_v4((uint8_t[]){10, 0, 0, 1}),
		.dst = address_v4((uint8_t[]){10, 0, 0, 53}),
		.src_port = 40000,
		.dst_port = 53,
		.proto = IPPROTO_UDP,
	};
	return w;
}

/* `home` has to stay where it is. */
static void open_world(struct world *w)
{
	w->questions = questions_new(&w->home, w->names, 1 << 20, 1 << 20);
	assert_non_null(w->questions);
}

static void close_world(struct world *w)
{
	questions_free(w->questions);
	string_table_free(w->names);
}

static void say(struct world *w, const char *name, uint16_t id, bool response, uint8_t rcode,
		uint32_t bytes, double at_s)
{
	struct dns_message m = {
		.response = response,
		.rcode = rcode,
		.id = id,
		.question_type = 16,
		.question_class = 1,
		.bytes = bytes,
		.question_len = strlen(name),
	};

	memcpy(m.question, name, strlen(name) + 1);
	questions_message(w->questions, &w->ends, &m, start + (ns_t)(at_s * 1e9));
}

static const struct timeline *only_group(const struct world *w)
{
	const struct timeline_table *t = questions_calls(w->questions);

	assert_int_equal(timeline_stats(t).groups, 1);
	return timeline_get(t, 0);
}

static const struct domain_facts *only_sheet(const struct world *w)
{
	assert_int_equal(domain_table_count(questions_facts(w->questions)), 1);
	return domain_table_at(questions_facts(w->questions), 0);
}

static size_t groups(const struct world *w)
{
	return timeline_stats(questions_calls(w->questions)).groups;
}

static void question_and_answer_are_one_call(void **state)
{
	struct world w = new_world();
	const struct timeline *t;
	const struct domain_facts *f;
	struct call call;

	(void)state;
	open_world(&w);
	say(&w, "www.example.com", 7, false, 0, 33, 0);
	assert_int_equal(groups(&w), 0); /* it may still be answered */
	say(&w, "www.example.com", 7, true, 0, 120, 0.25);
	t = only_group(&w);
	f = only_sheet(&w);
	assert_int_equal(t->key.grouping, GROUP_DOMAIN);
	assert_string_equal(string_table_get(w.names, t->key.name), "example.com");
	assert_int_equal(t->calls, 1);
	assert_int_equal(t->answered, 1);
	timeline_calls(questions_calls(w.questions), t, &call);
	assert_int_equal(call.start_ms, start / NS_PER_MS);
	assert_int_equal(call.duration_ms, 250);
	assert_int_equal(call.out, 33);
	assert_int_equal(call.in, 120);
	assert_int_equal(t->out_bytes, 33 + 28);
	assert_int_equal(f->questions, 1);
	assert_int_equal(f->answered, 1);
	assert_int_equal(f->outside, 0);
	assert_int_equal(f->types[DOMAIN_TXT], 1);
	close_world(&w);
}

static void what_is_never_answered_is_a_call_too(void **state)
{
	struct world w = new_world();
	const struct timeline *t;

	(void)state;
	open_world(&w);
	for (uint16_t i = 0; i < 6; i++)
		say(&w, "a.example.com", i, false, 0, 40, i);
	assert_int_equal(only_group(&w)->calls, 2); /* four of them still wait */
	say(&w, "a.example.com", 5, true, 3, 100, 6);
	questions_flush(w.questions);
	t = only_group(&w);
	assert_int_equal(t->calls, 6);
	assert_int_equal(t->unanswered, 5);
	assert_int_equal(t->answered, 1); /* "no such name" is an answer */
	assert_int_equal(only_sheet(&w)->failed, 1);
	questions_flush(w.questions); /* once is enough */
	assert_int_equal(only_group(&w)->calls, 6);
	close_world(&w);
}

static void an_answer_alone_is_both(void **state)
{
	struct world w = new_world();

	(void)state;
	open_world(&w);
	say(&w, "a.example.com", 1, true, 2, 90, 0);
	assert_int_equal(groups(&w), 0); /* its question may come late */
	questions_flush(w.questions);
	assert_int_equal(only_group(&w)->calls, 1);
	assert_int_equal(only_group(&w)->refused, 1);
	assert_int_equal(only_sheet(&w)->questions, 1);
	/* header 12, name 1 + 13 + 1, type and class 4 */
	assert_int_equal(only_sheet(&w)->answered, 1);
	assert_int_equal(only_group(&w)->out_payload, 12 + 15 + 4);
	close_world(&w);
}

/* Captured in any order, told as in the right one. */
static void an_answer_before_its_question_is_one_call(void **state)
{
	struct world w = new_world();
	const struct timeline *t;
	struct call call[2];

	(void)state;
	open_world(&w);
	say(&w, "a.example.com", 1, true, 0, 90, 0.25);
	say(&w, "a.example.com", 1, false, 0, 42, 0); /* with EDNS: 11 more than the name needs */
	say(&w, "b.example.com", 2, true, 3, 80, 10.5);
	say(&w, "b.example.com", 2, false, 0, 42, 10);
	questions_flush(w.questions);
	t = only_group(&w);
	assert_int_equal(t->calls, 2);
	assert_int_equal(t->answered, 2);
	assert_int_equal(t->out_payload, 2 * 42);
	timeline_calls(questions_calls(w.questions), t, call);
	assert_int_equal(call[0].start_ms, start / NS_PER_MS);
	assert_int_equal(call[0].duration_ms, 250);
	assert_int_equal(call[1].start_ms, start / NS_PER_MS + 10000);
	assert_int_equal(only_sheet(&w)->questions, 2);
	assert_int_equal(only_sheet(&w)->answered, 2);
	assert_int_equal(only_sheet(&w)->failed, 1);
	assert_int_equal(only_sheet(&w)->out_bytes, 2 * 42);
	close_world(&w);
}

/* As resolv.conf has it: again after 5 s; both are answered in the end, captured in any order. */
static void a_question_repeated_is_one_call(void **state)
{
	struct world w = new_world();
	const struct timeline *t;
	struct call call;

	(void)state;
	open_world(&w);
	say(&w, "a.example.com", 1, false, 0, 31, 0);
	say(&w, "a.example.com", 1, false, 0, 31, 5);
	say(&w, "a.example.com", 1, true, 0, 90, 6);
	say(&w, "a.example.com", 1, false, 0, 31, 5.5);
	say(&w, "a.example.com", 1, true, 0, 90, 6.25);
	questions_flush(w.questions);
	t = only_group(&w);
	assert_int_equal(t->calls, 1);
	assert_int_equal(t->answered, 1);
	timeline_calls(questions_calls(w.questions), t, &call);
	assert_int_equal(call.start_ms, start / NS_PER_MS);
	assert_int_equal(call.duration_ms, 6000);
	assert_int_equal(only_sheet(&w)->questions, 1);
	assert_int_equal(only_sheet(&w)->answered, 1);
	close_world(&w);
}

/* An implant that never changes its number still asks as often as it asks. */
static void one_number_for_all_hides_no_call(void **state)
{
	struct world w = new_world();

	(void)state;
	open_world(&w);
	for (int i = 0; i < 20; i++) { /* answered each time */
		say(&w, "a.example.com", 0, false, 0, 31, i);
		say(&w, "a.example.com", 0, true, 0, 90, i + 0.1);
	}
	assert_int_equal(only_group(&w)->calls, 20);
	for (int i = 0; i < 20; i++) /* never answered */
		say(&w, "a.example.com", 0, false, 0, 31, 100 + 20 * i);
	for (int i = 0; i < 20; i++) { /* never answered, but each for another name */
		char name[] = "a.example.com";

		name[0] = (char)('a' + i);
		say(&w, name, 0, false, 0, 31, 600 + i);
	}
	questions_flush(w.questions);
	assert_int_equal(only_group(&w)->calls, 60);
	assert_int_equal(only_group(&w)->answered, 20);
	assert_int_equal(only_sheet(&w)->questions, 60);
	for (int i = 0; i < 20; i++) /* only the answers are seen */
		say(&w, "a.example.com", 0, true, 0, 90, 1000 + i);
	questions_flush(w.questions);
	assert_int_equal(only_group(&w)->calls, 80);
	close_world(&w);
}

static void what_is_no_look_up_abroad_is_left_out(void **state)
{
	struct world w = new_world();

	(void)state;
	open_world(&w);
	say(&w, "1.2.0.192.in-addr.arpa", 1, false, 0, 40, 0);
	say(&w, "localhost", 2, false, 0, 40, 0);
	say(&w, "db1.fleet.internal", 3, false, 0, 40, 0);
	say(&w, "", 4, false, 0, 40, 0);
	w.ends.src = address_v4((uint8_t[]){192, 0, 2, 1}); /* a stranger asks our server */
	say(&w, "www.example.com", 5, false, 0, 40, 0);
	assert_int_equal(domain_table_count(questions_facts(w.questions)), 0);
	w.ends.src = address_v4((uint8_t[]){10, 0, 0, 1});
	w.ends.dst = address_v4((uint8_t[]){192, 0, 2, 53}); /* a server outside may own any name */
	say(&w, "db1.fleet.internal", 6, false, 0, 40, 0);
	assert_int_equal(only_sheet(&w)->outside, 1);
	close_world(&w);
}

/* Two of dnscat2's, whose last labels are data: one place, which is the server. */
static void names_without_a_top_are_the_servers(void **state)
{
	struct world w = new_world();

	(void)state;
	w.ends.dst = address_v4((uint8_t[]){192, 0, 2, 53});
	open_world(&w);
	say(&w, "dnscat.00e301f500bdf9a51159560076cd432c", 1, false, 0, 60, 0);
	say(&w, "dnscat.70e401f500b86169c265a8005fb6c46a", 2, false, 0, 60, 1);
	assert_string_equal(string_table_get(w.names, only_sheet(&w)->key.domain), ".");
	assert_int_equal(only_sheet(&w)->changes, 2);
	close_world(&w);
}

static void a_row_of_a_log_is_both(void **state)
{
	struct world w = new_world();
	struct input_lookup row = {
		.when = start,
		.client = w.ends.src,
		.server = w.ends.dst,
		.client_port = 40000,
		.server_port = 53,
		.proto = IPPROTO_UDP,
		.answered = true,
		.type = 1,
		.name = "www.example.com",
		.name_len = 15,
		.address_count = 2,
	};

	(void)state;
	open_world(&w);
	questions_row(w.questions, &row);
	assert_int_equal(only_group(&w)->answered, 1);
	assert_int_equal(only_group(&w)->out_payload, 12 + 17 + 4);
	assert_int_equal(only_group(&w)->in_payload, 33 + 2 * 16);
	row.server_port = 5353; /* mDNS stays on the link */
	questions_row(w.questions, &row);
	assert_int_equal(only_group(&w)->calls, 1);
	close_world(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(question_and_answer_are_one_call),
		cmocka_unit_test(what_is_never_answered_is_a_call_too),
		cmocka_unit_test(an_answer_alone_is_both),
		cmocka_unit_test(an_answer_before_its_question_is_one_call),
		cmocka_unit_test(a_question_repeated_is_one_call),
		cmocka_unit_test(one_number_for_all_hides_no_call),
		cmocka_unit_test(what_is_no_look_up_abroad_is_left_out),
		cmocka_unit_test(names_without_a_top_are_the_servers),
		cmocka_unit_test(a_row_of_a_log_is_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
