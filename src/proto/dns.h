/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dns.h - read a DNS message (RFC 1035, 3596; compression bounded).
 *
 * Answers are followed through CNAMEs only in the sense that every A and AAAA
 * record of class IN in the answer section counts as an address for the
 * question's name: that is how a stub resolver uses them.
 *
 * Never reads past `len`; work is linear in `len`.  The message is the payload
 * of UDP, or what follows the two length bytes of TCP.
 */
#pragma once

#include "net/address.h"

/* A name has at most 250 bytes in 4 labels (RFC 1035, 2.3.4); each may need 4 to be written. */
enum { DNS_NAME_MAX = 1003, DNS_MAX_ADDRESSES = 32 };

struct dns_message {
	bool response;
	uint8_t rcode;
	uint16_t id;
	uint16_t question_type;		 /* first question; 0 if none */
	char question[DNS_NAME_MAX + 1]; /* lower case, no trailing dot; odd bytes as \DDD */
	size_t question_len;
	struct address addresses[DNS_MAX_ADDRESSES]; /* the first of A and AAAA answers */
	size_t address_count;
};

/* DECODE_OK, DECODE_TRUNCATED (what was read is in `out`) or DECODE_MALFORMED. */
enum decode_verdict dns_parse(const uint8_t *bytes, size_t len, struct dns_message *out) MUST_USE;
