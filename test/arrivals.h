/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arrivals.h - made-up series of calls: timers, and things that are none.
 *
 * For tests and benches.  The families up to Hawkes have a call rate that never
 * rises during silence, so the guarantee covers them.
 */
#pragma once

#include "base/random.h"

#include <math.h>
#include <string.h>

enum arrivals {
	ARRIVALS_POISSON,
	ARRIVALS_PARETO,  /* heavy-tailed waits */
	ARRIVALS_WEIBULL, /* shape .6 */
	ARRIVALS_TWO_RATES,
	ARRIVALS_DRIFTING,   /* Poisson whose rate walks at random between calls */
	ARRIVALS_HAWKES,     /* every call may bring others soon after */
	ARRIVALS_GUARANTEED, /* the families before */
	ARRIVALS_SESSIONS = ARRIVALS_GUARANTEED, /* people: bursts of log-normal waits */
	ARRIVALS_FAMILIES
};

static const char *const arrivals_name[ARRIVALS_FAMILIES] = {
	"Poisson", "Pareto", "Weibull", "two rates", "drifting", "Hawkes", "sessions"};

static inline int arrivals_ascending(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static inline double arrivals_wait(struct random *r, enum arrivals family, double *mean_s)
{
	switch (family) {
	case ARRIVALS_PARETO:
		return *mean_s * .3 * (pow(random_unit(r), -1 / 1.3) - 1);
	case ARRIVALS_WEIBULL:
		return *mean_s * .66 * pow(random_exponential(r, 1), 1 / .6);
	case ARRIVALS_TWO_RATES:
		return random_exponential(r, *mean_s * (random_chance(r, .5) ? .02 : 2));
	case ARRIVALS_DRIFTING:
		*mean_s *= exp(.3 * random_normal(r));
		return random_exponential(r, *mean_s);
	default:
		return random_exponential(r, *mean_s);
	}
}

/* Parents come as a Poisson process; each call may have children soon after. */
static inline size_t arrivals_hawkes(struct random *r, double window_s, double *times_s, size_t n)
{
	double soon_s = window_s / (double)n * random_between(r, .002, .5);
	double branching = random_between(r, .3, .9), at = 0;
	double apart_s = window_s / ((double)n * (1 - branching));
	size_t count = 0;

	while (count < n && (at += random_exponential(r, apart_s)) < window_s)
		times_s[count++] = at;
	for (size_t i = 0; i < count && count < n; i++)
		while (count < n && random_chance(r, branching / (1 + branching))) {
			double child = times_s[i] + random_exponential(r, soon_s);

			if (child < window_s)
				times_s[count++] = child;
		}
	return count;
}

static inline size_t arrivals_sessions(struct random *r, double window_s, double *times_s, size_t n)
{
	double wait_s = window_s / (double)n * random_between(r, .001, .1);
	size_t count = 0;

	while (count < n) {
		double at = random_between(r, 0, window_s);
		double size = 1 + random_exponential(r, 6);

		for (; size > 0 && count < n && at < window_s; size--) {
			times_s[count++] = at;
			at += random_log_normal(r, wait_s, 1.2);
		}
	}
	return count;
}

/* About `n` calls, never more, ascending in 0 .. window_s. */
static inline size_t arrivals_make(struct random *r, enum arrivals family, double window_s,
				   double *times_s, size_t n)
{
	double mean_s = window_s / (double)n, at = 0;
	size_t count = 0;

	if (family == ARRIVALS_HAWKES || family == ARRIVALS_SESSIONS) {
		count = family == ARRIVALS_HAWKES ? arrivals_hawkes(r, window_s, times_s, n)
						  : arrivals_sessions(r, window_s, times_s, n);
		qsort(times_s, count, sizeof(*times_s), arrivals_ascending);
		return count;
	}
	while (count < n && (at += arrivals_wait(r, family, &mean_s)) < window_s)
		times_s[count++] = at;
	return count;
}

struct arrivals_timer {
	double period_s, jitter; /* half width over the period */
	double missed;		 /* share of the beats */
	double noise;		 /* other calls per call */
	bool clock;		 /* keeps to the clock, not to its last call */
};

/* `room` for the calls; ascending in 0 .. window_s. */
static inline size_t arrivals_beat(struct random *r, const struct arrivals_timer *timer,
				   double window_s, double *times_s, size_t room)
{
	size_t n = 0, noise;

	for (double at = random_between(r, 0, timer->period_s); at < window_s;) {
		double off_s = timer->period_s * timer->jitter * random_between(r, -1, 1);
		double call_s = timer->clock ? at + off_s : at;

		if (n < room && call_s >= 0 && call_s < window_s &&
		    !random_chance(r, timer->missed))
			times_s[n++] = call_s;
		at += timer->clock ? timer->period_s : timer->period_s + off_s;
	}
	noise = (size_t)(timer->noise * (double)n + .5);
	for (; noise > 0 && n < room; noise--)
		times_s[n++] = random_between(r, 0, window_s);
	qsort(times_s, n, sizeof(*times_s), arrivals_ascending);
	return n;
}
