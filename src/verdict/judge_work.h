/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge_work.h - scratch memory of one judging thread; private to judge.c and judge_pool.c.
 */
#pragma once

#include "verdict/judge.h"

struct judge_work {
	struct timing_work *timing;
	struct call *calls;
	double *times;
	size_t room;
	double *hourly; /* of the host towards all its other destinations */
};

/* Room for so many calls and times.  0 or -ENOMEM. */
int judge_room(struct judge_work *work, size_t calls) MUST_USE;

/* Where a group's window begins on the watched axis, in ms, and how long it is, in s. */
double judge_window(const struct fleet *fleet, const struct call *first_call,
		    int64_t *out_start_ms);

/* Pay for `tests` looks: Bonferroni on p, an even mixture on the e-values. */
void judge_pay(struct timing_result *result, size_t tests);

/* A group of several hosts (verdict/pools.h).  0 or -ENOMEM. */
int judge_pool(struct judge_work *work, const struct fleet *fleet, const struct group *group,
	       struct judgement *out) MUST_USE;
