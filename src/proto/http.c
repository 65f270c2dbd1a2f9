/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 9112: lines that end in CR LF, or in LF alone since real servers bear
 * with that; the first is the request line, an empty one ends the headers.
 *
 *	GET http://example.com:8080/path HTTP/1.1
 *	Host: example.com:8080
 */
#include "proto/http.h"

#include "proto/name.h"

#include <string.h>

struct span {
	const uint8_t *at;
	size_t len;
};

static struct span span_from(struct span s, size_t offset)
{
	return (struct span){.at = s.at + offset, .len = s.len - offset};
}

static size_t find_byte(struct span s, uint8_t byte)
{
	const uint8_t *hit = s.len ? memchr(s.at, byte, s.len) : NULL;

	return hit ? (size_t)(hit - s.at) : s.len;
}

static uint8_t lower(uint8_t byte)
{
	return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte - 'A' + 'a') : byte;
}

/* Does `s` start with `word`, which is in lower case, in whatever case? */
static bool starts_with(struct span s, const char *word)
{
	size_t len = strlen(word);

	if (s.len < len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (lower(s.at[i]) != (uint8_t)word[i])
			return false;
	return true;
}

static bool is_blank(uint8_t byte)
{
	return byte == ' ' || byte == '\t';
}

static struct span trim(struct span s)
{
	while (s.len > 0 && is_blank(s.at[0]))
		s = span_from(s, 1);
	while (s.len > 0 && is_blank(s.at[s.len - 1]))
		s.len--;
	return s;
}

/* Takes the next line off `rest`, without its end; false if its end is not there. */
static bool next_line(struct span *rest, struct span *line)
{
	size_t len = find_byte(*rest, '\n');

	if (len == rest->len)
		return false;
	*line = (struct span){.at = rest->at, .len = len};
	*rest = span_from(*rest, len + 1);
	if (len > 0 && line->at[len - 1] == '\r')
		line->len--;
	return true;
}

/* As clients send them: a name, a version, comments.  Cut where the room ends. */
static size_t keep_text(struct span s, char out[HTTP_AGENT_MAX + 1])
{
	size_t len = s.len < HTTP_AGENT_MAX ? s.len : HTTP_AGENT_MAX;

	for (size_t i = 0; i < len; i++)
		out[i] = s.at[i] >= 0x20 && s.at[i] < 0x7f ? (char)s.at[i] : '?';
	out[len] = '\0';
	return len;
}

/* Digits to the end; too large a number is `max`, none at all false. */
static bool read_number(struct span s, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;

	for (size_t i = 0; i < s.len; i++) {
		uint8_t digit = (uint8_t)(s.at[i] - '0');

		if (digit > 9)
			return false;
		value = value > (max - digit) / 10 ? max : 10 * value + digit;
	}
	*out = value;
	return s.len > 0;
}

static uint16_t read_port(struct span s)
{
	uint64_t port;

	return s.len > 1 && s.at[0] == ':' && read_number(span_from(s, 1), 65536, &port) &&
			       port <= UINT16_MAX
		       ? (uint16_t)port
		       : 0;
}

/*
 * "host", "host:port", "user@host:port" or "[v6]:port"; the brackets go too, so
 * that an address reads as one.  False if it is too long to be a host.
 */
static bool keep_host(struct span authority, struct http_request *out)
{
	size_t at = find_byte(authority, '@');
	struct span host = at < authority.len ? span_from(authority, at + 1) : authority;
	struct span rest;

	if (host.len > 0 && host.at[0] == '[') {
		host = span_from(host, 1);
		rest = span_from(host, find_byte(host, ']'));
		host.len -= rest.len;
		if (rest.len > 0)
			rest = span_from(rest, 1);
	} else {
		rest = span_from(host, find_byte(host, ':'));
		host.len -= rest.len;
	}
	if (host.len > HTTP_HOST_MAX)
		return false;
	out->host_len = name_clean(out->host, host.at, host.len);
	out->host_port = read_port(rest);
	return true;
}

/* Of the target "scheme://authority/path?query#fragment" what lies between "//" and "/". */
static struct span authority_of(struct span target)
{
	size_t len = 0;

	target = span_from(target, find_byte(target, '/') + 2);
	while (len < target.len && target.at[len] != '/' && target.at[len] != '?' &&
	       target.at[len] != '#')
		len++;
	return (struct span){.at = target.at, .len = len};
}

/* Keeps the host that a request target names, if it names one at all. */
static bool read_target(struct span target, bool connect, struct http_request *out)
{
	enum { PORT_HTTP = 80, PORT_HTTPS = 443 };
	bool https = starts_with(target, "https://");

	if (connect && target.at[0] != '/') { /* a path is nonsense there, and Host may do */
		out->target = HTTP_TARGET_AUTHORITY;
		out->proxied = true;
		return keep_host(target, out);
	}
	if (https || starts_with(target, "http://")) {
		out->target = HTTP_TARGET_ABSOLUTE;
		out->proxied = true;
		if (!keep_host(authority_of(target), out))
			return false;
		if (out->host_port == 0)
			out->host_port = https ? PORT_HTTPS : PORT_HTTP;
		return true;
	}
	if (target.len == 1 && target.at[0] == '*')
		out->target = HTTP_TARGET_ASTERISK;
	return true;
}

bool http_is_request(const uint8_t *bytes, size_t len)
{
	/* The registered methods that are met in the wild, and Microsoft's. */
	static const struct {
		uint8_t len;
		char word[14];
	} methods[] = {
		{4, "GET "},	    {5, "POST "},	  {5, "HEAD "},		 {4, "PUT "},
		{8, "OPTIONS "},    {8, "CONNECT "},	  {7, "DELETE "},	 {6, "PATCH "},
		{6, "TRACE "},	    {9, "PROPFIND "},	  {10, "PROPPATCH "},	 {6, "MKCOL "},
		{5, "COPY "},	    {5, "MOVE "},	  {5, "LOCK "},		 {7, "UNLOCK "},
		{7, "SEARCH "},	    {7, "REPORT "},	  {6, "MERGE "},	 {7, "NOTIFY "},
		{10, "SUBSCRIBE "}, {12, "UNSUBSCRIBE "}, {9, "M-SEARCH "},	 {10, "BITS_POST "},
		{9, "CCM_POST "},   {12, "RPC_IN_DATA "}, {13, "RPC_OUT_DATA "}, {6, "QUERY "},
	};

	/* Most segments are something else, and most of those are seen at once. */
	if (len < 4 || bytes[0] < 'B' || bytes[0] > 'U' || bytes[1] < '-' || bytes[1] > 'Z')
		return false;
	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		if (bytes[0] == (uint8_t)methods[i].word[0] && len >= methods[i].len &&
		    !memcmp(bytes, methods[i].word, methods[i].len))
			/* no URI begins so, but what a client of NATS says: CONNECT {... */
			return len == methods[i].len || bytes[methods[i].len] != '{';
	return false;
}

bool http_is_response(const uint8_t *bytes, size_t len)
{
	if (len < 12 || memcmp(bytes, "HTTP/1.", 7) != 0 || bytes[8] != ' ')
		return false;
	for (int i = 9; i < 12; i++)
		if (bytes[i] < '0' || bytes[i] > '9')
			return false;
	return bytes[7] == '0' || bytes[7] == '1';
}

size_t http_needs(const uint8_t *bytes, size_t len)
{
	struct span rest = {.at = bytes, .len = len < HTTP_HEAD_MAX ? len : HTTP_HEAD_MAX}, line;

	while (next_line(&rest, &line))
		if (line.len == 0)
			return (size_t)(rest.at - bytes);
	return len < HTTP_HEAD_MAX ? len + 1 : HTTP_HEAD_MAX;
}

/* "SIP/2.0", "RTSP/1.0", "HTTP/2.0": letters, a slash, a digit. */
static bool looks_like_version(struct span s)
{
	size_t slash = find_byte(s, '/');

	if (slash == 0 || slash + 1 >= s.len || s.at[slash + 1] < '0' || s.at[slash + 1] > '9')
		return false;
	for (size_t i = 0; i < slash; i++)
		if (s.at[i] < 'A' || s.at[i] > 'Z')
			return false;
	return true;
}

/*
 * method SP target SP "HTTP/1." digit
 *
 * Careless clients leave spaces in the target, so the version is what follows
 * the last one; and some malware forgets the version, which servers forgive.
 */
static enum decode_verdict read_request_line(struct span line, struct http_request *out)
{
	size_t method = find_byte(line, ' ');
	struct span target, version;

	if (method == 0 || method >= sizeof(out->method) || method == line.len)
		return DECODE_MALFORMED;
	target = trim(span_from(line, method));
	version = span_from(target, target.len);
	while (version.at > target.at && version.at[-1] != ' ')
		version = (struct span){.at = version.at - 1, .len = version.len + 1};
	if (starts_with(version, "http/1."))
		target.len -= version.len;
	else if (looks_like_version(version) || !http_is_request(line.at, line.len))
		return DECODE_MALFORMED;
	if (target.len == 0)
		return DECODE_MALFORMED;
	target = trim(target);
	out->asked = (const char *)target.at;
	out->asked_len = target.len;
	memcpy(out->method, line.at, method);
	out->method[method] = '\0';
	return read_target(target, !strcmp(out->method, "CONNECT"), out) ? DECODE_OK
									 : DECODE_MALFORMED;
}

/* Is the name of this field `word`, which is in lower case? */
static bool is_field(struct span name, const char *word)
{
	return name.len == strlen(word) && starts_with(name, word);
}

/* Is `word` the last of a list of codings? */
static bool ends_with(struct span s, const char *word)
{
	size_t len = strlen(word);

	return s.len >= len && starts_with(span_from(s, s.len - len), word);
}

static void read_body_field(struct span name, struct span value, struct http_body *body)
{
	uint64_t length;

	if (is_field(name, "content-length") && !body->has_length &&
	    read_number(value, UINT64_MAX, &length)) {
		body->has_length = true;
		body->length = length;
	} else if (is_field(name, "transfer-encoding")) {
		body->chunked = ends_with(value, "chunked");
	} else if (is_field(name, "upgrade")) {
		body->upgrade = value.len > 0;
	}
}

/*
 * Takes the next field off `rest`; false at the empty line or where the bytes
 * end, with `*complete` set at the former.  A blank before the colon is
 * forbidden, but some servers bear with it.
 */
static bool next_field(struct span *rest, struct span *name, struct span *value, bool *complete)
{
	struct span line;

	while (next_line(rest, &line)) {
		size_t colon = find_byte(line, ':');

		*complete = line.len == 0;
		if (*complete)
			return false;
		if (colon == line.len)
			continue; /* no field; not our concern */
		*name = trim((struct span){.at = line.at, .len = colon});
		*value = trim(span_from(line, colon + 1));
		return true;
	}
	return false;
}

enum decode_verdict http_parse_request(const uint8_t *bytes, size_t len, struct http_request *out)
{
	struct span rest = {.at = bytes, .len = len}, line, name, value;
	enum decode_verdict v;
	bool named; /* by the target, which counts more than Host (RFC 9112, 3.2.2) */

	memset(out, 0, offsetof(struct http_request, host));
	out->host[0] = out->agent[0] = '\0';
	if (!next_line(&rest, &line))
		return http_is_request(bytes, len) ? DECODE_TRUNCATED : DECODE_MALFORMED;
	v = read_request_line(line, out);
	if (v != DECODE_OK)
		return v;
	named = out->host_len > 0;
	while (next_field(&rest, &name, &value, &out->complete)) {
		if (is_field(name, "host")) {
			if (!named && out->host_len == 0 && !keep_host(value, out))
				return DECODE_MALFORMED;
		} else if (is_field(name, "user-agent") && out->agent_len == 0) {
			out->agent_len = keep_text(value, out->agent);
		} else {
			read_body_field(name, value, &out->body);
		}
	}
	if (!out->complete)
		return DECODE_TRUNCATED;
	out->head_bytes = (size_t)(rest.at - bytes);
	return DECODE_OK;
}

enum decode_verdict http_parse_response(const uint8_t *bytes, size_t len, struct http_response *out)
{
	struct span rest = {.at = bytes, .len = len}, line, name, value;

	memset(out, 0, offsetof(struct http_response, server));
	out->server[0] = '\0';
	if (!http_is_response(bytes, len))
		return DECODE_MALFORMED;
	out->status = (uint16_t)((bytes[9] - '0') * 100 + (bytes[10] - '0') * 10 + bytes[11] - '0');
	if (!next_line(&rest, &line))
		return DECODE_TRUNCATED;
	while (next_field(&rest, &name, &value, &out->complete)) {
		if (is_field(name, "server") && out->server_len == 0)
			out->server_len = keep_text(value, out->server);
		else
			read_body_field(name, value, &out->body);
	}
	if (!out->complete)
		return DECODE_TRUNCATED;
	out->head_bytes = (size_t)(rest.at - bytes);
	return DECODE_OK;
}
