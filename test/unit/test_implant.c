/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include "simulate/implant.h"

static void every_key_arrives(void **state)
{
	struct implant im;

	(void)state;
	assert_int_equal(
		implant_parse("host=17,from=bmc,period=3600,jitter=0.3,missed=0.1,duty=8-18,"
			      "law=clock,dest=198.51.100.7:8443,name=cdn.example,app=http,"
			      "out=420,in=180,sizes=0.25,silent=0.2,after=60,calls=20",
			      &im, NULL),
		0);
	assert_int_equal(im.host, 17);
	assert_false(im.any_host);
	assert_true(im.from_bmc);
	assert_true(im.law.period_s == 3600 && im.law.jitter == 0.3 && im.law.missed == 0.1);
	assert_true(im.law.duty_from_h == 8 && im.law.duty_to_h == 18);
	assert_int_equal(im.law.kind, LAW_CLOCK);
	assert_memory_equal(im.site.v4.bytes + 12, "\xc6\x33\x64\x07", 4);
	assert_int_equal(im.site.port, 8443);
	assert_true(im.lookup);
	assert_string_equal(im.site.name, "cdn.example");
	assert_string_equal(im.sni, "cdn.example");
	assert_int_equal(im.app, APP_HTTP);
	assert_true(im.out == 420 && im.in == 180 && im.sizes == 0.25 && im.silent == 0.2);
	assert_true(im.after_s == 60 && im.calls == 20);
}

static void hard_keys_arrive(void **state)
{
	struct implant im;

	(void)state;
	assert_int_equal(implant_parse("app=dns,type=txt,out=100,in=159,burst=30,gap=0.5,name=any",
				       &im, NULL),
			 0);
	assert_true(im.app == APP_DNS && im.udp && im.lookup && im.question == SIM_DNS_TXT);
	assert_true(im.burst == 30 && im.gap_s == 0.5 && im.out == 100 && im.in == 159);
	assert_string_equal(implant_kind(&im), "dns-tunnel");
	assert_int_equal(
		implant_parse("app=shell,port=4444,second=7200,peers=8,hosts=10,hop=ports,grow=0.5,"
			      "follows=0.02,beat=60,boot=early",
			      &im, NULL),
		0);
	assert_true(im.shell && im.hold_s == 1800 && im.site.port == 4444 && im.any_site);
	assert_true(im.second.period_s == 7200 && im.peers == 8 && im.hosts == 10);
	assert_true(im.hop == HOP_PORTS && im.boot == BOOT_EARLY && im.beat_s == 60);
	assert_true(im.grow == 0.5 && im.follows == 0.02);
	assert_int_equal(implant_parse("app=ntp,dest=192.0.2.7", &im, NULL), 0);
	assert_true(im.site.port == 123 && im.out == 48);
	assert_int_equal(implant_parse("app=icmp", &im, NULL), 0);
	assert_true(im.icmp && im.site.port == 0);
}

static void every_hard_kind_can_be_made(void **state)
{
	static const char *const kinds[] = {
		"dns-tunnel", "icmp-tunnel", "ntp-lookalike", "shell",	     "boot",
		"hopping",    "p2p",	     "fleet-wide",    "held",	     "two-periods",
		"bursts",     "beacon",	     "exfiltration",  "follows-load"};
	bool seen[ARRAY_LEN(kinds)] = {0};

	(void)state;
	for (uint32_t n = 0; n < IMPLANT_HARD_KINDS; n++) {
		struct implant im = implant_hard(7, n, 3);

		for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
			seen[k] |= !strcmp(implant_kind(&im), kinds[k]);
	}
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
		assert_true(seen[k]);
}

static void its_hosts_are_all_different(void **state)
{
	struct implant im;

	(void)state;
	for (uint32_t fleet = 1; fleet < 60; fleet++) {
		bool taken[60] = {0};

		assert_int_equal(implant_parse("host=0,hosts=1000", &im, NULL), 0);
		for (uint32_t i = 0; i < fleet; i++) {
			uint32_t h = implant_host(&im, i, fleet);

			assert_true(h < fleet && !taken[h]);
			taken[h] = true;
		}
	}
}

static void names_and_server_names_are_two_things(void **state)
{
	struct implant im;

	(void)state;
	assert_int_equal(implant_parse("name=a.example,sni=none", &im, NULL), 0);
	assert_true(im.lookup && !*im.sni);
	assert_int_equal(implant_parse("sni=b.example", &im, NULL), 0);
	assert_false(im.lookup);
	assert_string_equal(im.sni, "b.example");
	assert_int_equal(implant_parse("sni=b.example,name=a.example", &im, NULL), 0);
	assert_string_equal(im.sni, "b.example");
	assert_string_equal(im.site.name, "a.example");
}

static void destinations_of_both_families(void **state)
{
	static const struct {
		const char *text;
		uint16_t port;
		bool v6;
	} good[] = {
		{"dest=192.0.2.1", 443, false},
		{"dest=192.0.2.1:80", 80, false},
		{"dest=2001:db8::1", 443, true},
		{"dest=[2001:db8::1]", 443, true},
		{"dest=[2001:db8::1]:65535", 65535, true},
	};
	struct implant im;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		assert_int_equal(implant_parse(good[i].text, &im, NULL), 0);
		assert_int_equal(im.site.port, good[i].port);
		assert_int_equal(im.site.has_v6, good[i].v6);
		assert_false(im.any_site);
	}
}

static void nonsense_is_refused_with_a_sentence(void **state)
{
	static const char *const bad[][2] = {
		{"perod=60", "there is no key 'perod'"},
		{"period", "period wants seconds, not ''"},
		{"period=", "period wants seconds, not ''"},
		{"period=0", "period"},
		{"period=-5", "period"},
		{"period=nan", "period"},
		{"period=60s", "not '60s'"},
		{"jitter=1.5", "jitter"},
		{"missed=1", "missed"},
		{"duty=8", "duty"},
		{"duty=8-25", "duty"},
		{"duty=8-18-20", "duty"},
		{"law=poisson", "law"},
		{"dest=1.2.3", "dest"},
		{"dest=1.2.3.4:0", "dest"},
		{"dest=1.2.3.4:", "dest"},
		{"dest=[::1", "dest"},
		{"dest=[::1]443", "dest"},
		{"name=", "name"},
		{"name=a..b", "name"},
		{"name=.", "name"},
		{"name=two words", "name"},
		{"name=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
		 "b",
		 "name"},
		{"app=smtp", "app"},
		{"app=udp,out=50000", "over udp"},
		{"app=http,out=900000", "over http"},
		{"host=1.5", "host"},
		{"host=-1", "host"},
		{"calls=0", "calls"},
		{"app=dns,out=113", "a question holds at most 112 bytes"},
		{"app=icmp,in=1401", "an echo holds at most 1400 bytes"},
		{"burst=0", "burst"},
		{"hop=16", "hop"},
		{"boot=last", "boot"},
		{"peers=65", "peers"},
		{"type=mx", "type"},
		{"port=0", "port"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct implant im = {.host = 99};
		struct complaint why = {""};

		assert_true(implant_parse(bad[i][0], &im, &why) < 0);
		if (!strstr(why.text, bad[i][1]))
			fail_msg("%s: \"%s\" does not say \"%s\"", bad[i][0], why.text, bad[i][1]);
		assert_null(strchr(why.text, '\n'));
		assert_int_equal(im.host, 99); /* untouched */
	}
}

static void settling_leaves_nothing_open(void **state)
{
	struct implant im;
	bool taken[50] = {0};

	(void)state;
	for (uint32_t n = 0; n < 20; n++) {
		assert_int_equal(implant_parse("", &im, NULL), 0);
		im.lookup = n % 2;
		implant_settle(&im, 5, n, 50);
		assert_true(im.host < 50 && !taken[im.host]);
		taken[im.host] = true;
		assert_int_equal(im.site.v4.version, 4);
		assert_int_equal(*im.site.name != '\0', im.lookup);
		assert_string_equal(im.sni, im.site.name);
	}
	/* what was given stays */
	assert_int_equal(implant_parse("host=3,dest=192.0.2.9,name=x.test", &im, NULL), 0);
	implant_settle(&im, 5, 0, 50);
	assert_int_equal(im.host, 3);
	assert_string_equal(im.site.name, "x.test");
	assert_int_equal(im.site.v4.bytes[15], 9);
}

static void random_ones_are_hard_but_fair(void **state)
{
	size_t named = 0, clocks = 0, calls_few = 0;

	(void)state;
	for (uint32_t n = 0; n < 1000; n++) {
		struct implant im = implant_random(1, n, 1);

		assert_true(im.law.period_s >= 60 && im.law.period_s <= 86400.0 / 8 + 1e-6);
		assert_true(im.law.jitter >= 0.1 && im.law.jitter <= 0.7);
		assert_true(im.law.missed >= 0 && im.law.missed <= 0.4);
		assert_true(im.law.duty_to_h <= 24);
		named += im.lookup;
		clocks += im.law.kind == LAW_CLOCK;
		calls_few += im.law.period_s > 3600;
	}
	assert_in_range(named, 430, 570);
	assert_in_range(clocks, 190, 310);
	assert_in_range(calls_few, 100, 400);
}

static void rare_things_are_all_different(void **state)
{
	enum { HOSTS = 300, COUNT = 700 };
	static char names[COUNT][SIM_NAME_SIZE];
	static struct address addresses[COUNT];

	(void)state;
	for (int i = 0; i < COUNT; i++) {
		/* services from 0 up, implants from -1 down */
		int64_t index = i < 600 ? i : 599 - i;
		struct site s = site_rare(site_rare_number(9, HOSTS, index));

		memcpy(names[i], s.name, sizeof(s.name));
		addresses[i] = s.v4;
		assert_true(s.addresses >= 1 && s.addresses <= 2);
		for (int j = 0; j < i; j++) {
			assert_string_not_equal(names[i], names[j]);
			assert_false(address_equal(&addresses[i], &addresses[j]));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_arrives),
		cmocka_unit_test(hard_keys_arrive),
		cmocka_unit_test(every_hard_kind_can_be_made),
		cmocka_unit_test(its_hosts_are_all_different),
		cmocka_unit_test(names_and_server_names_are_two_things),
		cmocka_unit_test(destinations_of_both_families),
		cmocka_unit_test(nonsense_is_refused_with_a_sentence),
		cmocka_unit_test(settling_leaves_nothing_open),
		cmocka_unit_test(random_ones_are_hard_but_fair),
		cmocka_unit_test(rare_things_are_all_different),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
