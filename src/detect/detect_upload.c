/* SPDX-License-Identifier: Apache-2.0 */
/*
 * More goes out than comes back.  Most conversations that a server starts
 * fetch something; one that mainly sends is a report, a backup or a leak.
 */
#include "detect/detector.h"
#include "detect/detectors.h"

enum { LEAST_PAYLOAD = 500, TIMES_MORE = 2 };

static enum trait observe(const struct subject *s)
{
	const struct timeline *t = s->timeline;

	if (t->out_payload < LEAST_PAYLOAD || t->answered == 0)
		return TRAIT_UNKNOWN;
	return t->out_payload >= TIMES_MORE * t->in_payload ? TRAIT_PRESENT : TRAIT_ABSENT;
}

static void describe(const struct subject *s, enum trait trait, double p0, struct evidence *out)
{
	const struct timeline *t = s->timeline;
	char sent[BYTES_TEXT_SIZE], got[BYTES_TEXT_SIZE];

	(void)trait;
	bytes_text((double)t->out_payload, sent);
	bytes_text((double)t->in_payload, got);
	evidence_say(out, "it sends more than it gets: %s out, %s in; %.1f %% of pairs do", sent,
		     got, 100 * p0);
	evidence_fact(out, "out_payload", (double)t->out_payload);
	evidence_fact(out, "in_payload", (double)t->in_payload);
	evidence_fact(out, "pairs_like_that", p0);
}

const struct detector detect_upload = {
	.name = "upload",
	.kin = "volume",
	.sign = "sends more than it gets",
	.attack = "T1041",
	.p1 = 0.4,
	.p0 = 0.05,
	.observe = observe,
	.describe = describe,
};
