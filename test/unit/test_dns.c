/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include "proto/dns.h"

#include <stdlib.h>

#define QUERY		  "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
#define REPLY(answers)	  "\x12\x34\x81\x80\x00\x01\x00" answers "\x00\x00\x00\x00"
#define EXAMPLE_COM	  "\7example\3com\0"
#define TYPE_CLASS(type)  "\0" type "\0\1"
#define RECORD(type, len) "\0" type "\0\1\0\0\1\x2c\0" len

/* A copy that is exactly as long as the message: a sanitizer sees one byte too far. */
static enum decode_verdict parse(const char *text, size_t len, struct dns_message *out)
{
	uint8_t *bytes = malloc(len ? len : 1);
	enum decode_verdict v;

	assert_non_null(bytes);
	memcpy(bytes, text, len);
	memset(out, 0xee, sizeof(*out));
	v = dns_parse(bytes, len, out);
	free(bytes);
	assert_int_equal(strlen(out->question), out->question_len);
	return v;
}
#define PARSE(literal, out) parse(literal, sizeof(literal) - 1, out)

static void assert_address(const struct address *a, const char *expected)
{
	char out[ADDRESS_TEXT_SIZE];

	assert_string_equal(address_text(a, out), expected);
}

static void a_query_is_read(void **state)
{
	struct dns_message m;

	(void)state;
	assert_int_equal(PARSE(QUERY "\3WwW" EXAMPLE_COM TYPE_CLASS("\x1c"), &m), DECODE_OK);
	assert_false(m.response);
	assert_int_equal(m.id, 0x1234);
	assert_int_equal(m.question_type, 28);
	assert_string_equal(m.question, "www.example.com");
	assert_int_equal(m.address_count, 0);
}

static void answers_behind_aliases_belong_to_the_question(void **state)
{
	struct dns_message m;

	(void)state;
	assert_int_equal(
		PARSE(REPLY("\4") "\3www" EXAMPLE_COM TYPE_CLASS("\1")
		      /* www CNAME cdn.example.com, by a pointer to "example" at 16 */
		      "\xc0\x0c" RECORD(
			      "\5",
			      "\6") "\3cdn\xc0\x10"
				    "\xc0\x2d" RECORD(
					    "\1",
					    "\4") "\xc0\x00\x02\x01"
						  "\xc0\x2d" RECORD(
							  "\1",
							  "\4") "\xc0\x00\x02\x02"
								"\xc0\x2d" RECORD(
									"\x1c",
									"\x10") "\x20\x01\x0d\xb8\0"
										"\0\0\0\0\0\0\0\0\0"
										"\0\1",
		      &m),
		DECODE_OK);
	assert_true(m.response);
	assert_int_equal(m.rcode, 0);
	assert_string_equal(m.question, "www.example.com");
	assert_int_equal(m.question_type, 1);
	assert_int_equal(m.address_count, 3);
	assert_address(&m.addresses[0], "192.0.2.1");
	assert_address(&m.addresses[1], "192.0.2.2");
	assert_address(&m.addresses[2], "2001:db8::1");
}

static void a_refusal_has_its_code(void **state)
{
	struct dns_message m;

	(void)state;
	assert_int_equal(PARSE("\x12\x34\x81\x83\0\1\0\0\0\0\0\0" EXAMPLE_COM TYPE_CLASS("\1"), &m),
			 DECODE_OK);
	assert_int_equal(m.rcode, 3);
}

/* RFC 1035 5.1: a byte with another meaning, or none on paper, is written \DDD. */
static void odd_bytes_are_written_in_decimal(void **state)
{
	struct dns_message m;

	(void)state;
	assert_int_equal(PARSE(QUERY "\7a.b\\ \x00\xff\3com\0" TYPE_CLASS("\1"), &m), DECODE_OK);
	assert_string_equal(m.question, "a\\046b\\092\\032\\000\\255.com");
	assert_int_equal(PARSE(QUERY "\4_sip\0" TYPE_CLASS("\1"), &m), DECODE_OK);
	assert_string_equal(m.question, "_sip");
	assert_int_equal(PARSE(QUERY "\0" TYPE_CLASS("\2"), &m), DECODE_OK);
	assert_string_equal(m.question, "");
	assert_int_equal(m.question_type, 2);
}

static void the_longest_name_fits_however_odd(void **state)
{
	static const uint8_t lens[] = {63, 63, 63, 61};
	char text[300] = QUERY;
	size_t at = 12;
	struct dns_message m;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		text[at++] = (char)lens[i];
		memset(text + at, 0xff, lens[i]);
		at += lens[i];
	}
	text[at++] = 0;
	memcpy(text + at, TYPE_CLASS("\1"), 4);
	assert_int_equal(at - 12, 255);
	assert_int_equal(parse(text, at + 4, &m), DECODE_OK);
	assert_int_equal(m.question_len, DNS_NAME_MAX);

	/* one byte more than a name may have */
	text[12 + 192] = 62;
	text[at - 1] = 'x';
	text[at] = 0;
	memcpy(text + at + 1, TYPE_CLASS("\1"), 4);
	assert_int_equal(parse(text, at + 5, &m), DECODE_MALFORMED);
}

static void pointers_lead_backwards_or_nowhere(void **state)
{
	struct dns_message m;

	(void)state;
	/* a question's name may point into the header, though nobody does so: id 0x0161 is "\1a" */
	assert_int_equal(PARSE("\1a\1\0\0\1\0\0\0\0\0\0\1b\xc0\0" TYPE_CLASS("\1"), &m), DECODE_OK);
	assert_string_equal(m.question, "b.a.\\000");
	assert_int_equal(PARSE(QUERY "\xc0\x0c" TYPE_CLASS("\1"), &m), DECODE_MALFORMED);
	assert_int_equal(PARSE(QUERY "\1a\xc0\x0c" TYPE_CLASS("\1"), &m), DECODE_MALFORMED);
	assert_int_equal(PARSE(QUERY "\1a\xc0\x20" TYPE_CLASS("\1"), &m), DECODE_MALFORMED);
	assert_int_equal(PARSE(QUERY "\1a\xff\xff" TYPE_CLASS("\1"), &m), DECODE_MALFORMED);
	assert_int_equal(PARSE(QUERY "\x40"
				     "a\0" TYPE_CLASS("\1"),
			       &m),
			 DECODE_MALFORMED);
	assert_int_equal(PARSE(QUERY "\x80"
				     "a\0" TYPE_CLASS("\1"),
			       &m),
			 DECODE_MALFORMED);
}

static void only_internet_addresses_of_the_right_size_count(void **state)
{
	struct dns_message m;

	(void)state;
	assert_int_equal(
		PARSE(REPLY("\4") EXAMPLE_COM TYPE_CLASS("\1") "\xc0\x0c" RECORD(
			      "\1", "\3") "\xc0\x00\x02"
					  "\xc0\x0c" RECORD(
						  "\x1c", "\4") "\xc0\x00\x02\x01"
								"\xc0\x0c" RECORD(
									"\x10",
									"\4") "\3abc"
									      "\xc0\x0c"
									      "\0\1\0\3\0\0\0\0\0\4"
									      "\xc0\x00\x02\x01",
		      &m), /* CHAOS */
		DECODE_OK);
	assert_int_equal(m.address_count, 0);
}

static void more_addresses_than_there_is_room_for(void **state)
{
	char text[12 + 17 + 200 * 16] = REPLY("\xc8") EXAMPLE_COM TYPE_CLASS("\1");
	struct dns_message m;
	size_t at = 12 + 17;

	(void)state;
	for (int i = 0; i < 200; i++) {
		memcpy(text + at, "\xc0\x0c" RECORD("\1", "\4") "\xc0\x00\x02", 15);
		text[at + 15] = (char)i;
		at += 16;
	}
	assert_int_equal(parse(text, at, &m), DECODE_OK);
	assert_int_equal(m.address_count, DNS_MAX_ADDRESSES);
	assert_address(&m.addresses[31], "192.0.2.31");
}

/* Wherever the capture stops, what came before it is there. */
static void a_cut_message_gives_what_was_read(void **state)
{
	static const char text[] = REPLY("\2") EXAMPLE_COM TYPE_CLASS("\1") "\xc0\x0c" RECORD(
		"\1", "\4") "\xc0\x00\x02\x01"
			    "\xc0\x0c" RECORD("\1", "\4") "\xc0\x00\x02\x02";
	enum { QUESTION_AT = 12, ANSWER_AT = 29, ANSWER = 16 };

	(void)state;
	for (size_t len = 0; len < sizeof(text) - 1; len++) {
		struct dns_message m;

		assert_int_equal(parse(text, len, &m), DECODE_TRUNCATED);
		assert_string_equal(m.question, len < ANSWER_AT - 4 ? "" : "example.com");
		assert_int_equal(m.address_count, len < ANSWER_AT ? 0 : (len - ANSWER_AT) / ANSWER);
	}
}

static void the_header_is_read(void **state)
{
	struct dns_message m;

	(void)state;
	/* QR, opcode 4, AA, TC, no RD, RA, rcode 5 */
	assert_int_equal(PARSE("\0\1\xa6\x85\0\1\0\0\0\0\0\0" EXAMPLE_COM "\0\2\0\3", &m),
			 DECODE_OK);
	assert_true(m.response && m.authoritative && m.truncated && m.recursion_available);
	assert_false(m.recursion_desired);
	assert_int_equal(m.opcode, 4);
	assert_int_equal(m.rcode, 5);
	assert_int_equal(m.question_class, 3);
	assert_int_equal(m.bytes, 29);
	assert_true(m.complete);
	assert_int_equal(m.trailing, 0);
	assert_int_equal(PARSE(QUERY EXAMPLE_COM TYPE_CLASS("\1") "abc", &m), DECODE_OK);
	assert_true(m.recursion_desired && m.complete);
	assert_false(m.response || m.authoritative || m.truncated || m.recursion_available);
	assert_int_equal(m.trailing, 3);
}

/* dig's query with a cookie; RFC 6891 6.1.2 puts the size where the class is. */
static void edns_is_found_behind_the_other_sections(void **state)
{
	struct dns_message m;

	(void)state;
	assert_int_equal(PARSE("\x12\x34\1\x20\0\1\0\0\0\0\0\1" EXAMPLE_COM TYPE_CLASS(
				       "\1") "\0\0\x29"
					     "\x04\xd0\0\0\0\0\0\x0c\0\x0a\0\x08"
					     "12345678",
			       &m),
			 DECODE_OK);
	assert_true(m.edns && m.complete);
	assert_int_equal(m.edns_size, 1232);
	assert_int_equal(m.count[DNS_ADDITIONS], 1);
	assert_int_equal(m.other_bytes, 0);
	/* cut there, the question is all right and nothing is known of EDNS */
	assert_int_equal(PARSE("\x12\x34\1\x20\0\1\0\0\0\0\0\1" EXAMPLE_COM TYPE_CLASS("\1"), &m),
			 DECODE_OK);
	assert_false(m.edns || m.complete);
}

struct text {
	char bytes[512];
	size_t len;
};

static void put(struct text *t, const char *bytes, size_t len)
{
	memcpy(t->bytes + t->len, bytes, len);
	t->len += len;
}

/* An answer for the question's name, with a TTL below 256. */
static void put_record(struct text *t, char type, char ttl, const char *data, char len)
{
	const char head[] = {'\xc0', 12, 0, type, 0, 1, 0, 0, 0, ttl, 0, len};

	put(t, head, sizeof(head));
	put(t, data, (size_t)len);
}

static struct text reply(char answers, char type)
{
	const char counts[] = {0, 1, 0, answers, 0, 0, 0, 0};
	const char class[] = {0, type, 0, 1};
	struct text t = {.len = 0};

	put(&t, "\x12\x34\x81\x80", 4);
	put(&t, counts, sizeof(counts));
	put(&t, EXAMPLE_COM, sizeof(EXAMPLE_COM) - 1);
	put(&t, class, sizeof(class));
	return t;
}

static void answers_are_weighed_by_kind(void **state)
{
	struct text t = reply(6, '\xff');
	struct dns_message m;

	(void)state;
	put_record(&t, 16, 1, "\3abc", 4);
	put_record(&t, 1, 99, "\xc0\0\2\1", 4);
	put_record(&t, 28, 60, "0123456789abcdef", 16);
	put_record(&t, 15, 1, "\0\1\xc0\x0c", 4);
	put_record(&t, 10, 1, "abcde", 5);
	put_record(&t, 99, 1, "", 0);
	assert_int_equal(parse(t.bytes, t.len, &m), DECODE_OK);
	assert_int_equal(m.answer_types, DNS_ANSWER_TXT | DNS_ANSWER_A | DNS_ANSWER_AAAA |
						 DNS_ANSWER_MX | DNS_ANSWER_NULL |
						 DNS_ANSWER_OTHER);
	assert_int_equal(m.ttl, 60);
	assert_int_equal(m.other_bytes, 4 + 4 + 5);
	assert_int_equal(m.count[DNS_ANSWERS], 6);
	assert_int_equal(m.address_count, 2);
}

/* RFC 9460, 2.2: addresses hinted in an HTTPS record were given. */
static void hints_are_addresses(void **state)
{
	static const char data[] = "\0\1\0"	  /* priority 1, the name itself */
				   "\0\1\0\3\2h2" /* ALPN */
				   "\0\4\0\x08\xc0\0\2\1\xc0\0\2\2"
				   "\0\6\0\x10\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x35"
				   "\xff\xff"; /* a key cut short */
	struct text t = reply(1, 65);
	struct dns_message m;

	(void)state;
	put_record(&t, 65, 10, data, sizeof(data) - 1);
	assert_int_equal(parse(t.bytes, t.len, &m), DECODE_OK);
	assert_int_equal(m.address_count, 3);
	assert_address(&m.addresses[0], "192.0.2.1");
	assert_address(&m.addresses[1], "192.0.2.2");
	assert_address(&m.addresses[2], "2001:db8::35");
	assert_int_equal(m.ttl, 10);
	assert_int_equal(m.answer_types, DNS_ANSWER_SVCB);
}

static void assert_stats(const char *question, int labels, int longest, int bytes, int entropy)
{
	struct dns_message m = {.question_len = strlen(question)};
	struct dns_question_stats s;

	memcpy(m.question, question, m.question_len + 1);
	dns_question_stats(&m, &s);
	assert_int_equal(s.labels, labels);
	assert_int_equal(s.longest_label, longest);
	assert_int_equal(s.subdomain_bytes, bytes);
	assert_in_range(s.entropy_millibits, entropy - (entropy > 0), entropy + 1);
}

/* Entropies by hand: n different bytes have log2 n bits each. */
static void questions_are_measured(void **state)
{
	(void)state;
	assert_stats("", 0, 0, 0, 0);
	assert_stats("com", 1, 3, 0, 0);
	assert_stats("example.com", 2, 7, 0, 0);
	assert_stats("www.example.com", 3, 7, 3, 0);
	assert_stats("abcd.example.com", 3, 7, 4, 2000);
	assert_stats("abcd.efgh.example.com", 4, 7, 8, 3000);
	assert_stats("aab.b.example.com", 4, 7, 4, 1000);
	assert_stats("abcdefgh.example.co.uk", 4, 8, 8, 3000);
	assert_stats("example.co.uk", 3, 7, 0, 0);
	assert_stats("co.uk", 2, 2, 0, 0);
	assert_stats("abcd.b4.io", 3, 4, 4, 2000);
	assert_stats("abcd.uk.com", 3, 4, 4, 2000);
	assert_stats("abcd.co.com", 3, 4, 4, 2000); /* com is no country */
	assert_stats("\\000\\255\\046\\092.example.com", 3, 7, 4, 2000);
}

/* RFC 1035 4.2.2 */
static void messages_of_a_stream_are_taken_one_by_one(void **state)
{
	const uint8_t stream[] = "\0\3abc\0\0\0\2xy";
	const uint8_t *message = NULL;
	size_t len = 99;

	(void)state;
	for (size_t have = 0; have < 5; have++)
		assert_int_equal(dns_tcp_next(stream, have, &message, &len), 0);
	assert_int_equal(len, 99);
	assert_int_equal(dns_tcp_next(stream, 11, &message, &len), 5);
	assert_int_equal(len, 3);
	assert_ptr_equal(message, stream + 2);
	assert_int_equal(dns_tcp_next(stream + 5, 6, &message, &len), 2);
	assert_int_equal(len, 0);
	assert_int_equal(dns_tcp_next(stream + 7, 4, &message, &len), 4);
	assert_int_equal(len, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_query_is_read),
		cmocka_unit_test(answers_behind_aliases_belong_to_the_question),
		cmocka_unit_test(a_refusal_has_its_code),
		cmocka_unit_test(odd_bytes_are_written_in_decimal),
		cmocka_unit_test(the_longest_name_fits_however_odd),
		cmocka_unit_test(pointers_lead_backwards_or_nowhere),
		cmocka_unit_test(only_internet_addresses_of_the_right_size_count),
		cmocka_unit_test(more_addresses_than_there_is_room_for),
		cmocka_unit_test(a_cut_message_gives_what_was_read),
		cmocka_unit_test(the_header_is_read),
		cmocka_unit_test(edns_is_found_behind_the_other_sections),
		cmocka_unit_test(answers_are_weighed_by_kind),
		cmocka_unit_test(hints_are_addresses),
		cmocka_unit_test(questions_are_measured),
		cmocka_unit_test(messages_of_a_stream_are_taken_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
