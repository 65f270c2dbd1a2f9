/* SPDX-License-Identifier: Apache-2.0 */
#include "input/zeek_json.h"

#include <string.h>

struct scan {
	const char *at, *end;
};

static struct scan scan_of(struct text text)
{
	const char *at = text.at ? text.at : "";

	return (struct scan){at, at + text.len};
}

static void skip_space(struct scan *s)
{
	while (s->at < s->end && (*s->at == ' ' || *s->at == '\t'))
		s->at++;
}

static bool take(struct scan *s, char c)
{
	skip_space(s);
	if (s->at == s->end || *s->at != c)
		return false;
	s->at++;
	return true;
}

/* The inside of a string, escapes left in. */
static bool take_string(struct scan *s, struct text *out)
{
	const char *start;

	if (!take(s, '"'))
		return false;
	start = s->at;
	for (;;) {
		const char *quote = memchr(s->at, '"', (size_t)(s->end - s->at));
		const char *back = quote;

		if (!quote)
			return false;
		while (back > start && back[-1] == '\\')
			back--;
		s->at = quote + 1;
		if ((quote - back) % 2 == 0) {
			*out = (struct text){start, (size_t)(quote - start)};
			return true;
		}
	}
}

/* An array or object with all that is in it. */
static bool take_nested(struct scan *s, struct text *out)
{
	const char *start = s->at;
	struct text ignored;
	size_t depth = 0;

	while (s->at < s->end) {
		switch (*s->at) {
		case '"':
			if (!take_string(s, &ignored))
				return false;
			continue;
		case '[':
		case '{':
			depth++;
			break;
		case ']':
		case '}':
			depth--;
			break;
		default:
			break;
		}
		s->at++;
		if (depth == 0) {
			*out = (struct text){start, (size_t)(s->at - start)};
			return true;
		}
	}
	return false;
}

/* A number or word, up to what may follow a value. */
static bool take_plain(struct scan *s, struct text *out)
{
	const char *start = s->at;

	while (s->at < s->end && *s->at != ',' && *s->at != '}' && *s->at != ' ' &&
	       *s->at != '\t' && *s->at != '"' && *s->at != ':')
		s->at++;
	*out = (struct text){start, (size_t)(s->at - start)};
	return out->len > 0;
}

static bool take_value(struct scan *s, struct text *out)
{
	skip_space(s);
	if (s->at == s->end)
		return false;
	if (*s->at == '"')
		return take_string(s, out);
	if (*s->at == '[' || *s->at == '{')
		return take_nested(s, out);
	return take_plain(s, out);
}

/* The next key and its value; `*first` is cleared. */
static bool take_pair(struct scan *s, bool *first, struct text *key, struct text *value)
{
	if (!*first && !take(s, ','))
		return false;
	*first = false;
	return take_string(s, key) && take(s, ':') && take_value(s, value);
}

/* Nothing but space after the object. */
static bool at_end(struct scan *s)
{
	skip_space(s);
	return s->at == s->end;
}

bool zeek_json_split(struct text line, struct zeek_row *out)
{
	struct scan s = scan_of(line);
	struct text key, value;
	bool first = true;

	memset(out->field, 0, sizeof(out->field));
	out->json = true;
	if (!take(&s, '{'))
		return false;
	while (!take(&s, '}')) {
		enum zeek_field field;

		if (!take_pair(&s, &first, &key, &value))
			return false;
		field = zeek_field_named(key.at, key.len);
		if (field != ZEEK_FIELDS && !text_is(value, "null"))
			out->field[field] = value;
	}
	return at_end(&s);
}

bool zeek_json_has(struct text line, const char *wanted)
{
	struct scan s = scan_of(line);
	struct text key, value;
	bool first = true;

	if (!take(&s, '{'))
		return false;
	while (!take(&s, '}') && take_pair(&s, &first, &key, &value)) {
		if (text_is(key, wanted))
			return true;
	}
	return false;
}

bool zeek_json_next_string(struct text *array, struct text *out)
{
	struct scan s = scan_of(*array);
	bool found;

	if (!take(&s, '[') && !take(&s, ','))
		return false;
	found = take_string(&s, out);
	*array = (struct text){s.at, (size_t)(s.end - s.at)};
	return found;
}

/*
 * Escapes.
 */

struct writer {
	char *out;
	size_t used, size;
	bool full;
};

static void put(struct writer *w, const char *bytes, size_t len)
{
	if (w->full || len > w->size - w->used) {
		w->full = true;
		return;
	}
	memcpy(w->out + w->used, bytes, len);
	w->used += len;
}

static void put_control(struct writer *w, unsigned c)
{
	static const char hex[] = "0123456789abcdef";
	const char text[4] = {'\\', 'x', hex[c >> 4 & 15], hex[c & 15]};

	put(w, text, sizeof(text));
}

/* A code unit as UTF-8; halves of surrogate pairs too, each on its own. */
static void put_code(struct writer *w, unsigned code)
{
	char utf8[3];

	if (code < 0x20 || (code >= 0x7f && code < 0xa0)) {
		put_control(w, code);
	} else if (code < 0x80) {
		utf8[0] = (char)code;
		put(w, utf8, 1);
	} else if (code < 0x800) {
		utf8[0] = (char)(0xc0 | code >> 6);
		utf8[1] = (char)(0x80 | (code & 0x3f));
		put(w, utf8, 2);
	} else {
		utf8[0] = (char)(0xe0 | code >> 12);
		utf8[1] = (char)(0x80 | (code >> 6 & 0x3f));
		utf8[2] = (char)(0x80 | (code & 0x3f));
		put(w, utf8, 3);
	}
}

static bool take_hex(struct scan *s, unsigned *out)
{
	unsigned value = 0;

	if (s->end - s->at < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		char c = s->at[i], lower = (char)(c | 0x20);

		if (c >= '0' && c <= '9')
			value = value << 4 | (unsigned)(c - '0');
		else if (lower >= 'a' && lower <= 'f')
			value = value << 4 | (unsigned)(lower - 'a' + 10);
		else
			return false;
	}
	s->at += 4;
	*out = value;
	return true;
}

/* `s` stands after the backslash. */
static void put_escape(struct writer *w, struct scan *s)
{
	static const char letters[] = "bfnrt", meant[] = "\b\f\n\r\t";
	unsigned code;
	char c;
	const char *letter;

	if (s->at == s->end)
		return;
	c = *s->at++;
	letter = c ? strchr(letters, c) : NULL;
	if (c == 'u' && take_hex(s, &code))
		put_code(w, code);
	else if (letter)
		put_control(w, (unsigned char)meant[letter - letters]);
	else
		put(w, &c, 1);
}

size_t zeek_json_unescape(struct text text, char *out, size_t size)
{
	struct scan s = scan_of(text);
	struct writer w = {.out = out, .size = size};

	while (s.at < s.end && !w.full) {
		char c = *s.at++;

		if (c == '\\')
			put_escape(&w, &s);
		else if ((unsigned char)c < 0x20 || c == 0x7f)
			put_control(&w, (unsigned char)c);
		else
			put(&w, &c, 1);
	}
	return w.used;
}
