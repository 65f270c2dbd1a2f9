/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/expert.h"

#include "base/random.h"
#include "near.h"

#include <stdarg.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

static struct experts experts;

static int setup(void **state)
{
	(void)state;
	experts_init(&experts);
	return 0;
}

/*
 * A bet is a density of the log gap: over the 12 nats that hold the strays it
 * adds up to one, never to more.  Rows below .02 nats are left out, and
 * up to a tenth of the widest jitters lies below zero and is given away.
 */
static void bets_add_up_to_one(void **state)
{
	(void)state;
	for (size_t l = 0; l < EXPERT_LEVELS; l++) {
		const struct expert_level *level = &experts.level[l];

		for (size_t lane = 0; lane < EXPERT_LANES; lane++) {
			double floor = exp(experts.floor[lane]), sum = 12 * floor;

			for (int row = 0; row < level->rows; row++)
				sum += level->step *
				       (exp(experts.floor[lane] + (double)level->gain[row][lane]) -
					floor);
			assert_true(near(sum, 1, .1));
			assert_true(sum < 1.0001);
		}
	}
}

/* The beats of a sleeping timer, one by one, some missed; 0: a stray. */
static double simulated_gap(struct random *r, double jitter, double missed)
{
	double gap = 0;
	int beats = 0;

	do {
		gap += 1 + jitter * random_between(r, -1, 1);
		beats++;
	} while (random_chance(r, missed) && beats < EXPERT_MULTIPLES);
	return gap;
}

/*
 * Simulated gaps fall where the template of the same jitter bets.  The template
 * blurs its one sleep (half of it bell-shaped), so compare over wide bins.
 */
static void bets_where_gaps_fall(void **state)
{
	const struct expert_level *level = &experts.level[5]; /* jitter .3 */
	const size_t lane = 2;				      /* sleeps, half missed, few strays */
	struct random r = random_from_seed(11);
	double seen[EXPERT_ROWS_MAX] = {0};
	int draws = 400000;

	(void)state;
	assert_true(near(level->jitter, .3, 1e-12));
	for (int i = 0; i < draws; i++) {
		double ln_gap = log(simulated_gap(&r, .3, .5));
		int row = (int)floor(ln_gap / level->step + .5) - level->first;

		if (row >= 0 && row < level->rows)
			seen[row] += 1. / draws;
	}
	for (int row = 0; row + 3 <= level->rows; row += 3) {
		double bet = 0, gaps = 0;

		for (int i = row; i < row + 3; i++) {
			bet += level->step *
			       exp(experts.floor[lane] + (double)level->gain[i][lane]);
			gaps += seen[i];
		}
		assert_true(near(bet, gaps, .035));
	}
}

static void the_most_is_never_less(void **state)
{
	(void)state;
	for (size_t l = 0; l < EXPERT_LEVELS; l++) {
		const struct expert_level *level = &experts.level[l];
		bool covered[EXPERT_ROWS_MAX + EXPERT_STRETCH] = {false};

		for (int s = 0; s < level->stretches; s++)
			memset(covered + level->stretch[s], true, EXPERT_STRETCH);
		for (int row = 0; row < level->rows; row++) {
			int at = level->rows - 1 - row;

			for (size_t lane = 0; lane < EXPERT_LANES; lane++)
				assert_true(experts.highest_floor + (double)level->most[at] >=
					    experts.floor[lane] + (double)level->gain[row][lane] -
						    1e-5);
			assert_true(covered[at] || !(level->most[at] > 0));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bets_add_up_to_one),
		cmocka_unit_test(bets_where_gaps_fall),
		cmocka_unit_test(the_most_is_never_less),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
