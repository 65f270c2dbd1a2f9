/* SPDX-License-Identifier: Apache-2.0 */
/*
 * It speaks TLS without saying to whom, or names a bare address as its HTTP
 * Host.  Ordinary clients reach servers by name.
 */
#include "detect/detector.h"
#include "detect/detectors.h"

static enum trait observe(const struct subject *s)
{
	const struct timeline *t = s->timeline;
	uint32_t bare = t->no_sni + t->host_is_address;

	if (bare == 0 && (t->tls == 0 || t->names[0] == 0))
		return TRAIT_UNKNOWN;
	return 2 * bare >= t->calls ? TRAIT_PRESENT : TRAIT_ABSENT;
}

static void describe(const struct subject *s, enum trait trait, double p0, struct evidence *out)
{
	const struct timeline *t = s->timeline;

	if (trait == TRAIT_ABSENT)
		evidence_say(out, "it names the server it wants to talk to");
	else if (t->host_is_address > t->no_sni)
		evidence_say(
			out,
			"%u of %u call%s named a bare address as the server; %.1f %% of pairs do",
			t->host_is_address, t->calls, t->calls == 1 ? "" : "s", 100 * p0);
	else
		evidence_say(out,
			     "%u of %u call%s went in TLS without a server name; %.1f %% of pairs "
			     "do that",
			     t->no_sni, t->calls, t->calls == 1 ? "" : "s", 100 * p0);
	evidence_fact(out, "no_sni", t->no_sni);
	evidence_fact(out, "host_is_address", t->host_is_address);
	evidence_fact(out, "pairs_like_that", p0);
}

const struct detector detect_bare = {
	.name = "bare-address",
	.kin = "naming",
	.sign = "names no server",
	.attack = "T1573",
	.p1 = 0.6,
	.p0 = 0.04,
	.innocent = true,
	.observe = observe,
	.describe = describe,
};
