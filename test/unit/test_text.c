/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/random.h"
#include "input/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* In memory of exactly its size, so that the sanitizer sees a read too far. */
static struct text exact(const char *text)
{
	size_t len = strlen(text);
	char *copy = malloc(len ? len : 1);

	memcpy(copy, text, len);
	return (struct text){copy, len};
}

static void drop(struct text text)
{
	free((char *)(uintptr_t)text.at);
}

static bool seconds(const char *text, ns_t *out)
{
	struct text t = exact(text);
	bool ok = text_seconds(t, out);

	drop(t);
	return ok;
}

static bool moment(const char *text, ns_t *out)
{
	struct text t = exact(text);
	bool ok = text_time(t, out);

	drop(t);
	return ok;
}

static bool address(const char *text, struct address *out)
{
	struct text t = exact(text);
	bool ok = text_address(t, out);

	drop(t);
	return ok;
}

static void counts(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		uint64_t value;
	} cases[] = {
		{"0", true, 0},
		{"007", true, 7},
		{"1234567890123456789", true, 1234567890123456789u},
		{"12.0", true, 12},
		{"12.", true, 12},
		{"12.5", false, 0},
		{"", false, 0},
		{"-1", false, 0},
		{"+1", false, 0},
		{" 1", false, 0},
		{"1 ", false, 0},
		{"0x10", false, 0},
		{"1e3", false, 0},
		{"99999999999999999999", false, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct text t = exact(cases[i].text);
		uint64_t value = 77;

		if (text_count(t, &value) != cases[i].ok ||
		    value != (cases[i].ok ? cases[i].value : 77))
			fail_msg("\"%s\"", cases[i].text);
		drop(t);
	}
}

static void ports(void **state)
{
	uint16_t port = 7;

	(void)state;
	assert_true(text_port((struct text){"65535", 5}, &port));
	assert_int_equal(port, 65535);
	assert_false(text_port((struct text){"65536", 5}, &port));
	assert_false(text_port((struct text){NULL, 0}, &port));
	assert_int_equal(port, 65535);
}

/* Against the C library, in long double, which holds 19 digits. */
static void seconds_agree_with_strtold(void **state)
{
	struct random random = random_from_seed(11);

	(void)state;
	for (int i = 0; i < 100000; i++) {
		char text[64];
		ns_t ns;
		long double expected;
		int digits = (int)random_below(&random, 10);
		int exponent = (int)random_below(&random, 7) - 3;

		if (random_chance(&random, 0.5))
			snprintf(text, sizeof(text), "%.*f", digits,
				 random_between(&random, 0, 2e9));
		else
			snprintf(text, sizeof(text), "%.*f%c%+d", digits,
				 random_between(&random, 0, 1e5), "eE"[i & 1], exponent);
		expected = strtold(text, NULL) * 1e9L;
		if (!seconds(text, &ns))
			fail_msg("%s was not read", text);
		/* We cut where the library rounds. */
		if ((long double)ns > expected + 0.5L || (long double)ns < expected - 1.5L)
			fail_msg("%s: %lld", text, (long long)ns);
	}
}

static void odd_seconds(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		ns_t ns;
	} cases[] = {
		{"0", true, 0},
		{".5", true, 500000000},
		{"5.", true, 5000000000},
		{"0.0000000019", true, 1},
		{"0.001528024673461914", true, 1528024},
		{"9.5367431640625e-07", true, 953},
		{"1E-400", true, 0},
		{"0e400", true, 0},
		{"0.00000000000000000000000000000000001e30", true, 10000},
		{"1588205199.82437", true, 1588205199824370000},
		{"9223372036.854775807", true, INT64_MAX},
		{"9223372036.854775808", false, 0},
		{"123456789012345678901234567890", false, 0},
		{"1e20", false, 0},
		{"1e401", false, 0},
		{"1e99999999999999999999", false, 0},
		{"", false, 0},
		{".", false, 0},
		{"-1", false, 0},
		{"1.2.3", false, 0},
		{"1e", false, 0},
		{"1e+", false, 0},
		{"nan", false, 0},
		{"inf", false, 0},
		{"0x1p3", false, 0},
		{"1 ", false, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		ns_t ns = 77;

		if (seconds(cases[i].text, &ns) != cases[i].ok ||
		    ns != (cases[i].ok ? cases[i].ns : 77))
			fail_msg("\"%s\": %lld", cases[i].text, (long long)ns);
	}
}

/* Against strftime(), for moments between 1970 and 2200 and offsets of a day. */
static void iso_times_agree_with_the_c_library(void **state)
{
	struct random random = random_from_seed(5);

	(void)state;
	for (int i = 0; i < 50000; i++) {
		time_t utc = (time_t)random_below(&random, 7200000000);
		int minutes = (int)random_below(&random, 2 * 1439) - 1439;
		time_t local = utc + 60 * minutes;
		unsigned nanos = (unsigned)random_below(&random, 1000000000);
		char date[32], text[80];
		struct tm tm;
		ns_t ns;

		if (local < 0)
			continue;
		gmtime_r(&local, &tm);
		strftime(date, sizeof(date), i & 1 ? "%Y-%m-%dT%H:%M:%S" : "%Y-%m-%d %H:%M:%S",
			 &tm);
		snprintf(text, sizeof(text), "%s.%09u%c%02d%s%02d", date, nanos,
			 minutes < 0 ? '-' : '+', abs(minutes) / 60, i & 2 ? ":" : "",
			 abs(minutes) % 60);
		if (!moment(text, &ns) || ns != (ns_t)utc * NS_PER_SEC + nanos)
			fail_msg("%s: %lld", text, (long long)ns);
	}
}

static void moments(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		ns_t ns;
	} cases[] = {
		{"2020-04-30T00:06:39.824370Z", true, 1588205199824370000},
		{"2020-04-30T02:06:39.82437+0200", true, 1588205199824370000},
		{"2020-04-29t23:06:39,82437-01", true, 1588205199824370000},
		{"2020-04-30T00:06:39", true, 1588205199000000000},
		{"2016-12-31T23:59:60Z", true, 1483228800000000000}, /* a leap second */
		{"2020-02-29T00:00:00Z", true, 1582934400000000000},
		{"1588205199.824370", true, 1588205199824370000},
		{"1588205199824", true, 1588205199824000000}, /* JSON::TS_MILLIS */
		{"1.58820519982437E9", true, 1588205199824370000},
		{"19.981745", true, 19981745000},
		{"99999999999", false, 0}, /* the year 5138 */
		{"2020-04-30", false, 0},
		{"2020-04-30T", false, 0},
		{"2020-04-30T00:06", false, 0},
		{"2020-04-30T00:06:39.", false, 0},
		{"2020-04-30T00:06:39X", false, 0},
		{"2020-04-30T00:06:39Z ", false, 0},
		{"2020-04-30T00:06:39+2", false, 0},
		{"2020-04-30T00:06:39+02:", false, 0},
		{"2020-04-30T00:06:39+99:00", false, 0},
		{"2020-13-30T00:06:39Z", false, 0},
		{"2020-00-30T00:06:39Z", false, 0},
		{"2020-04-32T00:06:39Z", false, 0},
		{"2020-04-30T24:06:39Z", false, 0},
		{"9999-04-30T00:06:39Z", false, 0},
		{"-588205199.824370", false, 0},
		{"", false, 0},
		{"-", false, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		ns_t ns = 77;

		if (moment(cases[i].text, &ns) != cases[i].ok ||
		    ns != (cases[i].ok ? cases[i].ns : 77))
			fail_msg("\"%s\": %lld", cases[i].text, (long long)ns);
	}
}

/* Against inet_pton(): quads and nearly quads. */
static void addresses_agree_with_inet_pton(void **state)
{
	static const char alphabet[] = "0123456789...";
	struct random random = random_from_seed(2);

	(void)state;
	for (int i = 0; i < 100000; i++) {
		char text[24];
		uint8_t quad[4];
		struct address a;
		bool expected;

		for (int j = 0; j < 4; j++)
			quad[j] = (uint8_t)(random_u64(&random) >> random_below(&random, 8));
		snprintf(text, sizeof(text), "%d.%d.%d.%d", quad[0], quad[1], quad[2], quad[3]);
		if (random_chance(&random, 0.6))
			text[random_below(&random, strlen(text))] =
				alphabet[random_below(&random, sizeof(alphabet))];
		expected = inet_pton(AF_INET, text, quad) == 1;
		if (address(text, &a) != expected)
			fail_msg("%s", text);
		if (expected) {
			struct address b = address_v4(quad);

			assert_memory_equal(&a, &b, sizeof(a));
		}
	}
}

static void other_addresses(void **state)
{
	struct address a, b;

	(void)state;
	assert_true(address("fe80::5dd3:6bb3:7720:1e83", &a));
	assert_int_equal(address_parse("fe80::5dd3:6bb3:7720:1e83", 25, &b), 0);
	assert_true(address_equal(&a, &b));
	assert_false(address("www.example.org", &a));
	assert_false(address("", &a));
	assert_false(address("1.2.3.4 ", &a));
	assert_false(text_address((struct text){NULL, 0}, &a));
}

static void splitting(void **state)
{
	struct text rest = {"a,,bc", 5}, part;

	(void)state;
	part = text_split(rest, ',', &rest);
	assert_true(text_is(part, "a"));
	part = text_split(rest, ',', &rest);
	assert_true(text_is(part, ""));
	part = text_split(rest, ',', &rest);
	assert_true(text_is(part, "bc"));
	assert_null(rest.at);
}

static void words(void **state)
{
	(void)state;
	assert_true(text_word((struct text){"RSTOS0", 6}) == WORD("RSTOS0"));
	assert_true(text_word((struct text){"S0", 2}) != WORD("S1"));
	assert_true(text_word((struct text){"ninechars", 9}) == 0);
	assert_true(text_word((struct text){NULL, 0}) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts),
		cmocka_unit_test(ports),
		cmocka_unit_test(seconds_agree_with_strtold),
		cmocka_unit_test(odd_seconds),
		cmocka_unit_test(iso_times_agree_with_the_c_library),
		cmocka_unit_test(moments),
		cmocka_unit_test(addresses_agree_with_inet_pton),
		cmocka_unit_test(other_addresses),
		cmocka_unit_test(splitting),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
