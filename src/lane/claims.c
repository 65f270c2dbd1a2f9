/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/claims.h"

#include "flow/fingerprint.h"
#include "lane/claimed.h"
#include "lane/questions.h"
#include "proto/entropy.h"
#include "proto/spoken.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static bool is_address(const char *name, size_t len)
{
	struct address unused;

	return address_parse(name, len, &unused) == 0;
}

bool opening_name_is_address(const struct string_table *names, uint32_t name)
{
	const char *text = string_table_get(names, name);

	return is_address(text, strlen(text));
}

/*
 * Names.
 */
static void claim_name(const struct opening_context *context, struct flow *flow, const char *name,
		       size_t len)
{
	if (is_address(name, len))
		flow->claims |= CLAIM_HOST_IS_ADDRESS;
	else
		flow->name = string_table_add(context->names, name, len);
}

static void claim_destination(const struct opening_context *context, struct flow *flow,
			      const char *name, size_t len, uint16_t port)
{
	flow->claims |= CLAIM_PROXIED;
	flow->proxied_port = port;
	if (is_address(name, len))
		flow->claims |= CLAIM_HOST_IS_ADDRESS;
	flow->name = string_table_add(context->names, name, len);
}

/* What was asked of the proxy is where the call goes; a name said inside may be any. */
static void claim_inner_name(const struct opening_context *context, struct flow *flow,
			     const char *name, size_t len)
{
	if (!is_address(name, len) && !flow->name)
		flow->name = string_table_add(context->names, name, len);
}

/*
 * Fingerprints.
 */
static uint32_t keep_text(const struct opening_context *context, const char *text, size_t len)
{
	return string_table_add(context->fingerprints, text, len);
}

static void keep_fingerprint(const struct opening_context *context, struct flow *flow,
			     const struct fingerprint *fingerprint)
{
	uint32_t number = fingerprint_keep(context->fingerprints, fingerprint);

	if (number)
		flow->fingerprint = number;
}

static void keep_agent(const struct opening_context *context, struct flow *flow, const char *agent,
		       size_t len, const char *hassh)
{
	struct fingerprint f = fingerprint_get(context->fingerprints, flow->fingerprint);

	if (len)
		f.agent = keep_text(context, agent, len);
	if (*hassh)
		f.hassh = keep_text(context, hassh, strlen(hassh));
	keep_fingerprint(context, flow, &f);
}

void claims_hello(const struct opening_context *context, struct flow *flow,
		  const struct tls_hello *hello)
{
	struct fingerprint f = fingerprint_get(context->fingerprints, flow->fingerprint);

	if (hello->sni_len && flow->claims & CLAIM_PROXIED)
		claim_inner_name(context, flow, hello->sni, hello->sni_len);
	else if (hello->sni_len)
		claim_name(context, flow, hello->sni, hello->sni_len);
	else if (hello->complete && flow->app != APP_DTLS) /* media between browsers (RFC 8827) */
		flow->claims |= CLAIM_NO_SNI;
	f.ja3 = keep_text(context, hello->ja3, strlen(hello->ja3));
	f.ja4 = keep_text(context, hello->ja4, strlen(hello->ja4));
	f.alpn = keep_text(context, hello->alpn, strlen(hello->alpn));
	f.tls_offer = hello->offer;
	keep_fingerprint(context, flow, &f);
}

struct x509_question claims_question(const struct opening_context *context, const struct flow *flow)
{
	return (struct x509_question){
		.name = flow->name ? string_table_get(context->names, flow->name) : NULL,
		.sha1 = intel_has(context->intel, INDICATOR_CERTIFICATE),
	};
}

/* What was said is on a list: of several the strongest. */
static void keep_listed(const struct opening_context *context, struct flow *flow, uint32_t match)
{
	struct fingerprint f = fingerprint_get(context->fingerprints, flow->fingerprint);

	if (match <= f.listed)
		return;
	f.listed = match;
	keep_fingerprint(context, flow, &f);
}

static void ask_for_certificate(const struct opening_context *context, struct flow *flow,
				const struct x509_summary *c, ns_t when)
{
	uint32_t match;

	if (!intel_has(context->intel, INDICATOR_CERTIFICATE))
		return;
	match = intel_certificate(context->intel, c->sha256, sizeof(c->sha256), when);
	if (!match)
		match = intel_certificate(context->intel, c->sha1, sizeof(c->sha1), when);
	keep_listed(context, flow, match);
}

void claims_server(const struct opening_context *context, struct flow *flow,
		   const struct tls_server *server, ns_t when)
{
	struct fingerprint f = fingerprint_get(context->fingerprints, flow->fingerprint);
	const struct x509_summary *c = &server->certificate;

	if (server->version) {
		f.tls_taken = server->version;
		keep_fingerprint(context, flow, &f);
	}
	if (!server->has_certificate)
		return;
	flow->claims |= CLAIM_CERTIFICATE;
	if (c->covers == X509_COVERS_NOT)
		flow->claims |= CLAIM_CERT_NAME;
	ask_for_certificate(context, flow, c, when);
	if (c->self_issued)
		flow->claims |= CLAIM_SELF_SIGNED;
	if (when < c->not_before || when > c->not_after)
		flow->claims |= CLAIM_CERT_TIME;
}

static void ask_for_page(const struct opening_context *context, struct flow *flow,
			 const struct http_request *r)
{
	uint16_t port = r->proxied ? r->host_port : flow->tuple.dst_port;
	char host[HTTP_HOST_MAX + 8];
	int len;

	if (!intel_has(context->intel, INDICATOR_URL))
		return;
	len = snprintf(host, sizeof(host), port ? "%s:%u" : "%s", r->host, port);
	keep_listed(context, flow,
		    claimed_page(context->intel, (struct text){host, len > 0 ? (size_t)len : 0},
				 (struct text){r->asked, r->asked_len}, flow->last));
}

void claims_request(const struct opening_context *context, struct flow *flow,
		    const struct http_request *request)
{
	ask_for_page(context, flow, request);
	if (request->proxied && request->host_len)
		claim_destination(context, flow, request->host, request->host_len,
				  request->host_port);
	else if (request->host_len && !(flow->claims & CLAIM_PROXIED))
		claim_name(context, flow, request->host, request->host_len);
	else if (request->host_len)
		claim_inner_name(context, flow, request->host, request->host_len);
	if (request->agent_len)
		keep_agent(context, flow, request->agent, request->agent_len, "");
}

/* Does it go on from another machine of the fleet?  Then that one is a proxy, too. */
static bool stays_inside(const struct opening_context *context, const struct flow *flow)
{
	const char *name = string_table_get(context->names, flow->name);
	struct address address;

	return context->home && address_parse(name, strlen(name), &address) == 0 &&
	       home_contains(context->home, &address);
}

void claims_inner_request(const struct opening_context *context, struct flow *flow,
			  const struct http_request *request)
{
	struct http_request inner = *request;

	inner.proxied = request->proxied && stays_inside(context, flow);
	claims_request(context, flow, &inner);
}

void claims_socks(const struct opening_context *context, struct flow *flow,
		  const struct socks_request *request)
{
	char text[ADDRESS_TEXT_SIZE];

	if (request->name_len) {
		claim_destination(context, flow, request->name, request->name_len, request->port);
	} else if (request->address.version) {
		address_text(&request->address, text);
		claim_destination(context, flow, text, strlen(text), request->port);
	}
}

void claims_ssh(const struct opening_context *context, struct flow *flow,
		const struct ssh_hello *hello)
{
	keep_agent(context, flow, hello->software, hello->software_len, hello->hassh);
}

static void learn_names(const struct opening_context *context, const struct address *client,
			const struct dns_message *message, ns_t when)
{
	uint32_t name;

	(*context->lookups)++;
	if (context->on_lookup)
		context->on_lookup(context->on_lookup_arg,
				   &(struct input_lookup){.when = when,
							  .client = *client,
							  .name = message->question,
							  .name_len = message->question_len,
							  .addresses = message->addresses,
							  .address_count = message->address_count});
	name_map_saw_query(context->name_map, client, when);
	if (message->address_count == 0)
		return;
	name = string_table_add(context->names, message->question, message->question_len);
	for (size_t i = 0; name && i < message->address_count; i++)
		name_map_add(context->name_map, client, &message->addresses[i], name, when);
}

void claims_dns(const struct opening_context *context, const struct tuple *ends,
		const struct dns_message *message, ns_t when)
{
	if (context->questions)
		questions_message(context->questions, ends, message, when);
	if (message->response)
		learn_names(context, &ends->src, message, when);
}

/*
 * Languages and ports.
 */
static bool is_settled(enum app app)
{
	return app == APP_TLS || app == APP_HTTP || app == APP_HTTP2 || app == APP_SSH ||
	       app == APP_DNS || app == APP_SOCKS;
}

void claims_app(struct flow *flow, enum app app, bool by_client)
{
	if (flow->app == APP_UNKNOWN || flow->app == APP_RANDOM ||
	    (!is_settled(flow->app) && (!by_client || is_settled(app))))
		flow->app = (uint8_t)app;
	if (spoken_fits_port(flow->app, flow->tuple.proto, flow->tuple.dst_port) == PORT_FIT_BAD)
		flow->claims |= CLAIM_OTHER_PROTOCOL;
	else
		flow->claims &= ~(uint32_t)CLAIM_OTHER_PROTOCOL;
}

/*
 * Does whoever calls this port speak first, and in a way that is read whenever
 * it is spoken?  Where the server speaks first or the languages are many, bytes
 * that say nothing to us are no news.
 */
static bool would_have_told(uint8_t proto, uint16_t port)
{
	static const uint8_t told_tcp[] = {APP_TLS, APP_HTTP, APP_DNS};
	static const uint8_t told_udp[] = {APP_DNS, APP_NTP};
	static const uint8_t untold[] = {APP_FTP,   APP_SSH, APP_SMTP, APP_POP3, APP_IMAP,
					 APP_MYSQL, APP_IRC, APP_TDS,  APP_LDAP, APP_RDP};
	bool tcp = proto == IPPROTO_TCP, told = false;
	const uint8_t *apps = tcp ? told_tcp : told_udp;

	if (spoken_fits_port(APP_RANDOM, proto, port) != PORT_FIT_BAD)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(untold); i++)
		if (spoken_fits_port(untold[i], proto, port) == PORT_FIT_GOOD)
			return false;
	for (size_t i = 0; i < (tcp ? ARRAY_LEN(told_tcp) : ARRAY_LEN(told_udp)); i++)
		told |= spoken_fits_port(apps[i], proto, port) == PORT_FIT_GOOD;
	return told;
}

void claims_unknown(struct flow *flow, const uint8_t *bytes, size_t len)
{
	if (flow->app != APP_UNKNOWN)
		return;
	if (entropy_looks_random(bytes, len))
		claims_app(flow, APP_RANDOM, true);
	if (would_have_told(flow->tuple.proto, flow->tuple.dst_port))
		flow->claims |= CLAIM_OTHER_PROTOCOL;
}
