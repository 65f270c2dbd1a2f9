/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/dns.h"

#include "base/cursor.h"

enum {
	LABEL_MAX = 63,
	WIRE_NAME_MAX = 255,
	POINTERS_MAX = 16, /* one is usual; each must go further back than the last */
	TYPE_A = 1,
	TYPE_AAAA = 28,
	CLASS_IN = 1,
	CLASS_MASK = 0x7fff, /* mDNS keeps the top bit for itself (RFC 6762, 10.2) */
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

static size_t write_byte(char *out, uint8_t byte)
{
	if (byte >= 'A' && byte <= 'Z')
		byte = (uint8_t)(byte - 'A' + 'a');
	if (byte > 0x20 && byte < 0x7f && byte != '.' && byte != '\\') {
		out[0] = (char)byte;
		return 1;
	}
	out[0] = '\\';
	out[1] = (char)('0' + byte / 100);
	out[2] = (char)('0' + byte / 10 % 10);
	out[3] = (char)('0' + byte % 10);
	return 4;
}

static size_t write_label(char *out, const uint8_t *label, size_t len)
{
	size_t used = 0;

	for (size_t i = 0; i < len; i++)
		used += write_byte(out + used, label[i]);
	return used;
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
		uint16_t type;

		if (i == 0)
			v = read_question_name(c, message, out);
		else if (!skip_name(c))
			v = DECODE_MALFORMED;
		if (v != DECODE_OK)
			return v;
		type = cursor_u16(c);
		cursor_skip(c, 2);
		if (!cursor_ok(c))
			return DECODE_TRUNCATED;
		if (i == 0)
			out->question_type = type;
	}
	return DECODE_OK;
}

static void keep_address(struct dns_message *out, uint16_t type, const uint8_t *data, uint16_t len)
{
	struct address *a = &out->addresses[out->address_count];

	if (out->address_count == DNS_MAX_ADDRESSES)
		return;
	if (type == TYPE_A && len == 4)
		*a = address_v4(data);
	else if (type == TYPE_AAAA && len == 16)
		*a = address_v6(data);
	else
		return;
	out->address_count++;
}

/* | name | type 2 | class 2 | TTL 4 | length 2 | data | */
static enum decode_verdict read_answers(struct cursor *c, uint16_t count, struct dns_message *out)
{
	for (uint16_t i = 0; i < count; i++) {
		uint16_t type, class, len;
		const uint8_t *data;

		if (!skip_name(c))
			return DECODE_MALFORMED;
		type = cursor_u16(c);
		class = cursor_u16(c);
		cursor_skip(c, 4);
		len = cursor_u16(c);
		data = cursor_take(c, len);
		if (!cursor_ok(c))
			return DECODE_TRUNCATED;
		if ((class & CLASS_MASK) == CLASS_IN)
			keep_address(out, type, data, len);
	}
	return DECODE_OK;
}

/*
 * RFC 1035, 4.1.1:
 *
 *	| id | QR, opcode, AA, TC, RD, RA, Z, rcode | questions | answers | authorities | additional
 *| |  2 |        1, 4, 1, 1, 1, 1, 3, 4 bits   |     2     |    2    |      2      |      2     |
 */
enum decode_verdict dns_parse(const uint8_t *bytes, size_t len, struct dns_message *out)
{
	struct cursor c = cursor_over(bytes, len);
	uint16_t flags, questions, answers;
	enum decode_verdict v;

	out->question[0] = '\0';
	out->question_len = 0;
	out->question_type = 0;
	out->address_count = 0;
	out->id = cursor_u16(&c);
	flags = cursor_u16(&c);
	questions = cursor_u16(&c);
	answers = cursor_u16(&c);
	cursor_skip(&c, 4);
	out->response = flags >> 15;
	out->rcode = flags & 15;
	if (!cursor_ok(&c))
		return DECODE_TRUNCATED;
	v = read_questions(&c, bytes, questions, out);
	if (out->question_len == 0)
		out->question[0] = '\0'; /* half a name is none */
	if (v != DECODE_OK || !out->response)
		return v;
	return read_answers(&c, answers, out);
}
