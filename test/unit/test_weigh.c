/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include "detect/detectors.h"
#include "verdict/listing.h"
#include "verdict/weigh.h"

#include <math.h>

/*
 * Worked examples of the study this method comes from: trait rates p0 and p1,
 * weight when present, weight when absent, to one decimal.
 */
static void weights_agree_with_the_worked_examples(void **state)
{
	static const struct {
		double p0, p1, present, absent;
	} known[] = {
		{.03, .7, 13.2, -4.2}, {.04, .6, 11.3, -3.2}, {.05, .7, 11.0, -4.2},
		{.20, .9, 6.2, -6.7},  {.08, .5, 7.6, -2.3},  {.05, .4, 8.6, -1.7},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		struct detector d = {.p1 = known[i].p1, .innocent = true};

		assert_true(fabs(detector_weight_db(&d, TRAIT_PRESENT, known[i].p0) -
				 known[i].present) < 0.06);
		assert_true(fabs(detector_weight_db(&d, TRAIT_ABSENT, known[i].p0) -
				 known[i].absent) < 0.06);
		d.innocent = false;
		assert_true(detector_weight_db(&d, TRAIT_ABSENT, known[i].p0) == 0);
		assert_true(detector_weight_db(&d, TRAIT_UNKNOWN, known[i].p0) == 0);
	}
}

/*
 * Weights count, and so does their kin: two signs of one kind add up in the
 * plain sum and are averaged, as ratios, in the grouped one.
 */
static void kin_is_averaged_and_strangers_add(void **state)
{
	struct timeline t = {.calls = 10, .lookups_visible = 10, .tls = 10, .no_sni = 10};
	struct subject s = {.timeline = &t, .hosts = 1};
	struct weights w = {0};
	double lookup = 0, bare = 0, port = 0, expected;
	struct score score;

	(void)state;
	t.key.proto = 6;
	t.key.port = 4444;
	for (size_t i = 0; detectors[i]; i++) {
		double db = detector_weight_db(detectors[i], TRAIT_PRESENT, detectors[i]->p0);

		w.p0[STRATUM_COMMON][i] = detectors[i]->p0;
		if (detectors[i] == &detect_lookup)
			lookup = db;
		if (detectors[i] == &detect_bare)
			bare = db;
		if (detectors[i] == &detect_port)
			port = db;
	}
	score = weigh_score(&w, &s);
	expected = 10 * log10((pow(10, lookup / 10) + pow(10, bare / 10)) / 2) + port;
	assert_true(fabs(score.plain_db - (lookup + bare + port)) < 1e-9);
	assert_true(fabs(score.grouped_db - expected) < 1e-9);
}

/*
 * Where nine of eleven other clients of a service have a sign, it is weighed by
 * (9 + 2 x 0.03) / (11 + 2) = 0.697 rather than by the fleet's 0.03: 10 log10 of
 * (0.9 x 0.3 + 0.1 x 0.697) / 0.697 is below zero, so it says nothing.  Where one
 * of eleven has it: (1 + 0.06) / 13 = 0.0815, and 5.3 dB are left of 9.6.
 */
static void what_a_service_is_like_is_no_sign_of_one_client(void **state)
{
	struct timeline t = {.calls = 1, .longest_ms = 86400000, .total_ms = 86400000};
	struct subject s = {.timeline = &t, .hosts = 50, .window_s = 86400};
	struct weights w = {0};
	struct custom custom = {0};
	size_t is_long = 0;

	(void)state;
	t.key.proto = 6;
	t.key.port = 443;
	for (size_t i = 0; detectors[i]; i++) {
		w.p0[STRATUM_COMMON][i] = 0.03;
		if (detectors[i] == &detect_long)
			is_long = i;
	}
	assert_int_equal(detect_long.observe(&s), TRAIT_PRESENT);
	assert_true(fabs(weigh_score(&w, &s).grouped_db - 9.586) < 0.01);
	s.custom = &custom;
	custom.known[is_long] = 11;
	custom.present[is_long] = 1;
	assert_true(fabs(weigh_score(&w, &s).grouped_db - 5.333) < 0.01);
	custom.present[is_long] = 9;
	assert_true(weigh_score(&w, &s).grouped_db == 0);
	/* that none of them has it makes it no heavier */
	custom.present[is_long] = 0;
	assert_true(fabs(weigh_score(&w, &s).grouped_db - 9.586) < 0.01);
}

/*
 * The worked example of docs/detection/verdict.md, calculated by hand there.
 */
static void the_worked_example_of_the_documentation(void **state)
{
	static const struct {
		const struct detector *detector;
		double p0, weight_db;
	} signs[] = {
		{&detect_prevalence, 0.01, 19.09}, {&detect_lookup, 0.2, 5.12},
		{&detect_bare, 0.15, 5.68},	   {&detect_port, 0.05, 8.63},
		{&detect_timing, 0.4, 2.79},
	};
	struct timeline t = {.calls = 100, .lookups_visible = 100, .tls = 100, .no_sni = 100};
	struct timing_result timing = {.calls = 100, .period_s = 600};
	struct subject s = {.timeline = &t,
			    .timing = &timing,
			    .hosts = 200,
			    .hosts_to_destination = 1,
			    .is_timer = true};
	struct weights w = {0};
	struct finding f;

	(void)state;
	t.key.proto = 6;
	t.key.port = 4117;
	for (size_t i = 0; detectors[i]; i++) {
		w.p0[STRATUM_RARE_TIMER][i] = 1; /* everywhere: says nothing */
		for (size_t k = 0; k < ARRAY_LEN(signs); k++)
			if (detectors[i] == signs[k].detector)
				w.p0[STRATUM_RARE_TIMER][i] = signs[k].p0;
	}
	for (size_t k = 0; k < ARRAY_LEN(signs); k++)
		assert_true(fabs(detector_weight_db(signs[k].detector, TRAIT_PRESENT, signs[k].p0) -
				 signs[k].weight_db) < 0.005);
	f = listing_finding(&w, &s, &(struct group){.timeline = &t}, &(struct judgement){0}, -30);
	assert_true(fabs(f.sum_db - 41.31) < 0.02);
	assert_true(fabs(f.score_db - 34.83) < 0.02);
	assert_true(fabs(f.probability - 0.753) < 0.002);
	assert_int_equal(f.severity, SEVERITY_HIGH);
}

/* Where the line is drawn: odds of ten to one, even, one in ten, one in a hundred. */
static void severity_follows_the_odds(void **state)
{
	(void)state;
	assert_int_equal(listing_severity(10), SEVERITY_CRITICAL);
	assert_int_equal(listing_severity(9.99), SEVERITY_HIGH);
	assert_int_equal(listing_severity(0), SEVERITY_HIGH);
	assert_int_equal(listing_severity(-0.01), SEVERITY_MEDIUM);
	assert_int_equal(listing_severity(-10), SEVERITY_MEDIUM);
	assert_int_equal(listing_severity(-10.01), SEVERITY_LOW);
	assert_int_equal(listing_severity(-20), SEVERITY_LOW);
	assert_int_equal(listing_severity(-20.01), SEVERITY_INFO);
}

/* However rare a sign: one kind stays below what makes a case; and none turns into its opposite. */
static void one_kind_is_capped_and_never_negative(void **state)
{
	struct timeline t = {.calls = 10, .lookups_visible = 10};
	struct subject s = {.timeline = &t, .hosts = 1};
	struct weights w = {0};
	struct detector d = {.p1 = 0.4, .innocent = true};

	(void)state;
	t.key.proto = 6;
	t.key.port = 443;
	for (size_t i = 0; detectors[i]; i++)
		w.p0[STRATUM_COMMON][i] = 1e-6;
	assert_true(weigh_score(&w, &s).plain_db > 50); /* no look-up, one in a million */
	assert_true(fabs(weigh_score(&w, &s).grouped_db - WEIGH_KIND_MOST_DB) < 1e-9);
	assert_true(detector_weight_db(&d, TRAIT_PRESENT, 0.98) == 0);
	assert_true(detector_weight_db(&d, TRAIT_ABSENT, 0.98) == 0);
}

static void shares_start_from_the_table_and_follow_the_fleet(void **state)
{
	struct timeline odd = {.calls = 1}, plain = {.calls = 1};
	struct weights w = {0};
	size_t port = 0;

	(void)state;
	while (detectors[port] != &detect_port)
		port++;
	odd.key.proto = plain.key.proto = 6;
	odd.key.port = 4444;
	plain.key.port = 443;
	weights_settle(&w);
	assert_true(fabs(w.p0[STRATUM_COMMON][port] - detect_port.p0) < 1e-12);
	for (int i = 0; i < 180; i++)
		weights_count(&w, &(struct subject){.timeline = i < 28 ? &odd : &plain, .hosts = 1},
			      1);
	weights_settle(&w);
	/* counted by hand: all are common, so .15 in the fleet, then (28 + 3) / 200 in the stratum
	 */
	assert_true(fabs(w.p0[STRATUM_COMMON][port] - 31. / 200) < 1e-12);
	assert_true(fabs(w.p0[STRATUM_RARE][port] - .15) < 1e-12);
}

/*
 * Agents are timers that stay connected.  Of 400 groups at common destinations
 * 300 are timers, 150 of them stay connected, and nobody else does.
 */
static void what_timers_do_anyway_weighs_less_for_a_timer(void **state)
{
	struct timeline agent = {.calls = 1, .longest_ms = 4000 * 1000}, plain = {.calls = 1};
	struct weights w = {0};
	double fleet, common, timer;
	size_t connected = 0;

	(void)state;
	while (detectors[connected] != &detect_long)
		connected++;
	for (int i = 0; i < 400; i++)
		weights_count(&w,
			      &(struct subject){.timeline = i < 150 ? &agent : &plain,
						.hosts = 1,
						.is_timer = i < 300},
			      1);
	weights_settle(&w);
	fleet = (150 + 20 * detect_long.p0) / 420;
	common = (150 + 20 * fleet) / 420;
	timer = (150 + 100 * common) / 400;
	assert_true(fabs(w.p0[STRATUM_COMMON][connected] - common) < 1e-12);
	assert_true(fabs(w.p0[STRATUM_COMMON_TIMER][connected] - timer) < 1e-12);
	assert_true(fabs(w.p0[STRATUM_RARE_TIMER][connected] - w.p0[STRATUM_RARE][connected]) <
		    1e-12);
	for (size_t i = 0; detectors[i]; i++) /* rhythm is the stratum */
		if (detectors[i] == &detect_timing)
			assert_true(w.p0[STRATUM_COMMON_TIMER][i] == w.p0[STRATUM_COMMON][i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(weights_agree_with_the_worked_examples),
		cmocka_unit_test(kin_is_averaged_and_strangers_add),
		cmocka_unit_test(what_a_service_is_like_is_no_sign_of_one_client),
		cmocka_unit_test(the_worked_example_of_the_documentation),
		cmocka_unit_test(severity_follows_the_odds),
		cmocka_unit_test(one_kind_is_capped_and_never_negative),
		cmocka_unit_test(what_timers_do_anyway_weighs_less_for_a_timer),
		cmocka_unit_test(shares_start_from_the_table_and_follow_the_fleet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
