/* SPDX-License-Identifier: Apache-2.0 */
#include "input/zeek_row.h"

#include "base/hash.h"
#include "input/zeek_json.h"

#include <netinet/in.h>
#include <string.h>

static const char *const names[ZEEK_FIELDS] = {
	[ZEEK_TS] = "ts",
	[ZEEK_UID] = "uid",
	[ZEEK_ORIG_H] = "id.orig_h",
	[ZEEK_ORIG_P] = "id.orig_p",
	[ZEEK_RESP_H] = "id.resp_h",
	[ZEEK_RESP_P] = "id.resp_p",
	[ZEEK_PROTO] = "proto",
	[ZEEK_SERVICE] = "service",
	[ZEEK_DURATION] = "duration",
	[ZEEK_ORIG_BYTES] = "orig_bytes",
	[ZEEK_RESP_BYTES] = "resp_bytes",
	[ZEEK_CONN_STATE] = "conn_state",
	[ZEEK_HISTORY] = "history",
	[ZEEK_ORIG_PKTS] = "orig_pkts",
	[ZEEK_ORIG_IP_BYTES] = "orig_ip_bytes",
	[ZEEK_RESP_PKTS] = "resp_pkts",
	[ZEEK_RESP_IP_BYTES] = "resp_ip_bytes",
	[ZEEK_IP_PROTO] = "ip_proto",
	[ZEEK_QUERY] = "query",
	[ZEEK_ANSWERS] = "answers",
	[ZEEK_SERVER_NAME] = "server_name",
	[ZEEK_HOST] = "host",
	[ZEEK_PATH] = "_path",
};

const char *zeek_field_name(enum zeek_field field)
{
	CHECK(field < ZEEK_FIELDS);
	return names[field];
}

static inline bool named(const char *name, size_t len, const char *wanted)
{
	return len == strlen(wanted) && !memcmp(name, wanted, len);
}

/* By length first: a JSON row asks this of every one of its keys. */
static enum zeek_field by_length(const char *n, size_t len)
{
	switch (len) {
	case 2:
		return named(n, len, "ts") ? ZEEK_TS : ZEEK_FIELDS;
	case 3:
		return named(n, len, "uid") ? ZEEK_UID : ZEEK_FIELDS;
	case 4:
		return named(n, len, "host") ? ZEEK_HOST : ZEEK_FIELDS;
	case 5:
		return named(n, len, "proto")	? ZEEK_PROTO
		       : named(n, len, "query") ? ZEEK_QUERY
		       : named(n, len, "_path") ? ZEEK_PATH
						: ZEEK_FIELDS;
	case 7:
		return named(n, len, "service")	  ? ZEEK_SERVICE
		       : named(n, len, "history") ? ZEEK_HISTORY
		       : named(n, len, "answers") ? ZEEK_ANSWERS
		       : named(n, len, "@stream") ? ZEEK_PATH
						  : ZEEK_FIELDS;
	case 8:
		return named(n, len, "duration")   ? ZEEK_DURATION
		       : named(n, len, "ip_proto") ? ZEEK_IP_PROTO
						   : ZEEK_FIELDS;
	case 9:
		return named(n, len, "orig_pkts")   ? ZEEK_ORIG_PKTS
		       : named(n, len, "resp_pkts") ? ZEEK_RESP_PKTS
						    : ZEEK_FIELDS;
	case 10:
		return named(n, len, "conn_state")   ? ZEEK_CONN_STATE
		       : named(n, len, "orig_bytes") ? ZEEK_ORIG_BYTES
		       : named(n, len, "resp_bytes") ? ZEEK_RESP_BYTES
						     : ZEEK_FIELDS;
	case 11:
		return named(n, len, "server_name") ? ZEEK_SERVER_NAME : ZEEK_FIELDS;
	case 13:
		return named(n, len, "orig_ip_bytes")	? ZEEK_ORIG_IP_BYTES
		       : named(n, len, "resp_ip_bytes") ? ZEEK_RESP_IP_BYTES
							: ZEEK_FIELDS;
	default:
		return ZEEK_FIELDS;
	}
}

enum zeek_field zeek_field_named(const char *name, size_t len)
{
	/* id.orig_h, or id_orig_h where a pipeline could not stand the dot */
	if (len == 9 && name[0] == 'i' && name[1] == 'd' && (name[2] == '.' || name[2] == '_')) {
		if (!memcmp(name + 3, "orig_h", 6))
			return ZEEK_ORIG_H;
		if (!memcmp(name + 3, "orig_p", 6))
			return ZEEK_ORIG_P;
		if (!memcmp(name + 3, "resp_h", 6))
			return ZEEK_RESP_H;
		if (!memcmp(name + 3, "resp_p", 6))
			return ZEEK_RESP_P;
	}
	return by_length(name, len);
}

enum input_format zeek_kind_named(struct text path)
{
	if (text_is(path, "conn"))
		return INPUT_ZEEK_CONN;
	if (text_is(path, "dns"))
		return INPUT_ZEEK_DNS;
	if (text_is(path, "ssl"))
		return INPUT_ZEEK_SSL;
	if (text_is(path, "http"))
		return INPUT_ZEEK_HTTP;
	return INPUT_ZEEK_OTHER;
}

enum input_format zeek_kind_of_fields(uint32_t fields)
{
	uint32_t ends = 1u << ZEEK_TS | 1u << ZEEK_ORIG_H | 1u << ZEEK_RESP_H;

	if ((fields & ends) != ends)
		return INPUT_ZEEK_OTHER;
	if (fields & (1u << ZEEK_CONN_STATE | 1u << ZEEK_ORIG_PKTS))
		return INPUT_ZEEK_CONN;
	if (fields & 1u << ZEEK_QUERY)
		return INPUT_ZEEK_DNS;
	if (!(fields & 1u << ZEEK_UID))
		return INPUT_ZEEK_OTHER;
	if (fields & 1u << ZEEK_SERVER_NAME)
		return INPUT_ZEEK_SSL;
	if (fields & 1u << ZEEK_HOST)
		return INPUT_ZEEK_HTTP;
	return INPUT_ZEEK_OTHER;
}

uint32_t zeek_fields_needed(enum input_format kind)
{
	switch (kind) {
	case INPUT_ZEEK_CONN:
		return 1u << ZEEK_TS | 1u << ZEEK_ORIG_H | 1u << ZEEK_RESP_H | 1u << ZEEK_RESP_P;
	case INPUT_ZEEK_DNS:
		return 1u << ZEEK_TS | 1u << ZEEK_ORIG_H | 1u << ZEEK_QUERY;
	case INPUT_ZEEK_SSL:
	case INPUT_ZEEK_HTTP:
		return 1u << ZEEK_UID;
	default:
		return 0;
	}
}

uint32_t zeek_fields_used(enum input_format kind)
{
	uint32_t fields = zeek_fields_needed(kind);

	switch (kind) {
	case INPUT_ZEEK_CONN:
		return (1u << ZEEK_QUERY) - 1; /* all that come before it */
	case INPUT_ZEEK_DNS:
		return fields | 1u << ZEEK_ANSWERS;
	case INPUT_ZEEK_SSL:
		return fields | 1u << ZEEK_TS | 1u << ZEEK_SERVER_NAME;
	case INPUT_ZEEK_HTTP:
		return fields | 1u << ZEEK_TS | 1u << ZEEK_HOST;
	default:
		return 0;
	}
}

/*
 * conn
 */

/* Rows of one connection in conn, ssl and http must agree; nobody gains by a collision. */
static uint64_t uid_of(struct text uid)
{
	static const struct hash_key fixed = {.k0 = 0x7a65656b20756964u, .k1 = 1};
	uint64_t hash;

	if (!uid.len)
		return 0;
	hash = hash_bytes(&fixed, uid.at, uid.len);
	return hash ? hash : 1;
}

static bool optional_count(struct text text, uint64_t *out)
{
	*out = 0;
	return !text.at || text_count(text, out);
}

static bool optional_count32(struct text text, uint32_t *out)
{
	uint64_t value;

	if (!optional_count(text, &value))
		return false;
	*out = value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
	return true;
}

static uint8_t proto_of(struct text proto, struct text number, bool v6)
{
	uint64_t word = text_word(proto), value;

	if (word == WORD("tcp"))
		return IPPROTO_TCP;
	if (word == WORD("udp"))
		return IPPROTO_UDP;
	if (word == WORD("icmp"))
		return v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	if (word == WORD("sctp"))
		return IPPROTO_SCTP;
	if (text_count(number, &value) && value <= UINT8_MAX)
		return (uint8_t)value;
	return 0;
}

static uint8_t app_named(uint64_t word)
{
	if (word == WORD("ssl"))
		return APP_TLS;
	if (word == WORD("http"))
		return APP_HTTP;
	if (word == WORD("dns"))
		return APP_DNS;
	if (word == WORD("ntp"))
		return APP_NTP;
	if (word == WORD("ssh"))
		return APP_SSH;
	if (word == WORD("quic"))
		return APP_QUIC;
	return APP_OTHER;
}

/* "gssapi,smb,krb", "quic,ssl"; a leading "-" marks one that turned out to be wrong. */
static uint8_t app_of(struct text service)
{
	uint8_t found = APP_UNKNOWN;

	while (service.len) {
		struct text word = text_split(service, ',', &service);
		uint8_t app = app_named(text_word(word));

		if (!word.len || word.at[0] == '-')
			continue;
		if (found == APP_UNKNOWN || found == APP_OTHER || app == APP_QUIC)
			found = app;
	}
	return found;
}

/* TCP flags behind a history letter; small letters are the responder's. */
static uint8_t flags_of(char letter)
{
	switch (letter | 0x20) {
	case 's':
		return TCP_SYN;
	case 'h':
		return TCP_SYN | TCP_ACK;
	case 'a':
	case 'd':
		return TCP_ACK;
	case 'f':
		return TCP_FIN;
	case 'r':
		return TCP_RST;
	default:
		return 0;
	}
}

/* What a history such as "ShADadfF" tells. */
struct history {
	bool flipped; /* Zeek took the ends to be the other way round than it saw them */
	uint8_t out_flags, in_flags;
};

static struct history history_of(struct text history)
{
	struct history h = {0};

	for (size_t i = 0; i < history.len; i++) {
		char c = history.at[i];

		if (c == '^')
			h.flipped = true;
		else if (c >= 'a' && c <= 'z')
			h.in_flags |= flags_of(c);
		else if (c >= 'A' && c <= 'Z')
			h.out_flags |= flags_of(c);
	}
	return h;
}

/* A reply of any kind, from what the row counts. */
static enum flow_answer answer_by_count(const struct zeek_row *row, const struct flow *flow)
{
	if (flow->in_packets || flow->in_bytes || flow->in_payload)
		return ANSWER_YES;
	return row->field[ZEEK_RESP_PKTS].at ? ANSWER_NONE : ANSWER_UNKNOWN;
}

/*
 * TCP without a clear state: Zeek saw no SYN, or no answer to it.  An
 * originator that acknowledges or sends data has had an answer that we did
 * not see; silence towards one that only tried is silence.
 */
static enum flow_answer answer_midstream(const struct zeek_row *row, const struct flow *flow)
{
	enum flow_answer answer = answer_by_count(row, flow);

	if (answer == ANSWER_YES && flow->in_flags == TCP_RST)
		return ANSWER_REFUSED;
	if (answer == ANSWER_NONE && flow->out_flags & TCP_ACK)
		return ANSWER_UNKNOWN;
	return answer;
}

static enum flow_answer answer_to_other(const struct zeek_row *row, const struct flow *flow,
					uint64_t state)
{
	enum flow_answer answer = answer_by_count(row, flow);

	if (answer != ANSWER_UNKNOWN)
		return answer;
	if (state == WORD("SF") || state == WORD("SHR"))
		return ANSWER_YES;
	return state == WORD("S0") ? ANSWER_NONE : ANSWER_UNKNOWN;
}

static enum flow_answer answer_of(const struct zeek_row *row, const struct flow *flow,
				  uint64_t state)
{
	if (flow->tuple.proto != IPPROTO_TCP)
		return answer_to_other(row, flow, state);
	if (state == WORD("SF") || state == WORD("S1") || state == WORD("S2") ||
	    state == WORD("S3") || state == WORD("RSTO") || state == WORD("RSTR"))
		return ANSWER_YES;
	if (state == WORD("S0") || state == WORD("RSTOS0"))
		return ANSWER_NONE;
	if (state == WORD("REJ"))
		return ANSWER_REFUSED;
	return answer_midstream(row, flow); /* OTH, SH, SHR, RSTRH, or no state at all */
}

static bool joined_midstream(uint64_t state)
{
	return state == WORD("OTH") || state == WORD("SHR") || state == WORD("RSTRH");
}

static bool closed(uint64_t state)
{
	return state == WORD("SF") || state == WORD("REJ") || state == WORD("RSTO") ||
	       state == WORD("RSTR") || state == WORD("RSTOS0") || state == WORD("RSTRH");
}

static const char *read_ends(const struct text *field, struct flow *flow)
{
	if (!text_time(field[ZEEK_TS], &flow->first))
		return "ts is no time";
	if (!text_address(field[ZEEK_ORIG_H], &flow->tuple.src))
		return "id.orig_h is no address";
	if (!text_address(field[ZEEK_RESP_H], &flow->tuple.dst))
		return "id.resp_h is no address";
	if (field[ZEEK_ORIG_P].at && !text_port(field[ZEEK_ORIG_P], &flow->tuple.src_port))
		return "id.orig_p is no port";
	if (!text_port(field[ZEEK_RESP_P], &flow->tuple.dst_port))
		return "id.resp_p is no port";
	return NULL;
}

static const char *read_counts(const struct text *field, struct flow *flow)
{
	if (!optional_count(field[ZEEK_ORIG_BYTES], &flow->out_payload) ||
	    !optional_count(field[ZEEK_RESP_BYTES], &flow->in_payload))
		return "orig_bytes or resp_bytes is no number";
	if (!optional_count(field[ZEEK_ORIG_IP_BYTES], &flow->out_bytes) ||
	    !optional_count(field[ZEEK_RESP_IP_BYTES], &flow->in_bytes))
		return "orig_ip_bytes or resp_ip_bytes is no number";
	if (!optional_count32(field[ZEEK_ORIG_PKTS], &flow->out_packets) ||
	    !optional_count32(field[ZEEK_RESP_PKTS], &flow->in_packets))
		return "orig_pkts or resp_pkts is no number";
	if (!field[ZEEK_ORIG_IP_BYTES].at)
		flow->out_bytes = flow->out_payload;
	if (!field[ZEEK_RESP_IP_BYTES].at)
		flow->in_bytes = flow->in_payload;
	return NULL;
}

static const char *read_conn(const struct zeek_row *row, struct flow *flow)
{
	const struct text *field = row->field;
	struct history history = history_of(field[ZEEK_HISTORY]);
	const char *problem = read_ends(field, flow);
	uint64_t state = text_word(field[ZEEK_CONN_STATE]);
	ns_t duration = 0;

	if (!problem)
		problem = read_counts(field, flow);
	if (problem)
		return problem;
	if (field[ZEEK_DURATION].at && !text_seconds(field[ZEEK_DURATION], &duration))
		return "duration is no number of seconds";
	if (__builtin_add_overflow(flow->first, duration, &flow->last))
		return "duration is out of all range";
	flow->tuple.proto =
		proto_of(field[ZEEK_PROTO], field[ZEEK_IP_PROTO], flow->tuple.src.version == 6);
	flow->uid = uid_of(field[ZEEK_UID]);
	flow->app = app_of(field[ZEEK_SERVICE]);
	flow->inferred = history.flipped;
	flow->end = FLOW_END_IDLE;
	if (flow->tuple.proto == IPPROTO_TCP) {
		flow->inferred |= joined_midstream(state);
		flow->out_flags = history.out_flags;
		flow->in_flags = history.in_flags;
		if (closed(state))
			flow->end = FLOW_END_CLOSED;
	}
	flow->answer = (uint8_t)answer_of(row, flow, state);
	return NULL;
}

/*
 * dns, ssl, http
 */

/* Lower case into `scratch`, JSON escapes undone; cut at ZEEK_NAME_MAX. */
static size_t name_into(struct zeek_scratch *scratch, struct text text, bool json)
{
	size_t len;

	if (json) {
		len = zeek_json_unescape(text, scratch->name, ZEEK_NAME_MAX);
	} else {
		len = text.len < ZEEK_NAME_MAX ? text.len : ZEEK_NAME_MAX;
		if (len)
			memcpy(scratch->name, text.at, len);
	}
	for (size_t i = 0; i < len; i++) {
		if (scratch->name[i] >= 'A' && scratch->name[i] <= 'Z')
			scratch->name[i] = (char)(scratch->name[i] | 0x20);
	}
	return len;
}

static size_t addresses_in(const struct zeek_row *row, struct address *out)
{
	struct text list = row->field[ZEEK_ANSWERS];
	size_t count = 0;

	while (list.len && count < ZEEK_ANSWERS_MAX) {
		struct text one;

		if (!row->json)
			one = text_split(list, row->set_separator, &list);
		else if (!zeek_json_next_string(&list, &one))
			break;
		if (text_address(one, &out[count]))
			count++;
	}
	return count;
}

static const char *deliver_dns(const struct zeek_row *row, struct zeek_scratch *scratch,
			       const struct input_sink *sink)
{
	struct input_lookup lookup = {.name = scratch->name, .addresses = scratch->answers};

	if (!text_time(row->field[ZEEK_TS], &lookup.when))
		return "ts is no time";
	if (!text_address(row->field[ZEEK_ORIG_H], &lookup.client))
		return "id.orig_h is no address";
	if (!row->field[ZEEK_QUERY].len)
		return NULL; /* a reply to something else: nobody asked for a name */
	lookup.name_len = name_into(scratch, row->field[ZEEK_QUERY], row->json);
	while (lookup.name_len && scratch->name[lookup.name_len - 1] == '.')
		lookup.name_len--;
	lookup.address_count = addresses_in(row, scratch->answers);
	sink->lookup(sink->arg, &lookup);
	return NULL;
}

/* "example.org:8080" -> "example.org", "[2001:db8::1]:80" -> "2001:db8::1" */
static void strip_port(struct input_claim *claim)
{
	const char *colon = memchr(claim->name, ':', claim->name_len);
	const char *close = memchr(claim->name, ']', claim->name_len);

	if (claim->name_len && claim->name[0] == '[' && close) {
		claim->name++;
		claim->name_len = (size_t)(close - claim->name);
	} else if (colon &&
		   !memchr(colon + 1, ':', claim->name_len - (size_t)(colon + 1 - claim->name))) {
		claim->name_len = (size_t)(colon - claim->name);
	}
}

static const char *deliver_claim(const struct zeek_row *row, enum input_format kind,
				 struct zeek_scratch *scratch, const struct input_sink *sink)
{
	bool tls = kind == INPUT_ZEEK_SSL;
	struct text name = row->field[tls ? ZEEK_SERVER_NAME : ZEEK_HOST];
	struct input_claim claim = {
		.uid = uid_of(row->field[ZEEK_UID]),
		.name = scratch->name,
		.app = tls ? APP_TLS : APP_HTTP,
	};

	if (!claim.uid)
		return "it has no uid";
	claim.name_len = name_into(scratch, name, row->json);
	if (!tls)
		strip_port(&claim);
	sink->claim(sink->arg, &claim);
	return NULL;
}

const char *zeek_row_deliver(const struct zeek_row *row, enum input_format kind,
			     struct zeek_scratch *scratch, const struct input_sink *sink)
{
	struct flow flow = {0};
	const char *problem;

	switch (kind) {
	case INPUT_ZEEK_CONN:
		problem = read_conn(row, &flow);
		if (!problem)
			sink->flow(sink->arg, &flow);
		return problem;
	case INPUT_ZEEK_DNS:
		return deliver_dns(row, scratch, sink);
	case INPUT_ZEEK_SSL:
	case INPUT_ZEEK_HTTP:
		return deliver_claim(row, kind, scratch, sink);
	default:
		return NULL;
	}
}
