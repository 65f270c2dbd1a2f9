/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Few hosts of the fleet go there.  Only rarity is weighed: that many hosts go
 * somewhere proves nothing, as a whole lot of servers may have been tampered
 * with.  A fleet of fewer than five hosts cannot tell what is rare.
 */
#include "detect/detector.h"
#include "detect/detectors.h"

enum { SMALLEST_FLEET = 5, RARE_HOSTS = 2, RARE_PERCENT = 2 };

static enum trait observe(const struct subject *s)
{
	uint32_t rare = s->hosts * RARE_PERCENT / 100;

	if (s->hosts < SMALLEST_FLEET || s->groups_forgotten)
		return TRAIT_UNKNOWN;
	if (s->hosts_to_destination == 0) /* what would tell was forgotten */
		return TRAIT_UNKNOWN;
	if (rare < 1)
		rare = 1;
	else if (rare > RARE_HOSTS)
		rare = RARE_HOSTS;
	return s->hosts_to_destination <= rare ? TRAIT_PRESENT : TRAIT_ABSENT;
}

static void describe(const struct subject *s, enum trait trait, double p0, struct evidence *out)
{
	(void)trait;
	evidence_say(out, "%u of %u hosts go there; %.1f %% of this fleet's pairs are so rare",
		     s->hosts_to_destination, s->hosts, 100 * p0);
	evidence_fact(out, "hosts", s->hosts_to_destination);
	evidence_fact(out, "fleet_hosts", s->hosts);
	evidence_fact(out, "pairs_as_rare", p0);
}

const struct detector detect_prevalence = {
	.name = "prevalence",
	.kin = "novelty",
	.sign = "rare in the fleet",
	.attack = "",
	.p1 = 0.9,
	.p0 = 0.2,
	.observe = observe,
	.describe = describe,
};
