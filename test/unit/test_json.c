/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include "report/json.h"

#include <math.h>

/* Write `value` as a string and compare with what RFC 8259 and RFC 3629 ask for. */
static void expect(const char *value, const char *json)
{
	char *text = NULL;
	size_t size = 0;
	struct json j = {.out = open_memstream(&text, &size)};

	assert_non_null(j.out);
	json_string(&j, NULL, value);
	fclose(j.out);
	assert_string_equal(text, json);
	free(text);
}

static void hostile_strings_stay_strings(void **state)
{
	(void)state;
	expect("plain", "\"plain\"");
	expect("a\"b\\c", "\"a\\\"b\\\\c\"");
	expect("\n\r\t\x01\x1b[31m\x7f", "\"\\u000a\\u000d\\u0009\\u0001\\u001b[31m\\u007f\"");
	expect("</script>", "\"</script>\"");
	expect("gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\"");
	expect("\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\"");
}

static void what_misleads_the_eye_is_escaped(void **state)
{
	(void)state;
	expect("a\xc2\x9b"
	       "31m",
	       "\"a\\u009b31m\"");
	expect("exe\xe2\x80\xaegnp", "\"exe\\u202egnp\"");
	expect("\xe2\x81\xa6x", "\"\\u2066x\"");
	expect("\xc2\xa0\xe2\x82\xac", "\"\xc2\xa0\xe2\x82\xac\"");
}

static void what_is_no_utf8_is_replaced_byte_by_byte(void **state)
{
	(void)state;
	expect("\xff\xfe", "\"\\ufffd\\ufffd\"");
	expect("\xc0\xaf", "\"\\ufffd\\ufffd\"");			/* overlong '/' */
	expect("\xe0\x80\xaf", "\"\\ufffd\\ufffd\\ufffd\"");		/* overlong again */
	expect("\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"");		/* a surrogate */
	expect("\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""); /* beyond U+10FFFF */
	expect("x\xe2\x82", "\"x\\ufffd\\ufffd\"");			/* cut short */
}

static void commas_and_numbers(void **state)
{
	char *text = NULL;
	size_t size = 0;
	struct json j = {.out = open_memstream(&text, &size)};

	(void)state;
	json_open(&j, NULL, '{');
	json_count(&j, "n", UINT64_MAX);
	json_open(&j, "list", '[');
	json_number(&j, NULL, 1.25, 1);
	json_number(&j, NULL, NAN, 1);
	json_number(&j, NULL, INFINITY, 1);
	json_open(&j, NULL, '{');
	json_close(&j, '}');
	json_close(&j, ']');
	json_bool(&j, "yes", true);
	json_close(&j, '}');
	fclose(j.out);
	assert_string_equal(
		text, "{\"n\":18446744073709551615,\"list\":[1.2,null,null,{}],\"yes\":true}");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_strings_stay_strings),
		cmocka_unit_test(what_misleads_the_eye_is_escaped),
		cmocka_unit_test(what_is_no_utf8_is_replaced_byte_by_byte),
		cmocka_unit_test(commas_and_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
