/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "recorder.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>

#define CONN_HEADER                                                                                \
	"#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n"            \
	"#path\tconn\n#open\t2020-04-30-00-00-00\n"                                                \
	"#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\t" \
	"orig_bytes\tresp_bytes\tconn_state\tlocal_orig\tlocal_resp\tmissed_bytes\thistory\t"      \
	"orig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes\ttunnel_parents\n"                     \
	"#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval\tcount\tcount\t"     \
	"string\tbool\tbool\tcount\tstring\tcount\tcount\tcount\tcount\tset[string]\n"

#define CONN_ROW                                                                                   \
	"1588205199.824370\tCvf4XX17hSAgXDdGEd\t10.0.1.6\t54243\t203.0.113.4\t443\ttcp\tssl\t"     \
	"2.5\t39\t55\tSF\tT\tF\t0\tShADadFf\t7\t350\t5\t300\t-\n"

/* The same as JSON, as Zeek and as a pipeline writes it. */
#define CONN_JSON                                                                                  \
	"{\"ts\":1588205199.82437,\"uid\":\"Cvf4XX17hSAgXDdGEd\",\"id.orig_h\":\"10.0.1.6\","      \
	"\"id.orig_p\":54243,\"id.resp_h\":\"203.0.113.4\",\"id.resp_p\":443,\"proto\":\"tcp\","   \
	"\"service\":\"ssl\",\"duration\":2.5,\"orig_bytes\":39,\"resp_bytes\":55,"                \
	"\"conn_state\":\"SF\",\"local_orig\":true,\"missed_bytes\":0,\"history\":\"ShADadFf\","   \
	"\"orig_pkts\":7,\"orig_ip_bytes\":350,\"resp_pkts\":5,\"resp_ip_bytes\":300}\n"
#define CONN_JSON_UNDERSCORED                                                                      \
	"{\"@stream\": \"conn\", \"ts\": \"2020-04-30T00:06:39.824370Z\", "                        \
	"\"uid\": \"Cvf4XX17hSAgXDdGEd\", \"id_orig_h\": \"10.0.1.6\", \"id_orig_p\": 54243, "     \
	"\"id_resp_h\": \"203.0.113.4\", \"id_resp_p\": 443, \"proto\": \"tcp\", "                 \
	"\"tags\": [\"a]b\", {\"uid\": \"no\"}], \"service\": \"ssl\", \"duration\": 2.5, "        \
	"\"orig_bytes\": 39, \"resp_bytes\": 55, \"conn_state\": \"SF\", "                         \
	"\"history\": \"ShADadFf\", \"orig_pkts\": 7, \"orig_ip_bytes\": 350, \"resp_pkts\": 5, "  \
	"\"resp_ip_bytes\": 300}\n"

/* Read text in memory of exactly its size. */
static int read_text(struct recorder *r, const char *text)
{
	size_t len = strlen(text);
	char *copy = malloc(len ? len : 1);
	int rc;

	memcpy(copy, text, len);
	rc = record(r, copy, len, 0);
	free(copy);
	return rc;
}

static struct address parsed(const char *text)
{
	struct address a;

	assert_int_equal(address_parse(text, strlen(text), &a), 0);
	return a;
}

static void assert_address(const struct address *a, const char *text)
{
	struct address b = parsed(text);

	assert_memory_equal(a, &b, sizeof(b));
}

/*
 * conn
 */

static void assert_the_row(const struct flow *flow)
{
	assert_address(&flow->tuple.src, "10.0.1.6");
	assert_address(&flow->tuple.dst, "203.0.113.4");
	assert_int_equal(flow->tuple.src_port, 54243);
	assert_int_equal(flow->tuple.dst_port, 443);
	assert_int_equal(flow->tuple.proto, IPPROTO_TCP);
	assert_int_equal(flow->tuple.zero, 0);
	assert_int_equal(flow->first, 1588205199824370000);
	assert_int_equal(flow->last, 1588205202324370000);
	assert_int_equal(flow->out_bytes, 350);
	assert_int_equal(flow->in_bytes, 300);
	assert_int_equal(flow->out_payload, 39);
	assert_int_equal(flow->in_payload, 55);
	assert_int_equal(flow->out_packets, 7);
	assert_int_equal(flow->in_packets, 5);
	assert_int_equal(flow->app, APP_TLS);
	assert_int_equal(flow->answer, ANSWER_YES);
	assert_int_equal(flow->end, FLOW_END_CLOSED);
	assert_int_equal(flow->out_flags, TCP_SYN | TCP_ACK | TCP_FIN);
	assert_int_equal(flow->in_flags, TCP_SYN | TCP_ACK | TCP_FIN);
	assert_false(flow->inferred);
	assert_int_equal(flow->name, 0);
	assert_int_equal(flow->claims, 0);
	assert_true(flow->uid != 0);
}

static void a_row_is_a_flow_however_it_is_written(void **state)
{
	static const char *const texts[] = {
		CONN_HEADER CONN_ROW "#close\t2020-04-30-01-00-00\n",
		"\xef\xbb\xbf" CONN_HEADER CONN_ROW,
		CONN_ROW,					    /* without its header */
		"54243\t203.0.113.4\t443\ttcp\n" CONN_ROW CONN_ROW, /* cut in the middle of a row */
		CONN_JSON,
		CONN_JSON_UNDERSCORED,
		"\n\r\n" CONN_JSON,
		/* other columns in another order, some missing, and Windows line ends */
		"#fields\tresp_ip_bytes\tfoo\torig_ip_bytes\tresp_pkts\torig_pkts\tid.resp_"
		"h\thistory\t"
		"conn_state\tresp_bytes\torig_bytes\tduration\tservice\tproto\tid.resp_p\tid.orig_"
		"p\t"
		"id.orig_h\tuid\tts\tbar\r\n"
		"300\tx\t350\t5\t7\t203.0.113.4\tShADadFf\tSF\t55\t39\t2.5\tssl\ttcp\t443\t54243\t"
		"10.0.1.6\tCvf4XX17hSAgXDdGEd\t1588205199.824370\ty\r\n",
		/* another separator, other words for nothing */
		"#separator ,\n#unset_field,NONE\n#path,conn\n#fields,ts,uid,id.orig_h,id.orig_p,"
		"id.resp_h,id.resp_p,proto,service,duration,orig_bytes,resp_bytes,conn_state,"
		"history,"
		"orig_pkts,orig_ip_bytes,resp_pkts,resp_ip_bytes,ip_proto\n"
		"1588205199.824370,Cvf4XX17hSAgXDdGEd,10.0.1.6,54243,203.0.113.4,443,tcp,ssl,2.5,"
		"39,55,"
		"SF,ShADadFf,7,350,5,300,NONE\n",
	};
	struct recorder r;
	uint64_t uid = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		int rc = read_text(&r, texts[i]);

		assert_int_equal(rc, i == 3 ? -EBADMSG : 0);
		assert_int_equal(r.format, INPUT_ZEEK_CONN);
		assert_int_equal(r.flows, i == 3 ? 2 : 1);
		assert_the_row(&r.flow[0]);
		if (uid)
			assert_true(r.flow[0].uid == uid);
		uid = r.flow[0].uid;
	}
}

/* A row with this protocol, service, state, history and responder's packets. */
static struct flow flow_of(const char *src, const char *proto, const char *service,
			   const char *conn_state, const char *history, const char *packets)
{
	struct recorder r;
	char text[2048];

	snprintf(text, sizeof(text),
		 CONN_HEADER
		 "5.5\tC1\t%s\t8\t198.51.100.1\t0\t%s\t%s\t-\t-\t-\t%s\t-\t-\t0\t%s\t1\t60"
		 "\t%s\t%s\t-\n",
		 src, proto, service, conn_state, history, packets,
		 strcmp(packets, "0") ? "-" : "0");
	assert_int_equal(read_text(&r, text), 0);
	assert_int_equal(r.flows, 1);
	assert_int_equal(r.flow[0].last, r.flow[0].first);
	return r.flow[0];
}

/* By Zeek's documentation of conn_state, and what the real logs show beside it. */
static void conn_state_tells_the_answer(void **state)
{
	static const struct {
		const char *proto, *conn_state, *history, *packets;
		enum flow_answer answer;
		bool inferred, closed;
	} cases[] = {
		{"tcp", "S0", "S", "0", ANSWER_NONE, false, false},
		{"tcp", "S1", "Sh", "1", ANSWER_YES, false, false},
		{"tcp", "S2", "ShADF", "1", ANSWER_YES, false, false},
		{"tcp", "S3", "ShADf", "1", ANSWER_YES, false, false},
		{"tcp", "SF", "ShAFf", "1", ANSWER_YES, false, true},
		{"tcp", "REJ", "Sr", "1", ANSWER_REFUSED, false, true},
		{"tcp", "RSTO", "ShADR", "1", ANSWER_YES, false, true},
		{"tcp", "RSTR", "ShADr", "1", ANSWER_YES, false, true},
		{"tcp", "RSTOS0", "SR", "0", ANSWER_NONE, false, true},
		{"tcp", "RSTRH", "hr", "2", ANSWER_YES, true, true},
		{"tcp", "RSTRH", "^r", "1", ANSWER_REFUSED, true, true},
		{"tcp", "SH", "SF", "0", ANSWER_NONE, false, false},
		{"tcp", "SHR", "hf", "2", ANSWER_YES, true, false},
		{"tcp", "OTH", "DdA", "1", ANSWER_YES, true, false},
		{"tcp", "OTH", "C", "0", ANSWER_NONE, true, false},
		{"tcp", "OTH", "D", "0", ANSWER_UNKNOWN, true, false}, /* half a conversation */
		{"tcp", "OTH", "^d", "3", ANSWER_YES, true, false},
		{"tcp", "SF", "^ShAFf", "1", ANSWER_YES, true, true},
		{"tcp", "-", "-", "-", ANSWER_UNKNOWN, false, false},
		{"udp", "SF", "Dd", "1", ANSWER_YES, false, false},
		{"udp", "S0", "D", "0", ANSWER_NONE, false, false},
		{"udp", "SHR", "^d", "1", ANSWER_YES, true, false},
		{"udp", "SF", "Dd", "-", ANSWER_YES, false, false},
		{"udp", "S0", "D", "-", ANSWER_NONE, false, false},
		{"udp", "-", "-", "-", ANSWER_UNKNOWN, false, false},
		{"icmp", "OTH", "-", "0", ANSWER_NONE, false, false},
		{"icmp", "OTH", "-", "1", ANSWER_YES, false, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct flow f = flow_of("10.0.0.1", cases[i].proto, "-", cases[i].conn_state,
					cases[i].history, cases[i].packets);

		if (f.answer != cases[i].answer || f.inferred != cases[i].inferred ||
		    (f.end == FLOW_END_CLOSED) != (cases[i].closed && f.tuple.proto == 6))
			fail_msg("%s %s %s: answer %d, inferred %d, end %d", cases[i].proto,
				 cases[i].conn_state, cases[i].history, f.answer, f.inferred,
				 f.end);
	}
}

/* D is the originator's data, d the responder's: which came first? */
static void history_tells_who_spoke_first(void **state)
{
	static const struct {
		const char *history;
		bool remote_first;
	} cases[] = {
		{"ShADad", false}, {"ShAdDa", true}, {"ShAd", true}, {"ShAD", false},
		{"Sh", false},	   {"-", false},     {"^dD", false}, /* joined midstream */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct flow f = flow_of("10.0.0.1", "tcp", "-", "SF", cases[i].history, "1");

		assert_int_equal((f.claims & CLAIM_REMOTE_FIRST) != 0, cases[i].remote_first);
	}
}

static void protocols_and_services(void **state)
{
	static const struct {
		const char *service;
		enum app app;
	} services[] = {
		{"-", APP_UNKNOWN},	  {"(empty)", APP_UNKNOWN}, {"ssl", APP_TLS},
		{"http", APP_HTTP},	  {"dns", APP_DNS},	    {"ntp", APP_NTP},
		{"ssh", APP_SSH},	  {"quic", APP_QUIC},	    {"quic,ssl", APP_QUIC},
		{"ssl,quic", APP_QUIC},	  {"dhcp", APP_OTHER},	    {"gssapi,smb,krb", APP_OTHER},
		{"socks,http", APP_HTTP}, {"ssl,-http", APP_TLS},   {"-ssl", APP_UNKNOWN},
		{"sslx", APP_OTHER},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(services); i++) {
		struct flow f = flow_of("10.0.0.1", "tcp", services[i].service, "SF", "-", "1");

		if (f.app != services[i].app)
			fail_msg("%s: %d", services[i].service, f.app);
	}
	assert_int_equal(flow_of("10.0.0.1", "udp", "-", "-", "-", "1").tuple.proto, 17);
	assert_int_equal(flow_of("10.0.0.1", "icmp", "-", "-", "-", "1").tuple.proto, 1);
	assert_int_equal(flow_of("fe80::1", "icmp", "-", "-", "-", "1").tuple.proto, 58);
	assert_int_equal(flow_of("10.0.0.1", "unknown_transport", "-", "-", "-", "1").tuple.proto,
			 0);
}

static void newer_zeek_names_the_protocol_by_number(void **state)
{
	struct recorder r;

	(void)state;
	assert_int_equal(read_text(&r, "{\"ts\":1,\"uid\":\"C\",\"id.orig_h\":\"10.0.0.1\","
				       "\"id.orig_p\":0,\"id.resp_h\":\"1.1.1.1\",\"id.resp_p\":0,"
				       "\"proto\":\"unknown_transport\",\"ip_proto\":47,"
				       "\"conn_state\":\"OTH\"}\n"),
			 0);
	assert_int_equal(r.flow[0].tuple.proto, 47);
}

static void bytes_fall_back_on_payload(void **state)
{
	struct recorder r;

	(void)state;
	assert_int_equal(read_text(&r, "#path\tconn\n#fields\tts\tid.orig_h\tid.resp_h\tid.resp_p\t"
				       "orig_bytes\tresp_bytes\n1\t10.0.0.1\t1.1.1.1\t53\t7\t9\n"),
			 0);
	assert_int_equal(r.flow[0].out_bytes, 7);
	assert_int_equal(r.flow[0].in_bytes, 9);
	assert_int_equal(r.flow[0].uid, 0);
	assert_int_equal(r.flow[0].answer, ANSWER_YES);
	assert_int_equal(r.flow[0].out_packets, 0);
}

/* Labels after three spaces make one column with the last; after a tab, columns of their own. */
static void labelled_logs(void **state)
{
	static const char *const texts[] = {
		"#path\tdns\n#fields\tts\tid.orig_h\tanswers\tquery   label   detailed-label\n"
		"1\t10.0.0.1\t1.1.1.1\tEXAMPLE.org   Benign   -\n",
		"#path\tdns\n#fields\tts\tid.orig_h\tanswers\tquery\tlabel\tdetailedlabel\n"
		"1\t10.0.0.1\t1.1.1.1\texample.org\tBenign\t(empty)\n",
	};
	struct recorder r;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		assert_int_equal(read_text(&r, texts[i]), 0);
		assert_int_equal(r.lookups, 1);
		assert_string_equal(r.lookup[0].name, "example.org");
	}
}

/*
 * Bad rows
 */

static void bad_rows_are_skipped_and_counted(void **state)
{
	static const struct {
		const char *row, *why;
	} cases[] = {
		{"x\tC1\t1.2.3.4\t1\t1.2.3.4\t2\ttcp\t-\t-\t0\t0\tSF\t-\t-\t0\t-\t0\t0\t0\t0\t-\n",
		 "ts is no time"},
		{"1\tC1\t1.2.3\t1\t1.2.3.4\t2\ttcp\t-\t-\t0\t0\tSF\t-\t-\t0\t-\t0\t0\t0\t0\t-\n",
		 "id.orig_h is no address"},
		{"1\tC1\t1.2.3.4\t70000\t1.2.3.4\t2\ttcp\t-\t-\t0\t0\tSF\t-\t-\t0\t-\t0\t0\t0\t0\t-"
		 "\n",
		 "id.orig_p is no port"},
		{"1\tC1\t1.2.3.4\t1\t-\t2\ttcp\t-\t-\t0\t0\tSF\t-\t-\t0\t-\t0\t0\t0\t0\t-\n",
		 "id.resp_h is no address"},
		{"1\tC1\t1.2.3.4\t1\t1.2.3.4\tx\ttcp\t-\t-\t0\t0\tSF\t-\t-\t0\t-\t0\t0\t0\t0\t-\n",
		 "id.resp_p is no port"},
		{"1\tC1\t1.2.3.4\t1\t1.2.3.4\t2\ttcp\t-\tlong\t0\t0\tSF\t-\t-\t0\t-\t0\t0\t0\t0\t-"
		 "\n",
		 "duration is no number of seconds"},
		{"9223372036\tC1\t1.2.3.4\t1\t1.2.3.4\t2\ttcp\t-\t9223372036\t0\t0\tSF\t-\t-\t0\t-"
		 "\t0"
		 "\t0\t0\t0\t-\n",
		 "duration is out of all range"},
		{"1\tC1\t1.2.3.4\t1\t1.2.3.4\t2\ttcp\t-\t-\t-5\t0\tSF\t-\t-\t0\t-\t0\t0\t0\t0\t-\n",
		 "orig_bytes or resp_bytes is no number"},
		{"1\tC1\t1.2.3.4\t1\t1.2.3.4\t2\ttcp\t-\t-\t0\t0\tSF\t-\t-\t0\t-\t0\tx\t0\t0\t-\n",
		 "orig_ip_bytes or resp_ip_bytes is no number"},
		{"1\tC1\t1.2.3.4\t1\t1.2.3.4\t2\ttcp\t-\t-\t0\t0\tSF\t-\t-\t0\t-\tx\t0\t0\t0\t-\n",
		 "orig_pkts or resp_pkts is no number"},
		{"1\tC1\t1.2.3.4\t1\t1.2.3.4\t2\ttcp\n", "it has too few columns"},
		{"binary \x01\xff rubbish\n", "it has too few columns"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct maker m = {0};
		struct recorder r;
		char expected[256];

		put_text(&m, CONN_HEADER CONN_ROW);
		put_text(&m, cases[i].row);
		put_text(&m, CONN_ROW);
		put_text(&m, cases[i].row);
		put_text(&m, CONN_ROW);
		assert_int_equal(record(&r, m.bytes, m.len, 0), -EBADMSG);
		assert_int_equal(r.flows, 3);
		snprintf(expected, sizeof(expected), "test: line 10: %s; 2 of 5 lines skipped",
			 cases[i].why);
		assert_string_equal(r.why.text, expected);
		maker_fini(&m);
	}
}

/* The odd ports are wanted. */
static bool wants_odd_ports(void *arg, const struct tuple *ends)
{
	(void)arg;
	assert_int_equal(ends->proto, 0);
	return ends->dst_port & 1;
}

#define ROW_TO(port, duration, rest)                                                               \
	"7.5\tC1\t1.2.3.4\t1\t5.6.7.8\t" port "\ttcp\t-\t" duration rest
#define GOOD_REST "\t1\t2\tSF\t-\t-\t0\t-\t3\t4\t5\t6\t-\n"

/* What a row nobody wants says behind its ends is no matter, but its ends are. */
static void an_unwanted_row_is_told_and_not_read(void **state)
{
	static const char text[] = CONN_HEADER ROW_TO("81", "2.5", GOOD_REST) /* line 9 */
		ROW_TO("80", "2.5", GOOD_REST) ROW_TO("80", "-", GOOD_REST)
			ROW_TO("80", "long", GOOD_REST) ROW_TO("80", "2.5", "\tx\ty\n") ROW_TO(
				"80", "9223372036.0", GOOD_REST) ROW_TO("83", "2.5", "\tx\ty\n")
				ROW_TO("82x", "2.5", GOOD_REST) "7.5\tC1\t1.2.3.4\t1\n"
								"{\"ts\":1}\n" ROW_TO("85", "0",
										      GOOD_REST);
	static const ns_t lasts[] = {10000000000, 7500000000, 7500000000, 10000000000, 7500000000};
	static const uint64_t served[] = {2, 2, 2, 0, 2};
	static const char json[] =
		"{\"_path\":\"conn\",\"ts\":7.5,\"uid\":\"C1\",\"id.orig_h\":\"1.2.3.4\","
		"\"id.orig_p\":1,\"id.resp_h\":\"5.6.7.8\",\"id.resp_p\":80,\"duration\":2.5,"
		"\"orig_pkts\":\"x\"}\n";
	struct recorder r;
	struct input_sink sink = recorder_sink(&r);

	(void)state;
	sink.wants_flow = wants_odd_ports;
	sink.unwanted_flow = record_unwanted;
	for (size_t at_most = 0; at_most < 20; at_most += 19) {
		assert_int_equal(record_by(&sink, text, strlen(text), at_most), -EBADMSG);
		assert_string_equal(r.why.text, "test: line 15: it has too few columns; 4 of 11 "
						"lines skipped");
		assert_int_equal(r.flows, 2);
		assert_int_equal(r.flow[0].tuple.dst_port, 81);
		assert_int_equal(r.flow[0].last, 10000000000);
		assert_int_equal(r.flow[0].in_bytes, 6);
		assert_int_equal(r.flow[0].answer, ANSWER_YES);
		assert_int_equal(r.flow[1].tuple.dst_port, 85);
		assert_int_equal(r.unwanted, ARRAY_LEN(lasts));
		for (size_t i = 0; i < ARRAY_LEN(lasts); i++) {
			assert_address(&r.unwanted_flow[i].ends.src, "1.2.3.4");
			assert_address(&r.unwanted_flow[i].ends.dst, "5.6.7.8");
			assert_int_equal(r.unwanted_flow[i].ends.dst_port, 80);
			assert_int_equal(r.unwanted_flow[i].first, 7500000000);
			assert_int_equal(r.unwanted_flow[i].last, lasts[i]);
			assert_int_equal(r.unwanted_flow[i].served, served[i]);
		}
	}
	assert_int_equal(record_by(&sink, json, strlen(json), 0), 0);
	assert_int_equal(r.unwanted, 1);
	assert_int_equal(r.unwanted_flow[0].last, 10000000000);
	/* A row that Zeek had not finished writing is cut, whoever wants it. */
	assert_int_equal(record_by(&sink, text, (size_t)(strstr(text, "\tx\ty") - text), 0),
			 -ENODATA);
	assert_int_equal(r.unwanted, 3);
}

static void a_missing_column_that_is_needed_is_named(void **state)
{
	struct recorder r;

	(void)state;
	assert_int_equal(read_text(&r, "#path\tconn\n#fields\tts\tid.orig_h\tid.resp_p\n"
				       "1\t10.0.0.1\t53\n"),
			 -EBADMSG);
	assert_string_equal(r.why.text,
			    "test: line 3: the log has no column id.resp_h; 1 of 1 lines skipped");
}

static void bad_json_is_skipped_and_counted(void **state)
{
	static const char *const bad[] = {
		"{\"ts\":1,\n",
		"{\"ts\":1\n",
		"{\"ts\"}\n",
		"{ts:1}\n",
		"{\"ts\":1}}\n",
		"{\"ts\":1,,\"uid\":2}\n",
		"{\"ts\":[1}\n",
		"{\"uid\":\"unclosed}\n",
		"{\"uid\":\"escaped quote\\\"}\n",
		"not json\n",
		"{}\n",
		"{\"ts\":null}\n",
		"{\"ts\":1,\"id.orig_h\":\"10.0.0.1\",\"id.resp_h\":\"1.1.1.1\"}\n",
		"[" CONN_JSON,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct maker m = {0};
		struct recorder r;

		put_text(&m, CONN_JSON);
		put_text(&m, bad[i]);
		put_text(&m, CONN_JSON);
		if (record(&r, m.bytes, m.len, 0) != -EBADMSG || r.flows != 2)
			fail_msg("%s: %zu flows", bad[i], r.flows);
		assert_non_null(strstr(r.why.text, "test: line 2: "));
		assert_non_null(strstr(r.why.text, "; 1 of 3 lines skipped"));
		maker_fini(&m);
	}
}

/*
 * Cut after every byte.  A row that ended is delivered; the last one without
 * its end is delivered if nothing of it is missing that we would miss.
 */
static void every_cut_delivers_what_came_before_it(void **state)
{
	static const char *const texts[] = {CONN_HEADER CONN_ROW CONN_ROW CONN_ROW,
					    CONN_JSON CONN_JSON CONN_JSON};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const char *text = texts[i];
		size_t header = i ? 0 : strlen(CONN_HEADER);
		size_t row = i ? strlen(CONN_JSON) : strlen(CONN_ROW);

		for (size_t cut = header + row; cut <= strlen(text); cut++) {
			char *copy = malloc(cut);
			struct recorder r;
			size_t rest = (cut - header) % row, whole = (cut - header) / row;
			/* TSV: up to the last column, whose text does not matter;
			 * JSON: up to the closing brace. */
			bool all = rest == row - 1 || (!i && rest == row - 2);
			int rc;

			memcpy(copy, text, cut);
			rc = record(&r, copy, cut, 1 + cut % 13);
			if (r.flows != whole + all || rc != (rest && !all ? -ENODATA : 0))
				fail_msg("cut at %zu: %zu flows, status %d", cut, r.flows, rc);
			free(copy);
		}
	}
}

/*
 * dns, ssl, http
 */

static void lookups(void **state)
{
	static const char *const texts[] = {
		"#separator \\x09\n#set_separator\t,\n#path\tdns\n"
		"#fields\tts\tuid\tid.orig_h\tproto\tquery\tqtype_name\tanswers\n"
		"1.5\tC1\t10.0.0.1\tudp\tWWW.Example.ORG\tA\twww.cdn.example,192.0.2.7,2001:db8::"
		"7\n"
		"2.5\tC2\t10.0.0.2\tudp\tnone.example.\tA\t-\n"
		"3.5\tC3\t10.0.0.3\tudp\t-\tA\t192.0.2.8\n"
		"4.5\tC4\t10.0.0.4\tudp\ttext.example\tTXT\tTXT 7 1.2.3.4\n",
		"{\"ts\":1.5,\"uid\":\"C1\",\"id.orig_h\":\"10.0.0.1\",\"id.resp_h\":\"10.0.0.9\","
		"\"query\":\"WWW.Example.ORG\",\"answers\":[\"www.cdn.example\", \"192.0.2.7\" ,"
		"\"2001:db8::7\"],\"TTLs\":[1.0,2.0]}\n"
		"{\"ts\":2.5,\"uid\":\"C2\",\"id.orig_h\":\"10.0.0.2\",\"id.resp_h\":\"10.0.0.9\","
		"\"query\":\"none.example.\"}\n"
		"{\"ts\":3.5,\"uid\":\"C3\",\"id.orig_h\":\"10.0.0.3\",\"id.resp_h\":\"10.0.0.9\","
		"\"answers\":[\"192.0.2.8\"]}\n"
		"{\"ts\":4.5,\"uid\":\"C4\",\"id.orig_h\":\"10.0.0.4\",\"id.resp_h\":\"10.0.0.9\","
		"\"query\":\"te\\u0078t.example\",\"answers\":[\"TXT 7 1.2.3.4\"]}\n",
	};
	struct recorder r;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		assert_int_equal(read_text(&r, texts[i]), 0);
		assert_int_equal(r.format, INPUT_ZEEK_DNS);
		assert_int_equal(r.lookups, 3); /* one asked for nothing */
		assert_int_equal(r.lookup[0].lookup.when, 1500000000);
		assert_address(&r.lookup[0].lookup.client, "10.0.0.1");
		assert_string_equal(r.lookup[0].name, "www.example.org");
		assert_int_equal(r.lookup[0].lookup.address_count, 2);
		assert_address(&r.lookup[0].addresses[0], "192.0.2.7");
		assert_address(&r.lookup[0].addresses[1], "2001:db8::7");
		assert_string_equal(r.lookup[1].name, "none.example");
		assert_int_equal(r.lookup[1].lookup.address_count, 0);
		assert_string_equal(r.lookup[2].name, "text.example");
		assert_int_equal(r.lookup[2].lookup.address_count, 0);
	}
}

static void claims(void **state)
{
	static const struct {
		const char *text;
		uint8_t app;
		const char *names[5];
	} cases[] = {
		{"#path\tssl\n#fields\tts\tuid\tid.orig_h\tserver_name\n1\tCvf4XX17hSAgXDdGEd\t1.1."
		 "1.1\t"
		 "Example.COM\n2\tC2\t1.1.1.1\t-\n",
		 APP_TLS,
		 {"example.com", ""}},
		{"{\"ts\":1,\"uid\":\"Cvf4XX17hSAgXDdGEd\",\"id.orig_h\":\"1.1.1.1\","
		 "\"id.resp_h\":\"2.2.2.2\",\"established\":false}\n"
		 "{\"ts\":1,\"uid\":\"C2\",\"server_name\":\"a\\nb\\u00e9\\\"\"}\n",
		 APP_TLS,
		 {"", "a\\x0ab\xc3\xa9\""}},
		{"#path\thttp\n#fields\tts\tuid\tid.orig_h\thost\n"
		 "1\tCvf4XX17hSAgXDdGEd\t1.1.1.1\tExample.com:8080\n2\tC2\t1.1.1.1\t-\n"
		 "3\tC3\t1.1.1.1\t[2001:DB8::1]:80\n4\tC4\t1.1.1.1\t2001:db8::1\n5\tC5\t1.1.1.1\t:"
		 "\n",
		 APP_HTTP,
		 {"example.com", "", "2001:db8::1", "2001:db8::1", ""}},
		{"{\"ts\":1,\"uid\":\"Cvf4XX17hSAgXDdGEd\",\"id.orig_h\":\"1.1.1.1\","
		 "\"id.resp_h\":\"2.2.2.2\",\"trans_depth\":1}\n"
		 "{\"ts\":1,\"uid\":\"C2\",\"host\":\"A:1\"}\n",
		 APP_HTTP,
		 {"", "a"}},
	};
	struct recorder r, conn;

	(void)state;
	assert_int_equal(read_text(&conn, CONN_HEADER CONN_ROW), 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t n = 0;

		assert_int_equal(read_text(&r, cases[i].text), 0);
		for (; n < 5 && cases[i].names[n]; n++) {
			assert_string_equal(r.claim[n].name, cases[i].names[n]);
			assert_int_equal(r.claim[n].app, cases[i].app);
		}
		assert_int_equal(r.claims, n);
		assert_true(r.claim[0].uid == conn.flow[0].uid);
		assert_true(r.claim[1].uid != conn.flow[0].uid);
	}
}

/* Names may be as long as an attacker likes; half an escape is not written. */
static void measure_claim(void *arg, const struct input_claim *claim)
{
	*(size_t *)arg = claim->name_len;
	for (size_t i = 0; i < claim->name_len; i++)
		assert_true(claim->name[i] == 'a' || i >= claim->name_len - 4);
}

static void a_long_name_is_cut(void **state)
{
	static const char *const starts[] = {
		"#path\tssl\n#fields\tts\tuid\tserver_name\n1\tC1\t",
		"{\"ts\":1,\"uid\":\"C1\",\"_path\":\"ssl\",\"server_name\":\""};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct maker m = {0};
		struct bytes *source;
		struct recognised what;
		size_t len = 0;
		struct input_sink sink = {.claim = measure_claim, .arg = &len};

		put_text(&m, starts[i]);
		for (int j = 0; j < 50000; j++)
			put_text(&m, i ? "\\u0041" : "A");
		put_text(&m, i ? "\"}\n" : "\n");
		assert_int_equal(bytes_over(m.bytes, m.len, "test", &source), 0);
		what = (struct recognised){.format = INPUT_ZEEK_SSL,
					   .zeek = {.kind = INPUT_ZEEK_SSL, .json = i}};
		assert_int_equal(read_recognised(source, &what, &sink, NULL), 0);
		assert_int_equal(len, 1023);
		bytes_close(source);
		maker_fini(&m);
	}
}

/*
 * Which log is it
 */

static void kinds_are_recognised(void **state)
{
	static const struct {
		const char *text;
		enum input_format format;
	} cases[] = {
		{"#path\tx509\n#fields\tts\tid\n1\tF1\n", INPUT_ZEEK_OTHER},
		{"#path\topen_conn\n#fields\tts\tuid\tid.orig_h\n1\tF1\t1.1.1.1\n",
		 INPUT_ZEEK_OTHER},
		{"#fields\tts\tuid\tid.orig_h\tid.resp_h\tserver_name\n", INPUT_ZEEK_SSL},
		{"#fields\tts\tuid\tid.orig_h\tid.resp_h\thost\n", INPUT_ZEEK_HTTP},
		{"#fields\tts\tuid\tid.orig_h\tid.resp_h\tquery\n", INPUT_ZEEK_DNS},
		{"#fields\tts\tuid\tid.orig_h\tid.resp_h\tconn_state\n", INPUT_ZEEK_CONN},
		{"#fields\tts\tfoo\n", INPUT_ZEEK_OTHER},
		{"{\"ts\":1,\"_path\":\"files\",\"fuid\":\"F\"}\n", INPUT_ZEEK_OTHER},
		{"{\"ts\":1,\"fuid\":\"F\"}\n", INPUT_ZEEK_OTHER},
		{"{\"ts\":1,\"uid\":\"C\",\"id.orig_h\":\"1.1.1.1\",\"id.resp_h\":\"1.1.1.1\",\"id."
		 "resp_p\":5}"
		 "\n" CONN_JSON,
		 INPUT_ZEEK_CONN},
		{"{\"ts\":1,\"level\":\"info\",\"msg\":\"hello\"}\n", INPUT_UNKNOWN},
		{"{\"timestamp\":\"2021-06-06T15:59:46.457984+0200\",\"event_type\":\"alert\"}\n",
		 INPUT_UNKNOWN},
		{"# a comment\n", INPUT_UNKNOWN},
		{"#!/bin/sh\n", INPUT_UNKNOWN},
		{"Lorem ipsum dolor sit amet\n", INPUT_UNKNOWN},
		{"1\t2\t3\t4\t5\t6\t7\t8\t9\t10\t11\t12\t13\t14\t15\t16\t17\t18\t19\t20\t21\n",
		 INPUT_UNKNOWN},
		{"\n\n\n", INPUT_UNKNOWN},
		{"", INPUT_EMPTY},
	};
	struct recorder r;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int rc = read_text(&r, cases[i].text);

		if (r.format != cases[i].format)
			fail_msg("%s is of format %d", cases[i].text, (int)r.format);
		if (rc != (r.format == INPUT_UNKNOWN ? -EBADMSG
			   : r.format == INPUT_EMPTY ? -ENODATA
						     : 0))
			fail_msg("%s: %s", cases[i].text, r.why.text);
		assert_int_equal(rc != 0, r.why.text[0] != '\0');
	}
}

static void what_is_not_ours_is_named(void **state)
{
	struct recorder r;

	(void)state;
	(void)read_text(&r, "Lorem ipsum\x1b[31m dolor sit amet\n");
	assert_string_equal(r.why.text, "test: neither a capture nor a Zeek log (it starts "
					"\"Lorem ipsum\\x1b[31m dolor s\")");
	(void)read_text(&r, "{\"timestamp\":\"2021\",\"event_type\":\"alert\"}\n");
	assert_string_equal(r.why.text, "test: Suricata's EVE log, which is not read");
	(void)read_text(&r, "PK\x03\x04whatever");
	assert_string_equal(r.why.text, "test: neither a capture nor a Zeek log but a zip archive; "
					"unpack it first");
}

/* As `cat conn.log dns.log` makes it: every header starts afresh. */
static void logs_put_together(void **state)
{
	struct recorder r;

	(void)state;
	assert_int_equal(read_text(&r, CONN_HEADER CONN_ROW
				   "#separator \\x09\n#path\tweird\n#fields\tts\tname\n1\tx\n"
				   "#separator \\x09\n#path\tdns\n#fields\tts\tid.orig_h\tquery\n"
				   "1\t10.0.0.1\ta.example\n" CONN_HEADER CONN_ROW),
			 0);
	assert_int_equal(r.flows, 2);
	assert_int_equal(r.lookups, 1);
}

/* A stream of all logs, each row with its name. */
static void json_rows_name_their_log(void **state)
{
	struct recorder r;

	(void)state;
	assert_int_equal(
		read_text(&r, "{\"_path\":\"stats\",\"ts\":1,\"peer\":\"zeek\"}\n"
			      "{\"_path\":\"dns\",\"ts\":1,\"id.orig_h\":\"10.0.0.1\","
			      "\"query\":\"a.example\"}\n"
			      "{\"_path\":\"ssl\",\"ts\":1,\"uid\":\"C\"}\n" CONN_JSON_UNDERSCORED),
		0);
	assert_int_equal(r.flows, 1);
	assert_int_equal(r.lookups, 1);
	assert_int_equal(r.claims, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_is_a_flow_however_it_is_written),
		cmocka_unit_test(conn_state_tells_the_answer),
		cmocka_unit_test(history_tells_who_spoke_first),
		cmocka_unit_test(protocols_and_services),
		cmocka_unit_test(newer_zeek_names_the_protocol_by_number),
		cmocka_unit_test(bytes_fall_back_on_payload),
		cmocka_unit_test(labelled_logs),
		cmocka_unit_test(bad_rows_are_skipped_and_counted),
		cmocka_unit_test(an_unwanted_row_is_told_and_not_read),
		cmocka_unit_test(a_missing_column_that_is_needed_is_named),
		cmocka_unit_test(bad_json_is_skipped_and_counted),
		cmocka_unit_test(every_cut_delivers_what_came_before_it),
		cmocka_unit_test(lookups),
		cmocka_unit_test(claims),
		cmocka_unit_test(a_long_name_is_cut),
		cmocka_unit_test(kinds_are_recognised),
		cmocka_unit_test(what_is_not_ours_is_named),
		cmocka_unit_test(logs_put_together),
		cmocka_unit_test(json_rows_name_their_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
