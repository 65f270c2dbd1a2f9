/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Information goes out in the names that are asked for.  Whoever owns a domain gets
 * every question under it that no cache can answer, through any number of resolvers;
 * a name that is never asked for twice is a message.
 *
 * Weighed is what the names said on their best day: B bytes that no earlier name held,
 * less the share of names that the host then called.  Ordinary traffic sends little
 * that way, and the more the rarer; see docs/detection/dns-tunnel.md for where
 *
 *	P(ordinary pair of host and domain says B bytes or more in a day) = 30 / B, from there on
 *
 * comes from.  Call-homes over DNS are taken to say any B, so 10 log10(B / 30).
 *
 * Where n hosts ask about the domain that becomes 10 log10(B / (30 n)): services that
 * answer such questions are bought for one host or a whole fleet alike, so each doubling
 * of n is as likely as the next, while few of the hosts are taken by one implant: P(n) = 1 / n.
 */
#include "detect/detector.h"
#include "detect/detectors.h"
#include "detect/fleet.h"

#include <math.h>
#include <string.h>

static const double ordinary_bytes = 30;
static const double least_bytes_a_name = 4; /* words and numbers say less */
static const double most_db = 40, odd_types_db = 6, reputation_db = -6;

enum { LEAST_NAMES = 20 };

/*
 * Who sells or gives answers about addresses, files and sites by DNS: their names hold
 * hashes and are different each time.  Nobody else answers for these domains, as long
 * as an ordinary resolver is asked.
 */
static const char *const reputation[] = {
	"abuseat.org",
	"barracudacentral.org",
	"cymru.com",
	"dnswl.org",
	"e5.sk",
	"eset.com",
	"mailspike.net",
	"mcafee.com",
	"senderbase.org",
	"senderscore.com",
	"sophosxl.com",
	"sophosxl.net",
	"sorbs.net",
	"spamcop.net",
	"spamhaus.net",
	"spamhaus.org",
	"support-intelligence.net",
	"surbl.org",
	"trendmicro.com",
	"uribl.com",
};

struct dns_tunnel {
	const struct domain_facts *facts;
	const char *domain;
	double distinct, day_bytes, all_bytes, hour_bytes, bytes_a_name;
	double odd_types; /* share of questions of types that look-ups of addresses do not need */
	bool reputation;
};

static double share_uncalled(const struct group *g, double distinct)
{
	return distinct > 0 ? fmax(0, 1 - g->names_called / distinct) : 0;
}

static bool is_reputation(const struct domain_facts *f, const char *domain)
{
	if (2 * f->outside > f->questions)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(reputation); i++)
		if (!strcmp(domain, reputation[i]))
			return true;
	return false;
}

static struct dns_tunnel measure(const struct subject *s)
{
	const struct domain_facts *f = s->group->domain;
	struct dns_tunnel t = {.facts = f, .distinct = domain_distinct(f)};
	double uncalled = share_uncalled(s->group, t.distinct);
	uint64_t plain = 0;

	t.domain = string_table_get(s->names, f->key.domain);
	t.all_bytes = uncalled * domain_carried(f, f->bits);
	t.day_bytes = uncalled * domain_carried(f, f->best_day_bits);
	t.hour_bytes = uncalled * domain_carried(f, f->best_hour_bits);
	t.bytes_a_name = (double)f->bits / 8 / f->changes;
	for (int type = DOMAIN_A; type <= DOMAIN_PTR; type++)
		plain += f->types[type];
	t.odd_types = 1 - (double)plain / f->questions;
	t.reputation = is_reputation(f, t.domain);
	return t;
}

static enum trait observe(const struct subject *s)
{
	struct dns_tunnel t;

	if (!s->group || !s->group->domain || s->group->domain->changes == 0)
		return TRAIT_UNKNOWN;
	t = measure(s);
	return t.distinct >= LEAST_NAMES && t.bytes_a_name >= least_bytes_a_name &&
			       t.day_bytes > ordinary_bytes
		       ? TRAIT_PRESENT
		       : TRAIT_ABSENT;
}

static double weigh(const struct subject *s)
{
	struct dns_tunnel t = measure(s);
	double db = 10 * log10(t.day_bytes / ordinary_bytes);

	if (t.reputation)
		return reputation_db;
	if (s->hosts_to_destination > 1)
		db -= 10 * log10(s->hosts_to_destination);
	return fmax(0, fmin(most_db, db + (t.odd_types >= 0.5 ? odd_types_db : 0)));
}

/* The name asked last, as far as it was kept. */
static void example(const struct domain_facts *f, char out[static 44])
{
	enum { SHOWN = 40 };
	size_t n = 0;

	for (; n < f->last_len && n < SHOWN; n++)
		out[n] = f->last[n] > ' ' && f->last[n] < 0x7f ? (char)f->last[n] : '?';
	out[n] = '\0';
	if (f->last_len > SHOWN)
		memcpy(out + n, "...", 4);
}

static enum domain_type main_type(const struct domain_facts *f)
{
	int most = DOMAIN_A;

	for (int type = DOMAIN_A; type < DOMAIN_TYPES; type++)
		if (f->types[type] > f->types[most])
			most = type;
	return (enum domain_type)most;
}

static void describe(const struct subject *s, enum trait trait, double p0, struct evidence *out)
{
	struct dns_tunnel t = measure(s);
	const struct domain_facts *f = t.facts;
	enum domain_type type = main_type(f);
	char all[BYTES_TEXT_SIZE], hour[BYTES_TEXT_SIZE], name[44];

	(void)trait;
	(void)p0;
	example(f, name);
	bytes_text(t.all_bytes, all);
	bytes_text(t.hour_bytes, hour);
	if (t.reputation)
		evidence_say(out,
			     "about %.0f different names under %s, which answers for the repute of "
			     "addresses and files; such names are hashes",
			     t.distinct, t.domain);
	else
		evidence_say(
			out,
			"about %.0f different names in %u questions (%.0f %% %s) say about %s, %s "
			"in the best hour; %.0f %% %s, %.0f %% no answer; such as %s",
			t.distinct, f->questions, 100.0 * f->types[type] / f->questions,
			domain_type_name(type), all, hour, 100.0 * f->failed / f->questions,
			"no such name", 100.0 * (f->questions - f->answered) / f->questions, name);
	evidence_fact(out, "questions", f->questions);
	evidence_fact(out, "names", round(t.distinct));
	evidence_fact(out, "carried_bytes", round(t.all_bytes));
	evidence_fact(out, "best_hour_bytes", round(t.hour_bytes));
	evidence_fact(out, "bytes_a_name", t.bytes_a_name);
	evidence_fact(out, "longest_label", f->longest_label);
	evidence_fact(out, "odd_types", t.odd_types);
	evidence_fact(out, "answer_bytes", (double)f->answer_bytes);
}

const struct detector detect_dns_tunnel = {
	.name = "dns-tunnel",
	.kin = "tunnel",
	.sign = "information in the names it asks for",
	.attack = "T1071.004",
	.alone = true,
	.most_db = most_db,
	.observe = observe,
	.describe = describe,
	.weigh = weigh,
};
