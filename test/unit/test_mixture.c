/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/mixture.h"

#include "arrivals.h"
#include "near.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

#define GAPS 300

static struct experts experts;
static struct mixture mixture;

/* Every product, one after the other, in double precision. */
static double slow_cell(const double *ln_gap, size_t n, double ln_period, size_t l, size_t lane)
{
	const struct expert_level *level = &experts.level[l];
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		double row = floor((ln_gap[i] - ln_period) / level->step + .5) - level->first;

		sum += experts.floor[lane];
		if (row >= 0 && row < level->rows)
			sum += (double)level->gain[(int)row][lane];
	}
	return sum;
}

static double slow_ln_sum(const double *ln_gap, size_t n, double shortest_s, double longest_s,
			  size_t l, double *best)
{
	double step = experts.level[l].step, most = -INFINITY, sum = 0;

	for (int p = 0; p <= floor(log(longest_s / shortest_s) / step); p++)
		for (size_t lane = 0; lane < EXPERT_LANES; lane++) {
			double nats = slow_cell(ln_gap, n, log(shortest_s) + p * step, l, lane);

			if (nats > most) {
				sum *= exp(most - nats);
				most = nats;
			}
			sum += exp(nats - most);
		}
	*best = most;
	return most + log(sum);
}

static double ln_of_sum(const double *nats)
{
	double most = -INFINITY, sum = 0;

	for (size_t l = 0; l < EXPERT_LEVELS; l++)
		most = fmax(most, nats[l]);
	for (size_t l = 0; l < EXPERT_LEVELS; l++)
		sum += exp(nats[l] - most);
	return most + log(sum);
}

static double best_cell(void)
{
	double best = -INFINITY;

	for (size_t i = 0; i < mixture.cells; i++)
		best = fmax(best, mixture.cell[i].nats);
	return best;
}

static size_t random_gaps(struct random *r, double *ln_gap)
{
	static double times_s[GAPS + 1];
	struct arrivals_timer timer = {.period_s = 100,
				       .jitter = random_between(r, 0, 1),
				       .missed = random_between(r, 0, .6)};
	size_t most = random_chance(r, .5) ? 5 : 5 + random_below(r, GAPS - 5), n;

	if (most > 5 && random_chance(r, .5))
		n = arrivals_beat(r, &timer, 100 * (double)most, times_s, most);
	else
		n = arrivals_make(r, (enum arrivals)random_below(r, ARRIVALS_FAMILIES),
				  100 * (double)most, times_s, most);
	if (n < 4)
		return 0;
	for (size_t i = 0; i + 1 < n; i++)
		ln_gap[i] = log(fmax(times_s[i + 1] - times_s[i], 1e-3));
	qsort(ln_gap, n - 1, sizeof(*ln_gap), arrivals_ascending);
	return n - 1;
}

static void agrees_with_working_out_all(void **state)
{
	struct random r = random_from_seed(12);
	struct mixture_work *work = mixture_work_new();
	double ln_gap[GAPS], slow[EXPERT_LEVELS], best, level_best;

	(void)state;
	assert_non_null(work);
	experts_init(&experts);
	for (int round = 0; round < 80; round++) {
		size_t n = random_gaps(&r, ln_gap);
		double shortest_s = random_log_normal(&r, 30, 1);
		double longest_s = shortest_s * random_between(&r, 2, 60);

		if (n == 0)
			continue;
		best = -INFINITY;
		for (size_t l = 0; l < EXPERT_LEVELS; l++) {
			slow[l] = slow_ln_sum(ln_gap, n, shortest_s, longest_s, l, &level_best);
			best = fmax(best, level_best);
		}
		mixture.wanted = true;
		mixture.least = -INFINITY;
		mixture_weigh(work, ln_gap, n, shortest_s, longest_s, &mixture);
		assert_true(near(ln_of_sum(mixture.ln_sum), ln_of_sum(slow), 1e-3));
		assert_true(near(best_cell(), best, 1e-3));
		for (size_t l = 0; l < EXPERT_LEVELS; l++)
			assert_true(mixture.ln_sum[l] < slow[l] + 1e-3);
	}
	mixture_work_free(work);
}

/* The sum with a prior that gives all levels, lanes and periods alike. */
static double weighted_sum(const double *ln_sum, double shortest_s, double longest_s)
{
	double sum = 0;

	for (size_t l = 0; l < EXPERT_LEVELS; l++) {
		double periods = floor(log(longest_s / shortest_s) / experts.level[l].step) + 1;

		sum += exp(ln_sum[l]) / (EXPERT_LEVELS * EXPERT_LANES * periods);
	}
	return sum;
}

static void loses_no_more_than_is_allowed(void **state)
{
	struct random r = random_from_seed(13);
	struct mixture_work *work = mixture_work_new();
	double ln_gap[GAPS], slow[EXPERT_LEVELS], best;
	int nothing = 0, less = 0;

	(void)state;
	assert_non_null(work);
	experts_init(&experts);
	for (int round = 0; round < 120; round++) {
		size_t n = random_gaps(&r, ln_gap);
		double shortest_s = random_log_normal(&r, 30, 1), all, ours;
		double longest_s = shortest_s * random_between(&r, 2, 60);

		if (n == 0)
			continue;
		for (size_t l = 0; l < EXPERT_LEVELS; l++)
			slow[l] = slow_ln_sum(ln_gap, n, shortest_s, longest_s, l, &best);
		all = weighted_sum(slow, shortest_s, longest_s);
		if (!isnormal(all))
			continue;
		mixture.wanted = false;
		mixture.least = log(all) + random_between(&r, -12, 12);
		mixture_weigh(work, ln_gap, n, shortest_s, longest_s, &mixture);
		ours = weighted_sum(mixture.ln_sum, shortest_s, longest_s);
		nothing += ours <= 0;
		less += ours < all * .999;
		assert_true(ours <= all * 1.001);
		assert_true(ours >= all * .999 - exp(mixture.least));
	}
	mixture_work_free(work);
	assert_true(nothing > 5 && less > nothing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_working_out_all),
		cmocka_unit_test(loses_no_more_than_is_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
