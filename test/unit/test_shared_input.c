/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real captures and logs, which are kept outside the project.  Counts of
 * packets and time spans come from capinfos 4.0.17 (Wireshark), counts of rows
 * from `zcat FILE | grep -vc '^#'`.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "recorder.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static const char *shared_path(void)
{
	static char path[512];
	const char *given = getenv("WATERTIGHT_SHARED");

	snprintf(path, sizeof(path), "%s/data/dev", given ? given : "../shared");
	if (access(path, R_OK)) {
		printf("skipped: %s is not here\n", path);
		skip();
	}
	return path;
}

/* First and last packet, beside what a recorder keeps. */
struct span {
	struct recorder recorder;
	ns_t first, last;
	uint64_t packets;
};

static void span_frame(void *arg, const struct frame *frame)
{
	struct span *s = arg;

	if (!s->packets || frame->when < s->first)
		s->first = frame->when;
	if (!s->packets || frame->when > s->last)
		s->last = frame->when;
	s->packets++;
}

static void every_capture_agrees_with_capinfos(void **state)
{
	static const struct {
		const char *name;
		enum input_format format;
		uint64_t packets;
		ns_t span_us;
	} captures[] = {
		{"agenttesla-ftp.pcap", INPUT_PCAP, 457, 181647538},
		{"agenttesla-smtp.pcap", INPUT_PCAP, 2037, 122769105},
		{"asyncrat.pcap", INPUT_PCAP, 1031, 244296069},
		{"c2ms-covenant-64min.pcap", INPUT_PCAP, 3547, 3840682229},
		{"c2ms-meterpreter-30min.pcap", INPUT_PCAP, 1420, 1829085492},
		{"caldera-manx-tcp.pcap", INPUT_PCAP, 401, 763275349},
		{"caldera-manx-udp.pcap", INPUT_PCAP, 155, 606635482},
		{"caldera-sandcat.pcap", INPUT_PCAP, 639, 1698664894},
		{"dcrat.pcap", INPUT_PCAP, 2392, 196131147},
		{"doh-benign-24may.pcap", INPUT_PCAP, 6310, 9490443032},
		{"doh-tunnel-27may.pcap", INPUT_PCAP, 19320, 3527265557},
		{"dridex-2020-06-03.pcap", INPUT_PCAP, 5284, 1583625655},
		{"emotet-2021-01-06.pcap", INPUT_PCAP, 4509, 5903382905},
		{"icmp-tunnel.pcap", INPUT_PCAP, 961, 1122514842},
		{"iodine-cname.pcap", INPUT_PCAP, 17449, 3607178861},
		{"iodine.pcap", INPUT_PCAP, 438, 24487287},
		{"quasarrat.pcap", INPUT_PCAP, 3874, 303134738},
		{"slips-test-cc-1.pcap", INPUT_PCAP, 7931, 665077575},
		{"slips-test-cc-2.pcap", INPUT_PCAP, 1084, 67497973},
		{"dns-benign-00008.pcapng", INPUT_PCAPNG, 30000, 2247494710},
		{"dns-benign-00040.pcapng", INPUT_PCAPNG, 30000, 2687109727},
		{"dnscat2-txt.pcapng", INPUT_PCAPNG, 7950, 1086718315},
	};
	const char *shared = shared_path();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(captures); i++) {
		char path[1024];
		struct span s = {0};
		struct input_sink sink = {.frame = span_frame, .arg = &s};
		struct input_file file = {.path = path};
		struct complaint why = {""};

		snprintf(path, sizeof(path), "%s/%s", shared, captures[i].name);
		if (input_read(&file, &sink, &why))
			fail_msg("%s", why.text);
		if (s.packets != captures[i].packets ||
		    (s.last - s.first) / 1000 != captures[i].span_us)
			fail_msg("%s: %llu packets, %lld us", path, (unsigned long long)s.packets,
				 (long long)(s.last - s.first) / 1000);
	}
}

static void every_log_has_as_many_rows_as_grep_finds(void **state)
{
	static const struct {
		const char *name;
		enum input_format format;
		uint64_t rows;
	} logs[] = {
		{"apt29-day1-nashua/NASHUA_conn.log.gz", INPUT_ZEEK_CONN, 479},
		{"apt29-day1-nashua/SCRANTON_conn.log.gz", INPUT_ZEEK_CONN, 134},
		{"ctu-botnet-4-p2p/conn.log.gz", INPUT_ZEEK_CONN, 22913},
		{"ctu50-normal40-day1/conn.log.labeled.gz", INPUT_ZEEK_CONN, 5663},
		{"ctu50-normal42-day2/conn.log.labeled.gz", INPUT_ZEEK_CONN, 5347},
		{"ctu-230-1-njrat.conn.log.gz", INPUT_ZEEK_CONN, 992},
		{"ctu-sme-11-remcos.conn.log.gz", INPUT_ZEEK_CONN, 766},
		{"iot23-34-1-mirai.conn.log.gz", INPUT_ZEEK_CONN, 23145},
		{"apt29-day1-nashua/NASHUA_dns.log.gz", INPUT_ZEEK_DNS, 21},
		{"apt29-day1-nashua/SCRANTON_dns.log.gz", INPUT_ZEEK_DNS, 32},
		{"ctu-botnet-4-p2p/dns.log.gz", INPUT_ZEEK_DNS, 43},
		{"ctu50-normal42-day2/dns.log.labeled.gz", INPUT_ZEEK_DNS, 8},
		{"apt29-day1-nashua/SCRANTON_http.log.gz", INPUT_ZEEK_HTTP, 62},
		{"ctu-botnet-4-p2p/http.log.gz", INPUT_ZEEK_HTTP, 2614},
		{"ctu50-normal40-day1/http.log.labeled.gz", INPUT_ZEEK_HTTP, 342},
		{"ctu50-normal42-day2/http.log.labeled.gz", INPUT_ZEEK_HTTP, 5},
		{"apt29-day1-nashua/NASHUA_ssl.log.gz", INPUT_ZEEK_SSL, 376},
		{"apt29-day1-nashua/SCRANTON_ssl.log.gz", INPUT_ZEEK_SSL, 2},
		{"ctu50-normal40-day1/ssl.log.labeled.gz", INPUT_ZEEK_SSL, 545},
		{"ctu50-normal42-day2/ssl.log.labeled.gz", INPUT_ZEEK_SSL, 1039},
	};
	const char *shared = shared_path();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(logs); i++) {
		char path[1024];
		struct recorder r = {0};
		struct input_sink sink = recorder_sink(&r);
		struct input_file file = {.path = path};
		uint64_t rows;

		snprintf(path, sizeof(path), "%s/%s", shared, logs[i].name);
		if (input_read(&file, &sink, &r.why))
			fail_msg("%s", r.why.text);
		rows = logs[i].format == INPUT_ZEEK_CONN  ? r.flows
		       : logs[i].format == INPUT_ZEEK_DNS ? r.lookups
							  : r.claims;
		if (rows != logs[i].rows || rows != r.flows + r.lookups + r.claims)
			fail_msg("%s: %llu rows", path, (unsigned long long)rows);
	}
}

/*
 * 78 files: 22 captures and 20 logs that we want, 34 logs that we do not, and
 * the truth and Suricata's log, which are neither.
 */
static void the_whole_place_is_planned(void **state)
{
	const char *paths[] = {shared_path()};
	struct input_plan plan;
	size_t kinds[INPUT_FORMATS] = {0};

	(void)state;
	assert_int_equal(input_plan(paths, 1, &plan), 0);
	for (size_t i = 0; i < plan.count; i++)
		kinds[plan.files[i].format]++;
	assert_int_equal(kinds[INPUT_PCAP], 19);
	assert_int_equal(kinds[INPUT_PCAPNG], 3);
	assert_int_equal(kinds[INPUT_ZEEK_CONN], 8);
	assert_int_equal(kinds[INPUT_ZEEK_DNS], 4);
	assert_int_equal(kinds[INPUT_ZEEK_HTTP], 4);
	assert_int_equal(kinds[INPUT_ZEEK_SSL], 4);
	assert_int_equal(plan.count, 42);
	assert_int_equal(plan.complaint_count, 0);
	assert_int_equal(plan.skipped, 36);
	input_plan_fini(&plan);
}

static void suricata_is_told_apart(void **state)
{
	char path[1024];
	const char *paths[] = {path};
	struct input_plan plan;

	(void)state;
	snprintf(path, sizeof(path), "%s/slips-test6-ipcam.eve.json.gz", shared_path());
	assert_int_equal(input_plan(paths, 1, &plan), 0);
	assert_int_equal(plan.count, 0);
	assert_int_equal(plan.complaint_count, 1);
	assert_non_null(strstr(plan.complaints[0].complaint.text, "Suricata's EVE log"));
	input_plan_fini(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_capture_agrees_with_capinfos),
		cmocka_unit_test(every_log_has_as_many_rows_as_grep_finds),
		cmocka_unit_test(the_whole_place_is_planned),
		cmocka_unit_test(suricata_is_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
