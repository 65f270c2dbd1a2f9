/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/random.h"
#include "net/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

static struct address parsed(const char *text)
{
	struct address a;

	if (address_parse(text, strlen(text), &a))
		fail_msg("%s was not read", text);
	return a;
}

static struct network network(const char *text)
{
	struct network n;

	if (network_parse(text, &n))
		fail_msg("%s was not read", text);
	return n;
}

static void assert_text(const char *in, const char *expected)
{
	char out[ADDRESS_TEXT_SIZE];
	struct address a = parsed(in);

	assert_string_equal(address_text(&a, out), expected);
}

static void text_follows_the_examples_of_rfc_5952(void **state)
{
	(void)state;
	assert_text("2001:0db8::0001", "2001:db8::1");		     /* 4.1 */
	assert_text("2001:db8:0:0:0:0:2:1", "2001:db8::2:1");	     /* 4.2.1 */
	assert_text("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"); /* 4.2.2 */
	assert_text("2001:0:0:1:0:0:0:1", "2001:0:0:1::1");	     /* 4.2.3 */
	assert_text("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1");    /* 4.2.3 */
	assert_text("2001:DB8::AAAA", "2001:db8::aaaa");	     /* 4.3 */
	assert_text("0:0:0:0:0:ffff:192.0.2.1", "::ffff:192.0.2.1"); /* 5 */
	assert_text("::", "::");
	assert_text("::1", "::1");
	assert_text("1::", "1::");
	assert_text("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0");
	assert_text("192.0.2.255", "192.0.2.255");
	assert_text("0.0.0.0", "0.0.0.0");
}

static void an_unset_address_is_a_dash(void **state)
{
	struct address a = {0};
	struct network n = {0};
	char out[NETWORK_TEXT_SIZE];

	(void)state;
	assert_string_equal(address_text(&a, out), "-");
	assert_string_equal(network_text(&n, out), "-");
	assert_true(address_is_group(&a));
}

static void nonsense_is_refused_and_leaves_the_output_alone(void **state)
{
	static const char *const bad[] = {
		"",
		" ",
		"1",
		"1.2.3",
		"1.2.3.4.5",
		"1.2.3.256",
		"1.2.3.",
		".1.2.3",
		"1..2.3",
		"01.2.3.4",
		"1.2.3.4 ",
		" 1.2.3.4",
		"1.2.3.-4",
		"1.2.3.4/8",
		"0x1.2.3.4",
		"1.2.3.1111",
		":",
		":::",
		"1:2:3:4:5:6:7",
		"1:2:3:4:5:6:7:8:9",
		"1::2::3",
		"::1::",
		"12345::",
		"g::",
		":1:2:3:4:5:6:7:8",
		"1:2:3:4:5:6:7:8:",
		"1:2:3:4:5:6:7:",
		"1:2:3:4:5:6:7:8::",
		"1:2:3:4:5:6:7::8",
		":1::",
		"::1:",
		"fe80::1%eth0",
		"::1.2.3",
		"::1.2.3.4:5",
		"1.2.3.4::",
		"1:2:3:4:5:6:7:1.2.3.4",
		"::ffff:1.2.3.256",
		"[::1]",
		"::00001",
		"::1.2.3.4.",
		"1:.2.3.4",
	};
	struct address before = parsed("192.0.2.1"), a = before;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct in6_addr theirs;

		if (address_parse(bad[i], strlen(bad[i]), &a) != -EINVAL)
			fail_msg("\"%s\" was read", bad[i]);
		if (inet_pton(AF_INET6, bad[i], &theirs) == 1)
			fail_msg("\"%s\" is fine for inet_pton", bad[i]);
	}
	assert_memory_equal(&a, &before, sizeof(a));
	assert_int_equal(address_parse("1.2.3.4\0", 8, &a), -EINVAL);
}

/* The C library reads and writes the same texts; it knows nothing of our code. */
static void assert_like_the_c_library(const char *text)
{
	uint8_t theirs[16];
	struct address a = {0};
	int rc = address_parse(text, strlen(text), &a);

	if (inet_pton(AF_INET, text, theirs) == 1) {
		assert_int_equal(rc, 0);
		assert_int_equal(a.version, 4);
		assert_memory_equal(a.bytes + 12, theirs, 4);
	} else if (inet_pton(AF_INET6, text, theirs) == 1) {
		assert_int_equal(rc, 0);
		assert_int_equal(a.version, 6);
		assert_memory_equal(a.bytes, theirs, 16);
	} else if (rc == 0) {
		fail_msg("only we read \"%s\"", text);
	}
}

static void random_text_is_read_as_the_c_library_reads_it(void **state)
{
	static const char letters[] = "::::....0012fF9a";
	struct random r = random_from_seed(1);

	(void)state;
	for (int round = 0; round < 300000; round++) {
		char text[24];
		size_t len = random_below(&r, sizeof(text));

		for (size_t i = 0; i < len; i++)
			text[i] = letters[random_below(&r, sizeof(letters) - 1)];
		text[len] = '\0';
		assert_like_the_c_library(text);
	}
}

/* Valid text with one byte changed, removed or doubled: close to the border. */
static void nearly_valid_text_is_read_as_the_c_library_reads_it(void **state)
{
	static const char letters[] = "::..01fG ";
	struct random r = random_from_seed(2);

	(void)state;
	for (int round = 0; round < 200000; round++) {
		uint8_t bytes[16];
		char text[64];
		size_t at;

		for (size_t i = 0; i < 16; i++)
			bytes[i] = random_chance(&r, 0.6) ? 0 : (uint8_t)random_below(&r, 256);
		inet_ntop(random_chance(&r, 0.2) ? AF_INET : AF_INET6, bytes, text, sizeof(text));
		at = random_below(&r, strlen(text));
		switch (random_below(&r, 4)) {
		case 0:
			text[at] = letters[random_below(&r, sizeof(letters) - 1)];
			break;
		case 1:
			memmove(text + at, text + at + 1, strlen(text + at));
			break;
		case 2:
			memmove(text + at + 1, text + at, strlen(text + at) + 1);
			break;
		default:
			break;
		}
		assert_like_the_c_library(text);
	}
}

static void random_addresses_are_written_as_the_c_library_writes_them(void **state)
{
	struct random r = random_from_seed(3);

	(void)state;
	for (int round = 0; round < 200000; round++) {
		char ours[ADDRESS_TEXT_SIZE], theirs[ADDRESS_TEXT_SIZE];
		struct address a, again;
		uint8_t bytes[16];

		for (size_t i = 0; i < 16; i++)
			bytes[i] = random_chance(&r, 0.7) ? 0 : (uint8_t)random_below(&r, 256);
		bytes[0] |= 0x20; /* glibc shows the long dead ::/96 as IPv4; RFC 5952 does not ask
				     it */
		a = address_v6(bytes);
		inet_ntop(AF_INET6, bytes, theirs, sizeof(theirs));
		assert_string_equal(address_text(&a, ours), theirs);
		again = parsed(ours);
		assert_memory_equal(&a, &again, sizeof(a));

		a = address_v4(bytes);
		inet_ntop(AF_INET, bytes, theirs, sizeof(theirs));
		assert_string_equal(address_text(&a, ours), theirs);
	}
}

static void mapped_ipv6_is_not_ipv4(void **state)
{
	struct address four = parsed("192.0.2.1"), six = parsed("::ffff:192.0.2.1");
	struct network ten = network("0.0.0.0/0");

	(void)state;
	assert_memory_equal(four.bytes, six.bytes, 16);
	assert_false(address_equal(&four, &six));
	assert_true(address_compare(&four, &six) < 0);
	assert_true(address_compare(&six, &four) > 0);
	assert_true(network_contains(&ten, &four));
	assert_false(network_contains(&ten, &six));
}

static void order_is_by_value(void **state)
{
	static const char *const rising[] = {"0.0.0.0", "9.255.255.255", "10.0.0.0",   "255.0.0.1",
					     "::",	"::2",		 "2001:db8::", "fe80::1"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rising); i++)
		for (size_t j = 0; j < ARRAY_LEN(rising); j++) {
			struct address a = parsed(rising[i]), b = parsed(rising[j]);
			int c = address_compare(&a, &b);

			assert_int_equal((c > 0) - (c < 0), (i > j) - (i < j));
			assert_int_equal(address_equal(&a, &b), i == j);
		}
}

static void networks_clear_host_bits(void **state)
{
	static const char *const cases[][2] = {
		{"10.1.2.3/8", "10.0.0.0/8"},
		{"192.0.2.129/25", "192.0.2.128/25"},
		{"192.0.2.1", "192.0.2.1/32"},
		{"255.255.255.255/0", "0.0.0.0/0"},
		{"2001:db8::1/32", "2001:db8::/32"},
		{"::1", "::1/128"},
		{"fe80::ffff/10", "fe80::/10"},
		{"febf::/10", "fe80::/10"},
		{"ffff::/0", "::/0"},
	};
	static const char *const bad[] = {
		"",	    "10.0.0.0/33", "10.0.0.0/",	  "10.0.0.0/-1", "::/129",	"/8",
		"10.0.0/8", "10.0.0.0/8 ", "10.0.0.0/08", "10.0.0.0//8", "10.0.0.0/8/8"};
	struct network n;
	char out[NETWORK_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		n = network(cases[i][0]);
		assert_string_equal(network_text(&n, out), cases[i][1]);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (network_parse(bad[i], &n) != -EINVAL)
			fail_msg("\"%s\" was read", bad[i]);
}

/* Bit by bit: the definition of "in the network". */
static bool slowly_contains(const struct network *n, const struct address *a)
{
	int first = n->address.version == 4 ? 96 : 0;

	if (n->address.version != a->version)
		return false;
	for (int i = first; i < first + n->prefix; i++)
		if ((n->address.bytes[i / 8] ^ a->bytes[i / 8]) & 0x80 >> i % 8)
			return false;
	return true;
}

static void containment_agrees_with_bit_by_bit(void **state)
{
	struct random r = random_from_seed(4);

	(void)state;
	for (int round = 0; round < 100000; round++) {
		uint8_t bytes[16] = {0};
		struct network n;
		struct address a;
		bool four = random_chance(&r, 0.5);
		size_t bit = four ? 96 + random_below(&r, 32) : random_below(&r, 128);

		bytes[random_below(&r, 16)] = (uint8_t)random_below(&r, 256);
		n.address = four ? address_v4(bytes) : address_v6(bytes);
		n.prefix = (uint8_t)random_below(&r, four ? 33 : 129);
		a = n.address;
		if (random_chance(&r, 0.9))
			a.bytes[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
		assert_int_equal(network_contains(&n, &a), slowly_contains(&n, &a));
	}
}

static void special_addresses(void **state)
{
	static const char *const groups[] = {"0.0.0.0",		"224.0.0.1", "239.255.255.255",
					     "255.255.255.255", "::",	     "ff02::1",
					     "::ffff:224.0.0.1"};
	static const char *const hosts[] = {
		"0.0.0.1", "223.255.255.255", "240.0.0.1",	"255.255.255.254",
		"::1",	   "fe80::1",	      "::ffff:10.0.0.1"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(groups); i++)
		assert_true(address_is_group(&(struct address[]){parsed(groups[i])}[0]));
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++)
		assert_false(address_is_group(&(struct address[]){parsed(hosts[i])}[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_follows_the_examples_of_rfc_5952),
		cmocka_unit_test(an_unset_address_is_a_dash),
		cmocka_unit_test(nonsense_is_refused_and_leaves_the_output_alone),
		cmocka_unit_test(random_text_is_read_as_the_c_library_reads_it),
		cmocka_unit_test(nearly_valid_text_is_read_as_the_c_library_reads_it),
		cmocka_unit_test(random_addresses_are_written_as_the_c_library_writes_them),
		cmocka_unit_test(mapped_ipv6_is_not_ipv4),
		cmocka_unit_test(order_is_by_value),
		cmocka_unit_test(networks_clear_host_bits),
		cmocka_unit_test(containment_agrees_with_bit_by_bit),
		cmocka_unit_test(special_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
