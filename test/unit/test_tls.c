/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include "hello_bytes.h"

#include "proto/tls.h"

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
	assert_int_equal(strlen(out->ja4), v == DECODE_OK ? 36 : 0);
	assert_int_equal(strlen(out->ja3), v == DECODE_OK ? 32 : 0);
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

/* JA3 by tshark 4.0.17 (dtls.h's likewise), JA4 by a script of twenty lines over hashlib. */
static const struct {
	const char *hex;
	uint16_t version, offer;
	const char *sni, *alpn, *ja3, *ja4;
} hellos[] = {
	{hello_tls12, 0x0303, 0x0303, "one.example", "h2", "22558766122974704364c9c75c5cce0a",
	 "t12d2808h2_d943125447b4_e7e480e5a997"},
	{hello_tls13, 0x0303, 0x0304, "two.example", "http/1.1", "5a1edc7f170af1014fc65c994878e63c",
	 "t13d3111h1_e8f1e7e78f70_1f22a2ca17c4"},
	{hello_tls10, 0x0301, 0x0301, "old.example", "", "4e9d43688ef48b6b1fbe71f290acfc8f",
	 "t10d230600_44099cda8a52_195413a0cc0f"},
	{hello_nameless, 0x0303, 0x0303, "", "", "fbe7e189e37a07ee33706f86bc746344",
	 "t12i280600_d943125447b4_e7e480e5a997"},
	{rfc_8448, 0x0303, 0x0304, "server", "", "da4dea34fe6d4ce5f0725df3f2682fa0",
	 "t13d030900_55b375c5d22e_59cd3dafc54d"},
};

static void hellos_agree_with_other_programs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hellos); i++) {
		struct tls_hello h;

		assert_int_equal(parse_hex(hellos[i].hex, &h), DECODE_OK);
		assert_int_equal(h.version, hellos[i].version);
		assert_int_equal(h.offer, hellos[i].offer);
		assert_string_equal(h.sni, hellos[i].sni);
		assert_string_equal(h.alpn, hellos[i].alpn);
		assert_string_equal(h.ja3, hellos[i].ja3);
		assert_string_equal(h.ja4, hellos[i].ja4);
	}
}

static void oddities_inside_an_extension_stay_there(void **state)
{
	struct tls_hello h;

	(void)state;
	/* ALPN and versions that are longer than their extensions; the name behind them is read */
	assert_int_equal(parse_hex(HELLO("0045", "000041") "0016 0010 0003 ffff61 002b 0001 09 "
							   "0000 0006 0004 00 0001 61",
				   &h),
			 DECODE_OK);
	assert_string_equal(h.sni, "a");
	assert_string_equal(h.alpn, "");
	assert_int_equal(h.offer, 0x0301);
	/* something behind the extensions: it is to come, and says nothing */
	assert_int_equal(parse_hex(HELLO("0034", "000030") "0004 00230000 ff", &h), DECODE_OK);
	assert_int_equal(parse_hex(HELLO("0034", "000030") "0004 00230000", &h), DECODE_TRUNCATED);
	/* nothing but GREASE offered; ALPN with a zero and a space */
	assert_int_equal(parse_hex(HELLO("0046", "000042") "0017 0010 0007 0005 04 61002062 "
							   "002b 0003 02 1a1a 0017 0001 00",
				   &h),
			 DECODE_OK);
	assert_int_equal(h.offer, 0x0301);
	assert_string_equal(h.alpn, "a??b");
}

/* What is asked for is worth while: with less the parser asks for more, with it it is content. */
static void assert_needs(struct bytes b, size_t record)
{
	for (size_t len = 0; len <= b.len; len++) {
		size_t needs = tls_needs(b.at, len);
		struct tls_hello h;

		assert_true(needs > 0 && needs <= b.len);
		assert_int_equal(needs <= len, parse(b, len, &h) == DECODE_OK);
		if (len >= 9 && record >= b.len - 5)
			assert_int_equal(needs, b.len);
	}
}

static void needs_tells_when_to_look_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hellos); i++) {
		struct bytes whole = draw(hellos[i].hex);

		assert_needs(whole, whole.len);
		for (size_t size = 1; size < whole.len; size += 23) {
			struct bytes b = in_records_of(whole, size);

			assert_needs(b, size);
			free(b.at);
		}
		free(whole.at);
	}
}

static void needs_knows_what_is_no_tls(void **state)
{
	static const char *const others[] = {
		"474554202f",
		"15030100020228",
		"1603030004 0e000000",
		"160303 4001 01",
		"1602",
		"160301 0004 01 ffffff 00",
		"81",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		struct bytes b = draw(others[i]);

		assert_int_equal(tls_needs(b.at, b.len), i + 1 < ARRAY_LEN(others) ? 0 : 11);
		free(b.at);
	}
}

/* RFC 5246, E.2: 7 ciphers of 3 bytes, no session, a challenge of 16. */
static void a_hello_in_the_form_of_ssl_2(void **state)
{
	struct bytes b = draw("802e 01 0301 0015 0000 0010 "
			      "010080 020080 030080 040080 050080 06 0040 07 00c0 "
			      "000102030405060708090a0b0c0d0e0f");
	struct tls_hello h;

	(void)state;
	assert_int_equal(b.len, 48);
	for (size_t len = 1; len < 11; len++) {
		assert_false(tls_is_handshake(b.at, len));
		assert_int_equal(tls_needs(b.at, len), 11);
	}
	for (size_t len = 11; len <= b.len; len++) {
		assert_true(tls_is_handshake(b.at, len));
		assert_int_equal(tls_needs(b.at, len), 48);
		assert_int_equal(tls_parse_hello(b.at, len, &h),
				 len < 48 ? DECODE_TRUNCATED : DECODE_OK);
		assert_int_equal(h.version, 0x0301);
		assert_int_equal(h.complete, len == 48);
		assert_string_equal(h.ja4, "");
	}
	b.at[3] = 0;
	b.at[4] = 2; /* SSL 2 itself */
	assert_int_equal(tls_parse_hello(b.at, b.len, &h), DECODE_OK);
	assert_int_equal(h.offer, 0x0002);
	b.at[10] = 15; /* the parts do not add up */
	assert_false(tls_is_handshake(b.at, b.len));
	assert_int_equal(tls_parse_hello(b.at, b.len, &h), DECODE_UNSUPPORTED);
	assert_int_equal(tls_needs(b.at, b.len), 0);
	free(b.at);
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
		cmocka_unit_test(hellos_agree_with_other_programs),
		cmocka_unit_test(oddities_inside_an_extension_stay_there),
		cmocka_unit_test(needs_tells_when_to_look_again),
		cmocka_unit_test(needs_knows_what_is_no_tls),
		cmocka_unit_test(a_hello_in_the_form_of_ssl_2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
