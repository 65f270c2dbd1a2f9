/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include "base/string_table.h"

static void the_same_string_has_the_same_number(void **state)
{
	struct string_table *t = string_table_new(1 << 20);
	uint32_t a, b;

	(void)state;
	a = string_table_add(t, "www.example", 11);
	b = string_table_add(t, "ntp.example", 11);
	assert_true(a != 0 && b != 0 && a != b);
	assert_int_equal(string_table_add(t, "www.example-and-more", 11), a);
	assert_string_equal(string_table_get(t, a), "www.example");
	assert_int_equal(string_table_add(t, "", 0), 0);
	assert_string_equal(string_table_get(t, 0), "");
	string_table_free(t);
}

/* Thousands of strings, so that it grows many times: every number still names its string. */
static void numbers_hold_while_it_grows(void **state)
{
	enum { MANY = 20000 };
	struct string_table *t = string_table_new(16 << 20);
	static uint32_t number[MANY];
	char text[32];

	(void)state;
	for (int i = 0; i < MANY; i++) {
		int len = snprintf(text, sizeof(text), "host-%d.example", i);

		number[i] = string_table_add(t, text, (size_t)len);
		assert_int_equal(number[i], i + 1);
	}
	for (int i = 0; i < MANY; i++) {
		int len = snprintf(text, sizeof(text), "host-%d.example", i);

		assert_int_equal(string_table_add(t, text, (size_t)len), number[i]);
		assert_string_equal(string_table_get(t, number[i]), text);
	}
	assert_int_equal(string_table_count(t), MANY);
	assert_int_equal(string_table_refused(t), 0);
	string_table_free(t);
}

static void a_spent_budget_refuses_and_counts(void **state)
{
	struct string_table *t = string_table_new(100 << 10); /* one block of 64 KiB */
	uint64_t added = 0;
	char text[101];

	(void)state;
	for (int i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "%0100d", i);
		added += string_table_add(t, text, 100) != 0;
	}
	assert_true(added > 400 && added < 700);
	assert_int_equal(string_table_refused(t), 5000 - added);
	assert_int_equal(string_table_count(t), added);
	string_table_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_string_has_the_same_number),
		cmocka_unit_test(numbers_hold_while_it_grows),
		cmocka_unit_test(a_spent_budget_refuses_and_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
