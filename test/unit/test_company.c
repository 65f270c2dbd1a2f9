/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who explains what a place is like: other hosts, under a name that DNS bore
 * out, and not all of them newcomers.
 */
#include "unit/unit.h"

#include "detect/detectors.h"
#include "verdict/ground.h"

enum { DAY_MS = 86400000, HOSTS = 8 };

struct world {
	struct timeline_table *table;
	struct string_table *names;
	struct fleet fleet;
	struct ground ground;
};

struct visit {
	uint8_t host;
	const char *name; /* NULL: by address */
	bool confirmed, long_lived;
	int64_t when_ms;
};

static void go(struct world *w, const struct visit *v)
{
	struct timeline_key key = {.port = 443, .proto = 6, .grouping = GROUP_ADDRESS};
	struct timeline_marks marks = {
		.lookups_visible = true, .looked_up = v->confirmed, .confirmed = v->confirmed};
	struct flow f = {.first = v->when_ms * NS_PER_MS, .answer = ANSWER_YES};

	if (v->name)
		marks.name = string_table_add(w->names, v->name, strlen(v->name));
	f.last = f.first + (v->long_lived ? 7200 : 1) * NS_PER_SEC;
	marks.connected_ns = (uint64_t)(f.last - f.first);
	key.host = f.tuple.src = address_v4((uint8_t[]){10, 0, 0, v->host});
	key.destination = f.tuple.dst = address_v4((uint8_t[]){192, 0, 2, (uint8_t)(v->host % 3)});
	timeline_add(w->table, &key, &f, &marks);
}

static void setup(struct world *w, const struct visit *visits, size_t count)
{
	*w = (struct world){.table = timeline_table_new(16 << 20),
			    .names = string_table_new(1 << 20)};
	for (size_t i = 0; i < count; i++)
		go(w, &visits[i]);
	assert_int_equal(
		fleet_build(&(struct fleet_source){.table = w->table, .names = w->names}, 1,
			    &(struct spans){.span = {{1, 4 * DAY_MS * NS_PER_MS}}, .count = 1},
			    &w->fleet),
		0);
	w->ground.judged = calloc(w->fleet.group_count, sizeof(*w->ground.judged));
	w->ground.timer = calloc(w->fleet.group_count, sizeof(*w->ground.timer));
	assert_int_equal(company_gather(&w->fleet, &w->ground.company), 0);
}

static void teardown(struct world *w)
{
	company_fini(&w->ground.company);
	free(w->ground.judged);
	free(w->ground.timer);
	fleet_fini(&w->fleet);
	timeline_table_free(w->table);
	string_table_free(w->names);
}

static size_t number_of_long(void)
{
	size_t i = 0;

	while (detectors[i] != &detect_long)
		i++;
	return i;
}

/* Is the first host's visit explained, and by how many of how many others? */
static bool explained(const struct visit *visits, size_t count, float *present, float *known)
{
	struct world w;
	struct custom custom;
	struct subject s;
	bool yes;

	setup(&w, visits, count);
	s = weigh_subject(&w.fleet, &w.fleet.groups[0], &w.ground.judged[0], false);
	company_explain(&w.ground, &w.fleet, &s, &custom);
	yes = s.custom;
	*present = yes ? custom.present[number_of_long()] : 0;
	*known = yes ? custom.known[number_of_long()] : 0;
	teardown(&w);
	return yes;
}

static void fill(struct visit visits[HOSTS])
{
	for (uint8_t i = 0; i < HOSTS; i++)
		visits[i] = (struct visit){.host = i,
					   .name = i % 2 ? "ws1.push.example" : "ws2.push.example",
					   .confirmed = true,
					   .long_lived = i < 6,
					   .when_ms = i * 3600000};
}

static void others_under_the_same_registered_name_explain(void **state)
{
	struct visit visits[HOSTS];
	float present, known;

	(void)state;
	fill(visits);
	assert_true(explained(visits, HOSTS, &present, &known));
	assert_true(present == 5 && known == 7); /* itself is not asked */
}

static void a_bare_address_explains_nothing(void **state)
{
	struct visit visits[HOSTS];
	float present, known;

	(void)state;
	fill(visits);
	for (size_t i = 0; i < HOSTS; i++)
		visits[i].name = NULL;
	assert_false(explained(visits, HOSTS, &present, &known));
}

static void a_name_that_only_the_hello_claims_explains_nothing(void **state)
{
	struct visit visits[HOSTS];
	float present, known;

	(void)state;
	fill(visits);
	visits[0].confirmed = false;
	assert_false(explained(visits, HOSTS, &present, &known));
}

static void a_few_others_explain_nothing(void **state)
{
	struct visit visits[HOSTS];
	float present, known;

	(void)state;
	fill(visits);
	assert_false(explained(visits, 3, &present, &known));
	assert_true(explained(visits, 4, &present, &known));
}

static void a_campaign_does_not_explain_itself(void **state)
{
	struct visit visits[HOSTS];
	float present, known;

	(void)state;
	fill(visits);
	for (size_t i = 0; i < HOSTS; i++)
		visits[i].when_ms += 2 * (int64_t)DAY_MS;
	assert_false(explained(visits, HOSTS, &present, &known));
	visits[5].when_ms -= 2 * (int64_t)DAY_MS; /* one of them is an old client */
	assert_true(explained(visits, HOSTS, &present, &known));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(others_under_the_same_registered_name_explain),
		cmocka_unit_test(a_bare_address_explains_nothing),
		cmocka_unit_test(a_name_that_only_the_hello_claims_explains_nothing),
		cmocka_unit_test(a_few_others_explain_nothing),
		cmocka_unit_test(a_campaign_does_not_explain_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
