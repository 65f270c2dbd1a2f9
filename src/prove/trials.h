/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trials.h - inject, judge, count: many times, on several threads.
 *
 * A cell is one kind of implant at one kind of destination.  Its trials are
 * spread evenly over the quarters of the hosts by activity.  Trial i of a cell
 * has its own seed, from the seed of the whole, the cell's salt and i, so the
 * counts do not depend on threads or on what else is tried; fresh salts give
 * fresh implants.
 */
#pragma once

#include "prove/injection.h"
#include "verdict/probe.h"

struct trials_setting {
	const struct verdict *verdict;
	const struct terrain *terrain;
	enum severity least; /* what is listed from here on counts as reported */
	uint64_t seed;
	size_t threads;
};

struct trials_cell {
	enum injection_kind kind;
	struct implant implant;
	uint32_t trials;
	uint64_t salt;
	bool want_rank;
};

struct trials_tally {
	uint32_t injected; /* the other trials found no such place */
	uint32_t reported, listed;
	uint32_t calls_least, calls_most; /* of an implant */
	uint32_t rank_median, rank_worst; /* of those reported, if ranks were wanted */
	struct {
		uint32_t injected, reported;
	} quartile[TERRAIN_QUARTILES];
};

/* What became of one trial. */
struct trial {
	bool placed, reported, listed;
	uint8_t quartile;
	enum severity severity;
	uint32_t calls, rank;
	double score_db;
};

/* May be called after each trial, from the calling thread. */
struct trials_progress {
	void (*report)(void *arg, size_t done, size_t of);
	void *arg;
};

/* 0 or -ENOMEM. */
int trials_run(const struct trials_setting *setting, const struct trials_cell *cells, size_t count,
	       const struct trials_progress *progress, struct trials_tally *out_tallies) MUST_USE;

/* Trial `number` of a cell as it would be injected; false: no place. */
bool trials_settle(const struct trials_setting *setting, const struct trials_cell *cell,
		   uint32_t number, struct injection *out_injection);

/* One trial on its own, with its outcome.  0 or -ENOMEM. */
int trials_one(const struct trials_setting *setting, const struct trials_cell *cell,
	       uint32_t number, struct trial *out_trial) MUST_USE;
