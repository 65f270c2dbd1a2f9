/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "flow/home.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool contains(const struct home *home, const char *text)
{
	struct address a;

	if (address_parse(text, strlen(text), &a))
		fail_msg("%s was not read", text);
	return home_contains(home, &a);
}

/* First and last address of each block, and their neighbours: from the RFCs. */
static void the_default_is_private_space(void **state)
{
	static const char *const inside[] = {
		"10.0.0.0",    "10.255.255.255",  "172.16.0.0",	     "172.31.255.255",
		"192.168.0.0", "192.168.255.255", "100.64.0.0",	     "100.127.255.255",
		"169.254.0.0", "169.254.255.255", "fe80::",	     "febf:ffff::1",
		"fc00::",      "fdff:ffff::1",	  "::ffff:10.0.0.1", "::ffff:192.168.7.7",
	};
	static const char *const outside[] = {
		"9.255.255.255",   "11.0.0.0",	      "172.15.255.255", "172.32.0.0",
		"192.167.255.255", "192.169.0.0",     "100.63.255.255", "100.128.0.0",
		"169.253.255.255", "169.255.0.0",     "fec0::",		"fbff::",
		"fe00::",	   "::ffff:11.0.0.1", "8.8.8.8",	"2001:db8::1",
		"127.0.0.1",
	};
	struct home home = home_default();

	(void)state;
	assert_true(home.assumed);
	for (size_t i = 0; i < ARRAY_LEN(inside); i++)
		assert_true(contains(&home, inside[i]));
	for (size_t i = 0; i < ARRAY_LEN(outside); i++)
		assert_false(contains(&home, outside[i]));
}

static void networks_are_added_until_there_are_too_many(void **state)
{
	struct home home = {0};
	char text[32];

	(void)state;
	assert_false(contains(&home, "198.51.100.7"));
	assert_int_equal(home_add(&home, "198.51.100.0/33"), -EINVAL);
	assert_int_equal(home.count, 0);
	for (int i = 0; i < HOME_MAX; i++) {
		snprintf(text, sizeof(text), "198.51.%d.0/24", i);
		assert_int_equal(home_add(&home, text), 0);
	}
	assert_int_equal(home_add(&home, "203.0.113.0/24"), -ENOSPC);
	assert_true(contains(&home, "198.51.255.255"));
	assert_false(contains(&home, "203.0.113.1"));
	assert_false(home.assumed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default_is_private_space),
		cmocka_unit_test(networks_are_added_until_there_are_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
