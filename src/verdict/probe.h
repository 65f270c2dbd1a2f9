/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe.h - how would this traffic have fared, had it been there, too?
 *
 *	verdict, a few groups as they would have been --> what the list would say of them
 *
 * One host's groups, new ones or changed ones, are judged as if they had been
 * among those of the fleet: against the activity of their host, with the bars of
 * false-discovery control as they would lie with these groups in the list (they
 * may carry others over them), with the weights counted on the fleet with these
 * groups in it, and ranked among the cases there are.  All of it goes through
 * the functions that the verdict itself went through.
 *
 * What is not done over: the judgements of the host's other groups, which see
 * its activity (the calls probed are a few more in it); prevalence of places
 * that are new to the fleet only through the probe is one host; facts that are
 * kept outside of groups do not know the calls probed.
 *
 * Memory: a timing_work (stat/timing.h) and what it touches.
 * Threads: a probe belongs to one; many may look at the same verdict.
 */
#pragma once

#include "verdict/verdict.h"

struct probe; /* opaque */

struct probe *probe_new(const struct verdict *verdict) MUST_USE; /* NULL: no memory */
void probe_free(struct probe *probe);				 /* NULL is fine */

/* Groups in a table of their own, as they would have been; all of one host of the fleet. */
enum { PROBE_GROUPS_MAX = 8 };
struct probe_traffic {
	const struct timeline_table *table;
	const struct string_table *names; /* NULL: names have the numbers of the host's lane */
	bool want_rank;			  /* costs a look at every finding */
};

struct probe_result {
	bool listed;
	/*
	 * The best of what would be listed, else of what would not; without kind and
	 * evidence.  Borrows the table.  Its rank: among all cases, 0 if it was not asked
	 * for or is not listed.
	 */
	struct finding finding;
	double least_nats, most_p; /* the bars, with it */
};

/* 0; -ENOMEM; -ENOENT if the table is empty or its host is not of the fleet. */
int probe_judge(struct probe *probe, const struct probe_traffic *traffic,
		struct probe_result *out_result) MUST_USE;
