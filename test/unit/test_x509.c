/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate that `openssl req` made, beside what `openssl x509` says of it, and bent copies. */
#include "unit/unit.h"

#include "hello_bytes.h"

#include "proto/x509.h"

static enum decode_verdict parse(const struct bytes *b, size_t len, struct x509_summary *out)
{
	uint8_t *copy = malloc(len ? len : 1);
	enum decode_verdict v;

	assert_non_null(copy);
	memcpy(copy, b->at, len);
	v = x509_read(copy, len, out);
	free(copy);
	return v;
}

static void what_openssl_says(void **state)
{
	struct bytes b = draw(certificate_rsa);
	struct bytes sha256 =
		draw("6D6623C8B244CA53CC624DFCC5F60091E689C6B783B94C67C3E972689019E101");
	struct x509_summary s;

	(void)state;
	assert_int_equal(parse(&b, b.len, &s), DECODE_OK);
	assert_string_equal(s.subject, "made up");
	assert_true(s.self_issued);
	assert_int_equal(s.key, X509_KEY_RSA);
	assert_int_equal(s.not_before, 1795310379 * NS_PER_SEC);
	assert_int_equal(s.not_after, 4948910379 * NS_PER_SEC);
	assert_memory_equal(s.sha256, sha256.at, 32);
	free(sha256.at);
	free(b.at);
}

static void a_cut_one_is_malformed(void **state)
{
	struct bytes b = draw(certificate_rsa);
	struct x509_summary s;

	(void)state;
	for (size_t len = 0; len < b.len; len++)
		assert_int_equal(parse(&b, len, &s), DECODE_MALFORMED);
	free(b.at);
}

/* Where the text starts. */
static size_t find(const struct bytes *b, const char *text)
{
	uint8_t *at = memmem(b->at, b->len, text, strlen(text));

	assert_non_null(at);
	return (size_t)(at - b->at);
}

static void another_issuer_is_no_self(void **state)
{
	struct bytes b = draw(certificate_rsa);
	struct x509_summary s;

	(void)state;
	b.at[find(&b, "made up")] = 'M'; /* the issuer comes first */
	assert_int_equal(parse(&b, b.len, &s), DECODE_OK);
	assert_false(s.self_issued);
	assert_string_equal(s.subject, "made up");
	free(b.at);
}

/* By hand, with next to nothing in it: the issuer goes on where the subject ends. */
static void a_longer_issuer_is_no_self(void **state)
{
	struct bytes b =
		draw("30 5d 30 5b 02 01 01 30 00 "
		     "30 1a 31 0b 30 09 06 03 55 04 03 13 02 61 62"
		     "      31 0b 30 09 06 03 55 04 03 13 02 63 64 "
		     "30 1e 17 0d 3730303130313030303030305a 17 0d 3730303130323030303030305a "
		     "30 0d 31 0b 30 09 06 03 55 04 03 13 02 61 62 "
		     "30 09 30 05 06 03 2b 65 70 03 00");
	struct x509_summary s;

	(void)state;
	assert_int_equal(parse(&b, b.len, &s), DECODE_OK);
	assert_false(s.self_issued);
	assert_string_equal(s.subject, "ab");
	assert_int_equal(s.key, X509_KEY_ED25519);
	assert_int_equal(s.not_after, 86400 * NS_PER_SEC);
	free(b.at);
}

static void odd_names_are_made_printable(void **state)
{
	struct bytes b = draw(certificate_rsa);
	struct x509_summary s;
	uint8_t *issuer = b.at + find(&b, "made up"), *subject;

	(void)state;
	subject = memmem(issuer + 7, b.len - (size_t)(issuer + 7 - b.at), "made up", 7);
	assert_non_null(subject);
	memcpy(subject, "a\0b\n\xffz!", 7);
	assert_int_equal(parse(&b, b.len, &s), DECODE_OK);
	assert_string_equal(s.subject, "a?b??z!");
	/* BMPString: the high bytes go */
	subject[-2] = 0x1e;
	memcpy(subject, "\0o\0k\0!\0", 7);
	assert_int_equal(parse(&b, b.len, &s), DECODE_OK);
	assert_string_equal(s.subject, "ok!");
	free(b.at);
}

static ns_t not_after(struct bytes *b, const char *text)
{
	size_t at = find(b, "21261029011939Z");
	struct x509_summary s;
	ns_t when;

	memcpy(b->at + at, text, 15);
	when = parse(b, b->len, &s) == DECODE_OK ? s.not_after : 0;
	memcpy(b->at + at, "21261029011939Z", 15);
	return when;
}

/* Expected: `date -u -d '...' +%s`. */
static void times_of_all_ages(void **state)
{
	struct bytes b = draw(certificate_rsa);

	(void)state;
	assert_int_equal(not_after(&b, "19700101000001Z"), NS_PER_SEC);
	assert_int_equal(not_after(&b, "20000229120000Z"), 951825600 * NS_PER_SEC);
	assert_int_equal(not_after(&b, "20240301000000Z"), 1709251200 * NS_PER_SEC);
	assert_int_equal(not_after(&b, "19000301000000Z"), -2203891200 * NS_PER_SEC);
	assert_int_equal(not_after(&b, "99991231235959Z"), INT64_MAX); /* for ever (RFC 5280) */
	assert_int_equal(not_after(&b, "00000101000000Z"), INT64_MIN);
	assert_int_equal(not_after(&b, "20241301000000Z"), 0);
	assert_int_equal(not_after(&b, "20240100000000Z"), 0);
	assert_int_equal(not_after(&b, "2024010100000 Z"), 0);
	assert_int_equal(not_after(&b, "202401010000000"), 0);
	free(b.at);
}

static void the_century_of_two_digits(void **state)
{
	struct bytes b = draw(certificate_rsa);
	size_t at = find(&b, "261122011939Z");
	struct x509_summary s;

	(void)state;
	memcpy(b.at + at, "491231235959Z", 13);
	assert_int_equal(parse(&b, b.len, &s), DECODE_OK);
	assert_int_equal(s.not_before, 2524607999 * NS_PER_SEC);
	memcpy(b.at + at, "500101000000Z", 13);
	assert_int_equal(parse(&b, b.len, &s), DECODE_OK);
	assert_int_equal(s.not_before, -631152000 * NS_PER_SEC);
	free(b.at);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_openssl_says),
		cmocka_unit_test(a_cut_one_is_malformed),
		cmocka_unit_test(another_issuer_is_no_self),
		cmocka_unit_test(a_longer_issuer_is_no_self),
		cmocka_unit_test(odd_names_are_made_printable),
		cmocka_unit_test(times_of_all_ages),
		cmocka_unit_test(the_century_of_two_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
