/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who asks for a domain on behalf of others, beside what is known of each host.
 */
#include "unit/unit.h"

#include "detect/fleet_domains.h"

#include <time.h>

struct world {
	struct fleet fleet;
	struct string_table *names;
	struct domain_table *domains;
	struct timeline *timelines;
	uint32_t domain;
};

static struct address host(uint32_t n)
{
	return address_v4((uint8_t[]){10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n});
}

/* Host 1 to `n` each ask server[i - 1], another host's number, for one domain. */
static void setup(struct world *w, uint32_t n, const uint32_t *server)
{
	memset(w, 0, sizeof(*w));
	w->names = string_table_new(1 << 16);
	w->domains = domain_table_new((size_t)n * 2000);
	w->timelines = calloc(n, sizeof(*w->timelines));
	w->fleet.groups = calloc(n, sizeof(*w->fleet.groups));
	assert_true(w->names && w->domains && w->timelines && w->fleet.groups);
	w->domain = string_table_add(w->names, "ring.example", 12);
	w->fleet.group_count = n;
	for (uint32_t i = 0; i < n; i++) {
		struct address asking = host(i + 1);
		struct domain_facts *f = domain_table_get(w->domains, &asking, w->domain);

		domain_note_question(f, "a.ring.example", 14, 1, 1, 1, 60, 1);
		f->server = host(server[i]);
		w->timelines[i].key = (struct timeline_key){
			.host = asking, .name = w->domain, .grouping = GROUP_DOMAIN};
		w->fleet.groups[i] = (struct group){.timeline = &w->timelines[i],
						    .names = w->names,
						    .domains = w->domains,
						    .host = i};
	}
	assert_int_equal(fleet_join_domains(&w->fleet), 0);
}

static void teardown(struct world *w)
{
	free(w->fleet.groups);
	free(w->timelines);
	domain_table_free(w->domains);
	string_table_free(w->names);
}

/* 1 and 2 ask 3, 3 asks somebody outside, 4 asks itself: only 3 passes on what it was asked. */
static void who_is_asked_passes_on(void **state)
{
	static const uint32_t server[] = {3, 3, 99, 4};
	struct world w;

	(void)state;
	setup(&w, 4, server);
	for (uint32_t i = 0; i < 4; i++) {
		const struct group *g = &w.fleet.groups[i];

		assert_int_equal(g->resolver, i >= 2);
		assert_int_equal(g->told, i == 2);
		assert_int_equal(g->hosts_to_destination, 2);
	}
	teardown(&w);
}

/* Each pair looked at would take 8 x 10^8 steps. */
static void a_ring_of_resolvers_takes_no_square(void **state)
{
	enum { HOSTS = 40000 };
	uint32_t *server = calloc(HOSTS, sizeof(*server));
	struct world w;
	clock_t before = clock();

	(void)state;
	assert_non_null(server);
	for (uint32_t i = 0; i < HOSTS; i++)
		server[i] = (i + HOSTS / 2) % HOSTS + 1;
	setup(&w, HOSTS, server);
	for (uint32_t i = 0; i < HOSTS; i++)
		assert_true(w.fleet.groups[i].told && w.fleet.groups[i].resolver);
	assert_true(clock() - before < 3 * CLOCKS_PER_SEC);
	teardown(&w);
	free(server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_asked_passes_on),
		cmocka_unit_test(a_ring_of_resolvers_takes_no_square),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
