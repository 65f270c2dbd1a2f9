/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries are filed under the part of their pattern behind the last "*.", and
 * those of one such part are a chain, latest first.
 */
#include "intel/catalogue.h"

#include "base/string_table.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum { LABELS_MOST = 16, NAME_MOST = 253, FIELD_MOST = 512, TEXT_BUDGET = 16 << 20 };
enum field { NAMES, SERVICE, PERIOD, TRUST, WHAT, WHY, SOURCE, FIELDS };

struct entry {
	struct service service;
	struct network network; /* version 0: by name */
	uint32_t next;		/* of its chain, plus 1; 0: the last */
	size_t len;		/* of the pattern */
};

struct catalogue {
	struct string_table *texts, *keys;
	struct entry *entries;
	size_t count, room;
	uint32_t *chains; /* by number of the key: its first entry, plus 1 */
	size_t chains_room;
	uint32_t networks; /* chain of those by address */
	char version[32];
};

struct field_text {
	const char *at;
	size_t len;
};

struct catalogue *catalogue_new(void)
{
	struct catalogue *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->texts = string_table_new(TEXT_BUDGET);
	c->keys = string_table_new(TEXT_BUDGET);
	if (!c->texts || !c->keys) {
		catalogue_free(c);
		return NULL;
	}
	return c;
}

void catalogue_free(struct catalogue *c)
{
	if (!c)
		return;
	string_table_free(c->texts);
	string_table_free(c->keys);
	free(c->entries);
	free(c->chains);
	free(c);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct field_text trim(const char *at, size_t len)
{
	while (len && is_space(*at)) {
		at++;
		len--;
	}
	while (len && is_space(at[len - 1]))
		len--;
	return (struct field_text){at, len};
}

static bool is(struct field_text f, const char *word)
{
	return f.len == strlen(word) && !memcmp(f.at, word, f.len);
}

static bool split(const char *line, size_t len, struct field_text out[FIELDS])
{
	for (size_t i = 0; i < len; i++) /* it is printed */
		if ((unsigned char)line[i] < ' ' && line[i] != '\t')
			return false;
	for (int i = 0; i < FIELDS; i++) {
		const char *bar = memchr(line, '|', len);
		size_t n = bar ? (size_t)(bar - line) : len;

		if ((i == FIELDS - 1) != !bar)
			return false;
		out[i] = trim(line, n);
		if (out[i].len == 0 || out[i].len > FIELD_MOST)
			return false;
		line += n + (bar != NULL);
		len -= n + (bar != NULL);
	}
	return true;
}

static bool read_number(const char **at, const char *end, unsigned long *out)
{
	const char *start = *at;

	for (*out = 0; *at < end && **at >= '0' && **at <= '9' && *out < 1u << 30; ++*at)
		*out = *out * 10 + (unsigned long)(**at - '0');
	return *at > start;
}

/* "-", "tcp", "tcp/443", "udp/123,4500" */
static bool read_service(struct field_text f, struct service *out)
{
	const char *at = f.at, *end = f.at + f.len;

	if (is(f, "-"))
		return true;
	if (f.len < 3 || (memcmp(at, "tcp", 3) && memcmp(at, "udp", 3)))
		return false;
	out->proto = *at == 't' ? IPPROTO_TCP : IPPROTO_UDP;
	at += 3;
	while (at < end) {
		unsigned long port;

		at++; /* "/" or "," */
		if ((at[-1] != '/' && at[-1] != ',') || !read_number(&at, end, &port) ||
		    port > UINT16_MAX || out->port_count == CATALOGUE_PORTS)
			return false;
		out->ports[out->port_count++] = (uint16_t)port;
	}
	return true;
}

static bool read_length(const char **at, const char *end, double *out)
{
	static const struct {
		char unit;
		double seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
	unsigned long value;

	if (!read_number(at, end, &value) || *at == end)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (**at != units[i].unit)
			continue;
		++*at;
		*out = (double)value * units[i].seconds;
		return true;
	}
	return false;
}

/* "-", "300s", "64s..36h" */
static bool read_period(struct field_text f, struct service *out)
{
	const char *at = f.at, *end = f.at + f.len;

	if (is(f, "-"))
		return true;
	if (!read_length(&at, end, &out->least_s))
		return false;
	out->most_s = out->least_s;
	if (at == end)
		return true;
	if (end - at < 3 || at[0] != '.' || at[1] != '.')
		return false;
	at += 2;
	return read_length(&at, end, &out->most_s) && at == end && out->most_s >= out->least_s;
}

static bool read_trust(struct field_text f, struct service *out)
{
	out->trust = is(f, "strong") ? CATALOGUE_STRONG
		     : is(f, "weak") ? CATALOGUE_WEAK
				     : CATALOGUE_OFF;
	return out->trust || is(f, "off");
}

static bool grow(struct catalogue *c, uint32_t key)
{
	if (c->count == c->room) {
		size_t room = c->room ? 2 * c->room : 256;
		struct entry *grown = realloc(c->entries, room * sizeof(*grown));

		if (!grown)
			return false;
		c->entries = grown;
		c->room = room;
	}
	if (key >= c->chains_room) {
		size_t room = 2 * (size_t)key + 256;
		uint32_t *grown = realloc(c->chains, room * sizeof(*grown));

		if (!grown)
			return false;
		memset(grown + c->chains_room, 0, (room - c->chains_room) * sizeof(*grown));
		c->chains = grown;
		c->chains_room = room;
	}
	return true;
}

static bool read_network(struct field_text f, struct network *out)
{
	char text[64];

	if (f.len >= sizeof(text))
		return false;
	memcpy(text, f.at, f.len);
	text[f.len] = '\0';
	return network_parse(text, out) == 0;
}

/* Whole labels of lower case, digits, hyphens; or "*". */
static bool is_pattern(struct field_text f)
{
	bool start = true, dot = false;

	for (size_t i = 0; i < f.len; i++) {
		char c = f.at[i];

		if (c == '.' && start)
			return false;
		dot |= c == '.';
		if (c == '*' && !(start && i + 1 < f.len && f.at[i + 1] == '.'))
			return false;
		if (!(c == '.' || c == '*' || c == '-' || c == '_' || (c >= 'a' && c <= 'z') ||
		      (c >= '0' && c <= '9')))
			return false;
		start = c == '.';
	}
	return dot && !start && f.len <= NAME_MOST;
}

/* The part behind the last "*." */
static struct field_text anchor_of(struct field_text pattern)
{
	for (size_t i = pattern.len; i > 1; i--)
		if (pattern.at[i - 2] == '*')
			return (struct field_text){pattern.at + i, pattern.len - i};
	return pattern;
}

static int add_pattern(struct catalogue *c, const struct service *service,
		       struct field_text pattern)
{
	struct entry e = {.service = *service, .len = pattern.len};
	struct field_text anchor = anchor_of(pattern);
	uint32_t key = 0, *chain = &c->networks;

	if (!read_network(pattern, &e.network)) {
		if (!is_pattern(pattern))
			return -EINVAL;
		key = string_table_add(c->keys, anchor.at, anchor.len);
		if (!key)
			return -ENOMEM;
	}
	if (!grow(c, key))
		return -ENOMEM;
	if (key)
		chain = &c->chains[key];
	e.service.names =
		string_table_get(c->texts, string_table_add(c->texts, pattern.at, pattern.len));
	e.next = *chain;
	c->entries[c->count] = e;
	*chain = (uint32_t)++c->count;
	return 0;
}

static const char *keep(struct catalogue *c, struct field_text f)
{
	return string_table_get(c->texts, string_table_add(c->texts, f.at, f.len));
}

static const char *add_line(struct catalogue *c, struct field_text line, int *out_rc)
{
	struct field_text field[FIELDS], names;
	struct service service = {0};

	*out_rc = -EINVAL;
	if (!split(line.at, line.len, field))
		return "an entry has seven fields of text between bars, none empty";
	if (!read_service(field[SERVICE], &service))
		return "the second field is a protocol and ports, as in \"tcp/80,443\", or \"-\"";
	if (!read_period(field[PERIOD], &service))
		return "the third field is a period, as in \"64s..36h\", or \"-\"";
	if (!read_trust(field[TRUST], &service))
		return "the fourth field is \"strong\", \"weak\" or \"off\"";
	service.what = keep(c, field[WHAT]);
	service.why = keep(c, field[WHY]);
	for (names = field[NAMES]; names.len;) {
		size_t n = 0;

		while (n < names.len && !is_space(names.at[n]))
			n++;
		*out_rc = add_pattern(c, &service, (struct field_text){names.at, n});
		if (*out_rc)
			return *out_rc == -ENOMEM ? "memory is short" : "a name is no name";
		names = trim(names.at + n, names.len - n);
	}
	*out_rc = 0;
	return NULL;
}

int catalogue_add(struct catalogue *c, const char *name, const char *text, size_t len,
		  struct complaint *why)
{
	static const char version[] = "version ";
	unsigned long number = 0;
	int rc = 0;

	while (len && !rc) {
		const char *end = memchr(text, '\n', len), *problem = NULL;
		size_t n = end ? (size_t)(end - text) : len;
		struct field_text line = trim(text, n);

		number++;
		if (line.len > sizeof(version) - 1 &&
		    !memcmp(line.at, version, sizeof(version) - 1))
			printable(c->version, sizeof(c->version), line.at + sizeof(version) - 1,
				  line.len - (sizeof(version) - 1));
		else if (line.len && line.at[0] != '#')
			problem = add_line(c, line, &rc);
		if (rc)
			complain(why, "%s: line %lu: %s", name, number, problem);
		text += n + (end != NULL);
		len -= n + (end != NULL);
	}
	return rc;
}

static bool fits(const struct service *s, uint8_t proto, uint16_t port)
{
	if (s->proto && s->proto != proto)
		return false;
	for (size_t i = 0; i < s->port_count; i++)
		if (s->ports[i] == port)
			return true;
	return s->port_count == 0;
}

/* Label by label from the right; what is left of the name is below the pattern. */
static bool matches(const char *pattern, size_t pattern_len, const char *name, size_t name_len)
{
	while (pattern_len) {
		if (name_len == 0)
			return false;
		if (pattern[pattern_len - 1] == '*') {
			if (name[name_len - 1] == '.')
				return false;
			while (name_len && name[name_len - 1] != '.')
				name_len--;
		} else if (pattern[pattern_len - 1] == name[name_len - 1]) {
			name_len--;
		} else {
			return false;
		}
		pattern_len--;
	}
	return name_len == 0 || name[name_len - 1] == '.';
}

const struct service *catalogue_name(const struct catalogue *c, const char *name, uint8_t proto,
				     uint16_t port)
{
	size_t len = strlen(name), best_len = 0;
	const struct entry *best = NULL;
	int labels = 0;

	for (const char *at = name; *at && labels++ < LABELS_MOST; at += *at == '.') {
		uint32_t key = string_table_find(c->keys, at, len - (size_t)(at - name));

		for (uint32_t i = key ? c->chains[key] : 0; i; i = c->entries[i - 1].next) {
			const struct entry *e = &c->entries[i - 1];

			if (e->len > best_len && fits(&e->service, proto, port) &&
			    matches(e->service.names, e->len, name, len)) {
				best = e;
				best_len = e->len;
			}
		}
		while (*at && *at != '.')
			at++;
	}
	return best && best->service.trust ? &best->service : NULL;
}

const struct service *catalogue_address(const struct catalogue *c, const struct address *address,
					uint8_t proto, uint16_t port)
{
	const struct entry *best = NULL;

	for (uint32_t i = c->networks; i; i = c->entries[i - 1].next) {
		const struct entry *e = &c->entries[i - 1];

		if (network_contains(&e->network, address) && fits(&e->service, proto, port) &&
		    (!best || e->network.prefix > best->network.prefix))
			best = e;
	}
	return best && best->service.trust ? &best->service : NULL;
}

const char *catalogue_version(const struct catalogue *c)
{
	return c->version;
}

size_t catalogue_count(const struct catalogue *c)
{
	return c->count;
}
