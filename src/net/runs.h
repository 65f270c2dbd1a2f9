/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runs.h - which bytes of a datagram are there: runs in order, with holes between.
 *
 *	0         start      have    end
 *	|  hole   |==========|-------|   hole   |=====...
 *	          | captured | known |
 *
 * `have` is where the first byte of a run that was on the wire but not captured
 * lies; what was captured beyond it is no use to anybody who reads from the
 * beginning, and forgotten.  Runs that touch become one, so pieces in order make
 * one run, and the number of runs is the number of holes (give or take one).
 *
 * Memory: fixed.  Time: each call looks at most at RUNS_MAX runs.
 * Private to net/.
 */
#pragma once

#include "base/base.h"

enum { RUNS_MAX = 64 };

struct run {
	uint16_t start, end, have;
};

struct runs {
	struct run run[RUNS_MAX];
	uint8_t count;
};

/* The first hole in start..end, clipped to it; false if all is there. */
bool runs_hole(const struct runs *runs, uint32_t start, uint32_t end, struct run *out_hole);

/* Would start..end be a run on its own, with no room for one more? */
bool runs_full(const struct runs *runs, uint32_t start, uint32_t end);

/* Fill start..end, all of which is one hole; captured up to `have`. */
void runs_fill(struct runs *runs, uint32_t start, uint32_t end, uint32_t have);

/* Up to where start.. is surely at hand, start itself if not: within one run. */
uint32_t runs_known(const struct runs *runs, uint32_t start);

/* Is 0..total all there? */
static inline bool runs_whole(const struct runs *runs, uint32_t total)
{
	return runs->count == 1 && runs->run[0].start == 0 && runs->run[0].end == total;
}

/* Bytes at hand from 0 on. */
static inline uint32_t runs_captured(const struct runs *runs)
{
	return runs->count && runs->run[0].start == 0 ? runs->run[0].have : 0;
}

uint32_t runs_covered(const struct runs *runs); /* bytes in all runs */
uint32_t runs_end(const struct runs *runs);	/* of the last; 0 if there is none */
