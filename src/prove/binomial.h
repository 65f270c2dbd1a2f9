/* SPDX-License-Identifier: Apache-2.0 */
/*
 * binomial.h - what so many hits of so many trials say about a probability.
 *
 * Exact, by the binomial law itself (Clopper and Pearson 1934): never too
 * narrow, at some cost in width.  Pure functions, O(n) each.
 */
#pragma once

#include "base/base.h"

/* P(X <= k) of n trials of probability p. */
double binomial_at_most(uint32_t n, uint32_t k, double p);

struct binomial_interval {
	double low, high;
};

/* Two-sided, each tail half of 1 - confidence. */
struct binomial_interval binomial_interval(uint32_t n, uint32_t hits, double confidence);

/* The lower end alone: with that confidence the probability is at least this. */
double binomial_least(uint32_t n, uint32_t hits, double confidence);

/* So many trials with at most so many misses certify `level` at that confidence. */
struct binomial_plan {
	uint32_t trials, misses;
};

/* The fewest trials that certify with so many misses. */
struct binomial_plan binomial_plan_of(uint32_t misses, double level, double confidence);

/*
 * The smallest such plan that a power of level + (1 - level) 3/5 (0.98 for 0.95)
 * passes nine times in ten: 311 trials, 9 misses at 0.95 and 0.95.
 */
struct binomial_plan binomial_plan(double level, double confidence);
