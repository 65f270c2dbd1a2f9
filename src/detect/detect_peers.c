/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One host calls many places at one pace, each of them rare and without a name
 * (verdict/peers.h): how a peer-to-peer bot keeps in touch.  So do file sharing,
 * and a monitor that asks addresses instead of names.
 */
#include "detect/detector.h"
#include "detect/detectors.h"

static enum trait observe(const struct subject *s)
{
	if (timeline_key_is_name(&s->timeline->key))
		return TRAIT_UNKNOWN;
	return s->peers ? TRAIT_PRESENT : TRAIT_ABSENT;
}

static void describe(const struct subject *s, enum trait trait, double p0, struct evidence *out)
{
	(void)trait;
	evidence_say(out,
		     "the host calls %u places at this pace, each rare here and known by no name; "
		     "%.1f %% of pairs are like that",
		     s->peers, 100 * p0);
	evidence_fact(out, "peers", s->peers);
	evidence_fact(out, "pairs_like_that", p0);
}

const struct detector detect_peers = {
	.name = "peers",
	.kin = "peers",
	.sign = "many places at one pace",
	.attack = "T1090",
	.p1 = 0.1,
	.p0 = 0.01,
	.observe = observe,
	.describe = describe,
};
