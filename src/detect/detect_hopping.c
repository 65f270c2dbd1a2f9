/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A rhythm that no single destination shows: another address, or another port,
 * each time.  Said only of calls that were judged together (verdict/unions.h),
 * so its share is the table's and not counted: about any one destination the
 * question cannot be asked.
 */
#include "detect/detector.h"
#include "detect/detectors.h"

#include <stdio.h>

/* Fewer are what a service with a spare address or two looks like. */
enum { HOPS_LEAST = 4 };

static enum trait observe(const struct subject *s)
{
	if (s->addresses <= 1 && s->ports <= 1)
		return TRAIT_UNKNOWN;
	return s->is_timer && (s->addresses >= HOPS_LEAST || s->ports >= HOPS_LEAST) ? TRAIT_PRESENT
										     : TRAIT_ABSENT;
}

static void describe(const struct subject *s, enum trait trait, double p0, struct evidence *out)
{
	char ports[48] = "";

	(void)trait;
	if (s->ports > 1)
		snprintf(ports, sizeof(ports), "%s%u ports", s->addresses > 1 ? " and " : "",
			 s->ports);
	if (s->addresses > 1)
		evidence_say(out,
			     "one rhythm runs through %u addresses%s, none of which shows it "
			     "alone; taken to be so for %.0f %% of ordinary timers",
			     s->addresses, ports, 100 * p0);
	else
		evidence_say(out,
			     "one rhythm runs through %s, none of which shows it alone; taken "
			     "to be so for %.0f %% of ordinary timers",
			     ports, 100 * p0);
	evidence_fact(out, "addresses", s->addresses);
	evidence_fact(out, "ports", s->ports);
}

const struct detector detect_hopping = {
	.name = "hopping",
	.kin = "service",
	.sign = "another port or address each time",
	.attack = "T1008",
	.p1 = 0.1,
	.p0 = 0.01,
	.observe = observe,
	.describe = describe,
};
