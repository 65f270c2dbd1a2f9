/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists by the line: plain ones, hosts files, and CSV (RFC 4180) whose columns
 * are found by the names that abuse.ch, Maltrail, MISP and others give them.
 */
#include "intel/list.h"

#include <stdio.h>

enum { COLUMNS_MOST = 48, LINE_MOST = 8192 };

struct field {
	char *at;
	size_t len;
};

enum role { ROLE_NONE, ROLE_INDICATOR, ROLE_PORT, ROLE_ABOUT, ROLE_TYPE };

struct column {
	enum role role;
	enum indicator_kind kind;
	int rank; /* of columns that tell what it is about the highest is taken */
};

struct lines {
	struct list_read *list;
	struct column columns[COLUMNS_MOST];
	size_t column_count; /* 0: there is no header */
	uint64_t number;
	bool data; /* some line was no comment */
	char scratch[LINE_MOST + 1];
};

static const struct {
	const char *name;
	struct column column;
} names[] = {
	{"dst_ip", {ROLE_INDICATOR, INDICATOR_NETWORK, 0}},
	{"dstip", {ROLE_INDICATOR, INDICATOR_NETWORK, 0}},
	{"ip", {ROLE_INDICATOR, INDICATOR_NETWORK, 0}},
	{"ip_address", {ROLE_INDICATOR, INDICATOR_NETWORK, 0}},
	{"ipaddress", {ROLE_INDICATOR, INDICATOR_NETWORK, 0}},
	{"address", {ROLE_INDICATOR, INDICATOR_NETWORK, 0}},
	{"cidr", {ROLE_INDICATOR, INDICATOR_NETWORK, 0}},
	{"network", {ROLE_INDICATOR, INDICATOR_NETWORK, 0}},
	{"domain", {ROLE_INDICATOR, INDICATOR_DOMAIN, 0}},
	{"hostname", {ROLE_INDICATOR, INDICATOR_DOMAIN, 0}},
	{"fqdn", {ROLE_INDICATOR, INDICATOR_DOMAIN, 0}},
	{"host", {ROLE_INDICATOR, INDICATOR_NONE, 0}},
	{"url", {ROLE_INDICATOR, INDICATOR_URL, 0}},
	{"ja3", {ROLE_INDICATOR, INDICATOR_JA3, 0}},
	{"ja3_md5", {ROLE_INDICATOR, INDICATOR_JA3, 0}},
	{"ja3_hash", {ROLE_INDICATOR, INDICATOR_JA3, 0}},
	{"ja4", {ROLE_INDICATOR, INDICATOR_JA4, 0}},
	{"ja4_fingerprint", {ROLE_INDICATOR, INDICATOR_JA4, 0}},
	{"sha1", {ROLE_INDICATOR, INDICATOR_CERTIFICATE, 0}},
	{"certificate_sha1", {ROLE_INDICATOR, INDICATOR_CERTIFICATE, 0}},
	{"certificate_sha256", {ROLE_INDICATOR, INDICATOR_CERTIFICATE, 0}},
	{"indicator", {ROLE_INDICATOR, INDICATOR_NONE, 0}},
	{"ioc", {ROLE_INDICATOR, INDICATOR_NONE, 0}},
	{"ioc_value", {ROLE_INDICATOR, INDICATOR_NONE, 0}},
	{"value", {ROLE_INDICATOR, INDICATOR_NONE, 0}},
	{"trail", {ROLE_INDICATOR, INDICATOR_NONE, 0}},
	{"dst_port", {ROLE_PORT, INDICATOR_NONE, 0}},
	{"dstport", {ROLE_PORT, INDICATOR_NONE, 0}},
	{"port", {ROLE_PORT, INDICATOR_NONE, 0}},
	{"ioc_type", {ROLE_TYPE, INDICATOR_NONE, 0}},
	{"type", {ROLE_TYPE, INDICATOR_NONE, 0}},
	{"listingreason", {ROLE_ABOUT, INDICATOR_NONE, 9}},
	{"malware_printable", {ROLE_ABOUT, INDICATOR_NONE, 8}},
	{"malware", {ROLE_ABOUT, INDICATOR_NONE, 7}},
	{"comment", {ROLE_ABOUT, INDICATOR_NONE, 6}},
	{"description", {ROLE_ABOUT, INDICATOR_NONE, 5}},
	{"title", {ROLE_ABOUT, INDICATOR_NONE, 5}},
	{"info", {ROLE_ABOUT, INDICATOR_NONE, 4}},
	{"threat", {ROLE_ABOUT, INDICATOR_NONE, 3}},
	{"tags", {ROLE_ABOUT, INDICATOR_NONE, 2}},
	{"reference", {ROLE_ABOUT, INDICATOR_NONE, 1}},
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void trim(struct field *f)
{
	while (f->len && is_blank(f->at[0])) {
		f->at++;
		f->len--;
	}
	while (f->len && is_blank(f->at[f->len - 1]))
		f->len--;
}

/* One field from `at` on, quotes undone in place; returns where the next begins, or NULL. */
static char *take_field(char *at, char *end, struct field *out)
{
	char *to;

	while (at < end && is_blank(*at))
		at++;
	*out = (struct field){at, 0};
	if (at == end || *at != '"') {
		while (at < end && *at != ',')
			at++;
		out->len = (size_t)(at - out->at);
	} else {
		out->at = to = ++at;
		while (at < end && (*at != '"' || (at + 1 < end && at[1] == '"'))) {
			at += *at == '"';
			*to++ = *at++;
		}
		out->len = (size_t)(to - out->at);
		while (at < end && *at != ',')
			at++;
	}
	trim(out);
	return at < end ? at + 1 : NULL;
}

static size_t split(char *at, size_t len, struct field out[COLUMNS_MOST])
{
	char *end = at + len;
	size_t count = 0;

	while (at && count < COLUMNS_MOST)
		at = take_field(at, end, &out[count++]);
	return count;
}

static struct column column_named(const struct field *f)
{
	char name[24];

	if (f->len >= sizeof(name))
		return (struct column){0};
	for (size_t i = 0; i < f->len; i++)
		name[i] = (char)(f->at[i] >= 'A' && f->at[i] <= 'Z' ? f->at[i] | 0x20 : f->at[i]);
	name[f->len] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(names[i].name, name))
			return names[i].column;
	return (struct column){0};
}

/* Does this line name columns, and one of them ours? */
static bool take_header(struct lines *l, const char *text, size_t len)
{
	struct field fields[COLUMNS_MOST];
	struct column columns[COLUMNS_MOST];
	bool found = false;
	size_t count;

	if (l->data || len > LINE_MOST)
		return false;
	memcpy(l->scratch, text, len);
	count = split(l->scratch, len, fields);
	for (size_t i = 0; i < count; i++) {
		columns[i] = column_named(&fields[i]);
		found |= columns[i].role == ROLE_INDICATOR;
	}
	if (!found)
		return false;
	memcpy(l->columns, columns, sizeof(columns));
	l->column_count = count;
	return true;
}

static uint16_t port_in(const struct field *f)
{
	unsigned int value = 0;

	for (size_t i = 0; i < f->len; i++) {
		if (f->at[i] < '0' || f->at[i] > '9' || value > UINT16_MAX)
			return 0;
		value = value * 10 + (unsigned int)(f->at[i] - '0');
	}
	return value > UINT16_MAX ? 0 : (uint16_t)value;
}

/* ThreatFox and others mix hashes of files in. */
static bool is_of_files(const struct field *type)
{
	static const char *const words[] = {"md5", "sha1", "sha256", "sha512", "file", "email"};
	char text[64];
	size_t len = type->len < sizeof(text) - 1 ? type->len : sizeof(text) - 1;

	for (size_t i = 0; i < len; i++)
		text[i] = (char)(type->at[i] | 0x20);
	text[len] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strstr(text, words[i]) && !strstr(text, "ja3") && !strstr(text, "x509") &&
		    !strstr(text, "cert"))
			return true;
	return false;
}

static void take_row(struct lines *l, const char *text, size_t len)
{
	struct field fields[COLUMNS_MOST];
	struct list_entry entry = {.at = l->number};
	int best = 0;
	size_t count;
	bool any = false;

	memcpy(l->scratch, text, len);
	count = split(l->scratch, len, fields);
	for (size_t i = 0; i < count && i < l->column_count; i++) {
		const struct column *c = &l->columns[i];

		if (c->role == ROLE_PORT)
			entry.port = port_in(&fields[i]);
		if (c->role == ROLE_TYPE && is_of_files(&fields[i])) {
			intel_missed(l->list->intel, INTEL_OTHER);
			return;
		}
		if (c->role == ROLE_ABOUT && c->rank > best && fields[i].len) {
			best = c->rank;
			entry.about = fields[i].at;
			entry.about_len = fields[i].len;
		}
	}
	for (size_t i = 0; i < count && i < l->column_count; i++) {
		if (l->columns[i].role != ROLE_INDICATOR || !fields[i].len)
			continue;
		entry.kind = l->columns[i].kind;
		entry.text = fields[i].at;
		entry.len = fields[i].len;
		list_take(l->list, &entry);
		any = true;
	}
	if (!any)
		list_unread(l->list, l->number, "it has no indicator in the header's columns");
}

static bool is_word(const struct field *f, const char *word)
{
	return f->len == strlen(word) && !memcmp(f->at, word, f->len);
}

/* "0.0.0.0 bad.example": a hosts file sends names nowhere. */
static bool is_nowhere(const struct field *f)
{
	return is_word(f, "0.0.0.0") || is_word(f, "127.0.0.1") || is_word(f, "::") ||
	       is_word(f, "::1");
}

/* Up to white space; but for URLs, which may hold them, also to a comma or semicolon. */
static struct field take_word(struct field *rest)
{
	struct field word = {rest->at, 0};
	bool url = false;

	while (word.len < rest->len && !is_blank(word.at[word.len])) {
		char c = word.at[word.len];

		url |= c == '/';
		if ((c == ',' || c == ';') && !url)
			break;
		word.len++;
	}
	rest->at += word.len;
	rest->len -= word.len;
	while (rest->len && strchr(" \t,;#", rest->at[0])) {
		rest->at++;
		rest->len--;
	}
	return word;
}

static void take_line(struct lines *l, const char *text, size_t len)
{
	struct field rest = {l->scratch, len}, word;

	memcpy(l->scratch, text, len);
	if (text[0] == '"') {
		char *next = take_field(l->scratch, l->scratch + len, &word);

		rest.at = next ? next : l->scratch + len;
		rest.len = (size_t)(l->scratch + len - rest.at);
	} else {
		word = take_word(&rest);
		if (is_nowhere(&word) && rest.len)
			word = take_word(&rest);
	}
	list_take(l->list, &(struct list_entry){.at = l->number,
						.text = word.at,
						.len = word.len,
						.about = rest.at,
						.about_len = rest.len});
}

static void read_line(struct lines *l, const char *text, size_t len)
{
	size_t skip = 0;

	if (len && text[len - 1] == '\r')
		len--;
	while (len && is_blank(text[0])) {
		text++;
		len--;
	}
	if (len == 0)
		return;
	if ((text[0] && strchr("#;!", text[0])) || (len >= 2 && !memcmp(text, "//", 2))) {
		while (skip < len && text[skip] && strchr("#;!/ \t", text[skip]))
			skip++;
		if (memchr(text, ',', len))
			(void)take_header(l, text + skip, len - skip);
		return;
	}
	if (len > LINE_MOST) {
		list_unread(l->list, l->number, "it is longer than 8 KiB");
		return;
	}
	if (!l->data && take_header(l, text, len)) {
		l->data = true;
		return;
	}
	l->data = true;
	if (l->column_count)
		take_row(l, text, len);
	else
		take_line(l, text, len);
}

/* Past the quote that ends the field begun before `at`; NULL: none, or none that ends a field. */
static const char *past_quotes(const char *at, const char *end)
{
	while (at < end && (*at != '"' || (at + 1 < end && at[1] == '"')))
		at += *at == '"' ? 2 : 1;
	if (at >= end)
		return NULL;
	at++;
	while (at < end && (is_blank(*at) || *at == '\r'))
		at++;
	return at == end || *at == ',' || *at == '\n' ? at : NULL;
}

/*
 * A record without its line break: to the end of the line, or of a later one when line
 * breaks stand inside quotes.  Quotes that nothing ends within LINE_MOST are taken for
 * a mistake of this line.
 */
static size_t record_len(const char *text, size_t len, size_t line)
{
	const char *end = text + (len < LINE_MOST ? len : LINE_MOST), *at = text;

	if (line >= LINE_MOST)
		return line;
	while (at < end) {
		while (at < end && is_blank(*at))
			at++;
		if (at < end && *at == '"') {
			at = past_quotes(at + 1, end);
			if (!at)
				return line;
		}
		while (at < end && *at != ',' && *at != '\n')
			at++;
		if (at < end && *at == '\n')
			return (size_t)(at - text);
		at += at < end;
	}
	return end == text + len ? len : line;
}

static uint64_t breaks_in(const char *text, size_t len)
{
	uint64_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += text[i] == '\n';
	return n;
}

void list_read_lines(struct list_read *list, const char *text, size_t len)
{
	struct lines *l = calloc(1, sizeof(*l));

	if (!l) {
		list_unread(list, 0, "memory is short");
		return;
	}
	l->list = list;
	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
		text += 3;
		len -= 3;
	}
	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t line = end ? (size_t)(end - text) : len;

		l->number++;
		if (l->column_count && line && text[0] != '#')
			line = record_len(text, len, line);
		read_line(l, text, line);
		l->number += breaks_in(text, line);
		text += line;
		len -= line;
		if (len) { /* the line break itself */
			text++;
			len--;
		}
	}
	free(l);
}
