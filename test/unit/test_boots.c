/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When hosts came up, and what they called first: stories told by hand.
 */
#include "unit/unit.h"

#include "detect/fleet.h"
#include "timeline/boots.h"

#include <netinet/in.h>

static struct address host(uint32_t number)
{
	return address_v4(
		(uint8_t[]){10, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number});
}

static void announcements_close_together_are_one(void **state)
{
	static const double minutes[] = {0, 0.1, 4, 8.9, 20, 19, 100, 104, 90, 108.5};
	struct boots_table *t = boots_table_new(1 << 16);
	struct address a = host(1);
	const struct boots *b;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(minutes); i++)
		boots_saw(t, &a, (ns_t)(minutes[i] * 60e9));
	assert_int_equal(boots_count(t), 1);
	b = boots_get(t, 0);
	assert_int_equal(b->kept, 3); /* 0, and what follows within five minutes each; 20; 100 */
	assert_int_equal(b->at_ms[0], 0);
	assert_int_equal(b->at_ms[1], 20 * 60000);
	assert_int_equal(b->at_ms[2], 100 * 60000);
	boots_table_free(t);
}

static void the_latest_boots_are_kept(void **state)
{
	struct boots_table *t = boots_table_new(1 << 16);
	struct address a = host(1);

	(void)state;
	for (int i = 0; i < 40; i++)
		boots_saw(t, &a, i * 3600 * NS_PER_SEC);
	assert_int_equal(boots_get(t, 0)->seen, 40);
	assert_int_equal(boots_get(t, 0)->kept, BOOTS_MAX);
	for (int i = 0; i < BOOTS_MAX; i++)
		assert_int_equal(boots_get(t, 0)->at_ms[i], (40 - BOOTS_MAX + i) * 3600000);
	boots_table_free(t);
}

static void a_flood_of_strangers_moves_nobody_who_boots(void **state)
{
	struct boots_table *t = boots_table_new(1 << 16);
	struct address a = host(1);
	bool found = false;

	(void)state;
	for (int i = 0; i < 5; i++)
		boots_saw(t, &a, i * 3600 * NS_PER_SEC);
	for (uint32_t i = 2; i < 10000; i++) {
		struct address other = host(i);

		boots_saw(t, &other, 20000 * NS_PER_SEC);
	}
	assert_true(boots_count(t) < 1000 && boots_evicted(t) == 9999 - boots_count(t));
	for (size_t i = 0; i < boots_count(t); i++)
		found |= address_equal(&boots_get(t, i)->host, &a);
	assert_true(found);
	boots_table_free(t);
}

struct story {
	struct timeline_table *table;
	struct string_table *names;
	struct boots_table *boots;
	struct fleet fleet;
};

static void call(struct story *s, uint8_t place, uint16_t port, uint8_t proto, double seconds)
{
	struct timeline_key key = {.port = port, .proto = proto, .grouping = GROUP_ADDRESS};
	struct flow flow = {.first = (ns_t)(seconds * 1e9), .last = (ns_t)(seconds * 1e9)};
	struct timeline_marks marks = {0};

	key.host = flow.tuple.src = host(1);
	key.destination = flow.tuple.dst = address_v4((uint8_t[]){192, 0, 2, place});
	timeline_add(s->table, &key, &flow, &marks);
}

enum { AGENT = 1, IMPLANT = 2, BOARD = 3, RESOLVER = 4, BOOTS = 4, DAY = 86400 };

/*
 * A host that comes up four times a day apart, at 0 s of it: its resolver at 1 s, the
 * implant at 2 s (but once, when the agent is quicker), the agent at 3 s and all day.  The
 * board calls 20 s before on three of the days; on the fourth the agent does so, too.
 */
static struct story tell(void)
{
	struct story s = {.table = timeline_table_new(1 << 22),
			  .names = string_table_new(1 << 20),
			  .boots = boots_table_new(1 << 16)};
	struct address a = host(1);

	for (int day = 1; day <= BOOTS; day++) {
		double up = day * DAY;

		boots_saw(s.boots, &a, (ns_t)(up * 1e9));
		boots_saw(s.boots, &a, (ns_t)((up + 1) * 1e9));
		if (day < BOOTS)
			call(&s, BOARD, 443, IPPROTO_TCP, up - 20);
		call(&s, RESOLVER, 53, IPPROTO_UDP, up + 1);
		call(&s, IMPLANT, 443, IPPROTO_TCP, up + (day == 2 ? 4 : 2));
		for (int hour = 0; hour < 20; hour++)
			call(&s, AGENT, 443, IPPROTO_TCP, up + 3 + hour * 3600);
	}
	assert_int_equal(
		fleet_build(&(struct fleet_source){.table = s.table,
						   .names = s.names,
						   .boots = s.boots},
			    1, &(struct spans){.span = {{0, 5 * DAY * NS_PER_SEC}}, .count = 1},
			    &s.fleet),
		0);
	return s;
}

static struct coming_role role_of(const struct story *s, uint8_t place)
{
	struct call calls[200];

	for (size_t i = 0; i < s->fleet.group_count; i++) {
		const struct group *g = &s->fleet.groups[i];

		if (g->timeline->key.destination.bytes[15] != place)
			continue;
		timeline_calls(g->table, g->timeline, calls);
		return comings_role(&s->fleet.comings, g->host, calls, g->timeline->kept);
	}
	return (struct coming_role){0};
}

static void end(struct story *s)
{
	fleet_fini(&s->fleet);
	timeline_table_free(s->table);
	string_table_free(s->names);
	boots_table_free(s->boots);
}

static void what_is_called_first_is_counted_boot_by_boot(void **state)
{
	struct story s = tell();
	struct coming_role r = role_of(&s, IMPLANT);

	(void)state;
	assert_int_equal(r.comings, BOOTS);
	assert_int_equal(r.first, 3);
	assert_true(r.delay_s == 2);
	assert_int_equal(r.before, 0);
	r = role_of(&s, AGENT);
	assert_int_equal(r.first, 1);
	r = role_of(&s, BOARD);
	assert_int_equal(r.first, 0);
	assert_int_equal(r.before, 3);
	end(&s);
}

/* It took another address while it was busy: that is no boot. */
static void a_busy_host_does_not_come_up(void **state)
{
	struct story s = {.table = timeline_table_new(1 << 22),
			  .names = string_table_new(1 << 20),
			  .boots = boots_table_new(1 << 16)};
	struct address a = host(1);

	(void)state;
	for (int i = 0; i < 200; i++) {
		call(&s, AGENT, 443, IPPROTO_TCP, 10 * i);
		call(&s, IMPLANT, 443, IPPROTO_TCP, 10 * i + 5);
	}
	boots_saw(s.boots, &a, 1000 * NS_PER_SEC);
	assert_int_equal(fleet_build(
				 &(struct fleet_source){
					 .table = s.table, .names = s.names, .boots = s.boots},
				 1, &(struct spans){.span = {{0, 2000 * NS_PER_SEC}}, .count = 1},
				 &s.fleet),
			 0);
	assert_int_equal(role_of(&s, AGENT).comings, 0);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(announcements_close_together_are_one),
		cmocka_unit_test(the_latest_boots_are_kept),
		cmocka_unit_test(a_flood_of_strangers_moves_nobody_who_boots),
		cmocka_unit_test(what_is_called_first_is_counted_boot_by_boot),
		cmocka_unit_test(a_busy_host_does_not_come_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
