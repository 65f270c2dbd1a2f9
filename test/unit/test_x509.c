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
	v = x509_read(copy, len, NULL, out);
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

/*
 * openssl req -x509 -newkey ec -subj /CN=front.example
 *	-addext subjectAltName=DNS:Www.Alt.example,DNS:*.wild.example,IP:192.0.2.1
 */
static const char certificate_with_names[] =
	"308201BA3082015FA00302010202144FE5B02CC0B559CD9A27B70F4EF45B793BF4DB5A300A06082A8648CE3D"
	"04030230183116301406035504030C0D66726F6E742E6578616D706C65301E170D3236313132323035303232"
	"335A170D3336313131393035303232335A30183116301406035504030C0D66726F6E742E6578616D706C6530"
	"59301306072A8648CE3D020106082A8648CE3D030107034200041513F8A4ED1A4DA2612DA2C1FE2A15A3BCB9"
	"AA23B59599BE2701905BE6B03CF9715F3681459D7B189C0DB17BACDED4326270689BA6509672A55BCD4A8621"
	"CB38A38186308183301D0603551D0E04160414CCFECD51C8DE45DFA6224C7D036D9CD0BA8EAFA4301F060355"
	"1D23041830168014CCFECD51C8DE45DFA6224C7D036D9CD0BA8EAFA4300F0603551D130101FF040530030101"
	"FF30300603551D1104293027820F5777772E416C742E6578616D706C65820E2A2E77696C642E6578616D706C"
	"658704C0000201300A06082A8648CE3D0403020349003046022100D1F143A153E268AC4B11F107453388FBBE"
	"C24BFCE99339BC2CE3A541D98E34E9022100E793C44739FC2DDF5ABD6E89EC1A726F041E8340BD0A891FE056"
	"8630577C0BB5";

static uint8_t covers(const char *drawn, const char *name, uint8_t sha1[static 20])
{
	struct bytes b = draw(drawn);
	struct x509_question question = {.name = name, .sha1 = true};
	struct x509_summary s;

	assert_int_equal(x509_read(b.at, b.len, &question, &s), DECODE_OK);
	memcpy(sha1, s.sha1, 20);
	free(b.at);
	return s.covers;
}

static void names_are_covered_as_rfc_6125_has_it(void **state)
{
	struct bytes expected = draw("52E8AAA0BED5E01858A10120A832150522BB3C01");
	uint8_t sha1[20];

	(void)state;
	assert_int_equal(covers(certificate_with_names, "www.alt.example", sha1), X509_COVERS);
	assert_memory_equal(sha1, expected.at, 20);
	assert_int_equal(covers(certificate_with_names, "alt.example", sha1), X509_COVERS_NOT);
	assert_int_equal(covers(certificate_with_names, "a.wild.example", sha1), X509_COVERS);
	assert_int_equal(covers(certificate_with_names, "a.b.wild.example", sha1), X509_COVERS_NOT);
	assert_int_equal(covers(certificate_with_names, ".wild.example", sha1), X509_COVERS_NOT);
	assert_int_equal(covers(certificate_with_names, "wild.example", sha1), X509_COVERS_NOT);
	/* where there are alternative names the common name does not count */
	assert_int_equal(covers(certificate_with_names, "front.example", sha1), X509_COVERS_NOT);
	assert_int_equal(covers(certificate_with_names, NULL, sha1), X509_NOT_ASKED);
	assert_int_equal(covers(certificate_rsa, "made up", sha1), X509_COVERS);
	assert_int_equal(covers(certificate_rsa, "one.example", sha1), X509_COVERS_NOT);
	free(expected.at);
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
		cmocka_unit_test(names_are_covered_as_rfc_6125_has_it),
		cmocka_unit_test(a_cut_one_is_malformed),
		cmocka_unit_test(another_issuer_is_no_self),
		cmocka_unit_test(a_longer_issuer_is_no_self),
		cmocka_unit_test(odd_names_are_made_printable),
		cmocka_unit_test(times_of_all_ages),
		cmocka_unit_test(the_century_of_two_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
