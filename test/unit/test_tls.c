/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include "proto/tls.h"

#include <stdlib.h>

/* The ClientHello of RFC 8448, 3 ("Simple 1-RTT Handshake"): its record of 201 bytes. */
static const char rfc_8448[] =
	"16030100c4 010000c0 0303 "
	"cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7 "
	"00 0006 130113031302 01 00 0091 "
	"0000000b0009000006736572766572 " /* server_name: "server" */
	"ff01000100 "
	"000a00140012001d00170018001901000101010201030104 "
	"00230000 "
	"003300260024001d002099381de560e4bd43d23d8e435a7dbafeb3c06e51c13cae4d5413691e529aaf2c "
	"002b0003020304 "
	"000d0020001e040305030603020308040805080604010501060102010402050206020202 "
	"002d00020101 "
	"001c00024001";
enum { VERSION_END = 11, SNI_END = 71 };

struct bytes {
	uint8_t *at;
	size_t len;
};

static struct bytes draw(const char *hex)
{
	struct bytes b = {.at = malloc(strlen(hex) / 2 + 1)};

	assert_non_null(b.at);
	for (; *hex; hex++) {
		unsigned int byte;

		if (*hex == ' ')
			continue;
		assert_int_equal(sscanf(hex, "%2x", &byte), 1);
		b.at[b.len++] = (uint8_t)byte;
		hex++;
	}
	return b;
}

/* Of a copy that is exactly as long. */
static enum decode_verdict parse(struct bytes b, size_t len, struct tls_hello *out)
{
	uint8_t *copy = malloc(len ? len : 1);
	enum decode_verdict v;

	assert_non_null(copy);
	memcpy(copy, b.at, len);
	memset(out, 0xee, sizeof(*out));
	v = tls_parse_hello(copy, len, out);
	free(copy);
	assert_int_equal(strlen(out->sni), out->sni_len);
	assert_int_equal(out->complete, v == DECODE_OK);
	return v;
}

static enum decode_verdict parse_hex(const char *hex, struct tls_hello *out)
{
	struct bytes b = draw(hex);
	enum decode_verdict v = parse(b, b.len, out);

	free(b.at);
	return v;
}

static void the_hello_of_rfc_8448(void **state)
{
	struct tls_hello h;

	(void)state;
	assert_int_equal(parse_hex(rfc_8448, &h), DECODE_OK);
	assert_string_equal(h.sni, "server");
	assert_int_equal(h.version, 0x0303);
	assert_true(h.complete);
}

static void a_cut_hello_gives_what_was_read(void **state)
{
	struct bytes b = draw(rfc_8448);

	(void)state;
	assert_int_equal(b.len, 201);
	for (size_t len = 0; len < b.len; len++) {
		struct tls_hello h;

		assert_int_equal(parse(b, len, &h), DECODE_TRUNCATED);
		assert_int_equal(h.version, len < VERSION_END ? 0 : 0x0303);
		assert_string_equal(h.sni, len < SNI_END ? "" : "server");
	}
	free(b.at);
}

/* The same message in records of `size` bytes each. */
static struct bytes in_records_of(struct bytes whole, size_t size)
{
	struct bytes b = {.at = malloc(6 * whole.len)};

	assert_non_null(b.at);
	for (size_t at = 5; at < whole.len; at += size) {
		size_t here = whole.len - at < size ? whole.len - at : size;

		memcpy(b.at + b.len, (uint8_t[]){22, 3, 1, (uint8_t)(here >> 8), (uint8_t)here}, 5);
		memcpy(b.at + b.len + 5, whole.at + at, here);
		b.len += 5 + here;
	}
	return b;
}

static void a_hello_may_be_split_over_records_anywhere(void **state)
{
	struct bytes whole = draw(rfc_8448);

	(void)state;
	for (size_t size = 1; size <= 196; size++) {
		struct bytes b = in_records_of(whole, size);
		struct tls_hello h;

		assert_int_equal(parse(b, b.len, &h), DECODE_OK);
		assert_string_equal(h.sni, "server");
		assert_int_equal(parse(b, b.len - 1, &h), DECODE_TRUNCATED);
		assert_string_equal(h.sni, "server");
		free(b.at);
	}
	free(whole.at);
}

#define RANDOM		      "0000000000000000000000000000000000000000000000000000000000000000 "
#define HELLO(record, length) "160301" record "01" length "0301" RANDOM "00 0002 002f 01 00 "

static void a_hello_without_a_name_says_so(void **state)
{
	struct tls_hello h;

	(void)state;
	assert_int_equal(parse_hex(HELLO("002d", "000029"), &h), DECODE_OK); /* no extensions */
	assert_true(h.complete);
	assert_int_equal(h.sni_len, 0);
	assert_int_equal(h.version, 0x0301);
	assert_int_equal(parse_hex(HELLO("0033", "00002f") "0004 00230000", &h), DECODE_OK);
	assert_int_equal(h.sni_len, 0);
	/* an empty server_name, and one of an unknown kind */
	assert_int_equal(parse_hex(HELLO("0033", "00002f") "0004 00000000", &h), DECODE_OK);
	assert_int_equal(parse_hex(HELLO("0039", "000035") "000a 0000 0006 0004 01 0001 61", &h),
			 DECODE_OK);
	assert_int_equal(h.sni_len, 0);
}

static void names_are_made_comparable(void **state)
{
	struct tls_hello h;

	(void)state;
	/* "A.Com." */
	assert_int_equal(
		parse_hex(HELLO("003e", "00003a") "000f 0000 000b 0009 00 0006 412e436f6d2e", &h),
		DECODE_OK);
	assert_string_equal(h.sni, "a.com");
	/* "a", a zero, "b" */
	assert_int_equal(
		parse_hex(HELLO("003b", "000037") "000c 0000 0008 0006 00 0003 610062", &h),
		DECODE_OK);
	assert_string_equal(h.sni, "a?b");
}

static void contradictions_are_malformed(void **state)
{
	static const char *const bad[] = {
		"170301 0010 01",			  /* data where a record is due */
		"160201 0010 01",			  /* version 2.1 */
		"160301 0000 160301 0001 01",		  /* an empty record */
		"160301 4001 01",			  /* a record too long */
		HELLO("0033", "00002f") "0005 00230000",  /* extensions longer than hello */
		HELLO("0033", "00002f") "0004 00230001",  /* extension longer than the rest */
		HELLO("0033", "00002f") "0003 002300 00", /* half an extension */
		HELLO("0039",
		      "000035") "000a 0000 0006 0005 00 0001 61", /* list longer than its field */
		HELLO("0039",
		      "000035") "000a 0000 0006 0004 00 0002 61", /* name longer than the list */
		"160301002d 01 000029 0301" RANDOM "ff 0002 002f 01 00", /* session id too long */
	};
	struct tls_hello h;

	(void)state;
	for (size_t i = 1; i < ARRAY_LEN(bad); i++)
		if (parse_hex(bad[i], &h) != DECODE_MALFORMED)
			fail_msg("case %zu was read", i);
	assert_int_equal(parse_hex(bad[0], &h), DECODE_UNSUPPORTED);
}

static void other_messages_are_told_apart(void **state)
{
	struct tls_hello h;
	struct bytes b = draw(rfc_8448);

	(void)state;
	assert_true(tls_is_handshake(b.at, b.len));
	assert_true(tls_is_handshake(b.at, 6));
	assert_false(tls_is_handshake(b.at, 5));
	b.at[2] = 9;
	assert_false(tls_is_handshake(b.at, b.len));
	free(b.at);
	assert_int_equal(parse_hex("160303 0004 02000000", &h),
			 DECODE_UNSUPPORTED); /* ServerHello */
	assert_false(tls_is_handshake((const uint8_t *)"GET / HTTP/1.1", 14));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_hello_of_rfc_8448),
		cmocka_unit_test(a_cut_hello_gives_what_was_read),
		cmocka_unit_test(a_hello_may_be_split_over_records_anywhere),
		cmocka_unit_test(a_hello_without_a_name_says_so),
		cmocka_unit_test(names_are_made_comparable),
		cmocka_unit_test(contradictions_are_malformed),
		cmocka_unit_test(other_messages_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
