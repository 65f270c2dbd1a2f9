/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a pair costs: microseconds for the whole analysis, for its parts, and
 * for pairs of the benign mix against timers, with the host's activity as judging has
 * it.  "hidden": how many a screen passed on to the mixture channel.
 *
 *	bench_timing [PAIRS]
 */
#include "benign_mix.h"
#include "stat/phase.h"
#include "stat/renewal.h"
#include "stat/timing.h"

#include <stdio.h>
#include <time.h>

#define WEEK_S	  (7 * 86400.)
#define CALLS_MAX 8192
#define ROUNDS	  5

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

struct work {
	struct timing_work *timing;
	struct renewal_work *renewal;
	struct phase_work *phase;
	double hourly[MIX_HOURS_MAX];
};

struct cost {
	double all_us, renewal_us, phase_us;
	size_t hidden, pairs;
};

static const struct renewal_scale scales[] = {{1, .7}, {10, .1}, {60, .1}, {600, .1}};
static const struct renewal_plan plan = {scales, ARRAY_LEN(scales), 5, 3600, WEEK_S, 0, NULL};

static size_t make_pair(struct random *r, bool timer, size_t calls, double *times_s,
			struct mix_profile *profile)
{
	struct arrivals_timer beacon = {WEEK_S / (double)calls, random_between(r, 0, .5), 0, 0,
					false};

	*profile = mix_draw_profile(r, true);
	if (timer)
		return arrivals_beat(r, &beacon, WEEK_S, times_s, CALLS_MAX);
	return mix_make(r, WEEK_S, calls, times_s, CALLS_MAX, profile);
}

/* The least of a few rounds: others use the machine too. */
static void measure_pair(struct work *work, const double *times_s, size_t n,
			 const struct timing_activity *activity, struct cost *cost)
{
	double all_us = INFINITY, renewal_us = INFINITY, phase_us = INFINITY;
	struct renewal_series series = {times_s, n, activity->hourly, activity->hours};
	struct timing_result result;

	for (int round = 0; round < ROUNDS; round++) {
		double start_us = now_us();

		timing_analyse(work->timing, times_s, n, WEEK_S, activity, &result);
		all_us = fmin(all_us, now_us() - start_us);
	}
	for (int round = 0; round < ROUNDS; round++) {
		double start_us = now_us();

		renewal_weigh(work->renewal, &series, 1, &plan, NULL);
		renewal_us = fmin(renewal_us, now_us() - start_us);
	}
	for (int round = 0; round < ROUNDS; round++) {
		double start_us = now_us();

		phase_weigh(work->phase, times_s, n, 1, WEEK_S);
		phase_us = fmin(phase_us, now_us() - start_us);
	}
	cost->all_us += all_us;
	cost->renewal_us += renewal_us;
	cost->phase_us += phase_us;
	cost->hidden += result.hidden_nats > -50;
}

static void measure(struct work *work, bool timer, size_t calls, struct cost *cost)
{
	struct random r = random_from_seed(calls);
	double times_s[CALLS_MAX];

	for (size_t i = 0; i < cost->pairs; i++) {
		struct mix_profile profile;
		size_t n = make_pair(&r, timer, calls, times_s, &profile);
		struct timing_activity activity = {work->hourly,
						   mix_hourly(&r, &profile, WEEK_S, work->hourly)};

		measure_pair(work, times_s, n, &activity, cost);
	}
}

static void measure_kind(struct work *work, bool timer, size_t pairs)
{
	static const size_t sizes[] = {8, 16, 32, 64, 128, 512};

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct cost cost = {.pairs = pairs};
		double n = (double)pairs;

		measure(work, timer, sizes[i], &cost);
		printf("%-8s %6zu %10.1f %10.1f %10.1f %10.2f %9.0f%%\n",
		       timer ? "timer" : "benign", sizes[i], cost.all_us / n, cost.renewal_us / n,
		       cost.phase_us / n, cost.all_us / (cost.renewal_us + cost.phase_us),
		       100 * (double)cost.hidden / n);
	}
}

int main(int argc, char **argv)
{
	size_t pairs = argc > 1 ? strtoul(argv[1], NULL, 10) : 300;
	struct work *work = calloc(1, sizeof(*work));

	CHECK(work && pairs > 0);
	work->timing = timing_work_new();
	work->renewal = renewal_work_new();
	work->phase = phase_work_new();
	CHECK(work->timing && work->renewal && work->phase);
	printf("%-8s %6s %10s %10s %10s %10s %10s\n", "kind", "calls", "all us", "renewal", "phase",
	       "all/both", "hidden");
	measure_kind(work, false, pairs);
	measure_kind(work, true, pairs);
	timing_work_free(work->timing);
	renewal_work_free(work->renewal);
	phase_work_free(work->phase);
	free(work);
	return 0;
}
