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

/*
 * "host", "host:port", "user@host:port" or "[v6]:port"; the brackets go too, so
 * that an address reads as one.  False if it is too long to be a host.
 */
static bool keep_host(struct span authority, struct http_request *out)
{
	size_t at = find_byte(authority, '@');
	struct span host = at < authority.len ? span_from(authority, at + 1) : authority;

	if (host.len > 0 && host.at[0] == '[') {
		host = span_from(host, 1);
		host.len = find_byte(host, ']');
	} else {
		host.len = find_byte(host, ':');
	}
	if (host.len > HTTP_HOST_MAX)
		return false;
	out->host_len = name_clean(out->host, host.at, host.len);
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
	if (connect)
		return keep_host(target, out);
	if (starts_with(target, "http://") || starts_with(target, "https://"))
		return keep_host(authority_of(target), out);
	return true;
}

bool http_is_request(const uint8_t *bytes, size_t len)
{
	/* The registered methods that are met in the wild, and Microsoft's. */
	static const char *const methods[] = {
		"GET ",		"POST ",	 "HEAD ",     "PUT ",	    "OPTIONS ",
		"CONNECT ",	"DELETE ",	 "PATCH ",    "TRACE ",	    "PROPFIND ",
		"PROPPATCH ",	"MKCOL ",	 "COPY ",     "MOVE ",	    "LOCK ",
		"UNLOCK ",	"SEARCH ",	 "REPORT ",   "MERGE ",	    "NOTIFY ",
		"SUBSCRIBE ",	"UNSUBSCRIBE ",	 "M-SEARCH ", "BITS_POST ", "CCM_POST ",
		"RPC_IN_DATA ", "RPC_OUT_DATA ",
	};

	for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
		size_t n = strlen(methods[i]);

		if (len >= n && !memcmp(bytes, methods[i], n))
			return true;
	}
	return false;
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
	memcpy(out->method, line.at, method);
	out->method[method] = '\0';
	return read_target(trim(target), !strcmp(out->method, "CONNECT"), out) ? DECODE_OK
									       : DECODE_MALFORMED;
}

/* Field names end at ':'; a blank before it is forbidden, but some servers bear with it. */
static bool read_header(struct span line, struct http_request *out)
{
	size_t colon = find_byte(line, ':');
	struct span name = {.at = line.at, .len = colon};

	if (colon == line.len)
		return true; /* no header; not our concern */
	name = trim(name);
	if (name.len != 4 || !starts_with(name, "host"))
		return true;
	return keep_host(trim(span_from(line, colon + 1)), out);
}

enum decode_verdict http_parse_request(const uint8_t *bytes, size_t len, struct http_request *out)
{
	struct span rest = {.at = bytes, .len = len}, line;
	enum decode_verdict v;
	bool named; /* by the target, which counts more than Host (RFC 9112, 3.2.2) */

	memset(out, 0, sizeof(*out));
	if (!next_line(&rest, &line))
		return http_is_request(bytes, len) ? DECODE_TRUNCATED : DECODE_MALFORMED;
	v = read_request_line(line, out);
	if (v != DECODE_OK)
		return v;
	named = out->host_len > 0;
	while (next_line(&rest, &line)) {
		if (line.len == 0) {
			out->complete = true;
			return DECODE_OK;
		}
		if (!named && out->host_len == 0 && !read_header(line, out))
			return DECODE_MALFORMED;
	}
	return DECODE_TRUNCATED;
}
