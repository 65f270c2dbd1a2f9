/* SPDX-License-Identifier: Apache-2.0 */
#include "input/zeek_conn.h"

#include <netinet/in.h>

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
	bool remote_first; /* the responder sent data before the originator did */
};

static struct history history_of(struct text history)
{
	struct history h = {0};
	bool data = false;

	for (size_t i = 0; i < history.len; i++) {
		char c = history.at[i];

		if ((c == 'd' || c == 'D') && !data) {
			h.remote_first = c == 'd';
			data = true;
		}
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

const char *zeek_conn_ends(const struct zeek_row *row, struct flow *flow)
{
	const struct text *field = row->field;

	*flow = (struct flow){0};
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

bool zeek_conn_wanted(const struct zeek_row *row, const struct flow *flow,
		      const struct input_sink *sink)
{
	ns_t duration, last;
	uint64_t served;

	if (!sink->wants_flow || sink->wants_flow(sink->arg, &flow->tuple))
		return true;
	if (!text_seconds(row->field[ZEEK_DURATION], &duration) ||
	    __builtin_add_overflow(flow->first, duration, &last))
		last = flow->first;
	if (!optional_count(row->field[ZEEK_RESP_BYTES], &served))
		served = 0;
	sink->unwanted_flow(sink->arg, &flow->tuple, flow->first, last, served);
	return false;
}

const char *zeek_conn_rest(const struct zeek_row *row, struct flow *flow)
{
	const struct text *field = row->field;
	struct history history = history_of(field[ZEEK_HISTORY]);
	const char *problem = read_counts(field, flow);
	uint64_t state = text_word(field[ZEEK_CONN_STATE]);
	ns_t duration = 0;

	if (problem)
		return problem;
	if (field[ZEEK_DURATION].at && !text_seconds(field[ZEEK_DURATION], &duration))
		return "duration is no number of seconds";
	if (__builtin_add_overflow(flow->first, duration, &flow->last))
		return "duration is out of all range";
	flow->tuple.proto =
		proto_of(field[ZEEK_PROTO], field[ZEEK_IP_PROTO], flow->tuple.src.version == 6);
	flow->uid = zeek_uid(field[ZEEK_UID]);
	flow->app = app_of(field[ZEEK_SERVICE]);
	flow->inferred = history.flipped;
	flow->end = FLOW_END_IDLE;
	if (flow->tuple.proto == IPPROTO_TCP) {
		flow->inferred |= joined_midstream(state);
		flow->out_flags = history.out_flags;
		flow->claims |= history.remote_first && !flow->inferred ? CLAIM_REMOTE_FIRST : 0;
		flow->in_flags = history.in_flags;
		if (closed(state))
			flow->end = FLOW_END_CLOSED;
	}
	flow->answer = (uint8_t)answer_of(row, flow, state);
	return NULL;
}
