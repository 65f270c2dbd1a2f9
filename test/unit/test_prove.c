/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where implants are put, that they are put there, and that what is promised
 * about them was earned.
 */
#include "unit/unit.h"

#include "prove/prove.h"
#include "timeline/filing.h"

#include <errno.h>
#include <math.h>

enum { HOSTS = 16, PLACES = 3, DAY_S = 86400 };

struct world {
	struct timeline_table *table;
	struct string_table *names;
	struct verdict verdict;
	struct terrain terrain;
};

static void file_call(struct world *w, uint8_t host, uint8_t place, const char *name, double at_s)
{
	uint32_t number = string_table_add(w->names, name, strlen(name));
	struct timeline_marks marks = {.name = number,
				       .lookups_visible = true,
				       .looked_up = number != 0,
				       .confirmed = number != 0};
	struct flow f = {
		.first = (ns_t)(at_s * 1e9),
		.last = (ns_t)(at_s * 1e9) + NS_PER_SEC,
		.name = number,
		.out_payload = 700,
		.in_payload = 9000,
		.out_bytes = 1000,
		.in_bytes = 9500,
		.out_packets = 8,
		.app = APP_TLS,
		.answer = ANSWER_YES,
		.tuple = {.dst_port = 443, .proto = 6},
	};

	f.tuple.src = address_v4((uint8_t[]){10, 0, 0, host});
	f.tuple.dst = address_v4((uint8_t[]){192, 0, 2, place});
	filing_add(w->table, &f, &marks, true);
}

static const char *const place_names[PLACES] = {"one.example", "two.example", "three.example"};

/*
 * Two days.  Host h calls each place 10 h times by chance; host 15 is there in the
 * second day's last hours only, and nobody calls from 20:00 to 22:00 on the first.
 */
static void setup_watched(struct world *w, const struct spans *watched)
{
	struct random r = random_from_seed(4);
	struct verdict_config config = verdict_config_default();
	double last_s = (double)spans_last(watched) / 1e9;
	double base_s = watched->count > 1 ? last_s - (2 * DAY_S - 1) : 0;
	double stray_s = base_s > 0 ? 1.5 : last_s;

	*w = (struct world){.table = timeline_table_new(8 << 20),
			    .names = string_table_new(1 << 18)};
	for (uint8_t host = 1; host < HOSTS; host++) {
		double from_s = host == 15 ? 1.8 * DAY_S : 0;

		for (int i = 0; i < PLACES * 10 * host; i++) {
			double at_s = random_between(&r, from_s, 2 * DAY_S - 2);

			if (at_s < 20 * 3600 || at_s >= 22 * 3600)
				file_call(w, host, (uint8_t)(i % PLACES), place_names[i % PLACES],
					  base_s + at_s);
		}
		for (int hour = 0; host == 1 && hour < 48; hour++) /* somebody, every hour */
			if (hour != 20 && hour != 21)
				file_call(w, host, 0, place_names[0], base_s + hour * 3600 + 5);
		if (host < 15 && (base_s > 0 || last_s > 2 * DAY_S))
			file_call(w, host, 0, place_names[0], stray_s);
	}
	assert_int_equal(verdict_reach(&(struct fleet_source){.table = w->table, .names = w->names},
				       1, watched, &config, &w->verdict),
			 0);
	assert_int_equal(terrain_survey(&w->verdict, &w->terrain), 0);
}

static void setup(struct world *w)
{
	struct spans watched = {.span = {{1, (ns_t)(2 * DAY_S - 1) * NS_PER_SEC}}, .count = 1};

	setup_watched(w, &watched);
}

static void teardown(struct world *w)
{
	terrain_fini(&w->terrain);
	verdict_fini(&w->verdict);
	timeline_table_free(w->table);
	string_table_free(w->names);
}

static void who_is_spoken_for(void **state)
{
	struct world w;
	struct random r = random_from_seed(1);
	uint64_t calls[TERRAIN_QUARTILES] = {0};

	(void)state;
	setup(&w);
	assert_int_equal(w.terrain.host_count, 15);
	assert_int_equal(w.terrain.spoken_count, 14); /* all but the newcomer */
	/* 15 x 48 hours, less the two dark ones of each and some 43 of the newcomer's */
	assert_true(w.terrain.host_hours == 15 * 48);
	assert_in_range(w.terrain.unseen_host_hours, 14 * 2 + 42, 14 * 5 + 46);
	assert_true(terrain_watched(&w.terrain, 3600 * 1000));
	assert_false(terrain_watched(&w.terrain, 21 * 3600 * 1000));
	assert_false(terrain_watched(&w.terrain, (int64_t)3 * DAY_S * 1000));
	for (unsigned q = 0; q < TERRAIN_QUARTILES; q++)
		for (int i = 0; i < 50; i++) {
			const struct terrain_host *h = terrain_pick(&w.terrain, q, &r);

			assert_true(q == 0 || h->calls > calls[q - 1]);
			calls[q] = h->calls > calls[q] ? h->calls : calls[q];
		}
	assert_false(terrain_is_new_name(&w.terrain, "www.one.example"));
	assert_true(terrain_is_new_name(&w.terrain, "four.example"));
	assert_false(terrain_is_new_address(&w.terrain, &w.terrain.addresses[0]));
	teardown(&w);
}

static struct implant implant_of(const char *text)
{
	struct complaint why;
	struct implant im;
	int rc = implant_parse(text, &im, &why);

	assert_int_equal(rc, 0);
	return im;
}

/* All that an injection must be, whatever its kind. */
static void check_planted(const struct world *w, const struct injection *inj,
			  const struct planted *p)
{
	size_t groups = 0, calls = 0, most = 0;

	for (size_t i = 0; i < timeline_count(p->table); i++) {
		const struct timeline *t = timeline_get(p->table, i);

		groups++;
		assert_true(address_equal(&t->key.host, &inj->host->address));
		calls = t->key.grouping == GROUP_ADDRESS ? t->calls : calls;
		most = t->calls > most ? t->calls : most;
		if (inj->kind == INJECT_HAUNT)
			continue;
		assert_true(t->first_ms >= inj->host->first_ms);
		assert_true(t->last_ms <= inj->host->last_ms);
		assert_int_equal(t->calls, p->calls);
		assert_int_equal(t->no_sni, inj->kind == INJECT_ADDRESS ? t->calls : 0);
		assert_int_equal(t->looked_up, inj->kind == INJECT_NAME ? t->calls : 0);
	}
	assert_int_equal(groups, inj->kind == INJECT_ADDRESS ? 1 : 2);
	if (inj->kind == INJECT_HAUNT) {
		assert_int_equal(most, inj->by_name->timeline->calls + p->calls);
		assert_int_equal(calls, inj->by_address->timeline->calls + p->calls);
	} else {
		assert_true(terrain_is_new_address(&w->terrain, &inj->implant.site.v4));
	}
	assert_true(fabs(p->calls - injection_expected(&w->terrain, inj->host, &inj->implant)) <
		    0.1 * p->calls + 5);
}

static void implants_are_put_where_they_belong(void **state)
{
	const struct implant like = implant_of("period=1800,jitter=0.2,missed=0.1");
	struct world w;
	struct injector *injector = injector_new();

	(void)state;
	setup(&w);
	for (uint64_t seed = 0; seed < 60; seed++) {
		struct injection inj;
		struct planted planted, again;

		assert_true(injection_settle(&w.terrain, (enum injection_kind)(seed % 3), &like,
					     seed % TERRAIN_QUARTILES, seed, &inj));
		assert_int_equal(injector_plant(injector, &w.terrain, &inj, &planted), 0);
		check_planted(&w, &inj, &planted);
		assert_int_equal(injector_plant(injector, &w.terrain, &inj, &again), 0);
		assert_int_equal(planted.calls, again.calls); /* the same seed, the same calls */
		assert_int_equal(timeline_get(planted.table, 0)->last_ms,
				 timeline_get(again.table, 0)->last_ms);
		planted_fini(&planted);
		planted_fini(&again);
	}
	injector_free(injector);
	teardown(&w);
}

/* A wrong clock: every host has one call more, 55 years before.  Only what was watched counts. */
static void gaps_are_stepped_over(void **state)
{
	const struct implant like = implant_of("period=60,jitter=0.2");
	const ns_t day = (ns_t)20000 * DAY_S * NS_PER_SEC, stray = 3 * NS_PER_SEC / 2;
	struct spans watched = {
		.span = {{stray, stray}, {day, day + (ns_t)(2 * DAY_S - 1) * NS_PER_SEC}},
		.count = 2};
	struct world w;
	struct injector *injector = injector_new();

	(void)state;
	setup_watched(&w, &watched);
	for (uint64_t seed = 0; seed < 6; seed++) {
		struct injection inj;
		struct planted planted;

		assert_true(injection_settle(&w.terrain, (enum injection_kind)(seed % 3), &like,
					     seed % TERRAIN_QUARTILES, seed, &inj));
		assert_int_equal(inj.host->first_ms, stray / NS_PER_MS);
		/* two days of minutes, of which two hours are dark; the first call may be late */
		assert_in_range(injection_expected(&w.terrain, inj.host, &like), 2700, 2881);
		assert_int_equal(injector_plant(injector, &w.terrain, &inj, &planted), 0);
		assert_in_range(planted.calls, 2600, 2800);
		planted_fini(&planted);
	}
	injector_free(injector);
	teardown(&w);
}

/* Somebody watched for 55 years, and the implant calls each second. */
static void an_implant_falls_silent_in_the_end(void **state)
{
	const struct implant like = implant_of("period=1");
	struct spans watched = {.span = {{1, (ns_t)20000 * DAY_S * NS_PER_SEC}}, .count = 1};
	struct world w;
	struct injector *injector = injector_new();
	struct injection inj;
	struct planted planted;

	(void)state;
	setup_watched(&w, &watched);
	assert_true(w.terrain.spoken_count > 0);
	assert_true(injection_settle(&w.terrain, INJECT_ADDRESS, &like, 0, 1, &inj));
	assert_int_equal(injector_plant(injector, &w.terrain, &inj, &planted), 0);
	assert_in_range(planted.calls, 40 * 3600, 1 << 20);
	planted_fini(&planted);
	injector_free(injector);
	teardown(&w);
}

/* A host that calls its places less often than the implant would has no haunt for a slow one. */
static void a_haunt_is_not_too_busy(void **state)
{
	const struct implant slow = implant_of("period=40000");
	struct world w;
	struct injection inj;

	(void)state;
	setup(&w);
	assert_false(injection_settle(&w.terrain, INJECT_HAUNT, &slow, 3, 1, &inj));
	assert_true(injection_settle(&w.terrain, INJECT_ADDRESS, &slow, 3, 1, &inj));
	teardown(&w);
}

static void only_calls_of_one_group_can_be_injected(void **state)
{
	static const char *const no[] = {"app=dns,name=x.example",
					 "hop=24",
					 "peers=4",
					 "hosts=2",
					 "app=shell",
					 "boot=first",
					 "app=icmp",
					 "hold=7200,beat=60"};
	struct implant yes = implant_of("app=http,period=60,sni=none,silent=0.5,duty=8-18");

	(void)state;
	assert_null(injection_obstacle(&yes));
	for (size_t i = 0; i < ARRAY_LEN(no); i++) {
		struct implant im = implant_of(no[i]);

		assert_non_null(injection_obstacle(&im));
	}
}

static struct prove_config quick(size_t threads, uint64_t seed)
{
	struct prove_config config = prove_config_default();

	config.threads = threads;
	config.seed = seed;
	config.trials = 1;
	config.search_trials = 6;
	config.level = 0.8;
	config.confidence = 0.8;
	return config;
}

/* Steps go upwards, all but the last have passed, and what passed is more than the level. */
static void certificates_are_earned(void **state)
{
	struct prove_config config = quick(2, 5);
	struct world w;
	struct proof p;
	size_t certified = 0;

	(void)state;
	setup(&w);
	assert_int_equal(prove_run(&w.verdict, &config, &p), 0);
	assert_int_equal(p.hosts_spoken, 14);
	for (size_t i = 0; i < p.edge_count; i++) {
		const struct proof_edge *e = &p.edges[i];

		for (size_t s = 0; s < e->step_count; s++) {
			const struct trials_tally *t = &e->steps[s].tally;
			uint32_t hits = e->if_listed ? t->listed : t->reported;

			assert_true(s + 1 == e->step_count || e->steps[s].passed);
			assert_true(s == 0 || e->steps[s].period_s > e->steps[s - 1].period_s);
			assert_true(e->steps[s].period_s <= e->located_s * (1 + 1e-9));
			/* so few misses are unlikely at just the level */
			if (e->steps[s].passed)
				assert_true(binomial_at_most(t->injected, t->injected - hits,
							     0.2) <= 0.2 + 1e-9);
		}
		certified += e->certified_s > 0;
	}
	assert_true(certified > 0);
	proof_fini(&p);
	teardown(&w);
}

/* Whatever the threads; and less is found of what is more random. */
static void counts_depend_on_the_seed_alone(void **state)
{
	const struct implant implants[] = {
		implant_of("period=3600,jitter=0.1,name=any"),
		implant_of("period=20000,jitter=0.9,name=any"),
	};
	struct prove_config config = quick(1, 5);
	struct world w;
	struct proof first, p;

	(void)state;
	setup(&w);
	config.implants = implants;
	config.implant_count = ARRAY_LEN(implants);
	assert_int_equal(prove_run(&w.verdict, &config, &first), 0);
	assert_true(first.implants[0].tally.listed > first.implants[2].tally.listed);
	config.threads = 3;
	assert_int_equal(prove_run(&w.verdict, &config, &p), 0);
	assert_int_equal(p.implant_count, 4);
	assert_memory_equal(p.implants, first.implants, 4 * sizeof(*p.implants));
	proof_fini(&p);
	config.seed = 6;
	assert_int_equal(prove_run(&w.verdict, &config, &p), 0);
	assert_memory_not_equal(p.implants, first.implants, 4 * sizeof(*p.implants));
	proof_fini(&p);
	proof_fini(&first);
	teardown(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_spoken_for),
		cmocka_unit_test(implants_are_put_where_they_belong),
		cmocka_unit_test(gaps_are_stepped_over),
		cmocka_unit_test(an_implant_falls_silent_in_the_end),
		cmocka_unit_test(a_haunt_is_not_too_busy),
		cmocka_unit_test(only_calls_of_one_group_can_be_injected),
		cmocka_unit_test(certificates_are_earned),
		cmocka_unit_test(counts_depend_on_the_seed_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
