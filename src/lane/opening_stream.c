/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the two sides of a TCP conversation begin.
 *
 * Each reader says how much it wants to see before it is asked again.  A proxy
 * makes an opening of several parts: what asks it to go on is done with, and
 * what follows is read as if it came first.
 */
#include "lane/claims.h"
#include "lane/opening_parts.h"

#include "proto/spoken.h"

#include <string.h>

enum {
	PORT_DNS = 53,
	PORT_SOCKS = 1080,
	LINE = 1024,	    /* bytes of text to be awaited for the end of a line */
	RECOGNISE = 16,	    /* bytes in which any language that we know shows itself */
	MIDSTREAM_LOOKS = 4 /* without a SYN the beginning may come later */
};

static const struct step settled = {0, 0};

static struct step more(size_t need)
{
	return (struct step){.need = need};
}

static bool is_inside(const struct flow *flow)
{
	return flow->claims & CLAIM_PROXIED;
}

/* Text, and the first line goes on: the telling word may come later in it. */
static bool is_in_first_line(const struct reading *r)
{
	for (size_t i = 0; i < RECOGNISE; i++)
		if (r->bytes[i] < ' ' || r->bytes[i] > '~')
			return false;
	return r->len < LINE && !memchr(r->bytes, '\n', r->len);
}

/* Is it too early to say that this is nothing we know? */
static bool may_show_itself(const struct reading *r)
{
	if (r->final)
		return false;
	return r->len < RECOGNISE || (r->midstream && r->looks < MIDSTREAM_LOOKS) ||
	       is_in_first_line(r);
}

static struct step unread(const struct reading *r)
{
	r->context->stats->unread++;
	return settled;
}

static struct step cut(const struct reading *r)
{
	r->context->stats->cut++;
	return settled;
}

/*
 * TLS.
 */
static struct step client_hello(const struct reading *r)
{
	size_t need = tls_needs(r->bytes, r->len);
	struct tls_hello hello;
	enum decode_verdict verdict;

	if (need > r->len && !r->final)
		return more(need);
	if (!is_inside(r->flow))
		claims_app(r->flow, APP_TLS, true);
	if (need == 0) /* records of another kind */
		return settled;
	verdict = tls_parse_hello(r->bytes, r->len, &hello);
	if (verdict == DECODE_OK || verdict == DECODE_TRUNCATED)
		claims_hello(r->context, r->flow, &hello);
	if (verdict == DECODE_TRUNCATED)
		return cut(r);
	return verdict == DECODE_MALFORMED ? unread(r) : settled;
}

static struct step server_flight(const struct reading *r)
{
	size_t need = tls_needs(r->bytes, r->len);
	struct x509_question question;
	struct tls_server server;
	enum decode_verdict verdict;

	if (need > r->len && !r->final)
		return more(need);
	if (!is_inside(r->flow))
		claims_app(r->flow, APP_TLS, false);
	if (need == 0)
		return settled;
	question = claims_question(r->context, r->flow);
	verdict = tls_parse_server(r->bytes, r->len, &question, &server);
	if (verdict == DECODE_OK || verdict == DECODE_TRUNCATED)
		claims_server(r->context, r->flow, &server, r->when);
	if (verdict == DECODE_TRUNCATED)
		return cut(r);
	return verdict == DECODE_MALFORMED ? unread(r) : settled;
}

/*
 * HTTP, and what asks a proxy.
 */
enum { INNER = 6 }; /* bytes that tell whether a TLS hello follows */

static struct step client_request(const struct reading *r)
{
	size_t need = http_needs(r->bytes, r->len);
	struct http_request request;

	if (need > r->len && !r->final)
		return more(need);
	if (http_parse_request(r->bytes, r->len, &request) == DECODE_MALFORMED) {
		claims_unknown(r->flow, r->bytes, r->len);
		return unread(r);
	}
	claims_app(r->flow, APP_HTTP, true);
	if (is_inside(r->flow))
		claims_inner_request(r->context, r->flow, &request);
	else
		claims_request(r->context, r->flow, &request);
	if (!request.complete)
		return cut(r);
	if (request.target == HTTP_TARGET_AUTHORITY && request.proxied)
		return (struct step){.done = request.head_bytes, .need = INNER};
	return settled;
}

/* A proxy's answer to CONNECT: what follows is the other side's. */
static struct step proxy_response(const struct reading *r)
{
	size_t need = http_needs(r->bytes, r->len);

	if (need > r->len)
		return r->final ? settled : more(need);
	return (struct step){.done = need, .need = INNER};
}

static struct step client_socks(const struct reading *r)
{
	struct socks_request request;
	enum decode_verdict verdict = socks_parse_request(r->bytes, r->len, &request);

	if (request.version && verdict != DECODE_MALFORMED)
		claims_app(r->flow, APP_SOCKS, true);
	if (verdict == DECODE_TRUNCATED && !r->final)
		return more(r->len + 1);
	if (verdict == DECODE_MALFORMED) {
		if (r->flow->app == APP_SOCKS)
			r->flow->app = APP_UNKNOWN;
		claims_unknown(r->flow, r->bytes, r->len);
		return unread(r);
	}
	if (verdict != DECODE_OK)
		return settled;
	claims_socks(r->context, r->flow, &request);
	if (request.command != SOCKS_CONNECT)
		return settled;
	return (struct step){.done = request.bytes, .need = INNER};
}

/*
 * Of SOCKS 5 (RFC 1928, 3 and 6; RFC 1929, 2) and of SOCKS 4:
 *
 *	| 5 | method |  [ | 1 | status | ]  | 5 | reply 0 | 0 | kind | address | port 2 |
 *	| 0 | reply 90 | port 2 | address 4 |
 */
static size_t socks_reply(const uint8_t *p, size_t len)
{
	enum { BY_V4 = 1, BY_NAME = 3, WITH_PASSWORD = 2, V4_BYTES = 8 };
	size_t at;

	if (len < 2 || p[0] != 5)
		return V4_BYTES;
	at = p[1] == WITH_PASSWORD ? 4 : 2;
	if (len < at + 5)
		return at + 5;
	if (p[at + 3] == BY_NAME)
		return at + 5 + p[at + 4] + 2;
	return at + 4 + (p[at + 3] == BY_V4 ? 4 : 16) + 2;
}

static struct step server_socks(const struct reading *r)
{
	size_t need = socks_reply(r->bytes, r->len);

	if (need > r->len)
		return r->final ? settled : more(need);
	return (struct step){.done = need, .need = INNER};
}

/*
 * SSH.
 */
static struct step client_ssh(const struct reading *r)
{
	struct ssh_hello hello;
	enum decode_verdict verdict = ssh_parse_hello(r->bytes, r->len, &hello);

	if (verdict == DECODE_TRUNCATED && !r->final)
		return more(r->len + 1);
	claims_app(r->flow, APP_SSH, true);
	claims_ssh(r->context, r->flow, &hello);
	return verdict == DECODE_MALFORMED ? unread(r) : settled;
}

/*
 * DNS: | length 2 | message |, again and again.
 */
enum { HEADER = 12 }; /* of a message: less of it tells nothing */

static size_t message_end(const struct reading *r, size_t at)
{
	return at + 2 + ((size_t)r->bytes[at] << 8 | r->bytes[at + 1]);
}

/* A whole message that ends too early is malformed; of one that is cut we take what there is. */
static bool read_message(const struct reading *r, size_t at, size_t end, struct dns_message *out)
{
	bool whole = end <= r->len;
	enum decode_verdict verdict =
		dns_parse(r->bytes + at + 2, (whole ? end : r->len) - at - 2, out);

	return verdict == DECODE_OK || (verdict == DECODE_TRUNCATED && !whole);
}

static struct step client_dns(const struct reading *r)
{
	struct dns_message message;
	size_t end;

	if (r->len < 2)
		return r->final ? settled : more(2);
	end = message_end(r, 0);
	if (end > r->len && !r->final)
		return more(end);
	if (end > r->len && r->len < 2 + HEADER)
		return settled;
	if (!read_message(r, 0, end, &message)) {
		claims_unknown(r->flow, r->bytes, r->len);
		return unread(r);
	}
	claims_app(r->flow, APP_DNS, true);
	if (!message.response)
		claims_dns(r->context, &r->flow->tuple, &message, r->when);
	return settled;
}

/* Every answer is of interest, as long as the connection lasts. */
static struct step server_dns(const struct reading *r)
{
	struct dns_message message;
	size_t at = 0;

	while (at + 2 <= r->len) {
		size_t end = message_end(r, at);

		if (end > r->len && !r->final)
			break;
		if (end > r->len && r->len < at + 2 + HEADER)
			break;
		if (!read_message(r, at, end, &message))
			return unread(r);
		claims_app(r->flow, APP_DNS, false);
		if (message.response)
			claims_dns(r->context, &r->flow->tuple, &message, r->when);
		at = end;
	}
	if (r->final && at == 0)
		return settled;
	return (struct step){.done = at, .need = at + 2 <= r->len ? message_end(r, at) - at : 2};
}

/*
 * Which of them?
 */
static struct step client_unknown(const struct reading *r)
{
	if (may_show_itself(r))
		return more(r->len + 1);
	/* The start of a record or of a greeting that went on no further is no other language. */
	if (!r->midstream && r->len >= INNER && !is_inside(r->flow))
		claims_unknown(r->flow, r->bytes, r->len);
	return settled;
}

struct step opening_read_client(const struct reading *r)
{
	bool inside = is_inside(r->flow);
	enum app app;

	if (tls_is_handshake(r->bytes, r->len))
		return client_hello(r);
	if (!inside && r->flow->app == APP_SOCKS)
		return client_socks(r);
	app = spoken_by(r->bytes, r->len, true);
	if (!inside && app == APP_UNKNOWN && r->flow->tuple.dst_port == PORT_SOCKS)
		return client_socks(r);
	if (!inside && app == APP_UNKNOWN && r->flow->tuple.dst_port == PORT_DNS)
		return client_dns(r);
	switch (app) {
	case APP_UNKNOWN:
		return client_unknown(r);
	case APP_TLS:
		return client_hello(r);
	case APP_HTTP:
		return client_request(r);
	case APP_SSH:
		return client_ssh(r);
	case APP_SOCKS:
		return inside ? settled : client_socks(r);
	case APP_DNS:
		return client_dns(r);
	default:
		if (!inside)
			claims_app(r->flow, app, true);
		return settled;
	}
}

static struct step server_unknown(const struct reading *r)
{
	return may_show_itself(r) ? more(r->len + 1) : settled;
}

struct step opening_read_server(const struct reading *r)
{
	bool inside = is_inside(r->flow);
	enum app app;

	if (r->flow->tuple.dst_port == PORT_DNS || r->flow->app == APP_DNS)
		return server_dns(r);
	if (r->flow->app == APP_SOCKS && r->looks < MIDSTREAM_LOOKS && r->len &&
	    (r->bytes[0] == 5 || r->bytes[0] == 0))
		return server_socks(r);
	if (tls_is_handshake(r->bytes, r->len))
		return server_flight(r);
	app = spoken_by(r->bytes, r->len, false);
	if (inside && app == APP_HTTP && r->flow->app == APP_HTTP)
		return proxy_response(r);
	if (app == APP_UNKNOWN)
		return server_unknown(r);
	if (!inside)
		claims_app(r->flow, app, false);
	return settled;
}
