/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verdict.h - from all groups of the fleet to a ranked list of cases.
 *
 *	judge every group --> who is a timer (false-discovery control)
 *	--> join the others into unions, judge these --> who is a timer, of all
 *	--> weigh what else is odd --> severity --> collapse into cases --> rank
 *
 * The list holds every timer, explained or not, and every other group whose
 * evidence reaches medium severity by at least three unrelated kinds of signs,
 * or by one that is case enough alone; below the cases also what is a little odd
 * (listing.h).
 *
 * Evidence.  Rank and severity follow the score, in which related evidence
 * (naming, volume, ...) counts as the mean of its likelihood ratios: adding
 * correlated traits overclaims (measured in the study behind docs/detection/README.md,
 * 54-fold at 40 dB).  The plain sum stands beside it and breaks ties.
 *
 * Memory: about 350 bytes per group, plus 600 bytes and its
 * evidence for each finding; kept as long as the verdict.
 * Threads: judging runs on `threads` threads; the result does not depend on it.
 */
#pragma once

#include "base/complaint.h"
#include "verdict/finding.h"
#include "verdict/unions.h"

struct verdict_config {
	double false_discovery; /* level of the list of timers, e.g. 0.05 */
	double prior_db;	/* log odds that a group is a call-home, e.g. -30 */
	size_t threads;		/* at least 1 */
	/* Now and then, from one thread: groups judged of groups; may be NULL. */
	void (*progress)(void *arg, size_t done, size_t of);
	void *arg;
};

struct verdict_config verdict_config_default(void);

struct verdict {
	struct finding *findings; /* ranked */
	size_t count;
	size_t by_severity[SEVERITIES];
	size_t groups, groups_tested;
	size_t unions_tested; /* sets of groups that alone show no rhythm */
	size_t timers;	      /* of both */
	uint32_t hosts;
	double window_s;
	double false_discovery, prior_db;

	struct fleet fleet;		  /* what the findings borrow from */
	struct evidence *evidence;	  /* of all findings */
	struct destination *destinations; /* the same */
	struct unions unions, pools;	  /* what some groups of the fleet borrow from */
	struct ground *ground;		  /* what it rests on (ground.h): for probes */
};

/* 0 or -ENOMEM.  `out_verdict` borrows the sources' tables. */
int verdict_reach(const struct fleet_source *sources, size_t count, const struct spans *watched,
		  const struct verdict_config *config, struct verdict *out_verdict) MUST_USE;
void verdict_fini(struct verdict *verdict);
