/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A periodic service known to be ordinary: explained, never hidden.
 *
 * An entry weighs against a call-home only as far as what was seen fits it: by
 * port and payload for protocols, by name or address, port and period for what
 * the catalogue holds (intel/catalogue.h).  Names can be claimed by anybody, so
 * a name that a DNS answer to this host bears out weighs more than one that
 * only stands in a hello; places that anybody may rent weigh less; and none
 * outweighs much of what else is odd.
 */
#include "detect/detector.h"
#include "detect/detectors.h"
#include "intel/catalogue.h"

#include <netinet/in.h>
#include <stdio.h>

enum { PORT_DNS = 53, PORT_NTP = 123, NTP_LEAST = 48, NTP_MOST = 76 };

/* Port and payload fit; the same, where one cannot tell who else goes there; and nobody does. */
static const double db_by_protocol = -12, db_small_fleet = -6, db_own_server = -4;
static const double db_strong = -10, db_weak = -4;
static const double claimed_share = 0.5, odd_period_share = 0.5;

const struct service *detect_known_service(const struct subject *s)
{
	const struct timeline *t = s->timeline;
	uint32_t name = t->key.name ? t->key.name : t->names[0];
	uint8_t proto = t->key.proto ? t->key.proto : t->last.proto;
	uint16_t port = t->key.proto ? t->key.port : t->last.dst_port;

	if (!s->catalogue)
		return NULL;
	if (t->proxied)
		port = t->proxied_port;
	if (t->key.grouping == GROUP_ADDRESS && !name)
		return catalogue_address(s->catalogue, &t->key.destination, proto, port);
	if (!name || (!t->key.name && t->names[1])) /* several names: not one service */
		return NULL;
	return catalogue_name(s->catalogue, string_table_get(s->names, name), proto, port);
}

/* Does a timer keep the pace that the service is known for? */
static bool is_usual_pace(const struct subject *s, const struct service *service)
{
	return !s->is_timer || !s->timing || service->most_s == 0 ||
	       (s->timing->period_s >= service->least_s && s->timing->period_s <= service->most_s);
}

/*
 * RFC 5905: 48 bytes, with a MAC up to 76, below UDP and IPv4 or IPv6 headers,
 * and as many back as out; more hides something.
 */
static bool is_ntp(const struct timeline *t)
{
	double each = t->out_packets ? (double)t->out_bytes / (double)t->out_packets : 0;

	return t->key.proto == IPPROTO_UDP && t->key.port == PORT_NTP && !t->other_protocol &&
	       each >= NTP_LEAST + 28 && each <= NTP_MOST + 48 && t->in_bytes <= t->out_bytes;
}

/* Ordinary questions have 30 to 60 bytes; tunnels fill theirs (RFC 1035: up to 255 of name). */
static bool is_resolver(const struct timeline *t)
{
	enum { QUESTION_MOST = 80 };

	return t->key.proto == IPPROTO_UDP && t->key.port == PORT_DNS && !t->other_protocol &&
	       t->dns == t->calls && t->out_payload <= (uint64_t)QUESTION_MOST * t->out_packets;
}

/* A DNS answer gave this host the address under the name that most calls claim. */
static bool confirmed(const struct timeline *t)
{
	return 2 * t->confirmed >= t->calls;
}

/*
 * Anybody can set up a server that speaks NTP or DNS.  One that others of the fleet use as
 * well, or that the catalogue names and a look-up bears out, is hardly set up for this host.
 */
static double weigh_protocol(const struct subject *s)
{
	const struct service *service = detect_known_service(s);

	if (service && service->trust == CATALOGUE_STRONG && confirmed(s->timeline))
		return db_by_protocol;
	switch (detect_prevalence.observe(s)) {
	case TRAIT_ABSENT:
		return db_by_protocol;
	case TRAIT_PRESENT:
		return db_own_server;
	default:
		return db_small_fleet;
	}
}

static enum trait observe(const struct subject *s)
{
	if (is_ntp(s->timeline) || is_resolver(s->timeline) || detect_known_service(s))
		return TRAIT_PRESENT;
	return TRAIT_ABSENT;
}

static double weigh(const struct subject *s)
{
	const struct timeline *t = s->timeline;
	const struct service *service;
	double db;

	if (is_ntp(t) || is_resolver(t))
		return weigh_protocol(s);
	service = detect_known_service(s);
	if (!service)
		return 0;
	db = service->trust == CATALOGUE_STRONG ? db_strong : db_weak;
	if ((t->key.name || t->names[0]) && !confirmed(t))
		db *= claimed_share;
	return is_usual_pace(s, service) ? db : db * odd_period_share;
}

static void describe_service(const struct subject *s, const struct service *service,
			     struct evidence *out)
{
	const struct timeline *t = s->timeline;
	char low[DURATION_TEXT_SIZE], high[DURATION_TEXT_SIZE], pace[80] = "";

	if (!is_usual_pace(s, service))
		snprintf(pace, sizeof(pace), "; but its usual period is %s to %s",
			 duration_text(service->least_s, low),
			 duration_text(service->most_s, high));
	evidence_say(out, "%.40s (%.60s): %.90s%s%s", service->what, service->names, service->why,
		     (t->key.name || t->names[0]) && !confirmed(t) ? "; the name is only claimed"
								   : "",
		     pace);
}

static void describe(const struct subject *s, enum trait trait, double p0, struct evidence *out)
{
	const struct timeline *t = s->timeline;
	const struct service *service = detect_known_service(s);
	bool protocol = is_ntp(t) || is_resolver(t);
	const char *but = protocol && weigh_protocol(s) == db_own_server
				  ? "; but hardly any other host uses this server"
				  : "";

	(void)trait;
	(void)p0;
	if (is_ntp(t))
		evidence_say(out,
			     "NTP: packets of %.0f bytes, answers no larger; clients poll every "
			     "64 to 1024 s%s",
			     (double)t->out_bytes / (double)t->out_packets, but);
	else if (protocol)
		evidence_say(out, "a DNS resolver: called whenever anything is looked up%s", but);
	else if (service)
		describe_service(s, service, out);
}

const struct detector detect_known = {
	.name = "known-service",
	.kin = "known",
	.sign = "known service",
	.attack = "",
	.observe = observe,
	.describe = describe,
	.weigh = weigh,
};

bool detect_known_for_sure(const struct subject *s)
{
	const struct service *service;

	if (is_ntp(s->timeline) || is_resolver(s->timeline))
		return true;
	service = detect_known_service(s);
	return service && service->trust == CATALOGUE_STRONG;
}
