/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/cycle.h"

#include "stat/sort.h"

#include <math.h>

#define LONGEST_CYCLE 4
#define FEWEST_BETS   4
#define COVERED	      0.08
#define HALVINGS      16
#define NEAR	      0.3 /* nats: a gap that repeats another */
#define PLAIN	      0.8
#define STRAY_RANGE   12.0
#define LEAST_WAIT_S  1e-6

static const double widths[] = {.02, .08, .3};
static const double strays[] = {.02, .2};

/* Bets on the gaps that repeat those `cycle` gaps before. */
struct bets {
	size_t cycle, made, near;
	double least_s; /* S_0 */
};

/* The cycle before gap `at`: its length. */
static double cycle_before(const struct cycle_work *work, size_t cycle, size_t at)
{
	double sum_s = 0;

	for (size_t i = 1; i <= cycle; i++)
		sum_s += work->gaps.length_s[at - i];
	return sum_s;
}

/*
 * Both the cycle before and the gap that is to repeat must be long: delays between
 * retries repeat to the millisecond, hour after hour.
 */
static bool is_bet_on(const struct cycle_work *work, const struct bets *bets, size_t at)
{
	return work->gaps.length_s[at - bets->cycle] * (double)bets->cycle >= bets->least_s &&
	       cycle_before(work, bets->cycle, at) >= bets->least_s;
}

/* How much a bet may win: only a call after the burst, in active hours, is a surprise. */
static void find_allowed(struct cycle_work *work, double merge_s)
{
	const struct activity *activity = &work->activity;
	const struct gaps *gaps = &work->gaps;

	for (size_t i = 0; i < gaps->count; i++) {
		double gap_s = gaps->length_s[i], end_s = gaps->end_s[i], active_s;
		double wait_s =
			fmax(LEAST_WAIT_S, gap_s - gaps->burst_s[i] - merge_s - 2 * gaps->blur_s);

		work->allowed[i] = M_E * fmin(1, wait_s / gap_s);
		if (!activity->hours)
			continue;
		active_s =
			activity_until(activity, end_s) - activity_until(activity, end_s - wait_s);
		work->allowed[i] *= fmin(1, fmax(LEAST_WAIT_S, active_s) /
						    (wait_s * activity_rate(activity, end_s)));
	}
}

/* The least S_0 that fills enough of the window with the cycles seen. */
static double least_cycle(const struct cycle_work *work, size_t cycle, double window_s)
{
	double wanted_s = COVERED * window_s * (double)cycle / (double)work->gaps.onsets;
	double least_s = window_s / 2;

	for (int i = 1; i < HALVINGS && least_s / 2 >= wanted_s; i++)
		least_s /= 2;
	return least_s;
}

static struct bets count_bets(const struct cycle_work *work, size_t cycle, double window_s)
{
	struct bets bets = {cycle, 0, 0, least_cycle(work, cycle, window_s)};

	for (size_t i = cycle; i < work->gaps.count; i++) {
		if (!is_bet_on(work, &bets, i))
			continue;
		bets.made++;
		bets.near += fabs(work->ln_gap[i] - work->ln_gap[i - cycle]) < NEAR;
	}
	return bets;
}

/* One logarithm for dozens of factors. */
static double weigh_expert(const struct cycle_work *work, const struct bets *bets, double width,
			   double stray)
{
	double peak = (1 - stray) / (width * sqrt(2 * M_PI)), product = 1, nats = 0;

	for (size_t i = bets->cycle; i < work->gaps.count; i++) {
		double z = (work->ln_gap[i] - work->ln_gap[i - bets->cycle]) / width;

		if (!is_bet_on(work, bets, i))
			continue;
		product *= work->allowed[i] * (peak * exp(-.5 * z * z) + stray / STRAY_RANGE);
		if (product > 1e200 || product < 1e-200) {
			nats += log(product);
			product = 1;
		}
	}
	return nats + log(product);
}

/* ln of the mean over widths and strays; below 0 it does not matter. */
static double weigh_cycle(const struct cycle_work *work, const struct bets *bets)
{
	double most = -INFINITY, sum = 0;

	for (size_t w = 0; w < ARRAY_LEN(widths); w++)
		for (size_t s = 0; s < ARRAY_LEN(strays); s++) {
			double nats = weigh_expert(work, bets, widths[w], strays[s]);

			sum = nats > most ? sum * exp(most - nats) + 1 : sum + exp(nats - most);
			most = fmax(most, nats);
		}
	return most + log(sum / (double)(ARRAY_LEN(widths) * ARRAY_LEN(strays)));
}

/* The cycles themselves, once there is evidence for them. */
static void measure_cycles(struct cycle_work *work, const struct bets *bets, struct cycle *out)
{
	double sum_s = 0, usual = 0;
	size_t n = 0;

	for (size_t i = bets->cycle; i <= work->gaps.count; i++) {
		double length_s = cycle_before(work, bets->cycle, i);

		if (length_s >= bets->least_s)
			work->spare[n++] = length_s;
	}
	sort_doubles(work->spare, n, work->scratch);
	for (size_t i = 0; i < n; i++)
		if (fabs(log(work->spare[i] / work->spare[n / 2])) < NEAR) {
			sum_s += work->spare[i];
			usual++;
		}
	out->calls = bets->cycle;
	out->period_s = sum_s / usual;
	out->jitter =
		fmin(1, (work->spare[n - 1 - n / 20] - work->spare[n / 20]) / 2 / out->period_s);
	out->on_beat = bets->near;
	out->gaps = bets->made;
}

static bool is_promising(const struct bets *bets)
{
	return bets->made >= FEWEST_BETS && 2 * bets->near >= bets->made;
}

/* Nearly every gap repeats the one before: one call a period, and cycles only say so again. */
static bool is_plain(const struct bets *bets)
{
	return bets->cycle == 1 && bets->made >= FEWEST_BETS &&
	       PLAIN * (double)bets->made <= (double)bets->near;
}

struct cycle cycle_weigh(struct cycle_work *work, const struct renewal_series *series,
			 double window_s, double merge_s, double slot_s, double blur_s,
			 bool decided)
{
	struct cycle out = {.nats = CYCLE_NO_EVIDENCE};
	double sum = 0, most = -INFINITY, best_nats = 0;
	struct bets best_bets = {0};

	gaps_find(&work->gaps, series->times_s, series->n, merge_s, slot_s, blur_s);
	for (size_t i = 0; i < work->gaps.count; i++)
		work->ln_gap[i] = log(work->gaps.length_s[i]);
	for (size_t cycle = 1; cycle <= LONGEST_CYCLE; cycle++) {
		struct bets bets = count_bets(work, cycle, window_s);
		double nats;

		if (decided && is_plain(&bets))
			return out;
		if (!is_promising(&bets))
			continue;
		if (sum <= 0) {
			activity_init(&work->activity, series->hourly, series->hours);
			find_allowed(work, merge_s);
		}
		nats = weigh_cycle(work, &bets);
		/* Multiples of a cycle repeat as well: a longer one must do clearly better. */
		if (best_bets.made == 0 || nats > 1.2 * best_nats) {
			best_bets = bets;
			best_nats = nats;
		}
		sum = nats > most ? sum * exp(most - nats) + 1 : sum + exp(nats - most);
		most = fmax(most, nats);
	}
	if (most <= 0)
		return out;
	out.nats = most + log(sum / (LONGEST_CYCLE * HALVINGS));
	measure_cycles(work, &best_bets, &out);
	return out;
}
