/* SPDX-License-Identifier: Apache-2.0 */
/*
 * call.h - one simulated conversation, before anyone has written it down.
 *
 *	sim_fleet_next() --> struct sim_call --> pcap_writer, zeek_writer, truth
 *
 * Every writer tells the same story: how many packets and bytes go each way
 * follows from the call alone (sim_call_shape()), so a capture and a Zeek log
 * of the same fleet agree to the byte and to the microsecond.
 *
 * The conversation.  TCP: handshake; if TLS, one exchange of opening flights;
 * `rounds` exchanges (what the caller says, then what it is told), evenly
 * spread and evenly sized; FIN both ways.  Every second segment is
 * acknowledged at once, an odd last one by whatever comes next.  UDP and ICMP
 * echo: one exchange.  Silence: SYNs after 0, 1, 3 and 7 s, or the datagrams
 * alone.  Refusal: SYN, RST.
 *
 * Exchanges are spread evenly and are all of one size, unless they waver (each
 * begins up to a share of a beat later, as a timer with jitter would) or are
 * typed: a dozen quick ones, of uneven size, and then a pause.
 */
#pragma once

#include "flow/flow.h"

enum {
	SIM_ANSWERS_MAX = 4,
	SIM_NAME_SIZE = 64, /* names are shorter than this */
	SIM_MSS_V4 = 1460,
	SIM_MSS_V6 = 1440,
	SIM_DATAGRAM = 1400,	 /* longer UDP talk is cut into such pieces */
	SIM_QUESTION_SIZE = 256, /* the longest question, with its end */
	SIM_LABELS_MOST = 180,	 /* characters of made-up labels */
	SIM_PROTO_ARP = 255,	 /* no IP at all: an announcement on the wire */
	SIM_SYN_OPTIONS = 12,
	SIM_STACKS = 4, /* different TLS clients */
};

enum sim_dns_type {
	SIM_DNS_A = 1,
	SIM_DNS_CNAME = 5,
	SIM_DNS_PTR = 12,
	SIM_DNS_TXT = 16,
	SIM_DNS_AAAA = 28
};

/* Labels in front of a name that nobody could have thought of. */
enum sim_labels {
	SIM_LABELS_NONE,
	SIM_LABELS_HEX,	    /* a hash */
	SIM_LABELS_BASE32,  /* data */
	SIM_LABELS_ADDRESS, /* 4.3.2.1: who is asked about */
};

/* What a DNS call asked for (the question is the call's name) and was told. */
struct sim_lookup {
	uint16_t type; /* enum sim_dns_type */
	uint8_t rcode; /* 0 or 3: no such name */
	uint8_t count;
	uint32_t ttl_s;
	const char *alias; /* the name is a CNAME for this; NULL: no */
	struct address addresses[SIM_ANSWERS_MAX];
	uint8_t labels;	     /* enum sim_labels, in front of the call's name */
	uint8_t label_chars; /* how many characters, without dots */
	uint8_t told_chars;  /* made-up characters of a TXT or CNAME answer; 0: no such answer */
	uint64_t seed;	     /* of both */
};

struct sim_call {
	ns_t when, duration;	      /* first packet; to the last: multiples of a microsecond */
	ns_t rtt;		      /* to the other side and back, likewise */
	struct tuple tuple;	      /* src calls */
	uint64_t out_bytes, in_bytes; /* payload above TCP or UDP */
	uint64_t id;		      /* different for every call */
	const char
		*name; /* server name, Host or question; NULL: none; lives as long as the fleet */
	uint32_t rounds;
	uint32_t place;	  /* which of the implant's hosts and destinations, see implant.h */
	uint32_t implant; /* which implant it is of, counted from 1; 0: none */
	uint16_t hello_out, hello_in; /* TLS opening flights, part of the bytes above */
	uint8_t app;		      /* enum app */
	uint8_t answer;		      /* enum flow_answer: YES, NONE or REFUSED */
	uint8_t stack;		      /* which TLS client: 0 .. SIM_STACKS-1 */
	uint8_t waver;		      /* per cent of a beat by which exchanges come late, 0 .. 90 */
	bool typed;		      /* ... or somebody types */
	bool told_first;	      /* the other side speaks first in each exchange; no TLS */
	struct sim_lookup lookup;     /* of APP_DNS */
};

/* What the wire carries. */
struct sim_shape {
	uint64_t out_packets, in_packets;
	uint64_t out_ip_bytes, in_ip_bytes; /* whole IP packets */
	uint64_t out_payload, in_payload;   /* 0 when nothing got through */
};

/* What a caller wants to do; sim_call_settle() makes a possible call of it. */
struct sim_wish {
	uint64_t out_bytes, in_bytes; /* of the application, without TLS flights and headers */
	ns_t duration;
};

/*
 * Given everything but sizes and duration, fill those in: at least what the
 * protocol needs to say and the time the packets need.  O(1), no failure.
 */
void sim_call_settle(struct sim_call *call, const struct sim_wish *wish);

void sim_call_shape(const struct sim_call *call, struct sim_shape *out_shape);

/* The whole question of a DNS call; also the name that a CNAME answer of its own tells. */
void sim_call_question(const struct sim_call *call, char out[static SIM_QUESTION_SIZE]);
void sim_call_told_name(const struct sim_call *call, char out[static SIM_QUESTION_SIZE]);

/* The text of a TXT answer: told_chars characters and an end. */
void sim_call_told_text(const struct sim_call *call, char out[static SIM_QUESTION_SIZE]);

/* No handshake: UDP, ICMP, ARP. */
bool sim_call_is_datagram(const struct sim_call *call);

/* Number of exchanges, and the payload bytes of one of them in one direction. */
uint32_t sim_call_exchanges(const struct sim_call *call);
uint64_t sim_call_turn(const struct sim_call *call, uint32_t exchange, bool outward);

/* Largest payload of one packet. */
uint32_t sim_call_mss(const struct sim_call *call);

/* When an exchange may start, counted from the start of the call, and how long it may take. */
void sim_call_window(const struct sim_call *call, uint32_t exchange, ns_t *out_start,
		     ns_t *out_length);

/* Time that the closing takes: the first FIN to the last ACK. */
ns_t sim_call_closing(const struct sim_call *call);

static inline uint64_t sim_segments(uint64_t bytes, uint32_t mss)
{
	return (bytes + mss - 1) / mss;
}

/* A well-mixed number from another one (SplitMix64's finisher). */
static inline uint64_t sim_mix(uint64_t z)
{
	z += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}
