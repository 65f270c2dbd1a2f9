/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists in their makers' formats, written by hand after the public
 * descriptions, and what is found on them.
 */
#include "unit/unit.h"

#include "base/random.h"
#include "intel/intel_load.h"

#include <time.h>

static const ns_t now = (ns_t)1700000000 * NS_PER_SEC;

struct bench {
	struct intel *intel;
	char trouble[512];
};

static void on_trouble(void *arg, const char *sentence)
{
	snprintf(((struct bench *)arg)->trouble, 512, "%s", sentence);
}

static struct bench load(const char *name, const char *text)
{
	struct home home = home_default();
	struct bench b = {.intel = intel_new(&home, 64 << 20)};
	struct complaint why = {""};

	assert_non_null(b.intel);
	if (intel_load_text(
		    &(struct intel_reader){.intel = b.intel, .trouble = on_trouble, .arg = &b},
		    name, text, strlen(text), &why))
		fail_msg("%s", why.text);
	return b;
}

static uint32_t ask_address(const struct bench *b, const char *text, ns_t when)
{
	struct address a;

	assert_int_equal(address_parse(text, strlen(text), &a), 0);
	return intel_address(b->intel, &a, when);
}

static void expect(const struct bench *b, uint32_t match, enum indicator_kind kind,
		   const char *text, uint32_t line, const char *about)
{
	struct indicator i;

	assert_int_not_equal(match, 0);
	i = intel_get(b->intel, match);
	assert_int_equal(i.kind, kind);
	assert_string_equal(i.text, text);
	assert_int_equal(i.line, line);
	assert_string_equal(i.about, about);
}

static void plain_lists(void **state)
{
	struct bench b = load("list.txt", "# bad places\r\n"
					  "203.0.113.7   # Emotet, tier 1\r\n"
					  "\n"
					  "bad[.]example;seen in May\n"
					  "hxxp://files.example/a,b/x.exe loader\n"
					  "0.0.0.0 ads.example\n"
					  "this is no indicator\n"
					  "10.1.2.3\n"
					  "0.0.0.0/0\n"
					  "198.51.100.0/24\n"
					  "198.51.100.64/26 smaller\n"
					  "no newline at the end.example");
	uint32_t sub;

	(void)state;
	expect(&b, ask_address(&b, "203.0.113.7", now), INDICATOR_NETWORK, "203.0.113.7", 2,
	       "Emotet, tier 1");
	assert_int_equal(ask_address(&b, "203.0.113.8", now), 0);
	assert_int_equal(ask_address(&b, "10.1.2.3", now), 0);
	sub = intel_name(b.intel, "c2.bad.example", now);
	expect(&b, sub, INDICATOR_DOMAIN, "bad.example", 4, "seen in May");
	assert_int_equal(sub, intel_name(b.intel, "bad.example", now));
	assert_int_equal(intel_name(b.intel, "notbad.example", now), 0);
	assert_int_equal(intel_name(b.intel, "example", now), 0);
	expect(&b, intel_name(b.intel, "ads.example", now), INDICATOR_DOMAIN, "ads.example", 6, "");
	/* the longest prefix tells */
	expect(&b, ask_address(&b, "198.51.100.70", now), INDICATOR_NETWORK, "198.51.100.64/26", 11,
	       "smaller");
	expect(&b, ask_address(&b, "198.51.100.1", now), INDICATOR_NETWORK, "198.51.100.0/24", 10,
	       "");
	/* a URL, and its host as a hint */
	expect(&b, intel_url(b.intel, "files.example/a,b/x.exe", 23, now), INDICATOR_URL,
	       "files.example/a,b/x.exe", 5, "loader");
	assert_int_not_equal(intel_url(b.intel, "files.example/a,b/x.exe?q=1", 27, now), 0);
	assert_int_equal(intel_url(b.intel, "files.example/other", 19, now), 0);
	expect(&b, intel_name(b.intel, "files.example", now), INDICATOR_URL_HOST, "files.example",
	       5, "loader");
	assert_string_equal(b.trouble,
			    "list.txt: line 7: it is no indicator that we know; of 10 entries 2 "
			    "were refused and 2 not understood");
	assert_int_equal(intel_stats(b.intel).indicators, 6);
	assert_int_equal(intel_stats(b.intel).refused, 2);
	assert_int_equal(intel_stats(b.intel).unread, 2);
	intel_free(b.intel);
}

static void the_fleet_is_never_listed(void **state)
{
	struct home home = {0};
	struct intel *intel;
	struct complaint why;
	const char list[] = "192.0.2.9\n192.0.2.0/24\n192.0.0.0/9\n192.168.1.1\n127.0.0.1\n"
			    "8.0.0.0/7\n224.0.0.5\nfd00::1\n2000::/3\n192.0.3.1\n";

	(void)state;
	assert_int_equal(home_add(&home, "192.0.2.0/25"), 0);
	intel = intel_new(&home, 1 << 20);
	assert_int_equal(intel_load_text(&(struct intel_reader){.intel = intel}, "l", list,
					 strlen(list), &why),
			 0);
	assert_int_equal(intel_stats(intel).indicators, 1);
	assert_int_equal(intel_stats(intel).refused, 9);
	intel_free(intel);
}

static void csv_of_abuse_ch(void **state)
{
	struct bench feodo =
		load("feodo.csv", "# Feodo Tracker\n# Last updated: 2024-01-01, UTC\n#\n"
				  "\"first_seen_utc\",\"dst_ip\",\"dst_port\",\"c2_status\","
				  "\"last_online\",\"malware\"\n"
				  "\"2021-01-17 07:44:46\",\"203.0.113.7\",\"8080\",\"online\","
				  "\"2024-01-01\",\"QakBot\"\n"
				  "\"2021-01-17\"\n# END\n");
	struct bench sslbl =
		load("sslbl.csv", "# Listingdate,SHA1,Listingreason\r\n"
				  "2024-01-01 07:00:00,00ff102030405060708090a0b0c0d0e0f0010203,"
				  "AsyncRAT C&C\r\n");
	struct bench ja3 =
		load("ja3.csv", "#ja3_md5,Firstseen,Lastseen,Listingreason\n"
				"e7d705a3286e19ea42f587b344ee6865,2017-07-14 18:08:15,2019-07-27 "
				"20:42:54,Tofsee\n");
	struct bench urlhaus = load(
		"urlhaus.csv",
		"# id,dateadded,url,url_status,last_online,threat,tags,urlhaus_link,reporter\n"
		"\"1\",\"2024-01-01\",\"http://203.0.113.9:9000/x.sh\",\"online\",\"\","
		"\"malware_download\",\"elf,mirai\",\"https://urlhaus.example/url/1/\",\"me\"\n");
	struct bench fox = load(
		"fox.csv",
		"# \"first_seen_utc\",\"ioc_id\",\"ioc_value\",\"ioc_type\",\"malware_printable\"\n"
		"\"2024-01-01\", \"1\", \"198.51.100.5:2222\", \"ip:port\", \"Quasar \"\"x\"\"\"\n"
		"\"2024-01-01\", \"2\", \"00ff102030405060708090a0b0c0d0e0f0010203\", "
		"\"sha1_hash\", \"Quasar\"\n");
	uint8_t sha1[20] = {0,	  0xff, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x80,
			    0x90, 0xa0, 0xb0, 0xc0, 0xd0, 0xe0, 0xf0, 1,    2,	  3};
	uint32_t match = ask_address(&feodo, "203.0.113.7", now);

	(void)state;
	expect(&feodo, match, INDICATOR_NETWORK, "203.0.113.7", 5, "QakBot");
	assert_int_equal(intel_get(feodo.intel, match).port, 8080);
	assert_string_equal(feodo.trouble,
			    "feodo.csv: line 6: it has no indicator in the header's columns; of 2 "
			    "entries 0 were refused and 1 not understood");
	expect(&sslbl, intel_certificate(sslbl.intel, sha1, 20, now), INDICATOR_CERTIFICATE,
	       "00ff102030405060708090a0b0c0d0e0f0010203", 2, "AsyncRAT C&C");
	expect(&ja3,
	       intel_text(ja3.intel, INDICATOR_JA3, "e7d705a3286e19ea42f587b344ee6865", 32, now),
	       INDICATOR_JA3, "e7d705a3286e19ea42f587b344ee6865", 2, "Tofsee");
	expect(&urlhaus, intel_url(urlhaus.intel, "203.0.113.9:9000/x.sh", 21, now), INDICATOR_URL,
	       "203.0.113.9:9000/x.sh", 2, "malware_download");
	expect(&urlhaus, ask_address(&urlhaus, "203.0.113.9", now), INDICATOR_URL_HOST,
	       "203.0.113.9", 2, "malware_download");
	match = ask_address(&fox, "198.51.100.5", now);
	expect(&fox, match, INDICATOR_NETWORK, "198.51.100.5", 2, "Quasar \"x\"");
	assert_int_equal(intel_get(fox.intel, match).port, 2222);
	assert_int_equal(intel_stats(fox.intel).other, 1);
	intel_free(feodo.intel);
	intel_free(sslbl.intel);
	intel_free(ja3.intel);
	intel_free(urlhaus.intel);
	intel_free(fox.intel);
}

#define SDO(id, more, pattern)                                                                     \
	"{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"indicator--" id "\"," more      \
	"\"pattern_type\":\"stix\",\"pattern\":\"" pattern "\"}"

static void stix_bundles(void **state)
{
	struct bench b = load(
		"stix.json",
		"{\"type\":\"bundle\",\"id\":\"bundle--1\",\"objects\":["
		"{\"type\":\"malware\",\"name\":\"X\"}," SDO("2", "\"name\":\"C2 of X\",",
							     "[ipv4-addr:value = '203.0.113.7']") "," SDO("3",
													  "",
													  "[domain-name:value IN ('a.example', 'b.example') OR ipv6-addr:value "
													  "ISSUBSET '2001:db8::/32']") "," SDO("4",
																	       "\"revoked\":true,",
																	       "[domain-name:value = "
																	       "'gone.example']") "," SDO("5", "\"valid_until\":\"2023-01-01T00:00:00.000Z\",", "[domain-name:value = 'old.example']") "," SDO("6",
																																	       "",
																																	       "[network-traffic:dst_ref.type = 'ipv4-addr' AND "
																																	       "network-traffic:dst_ref.value = '203.0.113.8' AND "
																																	       "network-traffic:dst_port = 4444]") "," SDO("7",
																																							   "",
																																							   "[domain-name:value = "
																																							   "'c.example' AND file:name = "
																																							   "'x.exe']") "," SDO("8",
																																									       "",
																																									       "[x509-certificate:hashes.'SHA-1' = "
																																									       "'00ff102030405060708090a0b0c0d0e0f0010203'] OR [url:value = "
																																									       "'http://d.example/it\\\\'s']") "," SDO("9",
																																														       "",
																																														       "[domain-name:value = 'e.example'] "
																																														       "FOLLOWEDBY [domain-name:value = "
																																														       "'f.example']") "," SDO("10",
																																																	       "",
																																																	       "[(domain-name:value = 'g.example' OR domain-name:value = "
																																																	       "'h.example') AND network-traffic:dst_port = 1]") "," SDO("11",
																																																									 "",
																																																									 "[domain-name:value != 'i.example']") "," SDO("12",
																																																														       "",
																																																														       "[file:hashes.MD5 = 'e7d705a3286e19ea42f587b344ee6865']") "]}");
	const ns_t before = (ns_t)1600000000 * NS_PER_SEC;
	uint32_t match = ask_address(&b, "203.0.113.8", now);
	struct intel_stats stats = intel_stats(b.intel);

	(void)state;
	expect(&b, ask_address(&b, "203.0.113.7", now), INDICATOR_NETWORK, "203.0.113.7", 2,
	       "C2 of X");
	expect(&b, intel_name(b.intel, "x.b.example", now), INDICATOR_DOMAIN, "b.example", 3, "");
	expect(&b, ask_address(&b, "2001:db8::99", now), INDICATOR_NETWORK, "2001:db8::/32", 3, "");
	assert_int_equal(intel_name(b.intel, "gone.example", now), 0);
	assert_int_equal(intel_name(b.intel, "old.example", now), 0);
	assert_int_not_equal(intel_name(b.intel, "old.example", before), 0);
	expect(&b, match, INDICATOR_NETWORK, "203.0.113.8", 6, "");
	assert_int_equal(intel_get(b.intel, match).port, 4444);
	expect(&b, intel_url(b.intel, "d.example/it's", 14, now), INDICATOR_URL, "d.example/it's",
	       8, "");
	for (const char *c = "cefghi"; *c; c++) {
		char name[] = "?.example";

		name[0] = *c;
		assert_int_equal(intel_name(b.intel, name, now), 0);
	}
	assert_int_equal(stats.by_kind[INDICATOR_CERTIFICATE], 1);
	assert_int_equal(stats.withdrawn, 1);
	assert_int_equal(stats.other, 2);  /* 7 and 12 are of files */
	assert_int_equal(stats.unread, 3); /* 9, 10 and 11 */
	intel_free(b.intel);
}

static void misp_events(void **state)
{
	struct bench b = load(
		"misp.json",
		"{\"response\":[{\"Event\":{\"info\":\"Campaign\",\"Attribute\":["
		"{\"type\":\"ip-dst\",\"value\":\"203.0.113.7\",\"to_ids\":true,\"comment\":\"\"},"
		"{\"type\":\"ip-dst|port\",\"value\":\"203.0.113.8|8443\",\"to_ids\":true,"
		"\"comment\":\"panel\"},"
		"{\"type\":\"domain|ip\",\"value\":\"bad.example|203.0.113.9\",\"to_ids\":true},"
		"{\"type\":\"domain\",\"value\":\"quiet.example\",\"to_ids\":false},"
		"{\"type\":\"md5\",\"value\":\"e7d705a3286e19ea42f587b344ee6865\",\"to_ids\":true},"
		"{\"type\":\"hostname\",\"value\":\"not a name\",\"to_ids\":true},"
		"{\"type\":\"domain\"}],"
		"\"Object\":[{\"name\":\"url\",\"Attribute\":[{\"type\":\"url\",\"to_ids\":true,"
		"\"value\":\"http://u.example/x\"}]}]}}]}");
	struct intel_stats stats = intel_stats(b.intel);
	uint32_t match = ask_address(&b, "203.0.113.8", now);

	(void)state;
	expect(&b, ask_address(&b, "203.0.113.7", now), INDICATOR_NETWORK, "203.0.113.7", 1,
	       "Campaign");
	expect(&b, match, INDICATOR_NETWORK, "203.0.113.8", 2, "panel");
	assert_int_equal(intel_get(b.intel, match).port, 8443);
	assert_string_equal(intel_get(b.intel, match).unit, "attribute");
	expect(&b, ask_address(&b, "203.0.113.9", now), INDICATOR_NETWORK, "203.0.113.9", 3,
	       "Campaign");
	assert_int_not_equal(intel_name(b.intel, "bad.example", now), 0);
	assert_int_equal(intel_name(b.intel, "quiet.example", now), 0);
	assert_int_not_equal(intel_url(b.intel, "u.example/x", 11, now), 0);
	assert_int_equal(stats.undetectable, 1);
	assert_int_equal(stats.other, 1);
	assert_int_equal(stats.unread, 2);
	intel_free(b.intel);
}

/* STIX 2.1, 10.3: "benign" is activity that is not suspicious or malicious in and of itself. */
static void what_a_list_calls_harmless_is_left_out(void **state)
{
	struct bench b = load(
		"stix.json",
		"[" SDO("1", "\"indicator_types\":[\"benign\"],",
			"[ipv4-addr:value = '203.0.113.7']") "," SDO("2",
								     "\"indicator_types\":["
								     "\"benign\",\"malicious-"
								     "activity\"],",
								     "[ipv4-addr:value = "
								     "'203.0.113.8']") "," SDO("3",
											       "\"i"
											       "ndi"
											       "cat"
											       "or_"
											       "typ"
											       "es"
											       "\":"
											       "[]"
											       ",",
											       "[ip"
											       "v4-"
											       "add"
											       "r:"
											       "val"
											       "ue "
											       "= "
											       "'20"
											       "3."
											       "0."
											       "113"
											       ".9'"
											       "]") "]");

	(void)state;
	assert_int_equal(ask_address(&b, "203.0.113.7", now), 0);
	assert_int_not_equal(ask_address(&b, "203.0.113.8", now), 0);
	assert_int_not_equal(ask_address(&b, "203.0.113.9", now), 0);
	assert_int_equal(intel_stats(b.intel).harmless, 1);
	assert_int_equal(intel_stats(b.intel).withdrawn, 0);
	intel_free(b.intel);
}

static void each_reason_has_a_count_of_its_own(void **state)
{
	struct bench plain = load("list.txt", "co.uk\nhttp://com.br/\n::ffff:198.19.5.30\n"
					      "::ffff:203.0.113.0/120\n::ffff:10.0.0.1\n"
					      "198.51.100.1-198.51.100.9\nb\xc3\xbc"
					      "cher.example\n");
	struct bench misp = load(
		"misp.json", "{\"Event\":{\"Attribute\":["
			     "{\"type\":\"domain\",\"value\":\"quiet.example\",\"to_ids\":false},"
			     "{\"type\":\"domain\",\"value\":\"gone.example\",\"to_ids\":false,"
			     "\"deleted\":true},"
			     "{\"type\":\"ip-src\",\"value\":\"203.0.113.7\",\"to_ids\":true}]}}");
	struct intel_stats stats = intel_stats(plain.intel);

	(void)state;
	assert_int_equal(stats.refused, 3); /* two of registries, one private */
	assert_int_equal(stats.unread, 2);  /* a range, and a name that is no ASCII */
	assert_int_equal(intel_name(plain.intel, "x.co.uk", now), 0);
	expect(&plain, ask_address(&plain, "198.19.5.30", now), INDICATOR_NETWORK, "198.19.5.30", 3,
	       "");
	expect(&plain, ask_address(&plain, "203.0.113.77", now), INDICATOR_NETWORK,
	       "203.0.113.0/24", 4, "");
	stats = intel_stats(misp.intel);
	assert_int_equal(stats.indicators, 0);
	assert_int_equal(stats.undetectable, 1);
	assert_int_equal(stats.withdrawn, 1);
	assert_int_equal(stats.other, 1);
	intel_free(plain.intel);
	intel_free(misp.intel);
}

/* RFC 4180, 2.6: fields with line breaks stand in quotes. */
static void a_record_may_hold_line_breaks(void **state)
{
	struct bench b =
		load("multi.csv", "comment,ip\r\n"
				  "\"first\r\n198.51.100.1, \"\"quoted\"\"\",203.0.113.7\r\n"
				  "plain,203.0.113.8\r\n"
				  "\"never closed,203.0.113.9\r\n"
				  "\"odd\"x,203.0.113.10\n"
				  "last,203.0.113.11");

	(void)state;
	assert_int_equal(intel_get(b.intel, ask_address(&b, "203.0.113.7", now)).line, 2);
	assert_non_null(strstr(intel_get(b.intel, ask_address(&b, "203.0.113.7", now)).about,
			       "198.51.100.1, \"quoted\""));
	assert_int_equal(ask_address(&b, "198.51.100.1", now), 0);
	expect(&b, ask_address(&b, "203.0.113.8", now), INDICATOR_NETWORK, "203.0.113.8", 4,
	       "plain");
	/* a quote that nothing ends costs its own line only */
	expect(&b, ask_address(&b, "203.0.113.10", now), INDICATOR_NETWORK, "203.0.113.10", 6,
	       "odd");
	expect(&b, ask_address(&b, "203.0.113.11", now), INDICATOR_NETWORK, "203.0.113.11", 7,
	       "last");
	assert_int_equal(intel_stats(b.intel).indicators, 4);
	intel_free(b.intel);
}

static void lists_that_give_nothing_are_counted_and_told(void **state)
{
	struct bench b = load("pdf.txt", "%PDF-1.4\nxx yy\n");
	struct intel_reader reader = {.intel = b.intel, .trouble = on_trouble, .arg = &b};
	struct complaint why;

	(void)state;
	assert_string_equal(b.trouble, "pdf.txt: line 1: it is no indicator that we know; of 2 "
				       "entries 0 were refused and 2 not understood: nothing of "
				       "this list is used");
	assert_int_equal(intel_load_text(&reader, "empty.txt", "# x\n", 4, &why), 0);
	assert_string_equal(b.trouble, "empty.txt: nothing of this list is used");
	assert_int_equal(intel_load_text(&reader, "one.txt", "203.0.113.7\n", 12, &why), 0);
	assert_int_equal(intel_load_text(&reader, "again.txt", "203.0.113.7\n", 12, &why), 0);
	assert_true(intel_load_text(&reader, "x.json", "{\"a\":", 5, &why) < 0);
	assert_int_equal(intel_stats(b.intel).lists, 4);
	assert_int_equal(intel_stats(b.intel).lists_useless, 2);
	assert_int_equal(intel_stats(b.intel).lists_broken, 1);
	intel_free(b.intel);
}

static void what_is_broken_is_said(void **state)
{
	struct home home = home_default();
	struct intel *intel = intel_new(&home, 1 << 20);
	struct intel_reader reader = {.intel = intel};
	char *big;
	struct complaint why;

	(void)state;
	assert_true(intel_load_text(&reader, "x.json", "{\"a\":\n[1,}", 10, &why) < 0);
	assert_non_null(strstr(why.text, "x.json: line 2: "));
	assert_true(intel_load_text(&reader, "x.gz", "\x1f\x8b\x08\x00", 4, &why) < 0);
	assert_string_equal(why.text, "x.gz: it is packed; unpack it first");
	assert_true(intel_load_text(&reader, "x.txt",
				    "\xff\xfe"
				    "1\0.\0",
				    6, &why) < 0);
	assert_string_equal(why.text, "x.txt: it is UTF-16; make UTF-8 of it first");
	assert_int_equal(intel_load_text(&reader, "x.txt", "\0bad.example\n", 13, &why), 0);
	assert_int_equal(intel_stats(intel).unread, 1); /* no comment */
	reader.json_most = 1 << 20;
	big = calloc(1, (1 << 20) + 2);
	assert_non_null(big);
	memset(big, ' ', (1 << 20) + 1);
	big[0] = '{';
	big[1 << 20] = '}';
	assert_true(intel_load_text(&reader, "x.json", big, (1 << 20) + 1, &why) < 0);
	assert_string_equal(why.text,
			    "x.json: JSON of more than 1 MiB; split it, or give more --memory");
	free(big);
	assert_true(intel_load(&reader, "/nonexistent/list", &why) < 0);
	assert_string_equal(why.text, "/nonexistent/list: No such file or directory");
	intel_free(intel);
}

/* Several lists may hold the same; the first is told, the others are counted once each. */
static void repeats_are_counted(void **state)
{
	struct bench b = load("one", "203.0.113.7:80 first\n203.0.113.7:81 again\n");
	struct complaint why;
	struct indicator i;

	(void)state;
	assert_int_equal(intel_load_text(&(struct intel_reader){.intel = b.intel}, "two",
					 "203.0.113.7\n203.0.113.7\n", 24, &why),
			 0);
	i = intel_get(b.intel, ask_address(&b, "203.0.113.7", now));
	assert_string_equal(i.list, "one");
	assert_string_equal(i.about, "first");
	assert_int_equal(i.more_lists, 1);
	assert_int_equal(i.port, 0);
	assert_int_equal(intel_stats(b.intel).repeated, 3);
	intel_free(b.intel);
}

/* Against the slow, obvious way: the longest of all networks that contain the address. */
static void longest_prefix_against_a_model(void **state)
{
	enum { NETWORKS = 400, ASKED = 3000 };
	struct random random = random_from_seed(7);
	struct home home = {0};
	struct intel *intel = intel_new(&home, 8 << 20);
	static struct network networks[NETWORKS];
	struct complaint why;

	(void)state;
	for (size_t i = 0; i < NETWORKS; i++) {
		uint8_t b[4] = {50, (uint8_t)(random_u64(&random) % 4),
				(uint8_t)random_u64(&random), (uint8_t)random_u64(&random)};
		char text[NETWORK_TEXT_SIZE + 1], address[ADDRESS_TEXT_SIZE];
		struct address a = address_v4(b);

		snprintf(text, sizeof(text), "%s/%u", address_text(&a, address),
			 (unsigned)(9 + random_u64(&random) % 24));
		assert_int_equal(network_parse(text, &networks[i]), 0);
		assert_int_equal(intel_load_text(&(struct intel_reader){.intel = intel}, "n", text,
						 strlen(text), &why),
				 0);
	}
	for (size_t i = 0; i < ASKED; i++) {
		uint8_t b[4] = {50, (uint8_t)(random_u64(&random) % 4),
				(uint8_t)random_u64(&random), (uint8_t)random_u64(&random)};
		struct address a = address_v4(b);
		const struct network *best = NULL;
		uint32_t match = intel_address(intel, &a, now);
		char text[NETWORK_TEXT_SIZE];

		for (size_t k = 0; k < NETWORKS; k++)
			if (network_contains(&networks[k], &a) &&
			    (!best || networks[k].prefix > best->prefix))
				best = &networks[k];
		assert_int_equal(match != 0, best != NULL);
		if (best && best->prefix < 32)
			assert_string_equal(intel_get(intel, match).text, network_text(best, text));
	}
	intel_free(intel);
}

/* Memory and time for a large list; a tenth of a million here, as sanitizers are slow. */
static void large_lists_stay_small(void **state)
{
	enum { MANY = 100000 };
	struct home home = home_default();
	struct intel *intel = intel_new(&home, 256 << 20);
	char *text = malloc(MANY * 48), *at = text;
	struct intel_stats stats;
	struct complaint why;

	(void)state;
	assert_non_null(text);
	for (unsigned i = 0; i < MANY; i++)
		at += snprintf(at, 48, "host-%u.bad%u.example  family %u\n", i, i % 999, i % 50);
	assert_int_equal(intel_load_text(&(struct intel_reader){.intel = intel}, "many", text,
					 (size_t)(at - text), &why),
			 0);
	stats = intel_stats(intel);
	assert_int_equal(stats.indicators, MANY);
	assert_true(stats.bytes / MANY < 200);
	assert_int_not_equal(intel_name(intel, "a.b.host-99999.bad99.example", now), 0);
	free(text);
	intel_free(intel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_lists),
		cmocka_unit_test(the_fleet_is_never_listed),
		cmocka_unit_test(csv_of_abuse_ch),
		cmocka_unit_test(stix_bundles),
		cmocka_unit_test(misp_events),
		cmocka_unit_test(what_a_list_calls_harmless_is_left_out),
		cmocka_unit_test(each_reason_has_a_count_of_its_own),
		cmocka_unit_test(a_record_may_hold_line_breaks),
		cmocka_unit_test(lists_that_give_nothing_are_counted_and_told),
		cmocka_unit_test(what_is_broken_is_said),
		cmocka_unit_test(repeats_are_counted),
		cmocka_unit_test(longest_prefix_against_a_model),
		cmocka_unit_test(large_lists_stay_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
