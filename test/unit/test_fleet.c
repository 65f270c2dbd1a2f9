/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include "detect/fleet.h"
#include "timeline/filing.h"

static void registered_names(void **state)
{
	static const char *const known[][2] = {
		{"example.com", "example.com"},
		{"a.b.example.com", "example.com"},
		{"shop.example.co.uk", "example.co.uk"},
		{"localhost", "localhost"},
		{"", ""},
		{"x.com.au", "x.com.au"},
		{"cdn.example.org.", "example.org."},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		assert_string_equal(fleet_registered_name(known[i][0]), known[i][1]);
}

struct place {
	uint8_t host, destination;
	uint16_t port;
	const char *name;
};

static void add(struct timeline_table *t, struct string_table *names, const struct place *p,
		int64_t when_ms)
{
	struct timeline_key key = {.port = p->port, .proto = 6, .grouping = GROUP_ADDRESS};
	struct flow flow = {.first = when_ms * NS_PER_MS, .last = when_ms * NS_PER_MS};
	struct timeline_marks marks = {0};

	key.host = flow.tuple.src = address_v4((uint8_t[]){10, 0, 0, p->host});
	key.destination = flow.tuple.dst = address_v4((uint8_t[]){192, 0, 2, p->destination});
	if (p->name)
		marks.name = string_table_add(names, p->name, strlen(p->name));
	timeline_add(t, &key, &flow, &marks);
	if (!marks.name)
		return;
	key = (struct timeline_key){.host = key.host, .name = marks.name, .grouping = GROUP_NAME};
	timeline_add(t, &key, &flow, &marks);
}

static const struct group *find(const struct fleet *f, uint8_t host, uint8_t destination)
{
	for (size_t i = 0; i < f->group_count; i++) {
		const struct timeline_key *k = &f->groups[i].timeline->key;

		if (k->grouping == GROUP_ADDRESS && k->host.bytes[15] == host &&
		    k->destination.bytes[15] == destination)
			return &f->groups[i];
	}
	return NULL;
}

/* Counted by hand from the table. */
static void prevalence_counts_hosts_not_groups(void **state)
{
	static const struct place places[] = {
		{1, 1, 80, NULL},
		{1, 1, 443, NULL},
		{2, 1, 80, NULL}, /* two hosts, three groups */
		{3, 2, 443, "a.cdn.example"},
		{4, 3, 443, "b.cdn.example"}, /* two of one name */
		{5, 4, 443, NULL},
	};
	struct timeline_table *t = timeline_table_new(1 << 20);
	struct string_table *names = string_table_new(1 << 20);
	struct fleet f;
	size_t twins = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		add(t, names, &places[i], 1000 * (int64_t)i);
	assert_int_equal(fleet_build(&(struct fleet_source){.table = t, .names = names}, 1,
				     &(struct spans){.span = {{0, 10 * NS_PER_SEC}}, .count = 1},
				     &f),
			 0);
	assert_int_equal(f.hosts, 5);
	assert_int_equal(find(&f, 1, 1)->hosts_to_destination, 2);
	assert_int_equal(find(&f, 3, 2)->hosts_to_destination, 2);
	assert_int_equal(find(&f, 4, 3)->hosts_to_destination, 2);
	assert_int_equal(find(&f, 5, 4)->hosts_to_destination, 1);
	assert_int_equal(f.hours, 0); /* ten seconds have no daily rhythm */
	for (size_t i = 0; i < f.group_count; i++)
		twins += f.groups[i].twin_of != 0;
	assert_int_equal(twins, 2); /* each name was only ever its one address */
	fleet_fini(&f);
	timeline_table_free(t);
	string_table_free(names);
}

/* A popular name in a hello takes no rarity off an address that was never given under it. */
static void a_claimed_name_must_not_be_contradicted(void **state)
{
	static const struct place popular[] = {{1, 1, 443, "www.example"},
					       {2, 2, 443, "www.example"}};
	struct timeline_table *t = timeline_table_new(1 << 20);
	struct string_table *names = string_table_new(1 << 20);
	struct timeline_key key = {.port = 443, .proto = 6, .grouping = GROUP_ADDRESS};
	struct flow flow = {.first = 1, .last = 1};
	struct timeline_marks marks = {.lookups_visible = true};
	struct fleet f;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(popular); i++)
		add(t, names, &popular[i], (int64_t)i);
	key.host = flow.tuple.src = address_v4((uint8_t[]){10, 0, 0, 3});
	key.destination = flow.tuple.dst = address_v4((uint8_t[]){192, 0, 2, 3});
	marks.name = string_table_add(names, "www.example", 11);
	timeline_add(t, &key, &flow, &marks);
	assert_int_equal(fleet_build(&(struct fleet_source){.table = t, .names = names}, 1,
				     &(struct spans){.span = {{0, NS_PER_SEC}}, .count = 1}, &f),
			 0);
	assert_int_equal(find(&f, 1, 1)->hosts_to_destination, 2);
	assert_int_equal(find(&f, 2, 2)->hosts_to_destination, 2);
	assert_int_equal(find(&f, 3, 3)->hosts_to_destination, 1);
	fleet_fini(&f);
	timeline_table_free(t);
	string_table_free(names);
}

static void activity_is_counted_by_hour(void **state)
{
	static const struct place a = {1, 1, 80, NULL}, b = {1, 2, 80, "x.example"};
	struct timeline_table *t = timeline_table_new(1 << 20);
	struct string_table *names = string_table_new(1 << 20);
	struct fleet f;

	(void)state;
	for (int i = 0; i < 5; i++)
		add(t, names, &a, 3600000 * 2 + i);
	add(t, names, &b, 3600000 * 30);
	assert_int_equal(
		fleet_build(&(struct fleet_source){.table = t, .names = names}, 1,
			    &(struct spans){.span = {{0, 36 * 3600 * NS_PER_SEC}}, .count = 1}, &f),
		0);
	assert_int_equal(f.hours, 37);
	assert_true(f.hourly[2] == 5 && f.hourly[30] == 1 && f.hourly[3] == 0);
	fleet_fini(&f);
	timeline_table_free(t);
	string_table_free(names);
}

/* Tenants use the same addresses: 10.0.0.1 on the wire and in two virtual networks. */
static void a_virtual_network_has_hosts_of_its_own(void **state)
{
	static const uint32_t network[] = {0, 1 << 24 | 5001, 0, 1 << 24 | 5002, 1 << 24 | 5001};
	struct timeline_table *t = timeline_table_new(1 << 20);
	struct string_table *names = string_table_new(1 << 20);
	struct spans hour = {.span = {{0, 3600 * NS_PER_SEC}}, .count = 1};
	struct fleet f;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(network); i++) {
		struct flow flow = {.first = (ns_t)i * NS_PER_SEC, .last = (ns_t)i * NS_PER_SEC};

		flow.tuple.src = address_v4((uint8_t[]){10, 0, 0, 1});
		flow.tuple.dst = address_v4((uint8_t[]){192, 0, 2, 1});
		flow.tuple.dst_port = 443;
		flow.tuple.proto = 6;
		flow.tuple.network = network[i];
		filing_add(t, &flow, &(struct timeline_marks){0}, true);
	}
	assert_int_equal(
		fleet_build(&(struct fleet_source){.table = t, .names = names}, 1, &hour, &f), 0);
	assert_int_equal(f.hosts, 3);
	assert_int_equal(f.group_count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(f.groups[i].host, i);
		assert_int_equal(f.groups[i].hosts_to_destination, 1); /* may be one, on its way */
	}
	assert_int_equal(f.groups[0].timeline->calls, 2);
	assert_int_equal(f.groups[1].timeline->calls, 2);
	assert_int_equal(f.groups[2].timeline->calls, 1);
	fleet_fini(&f);
	timeline_table_free(t);
	string_table_free(names);
}

/* What is kept by host and hour must not outgrow what the timelines were granted. */
static void hours_of_too_many_hosts_are_not_kept(void **state)
{
	enum { HOSTS = 200, HOURS = 500 };
	struct timeline_table *t = timeline_table_new(1 << 20);
	struct string_table *names = string_table_new(1 << 20);
	struct spans few = {.span = {{0, 50 * 3600 * NS_PER_SEC}}, .count = 1};
	struct spans many = {.span = {{0, HOURS * 3600 * NS_PER_SEC}}, .count = 1};
	struct fleet_source source = {.table = t, .names = names};
	struct fleet f;

	(void)state;
	for (uint8_t i = 0; i < HOSTS; i++)
		add(t, names, &(struct place){i, 1, 80, NULL}, 3600000);
	assert_true(timeline_room(t) / 4 < HOSTS * HOURS * sizeof(float));
	assert_int_equal(fleet_build(&source, 1, &few, &f), 0);
	assert_int_equal(f.hosts, HOSTS);
	assert_int_equal(f.hours, 51);
	fleet_fini(&f);
	assert_int_equal(fleet_build(&source, 1, &many, &f), 0);
	assert_int_equal(f.hours, 0);
	assert_null(f.hourly);
	fleet_fini(&f);
	timeline_table_free(t);
	string_table_free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registered_names),
		cmocka_unit_test(prevalence_counts_hosts_not_groups),
		cmocka_unit_test(a_claimed_name_must_not_be_contradicted),
		cmocka_unit_test(activity_is_counted_by_hour),
		cmocka_unit_test(a_virtual_network_has_hosts_of_its_own),
		cmocka_unit_test(hours_of_too_many_hosts_are_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
