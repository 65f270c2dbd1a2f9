/* SPDX-License-Identifier: Apache-2.0 */
#include "prove/binomial.h"

#include <math.h>

/* ln n! by lgamma_r(): lgamma() writes to a global. */
static double ln_factorial(double n)
{
	int sign;

	return lgamma_r(n + 1, &sign);
}

static double ln_choose(uint32_t n, uint32_t k)
{
	return ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k);
}

double binomial_at_most(uint32_t n, uint32_t k, double p)
{
	double sum = 0;

	if (k >= n || p <= 0)
		return 1;
	if (p >= 1)
		return 0;
	for (uint32_t i = 0; i <= k; i++)
		sum += exp(ln_choose(n, i) + i * log(p) + (n - i) * log1p(-p));
	return fmin(1, sum);
}

/* The p at which P(X <= k) falls to `tail`: it falls as p grows. */
static double solve(uint32_t n, uint32_t k, double tail)
{
	double low = 0, high = 1;

	for (int i = 0; i < 60; i++) {
		double middle = (low + high) / 2;

		if (binomial_at_most(n, k, middle) > tail)
			low = middle;
		else
			high = middle;
	}
	return (low + high) / 2;
}

/* By symmetry: as few misses as this are as likely as `tail` at 1 - p. */
static double least(uint32_t n, uint32_t hits, double tail)
{
	return hits == 0 ? 0 : 1 - solve(n, n - hits, tail);
}

struct binomial_interval binomial_interval(uint32_t n, uint32_t hits, double confidence)
{
	double tail = (1 - confidence) / 2;

	return (struct binomial_interval){
		.low = least(n, hits, tail),
		.high = hits == n ? 1 : solve(n, hits, tail),
	};
}

double binomial_least(uint32_t n, uint32_t hits, double confidence)
{
	return least(n, hits, 1 - confidence);
}

struct binomial_plan binomial_plan_of(uint32_t misses, double level, double confidence)
{
	struct binomial_plan plan = {.trials = misses + 1, .misses = misses};
	uint32_t low = misses, high = misses + 1; /* low: too few */

	while (binomial_at_most(high, misses, 1 - level) > 1 - confidence) {
		low = high;
		high *= 2;
	}
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (binomial_at_most(middle, misses, 1 - level) > 1 - confidence)
			low = middle;
		else
			high = middle;
	}
	plan.trials = high;
	return plan;
}

struct binomial_plan binomial_plan(double level, double confidence)
{
	enum { MISSES_MOST = 200 };
	const double better = level + (1 - level) * 0.6, wanted = 0.9;
	struct binomial_plan plan = {0};

	for (uint32_t misses = 0; misses <= MISSES_MOST; misses++) {
		plan = binomial_plan_of(misses, level, confidence);
		if (binomial_at_most(plan.trials, misses, 1 - better) >= wanted)
			break;
	}
	return plan;
}
