/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pings that say something.  An echo reply brings back what the request held (RFC 792,
 * RFC 4443), and what requests hold is a filling: the same each time, behind a time
 * stamp.  Replies to nothing that was asked, and contents that differ from ping to ping,
 * are somebody's data.  docs/detection/icmp-tunnel.md has the reasons for the weights.
 *
 * Of a log only the sums are there: replies that hold more than the requests.
 */
#include "detect/detector.h"
#include "detect/detectors.h"
#include "detect/fleet.h"

#include <math.h>
#include <netinet/in.h>

enum {
	LEAST_PINGS = 8,
	LEAST_CHANGED = 200,   /* bytes */
	LEAST_LOGGED = 2000,   /* bytes of replies, where only sums are known */
	ORDINARY_CHANGED = 20, /* bytes: see weigh() */
	UNLIKE_DB = 25,
	CHANGED_MOST_DB = 25,
	LOGGED_DB = 20,
	MOST_DB = 40
};

struct pings {
	const struct echo_facts *facts; /* NULL: only sums are known */
	uint32_t replies, unlike;	/* that were checked */
	uint32_t compared, different;
	uint64_t changed_bytes;
	bool unlike_sign, changed_sign, logged_sign;
};

static struct pings measure(const struct subject *s)
{
	const struct echo_facts *f = s->group->echo;
	const struct timeline *t = s->timeline;
	struct pings p = {.facts = f};

	if (!f) {
		p.logged_sign = t->in_payload >= LEAST_LOGGED &&
				2 * t->in_payload >= 3 * t->out_payload && t->answered > 0;
		return p;
	}
	p.replies = f->in.checked + f->out.checked;
	p.unlike = f->in.unlike + f->out.unlike;
	p.compared = f->in.compared + f->out.compared;
	p.different = f->in.different + f->out.different;
	p.changed_bytes = f->out.changed_bytes;
	p.unlike_sign = p.replies >= LEAST_PINGS && 2 * p.unlike >= p.replies;
	p.changed_sign = p.compared >= LEAST_PINGS && 2 * p.different >= p.compared &&
			 p.changed_bytes >= LEAST_CHANGED;
	return p;
}

static enum trait observe(const struct subject *s)
{
	const struct timeline_key *key = &s->timeline->key;
	struct pings p;

	if (!s->group || key->grouping != GROUP_ADDRESS ||
	    (key->proto != IPPROTO_ICMP && key->proto != IPPROTO_ICMPV6))
		return TRAIT_UNKNOWN;
	p = measure(s);
	if (!p.unlike_sign && !p.changed_sign && !p.logged_sign)
		return TRAIT_ABSENT;
	return TRAIT_PRESENT;
}

/* P(an ordinary pair changes C bytes or more behind the stamps) is taken to be 20 / C. */
static double weigh(const struct subject *s)
{
	struct pings p = measure(s);
	double db = p.unlike_sign ? UNLIKE_DB : 0;

	if (p.logged_sign)
		return LOGGED_DB;
	if (p.changed_sign)
		db += fmin(CHANGED_MOST_DB, 10 * log10((double)p.changed_bytes / ORDINARY_CHANGED));
	return fmin(MOST_DB, db);
}

static void describe(const struct subject *s, enum trait trait, double p0, struct evidence *out)
{
	struct pings p = measure(s);
	const struct timeline *t = s->timeline;
	char changed[BYTES_TEXT_SIZE], sent[BYTES_TEXT_SIZE], got[BYTES_TEXT_SIZE];

	(void)trait;
	(void)p0;
	bytes_text((double)t->out_payload, sent);
	bytes_text((double)t->in_payload, got);
	if (!p.facts) {
		evidence_say(out,
			     "the replies hold more than the pings: %s out, %s in; an echo brings "
			     "back what was sent",
			     sent, got);
		evidence_fact(out, "out_payload", (double)t->out_payload);
		evidence_fact(out, "in_payload", (double)t->in_payload);
		return;
	}
	bytes_text((double)p.changed_bytes, changed);
	evidence_say(out,
		     "%u of %u replies are not what was asked, and %u of %u pings differ from the "
		     "one before: %s sent behind the time stamps, of %s in all (%u to %u B each)",
		     p.unlike, p.replies, p.different, p.compared, changed, sent,
		     p.facts->out.shortest, p.facts->out.longest);
	evidence_fact(out, "pings", p.facts->packets);
	evidence_fact(out, "replies_unlike", p.unlike);
	evidence_fact(out, "pings_different", p.different);
	evidence_fact(out, "changed_bytes", (double)p.changed_bytes);
	evidence_fact(out, "longest", p.facts->out.longest);
}

const struct detector detect_icmp_tunnel = {
	.name = "icmp-tunnel",
	.kin = "tunnel",
	.sign = "pings that carry something",
	.attack = "T1095",
	.alone = true,
	.most_db = MOST_DB,
	.observe = observe,
	.describe = describe,
	.weigh = weigh,
};
