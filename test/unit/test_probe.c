/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A probe must say what the verdict would have said: the slow way is to build
 * the fleet anew with the implant's calls in it, and to judge all of it.
 */
#include "unit/unit.h"

#include "base/random.h"
#include "verdict/probe.h"

#include <errno.h>
#include <math.h>

enum { HOSTS = 25, PLACES = 6 };

/* Short of a day: then no hour of a host counts, and the rest of it stays as it is. */
static const double short_s = 86000, long_s = 2 * 86400;

struct world {
	struct timeline_table *table;
	struct string_table *names;
	struct verdict verdict;
	double window_s;
};

struct place {
	uint8_t host, destination;
	uint16_t port;
	const char *name; /* looked up; NULL: bare */
};

static void file_call(struct timeline_table *table, struct string_table *names,
		      const struct place *p, double at_s, uint64_t out)
{
	struct timeline_key key = {.port = p->port, .proto = 6, .grouping = GROUP_ADDRESS};
	uint32_t name = p->name ? string_table_add(names, p->name, strlen(p->name)) : 0;
	struct timeline_marks marks = {.name = name,
				       .lookups_visible = true,
				       .looked_up = name != 0,
				       .confirmed = name != 0,
				       .connected_ns = NS_PER_SEC};
	struct flow f = {
		.first = (ns_t)(at_s * 1e9),
		.out_payload = out,
		.in_payload = 2500,
		.out_bytes = out + 300,
		.in_bytes = 2800,
		.out_packets = 8,
		.in_packets = 8,
		.app = APP_TLS,
		.answer = ANSWER_YES,
		.claims = name ? 0 : CLAIM_NO_SNI,
	};

	f.last = f.first + NS_PER_SEC;
	key.host = f.tuple.src = address_v4((uint8_t[]){10, 0, 0, p->host});
	key.destination = f.tuple.dst = address_v4((uint8_t[]){192, 0, 2, p->destination});
	timeline_add(table, &key, &f, &marks);
	if (!name)
		return;
	key = (struct timeline_key){.host = key.host, .name = name, .grouping = GROUP_NAME};
	timeline_add(table, &key, &f, &marks);
}

static const char *const known_names[PLACES] = {"a.example", "b.example", "c.test",
						"d.example", NULL,	  "e.test"};

/* Over days people sleep, so that it matters when a host is busy. */
static bool awake(const struct world *w, double at_s)
{
	return w->window_s < 86400 || fmod(at_s, 86400) < 40000;
}

/* Chance calls to what all know, pollers of some of it, and places of one's own. */
static void add_ordinary(struct world *w, uint64_t seed)
{
	struct random r = random_from_seed(seed);

	for (uint8_t host = 1; host <= HOSTS; host++) {
		for (uint8_t d = 0; d < PLACES; d++) {
			struct place p = {host, d, 443, known_names[d]};
			double at = 0, period = random_between(&r, 600, 6000);
			bool polls = random_chance(&r, 0.2);

			while ((at += polls ? period * random_between(&r, 0.9, 1.1)
					    : random_exponential(&r, period)) < w->window_s - 2)
				if (polls || awake(w, at))
					file_call(w->table, w->names, &p, at,
						  300 + random_below(&r, 4000));
		}
		if (random_chance(&r, 0.3)) {
			struct place p = {host, (uint8_t)(100 + host), 8443, NULL};
			double at = 0;

			while ((at += 900 * random_between(&r, 0.6, 1.4)) < w->window_s - 2)
				file_call(w->table, w->names, &p, at, 700);
		}
	}
}

static void setup(struct world *w, uint64_t seed, double window_s)
{
	*w = (struct world){.window_s = window_s};
	w->table = timeline_table_new(16 << 20);
	w->names = string_table_new(1 << 16);
	add_ordinary(w, seed);
}

static void teardown(struct world *w)
{
	verdict_fini(&w->verdict);
	timeline_table_free(w->table);
	string_table_free(w->names);
}

static void reach(struct world *w)
{
	struct verdict_config config = verdict_config_default();
	struct spans watched = {.span = {{1, (ns_t)(w->window_s * 1e9)}}, .count = 1};

	assert_int_equal(verdict_reach(&(struct fleet_source){.table = w->table, .names = w->names},
				       1, &watched, &config, &w->verdict),
			 0);
}

struct implant {
	struct place place;
	double period_s, jitter;
	uint64_t out;
};

static void add_implant(struct timeline_table *table, struct string_table *names,
			const struct implant *im, uint64_t seed, double window_s)
{
	struct random r = random_from_seed(seed);
	double at = 0;

	while ((at += im->period_s * (1 + im->jitter * random_between(&r, -1, 1))) < window_s - 2)
		file_call(table, names, &im->place, at, im->out);
}

/* The groups of this place as they are, so that the implant's calls can be added. */
static void copy_groups(struct timeline_table *to, const struct world *w, const struct place *p)
{
	struct address host = address_v4((uint8_t[]){10, 0, 0, p->host});
	struct address destination = address_v4((uint8_t[]){192, 0, 2, p->destination});
	uint32_t name = p->name ? string_table_add(w->names, p->name, strlen(p->name)) : 0;

	for (size_t i = 0; i < timeline_count(w->table); i++) {
		const struct timeline *t = timeline_get(w->table, i);

		if (!address_equal(&t->key.host, &host))
			continue;
		if (t->key.grouping == GROUP_NAME
			    ? name && t->key.name == name
			    : address_equal(&t->key.destination, &destination))
			assert_true(timeline_copy(to, w->table, t));
	}
}

/* The one that stands for this place: of its two groups the one that was listed higher. */
static const struct finding *find(const struct verdict *v, const struct place *p)
{
	for (size_t i = 0; i < v->count; i++) {
		const struct finding *f = &v->findings[i];

		for (size_t k = 0; k < f->host_count && !f->filler; k++)
			if (f->hosts[k].bytes[15] == p->host &&
			    f->group.timeline->last.dst.bytes[15] == p->destination)
				return f;
	}
	return NULL;
}

static void same(double a, double b, double within)
{
	if (!(fabs(a - b) <= within * (1 + fabs(b))))
		fail_msg("%.9g, not %.9g", a, b);
}

/* Judge an implant both ways; true if it was on the list. */
static bool compare(const struct world *without, const struct implant *im, uint64_t seed,
		    bool exactly)
{
	struct world with;
	struct timeline_table *table = timeline_table_new(1 << 20);
	struct string_table *own = im->place.name ? without->names : string_table_new(4096);
	struct probe *probe = probe_new(&without->verdict);
	struct probe_traffic traffic = {.table = table, .want_rank = true};
	struct probe_result got;
	const struct finding *want;

	copy_groups(table, without, &im->place);
	add_implant(table, own, im, seed + 1000, without->window_s);
	setup(&with, seed, without->window_s);
	add_implant(with.table, with.names, im, seed + 1000, with.window_s);
	reach(&with);
	assert_int_equal(probe_judge(probe, &traffic, &got), 0);
	want = find(&with.verdict, &im->place);
	assert_int_equal(got.listed, want != NULL);
	if (want && want->host_count == 1) {
		double within = exactly ? 1e-9 : 0.05;

		assert_int_equal(got.finding.is_timer, want->is_timer);
		assert_int_equal(got.finding.severity, want->severity);
		same(got.finding.score_db, want->score_db, within);
		same(got.finding.sum_db, want->sum_db, within);
		same(got.finding.probability, want->probability, within);
		same(got.finding.timing.guaranteed_nats, want->timing.guaranteed_nats, 1e-9);
		same(log(got.finding.timing.p), log(want->timing.p), 1e-9);
	}
	if (want && exactly)
		assert_int_equal(got.finding.rank, want->rank);
	probe_free(probe);
	timeline_table_free(table);
	if (own != without->names)
		string_table_free(own);
	teardown(&with);
	return want != NULL;
}

static const struct implant implants[] = {
	{{3, 200, 443, NULL}, 900, 0.3, 900},	   /* new and bare */
	{{4, 201, 4444, NULL}, 3000, 0.7, 9000},   /* few calls, wide jitter, more out than in */
	{{5, 1, 443, "b.example"}, 500, 0.1, 777}, /* in a place that it calls anyway */
	{{6, 4, 443, NULL}, 300, 0.2, 300},	   /* the same, bare */
	{{7, 202, 443, NULL}, 9000, 0.5, 500},	   /* too slow to be seen */
};

static void a_probe_foretells_the_verdict(void **state)
{
	size_t listed = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 3; seed++) {
		struct world w;

		setup(&w, seed, short_s);
		reach(&w);
		for (size_t i = 0; i < ARRAY_LEN(implants); i++)
			listed += compare(&w, &implants[i], seed, true);
		teardown(&w);
	}
	assert_in_range(listed, 6, 14); /* the test means something */
}

/* Over days its host's hours count, and the calls probed change what the others are held against.
 */
static void over_days_it_is_close(void **state)
{
	struct world w;

	(void)state;
	setup(&w, 7, long_s);
	reach(&w);
	for (size_t i = 0; i < ARRAY_LEN(implants); i++)
		compare(&w, &implants[i], 7, false);
	teardown(&w);
}

/* A host that the fleet does not have, and nothing at all. */
static void what_cannot_be_probed(void **state)
{
	struct world w;
	struct timeline_table *table = timeline_table_new(1 << 20);
	struct probe_traffic traffic = {.table = table};
	struct probe_result result;
	struct probe *probe;
	struct place stranger = {250, 1, 443, NULL};

	(void)state;
	setup(&w, 1, short_s);
	reach(&w);
	probe = probe_new(&w.verdict);
	assert_int_equal(probe_judge(probe, &traffic, &result), -ENOENT);
	file_call(table, w.names, &stranger, 5, 100);
	assert_int_equal(probe_judge(probe, &traffic, &result), -ENOENT);
	probe_free(probe);
	timeline_table_free(table);
	teardown(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_probe_foretells_the_verdict),
		cmocka_unit_test(over_days_it_is_close),
		cmocka_unit_test(what_cannot_be_probed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
