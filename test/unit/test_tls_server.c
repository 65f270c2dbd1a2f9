/* SPDX-License-Identifier: Apache-2.0 */
/* What OpenSSL's s_server sent; what is expected of the certificate is what `openssl x509` says. */
#include "unit/unit.h"

#include "hello_bytes.h"

#include "proto/tls.h"

enum { HELLO_END = 79, CERTIFICATE_END = HELLO_END + 402 };

static enum decode_verdict parse(const struct bytes *b, size_t len, struct tls_server *out)
{
	uint8_t *copy = malloc(len ? len : 1);
	enum decode_verdict v;

	assert_non_null(copy);
	memcpy(copy, b->at, len);
	memset(out, 0xee, sizeof(*out));
	v = tls_parse_server(copy, len, NULL, out);
	free(copy);
	return v;
}

static void assert_is_ec_example(const struct tls_server *s)
{
	static const char fingerprint[] =
		"11629E5343F9BDB61897CC15A864BEABD702ECBFAEF7549C2DDC89196CD333E9";
	struct bytes sha256 = draw(fingerprint);

	assert_int_equal(s->version, 0x0303);
	assert_int_equal(s->cipher, 0xc02c); /* TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 */
	assert_string_equal(s->alpn, "h2");
	assert_true(s->has_certificate);
	assert_string_equal(s->certificate.subject, "ec.example");
	assert_true(s->certificate.self_issued);
	assert_int_equal(s->certificate.key, X509_KEY_EC);
	assert_int_equal(s->certificate.not_before, 1795310379 * NS_PER_SEC);
	assert_int_equal(s->certificate.not_after, 1797902379 * NS_PER_SEC);
	assert_memory_equal(s->certificate.sha256, sha256.at, 32);
	free(sha256.at);
}

static void a_flight_up_to_tls_1_2_shows_its_certificate(void **state)
{
	struct bytes b = draw(flight_tls12);

	(void)state;
	for (size_t len = 0; len <= b.len; len++) {
		struct tls_server s;
		enum decode_verdict v = parse(&b, len, &s);
		size_t needs = tls_needs(b.at, len);

		assert_int_equal(v, len < CERTIFICATE_END ? DECODE_TRUNCATED : DECODE_OK);
		assert_int_equal(s.complete, v == DECODE_OK);
		assert_int_equal(s.has_certificate, v == DECODE_OK);
		assert_int_equal(s.cipher, len < 46 ? 0 : 0xc02c);
		assert_int_equal(needs <= len, v == DECODE_OK);
		assert_true(needs <= CERTIFICATE_END);
		if (v == DECODE_OK)
			assert_is_ec_example(&s);
	}
	free(b.at);
}

/* All messages in one stream, cut anew into records of `size`. */
static struct bytes in_records_of(struct bytes whole, size_t size)
{
	struct bytes messages = {.at = malloc(whole.len)}, b = {.at = malloc(6 * whole.len)};

	assert_non_null(messages.at);
	assert_non_null(b.at);
	for (size_t at = 0; at < whole.len;) {
		size_t len = (size_t)whole.at[at + 3] << 8 | whole.at[at + 4];

		memcpy(messages.at + messages.len, whole.at + at + 5, len);
		messages.len += len;
		at += 5 + len;
	}
	for (size_t at = 0; at < messages.len; at += size) {
		size_t here = messages.len - at < size ? messages.len - at : size;

		memcpy(b.at + b.len, (uint8_t[]){22, 3, 3, (uint8_t)(here >> 8), (uint8_t)here}, 5);
		memcpy(b.at + b.len + 5, messages.at + at, here);
		b.len += 5 + here;
	}
	free(messages.at);
	return b;
}

static void records_may_join_and_split_messages(void **state)
{
	struct bytes whole = draw(flight_tls12);

	(void)state;
	for (size_t size = 1; size < 700; size += size < 20 ? 1 : 17) {
		struct bytes b = in_records_of(whole, size);
		struct tls_server s;

		assert_int_equal(parse(&b, b.len, &s), DECODE_OK);
		assert_is_ec_example(&s);
		for (size_t len = 0; len <= b.len; len += 7)
			assert_int_equal(tls_needs(b.at, len) <= len,
					 parse(&b, len, &s) == DECODE_OK);
		free(b.at);
	}
	free(whole.at);
}

static void tls_1_3_hides_its_certificate(void **state)
{
	struct bytes b = draw(flight_tls13);
	struct tls_server s;

	(void)state;
	assert_int_equal(parse(&b, b.len, &s), DECODE_OK);
	assert_int_equal(s.version, 0x0304);
	assert_int_equal(s.cipher, 0x1302); /* TLS_AES_256_GCM_SHA384 */
	assert_true(s.complete);
	assert_false(s.has_certificate);
	assert_true(tls_needs(b.at, b.len) <= b.len);
	assert_int_equal(parse(&b, 126, &s), DECODE_TRUNCATED);
	assert_int_equal(parse(&b, 127, &s), DECODE_OK);
	free(b.at);
}

/* draft-ietf-tls-tls13-18, 4.1.3; before the 22nd they had no session id and no compression. */
static void tls_1_3_in_its_drafts(void **state)
{
	struct bytes b = draw("160301002a 02 000026 7f12"
			      "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"
			      "1301 0000");
	struct tls_server s;

	(void)state;
	assert_int_equal(parse(&b, b.len, &s), DECODE_OK);
	assert_int_equal(s.version, 0x7f12);
	assert_int_equal(s.cipher, 0x1301);
	assert_false(s.has_certificate);
	free(b.at);
}

static void a_resumed_session_has_none(void **state)
{
	struct bytes b = draw(flight_resumed);
	struct tls_server s;

	(void)state;
	assert_int_equal(parse(&b, b.len, &s), DECODE_OK);
	assert_int_equal(s.version, 0x0303);
	assert_false(s.has_certificate);
	assert_int_equal(tls_needs(b.at, b.len), b.len);
	assert_int_equal(parse(&b, HELLO_END, &s), DECODE_TRUNCATED);
	free(b.at);
}

static void what_is_no_server_is_refused(void **state)
{
	static const struct {
		const char *hex;
		enum decode_verdict verdict;
	} cases[] = {
		{"15030300020228", DECODE_UNSUPPORTED}, /* an alert */
		{"485454502f312e31", DECODE_UNSUPPORTED},
		{"16030300040e000000", DECODE_UNSUPPORTED}, /* ServerHelloDone */
		{"160203000402000000", DECODE_MALFORMED},
		{"1603030004 02ffffff", DECODE_MALFORMED},
		{"1603030006 02000026 0303 15030300020228", DECODE_MALFORMED},
	};
	struct tls_server s;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bytes b = draw(cases[i].hex);

		assert_int_equal(parse(&b, b.len, &s), cases[i].verdict);
		assert_false(s.complete);
		free(b.at);
	}
}

/* The leaf is enough: of a long chain that is cut behind it we ask for no more. */
static void the_leaf_is_enough(void **state)
{
	struct bytes b = draw(flight_tls12);
	struct tls_server s;

	(void)state;
	/* claim 5,000 bytes more for the record, the message and the list */
	for (size_t at = HELLO_END + 3; at <= HELLO_END + 10; at += at == HELLO_END + 3 ? 4 : 3) {
		unsigned int len = ((unsigned int)b.at[at] << 8 | b.at[at + 1]) + 5000;

		b.at[at] = (uint8_t)(len >> 8);
		b.at[at + 1] = (uint8_t)len;
	}
	assert_int_equal(parse(&b, CERTIFICATE_END - 1, &s), DECODE_TRUNCATED);
	assert_int_equal(parse(&b, CERTIFICATE_END, &s), DECODE_OK);
	assert_is_ec_example(&s);
	assert_int_equal(tls_needs(b.at, CERTIFICATE_END), CERTIFICATE_END + 5000);
	free(b.at);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flight_up_to_tls_1_2_shows_its_certificate),
		cmocka_unit_test(records_may_join_and_split_messages),
		cmocka_unit_test(tls_1_3_hides_its_certificate),
		cmocka_unit_test(tls_1_3_in_its_drafts),
		cmocka_unit_test(a_resumed_session_has_none),
		cmocka_unit_test(what_is_no_server_is_refused),
		cmocka_unit_test(the_leaf_is_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
