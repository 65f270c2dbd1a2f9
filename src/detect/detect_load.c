/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What it sends follows what the host serves: somebody is told how much data
 * flows through this server, and when.  A report, an agent or a log shipper does
 * so too, but mostly together with its like on other hosts.
 */
#include "detect/detector.h"
#include "detect/detectors.h"

static const double least_r = 0.5, least_z = 4;

static enum trait observe(const struct subject *s)
{
	const struct facts *f = s->facts;

	if (!f || !f->follow_bins)
		return TRAIT_UNKNOWN;
	return f->follow.r >= least_r && f->follow.z_score >= least_z &&
			       f->follow.r > f->follow.elsewhere
		       ? TRAIT_PRESENT
		       : TRAIT_ABSENT;
}

static void describe(const struct subject *s, enum trait trait, double p0, struct evidence *out)
{
	const struct facts *f = s->facts;
	char bin[DURATION_TEXT_SIZE];

	(void)trait;
	evidence_say(out,
		     "what it sends follows what the host serves: rank correlation %.2f over %u "
		     "bins of %s beyond trend and other traffic, %.1f sigma above other shifts; "
		     "%.1f %% of pairs do",
		     f->follow.r, f->follow_bins, duration_text(f->follow_bin_s, bin),
		     f->follow.z_score, 100 * p0);
	evidence_fact(out, "load_correlation", f->follow.r);
	evidence_fact(out, "load_sigma", f->follow.z_score);
	evidence_fact(out, "load_elsewhere", f->follow.elsewhere);
	evidence_fact(out, "load_bins", f->follow_bins);
	evidence_fact(out, "load_bin_s", f->follow_bin_s);
	evidence_fact(out, "pairs_like_that", p0);
}

const struct detector detect_load = {
	.name = "follows-load",
	.kin = "volume",
	.sign = "follows the load",
	.attack = "T1020",
	.p1 = 0.2,
	.p0 = 0.01,
	.pseudo = 200,
	.observe = observe,
	.describe = describe,
};
