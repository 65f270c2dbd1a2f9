/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The capture, read back by a reader that knows nothing of us, against the
 * Zeek logs of the same fleet: every conversation's bytes, packets, times and
 * names must be the same in both.
 */
#include "unit/unit.h"

#include "simulate/sim_fleet.h"
#include "simulate/write_pcap.h"
#include "simulate/write_zeek.h"
#include "unit/tiny_pcap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { MOST_TALKS = 40000, HOSTS = 8 };

static const double days = 0.2;
static char directory[64];

static char *in_directory(const char *name)
{
	static char paths[8][160];
	static int next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", directory, name);
	return path;
}

/* --- writing ------------------------------------------------------------ */

static struct sim_fleet *some_fleet(void)
{
	static const char *const specs[] = {
		"host=1,period=300,jitter=0.3,dest=[2001:db8::7]:8443",
		"host=2,period=120,app=udp,out=3000,in=9000,dest=198.51.100.9:9999",
		"host=3,period=200,app=http,out=5000,in=90000,name=c2.test,dest=198.51.100.10:80",
		"host=4,period=250,app=tcp,out=40000,in=1,from=bmc,dest=198.51.100.11:4117",
		"host=5,period=100,silent=0.5,sni=front.example,dest=198.51.100.12",
		"host=1,app=dns,type=txt,period=100,out=100,in=120,name=t.c2.test",
		"host=2,app=dns,type=cname,period=100,out=80,in=30,silent=0.1,name=u.c2.test",
		"host=3,app=dns,period=200,burst=3,out=20,name=v.c2.test",
		"host=4,app=shell,period=3000,hold=600,dest=198.51.100.13:4444",
		"host=6,hold=1200,beat=20,jitter=0.4,period=2000,dest=198.51.100.14",
		"host=6,app=ntp,out=200,in=48,period=300,dest=198.51.100.15",
		"host=7,app=udp,peers=4,hop=ports,period=60,hosts=2",
		"host=0,hop=24,grow=0.01,follows=0.001,second=700,period=90",
	};
	static struct implant implants[ARRAY_LEN(specs)];
	struct sim_fleet_plan plan = {
		.hosts = HOSTS,
		.days = days,
		.seed = 21,
		.start = 1740960000 * NS_PER_SEC,
		.rate = 3,
		.implants = implants,
		.implant_count = ARRAY_LEN(specs),
	};
	struct sim_fleet *fleet = NULL;

	for (size_t i = 0; i < ARRAY_LEN(specs); i++)
		assert_int_equal(implant_parse(specs[i], &implants[i], NULL), 0);
	assert_int_equal(sim_fleet_new(&plan, &fleet, NULL), 0);
	return fleet;
}

static void write_pcap(const char *path, uint32_t snaplen, bool slice)
{
	struct pcap_format format = {.snaplen = snaplen, .slice = slice};
	struct sim_fleet *fleet = some_fleet();
	struct pcap_writer *w = NULL;
	struct sim_call c;

	assert_int_equal(pcap_writer_open(path, &format, &w, NULL), 0);
	while (sim_fleet_next(fleet, &c))
		assert_int_equal(pcap_writer_call(w, &c), 0);
	assert_int_equal(pcap_writer_close(w, NULL), 0);
	sim_fleet_free(fleet);
}

static void write_zeek(const char *to, bool json, bool hourly)
{
	struct zeek_format format = {
		.directory = to, .json = json, .hourly = hourly, .start = 1740960000 * NS_PER_SEC};
	struct sim_fleet *fleet = some_fleet();
	struct zeek_writer *w = NULL;
	struct sim_call c;

	assert_int_equal(out_directory(to, NULL), 0);
	assert_int_equal(zeek_writer_open(&format, &w, NULL), 0);
	while (sim_fleet_next(fleet, &c))
		assert_int_equal(zeek_writer_call(w, &c, NULL), 0);
	assert_int_equal(zeek_writer_close(w, NULL), 0);
	sim_fleet_free(fleet);
}

static int make_files(void **state)
{
	(void)state;
	snprintf(directory, sizeof(directory), "/tmp/test_sim_writers.XXXXXX");
	if (!mkdtemp(directory))
		return -1;
	write_pcap(in_directory("whole.pcap"), PCAP_SNAPLEN_MOST, false);
	write_zeek(in_directory("zeek"), false, false);
	return 0;
}

static int remove_files(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", directory);
	return system(command);
}

/* --- what the capture says ---------------------------------------------- */

struct talk {
	char key[120]; /* "src sport dst dport proto", the initiator first */
	uint64_t first_us, last_us, syns;
	uint64_t packets[2], ip_bytes[2], payload[2];
	char name[256]; /* of a ClientHello, a Host or a question */
	char addresses[320];
	unsigned int rows; /* of conn.log */
};

static struct talk talks[MOST_TALKS];
static size_t talk_count;
static uint32_t talk_index[4 * MOST_TALKS];

static struct talk *talk_of(const char *key, bool add)
{
	uint32_t h = 2166136261u;

	for (const char *p = key; *p; p++)
		h = (h ^ (uint8_t)*p) * 16777619u;
	for (size_t i = h % ARRAY_LEN(talk_index);; i = (i + 1) % ARRAY_LEN(talk_index)) {
		if (talk_index[i] && !strcmp(talks[talk_index[i] - 1].key, key))
			return &talks[talk_index[i] - 1];
		if (talk_index[i])
			continue;
		if (!add)
			return NULL;
		assert_true(talk_count < MOST_TALKS);
		talk_index[i] = (uint32_t)++talk_count;
		snprintf(talks[talk_count - 1].key, sizeof(talks[0].key), "%s", key);
		return &talks[talk_count - 1];
	}
}

static void make_key(char out[120], const struct tiny_packet *p, bool reversed)
{
	char src[46], dst[46];
	int family = p->version == 4 ? AF_INET : AF_INET6;

	inet_ntop(family, reversed ? p->dst : p->src, src, sizeof(src));
	inet_ntop(family, reversed ? p->src : p->dst, dst, sizeof(dst));
	snprintf(out, 120, "%s %u %s %u %s", src, reversed ? p->dst_port : p->src_port, dst,
		 reversed ? p->src_port : p->dst_port, p->proto == 6 ? "tcp" : "udp");
}

/* RFC 8446 4.1.2 by hand: skip to the extensions and look for number 0. */
static void read_hello(const uint8_t *p, size_t len, char name[64])
{
	size_t at = 5 + 4 + 2 + 32, end;

	assert_true(len > 100 && p[0] == 22 && p[5] == 1);
	assert_int_equal(tiny_u16(p + 3) + 5, len);
	assert_int_equal(tiny_u16(p + 7) + 9, len);
	at += 1u + p[at];
	at += 2 + tiny_u16(p + at);
	at += 1u + p[at];
	end = at + 2 + tiny_u16(p + at);
	assert_int_equal(end, len);
	for (at += 2; at < end; at += 4 + tiny_u16(p + at + 2)) {
		if (tiny_u16(p + at) != 0)
			continue;
		assert_int_equal(tiny_u16(p + at + 2), tiny_u16(p + at + 7) + 5);
		snprintf(name, 64, "%.*s", (int)tiny_u16(p + at + 7), (const char *)p + at + 9);
	}
	assert_int_equal(at, end);
}

static void read_host(const uint8_t *p, size_t len, char name[64])
{
	const char *host = memmem(p, len, "\r\nHost: ", 8);

	assert_non_null(host);
	snprintf(name, 64, "%.*s", (int)strcspn(host + 8, "\r"), host + 8);
	assert_non_null(memmem(p, len, "\r\n\r\n", 4));
}

static size_t skip_name(const uint8_t *p, size_t at, char *name)
{
	size_t n = 0;

	for (; p[at] && p[at] < 0xc0; at += 1u + p[at]) {
		if (n)
			name[n++] = '.';
		memcpy(name + n, p + at + 1, p[at]);
		n += p[at];
	}
	name[n] = '\0';
	return p[at] ? at + 2 : at + 1;
}

/* RFC 1035 by hand: question, then answers; a CNAME's target is written out. */
static void read_dns(const uint8_t *p, size_t len, struct talk *t)
{
	unsigned int answers = tiny_u16(p + 6);
	char skipped[256];
	size_t at = skip_name(p, 12, t->name) + 4;

	assert_int_equal(tiny_u16(p + 4), 1);
	while (answers--) {
		unsigned int type;
		char text[300];

		at = skip_name(p, at, skipped);
		type = tiny_u16(p + at);
		if (type == 5)
			skip_name(p, at + 10, text);
		else if (type == 16) /* as Zeek writes it */
			snprintf(text, sizeof(text), "TXT %u %.*s", p[at + 10], (int)p[at + 10],
				 (const char *)p + at + 11);
		else
			inet_ntop(type == 1 ? AF_INET : AF_INET6, p + at + 10, text, sizeof(text));
		snprintf(t->addresses + strlen(t->addresses),
			 sizeof(t->addresses) - strlen(t->addresses), "%s%s",
			 *t->addresses ? "," : "", text);
		at += 10 + tiny_u16(p + at + 8);
	}
	assert_int_equal(at, len);
}

static void read_claims(const struct tiny_packet *p, struct talk *t, bool outward)
{
	const uint8_t *b = p->payload;
	size_t n = p->payload_length;

	if (n == 0)
		return;
	if (p->proto == 17 && (p->src_port == 53 || p->dst_port == 53))
		read_dns(b, n, t);
	else if (p->proto == 6 && outward && t->packets[0] == 3 && b[0] == 22)
		read_hello(b, n, t->name);
	else if (p->proto == 6 && outward && t->packets[0] == 3 &&
		 (!memcmp(b, "GET ", 4) || !memcmp(b, "POST ", 5)))
		read_host(b, n, t->name);
}

static void read_packet(const struct tiny_packet *p)
{
	char key[120], back[120];
	struct talk *t;
	bool outward = true;

	make_key(key, p, false);
	make_key(back, p, true);
	t = talk_of(key, false);
	if (!t && (t = talk_of(back, false)))
		outward = false;
	if (!t) {
		t = talk_of(key, true);
		t->first_us = p->when_us;
	}
	t->syns += p->proto == 6 && p->tcp_flags == 2;
	t->last_us = p->when_us;
	t->packets[!outward]++;
	t->ip_bytes[!outward] += p->ip_length;
	t->payload[!outward] += p->payload_length;
	read_claims(p, t, outward);
}

static void the_capture_is_in_order_with_good_checksums(void **state)
{
	static struct tiny_packet p;
	FILE *file = fopen(in_directory("whole.pcap"), "rb");
	uint64_t last = 0, packets = 0, v6 = 0;
	uint32_t snaplen;

	(void)state;
	assert_true(tiny_open(file, &snaplen));
	for (; tiny_next(file, &p); packets++) {
		assert_true(p.when_us >= last);
		last = p.when_us;
		assert_int_equal(p.length, p.ip_length + 14);
		assert_int_equal(p.captured, p.length);
		assert_true(p.ip_sum_good && p.transport_sum_good);
		v6 += p.version == 6;
		read_packet(&p);
	}
	assert_int_equal(fgetc(file), EOF);
	fclose(file);
	assert_true(packets > 20000 && v6 > 200);
}

/* --- what the logs say -------------------------------------------------- */

enum { MOST_FIELDS = 40 };

struct row {
	char line[4096];
	char *fields[MOST_FIELDS];
	int count;
};

static bool next_row(FILE *file, struct row *r)
{
	char *rest = r->line, *field;

	do
		if (!fgets(r->line, sizeof(r->line), file))
			return false;
	while (*r->line == '#');
	r->line[strcspn(r->line, "\n")] = '\0';
	r->count = 0;
	while ((field = strsep(&rest, "\t"))) {
		assert_true(r->count < MOST_FIELDS);
		r->fields[r->count++] = field;
	}
	return true;
}

static struct talk *talk_of_row(const struct row *r, const char *proto)
{
	char key[120];

	snprintf(key, sizeof(key), "%s %s %s %s %s", r->fields[2], r->fields[3], r->fields[4],
		 r->fields[5], proto);
	return talk_of(key, false);
}

static uint64_t microseconds(const char *text)
{
	unsigned long long s = 0, us = 0;

	if (!strcmp(text, "-"))
		return 0;
	assert_int_equal(sscanf(text, "%llu.%6llu", &s, &us), 2);
	return s * 1000000 + us;
}

static uint64_t count_of(const char *text)
{
	return strcmp(text, "-") ? strtoull(text, NULL, 10) : 0;
}

static void expect_state(const struct row *r, const struct talk *t)
{
	const char *conn_state = r->fields[11];

	if (!strcmp(conn_state, "SF"))
		assert_true(t->packets[0] > 0 && t->packets[1] > 0);
	else if (!strcmp(conn_state, "REJ"))
		assert_true(t->packets[0] == 1 && t->packets[1] == 1 && !t->payload[1]);
	else
		assert_true(!strcmp(conn_state, "S0") && t->packets[1] == 0);
}

/* Rows of one 5-tuple add up to its packets; of a single row the times are checked too. */
static void every_row_of_conn_log_is_in_the_capture(void **state)
{
	static struct row r;
	FILE *file = fopen(in_directory("zeek/conn.log"), "r");
	uint64_t last = 0;

	(void)state;
	assert_non_null(file);
	while (next_row(file, &r)) {
		struct talk *t = talk_of_row(&r, r.fields[6]);
		uint64_t ts = microseconds(r.fields[0]);

		assert_int_equal(r.count, 22);
		assert_non_null(t);
		assert_true(ts >= last);
		last = ts;
		if (t->rows++ == 0)
			assert_int_equal(ts, t->first_us);
		if (ts + microseconds(r.fields[8]) == t->last_us)
			expect_state(&r, t);
		t->packets[0] -= count_of(r.fields[16]);
		t->packets[1] -= count_of(r.fields[18]);
		t->ip_bytes[0] -= count_of(r.fields[17]);
		t->ip_bytes[1] -= count_of(r.fields[19]);
		if (strcmp(r.fields[9], "-") != 0)
			t->payload[0] -= count_of(r.fields[9]);
		else /* one packet: Zeek does not say, but its length does */
			t->payload[0] -= count_of(r.fields[17]) - 28;
		t->payload[1] -= count_of(r.fields[10]);
		if (t->last_us == ts + microseconds(r.fields[8]))
			t->last_us = 0; /* the last row ends with the last packet */
	}
	fclose(file);
	for (size_t i = 0; i < talk_count; i++) {
		const struct talk *t = &talks[i];

		assert_true(t->rows > 0);
		assert_true(!t->packets[0] && !t->packets[1]);
		assert_true(!t->ip_bytes[0] && !t->ip_bytes[1]);
		assert_true(!t->payload[0] && !t->payload[1]);
		assert_int_equal(t->last_us, 0);
	}
}

static void names_are_the_same_in_logs_and_packets(void **state)
{
	static const struct {
		const char *log;
		int field;
	} logs[] = {{"zeek/dns.log", 9}, {"zeek/ssl.log", 9}, {"zeek/http.log", 8}};
	static struct row r;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(logs); i++) {
		FILE *file = fopen(in_directory(logs[i].log), "r");
		size_t rows = 0;

		assert_non_null(file);
		for (; next_row(file, &r); rows++) {
			struct talk *t = talk_of_row(&r, i == 0 ? "udp" : "tcp");
			const char *name = *t->name ? t->name : "-";

			assert_string_equal(r.fields[logs[i].field], name);
			if (i == 0)
				assert_string_equal(r.fields[21],
						    *t->addresses ? t->addresses : "-");
		}
		fclose(file);
		assert_true(rows > 50);
	}
}

static void uids_join_the_logs(void **state)
{
	static const char *const logs[] = {"zeek/dns.log", "zeek/ssl.log", "zeek/http.log"};
	static struct row a, b;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(logs); i++) {
		FILE *conn = fopen(in_directory("zeek/conn.log"), "r");
		FILE *other = fopen(in_directory(logs[i]), "r");

		/* both are in the same order */
		while (next_row(other, &b)) {
			do
				assert_true(next_row(conn, &a));
			while (strcmp(a.fields[1], b.fields[1]) != 0);
			assert_int_equal(strlen(a.fields[1]), 18);
			for (int f = 0; f < 6; f++)
				assert_string_equal(a.fields[f], b.fields[f]);
		}
		fclose(conn);
		fclose(other);
	}
}

/* --- other shapes of the same ------------------------------------------- */

static void cut_captures_keep_what_matters(void **state)
{
	static struct tiny_packet whole, cut;
	FILE *a, *b;
	uint32_t snaplen;

	(void)state;
	for (int slice = 0; slice < 2; slice++) {
		write_pcap(in_directory("cut.pcap"), 100, slice);
		a = fopen(in_directory("whole.pcap"), "rb");
		b = fopen(in_directory("cut.pcap"), "rb");
		assert_true(tiny_open(a, &snaplen) && tiny_open(b, &snaplen));
		assert_int_equal(snaplen, 100);
		while (tiny_next(a, &whole)) {
			bool opening;

			assert_true(tiny_next(b, &cut));
			assert_true(cut.captured <= 100 && cut.length == whole.length);
			assert_int_equal(cut.when_us, whole.when_us);
			assert_memory_equal(cut.bytes, whole.bytes, cut.captured);
			opening = whole.payload_length &&
				  (whole.dst_port == 53 || whole.src_port == 53 ||
				   !memcmp(whole.payload, "\x16\x03\x01", 3) ||
				   !memcmp(whole.payload, "GET ", 4));
			if (!slice || (opening && whole.payload_length < 1400))
				assert_int_equal(cut.captured,
						 whole.length < 100 ? whole.length : 100);
			else
				assert_true(cut.captured >= whole.length - whole.payload_length ||
					    cut.captured == 100);
		}
		assert_false(tiny_next(b, &cut));
		fclose(a);
		fclose(b);
		unlink(in_directory("cut.pcap"));
	}
}

/* Take a flat JSON object apart by counting quotes and brackets. */
static bool json_value(const char *line, const char *key, char *out, size_t size)
{
	char quoted[64];
	const char *at;
	size_t n;

	snprintf(quoted, sizeof(quoted), "\"%s\":", key);
	at = strstr(line, quoted);
	if (!at)
		return false;
	at += strlen(quoted);
	n = *at == '[' ? strcspn(at, "]") : strcspn(at, ",}");
	assert_true(n < size);
	for (size_t i = 0; i < n; i++)
		if (at[i] != '"' && at[i] != '[')
			*out++ = at[i];
	*out = '\0';
	return true;
}

static void read_fields(FILE *tsv, struct row *names)
{
	while (fgets(names->line, sizeof(names->line), tsv)) {
		char *rest = names->line + 8, *field;

		if (strncmp(names->line, "#fields\t", 8) != 0)
			continue;
		rest[strcspn(rest, "\n")] = '\0';
		for (names->count = 0; (field = strsep(&rest, "\t"));)
			names->fields[names->count++] = field;
		return;
	}
	fail();
}

static void json_says_what_tsv_says(void **state)
{
	static const char *const logs[] = {"conn.log", "dns.log", "ssl.log", "http.log"};
	static struct row names, r;
	static char line[4096], value[512], path[64];

	(void)state;
	write_zeek(in_directory("json"), true, false);
	for (size_t i = 0; i < ARRAY_LEN(logs); i++) {
		FILE *tsv, *json;

		snprintf(path, sizeof(path), "zeek/%s", logs[i]);
		tsv = fopen(in_directory(path), "r");
		snprintf(path, sizeof(path), "json/%s", logs[i]);
		json = fopen(in_directory(path), "r");
		assert_true(tsv && json);
		read_fields(tsv, &names);
		while (next_row(tsv, &r)) {
			assert_int_equal(r.count, names.count);
			assert_non_null(fgets(line, sizeof(line), json));
			assert_true(line[0] == '{' && strstr(line, "}\n"));
			for (int f = 0; f < r.count; f++) {
				const char *want = r.fields[f];

				if (!strcmp(want, "-") || !strcmp(want, "(empty)")) {
					assert_false(json_value(line, names.fields[f], value,
								sizeof(value)));
					continue;
				}
				assert_true(
					json_value(line, names.fields[f], value, sizeof(value)));
				if (!strcmp(want, "T") || !strcmp(want, "F"))
					want = *want == 'T' ? "true" : "false";
				assert_string_equal(value, want);
			}
		}
		assert_null(fgets(line, sizeof(line), json));
		fclose(tsv);
		fclose(json);
	}
}

static void hours_add_up_to_the_whole(void **state)
{
	static struct row a, b;
	FILE *whole = fopen(in_directory("zeek/conn.log"), "r");
	char path[128];

	(void)state;
	write_zeek(in_directory("hours"), false, true);
	for (int hour = 0; hour < 5; hour++) {
		FILE *part;

		snprintf(path, sizeof(path), "hours/2025-03-03/conn.%02d:00:00-%02d:00:00.log",
			 hour, hour + 1);
		part = fopen(in_directory(path), "r");
		assert_non_null(part);
		while (next_row(part, &b)) {
			assert_true(next_row(whole, &a));
			assert_string_equal(a.fields[1], b.fields[1]);
			assert_int_equal(strtoull(b.fields[0], NULL, 10) / 3600 % 24, hour);
		}
		fclose(part);
	}
	assert_false(next_row(whole, &a));
	fclose(whole);
}

static void the_same_seed_gives_the_same_bytes(void **state)
{
	static uint8_t a[65536], b[65536];
	FILE *one = fopen(in_directory("whole.pcap"), "rb"), *two;
	size_t n;

	(void)state;
	write_pcap(in_directory("again.pcap"), PCAP_SNAPLEN_MOST, false);
	two = fopen(in_directory("again.pcap"), "rb");
	assert_true(one && two);
	do {
		n = fread(a, 1, sizeof(a), one);
		assert_int_equal(fread(b, 1, sizeof(b), two), n);
		assert_memory_equal(a, b, n);
	} while (n);
	fclose(one);
	fclose(two);
}

static void a_full_disk_stops_the_writers(void **state)
{
	struct pcap_format format = {.options = {.force = true}, .snaplen = PCAP_SNAPLEN_MOST};
	struct sim_fleet *fleet = some_fleet();
	struct pcap_writer *w = NULL;
	struct complaint why;
	struct sim_call c;
	int err = 0;

	(void)state;
	if (access("/dev/full", W_OK)) {
		puts("skipped: there is no /dev/full");
		skip();
	}
	assert_int_equal(pcap_writer_open("/dev/full", &format, &w, NULL), 0);
	while (!err && sim_fleet_next(fleet, &c))
		err = pcap_writer_call(w, &c);
	assert_int_equal(err, -ENOSPC);
	assert_int_equal(pcap_writer_close(w, &why), -ENOSPC);
	assert_non_null(strstr(why.text, "/dev/full: No space left"));
	sim_fleet_free(fleet);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_capture_is_in_order_with_good_checksums),
		cmocka_unit_test(names_are_the_same_in_logs_and_packets),
		cmocka_unit_test(every_row_of_conn_log_is_in_the_capture),
		cmocka_unit_test(uids_join_the_logs),
		cmocka_unit_test(cut_captures_keep_what_matters),
		cmocka_unit_test(json_says_what_tsv_says),
		cmocka_unit_test(hours_add_up_to_the_whole),
		cmocka_unit_test(the_same_seed_gives_the_same_bytes),
		cmocka_unit_test(a_full_disk_stops_the_writers),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
