/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IP without TCP, UDP or ICMP leaves the fleet.  Firewalls often let protocols pass that
 * nobody thought of.  ESP, GRE and their like are what VPNs and overlays use, so
 * they weigh little; a number that nothing common uses weighs more.
 */
#include "detect/detector.h"
#include "detect/detectors.h"

#include <netinet/in.h>

enum { PROTO_OSPF = 89, PROTO_VRRP = 112, PROTO_PIM = 103, PROTO_L2TP = 115 };

static const double unknown_db = 14, tunnel_db = 5;

static bool is_tunnel(uint8_t proto)
{
	return proto == IPPROTO_GRE || proto == IPPROTO_ESP || proto == IPPROTO_AH ||
	       proto == IPPROTO_IPIP || proto == IPPROTO_IPV6 || proto == IPPROTO_SCTP ||
	       proto == PROTO_L2TP;
}

/* Neighbours' talk that may leave by mistake. */
static bool is_routing(uint8_t proto)
{
	return proto == IPPROTO_IGMP || proto == PROTO_OSPF || proto == PROTO_VRRP ||
	       proto == PROTO_PIM;
}

static enum trait observe(const struct subject *s)
{
	const struct timeline_key *key = &s->timeline->key;

	if (key->grouping != GROUP_ADDRESS)
		return TRAIT_UNKNOWN;
	if (key->proto == IPPROTO_TCP || key->proto == IPPROTO_UDP || key->proto == IPPROTO_ICMP ||
	    key->proto == IPPROTO_ICMPV6 || is_routing(key->proto))
		return TRAIT_ABSENT;
	return TRAIT_PRESENT;
}

/* Where others of the fleet do the same, it is how the fleet is built. */
static double weigh(const struct subject *s)
{
	if (s->hosts_to_destination > 2)
		return 0;
	return is_tunnel(s->timeline->key.proto) ? tunnel_db : unknown_db;
}

static void describe(const struct subject *s, enum trait trait, double p0, struct evidence *out)
{
	uint8_t proto = s->timeline->key.proto;

	(void)trait;
	(void)p0;
	evidence_say(out, "IP protocol %u leaves the fleet: %s", proto,
		     is_tunnel(proto) ? "a tunnel or association of which only the outside is seen"
				      : "none that servers commonly use");
	evidence_fact(out, "ip_protocol", proto);
}

const struct detector detect_raw = {
	.name = "raw-protocol",
	.kin = "service",
	.sign = "raw protocol",
	.attack = "T1095",
	.observe = observe,
	.describe = describe,
	.weigh = weigh,
};
