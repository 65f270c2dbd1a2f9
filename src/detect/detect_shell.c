/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody outside gives orders through a connection that the host began: after
 * a silence a few bytes come in, and more go out in answer, again and again.  In
 * no protocol that we know, at no even pace or with answers of all sizes, a person
 * or a script types into a shell (detect_shell); where only the
 * turns are like that it may be a push service (detect_orders).
 */
#include "detect/detector.h"
#include "detect/detectors.h"

#include <netinet/in.h>

enum { SHELL_ORDERS = 6, ORDERS = 8, LINE_BYTES = 256 };
static const double most_turns = 0.7, uneven = 0.3, same = 0.8, open_s = 600, idle_bytes_s = 200;

/* The turns are the other side's, and what goes out is more than what comes in. */
static bool takes_orders(const struct timeline *t, uint32_t least)
{
	return t->led >= least && t->led >= most_turns * t->turns &&
	       t->out_payload >= t->in_payload && t->in_payload <= (uint64_t)LINE_BYTES * t->led;
}

/* A connection that stays open, in which little is said and the other side began. */
static bool waits_for_orders(const struct timeline *t)
{
	double seconds = (double)t->total_ms / 1e3;

	return t->remote_first && t->longest_ms / 1e3 >= open_s &&
	       t->out_payload >= t->in_payload &&
	       (double)(t->out_payload + t->in_payload) <= idle_bytes_s * seconds;
}

static bool is_of_no_known_kind(const struct timeline *t)
{
	return t->app == APP_UNKNOWN || t->app == APP_RANDOM;
}

/* A ping and its pong come at an even pace, or are always of one size. */
static bool is_no_keepalive(const struct facts *f)
{
	return f->unevenness >= uneven || (f->same_size > 0 && f->same_size < same);
}

static enum trait observe_shell(const struct subject *s)
{
	const struct timeline *t = s->timeline;

	if (t->key.proto != IPPROTO_TCP || t->turns == 0 || !s->facts)
		return TRAIT_UNKNOWN; /* a log does not tell whose turn it was */
	return takes_orders(t, SHELL_ORDERS) && is_of_no_known_kind(t) && is_no_keepalive(s->facts)
		       ? TRAIT_PRESENT
		       : TRAIT_ABSENT;
}

static void describe_turns(const struct timeline *t, double p0, const char *what,
			   struct evidence *out)
{
	char sent[BYTES_TEXT_SIZE], got[BYTES_TEXT_SIZE];

	bytes_text((double)t->out_payload, sent);
	bytes_text((double)t->in_payload, got);
	evidence_say(
		out,
		"%s: in %u of %u turns a few bytes came in after a silence and the host answered; "
		"%s in, %s out; %.1f %% of pairs do",
		what, t->led, t->turns, got, sent, 100 * p0);
	evidence_fact(out, "orders", t->led);
	evidence_fact(out, "turns", t->turns);
	evidence_fact(out, "out_payload", (double)t->out_payload);
	evidence_fact(out, "in_payload", (double)t->in_payload);
	evidence_fact(out, "pairs_like_that", p0);
}

static void describe_shell(const struct subject *s, enum trait trait, double p0,
			   struct evidence *out)
{
	(void)trait;
	describe_turns(s->timeline, p0, "the far end has the say in no known protocol", out);
	evidence_fact(out, "unevenness", s->facts->unevenness);
}

const struct detector detect_shell = {
	.name = "shell",
	.kin = "shell",
	.sign = "takes typed orders",
	.attack = "T1059",
	.p1 = 0.2,
	.p0 = 0.001,
	.pseudo = 1000,
	.alone = true,
	.most_db = 22,
	.observe = observe_shell,
	.describe = describe_shell,
};

static enum trait observe_orders(const struct subject *s)
{
	const struct timeline *t = s->timeline;

	if (t->key.proto != IPPROTO_TCP)
		return TRAIT_UNKNOWN;
	if (t->turns == 0 && !t->remote_first)
		return TRAIT_UNKNOWN;
	return takes_orders(t, ORDERS) || (is_of_no_known_kind(t) && waits_for_orders(t))
		       ? TRAIT_PRESENT
		       : TRAIT_ABSENT;
}

static void describe_orders(const struct subject *s, enum trait trait, double p0,
			    struct evidence *out)
{
	const struct timeline *t = s->timeline;
	char length[DURATION_TEXT_SIZE], sent[BYTES_TEXT_SIZE], got[BYTES_TEXT_SIZE];

	(void)trait;
	if (takes_orders(t, ORDERS)) {
		describe_turns(t, p0, "the far end has the say", out);
		return;
	}
	evidence_say(out,
		     "the far end spoke first and the connection stayed open for %s with little "
		     "said: %s in, %s out; %.1f %% of pairs do",
		     duration_text(t->longest_ms / 1e3, length),
		     bytes_text((double)t->in_payload, got),
		     bytes_text((double)t->out_payload, sent), 100 * p0);
	evidence_fact(out, "longest_s", t->longest_ms / 1e3);
	evidence_fact(out, "out_payload", (double)t->out_payload);
	evidence_fact(out, "in_payload", (double)t->in_payload);
	evidence_fact(out, "pairs_like_that", p0);
}

const struct detector detect_orders = {
	.name = "orders",
	.kin = "shell",
	.sign = "the far end has the say",
	.attack = "T1059",
	.p1 = 0.2,
	.p0 = 0.03,
	.observe = observe_orders,
	.describe = describe_orders,
};
