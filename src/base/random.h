/* SPDX-License-Identifier: Apache-2.0 */
/*
 * random.h - repeatable random numbers for simulation, never for secrets.
 *
 * xoshiro256++ (Blackman and Vigna 2019) seeded by SplitMix64: the same seed
 * gives the same stream on every machine.
 */
#pragma once

#include "base/base.h"

struct random {
	uint64_t s[4];
};

struct random random_from_seed(uint64_t seed);
uint64_t random_u64(struct random *r);

double random_unit(struct random *r); /* (0, 1), never the ends */
double random_between(struct random *r, double low, double high);
uint64_t random_below(struct random *r, uint64_t bound); /* 0 .. bound-1; bound > 0 */
double random_exponential(struct random *r, double mean);
double random_normal(struct random *r); /* mean 0, s.d. 1 */
double random_log_normal(struct random *r, double median, double sigma);
bool random_chance(struct random *r, double probability);
