/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A recursive descent over the pattern:
 *
 *	pattern     = observed { OR observed }
 *	observed    = "[" either "]" | "(" pattern ")"
 *	either      = all { OR all }
 *	all         = item { AND item }
 *	item        = "(" either ")" | [NOT] path operator values
 *
 * The comparisons of one `all` are gathered; it counts if one of them names an
 * indicator and the others only narrow it down.
 */
#include "intel/stix_pattern.h"

#include <stdio.h>

enum token { TOKEN_END, TOKEN_WORD, TOKEN_STRING, TOKEN_MARK, TOKEN_BAD };

struct piece {
	const char *at;
	size_t len;
};

/* One comparison: where its values stand in the pattern. */
struct term {
	enum indicator_kind kind; /* INDICATOR_NONE: it only narrows, or is unknown */
	bool port, narrows, other;
	struct piece values; /* from the first value's token on */
};

struct parser {
	const char *at, *end;
	const struct stix_sink *sink;
	enum token token;
	struct piece text; /* of the token; of a string without its quotes */
	int depth;
	const char *failed; /* why nothing that follows can be read */
};

static bool is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == ':' || c == '.' || c == '-' || c == '_' || c == '*';
}

/* A path may hold quoted keys and brackets: hashes.'SHA-256', refs[*].value */
static void read_word(struct parser *p)
{
	const char *start = p->at;

	while (p->at < p->end) {
		if (is_word_char(*p->at)) {
			p->at++;
		} else if (*p->at == '[' && p->at + 2 < p->end && p->at[2] == ']') {
			p->at += 3;
		} else if (*p->at == '\'' && p->at > start && p->at[-1] == '.') {
			const char *close = memchr(p->at + 1, '\'', (size_t)(p->end - p->at - 1));

			if (!close)
				break;
			p->at = close + 1;
		} else {
			break;
		}
	}
	p->token = p->at > start ? TOKEN_WORD : TOKEN_BAD;
	p->text = (struct piece){start, (size_t)(p->at - start)};
}

static void read_string(struct parser *p)
{
	const char *start = ++p->at;

	while (p->at < p->end && *p->at != '\'')
		p->at += *p->at == '\\' && p->at + 1 < p->end ? 2 : 1;
	p->text = (struct piece){start, (size_t)(p->at - start)};
	p->token = p->at < p->end ? TOKEN_STRING : TOKEN_BAD;
	p->at += p->at < p->end;
}

static void next(struct parser *p)
{
	while (p->at < p->end && strchr(" \t\r\n", *p->at))
		p->at++;
	if (p->at >= p->end) {
		p->token = TOKEN_END;
		p->text = (struct piece){p->end, 0};
	} else if (*p->at == '\'') {
		read_string(p);
	} else if (*p->at && strchr("[](),=<>!", *p->at)) {
		p->token = TOKEN_MARK;
		p->text = (struct piece){p->at++, 1};
		while (p->at < p->end && strchr("=<>!", p->text.at[0]) && *p->at == '=') {
			p->at++;
			p->text.len++;
		}
	} else {
		read_word(p);
	}
}

static bool is(const struct parser *p, const char *word)
{
	return p->token != TOKEN_STRING && p->text.len == strlen(word) &&
	       !memcmp(p->text.at, word, p->text.len);
}

static bool accept(struct parser *p, const char *word)
{
	if (!is(p, word))
		return false;
	next(p);
	return true;
}

static void fail(struct parser *p, const char *why)
{
	if (!p->failed)
		p->failed = why;
	p->at = p->end;
	next(p);
}

static bool piece_is(struct piece s, const char *word)
{
	return s.len == strlen(word) && !memcmp(s.at, word, s.len);
}

static bool piece_starts(struct piece s, const char *word)
{
	return s.len >= strlen(word) && !memcmp(s.at, word, strlen(word));
}

static bool piece_ends(struct piece s, const char *word)
{
	size_t n = strlen(word);

	return s.len >= n && !memcmp(s.at + s.len - n, word, n);
}

/* What a path speaks of. */
static struct term term_of(struct piece path)
{
	static const struct {
		const char *path;
		enum indicator_kind kind;
	} whole[] = {
		{"ipv4-addr:value", INDICATOR_NETWORK},
		{"ipv6-addr:value", INDICATOR_NETWORK},
		{"domain-name:value", INDICATOR_DOMAIN},
		{"url:value", INDICATOR_URL},
	};
	struct term t = {.kind = INDICATOR_NONE};
	bool traffic = piece_starts(path, "network-traffic:");
	bool certificate = piece_starts(path, "x509-certificate:hashes.");

	for (size_t i = 0; i < ARRAY_LEN(whole); i++)
		if (piece_is(path, whole[i].path))
			t.kind = whole[i].kind;
	if (certificate && !piece_ends(path, "MD5") && !piece_ends(path, "'MD5'"))
		t.kind = INDICATOR_CERTIFICATE;
	if (traffic && piece_ends(path, "dst_ref.value"))
		t.kind = INDICATOR_KINDS; /* an address or a name */
	if (traffic &&
	    (piece_ends(path, "request_header.Host") || piece_ends(path, "request_header.'Host'")))
		t.kind = INDICATOR_KINDS;
	if (traffic && (piece_ends(path, "ja3") || piece_ends(path, "ja3_hash")))
		t.kind = INDICATOR_JA3;
	if (traffic && piece_ends(path, "ja4"))
		t.kind = INDICATOR_JA4;
	t.port = traffic && piece_ends(path, ":dst_port");
	t.narrows = t.port || piece_ends(path, "_ref.type") ||
		    (traffic && piece_ends(path, "protocols[*]"));
	t.other = !t.kind && !t.narrows && !traffic;
	return t;
}

static void skip_values(struct parser *p)
{
	if (!accept(p, "(")) {
		if (p->token != TOKEN_STRING && p->token != TOKEN_WORD)
			fail(p, "a value is missing");
		else
			next(p);
		return;
	}
	while (p->token == TOKEN_STRING || p->token == TOKEN_WORD) {
		next(p);
		if (!accept(p, ","))
			break;
	}
	if (!accept(p, ")"))
		fail(p, "a list of values does not end");
}

static struct term read_comparison(struct parser *p)
{
	bool negated = accept(p, "NOT"), understood;
	struct term t;

	if (p->token != TOKEN_WORD) {
		fail(p, "a comparison is missing");
		return (struct term){0};
	}
	t = term_of(p->text);
	next(p);
	negated |= accept(p, "NOT");
	understood = is(p, "=") || is(p, "==") || is(p, "IN") || is(p, "ISSUBSET");
	next(p);
	t.values = (struct piece){p->text.at - (p->token == TOKEN_STRING), 0};
	skip_values(p);
	if (negated || !understood) {
		t.kind = INDICATOR_NONE;
		t.narrows = t.port = t.other = false;
	}
	return t;
}

static size_t unescape(struct piece in, char out[static INDICATOR_TEXT_MAX])
{
	size_t used = 0;

	for (size_t i = 0; i < in.len && used < INDICATOR_TEXT_MAX; i++) {
		if (in.at[i] == '\\' && i + 1 < in.len)
			i++;
		out[used++] = in.at[i];
	}
	return used;
}

static void emit(const struct parser *p, const struct term *t, uint16_t port)
{
	struct parser values = {.at = t->values.at, .end = p->end};
	enum indicator_kind kind = t->kind == INDICATOR_KINDS ? INDICATOR_NONE : t->kind;
	char text[INDICATOR_TEXT_MAX];
	bool list;

	next(&values);
	list = accept(&values, "(");
	while (values.token == TOKEN_STRING) {
		p->sink->take(p->sink->arg, kind, text, unescape(values.text, text), port);
		next(&values);
		if (!list || !accept(&values, ","))
			break;
	}
}

static uint16_t port_of(const struct parser *p, const struct term *t)
{
	const char *at = t->values.at;
	unsigned int value = 0;

	while (at < p->end && *at >= '0' && *at <= '9' && value <= UINT16_MAX)
		value = value * 10 + (unsigned int)(*at++ - '0');
	return value <= UINT16_MAX ? (uint16_t)value : 0;
}

static void read_either(struct parser *p);

static void read_bracket(struct parser *p)
{
	if (++p->depth > STIX_DEPTH_MOST) {
		fail(p, "it nests too deeply");
		return;
	}
	next(p);
	read_either(p);
	p->depth--;
	if (!accept(p, ")"))
		fail(p, "a bracket is missing");
}

/* Comparisons that all have to hold; a bracket stands alone (see binds_brackets()). */
static void read_all(struct parser *p)
{
	struct term main = {0}, term;
	bool understood = true, other = false;
	size_t named = 0;
	uint16_t port = 0;

	if (is(p, "(")) {
		read_bracket(p);
		return;
	}
	do {
		term = read_comparison(p);
		if (p->failed)
			return;
		if (term.kind) {
			main = term;
			named++;
		} else if (term.port) {
			port = port_of(p, &term);
		}
		understood &= term.kind || term.narrows;
		other |= term.other;
	} while (accept(p, "AND"));
	if (understood && named == 1)
		emit(p, &main, port);
	else
		p->sink->missed(p->sink->arg, other, "its pattern asks for what we do not see");
}

static void read_either(struct parser *p)
{
	do
		read_all(p);
	while (!p->failed && accept(p, "OR"));
}

static void read_pattern(struct parser *p)
{
	do {
		if (accept(p, "[")) {
			read_either(p);
			if (!accept(p, "]"))
				fail(p, "a bracket is missing");
		} else if (is(p, "(") && ++p->depth <= STIX_DEPTH_MOST) {
			next(p);
			read_pattern(p);
			p->depth--;
			if (!accept(p, ")"))
				fail(p, "a bracket is missing");
		} else {
			fail(p, "it is no pattern of STIX 2.1");
		}
	} while (!p->failed && accept(p, "OR"));
}

/*
 * What binds observations together (AND, FOLLOWEDBY, WITHIN, REPEATS) stands after
 * what was taken by then, so such patterns are told before.
 */
static bool binds_observations(const char *pattern, size_t len)
{
	struct parser p = {.at = pattern, .end = pattern + len};
	int inside = 0;

	for (next(&p); p.token != TOKEN_END && p.token != TOKEN_BAD; next(&p)) {
		inside += is(&p, "[") ? 1 : is(&p, "]") ? -1 : 0;
		if (inside == 0 && p.token == TOKEN_WORD && !is(&p, "OR"))
			return true;
	}
	return false;
}

/* A condition in brackets beside another: "(a OR b) AND c" would be taken for a or b. */
static bool binds_brackets(const char *pattern, size_t len)
{
	struct parser p = {.at = pattern, .end = pattern + len};
	bool in = false, values = false, closed = false, and = false;

	for (next(&p); p.token != TOKEN_END && p.token != TOKEN_BAD; next(&p)) {
		if ((closed && is(&p, "AND")) || (and&&is(&p, "(")))
			return true;
		values |= in && is(&p, "(");
		closed = !values && is(&p, ")");
		values &= !is(&p, ")");
		and = is(&p, "AND");
		in = is(&p, "IN");
	}
	return false;
}

void stix_pattern_read(const char *pattern, size_t len, const struct stix_sink *sink)
{
	struct parser p = {.at = pattern, .end = pattern + len, .sink = sink};

	if (binds_observations(pattern, len)) {
		sink->missed(sink->arg, false, "its pattern binds several observations together");
		return;
	}
	if (binds_brackets(pattern, len)) {
		sink->missed(sink->arg, false, "its pattern asks for several things at once");
		return;
	}
	next(&p);
	read_pattern(&p);
	if (!p.failed && p.token != TOKEN_END)
		p.failed = "it is no pattern of STIX 2.1";
	if (p.failed)
		sink->missed(sink->arg, false, p.failed);
}
