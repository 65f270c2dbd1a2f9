/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The worked examples of docs/detection/intel.md: what a match weighs.
 */
#include "unit/unit.h"

#include "detect/detector.h"
#include "detect/detectors.h"
#include "intel/intel_load.h"

#include <netinet/in.h>

struct bench {
	struct intel *intel;
	struct timeline timeline;
	struct subject subject;
};

static struct bench start(const char *list)
{
	struct home home = home_default();
	struct bench b = {.intel = intel_new(&home, 4 << 20)};
	struct complaint why;

	assert_int_equal(intel_load_text(&(struct intel_reader){.intel = b.intel}, "feed.txt", list,
					 strlen(list), &why),
			 0);
	b.timeline = (struct timeline){.calls = 3, .listed_calls = 3};
	b.timeline.key.port = 443;
	b.timeline.key.proto = IPPROTO_TCP;
	b.subject = (struct subject){.intel = b.intel, .hosts = 500, .hosts_to_destination = 1};
	return b;
}

static void expect(struct bench *b, uint32_t match, double db, bool strong)
{
	double weight;

	b->timeline.listed = match;
	b->subject.timeline = &b->timeline;
	assert_int_equal(detect_intel.observe(&b->subject), strong ? TRAIT_PRESENT : TRAIT_ABSENT);
	assert_int_equal(detect_intel_hint.observe(&b->subject),
			 strong ? TRAIT_ABSENT : TRAIT_PRESENT);
	weight = detect_intel.weigh(&b->subject);
	if (weight < db - 0.05 || weight > db + 0.05)
		fail_msg("%.2f dB instead of %.2f", weight, db);
}

static uint32_t address(const struct bench *b, const char *text)
{
	struct address a;

	assert_int_equal(address_parse(text, strlen(text), &a), 0);
	return intel_address(b->intel, &a, 0);
}

static void a_match_convicts(void **state)
{
	struct bench b = start("bad.example panel\n203.0.113.7\n203.0.113.8:8080\n");

	(void)state;
	expect(&b, intel_name(b.intel, "www.bad.example", 0), 37, true);
	expect(&b, address(&b, "203.0.113.7"), 35, true);
	expect(&b, address(&b, "203.0.113.8"), 25, true); /* listed for another port */
	b.timeline.key.port = 8080;
	expect(&b, address(&b, "203.0.113.8"), 35, true);
	assert_true(detect_intel.alone);
	assert_false(detect_intel_hint.alone);
	intel_free(b.intel);
}

/* 35 - 10 log10(sqrt(256)) = 23; of 4096 addresses 17. */
static void wide_networks_weigh_less(void **state)
{
	struct bench b = start("198.51.100.0/24\n203.0.112.0/20\n2001:db8:1::/48\n2001:db8:2::1\n");

	(void)state;
	expect(&b, address(&b, "198.51.100.9"), 35 - 8 * 1.505, true);
	expect(&b, address(&b, "203.0.113.9"), 35 - 12 * 1.505, false);
	expect(&b, address(&b, "2001:db8:1:1::5"), 35 - 16 * 1.505, false);
	expect(&b, address(&b, "2001:db8:2::1"), 35, true);
	intel_free(b.intel);
}

/* 37 - 10 log10(10) = 27; 400 of 500 hosts would leave 11, but 22 stay: one case in all. */
static void popular_places_weigh_less_but_are_told(void **state)
{
	struct bench b = start("popular.example\n");
	uint32_t match = intel_name(b.intel, "popular.example", 0);
	struct evidence e = {0};

	(void)state;
	b.subject.hosts_to_destination = 10;
	expect(&b, match, 27, true);
	b.subject.hosts_to_destination = 400;
	expect(&b, match, 22, true);
	detect_intel.describe(&b.subject, TRAIT_PRESENT, 0, &e);
	assert_string_equal(e.text,
			    "the name is listed: popular.example in feed.txt line 1; 400 of "
			    "500 hosts go there: is the list right?");
	intel_free(b.intel);
}

static void fingerprints_only_hint(void **state)
{
	struct bench b = start("e7d705a3286e19ea42f587b344ee6865 Tofsee\n"
			       "http://pages.example/x/y.exe\n");
	struct evidence e = {0};

	(void)state;
	expect(&b, intel_text(b.intel, INDICATOR_JA3, "e7d705a3286e19ea42f587b344ee6865", 32, 0),
	       12, false);
	detect_intel_hint.describe(&b.subject, TRAIT_PRESENT, 0, &e);
	assert_non_null(strstr(e.text, "which others may share"));
	expect(&b, intel_name(b.intel, "pages.example", 0), 10, false);
	expect(&b, intel_url(b.intel, "pages.example/x/y.exe", 21, 0), 40, true);
	b.subject.intel = NULL;
	assert_int_equal(detect_intel.observe(&b.subject), TRAIT_UNKNOWN);
	intel_free(b.intel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_match_convicts),
		cmocka_unit_test(wide_networks_weigh_less),
		cmocka_unit_test(popular_places_weigh_less_but_are_told),
		cmocka_unit_test(fingerprints_only_hint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
