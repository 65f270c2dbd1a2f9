/* SPDX-License-Identifier: Apache-2.0 */
/*
 * It claims a name, in a TLS hello or an HTTP request, under which no DNS
 * answer gave this host the address, though answers for another name did: the
 * name of somebody else, to get past a filter or to look harmless.  Where no
 * answer gave the address at all, detect_lookup.c says so; to say it twice
 * would weigh it twice, or, as kin are averaged, less.
 */
#include "detect/detector.h"
#include "detect/detectors.h"
#include "base/complaint.h"
#include "detect/fleet.h"

#include <string.h>

/* As in detect_lookup.c: so many calls must come after some look-up was seen. */
static const double visible_share = 0.8, claimed_share = 0.8;

static enum trait observe(const struct subject *s)
{
	const struct timeline *t = s->timeline;

	if (!t->names[0] || s->names_forgotten || t->proxied || (!t->contradicted && !t->confirmed))
		return TRAIT_UNKNOWN;
	if (s->group && s->group->novelty.lookups_elsewhere)
		return TRAIT_UNKNOWN;
	if (t->lookups_visible < visible_share * t->calls)
		return TRAIT_UNKNOWN;
	return t->contradicted >= claimed_share * t->calls &&
			       t->looked_up >= claimed_share * t->calls
		       ? TRAIT_PRESENT
		       : TRAIT_ABSENT;
}

static void describe(const struct subject *s, enum trait trait, double p0, struct evidence *out)
{
	const struct timeline *t = s->timeline;
	const char *name = string_table_get(s->names, t->names[0]);
	char safe[64];

	(void)trait;
	printable(safe, sizeof(safe), name, strlen(name));
	evidence_say(out,
		     "it names %s, but DNS answers gave this host the address under another "
		     "name only; %.1f %% of pairs do that",
		     safe, 100 * p0);
	evidence_fact(out, "contradicted", t->contradicted);
	evidence_fact(out, "looked_up", t->looked_up);
	evidence_fact(out, "calls", t->calls);
	evidence_fact(out, "pairs_like_that", p0);
}

const struct detector detect_name = {
	.name = "name-mismatch",
	.kin = "naming",
	.sign = "claims a name that DNS does not bear out",
	.attack = "T1090.004",
	.p1 = 0.25,
	.p0 = 0.03,
	.observe = observe,
	.describe = describe,
};
