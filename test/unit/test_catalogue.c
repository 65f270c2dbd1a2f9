/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue of ordinary services: its text, its look-ups, and what an entry
 * is worth, by the worked examples of docs/detection/known-service.md.
 */
#include "unit/unit.h"

#include "detect/detector.h"
#include "detect/detectors.h"
#include "intel/catalogue.h"

#include <netinet/in.h>

static struct catalogue *read(const char *text)
{
	struct catalogue *c = catalogue_new();
	struct complaint why = {""};

	assert_non_null(c);
	if (catalogue_add(c, "test", text, strlen(text), &why))
		fail_msg("%s", why.text);
	return c;
}

static const char *what(const struct catalogue *c, const char *name, uint16_t port)
{
	const struct service *s = catalogue_name(c, name, IPPROTO_TCP, port);

	return s ? s->what : "";
}

static void the_built_in_one_is_sound(void **state)
{
	struct catalogue *c = read(catalogue_built_in);
	const struct service *s;

	(void)state;
	assert_true(catalogue_count(c) > 200);
	assert_int_equal(strlen(catalogue_version(c)), 10);
	s = catalogue_name(c, "deb.debian.org", IPPROTO_TCP, 80);
	assert_non_null(s);
	assert_int_equal(s->trust, CATALOGUE_STRONG);
	s = catalogue_name(c, "hooks.slack.com", IPPROTO_TCP, 443);
	assert_non_null(s);
	assert_int_equal(s->trust, CATALOGUE_WEAK);
	assert_non_null(catalogue_name(c, "ssm.eu-west-1.amazonaws.com", IPPROTO_TCP, 443));
	assert_null(catalogue_name(c, "x.eu-west-1.amazonaws.com", IPPROTO_TCP, 443));
	catalogue_free(c);
}

static void names_are_whole_labels_and_the_longest_counts(void **state)
{
	struct catalogue *c = read("a.example | tcp/443 | - | strong | wide | w | s\n"
				   "b.a.example | - | - | strong | narrow | w | s\n"
				   "x.*.z.example *.one.example | - | - | weak | star | w | s\n");

	(void)state;
	assert_string_equal(what(c, "a.example", 443), "wide");
	assert_string_equal(what(c, "q.a.example", 443), "wide");
	assert_string_equal(what(c, "a.example", 80), "");
	assert_string_equal(what(c, "xa.example", 443), "");
	assert_string_equal(what(c, "a.example.evil", 443), "");
	assert_string_equal(what(c, "q.b.a.example", 443), "narrow");
	assert_string_equal(what(c, "x.y.z.example", 1), "star");
	assert_string_equal(what(c, "w.x.y.z.example", 1), "star");
	assert_string_equal(what(c, "x.z.example", 1), "");
	assert_string_equal(what(c, "x.y.y.z.example", 1), "");
	assert_string_equal(what(c, "x..z.example", 1), "");
	assert_string_equal(what(c, "k.one.example", 1), "star");
	assert_string_equal(what(c, "one.example", 1), "");
	assert_string_equal(what(c, "", 1), "");
	assert_null(catalogue_name(c, "a.example", IPPROTO_UDP, 443));
	catalogue_free(c);
}

static void a_file_of_ones_own_overrides(void **state)
{
	struct catalogue *c = read("version 1\na.example | - | - | strong | first | w | s\n"
				   "b.example | - | - | strong | second | w | s\n");
	struct complaint why;
	static const char mine[] = "version mine\nA.example | - | - | off | x | w | s\n";
	static const char good[] = "version mine\na.example | - | - | off | x | w | s\n"
				   "b.example | udp/1..2 | - | weak | x | w | s\n";

	(void)state;
	assert_true(catalogue_add(c, "mine", mine, strlen(mine), &why) < 0);
	assert_string_equal(why.text, "mine: line 2: a name is no name");
	assert_true(catalogue_add(c, "mine", good, strlen(good), &why) < 0);
	assert_non_null(strstr(why.text, "mine: line 3: the second field is a protocol"));
	assert_string_equal(catalogue_version(c), "mine");
	assert_string_equal(what(c, "a.example", 1), "");
	assert_string_equal(what(c, "b.example", 1), "second");
	catalogue_free(c);
}

static void mistakes_are_told(void **state)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{"a.example | - | - | strong | x | w", "seven fields"},
		{"a.example | - | - | strong | x | w | s | t", "seven fields"},
		{"a.example | - | - | strong |  | w | s", "seven fields"},
		{"a.example | - | - | strong | x\033 | w | s", "seven fields"},
		{"a.example | icmp | - | strong | x | w | s", "second field"},
		{"a.example | tcp/70000 | - | strong | x | w | s", "second field"},
		{"a.example | tcp/1,2,3,4,5,6,7 | - | strong | x | w | s", "second field"},
		{"a.example | - | 5 | strong | x | w | s", "third field"},
		{"a.example | - | 2h..1h | strong | x | w | s", "third field"},
		{"a.example | - | 1h.. | strong | x | w | s", "third field"},
		{"a.example | - | - | sure | x | w | s", "fourth field"},
		{"com | - | - | weak | x | w | s", "no name"},
		{"a*.example | - | - | weak | x | w | s", "no name"},
		{"a.* | - | - | weak | x | w | s", "no name"},
		{".a.example | - | - | weak | x | w | s", "no name"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct catalogue *c = catalogue_new();
		struct complaint why = {""};

		if (!catalogue_add(c, "t", bad[i].text, strlen(bad[i].text), &why) ||
		    !strstr(why.text, bad[i].why))
			fail_msg("%s: %s", bad[i].text, why.text);
		catalogue_free(c);
	}
}

static void addresses_have_entries_too(void **state)
{
	struct catalogue *c = read("192.0.2.0/24 | tcp/80 | - | strong | net | w | s\n"
				   "192.0.2.7 2001:db8::/32 | - | - | strong | one | w | s\n");
	struct address a = address_v4((uint8_t[]){192, 0, 2, 7});
	struct address b = address_v4((uint8_t[]){192, 0, 2, 8});

	(void)state;
	assert_string_equal(catalogue_address(c, &a, IPPROTO_TCP, 80)->what, "one");
	assert_string_equal(catalogue_address(c, &b, IPPROTO_TCP, 80)->what, "net");
	assert_null(catalogue_address(c, &b, IPPROTO_TCP, 81));
	catalogue_free(c);
}

static double weigh(const struct catalogue *c, const char *name, double period_s, bool confirmed)
{
	struct string_table *names = string_table_new(1 << 20);
	struct timeline t = {.calls = 10, .confirmed = confirmed ? 10 : 0};
	struct timing_result timing = {.period_s = period_s};
	struct subject s = {
		.timeline = &t, .names = names, .catalogue = c, .is_timer = period_s > 0};
	double db;

	s.timing = period_s > 0 ? &timing : NULL;
	t.key.proto = IPPROTO_TCP;
	t.key.port = 443;
	t.names[0] = string_table_add(names, name, strlen(name));
	db = detect_known.observe(&s) == TRAIT_PRESENT ? detect_known.weigh(&s) : 0;
	string_table_free(names);
	return db;
}

static void what_fits_less_weighs_less(void **state)
{
	struct catalogue *c = read("a.example | tcp/443 | 6h..3d | strong | updates | w | s\n"
				   "b.example | tcp/443 | - | weak | hooks | w | s\n");

	(void)state;
	assert_true(weigh(c, "a.example", 86400, true) == -10);
	assert_true(weigh(c, "a.example", 0, true) == -10); /* no timer: no period to judge */
	assert_true(weigh(c, "a.example", 300, true) == -5);
	assert_true(weigh(c, "a.example", 86400, false) == -5);
	assert_true(weigh(c, "a.example", 300, false) == -2.5);
	assert_true(weigh(c, "b.example", 300, true) == -4);
	assert_true(weigh(c, "b.example", 300, false) == -2);
	assert_true(weigh(c, "c.example", 300, true) == 0);
	assert_true(weigh(NULL, "a.example", 300, true) == 0);
	catalogue_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_built_in_one_is_sound),
		cmocka_unit_test(names_are_whole_labels_and_the_longest_counts),
		cmocka_unit_test(a_file_of_ones_own_overrides),
		cmocka_unit_test(mistakes_are_told),
		cmocka_unit_test(addresses_have_entries_too),
		cmocka_unit_test(what_fits_less_weighs_less),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
