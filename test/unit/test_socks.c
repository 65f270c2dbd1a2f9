/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include "proto/socks.h"

#include <stdlib.h>

static enum decode_verdict parse(const char *text, size_t len, struct socks_request *out)
{
	uint8_t *bytes = malloc(len ? len : 1); /* exactly as long as the text */
	enum decode_verdict v;

	assert_non_null(bytes);
	memcpy(bytes, text, len);
	memset(out, 0xee, sizeof(*out));
	v = socks_parse_request(bytes, len, out);
	free(bytes);
	assert_int_equal(strlen(out->name), out->name_len);
	return v;
}
#define PARSE(literal, out) parse(literal, sizeof(literal) - 1, out)

static void assert_address(const struct address *a, const char *expected)
{
	char out[ADDRESS_TEXT_SIZE];

	assert_string_equal(address_text(a, out), expected);
}

/* The four ways to say where to; what follows is payload. */
static void the_destination_is_found(void **state)
{
	struct socks_request r;

	(void)state;
	assert_int_equal(PARSE("\4\1\0\x50\xc0\0\2\1joe\0GET /", &r), DECODE_OK);
	assert_int_equal(r.version, 4);
	assert_int_equal(r.command, SOCKS_CONNECT);
	assert_int_equal(r.port, 80);
	assert_address(&r.address, "192.0.2.1");
	assert_int_equal(r.bytes, 12);

	assert_int_equal(PARSE("\4\1\0\x50\0\0\0\0joe\0", &r), DECODE_OK); /* no name follows */
	assert_address(&r.address, "0.0.0.0");

	assert_int_equal(PARSE("\4\1\1\xbb\0\0\0\1\0Example.COM\0", &r), DECODE_OK);
	assert_int_equal(r.port, 443);
	assert_int_equal(r.address.version, 0);
	assert_string_equal(r.name, "example.com");

	assert_int_equal(PARSE("\5\1\0\5\1\0\3\x0b"
			       "example.org\1\xbbPAYLOAD",
			       &r),
			 DECODE_OK);
	assert_int_equal(r.version, 5);
	assert_int_equal(r.port, 443);
	assert_string_equal(r.name, "example.org");
	assert_int_equal(r.bytes, 3 + 4 + 1 + 11 + 2);

	assert_int_equal(PARSE("\5\2\0\2\1\3joe\6secret\5\3\0\1\xc0\0\2\7\0\x35", &r), DECODE_OK);
	assert_int_equal(r.command, SOCKS_UDP);
	assert_int_equal(r.port, 53);
	assert_address(&r.address, "192.0.2.7");

	assert_int_equal(
		PARSE("\5\2\0\2\5\1\0\4\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x35\0\x16", &r),
		DECODE_OK);
	assert_int_equal(r.port, 22);
	assert_address(&r.address, "2001:db8::35");
}

static void what_is_no_socks_is_refused(void **state)
{
	struct socks_request r;
	char text[600] = "\4\1\0\x50\xc0\0\2\1";

	(void)state;
	assert_int_equal(PARSE("\6\1\0\x50\xc0\0\2\1\0", &r), DECODE_MALFORMED);
	assert_int_equal(PARSE("\4\3\0\x50\xc0\0\2\1\0", &r), DECODE_MALFORMED);
	assert_int_equal(PARSE("\4\0\0\x50\xc0\0\2\1\0", &r), DECODE_MALFORMED);
	assert_int_equal(PARSE("\4\1\0\x50\0\0\0\1\0\0", &r), DECODE_MALFORMED);
	assert_int_equal(PARSE("\5\0\5\1", &r), DECODE_MALFORMED);
	assert_int_equal(PARSE("\5\x20\0\0", &r), DECODE_MALFORMED);
	assert_int_equal(PARSE("\5\1\0\5\1\1\1\xc0\0\2\1\0\x50", &r), DECODE_MALFORMED);
	assert_int_equal(PARSE("\5\1\0\5\1\0\2\xc0\0\2\1\0\x50", &r), DECODE_MALFORMED);
	assert_int_equal(PARSE("\5\1\0\4\1\0\1\xc0\0\2\1\0\x50", &r), DECODE_MALFORMED);
	assert_int_equal(PARSE("\5\1\1\1\1\0\3abc", &r), DECODE_UNSUPPORTED); /* GSSAPI only */
	memset(text + 8, 'u', 300);
	assert_int_equal(parse(text, 8 + 255, &r), DECODE_TRUNCATED);
	assert_int_equal(parse(text, 8 + 256, &r), DECODE_MALFORMED);
	text[8 + 255] = 0;
	assert_int_equal(parse(text, 8 + 256, &r), DECODE_OK);
}

static void a_cut_request_says_where_it_stands(void **state)
{
	static const char five[] = "\5\1\2\1\1u\1p\5\1\0\3\3a.b\0\x50";
	static const char four[] = "\4\1\0\x50\0\0\0\1u\0a.b";
	struct socks_request r;

	(void)state;
	for (size_t len = 0; len < sizeof(five) - 1; len++) {
		assert_int_equal(parse(five, len, &r), DECODE_TRUNCATED);
		assert_int_equal(r.version, len < 3 ? 0 : 5);
		assert_int_equal(r.command, 0);
		assert_int_equal(r.bytes, 0);
	}
	assert_int_equal(parse(five, sizeof(five) - 1, &r), DECODE_OK);
	for (size_t len = 0; len < sizeof(four) - 1; len++)
		assert_int_equal(parse(four, len, &r), DECODE_TRUNCATED);
	assert_int_equal(parse(four, sizeof(four), &r), DECODE_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_destination_is_found),
		cmocka_unit_test(what_is_no_socks_is_refused),
		cmocka_unit_test(a_cut_request_says_where_it_stands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
