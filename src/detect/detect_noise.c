/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No language that we know, and the first bytes look like noise: encrypted or packed
 * without any of the usual ways to agree on a key.  Common are shadowsocks, some games,
 * conversations joined midway; home-made implants, too.
 */
#include "detect/detector.h"
#include "detect/detectors.h"

#include "proto/app.h"

static enum trait observe(const struct subject *s)
{
	const struct timeline *t = s->timeline;

	if (t->key.grouping != GROUP_ADDRESS || t->app == APP_UNKNOWN || t->proxied)
		return TRAIT_UNKNOWN;
	return t->app == APP_RANDOM ? TRAIT_PRESENT : TRAIT_ABSENT;
}

static void describe(const struct subject *s, enum trait trait, double p0, struct evidence *out)
{
	(void)trait;
	evidence_say(out,
		     "the first bytes are of no known protocol and look like noise, encrypted or "
		     "packed; %.1f %% of pairs are like that",
		     100 * p0);
	evidence_fact(out, "calls", s->timeline->calls);
	evidence_fact(out, "pairs_like_that", p0);
}

const struct detector detect_noise = {
	.name = "noise",
	.kin = "service",
	.sign = "speaks noise",
	.attack = "T1573",
	.p1 = 0.25,
	.p0 = 0.02,
	.observe = observe,
	.describe = describe,
};
