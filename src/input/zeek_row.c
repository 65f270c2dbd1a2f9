/* SPDX-License-Identifier: Apache-2.0 */
#include "input/zeek_row.h"

#include "base/hash.h"
#include "input/zeek_conn.h"
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
	[ZEEK_QTYPE] = "qtype",
	[ZEEK_RCODE] = "rcode",
	[ZEEK_SERVER_NAME] = "server_name",
	[ZEEK_HOST] = "host",
	[ZEEK_JA3] = "ja3",
	[ZEEK_JA4] = "ja4",
	[ZEEK_VALIDATION] = "validation_status",
	[ZEEK_CERTIFICATES] = "cert_chain_fps",
	[ZEEK_URI] = "uri",
	[ZEEK_AGENT] = "user_agent",
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
		return named(n, len, "uid")   ? ZEEK_UID
		       : named(n, len, "ja3") ? ZEEK_JA3
		       : named(n, len, "ja4") ? ZEEK_JA4
		       : named(n, len, "uri") ? ZEEK_URI
					      : ZEEK_FIELDS;
	case 4:
		return named(n, len, "host") ? ZEEK_HOST : ZEEK_FIELDS;
	case 5:
		return named(n, len, "proto")	? ZEEK_PROTO
		       : named(n, len, "query") ? ZEEK_QUERY
		       : named(n, len, "_path") ? ZEEK_PATH
		       : named(n, len, "qtype") ? ZEEK_QTYPE
		       : named(n, len, "rcode") ? ZEEK_RCODE
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
		       : named(n, len, "user_agent") ? ZEEK_AGENT
		       : named(n, len, "orig_bytes") ? ZEEK_ORIG_BYTES
		       : named(n, len, "resp_bytes") ? ZEEK_RESP_BYTES
						     : ZEEK_FIELDS;
	case 11:
		return named(n, len, "server_name") ? ZEEK_SERVER_NAME : ZEEK_FIELDS;
	case 13:
		return named(n, len, "orig_ip_bytes")	? ZEEK_ORIG_IP_BYTES
		       : named(n, len, "resp_ip_bytes") ? ZEEK_RESP_IP_BYTES
							: ZEEK_FIELDS;
	case 14:
		return named(n, len, "cert_chain_fps") ? ZEEK_CERTIFICATES : ZEEK_FIELDS;
	case 17:
		return named(n, len, "validation_status") ? ZEEK_VALIDATION : ZEEK_FIELDS;
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
		return fields | 1u << ZEEK_ORIG_P | 1u << ZEEK_RESP_H | 1u << ZEEK_RESP_P |
		       1u << ZEEK_PROTO | 1u << ZEEK_ANSWERS | 1u << ZEEK_QTYPE | 1u << ZEEK_RCODE;
	case INPUT_ZEEK_SSL:
		return fields | 1u << ZEEK_TS | 1u << ZEEK_SERVER_NAME | 1u << ZEEK_JA3 |
		       1u << ZEEK_JA4 | 1u << ZEEK_VALIDATION | 1u << ZEEK_CERTIFICATES;
	case INPUT_ZEEK_HTTP:
		return fields | 1u << ZEEK_TS | 1u << ZEEK_HOST | 1u << ZEEK_URI | 1u << ZEEK_AGENT;
	default:
		return 0;
	}
}

uint64_t zeek_uid(struct text uid)
{
	static const struct hash_key fixed = {.k0 = 0x7a65656b20756964u, .k1 = 1};
	uint64_t hash;

	if (!uid.len)
		return 0;
	hash = hash_bytes(&fixed, uid.at, uid.len);
	return hash ? hash : 1;
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

static size_t addresses_in(const struct zeek_row *row, struct address *out, uint32_t *out_others)
{
	struct text list = row->field[ZEEK_ANSWERS];
	size_t count = 0;
	uint32_t others = 0;

	while (list.len && count < ZEEK_ANSWERS_MAX) {
		struct text one;

		if (!row->json)
			one = text_split(list, row->set_separator, &list);
		else if (!zeek_json_next_string(&list, &one))
			break;
		if (text_address(one, &out[count]))
			count++;
		else
			others += (uint32_t)one.len;
	}
	*out_others = others;
	return count;
}

/* Whom it asked, what for, and how that went; a log need not have any of it. */
static void read_talk(const struct zeek_row *row, struct input_lookup *lookup)
{
	uint64_t type = 0, rcode = 0;

	(void)text_address(row->field[ZEEK_RESP_H], &lookup->server);
	(void)text_port(row->field[ZEEK_ORIG_P], &lookup->client_port);
	(void)text_port(row->field[ZEEK_RESP_P], &lookup->server_port);
	lookup->proto = text_is(row->field[ZEEK_PROTO], "tcp") ? IPPROTO_TCP : IPPROTO_UDP;
	if (text_count(row->field[ZEEK_QTYPE], &type) && type <= UINT16_MAX)
		lookup->type = (uint16_t)type;
	lookup->answered = text_count(row->field[ZEEK_RCODE], &rcode) && rcode <= UINT16_MAX;
	if (lookup->answered)
		lookup->rcode = (uint16_t)rcode;
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
	scratch->name[lookup.name_len] = '\0';
	lookup.address_count = addresses_in(row, scratch->answers, &lookup.other_bytes);
	read_talk(row, &lookup);
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

static struct text text_into(char *out, size_t size, struct text text, bool json)
{
	size_t len = text.len < size ? text.len : size;

	if (!json || !text.len)
		return (struct text){text.at, len};
	return (struct text){out, zeek_json_unescape(text, out, size)};
}

/* What Zeek found wrong with the certificate, in OpenSSL's words. */
static uint32_t claims_of(struct text validation)
{
	static const struct {
		const char *words;
		uint32_t claims;
	} known[] = {
		{"self signed", CLAIM_SELF_SIGNED},
		{"self-signed", CLAIM_SELF_SIGNED},
		{"has expired", CLAIM_CERT_TIME},
		{"not yet valid", CLAIM_CERT_TIME},
	};

	if (!validation.len)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (memmem(validation.at, validation.len, known[i].words, strlen(known[i].words)))
			return CLAIM_CERTIFICATE | known[i].claims;
	return CLAIM_CERTIFICATE;
}

static struct text first_of(const struct zeek_row *row, struct text list)
{
	struct text one = {0};

	if (!list.len)
		return one;
	if (!row->json)
		return text_split(list, row->set_separator, &list);
	(void)zeek_json_next_string(&list, &one);
	return one;
}

static const char *deliver_claim(const struct zeek_row *row, enum input_format kind,
				 struct zeek_scratch *scratch, const struct input_sink *sink)
{
	bool tls = kind == INPUT_ZEEK_SSL;
	struct text name = row->field[tls ? ZEEK_SERVER_NAME : ZEEK_HOST];
	struct input_claim claim = {
		.uid = zeek_uid(row->field[ZEEK_UID]),
		.name = scratch->name,
		.app = tls ? APP_TLS : APP_HTTP,
	};

	if (!claim.uid)
		return "it has no uid";
	claim.name_len = name_into(scratch, name, row->json);
	if (tls) {
		claim.ja3 = row->field[ZEEK_JA3];
		claim.ja4 = row->field[ZEEK_JA4];
		claim.claims = claims_of(row->field[ZEEK_VALIDATION]);
		claim.certificate = first_of(row, row->field[ZEEK_CERTIFICATES]);
	} else {
		claim.uri = text_into(scratch->uri, ZEEK_NAME_MAX, row->field[ZEEK_URI], row->json);
		claim.agent = text_into(scratch->agent, ZEEK_AGENT_MAX, row->field[ZEEK_AGENT],
					row->json);
		claim.host = (struct text){claim.name, claim.name_len}; /* with its port */
		strip_port(&claim);
	}
	(void)text_time(row->field[ZEEK_TS], &claim.when);
	sink->claim(sink->arg, &claim);
	return NULL;
}

static const char *deliver_flow(const struct zeek_row *row, const struct input_sink *sink)
{
	struct flow flow;
	const char *problem = zeek_conn_ends(row, &flow);

	if (problem || !zeek_conn_wanted(row, &flow, sink))
		return problem;
	problem = zeek_conn_rest(row, &flow);
	if (!problem)
		sink->flow(sink->arg, &flow);
	return problem;
}

const char *zeek_row_deliver(const struct zeek_row *row, enum input_format kind,
			     struct zeek_scratch *scratch, const struct input_sink *sink)
{
	switch (kind) {
	case INPUT_ZEEK_CONN:
		return deliver_flow(row, sink);
	case INPUT_ZEEK_DNS:
		return deliver_dns(row, scratch, sink);
	case INPUT_ZEEK_SSL:
	case INPUT_ZEEK_HTTP:
		return deliver_claim(row, kind, scratch, sink);
	default:
		return NULL;
	}
}
