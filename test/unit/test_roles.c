/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is like whom, and what a host is held against: a fleet of two roles,
 * counted by hand.
 */
#include "unit/unit.h"

#include "detect/fleet.h"

#include <netinet/in.h>

enum { WEB = 10, DB = 6, HOUR_MS = 3600000 };

struct small_fleet {
	struct timeline_table *table;
	struct string_table *names;
	struct fleet fleet;
};

static void call(struct small_fleet *s, uint8_t host, uint8_t place, const char *name,
		 uint64_t bytes)
{
	struct timeline_key key = {.port = 443, .proto = IPPROTO_TCP, .grouping = GROUP_ADDRESS};
	struct flow flow = {.first = 1, .last = 1, .out_payload = bytes};
	struct timeline_marks marks = {0};

	key.host = flow.tuple.src = address_v4((uint8_t[]){10, 0, 0, host});
	key.destination = flow.tuple.dst = address_v4((uint8_t[]){192, 0, 2, place});
	if (name)
		marks.name = string_table_add(s->names, name, strlen(name));
	timeline_add(s->table, &key, &flow, &marks);
	if (!name)
		return;
	key = (struct timeline_key){.host = key.host, .name = marks.name, .grouping = GROUP_NAME};
	timeline_add(s->table, &key, &flow, &marks);
}

/*
 * Web servers 1..10 call three places, databases 101..106 two others, and one
 * stranger each; a database's backup is large, a web server's uploads are small.
 */
static struct small_fleet new_fleet(void)
{
	struct small_fleet s = {.table = timeline_table_new(1 << 22),
				.names = string_table_new(1 << 20)};

	for (uint8_t i = 1; i <= WEB; i++) {
		call(&s, i, 1, "api.partner.example", 1000u * i);
		call(&s, i, 2, "cdn.assets.example", 100);
		call(&s, i, 3, "log.agents.example", 100);
		call(&s, i, (uint8_t)(20 + i), NULL, 5);
	}
	for (uint8_t i = 1; i <= DB; i++) {
		call(&s, 100 + i, 4, "store.backup.example", 1000000u * i);
		call(&s, 100 + i, 5, "mon.metrics.example", 100);
		call(&s, 100 + i, (uint8_t)(60 + i), NULL, 5);
	}
	assert_int_equal(fleet_build(&(struct fleet_source){.table = s.table, .names = s.names}, 1,
				     &(struct spans){.span = {{0, NS_PER_SEC}}, .count = 1},
				     &s.fleet),
			 0);
	return s;
}

static void free_fleet(struct small_fleet *s)
{
	fleet_fini(&s->fleet);
	timeline_table_free(s->table);
	string_table_free(s->names);
}

static uint32_t number_of(const struct small_fleet *s, uint8_t host)
{
	struct address a = address_v4((uint8_t[]){10, 0, 0, host});

	return fleet_find_host(&s->fleet, &a)->host;
}

static void hosts_that_call_the_same_places_have_one_role(void **state)
{
	struct small_fleet s = new_fleet();
	const uint32_t *of = s.fleet.roles.of;

	(void)state;
	for (uint8_t i = 1; i <= WEB; i++)
		assert_int_equal(of[number_of(&s, i)], of[number_of(&s, 1)]);
	for (uint8_t i = 101; i <= 100 + DB; i++)
		assert_int_equal(of[number_of(&s, i)], of[number_of(&s, 101)]);
	assert_int_not_equal(of[number_of(&s, 1)], of[number_of(&s, 101)]);
	free_fleet(&s);
}

static void a_host_is_held_against_the_others_of_its_role(void **state)
{
	struct small_fleet s = new_fleet();
	struct role_peers p = roles_peers(&s.fleet.roles, number_of(&s, 3));

	(void)state;
	assert_int_equal(p.hosts, WEB - 1);
	assert_false(p.of_fleet);
	assert_int_equal(p.most_bytes, 10000); /* of host 10 */
	p = roles_peers(&s.fleet.roles, number_of(&s, 10));
	assert_int_equal(p.most_bytes, 9000); /* not its own */
	p = roles_peers(&s.fleet.roles, number_of(&s, 101));
	assert_int_equal(p.hosts, DB - 1);
	assert_int_equal(p.most_bytes, 6000000);
	assert_int_equal(s.fleet.roles.sent[number_of(&s, 10)], 10000 + 100 + 100 + 5);
	free_fleet(&s);
}

/* Of its kind there are too few: all are looked at. */
static void a_host_of_no_role_is_held_against_all(void **state)
{
	struct small_fleet s = new_fleet();
	struct role_peers p;

	(void)state;
	fleet_fini(&s.fleet);
	call(&s, 200, 99, NULL, 50);
	assert_int_equal(fleet_build(&(struct fleet_source){.table = s.table, .names = s.names}, 1,
				     &(struct spans){.span = {{0, NS_PER_SEC}}, .count = 1},
				     &s.fleet),
			 0);
	p = roles_peers(&s.fleet.roles, number_of(&s, 200));
	assert_int_equal(p.hosts, WEB + DB);
	assert_true(p.of_fleet);
	assert_int_equal(p.most_bytes, 6000000);
	free_fleet(&s);
}

/* Four hosts and fewer have nothing to be held against. */
static void a_small_fleet_tells_nothing(void **state)
{
	struct small_fleet s = {.table = timeline_table_new(1 << 22),
				.names = string_table_new(1 << 20)};

	(void)state;
	for (uint8_t i = 1; i <= 4; i++)
		call(&s, i, 1, "api.partner.example", 1000);
	assert_int_equal(fleet_build(&(struct fleet_source){.table = s.table, .names = s.names}, 1,
				     &(struct spans){.span = {{0, NS_PER_SEC}}, .count = 1},
				     &s.fleet),
			 0);
	assert_int_equal(roles_peers(&s.fleet.roles, 0).hosts, 0);
	free_fleet(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_that_call_the_same_places_have_one_role),
		cmocka_unit_test(a_host_is_held_against_the_others_of_its_role),
		cmocka_unit_test(a_host_of_no_role_is_held_against_all),
		cmocka_unit_test(a_small_fleet_tells_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
