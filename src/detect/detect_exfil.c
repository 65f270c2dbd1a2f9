/* SPDX-License-Identifier: Apache-2.0 */
/*
 * More data goes to a place than should: than from hosts of the same role, than
 * ever before, or little at a time for as long as we watched.
 *
 * All three speak only of pairs that send twice what they get, and count payload
 * over the whole window, so that an upload cut into pieces weighs what it weighs in one.
 */
#include "detect/detector.h"
#include "detect/detectors.h"

enum {
	TIMES_IN = 2,
	BULK_BYTES = 1000000, /* less than that is a report */
	TIMES_PEERS = 10,
	TIMES_BEFORE = 10,
	PAST_BLOCKS = 4,
	SLOW_BYTES = 256000,
	SLOW_TIMES_IN = 5,
	SLOW_BLOCKS = 6,
	SLOW_EVEN = 4, /* the largest block is no more than so many times the mean */
};

static bool mainly_sends(const struct timeline *t)
{
	return t->answered > 0 && t->out_payload >= TIMES_IN * t->in_payload;
}

/* Than the largest upload to one place of any host like it. */
static enum trait observe_peers(const struct subject *s)
{
	const struct timeline *t = s->timeline;

	if (!s->facts || !s->facts->peers.hosts || s->groups_forgotten)
		return TRAIT_UNKNOWN;
	return mainly_sends(t) && t->out_payload >= BULK_BYTES &&
			       t->out_payload / TIMES_PEERS >= s->facts->peers.most_bytes
		       ? TRAIT_PRESENT
		       : TRAIT_ABSENT;
}

static void describe_peers(const struct subject *s, enum trait trait, double p0,
			   struct evidence *out)
{
	const struct facts *f = s->facts;
	double sent = (double)s->timeline->out_payload;
	char text[BYTES_TEXT_SIZE], most[BYTES_TEXT_SIZE];

	(void)trait;
	evidence_say(out,
		     "it sent %s there, %.0f %% of all that the host sent outside; none of %u "
		     "other hosts%s sent more than %s to one place; %.1f %% of pairs stand out so",
		     bytes_text(sent, text), f->host_sent ? 100 * sent / (double)f->host_sent : 100,
		     f->peers.hosts, f->peers.of_fleet ? "" : " that call the same places",
		     bytes_text((double)f->peers.most_bytes, most), 100 * p0);
	evidence_fact(out, "out_payload", sent);
	evidence_fact(out, "in_payload", (double)s->timeline->in_payload);
	evidence_fact(out, "host_out_payload", (double)f->host_sent);
	evidence_fact(out, "peers", f->peers.hosts);
	evidence_fact(out, "peers_most", (double)f->peers.most_bytes);
	evidence_fact(out, "pairs_like_that", p0);
}

const struct detector detect_exfil = {
	.name = "exfiltration",
	.kin = "volume",
	.sign = "sends far more than its like",
	.attack = "T1048",
	.p1 = 0.1,
	.p0 = 0.01,
	.alone = true,
	.observe = observe_peers,
	.describe = describe_peers,
};

/* Than in any other part of the pair's own time. */
static enum trait observe_past(const struct subject *s)
{
	const struct facts *f = s->facts;

	if (!f || f->busy_blocks < PAST_BLOCKS)
		return TRAIT_UNKNOWN;
	return mainly_sends(s->timeline) && f->top_block >= BULK_BYTES &&
			       f->top_block >= TIMES_BEFORE * f->second_block
		       ? TRAIT_PRESENT
		       : TRAIT_ABSENT;
}

static void describe_past(const struct subject *s, enum trait trait, double p0,
			  struct evidence *out)
{
	const struct facts *f = s->facts;
	char top[BYTES_TEXT_SIZE], second[BYTES_TEXT_SIZE], block[DURATION_TEXT_SIZE];

	(void)trait;
	evidence_say(out,
		     "it sent %s there within %s, and never more than %s in any other; %.1f %% of "
		     "pairs jump so",
		     bytes_text(f->top_block, top), duration_text(f->block_s, block),
		     bytes_text(f->second_block, second), 100 * p0);
	evidence_fact(out, "most_out_payload", f->top_block);
	evidence_fact(out, "second_out_payload", f->second_block);
	evidence_fact(out, "within_s", f->block_s);
	evidence_fact(out, "pairs_like_that", p0);
}

const struct detector detect_jump = {
	.name = "upload-jump",
	.kin = "volume",
	.sign = "sends far more than before",
	.attack = "T1048",
	.p1 = 0.05,
	.p0 = 0.01,
	.observe = observe_past,
	.describe = describe_past,
};

/* A little in most parts of the window, nearly all of it outward. */
static enum trait observe_slow(const struct subject *s)
{
	const struct timeline *t = s->timeline;
	const struct facts *f = s->facts;

	if (!f || f->blocks < SLOW_BLOCKS || f->block_s < 3600)
		return TRAIT_UNKNOWN;
	return t->answered > 0 && t->out_payload >= SLOW_BYTES &&
			       t->out_payload >= SLOW_TIMES_IN * t->in_payload &&
			       f->busy_blocks >= SLOW_BLOCKS &&
			       f->top_block * f->busy_blocks <= SLOW_EVEN * (double)t->out_payload
		       ? TRAIT_PRESENT
		       : TRAIT_ABSENT;
}

static void describe_slow(const struct subject *s, enum trait trait, double p0,
			  struct evidence *out)
{
	const struct timeline *t = s->timeline;
	const struct facts *f = s->facts;
	char sum[BYTES_TEXT_SIZE], top[BYTES_TEXT_SIZE], block[DURATION_TEXT_SIZE];
	char span[DURATION_TEXT_SIZE];

	(void)trait;
	evidence_say(
		out,
		"%u call%s sent %s in all over %s, %.0f times what came back, at most %s within "
		"%s; %.1f %% of pairs do",
		t->calls, t->calls == 1 ? "" : "s", bytes_text((double)t->out_payload, sum),
		duration_text((double)(t->last_ms - t->first_ms) / 1e3, span),
		t->in_payload ? (double)t->out_payload / (double)t->in_payload
			      : (double)t->out_payload,
		bytes_text(f->top_block, top), duration_text(f->block_s, block), 100 * p0);
	evidence_fact(out, "out_payload", (double)t->out_payload);
	evidence_fact(out, "in_payload", (double)t->in_payload);
	evidence_fact(out, "most_out_payload", f->top_block);
	evidence_fact(out, "within_s", f->block_s);
	evidence_fact(out, "busy_parts", f->busy_blocks);
	evidence_fact(out, "parts", f->blocks);
	evidence_fact(out, "pairs_like_that", p0);
}

const struct detector detect_slow = {
	.name = "slow-exfiltration",
	.kin = "volume",
	.sign = "leaks little by little",
	.attack = "T1030",
	.p1 = 0.2,
	.p0 = 0.02,
	.observe = observe_slow,
	.describe = describe_slow,
};
