/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Not a port of a service that servers commonly use outward.  The list is
 * short on purpose: it holds what an ordinary fleet lets out, from the IANA
 * registry of service names and ports.
 */
#include "detect/detector.h"
#include "detect/detectors.h"

#include <netinet/in.h>

static const uint16_t common_tcp[] = {
	20,   21,   22,	  25,	43,   53,   80,	  88,	110,  119,  143,  179,	389,
	443,  445,  465,  563,	587,  636,  853,  873,	989,  990,  993,  995,	1080,
	1194, 1883, 3128, 3389, 5222, 5223, 5228, 8000, 8080, 8443, 8883, 9418, 11371,
};
static const uint16_t common_udp[] = {
	53, 67, 80, 88, 123, 161, 389, 443, 500, 514, 853, 1194, 1812, 1813, 3478, 4500, 51820,
};

static bool listed(uint16_t port, const uint16_t *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == port)
			return true;
	return false;
}

static bool common(uint8_t proto, uint16_t port)
{
	if (proto == IPPROTO_UDP)
		return listed(port, common_udp, ARRAY_LEN(common_udp));
	return listed(port, common_tcp, ARRAY_LEN(common_tcp));
}

static bool has_ports(uint8_t proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == IPPROTO_SCTP;
}

/* What has no ports cannot have an unusual one; pings have a detector of their own. */
static enum trait observe(const struct subject *s)
{
	const struct timeline_key *key = &s->timeline->key;

	if (timeline_key_is_name(key) || !has_ports(key->proto))
		return TRAIT_UNKNOWN;
	if (key->port == 0) /* a piece of a datagram whose beginning was not seen */
		return TRAIT_UNKNOWN;
	return common(key->proto, key->port) ? TRAIT_ABSENT : TRAIT_PRESENT;
}

static void describe(const struct subject *s, enum trait trait, double p0, struct evidence *out)
{
	(void)trait;
	if (s->ports > 1)
		evidence_say(out,
			     "most of the %u ports, such as %u, are not of a common service; "
			     "%.1f %% of pairs use such ports",
			     s->ports, s->timeline->key.port, 100 * p0);
	else
		evidence_say(
			out,
			"port %u is not one of a common service; %.1f %% of pairs use such ports",
			s->timeline->key.port, 100 * p0);
	evidence_fact(out, "port", s->timeline->key.port);
	evidence_fact(out, "pairs_like_that", p0);
}

const struct detector detect_port = {
	.name = "port",
	.kin = "service",
	.sign = "unusual port",
	.attack = "T1571",
	.p1 = 0.4,
	.p0 = 0.1,
	.observe = observe,
	.describe = describe,
};
