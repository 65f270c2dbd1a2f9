/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How people write indicators, by the examples in intel/indicator.h.
 */
#include "unit/unit.h"

#include "intel/indicator.h"

static struct indicator_key parse(const char *text)
{
	struct indicator_key key;
	const char *why = indicator_parse(text, strlen(text), &key);

	if (why)
		fail_msg("%s: %s", text, why);
	return key;
}

static void expect(const char *text, enum indicator_kind kind, const char *key, uint16_t port)
{
	struct indicator_key k = parse(text);

	assert_int_equal(k.kind, kind);
	assert_int_equal(k.port, port);
	assert_int_equal(k.len, strlen(key) + 1);
	assert_memory_equal(k.bytes + 1, key, strlen(key));
}

static void expect_network(const char *text, const char *network, uint16_t port)
{
	struct indicator_key k = parse(text);
	char out[NETWORK_TEXT_SIZE];
	struct network n;

	assert_int_equal(k.kind, INDICATOR_NETWORK);
	assert_int_equal(k.port, port);
	n = indicator_network(k.bytes);
	assert_string_equal(network_text(&n, out), network);
}

static void refuses(const char *text)
{
	struct indicator_key key;

	if (!indicator_parse(text, strlen(text), &key))
		fail_msg("taken: %s", text);
}

static void names_in_any_dress(void **state)
{
	(void)state;
	expect("bad.example", INDICATOR_DOMAIN, "bad.example", 0);
	expect("*.Bad.Example.", INDICATOR_DOMAIN, "bad.example", 0);
	expect("||bad.example^", INDICATOR_DOMAIN, "bad.example", 0);
	expect(".bad[.]example", INDICATOR_DOMAIN, "bad.example", 0);
	expect("bad(.)exam_ple[dot]co.uk", INDICATOR_DOMAIN, "bad.exam_ple.co.uk", 0);
	expect("bad.example:8443", INDICATOR_DOMAIN, "bad.example", 8443);
	expect("xn--bcher-kva.example", INDICATOR_DOMAIN, "xn--bcher-kva.example", 0);
}

static void addresses_and_networks(void **state)
{
	(void)state;
	expect_network("203.0.113.7", "203.0.113.7/32", 0);
	expect_network("203[.]0[.]113[.]7:443", "203.0.113.7/32", 443);
	expect_network("203.0.113.77/24", "203.0.113.0/24", 0);
	expect_network("203.0.113.77/25", "203.0.113.0/25", 0);
	expect_network("203.0.113.201/25", "203.0.113.128/25", 0);
	expect_network("2001:db8::1", "2001:db8::1/128", 0);
	expect_network("[2001:db8::1]:8080", "2001:db8::1/128", 8080);
	expect_network("2001:db8:1:2::/50", "2001:db8:1::/50", 0);
}

static void urls_lose_scheme_and_default_port(void **state)
{
	(void)state;
	expect("hxxps://Bad[.]example:8443/Gate.php?id=1#x", INDICATOR_URL,
	       "bad.example:8443/Gate.php?id=1", 0);
	expect("http://bad.example:80/a", INDICATOR_URL, "bad.example/a", 0);
	expect("http://bad.example:443/a", INDICATOR_URL, "bad.example:443/a", 0);
	expect("https://u:p@bad.example/a", INDICATOR_URL, "bad.example/a", 0);
	expect("bad.example/a,b;c", INDICATOR_URL, "bad.example/a,b;c", 0);
	expect("http://bad.example?x", INDICATOR_URL, "bad.example/?x", 0);
	/* the front page stands for all of it */
	expect("http://bad.example/", INDICATOR_DOMAIN, "bad.example", 0);
	expect_network("http://203.0.113.7", "203.0.113.7/32", 0);
}

static void hashes_and_fingerprints(void **state)
{
	struct indicator_key k = parse("00FF102030405060708090a0b0c0d0e0f0010203");

	(void)state;
	assert_int_equal(k.kind, INDICATOR_CERTIFICATE);
	assert_int_equal(k.len, 21);
	assert_int_equal(k.bytes[2], 0xff);
	assert_int_equal(k.bytes[20], 3);
	expect("E7D705A3286E19EA42F587B344EE6865", INDICATOR_JA3,
	       "e7d705a3286e19ea42f587b344ee6865", 0);
	expect("t13d1516h2_8daaf6152771_e5627efa2ab1", INDICATOR_JA4,
	       "t13d1516h2_8daaf6152771_e5627efa2ab1", 0);
}

static void nonsense_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"localhost",
		"com",
		"a..b",
		"1.2.3",
		"1.2.3.256",
		"bad example",
		"bad.example:x",
		"-",
		"http://",
		"203.0.113.0/33",
		"bad.example:99999",
		"b\xc3\xbc.example",
		"[::1",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		refuses(bad[i]);
}

static void names_of_registries_are_known(void **state)
{
	struct indicator_key yes = parse("Co.UK"), page = parse("http://com.br/");
	struct indicator_key no = parse("t.co"), deep = parse("x.co.uk"),
			     other = parse("co.uk.example");

	(void)state;
	assert_true(indicator_is_registry(&yes));
	assert_true(indicator_is_registry(&page));
	assert_false(indicator_is_registry(&no));
	assert_false(indicator_is_registry(&deep));
	assert_false(indicator_is_registry(&other));
}

static void a_url_has_a_host(void **state)
{
	struct indicator_key url = parse("http://bad.example:8080/x"), host;

	(void)state;
	indicator_url_host(&url, &host);
	assert_int_equal(host.kind, INDICATOR_URL_HOST);
	assert_int_equal(host.len, 12);
	assert_memory_equal(host.bytes + 1, "bad.example", 11);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_in_any_dress),
		cmocka_unit_test(addresses_and_networks),
		cmocka_unit_test(urls_lose_scheme_and_default_port),
		cmocka_unit_test(hashes_and_fingerprints),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(names_of_registries_are_known),
		cmocka_unit_test(a_url_has_a_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
