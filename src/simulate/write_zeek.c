/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/write_zeek.h"

#include "simulate/payload_http.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>

enum { UID_SIZE = 19 };

#define CONNECTION                                                                                 \
	{"ts", "time"}, {"uid", "string"}, {"id.orig_h", "addr"}, {"id.orig_p", "port"},           \
		{"id.resp_h", "addr"},                                                             \
	{                                                                                          \
		"id.resp_p", "port"                                                                \
	}

static const struct zeek_column conn_columns[] = {
	CONNECTION,
	{"proto", "enum"},
	{"service", "string"},
	{"duration", "interval"},
	{"orig_bytes", "count"},
	{"resp_bytes", "count"},
	{"conn_state", "string"},
	{"local_orig", "bool"},
	{"local_resp", "bool"},
	{"missed_bytes", "count"},
	{"history", "string"},
	{"orig_pkts", "count"},
	{"orig_ip_bytes", "count"},
	{"resp_pkts", "count"},
	{"resp_ip_bytes", "count"},
	{"tunnel_parents", "set[string]"},
	{"ip_proto", "count"},
};

static const struct zeek_column dns_columns[] = {
	CONNECTION,
	{"proto", "enum"},
	{"trans_id", "count"},
	{"rtt", "interval"},
	{"query", "string"},
	{"qclass", "count"},
	{"qclass_name", "string"},
	{"qtype", "count"},
	{"qtype_name", "string"},
	{"rcode", "count"},
	{"rcode_name", "string"},
	{"AA", "bool"},
	{"TC", "bool"},
	{"RD", "bool"},
	{"RA", "bool"},
	{"Z", "count"},
	{"answers", "vector[string]"},
	{"TTLs", "vector[interval]"},
	{"rejected", "bool"},
};

static const struct zeek_column ssl_columns[] = {
	CONNECTION,
	{"version", "string"},
	{"cipher", "string"},
	{"curve", "string"},
	{"server_name", "string"},
	{"resumed", "bool"},
	{"last_alert", "string"},
	{"next_protocol", "string"},
	{"established", "bool"},
	{"ssl_history", "string"},
	{"cert_chain_fps", "vector[string]"},
	{"client_cert_chain_fps", "vector[string]"},
	{"sni_matches_cert", "bool"},
};

static const struct zeek_column http_columns[] = {
	CONNECTION,
	{"trans_depth", "count"},
	{"method", "string"},
	{"host", "string"},
	{"uri", "string"},
	{"referrer", "string"},
	{"version", "string"},
	{"user_agent", "string"},
	{"origin", "string"},
	{"request_body_len", "count"},
	{"response_body_len", "count"},
	{"status_code", "count"},
	{"status_msg", "string"},
	{"info_code", "count"},
	{"info_msg", "string"},
	{"tags", "set[enum]"},
	{"username", "string"},
	{"password", "string"},
	{"proxied", "set[string]"},
	{"orig_fuids", "vector[string]"},
	{"orig_filenames", "vector[string]"},
	{"orig_mime_types", "vector[string]"},
	{"resp_fuids", "vector[string]"},
	{"resp_filenames", "vector[string]"},
	{"resp_mime_types", "vector[string]"},
};

static const struct zeek_column dhcp_columns[] = {
	{"ts", "time"},
	{"uids", "set[string]"},
	{"client_addr", "addr"},
	{"server_addr", "addr"},
	{"mac", "string"},
	{"host_name", "string"},
	{"client_fqdn", "string"},
	{"domain", "string"},
	{"requested_addr", "addr"},
	{"assigned_addr", "addr"},
	{"lease_time", "interval"},
	{"client_message", "string"},
	{"server_message", "string"},
	{"msg_types", "vector[string]"},
	{"duration", "interval"},
};

struct zeek_writer {
	struct zeek_log conn, dns, ssl, http, dhcp;
};

/* "C" and 96 bits in base 62, as Zeek's look. */
static void make_uid(const struct sim_call *c, char out[static UID_SIZE])
{
	static const char digits[] =
		"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	uint64_t words[2] = {sim_mix(c->id), sim_mix(c->id + 1)};

	out[0] = 'C';
	for (int i = 1; i < UID_SIZE - 1; i++) {
		uint64_t *word = &words[i & 1];

		out[i] = digits[*word % 62];
		*word /= 62;
	}
	out[UID_SIZE - 1] = '\0';
}

static bool is_local(const struct address *a)
{
	const uint8_t *b = a->bytes;

	return a->version == 4 ? b[12] == 10 || (b[12] == 169 && b[13] == 254) : b[0] == 0xfd;
}

static const char *service_name(const struct sim_call *c)
{
	if (c->tuple.proto == IPPROTO_TCP && c->answer != ANSWER_YES)
		return NULL;
	switch (c->app) {
	case APP_DNS:
		return "dns";
	case APP_TLS:
		return "ssl";
	case APP_HTTP:
		return "http";
	case APP_NTP:
		return "ntp";
	case APP_SSH:
		return "ssh";
	case APP_DHCP:
		return "dhcp";
	default:
		return NULL;
	}
}

static const char *state(const struct sim_call *c)
{
	if (c->tuple.proto == IPPROTO_ICMP)
		return "OTH";
	return c->answer == ANSWER_YES ? "SF" : c->answer == ANSWER_NONE ? "S0" : "REJ";
}

/* Letters in order of first appearance; only pure acknowledgements count as "a". */
static const char *history(const struct sim_call *c)
{
	bool early_ack = sim_call_turn(c, 0, true) > sim_call_mss(c);

	if (c->tuple.proto == IPPROTO_ICMP)
		return NULL;
	if (c->tuple.proto == IPPROTO_UDP)
		return c->answer == ANSWER_YES ? "Dd" : "D";
	if (c->answer != ANSWER_YES)
		return c->answer == ANSWER_NONE ? "S" : "Sr";
	if (c->told_first)
		return "ShAdDFf";
	return early_ack ? "ShADadFf" : "ShADdFf";
}

static void put_connection(struct zeek_log *log, const struct sim_call *c)
{
	char uid[UID_SIZE];

	make_uid(c, uid);
	zeek_time(log, c->when);
	zeek_text(log, uid);
	zeek_address(log, &c->tuple.src);
	zeek_count(log, c->tuple.src_port);
	zeek_address(log, &c->tuple.dst);
	zeek_count(log, c->tuple.dst_port);
}

static int write_conn(struct zeek_log *log, const struct sim_call *c, struct complaint *why)
{
	struct sim_shape s;
	int err = zeek_row(log, c->when, why);

	if (err)
		return err;
	sim_call_shape(c, &s);
	put_connection(log, c);
	zeek_text(log, c->tuple.proto == IPPROTO_UDP   ? "udp"
		       : c->tuple.proto == IPPROTO_TCP ? "tcp"
						       : "icmp");
	zeek_text(log, service_name(c));
	if (s.out_packets + s.in_packets > 1) {
		zeek_time(log, c->duration);
		zeek_count(log, s.out_payload);
		zeek_count(log, s.in_payload);
	} else { /* one packet lasts no time */
		zeek_unset(log);
		zeek_unset(log);
		zeek_unset(log);
	}
	zeek_text(log, state(c));
	zeek_bool(log, is_local(&c->tuple.src));
	zeek_bool(log, is_local(&c->tuple.dst));
	zeek_count(log, 0);
	zeek_text(log, history(c));
	zeek_count(log, s.out_packets);
	zeek_count(log, s.out_ip_bytes);
	zeek_count(log, s.in_packets);
	zeek_count(log, s.in_ip_bytes);
	zeek_unset(log);
	zeek_count(log, c->tuple.proto);
	return zeek_row_end(log);
}

static const char *type_name(uint16_t type)
{
	switch (type) {
	case SIM_DNS_A:
		return "A";
	case SIM_DNS_AAAA:
		return "AAAA";
	case SIM_DNS_CNAME:
		return "CNAME";
	case SIM_DNS_TXT:
		return "TXT";
	default:
		return "PTR";
	}
}

/* As Zeek tells a text: "TXT", its length, itself. */
static void told(const struct sim_call *c, char out[static SIM_QUESTION_SIZE + 8])
{
	int head = 0;

	if (c->lookup.type != SIM_DNS_TXT) {
		sim_call_told_name(c, out);
		return;
	}
	head = snprintf(out, 9, "TXT %u ", (unsigned int)c->lookup.told_chars);
	sim_call_told_text(c, out + head);
}

static void put_answers(struct zeek_log *log, const struct sim_call *c, bool answered)
{
	const struct sim_lookup *l = &c->lookup;
	char made_up[SIM_QUESTION_SIZE + 8];
	char texts[SIM_ANSWERS_MAX][ADDRESS_TEXT_SIZE];
	const char *items[SIM_ANSWERS_MAX + 2];
	size_t n = 0;

	if (answered && l->told_chars) {
		told(c, made_up);
		items[n++] = made_up;
	}

	if (answered && l->alias)
		items[n++] = l->alias;
	for (size_t i = 0; answered && i < l->count; i++)
		items[n++] = address_text(&l->addresses[i], texts[i]);
	zeek_texts(log, items, n);
	zeek_intervals(log, (ns_t)l->ttl_s * NS_PER_SEC, n);
}

static int write_dns(struct zeek_log *log, const struct sim_call *c, struct complaint *why)
{
	const struct sim_lookup *l = &c->lookup;
	bool answered = c->answer == ANSWER_YES;
	char question[SIM_QUESTION_SIZE];
	int err = zeek_row(log, c->when, why);

	if (err)
		return err;
	sim_call_question(c, question);
	put_connection(log, c);
	zeek_text(log, "udp");
	zeek_count(log, c->id & 0xffff);
	if (answered)
		zeek_time(log, c->duration);
	else
		zeek_unset(log);
	zeek_text(log, question);
	zeek_count(log, 1);
	zeek_text(log, "C_INTERNET");
	zeek_count(log, l->type);
	zeek_text(log, type_name(l->type));
	if (answered) {
		zeek_count(log, l->rcode);
		zeek_text(log, l->rcode ? "NXDOMAIN" : "NOERROR");
	} else {
		zeek_unset(log);
		zeek_unset(log);
	}
	zeek_bool(log, false);
	zeek_bool(log, false);
	zeek_bool(log, true);
	zeek_bool(log, answered);
	zeek_count(log, 0);
	put_answers(log, c, answered);
	zeek_bool(log, false);
	return zeek_row_end(log);
}

static int write_ssl(struct zeek_log *log, const struct sim_call *c, struct complaint *why)
{
	static const char *const ciphers[SIM_STACKS] = {
		"TLS_AES_256_GCM_SHA384",
		"TLS_AES_128_GCM_SHA256",
		"TLS_AES_128_GCM_SHA256",
		"TLS_CHACHA20_POLY1305_SHA256",
	};
	int err = zeek_row(log, c->when, why);

	if (err)
		return err;
	put_connection(log, c);
	zeek_text(log, "TLSv13");
	zeek_text(log, ciphers[c->stack % SIM_STACKS]);
	zeek_text(log, "x25519");
	zeek_text(log, c->name);
	zeek_bool(log, false);
	zeek_unset(log);
	zeek_unset(log);
	zeek_bool(log, true);
	zeek_text(log, "CsiI");
	zeek_unset(log);
	zeek_unset(log);
	zeek_unset(log);
	return zeek_row_end(log);
}

static int write_http(struct zeek_log *log, const struct sim_call *c, struct complaint *why)
{
	char host[ADDRESS_TEXT_SIZE], path[PAYLOAD_HTTP_PATH_SIZE];
	int err = zeek_row(log, c->when, why);

	if (err)
		return err;
	payload_http_path(c, path);
	put_connection(log, c);
	zeek_count(log, 1);
	zeek_text(log, payload_http_is_post(c->out_bytes) ? "POST" : "GET");
	zeek_text(log, c->name ? c->name : address_text(&c->tuple.dst, host));
	zeek_text(log, path);
	zeek_unset(log);
	zeek_text(log, "1.1");
	zeek_text(log, PAYLOAD_HTTP_AGENT);
	zeek_unset(log);
	zeek_count(log, payload_http_body(c, true));
	zeek_count(log, payload_http_body(c, false));
	zeek_count(log, 200);
	zeek_text(log, "OK");
	zeek_unset(log);
	zeek_unset(log);
	if (log->format.json)
		zeek_unset(log);
	else
		zeek_text(log, "(empty)");
	while (log->at < log->column_count)
		zeek_unset(log);
	return zeek_row_end(log);
}

/* One row for the whole exchange, when the server has told. */
static int write_dhcp(struct zeek_log *log, const struct sim_call *c, struct complaint *why)
{
	static const char *const types[] = {"DISCOVER", "ACK"};
	const struct address *a = &c->lookup.addresses[0];
	char uid[UID_SIZE], card[24];
	const char *uids[] = {uid};
	int err = zeek_row(log, c->when, why);

	if (err)
		return err;
	make_uid(c, uid);
	snprintf(card, sizeof(card), "02:00:%02x:%02x:%02x:%02x", a->bytes[12], a->bytes[13],
		 a->bytes[14], a->bytes[15]);
	zeek_time(log, c->when);
	zeek_texts(log, uids, 1);
	zeek_address(log, a);
	zeek_address(log, &c->tuple.src);
	zeek_text(log, card);
	for (int i = 0; i < 3; i++)
		zeek_unset(log);
	zeek_address(log, a);
	zeek_address(log, a);
	zeek_time(log, 3600 * NS_PER_SEC);
	zeek_unset(log);
	zeek_unset(log);
	zeek_texts(log, types, 2);
	zeek_time(log, 100 * NS_PER_MS);
	return zeek_row_end(log);
}

int zeek_writer_open(const struct zeek_format *format, struct zeek_writer **out_writer,
		     struct complaint *why)
{
	struct zeek_writer *w = calloc(1, sizeof(*w));
	int err;

	if (!w)
		return -ENOMEM;
	err = zeek_log_open(&w->conn, "conn", conn_columns, ARRAY_LEN(conn_columns), format, why);
	if (!err)
		err = zeek_log_open(&w->dns, "dns", dns_columns, ARRAY_LEN(dns_columns), format,
				    why);
	if (!err)
		err = zeek_log_open(&w->ssl, "ssl", ssl_columns, ARRAY_LEN(ssl_columns), format,
				    why);
	if (!err)
		err = zeek_log_open(&w->http, "http", http_columns, ARRAY_LEN(http_columns), format,
				    why);
	if (!err)
		err = zeek_log_open(&w->dhcp, "dhcp", dhcp_columns, ARRAY_LEN(dhcp_columns), format,
				    why);
	if (err) {
		(void)!zeek_writer_close(w, NULL);
		return err;
	}
	*out_writer = w;
	return 0;
}

int zeek_writer_call(struct zeek_writer *w, const struct sim_call *c, struct complaint *why)
{
	int err;

	if (c->tuple.proto == SIM_PROTO_ARP)
		return 0; /* no log holds it */
	err = write_conn(&w->conn, c, why);
	if (err)
		return err;
	if (c->app == APP_DNS)
		return write_dns(&w->dns, c, why);
	if (c->app == APP_DHCP && c->tuple.src_port == 67)
		return write_dhcp(&w->dhcp, c, why);
	if (c->answer != ANSWER_YES)
		return 0;
	if (c->app == APP_TLS)
		return write_ssl(&w->ssl, c, why);
	if (c->app == APP_HTTP)
		return write_http(&w->http, c, why);
	return 0;
}

/* The first error of all the logs stands. */
static int close_logs(struct zeek_log *const *logs, size_t count, struct complaint *why)
{
	int err = 0;

	for (size_t i = 0; i < count; i++) {
		struct complaint one;
		int log_err = zeek_log_close(logs[i], &one);

		if (log_err && !err) {
			err = log_err;
			complain(why, "%s", one.text);
		}
	}
	return err;
}

int zeek_writer_close(struct zeek_writer *w, struct complaint *why)
{
	int err;

	if (!w)
		return 0;
	err = close_logs((struct zeek_log *const[]){&w->conn, &w->dns, &w->ssl, &w->http, &w->dhcp},
			 5, why);
	free(w);
	return err;
}
