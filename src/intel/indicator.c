/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/indicator.h"

#include <stdio.h>

enum { NETWORK_KEY = 19, NAME_MAX_LEN = 253, LABEL_MAX_LEN = 63, PORT_HTTP = 80, PORT_HTTPS = 443 };

/* Text while it is taken apart; not terminated. */
struct span {
	const char *at;
	size_t len;
};

static bool starts(struct span s, const char *with)
{
	size_t n = strlen(with);

	return s.len >= n && !memcmp(s.at, with, n);
}

static struct span without(struct span s, size_t first)
{
	return (struct span){s.at + first, s.len - first};
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/*
 * Analysts write indicators so that nobody clicks on them: "hxxp", "[.]",
 * "(.)", "{.}", "[dot]", "[:]", "[://]".
 */
static size_t refang(struct span in, char out[static INDICATOR_TEXT_MAX])
{
	static const struct {
		const char *from, *to;
	} rules[] = {
		{"[.]", "."},	{"(.)", "."}, {"{.}", "."},	{"[dot]", "."},
		{"(dot)", "."}, {"[:]", ":"}, {"[://]", "://"}, {"[/]", "/"},
	};
	size_t used = 0;

	while (in.len && used < INDICATOR_TEXT_MAX) {
		size_t taken = 0;

		for (size_t i = 0; i < ARRAY_LEN(rules) && !taken; i++) {
			size_t n = strlen(rules[i].to);

			if (!starts(in, rules[i].from) || used + n > INDICATOR_TEXT_MAX)
				continue;
			memcpy(out + used, rules[i].to, n);
			used += n;
			taken = strlen(rules[i].from);
		}
		if (!taken) {
			out[used++] = in.at[0];
			taken = 1;
		}
		in = without(in, taken);
	}
	return used;
}

static bool is_hex(struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = lower(s.at[i]);

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return false;
	}
	return true;
}

/* FoxIO's form: | transport, version, SNI, counts, ALPN: 10 | _ | hex 12 | _ | hex 12 | */
static bool is_ja4(struct span s)
{
	return s.len == 36 && strchr("tqd", s.at[0]) && s.at[10] == '_' && s.at[23] == '_' &&
	       is_hex((struct span){s.at + 11, 12}) && is_hex((struct span){s.at + 24, 12});
}

static void start_key(struct indicator_key *out, enum indicator_kind kind)
{
	out->kind = (uint8_t)kind;
	out->port = 0;
	out->bytes[0] = (uint8_t)kind;
	out->len = 1;
}

void indicator_text_key(enum indicator_kind kind, const char *text, size_t len,
			struct indicator_key *out)
{
	start_key(out, kind);
	if (len > INDICATOR_TEXT_MAX)
		len = INDICATOR_TEXT_MAX;
	for (size_t i = 0; i < len; i++)
		out->bytes[out->len++] = (uint8_t)lower(text[i]);
}

static void hash_key_of(struct span hex, struct indicator_key *out)
{
	start_key(out, INDICATOR_CERTIFICATE);
	for (size_t i = 0; i + 1 < hex.len; i += 2) {
		unsigned int byte = 0;

		for (size_t k = 0; k < 2; k++) {
			char c = lower(hex.at[i + k]);

			byte = byte << 4 | (unsigned int)(c <= '9' ? c - '0' : c - 'a' + 10);
		}
		out->bytes[out->len++] = (uint8_t)byte;
	}
}

void indicator_network_key(const struct address *address, unsigned int prefix,
			   struct indicator_key *out)
{
	unsigned int bits = address->version == 4 ? prefix + 96 : prefix;

	start_key(out, INDICATOR_NETWORK);
	out->bytes[1] = address->version;
	memcpy(out->bytes + 2, address->bytes, 16);
	for (unsigned int i = 0; i < 16; i++) {
		if (bits >= 8 * i + 8)
			continue;
		out->bytes[2 + i] &= (uint8_t)(bits <= 8 * i ? 0 : 0xff00 >> (bits - 8 * i));
	}
	out->bytes[18] = (uint8_t)prefix;
	out->len = NETWORK_KEY;
}

struct network indicator_network(const uint8_t *bytes)
{
	struct network n = {.prefix = bytes[18]};

	n.address.version = bytes[1];
	memcpy(n.address.bytes, bytes + 2, 16);
	return n;
}

/* Up to five digits and nothing else. */
static bool read_port(struct span s, uint16_t *out)
{
	unsigned int value = 0;

	if (s.len == 0 || s.len > 5)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] < '0' || s.at[i] > '9')
			return false;
		value = value * 10 + (unsigned int)(s.at[i] - '0');
	}
	if (value > UINT16_MAX)
		return false;
	*out = (uint16_t)value;
	return true;
}

/* "host", "host:port", "[v6]:port"; a v6 address without brackets has no port. */
static struct span split_port(struct span s, uint16_t *out_port)
{
	const char *close = s.len && s.at[0] == '[' ? memchr(s.at, ']', s.len) : NULL;
	const char *colon = memchr(s.at, ':', s.len);
	size_t at;

	*out_port = 0;
	if (close) {
		at = (size_t)(close - s.at);
		if (at + 1 < s.len &&
		    (s.at[at + 1] != ':' || !read_port(without(s, at + 2), out_port)))
			return s;
		return (struct span){s.at + 1, at - 1};
	}
	if (!colon)
		return s;
	at = (size_t)(colon - s.at);
	if (memchr(colon + 1, ':', s.len - at - 1) || !read_port(without(s, at + 1), out_port))
		return s;
	return (struct span){s.at, at};
}

static bool read_network(struct span s, struct network *out)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	char text[64];

	if (s.len >= sizeof(text) || s.len == 0)
		return false;
	memcpy(text, s.at, s.len);
	text[s.len] = '\0';
	if (network_parse(text, out))
		return false;
	if (out->address.version == 6 && out->prefix >= 96 &&
	    !memcmp(out->address.bytes, mapped, sizeof(mapped))) {
		out->address = address_v4(out->address.bytes + 12);
		out->prefix = (uint8_t)(out->prefix - 96);
	}
	return true;
}

static bool is_label_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* By the second-level words that most countries use. */
bool indicator_is_registry(const struct indicator_key *key)
{
	const struct span name = {(const char *)key->bytes + 1, key->len - 1};
	static const char *const words[] = {"co", "com", "net", "org", "gov", "edu", "ac", "or"};
	const char *dot = memchr(name.at, '.', name.len);
	size_t first = dot ? (size_t)(dot - name.at) : 0;

	if (key->kind != INDICATOR_DOMAIN || !dot || name.len != first + 3 ||
	    memchr(dot + 1, '.', 2))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (first == strlen(words[i]) && !memcmp(name.at, words[i], first))
			return true;
	return false;
}

/* RFC 1035 2.3.1 with the underscore that people use; at least two labels, the last no number. */
static const char *check_name(struct span s)
{
	size_t label = 0, labels = 1;
	bool digits = true;

	if (s.len == 0 || s.len > NAME_MAX_LEN)
		return "it is no indicator that we know";
	for (size_t i = 0; i < s.len; i++) {
		char c = s.at[i];

		if (c == '.') {
			if (label == 0)
				return "a label of the name is empty";
			label = 0;
			labels++;
			digits = true;
			continue;
		}
		if (!is_label_char(c) || ++label > LABEL_MAX_LEN)
			return "it is no indicator that we know";
		digits &= c >= '0' && c <= '9';
	}
	if (label == 0 || digits || labels < 2)
		return "it is no indicator that we know";
	return NULL;
}

/* "*.name", ".name", "||name^", "name." */
static struct span bare_name(struct span s)
{
	if (starts(s, "||"))
		s = without(s, 2);
	if (starts(s, "*."))
		s = without(s, 2);
	else if (starts(s, "."))
		s = without(s, 1);
	while (s.len && (s.at[s.len - 1] == '^' || s.at[s.len - 1] == '.'))
		s.len--;
	return s;
}

static const char *parse_host(struct span s, struct indicator_key *out)
{
	char name[NAME_MAX_LEN + 1];
	struct network network;
	const char *problem;
	struct span host;
	uint16_t port;

	if (read_network(s, &network)) {
		indicator_network_key(&network.address, network.prefix, out);
		return NULL;
	}
	host = split_port(s, &port);
	if (read_network(host, &network)) {
		indicator_network_key(&network.address, network.prefix, out);
		out->port = port;
		return NULL;
	}
	host = bare_name(host);
	if (host.len == 0 || host.len > NAME_MAX_LEN)
		return "it is no indicator that we know";
	for (size_t i = 0; i < host.len; i++)
		name[i] = lower(host.at[i]);
	problem = check_name((struct span){name, host.len});
	if (problem)
		return problem;
	indicator_text_key(INDICATOR_DOMAIN, name, host.len, out);
	out->port = port;
	return NULL;
}

/* Host and port in lower case, default port taken off, then path and query as they are. */
static const char *parse_url(struct span s, uint16_t default_port, struct indicator_key *out)
{
	size_t authority = 0, end = 0;
	struct indicator_key host;
	const char *problem, *at;
	struct span path;
	uint16_t port;

	while (authority < s.len && !strchr("/?#", s.at[authority]))
		authority++;
	at = memchr(s.at, '@', authority);
	if (at) {
		size_t user = (size_t)(at - s.at) + 1;

		s = without(s, user);
		authority -= user;
	}
	path = without(s, authority);
	while (end < path.len && path.at[end] != '#')
		end++;
	path.len = end;
	s.len = authority;
	problem = parse_host(s, &host);
	if (problem || path.len == 0 || (path.len == 1 && path.at[0] == '/')) {
		*out = host; /* the front page stands for all of it */
		return problem;
	}
	s = split_port(s, &port);
	indicator_text_key(INDICATOR_URL, s.at, s.len, out);
	if (port && port != default_port && out->len + 6 < sizeof(out->bytes))
		out->len += (size_t)snprintf((char *)out->bytes + out->len, 7, ":%u", port);
	if (path.at[0] != '/' && out->len < sizeof(out->bytes))
		out->bytes[out->len++] = '/';
	if (out->len + path.len > sizeof(out->bytes))
		return "the URL is too long";
	memcpy(out->bytes + out->len, path.at, path.len);
	out->len += path.len;
	return NULL;
}

void indicator_url_host(const struct indicator_key *url, struct indicator_key *out)
{
	const char *text = (const char *)url->bytes + 1;
	size_t len = 0;
	uint16_t port;
	struct span host;

	while (len < url->len - 1 && text[len] != '/')
		len++;
	host = split_port((struct span){text, len}, &port);
	indicator_text_key(INDICATOR_URL_HOST, host.at, host.len, out);
}

/* A host, or a URL without its scheme; "192.0.2.0/33" is neither. */
static const char *parse_rest(struct span s, struct indicator_key *out)
{
	const char *problem = parse_host(s, out), *slash = memchr(s.at, '/', s.len);
	bool digits = true;

	if (!problem || !slash)
		return problem;
	for (const char *p = slash + 1; p < s.at + s.len; p++)
		digits &= *p >= '0' && *p <= '9';
	return digits ? problem : parse_url(s, PORT_HTTP, out);
}

const char *indicator_parse(const char *text, size_t len, struct indicator_key *out)
{
	static const struct {
		const char *scheme;
		uint16_t port;
	} schemes[] = {
		{"http://", PORT_HTTP},	  {"https://", PORT_HTTPS}, {"hxxp://", PORT_HTTP},
		{"hxxps://", PORT_HTTPS}, {"ftp://", 21},
	};
	char plain[INDICATOR_TEXT_MAX + 1], head[9] = "";
	struct span s = {plain, 0};

	if (len == 0)
		return "it is empty";
	if (len > INDICATOR_TEXT_MAX)
		return "it is too long";
	s.len = refang((struct span){text, len}, plain);
	plain[s.len] = '\0';
	for (size_t i = 0; i < s.len && i + 1 < sizeof(head); i++)
		head[i] = lower(s.at[i]);
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
		size_t n = strlen(schemes[i].scheme);

		if (!strncmp(head, schemes[i].scheme, n))
			return parse_url(without(s, n), schemes[i].port, out);
	}
	if ((s.len == 40 || s.len == 64) && is_hex(s)) {
		hash_key_of(s, out);
		return NULL;
	}
	if (s.len == 32 && is_hex(s)) {
		indicator_text_key(INDICATOR_JA3, s.at, s.len, out);
		return NULL;
	}
	if (is_ja4(s)) {
		indicator_text_key(INDICATOR_JA4, s.at, s.len, out);
		return NULL;
	}
	return parse_rest(s, out);
}

const char *indicator_parse_as(enum indicator_kind kind, const char *text, size_t len,
			       struct indicator_key *out)
{
	const char *problem = indicator_parse(text, len, out);

	if (problem || out->kind == kind)
		return problem;
	/* the front page of a URL is its host; a URL column may hold only a host */
	if (kind == INDICATOR_URL &&
	    (out->kind == INDICATOR_DOMAIN || out->kind == INDICATOR_NETWORK))
		return NULL;
	return "it is not of the kind that its place says";
}
