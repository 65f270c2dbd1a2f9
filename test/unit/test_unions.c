/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is judged together, beside slow and obvious counts.
 */
#include "unit/unit.h"

#include "detect/places.h"
#include "verdict/peers.h"
#include "verdict/pools.h"
#include "verdict/unions.h"

#include <math.h>

enum { DAY_S = 86400 };

struct world {
	struct timeline_table *table;
	struct string_table *names;
	struct fleet fleet;
	struct unions unions;
	bool timer[256];
};

static void setup(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->table = timeline_table_new(64 << 20);
	w->names = string_table_new(1 << 20);
}

static void teardown(struct world *w)
{
	fleet_fini(&w->fleet);
	unions_fini(&w->unions);
	timeline_table_free(w->table);
	string_table_free(w->names);
}

/* `count` calls of host 10.0.0.`host` */
static void calls(struct world *w, uint8_t host, const char *to, uint16_t port, const char *name,
		  int count)
{
	struct timeline_key key = {.port = port, .proto = 6, .grouping = GROUP_ADDRESS};
	struct timeline_marks marks = {.confirmed = name != NULL, .looked_up = name != NULL};
	static int64_t at_s;

	if (name)
		marks.name = string_table_add(w->names, name, strlen(name));
	key.host = address_v4((uint8_t[]){10, 0, 0, host});
	assert_int_equal(address_parse(to, strlen(to), &key.destination), 0);
	for (int i = 0; i < count; i++) {
		struct flow f = {.first = ++at_s * NS_PER_SEC, .out_payload = 100};
		struct timeline_key by_name = {
			.host = key.host, .name = marks.name, .grouping = GROUP_NAME};

		f.last = f.first;
		f.tuple.src = key.host;
		f.tuple.dst = key.destination;
		timeline_add(w->table, &key, &f, &marks);
		if (name)
			timeline_add(w->table, &by_name, &f, &marks);
	}
}

static void build(struct world *w)
{
	assert_int_equal(
		fleet_build(&(struct fleet_source){.table = w->table, .names = w->names}, 1,
			    &(struct spans){.span = {{1, (ns_t)DAY_S * NS_PER_SEC}}, .count = 1},
			    &w->fleet),
		0);
	assert_int_equal(unions_form(&w->fleet, w->timer, &w->unions), 0);
}

static const struct group *find(const struct world *w, enum timeline_grouping grouping,
				const char *network)
{
	const struct group *found = NULL;

	for (size_t i = w->fleet.plain_count; i < w->fleet.group_count; i++) {
		const struct group *g = &w->fleet.groups[i];
		struct network n = {.address = g->timeline->key.destination, .prefix = g->prefix};
		char text[NETWORK_TEXT_SIZE];

		if (g->timeline->key.grouping != grouping)
			continue;
		if (network && strcmp(network_text(&n, text), network))
			continue;
		assert_null(found);
		found = g;
	}
	return found;
}

static void networks_are_cut_at_any_bit(void **state)
{
	struct address a;
	char text[ADDRESS_TEXT_SIZE];

	(void)state;
	assert_int_equal(address_parse("198.51.100.77", 13, &a), 0);
	a = places_network(&a, 24);
	assert_string_equal(address_text(&a, text), "198.51.100.0");
	a = places_network(&a, 9);
	assert_string_equal(address_text(&a, text), "198.0.0.0");
	assert_int_equal(address_parse("2001:db8:ffff:ffff::1", 21, &a), 0);
	a = places_network(&a, 52);
	assert_string_equal(address_text(&a, text), "2001:db8:ffff:f000::");
	a = places_network(&a, 48);
	assert_string_equal(address_text(&a, text), "2001:db8:ffff::");
}

static void unions_hold_what_they_say(void **state)
{
	struct world w;
	const struct group *g;
	struct call all[64];

	(void)state;
	setup(&w);
	for (uint8_t i = 0; i < 5; i++) /* ports of one address */
		calls(&w, 1, "198.51.100.7", (uint16_t)(4000 + i), NULL, 2);
	calls(&w, 1, "198.51.100.9", 4000, NULL, 3);	   /* ... and its neighbour */
	calls(&w, 1, "198.51.101.9", 4000, NULL, 4);	   /* another network */
	calls(&w, 2, "198.51.100.7", 4000, NULL, 4);	   /* another host */
	calls(&w, 2, "198.51.100.8", 4000, NULL, 30);	   /* holds most: the same test again */
	calls(&w, 3, "198.51.100.7", 443, "a.example", 5); /* known by name: not here */
	calls(&w, 3, "198.51.100.8", 443, "a.example", 5);
	build(&w);
	g = find(&w, GROUP_PORTS, "198.51.100.7/32");
	assert_non_null(g);
	assert_int_equal(g->member_count, 5);
	assert_int_equal(g->ports, 5);
	assert_int_equal(g->addresses, 1);
	assert_int_equal(g->timeline->kept, 10);
	unions_calls(&w.fleet, g, all);
	for (size_t i = 1; i < 10; i++)
		assert_true(all[i].start_ms > all[i - 1].start_ms);
	g = find(&w, GROUP_NETWORK, "198.51.100.0/24");
	assert_non_null(g);
	assert_int_equal(g->member_count, 6);
	assert_int_equal(g->addresses, 2);
	assert_int_equal(g->ports, 5);
	assert_int_equal(g->timeline->calls, 13);
	g = find(&w, GROUP_SERVICE, NULL); /* port 4000 of 7, 9 and the other network: 2 + 3 + 4 */
	assert_non_null(g);
	assert_int_equal(g->timeline->calls, 9);
	assert_int_equal(g->addresses, 3);
	assert_int_equal(g->ports, 1);
	assert_null(find(&w, GROUP_NAMES, NULL));
	teardown(&w);
}

/* Up to three that hold most are left out, not the others with them. */
static void a_busy_neighbour_hides_nothing(void **state)
{
	struct world w;
	const struct group *g;
	char to[32];

	(void)state;
	setup(&w);
	for (uint8_t host = 1; host <= 2; host++) {
		for (int i = 1; i <= 12; i++) {
			snprintf(to, sizeof(to), "198.51.100.%d", i);
			calls(&w, host, to, (uint16_t)(4000 + i), NULL, 2);
		}
		calls(&w, host, "198.51.100.0", 9, NULL, 100); /* > 3/4 of 124 */
		if (host == 1)
			continue;
		calls(&w, host, "198.51.100.77", 9, NULL, 500);
		calls(&w, host, "198.51.100.78", 9, NULL, 2500);
		calls(&w, host, "198.51.100.79", 9, NULL, 12500); /* a fourth */
	}
	for (int i = 0; i < 8; i++) /* beside it only one address, which is joined by its ports */
		calls(&w, 3, "203.0.113.7", (uint16_t)(4000 + i), NULL, 2);
	calls(&w, 3, "203.0.113.8", 9, NULL, 400);
	build(&w);
	g = find(&w, GROUP_NETWORK, NULL); /* one only */
	assert_non_null(g);
	assert_int_equal(g->timeline->key.host.bytes[15], 1);
	assert_int_equal(g->member_count, 12);
	assert_int_equal(g->timeline->kept, 24);
	assert_int_equal(find(&w, GROUP_PORTS, "203.0.113.7/32")->member_count, 8);
	teardown(&w);
}

/* One that the judge cannot hold beside the others is skipped. */
static void what_overflows_is_skipped(void **state)
{
	struct world w;
	const struct group *g;

	(void)state;
	setup(&w);
	calls(&w, 1, "198.51.100.1", 443, NULL, TIMELINE_CALLS_MAX);
	for (uint16_t i = 0; i < 6; i++)
		calls(&w, 1, "198.51.100.2", (uint16_t)(4000 + i), NULL, 2);
	build(&w);
	assert_int_equal(find(&w, GROUP_PORTS, NULL)->timeline->kept, 12);
	teardown(&w);
	setup(&w);
	calls(&w, 1, "198.51.100.1", 443, NULL, TIMELINE_CALLS_MAX - 10);
	for (uint8_t i = 2; i < 10; i++) {
		char to[32];

		snprintf(to, sizeof(to), "198.51.100.%u", i);
		calls(&w, 1, to, 443, NULL, 2);
	}
	build(&w);
	g = find(&w, GROUP_NETWORK, NULL);
	assert_non_null(g);
	assert_int_equal(g->timeline->kept, 16);
	teardown(&w);
}

static void timers_and_names_stay_out(void **state)
{
	struct world w;

	(void)state;
	setup(&w);
	calls(&w, 1, "198.51.100.7", 4000, NULL, 6); /* numbers 0, 1 and 2 */
	calls(&w, 1, "198.51.100.7", 4001, NULL, 6);
	calls(&w, 1, "198.51.100.7", 4002, NULL, 6);
	w.timer[1] = true;
	build(&w);
	assert_int_equal(find(&w, GROUP_PORTS, NULL)->member_count, 2);
	assert_int_equal(find(&w, GROUP_PORTS, NULL)->members[0], 0);
	assert_int_equal(find(&w, GROUP_PORTS, NULL)->members[1], 2);
	teardown(&w);
}

/* Addresses from all over a /48 that keep to one /64 are told twice as finely. */
static void ipv6_is_joined_by_64_and_48(void **state)
{
	struct world w;

	(void)state;
	setup(&w);
	calls(&w, 1, "2001:db8:1:2::1", 443, NULL, 4);
	calls(&w, 1, "2001:db8:1:2::2", 443, NULL, 4);
	calls(&w, 1, "2001:db8:1:3::1", 443, NULL, 4);
	calls(&w, 2, "2001:db8:1:2::1", 443, NULL, 4);
	calls(&w, 2, "2001:db8:1:2::2", 443, NULL, 4);
	build(&w);
	assert_int_equal(find(&w, GROUP_NETWORK, "2001:db8:1::/48")->member_count, 3);
	teardown(&w);
}

static void names_are_joined_where_they_are_registered(void **state)
{
	struct world w;
	const struct group *g;

	(void)state;
	setup(&w);
	calls(&w, 1, "198.51.100.7", 443, "a.hop.example", 3);
	calls(&w, 1, "198.51.100.8", 443, "b.hop.example", 3);
	calls(&w, 1, "198.51.100.9", 443, "c.hop.example", 3);
	calls(&w, 1, "198.51.100.9", 443, "stay.example", 3);
	build(&w);
	g = find(&w, GROUP_NAMES, NULL);
	assert_non_null(g);
	assert_int_equal(g->names_joined, 3);
	assert_int_equal(g->timeline->kept, 9);
	assert_string_equal(fleet_registered_name(string_table_get(w.names, g->timeline->key.name)),
			    "hop.example");
	assert_null(find(&w, GROUP_NETWORK, NULL));
	teardown(&w);
}

static double share_of(const struct world *w, uint8_t host)
{
	double sum = 0;

	for (size_t i = 0; i < w->fleet.plain_count; i++)
		if (w->fleet.groups[i].timeline->key.host.bytes[15] == host &&
		    w->fleet.groups[i].timeline->key.grouping == GROUP_ADDRESS)
			sum += w->fleet.groups[i].share;
	return sum;
}

/* By hand: a registered name is one place, a /24 without a name is one, and 16 are most. */
static void a_place_counts_once(void **state)
{
	struct world w;
	char to[32];

	(void)state;
	setup(&w);
	calls(&w, 1, "198.51.100.7", 443, "a.one.example", 1);
	calls(&w, 1, "198.51.101.7", 443, "b.one.example", 1);
	calls(&w, 1, "198.51.102.7", 443, "two.example", 1);
	for (int i = 1; i <= 40; i++) {
		snprintf(to, sizeof(to), "203.0.113.%d", i);
		calls(&w, 2, to, 443, NULL, 1);
		snprintf(to, sizeof(to), "203.0.%d.1", i);
		calls(&w, 3, to, 443, NULL, 1);
	}
	build(&w);
	assert_true(fabs(share_of(&w, 1) - 2) < 1e-6);
	assert_true(fabs(share_of(&w, 2) - 1) < 1e-6);
	assert_true(fabs(share_of(&w, 3) - 16) < 1e-5);
	teardown(&w);
}

static void peers_keep_one_pace(void **state)
{
	/* four within 2 % of the next, two at another pace: too few; one has a name */
	static const double period_s[] = {1800, 1830, 1860, 1890, 5000, 5010, 1850};
	struct world w;
	struct judgement judged[7] = {0};
	char to[32];

	(void)state;
	setup(&w);
	for (int i = 0; i < 7; i++) {
		snprintf(to, sizeof(to), "%d.7.8.9", 20 + i);
		calls(&w, 1, to, 5000, i == 6 ? "a.example" : NULL, 5);
		judged[i].tested = true;
		judged[i].timing.period_s = period_s[i];
		judged[i].timing.period =
			(struct timing_interval){period_s[i] - 1, period_s[i] + 1};
	}
	build(&w);
	for (int i = 0; i < 7; i++)
		w.timer[i] = true;
	w.fleet.group_count = w.fleet.plain_count; /* no unions here */
	assert_int_equal(peers_find(&w.fleet, judged, w.timer), 0);
	for (int i = 0; i < 7; i++) {
		assert_int_equal(w.fleet.groups[i].peers, i < 4 ? 4 : 0);
		assert_int_equal(w.fleet.groups[i].family, i < 4 ? 1 : 0);
	}
	assert_true(fabs(w.fleet.groups[0].share - .25) < 1e-6);
	teardown(&w);
}

/*
 * Of fifty hosts three go to one place, six (more than a tenth) to another, and two
 * to a third where one of them is a timer.
 */
static void pools_hold_what_is_rare(void **state)
{
	struct world w;
	struct unions pools = {0};
	const struct group *g;
	size_t count = 0;

	(void)state;
	setup(&w);
	for (uint8_t host = 1; host <= 50; host++)
		calls(&w, host, "198.51.100.1", 443, NULL, 2);
	for (uint8_t host = 1; host <= 3; host++)
		calls(&w, host, "203.0.113.1", 4444, NULL, 3);
	calls(&w, 4, "203.0.113.1", 4444, NULL, 1); /* one call has no gap */
	for (uint8_t host = 11; host <= 16; host++)
		calls(&w, host, "203.0.113.2", 4444, NULL, 5);
	calls(&w, 21, "203.0.113.3", 4444, NULL, 5);
	calls(&w, 22, "203.0.113.3", 4444, NULL, 5);
	calls(&w, 31, "203.0.113.4", 443, "a.pool.example", 4); /* two names, one registered */
	calls(&w, 32, "203.0.113.5", 443, "b.pool.example", 4);
	build(&w);
	for (size_t i = 0; i < w.fleet.plain_count; i++)
		w.timer[i] = w.fleet.groups[i].timeline->key.host.bytes[15] == 22;
	w.fleet.group_count = w.fleet.plain_count; /* no unions here */
	assert_int_equal(pools_form(&w.fleet, w.timer, &pools), 0);
	for (size_t i = w.fleet.plain_count; i < w.fleet.group_count; i++, count++) {
		g = &w.fleet.groups[i];
		if (g->timeline->key.grouping == GROUP_ADDRESS) {
			assert_int_equal(g->hosts_pooled, 3);
			assert_int_equal(g->member_count, 3);
			assert_int_equal(g->timeline->kept, 9);
			assert_int_equal(g->timeline->key.port, 4444);
		} else {
			assert_int_equal(g->timeline->key.grouping, GROUP_NAMES);
			assert_int_equal(g->hosts_pooled, 2);
			assert_int_equal(g->names_joined, 2);
		}
	}
	assert_int_equal(count, 2);
	unions_fini(&pools);
	teardown(&w);
}

/* The one address that is pooled, and how many hosts of it; at most one. */
static const struct group *pool_of(struct world *w, struct unions *pools)
{
	build(w);
	w->fleet.group_count = w->fleet.plain_count; /* no unions here */
	assert_int_equal(pools_form(&w->fleet, w->timer, pools), 0);
	assert_true(w->fleet.group_count - w->fleet.plain_count <= 1);
	return w->fleet.group_count > w->fleet.plain_count ? &w->fleet.groups[w->fleet.plain_count]
							   : NULL;
}

static void a_noisy_host_leaves_the_pool_to_the_others(void **state)
{
	struct world w;
	struct unions pools = {0};
	const struct group *g;

	(void)state;
	setup(&w);
	for (uint8_t host = 1; host <= 10; host++)
		calls(&w, host, "198.51.100.1", 443, NULL, 2);
	calls(&w, 1, "203.0.113.1", 4444, NULL, 6);
	calls(&w, 2, "203.0.113.1", 4444, NULL, 80);
	calls(&w, 3, "203.0.113.1", 4444, NULL, 5);
	g = pool_of(&w, &pools);
	assert_non_null(g);
	assert_int_equal(g->hosts_pooled, 2);
	assert_int_equal(g->timeline->kept, 11);
	unions_fini(&pools);
	teardown(&w);
}

/* Of ten hosts three may go there, and as many come by; one more of either is too many. */
static void who_comes_by_once_spoils_no_pool(void **state)
{
	(void)state;
	for (int extra = 0; extra < 3; extra++) {
		struct world w;
		struct unions pools = {0};
		const struct group *g;
		uint8_t hosts = extra == 1 ? 4 : 3, visitors = extra == 2 ? 4 : 3;

		setup(&w);
		for (uint8_t host = 1; host <= 10; host++)
			calls(&w, host, "198.51.100.1", 443, NULL, 2);
		for (uint8_t host = 1; host <= hosts + visitors; host++)
			calls(&w, host, "203.0.113.1", 4444, NULL, host <= hosts ? 4 : 1);
		g = pool_of(&w, &pools);
		if (extra == 0) {
			assert_non_null(g);
			assert_int_equal(g->hosts_pooled, 3);
			assert_int_equal(g->timeline->kept, 12);
		} else {
			assert_null(g);
		}
		unions_fini(&pools);
		teardown(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(networks_are_cut_at_any_bit),
		cmocka_unit_test(unions_hold_what_they_say),
		cmocka_unit_test(a_busy_neighbour_hides_nothing),
		cmocka_unit_test(what_overflows_is_skipped),
		cmocka_unit_test(timers_and_names_stay_out),
		cmocka_unit_test(ipv6_is_joined_by_64_and_48),
		cmocka_unit_test(names_are_joined_where_they_are_registered),
		cmocka_unit_test(a_place_counts_once),
		cmocka_unit_test(peers_keep_one_pace),
		cmocka_unit_test(pools_hold_what_is_rare),
		cmocka_unit_test(a_noisy_host_leaves_the_pool_to_the_others),
		cmocka_unit_test(who_comes_by_once_spoils_no_pool),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
