/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/dns.h"

#include "base/cursor.h"
#include "proto/entropy.h"

#include <string.h>

enum {
	LABEL_MAX = 63,
	WIRE_NAME_MAX = 255,
	POINTERS_MAX = 16, /* one is usual; each must go further back than the last */
	CLASS_IN = 1,
	CLASS_MASK = 0x7fff, /* mDNS keeps the top bit for itself (RFC 6762, 10.2) */
};

enum type {
	TYPE_A = 1,
	TYPE_CNAME = 5,
	TYPE_NULL = 10,
	TYPE_PTR = 12,
	TYPE_MX = 15,
	TYPE_TXT = 16,
	TYPE_AAAA = 28,
	TYPE_SRV = 33,
	TYPE_OPT = 41,
	TYPE_SVCB = 64,
	TYPE_HTTPS = 65,
};

/*
 * RFC 1035, 4.1.4.  A name is a row of labels, each a length and as many
 * bytes, ended by an empty label or by two bytes that point to where the name
 * goes on, earlier in the message:
 *
 *	| 00 length |  label  |	...	| 00000000 |
 *	|  1 byte   | 0 .. 63 |
 *
 *	| 11 offset |
 *	|  2 bytes  |
 */
enum { LABEL = 0x00, POINTER = 0xc0, KIND = 0xc0 };

/* Steps over a name without reading it: a pointer is its end. */
static bool skip_name(struct cursor *c)
{
	for (;;) {
		uint8_t len = cursor_u8(c);

		if ((len & KIND) == POINTER) {
			cursor_skip(c, 1);
			return true;
		}
		if ((len & KIND) != LABEL)
			return false;
		if (len == 0) /* also when the cursor has failed */
			return true;
		cursor_skip(c, len);
	}
}

static uint8_t lower(uint8_t byte)
{
	return (uint8_t)(byte - 'A') < 26 ? byte | 0x20 : byte;
}

static bool is_plain(uint8_t byte)
{
	return (uint8_t)(byte - 0x21) < 0x7f - 0x21 && byte != '.' && byte != '\\';
}

static size_t write_odd_label(char *out, const uint8_t *label, size_t len)
{
	char *start = out;

	for (size_t i = 0; i < len; i++) {
		uint8_t byte = lower(label[i]);

		if (is_plain(byte)) {
			*out++ = (char)byte;
			continue;
		}
		*out++ = '\\';
		*out++ = (char)('0' + byte / 100);
		*out++ = (char)('0' + byte / 10 % 10);
		*out++ = (char)('0' + byte % 10);
	}
	return (size_t)(out - start);
}

/* Nearly all labels are plain: they are written without asking byte by byte. */
static size_t write_label(char *out, const uint8_t *label, size_t len)
{
	bool plain = true;

	for (size_t i = 0; i < len; i++) {
		uint8_t byte = lower(label[i]);

		out[i] = (char)byte;
		plain &= is_plain(byte);
	}
	return plain ? len : write_odd_label(out, label, len);
}

/*
 * Reads the name at `c`, which is left after it, into out->question.  Pointers
 * may only lead backwards, so a name cannot loop; that it fits is certain
 * because no more than WIRE_NAME_MAX bytes of labels are read.
 */
static enum decode_verdict read_question_name(struct cursor *c, const uint8_t *message,
					      struct dns_message *out)
{
	struct cursor name = *c;
	size_t lowest = (size_t)(c->pos - message);
	size_t wire = 1, used = 0;
	int pointers = 0;

	for (;;) {
		uint8_t len = cursor_u8(&name);
		const uint8_t *label;

		if ((len & KIND) == POINTER) {
			size_t to = (len & 0x3fu) << 8 | cursor_u8(&name);

			if (!cursor_ok(&name))
				return DECODE_TRUNCATED;
			if (to >= lowest || pointers++ == POINTERS_MAX)
				return DECODE_MALFORMED;
			lowest = to;
			name = cursor_over(message + to, (size_t)(c->end - message) - to);
			continue;
		}
		if ((len & KIND) != LABEL)
			return DECODE_MALFORMED;
		label = cursor_take(&name, len);
		if (!cursor_ok(&name))
			return DECODE_TRUNCATED;
		if (len == 0)
			break;
		wire += 1u + len;
		if (wire > WIRE_NAME_MAX)
			return DECODE_MALFORMED;
		if (used > 0)
			out->question[used++] = '.';
		used += write_label(out->question + used, label, len);
	}
	out->question[used] = '\0';
	out->question_len = used;
	return skip_name(c) ? DECODE_OK : DECODE_MALFORMED;
}

/* | name | type | class |, the first one kept. */
static enum decode_verdict read_questions(struct cursor *c, const uint8_t *message, uint16_t count,
					  struct dns_message *out)
{
	for (uint16_t i = 0; i < count; i++) {
		enum decode_verdict v = DECODE_OK;
		uint16_t type, class;

		if (i == 0)
			v = read_question_name(c, message, out);
		else if (!skip_name(c))
			v = DECODE_MALFORMED;
		if (v != DECODE_OK)
			return v;
		type = cursor_u16(c);
		class = cursor_u16(c);
		if (!cursor_ok(c))
			return DECODE_TRUNCATED;
		if (i == 0) {
			out->question_type = type;
			out->question_class = class;
		}
		out->count[DNS_QUESTIONS]++;
	}
	return DECODE_OK;
}

/* | name | type 2 | class 2 | TTL 4 | length 2 | data | */
struct record {
	uint16_t type, class, len;
	uint32_t ttl;
	const uint8_t *data;
};

static enum decode_verdict read_record(struct cursor *c, struct record *r)
{
	if (!skip_name(c))
		return DECODE_MALFORMED;
	r->type = cursor_u16(c);
	r->class = cursor_u16(c);
	r->ttl = cursor_u32(c);
	r->len = cursor_u16(c);
	r->data = cursor_take(c, r->len);
	return cursor_ok(c) ? DECODE_OK : DECODE_TRUNCATED;
}

static void keep_address(struct dns_message *out, const struct address *address, uint32_t ttl)
{
	if (out->address_count == 0 || ttl < out->ttl)
		out->ttl = ttl;
	if (out->address_count < DNS_MAX_ADDRESSES)
		out->addresses[out->address_count++] = *address;
}

static void keep_addresses4(struct dns_message *out, struct cursor list, uint32_t ttl)
{
	const uint8_t *quad;

	while ((quad = cursor_take(&list, 4))) {
		struct address a = address_v4(quad);

		keep_address(out, &a, ttl);
	}
}

static void keep_addresses6(struct dns_message *out, struct cursor list, uint32_t ttl)
{
	const uint8_t *bytes;

	while ((bytes = cursor_take(&list, 16))) {
		struct address a = address_v6(bytes);

		keep_address(out, &a, ttl);
	}
}

/*
 * RFC 9460, 2.2:
 *
 *	| priority | target name | key | length | value | key | length | ...
 *	|    2     |   no pointer|  2  |   2    |
 */
static void read_hints(const struct record *r, struct dns_message *out)
{
	enum { KEY_IPV4HINT = 4, KEY_IPV6HINT = 6 };
	struct cursor c = cursor_over(r->data, r->len);

	cursor_skip(&c, 2);
	if (!skip_name(&c))
		return;
	while (cursor_left(&c) > 0) {
		uint16_t key = cursor_u16(&c);
		struct cursor value = cursor_part(&c, cursor_u16(&c));

		if (key == KEY_IPV4HINT)
			keep_addresses4(out, value, r->ttl);
		else if (key == KEY_IPV6HINT)
			keep_addresses6(out, value, r->ttl);
	}
}

static uint16_t answer_kind(uint16_t type)
{
	switch (type) {
	case TYPE_A:
		return DNS_ANSWER_A;
	case TYPE_AAAA:
		return DNS_ANSWER_AAAA;
	case TYPE_CNAME:
		return DNS_ANSWER_CNAME;
	case TYPE_MX:
		return DNS_ANSWER_MX;
	case TYPE_TXT:
		return DNS_ANSWER_TXT;
	case TYPE_NULL:
		return DNS_ANSWER_NULL;
	case TYPE_SRV:
		return DNS_ANSWER_SRV;
	case TYPE_PTR:
		return DNS_ANSWER_PTR;
	case TYPE_SVCB:
	case TYPE_HTTPS:
		return DNS_ANSWER_SVCB;
	default:
		return DNS_ANSWER_OTHER;
	}
}

static void read_answer(const struct record *r, struct dns_message *out)
{
	uint16_t kind = answer_kind(r->type);
	bool internet = (r->class & CLASS_MASK) == CLASS_IN;

	out->answer_types |= kind;
	if (internet && kind == DNS_ANSWER_A && r->len == 4) {
		keep_addresses4(out, cursor_over(r->data, 4), r->ttl);
	} else if (internet && kind == DNS_ANSWER_AAAA && r->len == 16) {
		keep_addresses6(out, cursor_over(r->data, 16), r->ttl);
	} else {
		out->other_bytes += r->len;
		if (internet && kind == DNS_ANSWER_SVCB)
			read_hints(r, out);
	}
}

static enum decode_verdict read_records(struct cursor *c, enum dns_section section, uint16_t count,
					struct dns_message *out)
{
	for (uint16_t i = 0; i < count; i++) {
		struct record r;
		enum decode_verdict v = read_record(c, &r);

		if (v != DECODE_OK)
			return v;
		out->count[section]++;
		if (section == DNS_ANSWERS && out->response) {
			read_answer(&r, out);
		} else if (section == DNS_ADDITIONS && r.type == TYPE_OPT) {
			out->edns = true;
			out->edns_size = r.class; /* RFC 6891, 6.1.2 */
		}
	}
	return DECODE_OK;
}

/*
 * RFC 1035, 4.1.1:
 *
 *	| id | QR opcode AA TC RD RA Z rcode | questions | answers | authorities | additions |
 *	|  2 |  1    4    1  1  1  1 3   4   |     2     |    2    |      2      |     2     |
 */
static bool read_header(struct cursor *c, struct dns_message *out, uint16_t count[DNS_SECTIONS])
{
	uint16_t flags;

	out->id = cursor_u16(c);
	flags = cursor_u16(c);
	for (int i = 0; i < DNS_SECTIONS; i++)
		count[i] = cursor_u16(c);
	out->response = flags >> 15;
	out->opcode = flags >> 11 & 15;
	out->authoritative = flags >> 10 & 1;
	out->truncated = flags >> 9 & 1;
	out->recursion_desired = flags >> 8 & 1;
	out->recursion_available = flags >> 7 & 1;
	out->rcode = flags & 15;
	return cursor_ok(c);
}

enum decode_verdict dns_parse(const uint8_t *bytes, size_t len, struct dns_message *out)
{
	struct cursor c = cursor_over(bytes, len);
	uint16_t count[DNS_SECTIONS];
	enum decode_verdict v, answers;

	memset(out, 0, offsetof(struct dns_message, question));
	out->question[0] = '\0';
	out->question_len = 0;
	out->address_count = 0;
	out->bytes = (uint32_t)len;
	if (!read_header(&c, out, count))
		return DECODE_TRUNCATED;
	v = read_questions(&c, bytes, count[DNS_QUESTIONS], out);
	if (out->question_len == 0)
		out->question[0] = '\0'; /* half a name is none */
	if (v != DECODE_OK)
		return v;
	answers = read_records(&c, DNS_ANSWERS, count[DNS_ANSWERS], out);
	v = answers;
	if (v == DECODE_OK)
		v = read_records(&c, DNS_AUTHORITIES, count[DNS_AUTHORITIES], out);
	if (v == DECODE_OK)
		v = read_records(&c, DNS_ADDITIONS, count[DNS_ADDITIONS], out);
	out->complete = v == DECODE_OK;
	out->trailing = out->complete ? (uint32_t)cursor_left(&c) : 0;
	return out->response ? answers : DECODE_OK;
}

size_t dns_tcp_next(const uint8_t *bytes, size_t len, const uint8_t **message, size_t *message_len)
{
	struct cursor c = cursor_over(bytes, len);
	uint16_t size = cursor_u16(&c);
	const uint8_t *at = cursor_take(&c, size);

	if (!cursor_ok(&c))
		return 0;
	*message = at;
	*message_len = size;
	return 2u + size;
}

/* A label of the written question: from the end of it back to its start or the dot before. */
static size_t label_start(const char *name, size_t end)
{
	while (end > 0 && name[end - 1] != '.')
		end--;
	return end;
}

/* Words below which countries register names; nobody owns "co.uk". */
static bool is_registry_word(const char *label, size_t len)
{
	static const char *const words[] = {"ac",  "co", "com", "edu", "gob", "gov",
					    "mil", "ne", "net", "nom", "or",  "org"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strlen(words[i]) == len && !memcmp(words[i], label, len))
			return true;
	return false;
}

/* Where what looks like the registered domain begins. */
static size_t registered_start(const char *name, size_t len)
{
	size_t top = label_start(name, len), second, third;

	if (top == 0)
		return 0;
	second = label_start(name, top - 1);
	if (second == 0 || len - top != 2 || !is_registry_word(name + second, top - 1 - second))
		return second;
	third = label_start(name, second - 1);
	return third;
}

/* The byte that is written at `at`, and how many characters that takes. */
static size_t unwrite_byte(const char *at, uint8_t *byte)
{
	if (*at != '\\') {
		*byte = (uint8_t)*at;
		return 1;
	}
	*byte = (uint8_t)((at[1] - '0') * 100 + (at[2] - '0') * 10 + (at[3] - '0'));
	return 4;
}

void dns_question_stats(const struct dns_message *message, struct dns_question_stats *out)
{
	const char *name = message->question;
	size_t registered = registered_start(name, message->question_len);
	size_t label = 0, used = 0;
	uint8_t data[WIRE_NAME_MAX];

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < message->question_len;) {
		uint8_t byte;
		bool dot = name[i] == '.';
		size_t step = unwrite_byte(name + i, &byte);

		label = dot ? 0 : label + 1;
		if (label == 1)
			out->labels++;
		if (label > out->longest_label)
			out->longest_label = (uint8_t)label;
		if (!dot && i < registered)
			data[used++] = byte;
		i += step;
	}
	out->subdomain_bytes = (uint8_t)used;
	out->entropy_millibits = (uint16_t)entropy_millibits(data, used);
}
