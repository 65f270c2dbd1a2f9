/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/call.h"

#include "simulate/payload.h"
#include "simulate/payload_tls.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum {
	HEADER_V4 = 20,
	HEADER_V6 = 40,
	HEADER_TCP = 20,
	HEADER_UDP = 8,
	TLS_LEAST = 64,	  /* room for Finished, or for one small record */
	HTTP_ROOM = 160,  /* request or response header beside the host name */
	SSH_LEAST = 128,  /* banner and one packet */
	NTP_LENGTH = 48,  /* RFC 5905 without extensions */
	SILENT_TRIES = 4, /* Linux sends more; these are the ones in the first 7 s */
	LABEL_MOST = 60,  /* 63 are allowed (RFC 1035) */
	TYPED_RUN = 12,	  /* exchanges before a pause */
	ARP_LENGTH = 28,
};

#define MICROSECOND ((ns_t)1000)

static ns_t whole_us(ns_t t)
{
	return t - t % MICROSECOND;
}

static uint64_t at_least(uint64_t value, uint64_t least)
{
	return value > least ? value : least;
}

bool sim_call_is_datagram(const struct sim_call *c)
{
	return c->tuple.proto != IPPROTO_TCP;
}

static bool is_tls(const struct sim_call *c)
{
	return c->app == APP_TLS;
}

static ns_t opening(const struct sim_call *c)
{
	return c->rtt + 60 * MICROSECOND;
}

ns_t sim_call_closing(const struct sim_call *c)
{
	return c->rtt + 40 * MICROSECOND;
}

static ns_t hello_window(const struct sim_call *c)
{
	return is_tls(c) ? 2 * c->rtt + NS_PER_MS : 0;
}

/* --- made-up names ------------------------------------------------------ */

static size_t put_address_label(uint64_t dice, char *out)
{
	return (size_t)snprintf(out, 16, "%u.%u.%u.%u", (unsigned int)(dice & 255),
				(unsigned int)(dice >> 8 & 255), (unsigned int)(dice >> 16 & 255),
				(unsigned int)(11 + (dice >> 24) % 180));
}

static size_t put_text(uint64_t seed, size_t chars, unsigned int letters, char *out)
{
	static const char alphabet[] = "0123456789abcdefghijklmnopqrstuv";
	uint64_t word = 0;

	for (size_t i = 0; i < chars; i++) {
		if (i % 12 == 0)
			word = sim_mix(seed + i);
		out[i] = alphabet[word % letters];
		word /= letters;
	}
	return chars;
}

/* Labels of at most LABEL_MOST characters, each with the dot behind it. */
static size_t put_labels(const struct sim_lookup *l, uint64_t seed, size_t chars, char *out)
{
	unsigned int letters = l->labels == SIM_LABELS_HEX ? 16 : 32;
	size_t used = 0;

	if (l->labels == SIM_LABELS_ADDRESS)
		used = put_address_label(sim_mix(seed), out);
	while (l->labels != SIM_LABELS_ADDRESS && chars > 0) {
		size_t n = chars < LABEL_MOST ? chars : LABEL_MOST;

		used += put_text(sim_mix(seed ^ chars), n, letters, out + used);
		chars -= n;
		if (chars)
			out[used++] = '.';
	}
	if (used)
		out[used++] = '.';
	return used;
}

static void put_name(const struct sim_call *c, uint64_t seed, size_t chars, char *out)
{
	size_t used = 0, len = strlen(c->name);

	CHECK(chars <= SIM_LABELS_MOST && len < SIM_NAME_SIZE);
	if (c->lookup.labels != SIM_LABELS_NONE)
		used = put_labels(&c->lookup, seed, chars, out);
	memcpy(out + used, c->name, len + 1);
}

void sim_call_question(const struct sim_call *c, char out[static SIM_QUESTION_SIZE])
{
	put_name(c, c->lookup.seed, c->lookup.label_chars, out);
}

void sim_call_told_name(const struct sim_call *c, char out[static SIM_QUESTION_SIZE])
{
	size_t most =
		c->lookup.told_chars < SIM_LABELS_MOST ? c->lookup.told_chars : SIM_LABELS_MOST;

	put_name(c, ~c->lookup.seed, most, out);
}

void sim_call_told_text(const struct sim_call *c, char out[static SIM_QUESTION_SIZE])
{
	out[put_text(~c->lookup.seed, c->lookup.told_chars, 32, out)] = '\0';
}

/* --- sizes and times ---------------------------------------------------- */

uint32_t sim_call_mss(const struct sim_call *c)
{
	if (sim_call_is_datagram(c))
		return SIM_DATAGRAM;
	return c->tuple.src.version == 4 ? SIM_MSS_V4 : SIM_MSS_V6;
}

uint32_t sim_call_exchanges(const struct sim_call *c)
{
	return c->rounds + (is_tls(c) ? 1 : 0);
}

/* What is typed is now more, now less: each one gives to its neighbour. */
static uint64_t uneven(const struct sim_call *c, uint32_t exchange, bool outward, uint64_t each)
{
	uint64_t dice = sim_mix(c->id ^ (exchange / 2 * 2 + (outward ? 1u : 0u)));
	uint64_t shift = each > 1 ? dice % each : 0;

	if ((exchange | 1) >= c->rounds)
		return each; /* it has no neighbour */
	return exchange % 2 ? each - shift : each + shift;
}

uint64_t sim_call_turn(const struct sim_call *c, uint32_t exchange, bool outward)
{
	uint64_t hello = outward ? c->hello_out : c->hello_in;
	uint64_t rest = (outward ? c->out_bytes : c->in_bytes) - hello, extra;

	if (is_tls(c) && exchange-- == 0)
		return hello;
	extra = exchange == 0 ? rest % c->rounds : 0;
	if (c->typed)
		return uneven(c, exchange, outward, rest / c->rounds) + extra;
	return rest / c->rounds + extra;
}

static ns_t least_exchange(const struct sim_call *c)
{
	return 2 * c->rtt + 100 * MICROSECOND;
}

static double dice(const struct sim_call *c, uint64_t which)
{
	return (double)(sim_mix(c->id + sim_mix(which)) >> 11) * 0x1p-53;
}

/* A run of exchanges shares its time: a while of thinking, then one quickly after the other. */
static void typed_window(const struct sim_call *c, uint32_t exchange, ns_t each, ns_t *start,
			 ns_t *length)
{
	uint32_t run = exchange / TYPED_RUN, place = exchange % TYPED_RUN;
	uint32_t left = c->rounds - run * TYPED_RUN;
	double whole = (double)each * (left < TYPED_RUN ? left : TYPED_RUN);
	double step = (double)each * (0.24 + 0.36 * dice(c, 2ull * run + 1));

	*length = (ns_t)(0.9 * step);
	*start += (ns_t)run * TYPED_RUN * each +
		  (ns_t)(whole * 0.3 * dice(c, 2ull * run) + place * step +
			 0.1 * step * dice(c, 1ull << 32 | exchange));
}

static void plain_window(const struct sim_call *c, uint32_t exchange, ns_t each, ns_t *start,
			 ns_t *length)
{
	ns_t late = (ns_t)((double)each * c->waver / 100 * dice(c, 1ull << 32 | exchange));

	if (late > each - least_exchange(c))
		late = each - least_exchange(c);
	*start += (ns_t)exchange * each + late;
	*length = each - late;
}

void sim_call_window(const struct sim_call *c, uint32_t exchange, ns_t *out_start, ns_t *out_length)
{
	ns_t begin = opening(c), hello = hello_window(c);
	ns_t each = (c->duration - sim_call_closing(c) - begin - hello) / (ns_t)c->rounds;

	if (is_tls(c) && exchange-- == 0) {
		*out_start = begin;
		*out_length = hello;
		return;
	}
	*out_start = begin + hello;
	if (c->typed)
		typed_window(c, exchange, each, out_start, out_length);
	else
		plain_window(c, exchange, each, out_start, out_length);
}

/* Sizes that the protocol itself asks for. */
static void settle_sizes(struct sim_call *c, const struct sim_wish *wish)
{
	uint64_t out = wish->out_bytes, in = wish->in_bytes;

	c->hello_out = 0;
	c->hello_in = 0;
	switch (c->app) {
	case APP_TLS:
		c->hello_out = (uint16_t)payload_tls_client_hello_length(c);
		/* certificates differ from server to server, not from call to call */
		c->hello_in = (uint16_t)(1200 + sim_mix(c->tuple.dst.bytes[15] +
							256u * c->tuple.dst.bytes[14]) %
							2400);
		out = c->hello_out + at_least(out, (uint64_t)TLS_LEAST * c->rounds);
		in = c->hello_in + at_least(in, (uint64_t)TLS_LEAST * c->rounds);
		break;
	case APP_HTTP:
		out = at_least(out, HTTP_ROOM + SIM_NAME_SIZE);
		in = at_least(in, HTTP_ROOM);
		break;
	case APP_SSH:
		out = at_least(out, (uint64_t)SSH_LEAST * c->rounds);
		in = at_least(in, (uint64_t)SSH_LEAST * c->rounds);
		break;
	case APP_NTP:
		out = at_least(out, NTP_LENGTH);
		in = at_least(in, NTP_LENGTH);
		break;
	case APP_DNS:
		out = payload_dns_length(c, false);
		in = payload_dns_length(c, true);
		break;
	default:
		out = at_least(out, c->rounds);
		if (c->tuple.proto == SIM_PROTO_ARP)
			out = ARP_LENGTH;
		else if (sim_call_is_datagram(c))
			in = at_least(in, 1); /* or it would be no answer */
		else if (c->told_first)
			in = at_least(in, c->rounds);
	}
	c->out_bytes = out;
	c->in_bytes = in;
}

static ns_t least_duration(const struct sim_call *c)
{
	ns_t each = c->typed ? 5 * least_exchange(c) : least_exchange(c);

	if (sim_call_is_datagram(c)) {
		uint64_t n = sim_segments(c->out_bytes, SIM_DATAGRAM) +
			     sim_segments(c->in_bytes, SIM_DATAGRAM);

		return c->rtt + (ns_t)n * 10 * MICROSECOND;
	}
	return opening(c) + hello_window(c) + sim_call_closing(c) + (ns_t)c->rounds * each;
}

static ns_t unanswered_duration(const struct sim_call *c)
{
	if (sim_call_is_datagram(c))
		return (ns_t)(sim_segments(c->out_bytes, SIM_DATAGRAM) - 1) * 10 * MICROSECOND;
	return c->answer == ANSWER_REFUSED ? c->rtt : 7 * NS_PER_SEC;
}

void sim_call_settle(struct sim_call *c, const struct sim_wish *wish)
{
	CHECK(c->rounds > 0);
	c->when = whole_us(c->when);
	c->rtt = whole_us(c->rtt);
	settle_sizes(c, wish);
	if (c->answer != ANSWER_YES) {
		c->duration = unanswered_duration(c);
		return;
	}
	if (sim_call_is_datagram(c))
		c->duration = least_duration(c);
	else
		c->duration = (ns_t)at_least((uint64_t)whole_us(wish->duration),
					     (uint64_t)least_duration(c));
}

/* Data packets, and the acknowledgements that the other side sends for them. */
static void count_data(const struct sim_call *c, bool outward, uint64_t *packets, uint64_t *acks)
{
	uint32_t exchanges = sim_call_exchanges(c), first = is_tls(c) ? 1 : 0;
	uint32_t mss = sim_call_mss(c);

	for (uint32_t e = 0; e < exchanges; e++) {
		uint64_t n = sim_segments(sim_call_turn(c, e, outward), mss);
		uint64_t times = 1;

		if (e > first && !c->typed) { /* all the later ones are alike */
			times = exchanges - e;
			e = exchanges - 1;
		}
		*packets += times * n;
		*acks += times * (n / 2);
	}
}

static void shape_tcp(const struct sim_call *c, struct sim_shape *s, uint64_t header)
{
	uint64_t out_data = 0, in_data = 0, out_acks = 0, in_acks = 0;

	if (c->answer == ANSWER_NONE) {
		s->out_packets = SILENT_TRIES;
		s->out_ip_bytes = SILENT_TRIES * (header + SIM_SYN_OPTIONS);
		return;
	}
	if (c->answer == ANSWER_REFUSED) {
		s->out_packets = s->in_packets = 1;
		s->out_ip_bytes = header + SIM_SYN_OPTIONS;
		s->in_ip_bytes = header;
		return;
	}
	count_data(c, true, &out_data, &in_acks);
	count_data(c, false, &in_data, &out_acks);
	s->out_packets = 4 + out_data + out_acks; /* SYN, ACK, FIN, last ACK */
	s->in_packets = 2 + in_data + in_acks;	  /* SYN+ACK, FIN */
	s->out_payload = c->out_bytes;
	s->in_payload = c->in_bytes;
	s->out_ip_bytes = s->out_packets * header + SIM_SYN_OPTIONS + c->out_bytes;
	s->in_ip_bytes = s->in_packets * header + SIM_SYN_OPTIONS + c->in_bytes;
}

void sim_call_shape(const struct sim_call *c, struct sim_shape *out_shape)
{
	uint64_t ip = c->tuple.src.version == 4 ? HEADER_V4 : HEADER_V6;
	struct sim_shape s = {0};

	if (c->tuple.proto == IPPROTO_TCP) {
		shape_tcp(c, &s, ip + HEADER_TCP);
	} else {
		s.out_packets = sim_segments(c->out_bytes, SIM_DATAGRAM);
		s.out_payload = c->out_bytes;
		if (c->answer == ANSWER_YES) {
			s.in_packets = sim_segments(c->in_bytes, SIM_DATAGRAM);
			s.in_payload = c->in_bytes;
		}
		s.out_ip_bytes = s.out_packets * (ip + HEADER_UDP) + s.out_payload;
		s.in_ip_bytes = s.in_packets * (ip + HEADER_UDP) + s.in_payload;
	}
	*out_shape = s;
}
