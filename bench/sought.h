/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sought.h - the timers whose power is measured: jitter, missed beats, other calls,
 * hours of rest, and what else reference studies vary.
 */
#pragma once

#include "benign_mix.h"

enum sought_law {
	SOUGHT_SLEEPS,	 /* waits T (1 + U(-j, j)) from its last call */
	SOUGHT_SHORTENS, /* waits T (1 - U(0, j)), as Cobalt Strike does */
	SOUGHT_CLOCK,	 /* around the ticks of a clock */
	SOUGHT_MEMORYLESS,
};

enum sought_rest { SOUGHT_ALWAYS, SOUGHT_OFFICE_HOURS, SOUGHT_TWO_DAYS_OFF };

struct sought {
	enum sought_law law;
	double jitter, missed;
	double noise; /* other calls per call */
	bool bursty;  /* they are of the benign mix, else Poisson */
	bool bursts;  /* 2-5 connections a beat */
	enum sought_rest rest;
	bool changes;	 /* the period grows to 2.5 times half way */
	double drift;	 /* the period grows by this share until the end */
	double second_s; /* each beat calls a second time so much later; 0: no */
	double period_s; /* 0: so that the wanted number of calls is seen */
};

static inline double sought_period(const struct sought *s, double window_s, double calls)
{
	double period_s = window_s * (1 - s->missed) / calls;

	if (s->period_s > 0)
		return s->period_s;
	if (s->rest == SOUGHT_OFFICE_HOURS)
		period_s /= 3;
	if (s->rest == SOUGHT_TWO_DAYS_OFF)
		period_s *= fmax(.3, 1 - 2 * MIX_DAY_S / window_s);
	if (s->changes)
		period_s /= 1.43;
	return s->law == SOUGHT_SHORTENS ? period_s / (1 - s->jitter / 2) : period_s;
}

static inline bool sought_rests(const struct sought *s, double at_s, double phase_s)
{
	double hour = fmod(at_s + phase_s, MIX_DAY_S) / 3600;

	if (s->rest == SOUGHT_OFFICE_HOURS)
		return hour < 9 || hour >= 17;
	return s->rest == SOUGHT_TWO_DAYS_OFF && at_s > phase_s && at_s < phase_s + 2 * MIX_DAY_S;
}

static inline double sought_wait(struct random *r, const struct sought *s, double period_s)
{
	switch (s->law) {
	case SOUGHT_SLEEPS:
		return period_s * (1 + s->jitter * random_between(r, -1, 1));
	case SOUGHT_SHORTENS:
		return period_s * (1 - s->jitter * random_unit(r));
	case SOUGHT_MEMORYLESS:
		return random_exponential(r, period_s);
	default:
		return period_s;
	}
}

static inline size_t sought_call(struct random *r, const struct sought *s, double at_s,
				 double window_s, double *times_s, size_t n, size_t room)
{
	size_t more = s->bursts ? 1 + random_below(r, 4) : 0;

	at_s += fabs(.05 * random_normal(r));
	if (n < room && at_s < window_s)
		times_s[n++] = at_s;
	if (s->second_s > 0 && n < room && at_s + s->second_s < window_s)
		times_s[n++] = at_s + s->second_s + fabs(.05 * random_normal(r));
	for (; more > 0 && n < room; more--) {
		at_s += random_between(r, .05, 3);
		if (at_s < window_s)
			times_s[n++] = at_s;
	}
	return n;
}

/* About `calls` beats seen; ascending in 0 .. window_s. */
static inline size_t sought_make(struct random *r, const struct sought *s, double window_s,
				 double calls, double *times_s, size_t room)
{
	double period_s = sought_period(s, window_s, calls), now_s;
	double phase_s = s->rest == SOUGHT_TWO_DAYS_OFF
				 ? random_between(r, 0, fmax(1, window_s - 2 * MIX_DAY_S))
				 : random_between(r, 0, MIX_DAY_S);
	size_t n = 0, noise;

	for (double at_s = random_between(r, 0, period_s); at_s < window_s;
	     at_s += sought_wait(r, s, now_s)) {
		double call_s = at_s;

		now_s = period_s * (s->changes && at_s > window_s / 2 ? 2.5 : 1) *
			(1 + s->drift * at_s / window_s);
		if (s->law == SOUGHT_CLOCK)
			call_s += now_s * s->jitter * random_between(r, -1, 1);
		if (call_s >= 0 && call_s < window_s && !sought_rests(s, call_s, phase_s) &&
		    !random_chance(r, s->missed))
			n = sought_call(r, s, call_s, window_s, times_s, n, room);
	}
	noise = (size_t)(s->noise * (double)n + .5);
	if (noise > 0 && s->bursty)
		n += mix_make(r, window_s, noise < 3 ? 3 : noise, times_s + n, room - n, NULL);
	else
		for (; noise > 0 && n < room; noise--)
			times_s[n++] = random_between(r, 0, window_s);
	mix_sort_apart(times_s, n);
	if (n > 0 && times_s[n - 1] > window_s)
		times_s[n - 1] = window_s;
	return n;
}
