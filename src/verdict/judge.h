/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge.h - look at one group's timing, and at all of them on several threads.
 *
 * Split before you test: other traffic to the same destination hides a beacon
 * from any statistic, but its calls mostly have another size.  Each size class
 * is tested on its own, and the number of tests is paid for.
 */
#pragma once

#include "detect/facts.h"
#include "detect/fleet.h"
#include "stat/timing.h"

enum { JUDGE_LEAST_CALLS = 5, JUDGE_CLASS_CALLS = 8, JUDGE_CLASSES = 10 };

struct judgement {
	struct timing_result timing; /* of the best class; p and decibans are paid for */
	uint32_t size_class;	     /* calls in that class; 0: all calls */
	bool tested;
	struct facts facts;
};

struct judge_progress {
	void (*report)(void *arg, size_t done, size_t of);
	void *arg;
};

/* Fills `out` (one for each group of the fleet).  0 or -ENOMEM. */
int judge_fleet(const struct fleet *fleet, size_t threads, const struct judge_progress *progress,
		struct judgement *out) MUST_USE;

/* Scratch memory for one thread; NULL: no memory. */
struct judge_work; /* opaque */
struct judge_work *judge_work_new(const struct fleet *fleet) MUST_USE;
void judge_work_free(struct judge_work *work); /* NULL is fine */

/*
 * One group, which need not be among those of the fleet: `hourly` are the calls
 * per hour of its host, its own included (fleet_hourly()).  0 or -ENOMEM.
 */
int judge_group(struct judge_work *work, const struct fleet *fleet, const struct group *group,
		const float *hourly, struct judgement *out) MUST_USE;

/* The same for the groups from number `first` on. */
int judge_from(const struct fleet *fleet, size_t first, size_t threads,
	       const struct judge_progress *progress, struct judgement *out) MUST_USE;

/*
 * Sort `calls` by size and write where each class of sizes within 2 % begins
 * and how many calls it has, largest class first; returns how many classes
 * have at least JUDGE_CLASS_CALLS, at most JUDGE_CLASSES.
 */
struct size_class {
	size_t start, count;
};
size_t judge_size_classes(struct call *calls, size_t n, struct size_class out[JUDGE_CLASSES]);
