/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json.h"

#include <math.h>

/* Length of the well-formed UTF-8 sequence at `p` (RFC 3629), 0 if there is none. */
static size_t utf8_length(const unsigned char *p)
{
	size_t len;
	uint32_t rune;
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};

	if (p[0] < 0x80)
		return 1;
	if (p[0] >= 0xc2 && p[0] < 0xe0)
		len = 2;
	else if (p[0] >= 0xe0 && p[0] < 0xf0)
		len = 3;
	else if (p[0] >= 0xf0 && p[0] < 0xf5)
		len = 4;
	else
		return 0;
	rune = p[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80) /* also stops at the end of the string */
			return 0;
		rune = rune << 6 | (p[i] & 0x3f);
	}
	if (rune < least[len] || rune > 0x10ffff || (rune >= 0xd800 && rune < 0xe000))
		return 0;
	return len;
}

/* The code point of a sequence of two or three bytes. */
static unsigned utf8_short(const unsigned char *p, size_t len)
{
	if (len == 2)
		return (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
	return (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
}

/*
 * Well-formed, but able to mislead a person who looks at the line: C1 controls
 * (U+0080 to U+009F) and the embeddings, overrides and isolates that reorder
 * text (U+202A to U+202E, U+2066 to U+2069).
 */
static bool unruly(const unsigned char *p)
{
	if (p[0] == 0xc2)
		return p[1] < 0xa0;
	if (p[0] != 0xe2)
		return false;
	return (p[1] == 0x80 && p[2] >= 0xaa && p[2] <= 0xae) ||
	       (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9);
}

static void put_string(FILE *out, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	putc('"', out);
	while (*p) {
		size_t len = utf8_length(p);

		if (len == 0) {
			fputs("\\ufffd", out);
			p++;
		} else if (*p == '"' || *p == '\\') {
			fprintf(out, "\\%c", *p++);
		} else if (*p < 0x20 || *p == 0x7f) {
			fprintf(out, "\\u%04x", *p++);
		} else if (unruly(p)) {
			fprintf(out, "\\u%04x", utf8_short(p, len));
			p += len;
		} else {
			fwrite(p, 1, len, out);
			p += len;
		}
	}
	putc('"', out);
}

static void put_key(struct json *j, const char *key)
{
	if (j->comma)
		putc(',', j->out);
	j->comma = true;
	if (key) {
		put_string(j->out, key);
		putc(':', j->out);
	}
}

void json_open(struct json *j, const char *key, char bracket)
{
	put_key(j, key);
	putc(bracket, j->out);
	j->comma = false;
}

void json_close(struct json *j, char bracket)
{
	putc(bracket, j->out);
	j->comma = true;
}

void json_string(struct json *j, const char *key, const char *value)
{
	put_key(j, key);
	put_string(j->out, value);
}

void json_count(struct json *j, const char *key, uint64_t value)
{
	put_key(j, key);
	fprintf(j->out, "%llu", (unsigned long long)value);
}

void json_number(struct json *j, const char *key, double value, int decimals)
{
	put_key(j, key);
	if (isfinite(value))
		fprintf(j->out, "%.*f", decimals, value);
	else
		fputs("null", j->out);
}

void json_bool(struct json *j, const char *key, bool value)
{
	put_key(j, key);
	fputs(value ? "true" : "false", j->out);
}
