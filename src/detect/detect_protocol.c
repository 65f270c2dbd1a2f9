/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Something else is said than what belongs on the port: no TLS on port 443, no DNS on
 * port 53, no time in NTP.  Whoever wants to get out uses a port that is let out.
 */
#include "detect/detector.h"
#include "detect/detectors.h"

#include "proto/app.h"

#include <netinet/in.h>

static enum trait observe(const struct subject *s)
{
	const struct timeline *t = s->timeline;

	if (t->key.grouping != GROUP_ADDRESS || t->out_payload == 0 || t->proxied ||
	    (t->app == APP_UNKNOWN && !t->other_protocol))
		return TRAIT_UNKNOWN;
	return 2 * t->other_protocol >= t->calls ? TRAIT_PRESENT : TRAIT_ABSENT;
}

static void describe(const struct subject *s, enum trait trait, double p0, struct evidence *out)
{
	const struct timeline *t = s->timeline;
	const char *spoken = app_name(t->app);

	(void)trait;
	evidence_say(out,
		     "%u of %u calls do not speak what belongs on port %u/%s, but %s; %.2f %% of "
		     "pairs are like that",
		     t->other_protocol, t->calls, t->key.port,
		     t->key.proto == IPPROTO_TCP ? "tcp" : "udp",
		     t->app == APP_RANDOM ? "what looks like noise"
		     : *spoken		  ? spoken
					  : "something unknown",
		     100 * p0);
	evidence_fact(out, "calls_other", t->other_protocol);
	evidence_fact(out, "calls", t->calls);
	evidence_fact(out, "pairs_like_that", p0);
}

const struct detector detect_protocol = {
	.name = "protocol",
	.kin = "service",
	.sign = "not what its port is for",
	.attack = "T1571",
	.p1 = 0.2,
	.p0 = 0.005,
	.observe = observe,
	.describe = describe,
};
