/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dns.h - read a DNS message (RFC 1035, 3596, 6891, 9460; compression bounded).
 *
 * Answers are followed through CNAMEs only in the sense that every A and AAAA
 * record of class IN in the answer section, and every address hinted in an SVCB
 * or HTTPS record there, counts as an address for the question's name: that is
 * how a resolver on a host uses them.  mDNS and LLMNR are read alike.
 *
 * No state, no allocation.  Never reads past `len`; work is linear in `len`,
 * about 50 to 150 ns for the messages that are met.  The message is the payload
 * of UDP, or what dns_tcp_next() takes out of a TCP stream.
 */
#pragma once

#include "net/address.h"

/* A name has at most 250 bytes in 4 labels (RFC 1035, 2.3.4); each may need 4 to be written. */
enum { DNS_NAME_MAX = 1003, DNS_MAX_ADDRESSES = 32 };

enum dns_section { DNS_QUESTIONS, DNS_ANSWERS, DNS_AUTHORITIES, DNS_ADDITIONS, DNS_SECTIONS };

/* Kinds of records in an answer, or-ed. */
enum dns_answer {
	DNS_ANSWER_A = 1 << 0,
	DNS_ANSWER_AAAA = 1 << 1,
	DNS_ANSWER_CNAME = 1 << 2,
	DNS_ANSWER_MX = 1 << 3,
	DNS_ANSWER_TXT = 1 << 4,
	DNS_ANSWER_NULL = 1 << 5,
	DNS_ANSWER_SRV = 1 << 6,
	DNS_ANSWER_PTR = 1 << 7,
	DNS_ANSWER_SVCB = 1 << 8, /* and HTTPS */
	DNS_ANSWER_OTHER = 1 << 9,
};

struct dns_message {
	bool response;
	bool authoritative;	  /* AA */
	bool truncated;		  /* TC: ask again over TCP */
	bool recursion_desired;	  /* RD */
	bool recursion_available; /* RA */
	bool edns;		  /* there is an OPT record */
	bool complete;		  /* all sections were there, so what is missing is missing */
	uint8_t opcode;
	uint8_t rcode; /* the four bits of the header */
	uint16_t id;
	uint16_t edns_size;	      /* UDP payload that the sender can take; 0 without EDNS */
	uint16_t question_type;	      /* first question; 0 if none */
	uint16_t question_class;      /* likewise; 1: Internet */
	uint16_t count[DNS_SECTIONS]; /* records read, by enum dns_section */
	uint16_t answer_types;	      /* enum dns_answer, or-ed; of a response */
	uint32_t ttl;	      /* smallest TTL (s) of the address answers; 0 if there are none */
	uint32_t other_bytes; /* data of answers that are not addresses: TXT, NULL, CNAME ... */
	uint32_t bytes;	      /* the whole message, as handed in */
	uint32_t trailing;    /* bytes behind the last section; 0 unless complete */
	char question[DNS_NAME_MAX + 1]; /* lower case, no trailing dot; odd bytes as \DDD */
	size_t question_len;
	struct address addresses[DNS_MAX_ADDRESSES]; /* the first of those given */
	size_t address_count;
};

/*
 * DECODE_OK, DECODE_TRUNCATED (what was read is in `out`) or DECODE_MALFORMED:
 * how the header, the questions and, in a response, the answers went.  What is
 * wrong behind them only leaves `complete` false.
 */
enum decode_verdict dns_parse(const uint8_t *bytes, size_t len, struct dns_message *out) MUST_USE;

/* What tells a look-up that carries data from one that asks for a name. */
struct dns_question_stats {
	uint8_t labels;		 /* all of them */
	uint8_t longest_label;	 /* in bytes */
	uint8_t subdomain_bytes; /* labels left of what looks like the registered domain, no dots */
	uint16_t entropy_millibits; /* of these, Shannon, per byte: 0 to 8000 */
};

/*
 * The registered domain is taken to be the last two labels, or three where the
 * second last is one of a dozen words such as "co" or "com" below a country.
 * Costs about 1 ns a byte, which is why dns_parse() does not do it.
 */
void dns_question_stats(const struct dns_message *message, struct dns_question_stats *out);

/*
 * The next message of a TCP stream (RFC 1035, 4.2.2): | length 2 | message |.
 * Returns how many bytes it takes, with its place in `*message`; 0 if it is not
 * all there yet, and nothing is written.
 */
size_t dns_tcp_next(const uint8_t *bytes, size_t len, const uint8_t **message,
		    size_t *message_len) MUST_USE;
