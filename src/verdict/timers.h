/* SPDX-License-Identifier: Apache-2.0 */
/*
 * timers.h - who is a timer: e-BH on guaranteed values, Benjamini-Hochberg on
 * calibrated ones, over all groups that were tested; convinced by either is a
 * timer.
 *
 * The lists stay sorted, so that "what if this one had been among them" costs
 * a logarithm: one more group moves both bars a little, and may carry others
 * over them or leave them behind.
 *
 * Memory: 24 bytes a group tested.  Threads: read by all once it is found.
 */
#pragma once

#include "verdict/judge.h"

struct bars {
	double least_nats, most_p; /* INFINITY, -INFINITY: nobody passes */
};

struct timers {
	double level;
	size_t tested;
	double *nats, *p;	  /* ascending */
	uint32_t *by_nats, *by_p; /* whose they are */
	struct bars bars;
};

/* 0 or -ENOMEM. */
int timers_find(const struct judgement *judged, size_t count, double level,
		struct timers *out_timers) MUST_USE;
void timers_fini(struct timers *timers);

/* The bars if `added` had been judged, too, and `removed`, which had been, not. */
enum { TIMERS_CHANGES_MAX = 16 };
struct bars timers_bars(const struct timers *timers, const struct judgement *const *added,
			size_t added_count, const struct judgement *const *removed,
			size_t removed_count);

bool timers_pass(const struct bars *bars, const struct judgement *judgement);

/*
 * Have everyone told whose value lies between the two bars: whether they are a
 * timer may depend on which of them stands.  One may be told twice.
 */
typedef void timers_fn(void *arg, uint32_t group);
void timers_between(const struct timers *timers, const struct bars *a, const struct bars *b,
		    timers_fn *fn, void *arg);
