/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No DNS answer gave the host this address.  Software finds its servers by
 * name; an implant that carries its address inside does not ask.  Says nothing
 * about a host whose look-ups we did not see at all.
 */
#include "detect/detector.h"
#include "detect/detectors.h"
#include "detect/fleet.h"

#include <netinet/in.h>

/*
 * So many of the calls must come after some look-up by the host was seen: the
 * first ones of a recording may live on answers given before it began.
 */
static const double visible_share = 0.8;

static bool is_ping(uint8_t proto)
{
	return proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6;
}

static enum trait observe(const struct subject *s)
{
	const struct timeline *t = s->timeline;

	if (timeline_key_is_name(&t->key) || t->dns == t->calls) /* a resolver is configured */
		return TRAIT_UNKNOWN;
	if (is_ping(t->key.proto)) /* a monitor is given addresses, too */
		return TRAIT_UNKNOWN;
	if (t->looked_up)
		return TRAIT_ABSENT;
	if (s->names_forgotten || (s->group && s->group->novelty.lookups_elsewhere))
		return TRAIT_UNKNOWN;
	return t->lookups_visible >= visible_share * t->calls ? TRAIT_PRESENT : TRAIT_UNKNOWN;
}

static void describe(const struct subject *s, enum trait trait, double p0, struct evidence *out)
{
	const struct timeline *t = s->timeline;

	if (trait == TRAIT_PRESENT)
		evidence_say(out,
			     "no DNS answer gave the host this address, though its look-ups were "
			     "seen; %.1f %% of pairs are like that",
			     100 * p0);
	else
		evidence_say(out, "the host looked the name up before %u of %u call%s",
			     t->looked_up, t->calls, t->calls == 1 ? "" : "s");
	evidence_fact(out, "looked_up", t->looked_up);
	evidence_fact(out, "calls", t->calls);
	evidence_fact(out, "pairs_like_that", p0);
}

const struct detector detect_lookup = {
	.name = "lookup",
	.kin = "naming",
	.sign = "never looked up",
	.attack = "T1071",
	.p1 = 0.7,
	.p0 = 0.03,
	.innocent = true,
	.observe = observe,
	.describe = describe,
};
