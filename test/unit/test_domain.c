/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose is a name?  Expected values from the test vectors that go with the Public
 * Suffix List (public domain) and from its rules.
 */
#include "unit/unit.h"

#include "proto/domain.h"

static const char *registered(const char *name)
{
	size_t start = domain_start(name, strlen(name));

	return start == strlen(name) ? "" : name + start;
}

static void the_list_says_whose_a_name_is(void **state)
{
	static const char *const cases[][2] = {
		{"com", ""},
		{"example.com", "example.com"},
		{"a.b.example.com", "example.com"},
		{"uk.com", ""},
		{"a.b.example.uk.com", "example.uk.com"},
		{"test.ac.jp", "test.ac.jp"},
		{"www.test.ac.jp", "test.ac.jp"},
		{"c.kobe.jp", ""},
		{"a.b.c.kobe.jp", "b.c.kobe.jp"},
		{"www.city.kobe.jp", "city.kobe.jp"},
		{"ck", ""},
		{"b.test.ck", "b.test.ck"},
		{"www.www.ck", "www.ck"},
		{"test.k12.ak.us", "test.k12.ak.us"},
		{"www.xn--85x722f.com.cn", "xn--85x722f.com.cn"},
		{"b.example.example", "example.example"},
		{"pages.someone.github.io", "someone.github.io"},
		{"", ""},
		{"localhost", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(registered(cases[i][0]), cases[i][1]);
}

/* Only the last labels are searched, so no length of name makes it slow or wrong. */
static void long_names_end_the_same(void **state)
{
	char name[256] = "";

	(void)state;
	for (int i = 0; i < 100; i++)
		strcat(name, "a.");
	strcat(name, "example.co.uk");
	assert_string_equal(registered(name), "example.co.uk");
}

static void reverse_lookups_are_numbers_under_arpa(void **state)
{
	static const struct {
		const char *name;
		bool reverse;
	} cases[] = {
		{"1.2.0.192.in-addr.arpa", true},
		{"0.192.in-addr.arpa", true},
		{"256.2.0.192.in-addr.arpa", false},
		{"1.1.2.0.192.in-addr.arpa", false},
		{"x1.2.0.192.in-addr.arpa", false},
		{"b._dns-sd._udp.0.2.0.192.in-addr.arpa", false},
		{"in-addr.arpa.example", false},
		{"8.b.d.0.1.0.0.2.ip6.arpa", true},
		{"8.b.dd.0.1.0.0.2.ip6.arpa", false},
		{"g.ip6.arpa", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(domain_is_reverse(cases[i].name, strlen(cases[i].name)),
				 cases[i].reverse);
}

static void tops_that_nobody_delegates(void **state)
{
	(void)state;
	assert_true(domain_is_private("db1.fleet.internal", 18));
	assert_true(domain_is_private("nas.local", 9));
	assert_false(domain_is_private("local", 5));
	assert_false(domain_is_private("local.example.com", 17));
	assert_true(domain_is_made_up("dnscat.5dff01f5002a45a2488be800922b", 35));
	assert_false(domain_is_made_up("a.travelersinsurance", 20)); /* on the list, and long */
	assert_false(domain_is_made_up("pirate.sea", 10));
}

static void block_lists_are_asked_backwards(void **state)
{
	static const char v6[] = "2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2."
				 "list.example.org";

	(void)state;
	assert_int_equal(domain_listed_address("99.2.0.192.zen.example.org", 14), 11);
	assert_int_equal(domain_listed_address("99.2.0.zen.example.org", 10), 0);
	assert_int_equal(domain_listed_address("99.2.0.300.zen.example.org", 14), 0);
	assert_int_equal(domain_listed_address(v6, 68), 64);
}

static void written_names_are_bytes_again(void **state)
{
	uint8_t out[DOMAIN_BYTES_MAX];

	(void)state;
	assert_int_equal(domain_bytes("a\\200b", 6, out), 3);
	assert_memory_equal(out,
			    "a\xc8"
			    "b",
			    3);
	assert_int_equal(domain_bytes("\\xe0.z", 6, out), 3);
	assert_memory_equal(out, "\xe0.z", 3);
	assert_int_equal(domain_bytes("\\", 1, out), 1);
	assert_int_equal(domain_bytes("\\x", 2, out), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_list_says_whose_a_name_is),
		cmocka_unit_test(long_names_end_the_same),
		cmocka_unit_test(reverse_lookups_are_numbers_under_arpa),
		cmocka_unit_test(tops_that_nobody_delegates),
		cmocka_unit_test(block_lists_are_asked_backwards),
		cmocka_unit_test(written_names_are_bytes_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
