/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Against the plain rules (stat/discovery.h, tested on its own) on lists that
 * are built anew for every change.
 */
#include "unit/unit.h"

#include "base/random.h"
#include "stat/discovery.h"
#include "verdict/timers.h"

#include <math.h>

enum { MOST = 60, ROUNDS = 400, CHANGES = 4 };

static const double level = 0.05;

/* Some clear, most not, many about where the bars are, and equal ones. */
static struct judgement any_judgement(struct random *r)
{
	struct judgement j = {.tested = random_chance(r, 0.9)};

	j.timing.guaranteed_nats = floor(random_between(r, -8, 10) * 2) / 2;
	j.timing.p = random_chance(r, 0.3) ? pow(10, -random_between(r, 0, 5)) : random_unit(r);
	return j;
}

static size_t values(const struct judgement *const *list, size_t n, double *nats, double *p)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		if (!list[i]->tested)
			continue;
		nats[count] = list[i]->timing.guaranteed_nats;
		p[count++] = list[i]->timing.p;
	}
	return count;
}

/* By the plain rules. */
static void slow(const struct judgement *const *list, size_t n, bool *out)
{
	double nats[MOST + CHANGES] = {0}, p[MOST + CHANGES] = {0}, scratch[MOST + CHANGES], least,
			   most;
	size_t count = values(list, n, nats, p);
	size_t guaranteed = discovery_e_bh(nats, count, level, scratch, &least);
	size_t calibrated = discovery_bh(p, count, level, scratch, &most);

	for (size_t i = 0; i < n; i++)
		out[i] = list[i]->tested &&
			 ((guaranteed && list[i]->timing.guaranteed_nats >= least) ||
			  (calibrated && list[i]->timing.p <= most));
}

static void told(void *arg, uint32_t group)
{
	((bool *)arg)[group] = true;
}

static void one_round(struct random *r)
{
	struct judgement judged[MOST], fresh[CHANGES];
	size_t n = random_below(r, MOST + 1), add = random_below(r, CHANGES + 1), remove = 0,
	       left = 0;
	const struct judgement *all[MOST + CHANGES], *added[CHANGES], *removed[CHANGES];
	bool before[MOST + CHANGES], after[MOST + CHANGES], between[MOST] = {false};
	struct timers t;
	struct bars bars;

	for (size_t i = 0; i < n; i++) {
		judged[i] = any_judgement(r);
		all[i] = &judged[i];
	}
	slow(all, n, before);
	assert_int_equal(timers_find(judged, n, level, &t), 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(timers_pass(&t.bars, &judged[i]), before[i]);
	for (size_t i = 0; i < n; i++) { /* take some out, put others in */
		if (remove < CHANGES && random_chance(r, 0.05))
			removed[remove++] = &judged[i];
		else
			all[left++] = &judged[i];
	}
	for (size_t i = 0; i < add; i++) {
		fresh[i] = any_judgement(r);
		added[i] = all[left++] = &fresh[i];
	}
	slow(all, left, after);
	bars = timers_bars(&t, added, add, removed, remove);
	timers_between(&t, &t.bars, &bars, told, between);
	for (size_t i = 0; i < left; i++) {
		assert_int_equal(timers_pass(&bars, all[i]), after[i]);
		if (all[i] >= judged && all[i] < judged + n &&
		    after[i] != timers_pass(&t.bars, all[i]))
			assert_true(between[all[i] - judged]);
	}
	timers_fini(&t);
}

static void bars_are_those_of_the_list_built_anew(void **state)
{
	struct random r = random_from_seed(11);

	(void)state;
	for (int i = 0; i < ROUNDS; i++)
		one_round(&r);
}

/*
 * Two e-values of 30 at a level of .05: alone, 1 / .05 = 20, each passes; among
 * two, 2 x 30 / 2 = 30 >= 20 as well; among three with a 1, 3 / (.05 x 2) = 30,
 * just so; among four with two of 1, 40: nobody.
 */
static void by_hand(void **state)
{
	struct judgement j[4] = {
		{.tested = true}, {.tested = true}, {.tested = true}, {.tested = true}};
	const struct judgement *more[] = {&j[2], &j[3]};
	struct timers t;
	struct bars bars;

	(void)state;
	j[0].timing.guaranteed_nats = j[1].timing.guaranteed_nats = log(30) + 1e-12;
	for (int i = 0; i < 4; i++)
		j[i].timing.p = 1;
	assert_int_equal(timers_find(j, 2, level, &t), 0);
	assert_true(timers_pass(&t.bars, &j[0]));
	bars = timers_bars(&t, more, 1, NULL, 0);
	assert_true(timers_pass(&bars, &j[0]));
	bars = timers_bars(&t, more, 2, NULL, 0);
	assert_false(timers_pass(&bars, &j[0]));
	timers_fini(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bars_are_those_of_the_list_built_anew),
		cmocka_unit_test(by_hand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
