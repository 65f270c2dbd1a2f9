/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A list of known bad places names it.
 *
 * The weight is what the list's makers claim, less what makes such claims go
 * wrong: half the decibans of the number of addresses that one entry covers
 * (they mean some of these), 10 dB if it is listed for another port, and the
 * decibans of the number of hosts that go there, for popular names get onto
 * lists by mistake.  But a listed place is never quite excused by being
 * popular, as a whole lot may be implanted; it then makes one case in all.
 *
 * Fingerprints of clients are shared by many programs, and a host that serves
 * one listed URL serves others: those only hint.
 */
#include "detect/detector.h"
#include "detect/detectors.h"

#include <math.h>
#include <stdio.h>

static const double certain_db[INDICATOR_KINDS] = {
	[INDICATOR_CERTIFICATE] = 40, [INDICATOR_URL] = 40, [INDICATOR_DOMAIN] = 37,
	[INDICATOR_NETWORK] = 35,     [INDICATOR_JA4] = 15, [INDICATOR_JA3] = 12,
	[INDICATOR_URL_HOST] = 10,
};

/* From here on a match is a case by itself, and popularity takes nothing more away. */
static const double strong_db = 22;
static const double other_port_db = 10, each_bit_db = 1.505; /* half of 10 log10 2 */

static bool is_listed(const struct subject *s)
{
	return s->intel && s->timeline->listed;
}

static bool is_other_port(const struct subject *s, const struct indicator *i)
{
	return i->port && s->timeline->key.grouping == GROUP_ADDRESS &&
	       s->timeline->key.port != i->port;
}

static double weight_of(const struct subject *s, const struct indicator *i)
{
	double db = certain_db[i->kind] - each_bit_db * i->wide_bits;
	double popular = s->hosts_to_destination > 1 ? 10 * log10(s->hosts_to_destination) : 0;

	if (is_other_port(s, i))
		db -= other_port_db;
	if (db >= strong_db)
		return fmax(strong_db, db - popular);
	return fmax(1, db - popular);
}

static double weigh(const struct subject *s)
{
	struct indicator i = intel_get(s->intel, s->timeline->listed);

	return weight_of(s, &i);
}

static enum trait observe_strong(const struct subject *s)
{
	if (!s->intel)
		return TRAIT_UNKNOWN;
	return is_listed(s) && weigh(s) >= strong_db ? TRAIT_PRESENT : TRAIT_ABSENT;
}

static enum trait observe_hint(const struct subject *s)
{
	if (!s->intel)
		return TRAIT_UNKNOWN;
	return is_listed(s) && weigh(s) < strong_db ? TRAIT_PRESENT : TRAIT_ABSENT;
}

static const char *kind_text(const struct indicator *i)
{
	static const char *const texts[INDICATOR_KINDS] = {
		[INDICATOR_CERTIFICATE] = "the server's certificate",
		[INDICATOR_URL] = "the page asked for",
		[INDICATOR_DOMAIN] = "the name",
		[INDICATOR_NETWORK] = "the address",
		[INDICATOR_JA4] = "the client's JA4, which others may share,",
		[INDICATOR_JA3] = "the client's JA3, which others may share,",
		[INDICATOR_URL_HOST] = "a page of this server, maybe another one,",
	};

	return i->wide_bits ? "the network" : texts[i->kind];
}

static void describe(const struct subject *s, enum trait trait, double p0, struct evidence *out)
{
	const struct timeline *t = s->timeline;
	struct indicator i = intel_get(s->intel, t->listed);
	bool lookup = t->key.grouping == GROUP_LOOKUP;
	char popular[64] = "", port[48] = "", more[32] = "";

	(void)trait;
	(void)p0;
	if (is_other_port(s, &i))
		snprintf(port, sizeof(port), " for port %u", i.port);
	if (i.more_lists)
		snprintf(more, sizeof(more), " and %u more", i.more_lists);
	if (s->hosts_to_destination > 2)
		snprintf(popular, sizeof(popular), "; %u of %u hosts go there: is the list right?",
			 s->hosts_to_destination, s->hosts);
	evidence_say(out, "%s%s is listed%s: %.60s in %.60s %s %u%s%s%.50s%s",
		     lookup ? "looked up, and no call seen: " : "", kind_text(&i), port, i.text,
		     i.list, i.unit, i.line, more, *i.about ? ", " : "", i.about, popular);
	evidence_fact(out, "list_line", i.line);
	evidence_fact(out, "listed_calls", t->listed_calls);
	evidence_fact(out, "calls", t->calls);
	evidence_fact(out, "hosts", s->hosts_to_destination);
}

const struct detector detect_intel = {
	.name = "intel",
	.kin = "intel",
	.sign = "on a list",
	.attack = "T1071",
	.alone = true,
	.most_db = 40,
	.observe = observe_strong,
	.describe = describe,
	.weigh = weigh,
};

const struct detector detect_intel_hint = {
	.name = "intel-hint",
	.kin = "intel",
	.sign = "like something on a list",
	.attack = "T1071",
	.observe = observe_hint,
	.describe = describe,
	.weigh = weigh,
};
