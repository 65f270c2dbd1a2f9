/* SPDX-License-Identifier: Apache-2.0 */
/* A DNS message; what is read must be text, and less of the message must not give more. */
#include "proto/dns.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_message(const struct dns_message *m)
{
	CHECK(m->question_len <= DNS_NAME_MAX && strlen(m->question) == m->question_len);
	for (size_t i = 0; i < m->question_len; i++) {
		CHECK(m->question[i] > 0x20 && m->question[i] < 0x7f);
		CHECK(m->question[i] < 'A' || m->question[i] > 'Z');
	}
	CHECK(m->address_count <= DNS_MAX_ADDRESSES && (m->response || m->address_count == 0));
	for (size_t i = 0; i < m->address_count; i++)
		CHECK(m->addresses[i].version == 4 || m->addresses[i].version == 6);
	CHECK(m->trailing <= m->bytes && m->other_bytes <= m->bytes);
	CHECK(m->complete || m->trailing == 0);
	CHECK(m->edns || m->edns_size == 0);
}

static void check_stats(const struct dns_message *m)
{
	struct dns_question_stats s;

	dns_question_stats(m, &s);
	CHECK(s.labels <= 127 && s.longest_label <= 63);
	CHECK((s.labels == 0) == (m->question_len == 0));
	CHECK(s.subdomain_bytes <= 253 && s.entropy_millibits <= 8000);
}

/* A stream is taken apart without a byte left over or taken twice. */
static void check_stream(const uint8_t *bytes, size_t len)
{
	const uint8_t *message;
	size_t message_len, step, at = 0;

	while ((step = dns_tcp_next(bytes + at, len - at, &message, &message_len)) > 0) {
		CHECK(message == bytes + at + 2 && step == message_len + 2 && step <= len - at);
		at += step;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct dns_message whole, part;
	enum decode_verdict v = dns_parse(bytes, len, &whole), w;

	CHECK(v == DECODE_OK || v == DECODE_TRUNCATED || v == DECODE_MALFORMED);
	if (v != DECODE_MALFORMED) {
		check_message(&whole);
		check_stats(&whole);
	}
	check_stream(bytes, len);
	w = dns_parse(bytes, len / 2, &part);
	if (v == DECODE_OK)
		CHECK(w != DECODE_MALFORMED);
	if (v == DECODE_OK && w == DECODE_TRUNCATED)
		CHECK(part.address_count <= whole.address_count);
	return 0;
}
