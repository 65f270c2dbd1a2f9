/* SPDX-License-Identifier: Apache-2.0 */
/*
 * benign_mix.h - frozen: what calls without a timer look like, by the hundred thousand.
 *
 * Eight families in fixed shares, each with its parameters drawn anew for every
 * pair, until about the wanted number of calls fell into the window (within
 * 10 %).  The channels of src/stat are calibrated on this mix and their power is
 * measured at a rate of false alarms on it, so it may not be changed to make a
 * figure look better: whoever changes it calibrates and measures everything
 * again.  The rate of most families follows a day: flat (25 %), a wave (45 %) or
 * office hours (30 %), with or without weekends.
 *
 *	12 % Poisson, flat
 *	18 % Poisson that follows a day
 *	18 % people: sessions of Pareto size (tail 1.1-2.2), waits log-normal
 *	     (median .5-120 s, spread .7-1.8)
 *	14 % Hawkes: branching .3-.92, children after an exponential or power law
 *	     (2 s - 1 h)
 *	10 % retries in clusters of 2-8, back-off from 1-30 s (half capped at a
 *	     minute) or fixed 5-60 s
 *	10 % batch jobs at odd times, transfers back to back (coefficient of
 *	     variation .22 to 1.2, mean .3-30 s)
 *	10 % renewals with heavy tails: log-normal (spread .8-2.5), Weibull
 *	     (shape .4-1), gamma (shape .3-1)
 *	 8 % two of the above at once
 *
 * Above 400 calls fixed delays of retries and transfers are at most 2 % of the
 * mean gap: long loops with a fixed pause fill the window, and are timers.
 * So the zero of false alarms there is by construction.
 */
#pragma once

#include "arrivals.h"

#define MIX_FAMILIES  8
#define MIX_HOURS_MAX 1024
#define MIX_DAY_S     86400.

enum mix_day { MIX_FLAT, MIX_WAVE, MIX_OFFICE };

struct mix_profile {
	enum mix_day day;
	double depth, phase_s, second_depth, second_phase_s, weekend, opens_h, closes_h;
	unsigned first_day; /* of the week */
};

struct mix {
	struct random *r;
	double window_s, wanted;    /* calls of the whole pair */
	struct mix_profile profile; /* of the family made last */
	double *times_s;
	size_t n, room;
};

static inline double mix_log_uniform(struct random *r, double low, double high)
{
	return exp(random_between(r, log(low), log(high)));
}

/* Marsaglia and Tsang 2000; mean `shape`. */
static inline double mix_gamma(struct random *r, double shape)
{
	double d = shape - 1 / 3., c;

	if (shape < 1)
		return mix_gamma(r, shape + 1) * pow(random_unit(r), 1 / shape);
	c = 1 / sqrt(9 * d);
	for (;;) {
		double x = random_normal(r), v = 1 + c * x;

		v = v * v * v;
		if (v > 0 && log(random_unit(r)) < .5 * x * x + d - d * v + d * log(v))
			return d * v;
	}
}

static inline size_t mix_poisson(struct random *r, double mean)
{
	size_t count = 0;

	if (mean > 50)
		return (size_t)fmax(0, rint(mean + sqrt(mean) * random_normal(r)));
	for (double sum = random_exponential(r, 1); sum < mean; sum += random_exponential(r, 1))
		count++;
	return count;
}

static inline struct mix_profile mix_draw_profile(struct random *r, bool flat_too)
{
	double kind = flat_too ? random_unit(r) : random_between(r, .4, .8);

	return (struct mix_profile){
		/* Without flat ones the other two are alike. */
		.day = kind < .25		     ? MIX_FLAT
		       : kind < (flat_too ? .7 : .6) ? MIX_WAVE
						     : MIX_OFFICE,
		.depth = random_between(r, .2, 1),
		.phase_s = random_between(r, 0, MIX_DAY_S),
		.second_depth = random_between(r, 0, .4),
		.second_phase_s = random_between(r, 0, MIX_DAY_S),
		.weekend = random_chance(r, .5) ? 1 : random_between(r, .05, .6),
		.opens_h = random_between(r, 7, 10),
		.closes_h = random_between(r, 16, 20),
		.first_day = (unsigned)random_below(r, 7),
	};
}

/* Activity at a time, 0 .. 1. */
static inline double mix_activity(const struct mix_profile *p, double at_s)
{
	double days = floor(at_s / MIX_DAY_S), hour = (at_s - days * MIX_DAY_S) / 3600;
	double week = fmod(days + p->first_day, 7) >= 5 ? p->weekend : 1, wave;

	if (p->day == MIX_FLAT)
		return 1;
	if (p->day == MIX_OFFICE)
		return week * (hour >= p->opens_h && hour < p->closes_h ? 1 : .03);
	wave = 1 + p->depth * cos(2 * M_PI * (at_s - p->phase_s) / MIX_DAY_S) +
	       p->depth * p->second_depth * cos(4 * M_PI * (at_s - p->second_phase_s) / MIX_DAY_S);
	return week * fmax(0, wave / (1 + p->depth + p->depth * p->second_depth));
}

static inline double mix_moment(struct mix *m)
{
	for (;;) {
		double at_s = random_between(m->r, 0, m->window_s);

		if (random_unit(m->r) <= mix_activity(&m->profile, at_s))
			return at_s;
	}
}

static inline void mix_add(struct mix *m, double at_s)
{
	if (at_s >= 0 && at_s < m->window_s && m->n < m->room)
		m->times_s[m->n++] = at_s;
}

static inline void mix_make_poisson(struct mix *m, double n, bool flat)
{
	if (!flat)
		m->profile = mix_draw_profile(m->r, false);
	for (size_t k = mix_poisson(m->r, n); k > 0; k--)
		mix_add(m, flat ? random_between(m->r, 0, m->window_s) : mix_moment(m));
}

static inline void mix_make_sessions(struct mix *m, double n)
{
	double tail = random_between(m->r, 1.1, 2.2);
	double median_s = mix_log_uniform(m->r, .5, 120), spread = random_between(m->r, .7, 1.8);
	double most = fmax(4, fmin(200, n / 2)), mean = 0;

	m->profile = mix_draw_profile(m->r, true);
	for (int i = 0; i < 200; i++)
		mean += fmin(pow((i + .5) / 200, -1 / tail), most) / 200;
	for (size_t k = (size_t)fmax(1, (double)mix_poisson(m->r, n / mean)); k > 0; k--) {
		double at_s = mix_moment(m), calls = fmin(pow(random_unit(m->r), -1 / tail), most);

		for (; calls >= 1; calls--) {
			mix_add(m, at_s);
			at_s += random_log_normal(m->r, median_s, spread);
		}
	}
}

static inline void mix_make_hawkes(struct mix *m, double n)
{
	double branching = random_between(m->r, .3, .92), soon_s = mix_log_uniform(m->r, 2, 3600);
	double tail = random_between(m->r, .4, 1.5);
	bool power_law = random_chance(m->r, .4);
	size_t first = m->n;

	m->profile = mix_draw_profile(m->r, true);
	for (size_t k = (size_t)fmax(1, (double)mix_poisson(m->r, n * (1 - branching))); k > 0; k--)
		mix_add(m, mix_moment(m));
	for (size_t i = first; i < m->n; i++)
		for (size_t k = mix_poisson(m->r, branching); k > 0; k--)
			mix_add(m,
				m->times_s[i] +
					(power_law ? .2 * soon_s *
							     (pow(random_unit(m->r), -1 / tail) - 1)
						   : random_exponential(m->r, soon_s)));
}

static inline void mix_make_retries(struct mix *m, double n)
{
	static const double starts_s[] = {1, 2, 5, 10, 30}, fixed_s[] = {5, 10, 15, 30, 60};
	bool back_off = random_chance(m->r, .6);
	double first_s =
		back_off ? starts_s[random_below(m->r, 5)] : fixed_s[random_below(m->r, 5)];
	double jitter = random_chance(m->r, .5) ? 0 : .2;
	double cap_s = random_chance(m->r, .5) ? 60 : INFINITY;
	double short_s = .02 * m->window_s / m->wanted;
	size_t most = back_off ? 8 : 5;

	m->profile = mix_draw_profile(m->r, true);
	if (m->wanted > 400) {
		first_s = fmin(first_s, back_off ? short_s / 4 : short_s);
		cap_s = fmin(cap_s, isfinite(cap_s) ? short_s : INFINITY);
	}
	for (size_t k = (size_t)fmax(1, (double)mix_poisson(m->r, n * 2 / (2. + (double)most)));
	     k > 0; k--) {
		double at_s = mix_moment(m), delay_s = first_s;

		for (size_t tries = 2 + random_below(m->r, most - 1); tries > 0; tries--) {
			mix_add(m, at_s);
			at_s += delay_s * (1 + jitter * random_between(m->r, -1, 1)) +
				random_exponential(m->r, .05);
			if (back_off)
				delay_s = fmin(2 * delay_s, cap_s);
		}
	}
}

static inline void mix_make_batches(struct mix *m, double n)
{
	double weight[256], sum = 0, jobs_mean = fmax(1.5, fmin(20, n / 4));
	double shape = mix_log_uniform(m->r, .7, 20), mean_s = mix_log_uniform(m->r, .3, 30);
	size_t jobs = 1 + mix_poisson(m->r, mix_log_uniform(m->r, .7, jobs_mean));

	m->profile = mix_draw_profile(m->r, true);
	jobs = jobs < 256 ? jobs : 256;
	if (m->wanted > 400)
		mean_s = fmin(mean_s, .02 * m->window_s / m->wanted);
	for (size_t i = 0; i < jobs; i++)
		sum += weight[i] = mix_gamma(m->r, 1);
	for (size_t i = 0; i < jobs; i++) {
		double at_s = mix_moment(m);

		for (size_t k = 1 + mix_poisson(m->r, fmax(0, n * weight[i] / sum - 1)); k > 0;
		     k--) {
			mix_add(m, at_s);
			at_s += mean_s * mix_gamma(m->r, shape) / shape;
		}
	}
}

static inline void mix_make_renewals(struct mix *m, double n)
{
	size_t kind = random_below(m->r, 3);
	double spread = random_between(m->r, .8, 2.5), weibull = random_between(m->r, .4, 1);
	double gamma = random_between(m->r, .3, 1), mean_s = m->window_s / n;
	double median_s = mean_s * exp(-spread * spread / 2), at_s = 0;

	if (kind == 0)
		at_s = -random_unit(m->r) * random_log_normal(m->r, median_s, spread);
	for (size_t first = m->n; m->n < m->room && m->n - first < 8 * (size_t)(n + 10);) {
		if (kind == 0)
			at_s += random_log_normal(m->r, median_s, spread);
		else if (kind == 1)
			at_s += mean_s / tgamma(1 + 1 / weibull) *
				pow(random_exponential(m->r, 1), 1 / weibull);
		else
			at_s += mean_s * mix_gamma(m->r, gamma) / gamma;
		if (at_s >= m->window_s)
			break;
		mix_add(m, at_s);
	}
}

/* Of the first seven. */
static inline void mix_make_single(struct mix *m, size_t family, double n)
{
	switch (family) {
	case 0:
	case 1:
		mix_make_poisson(m, n, family == 0);
		break;
	case 2:
		mix_make_sessions(m, n);
		break;
	case 3:
		mix_make_hawkes(m, n);
		break;
	case 4:
		mix_make_retries(m, n);
		break;
	case 5:
		mix_make_batches(m, n);
		break;
	default:
		mix_make_renewals(m, n);
		break;
	}
}

static inline void mix_make_family(struct mix *m, size_t family, double n)
{
	size_t first = random_below(m->r, 7), second = random_below(m->r, 6);
	double share = random_between(m->r, .2, .8);

	if (family < 7) {
		mix_make_single(m, family, n);
		return;
	}
	second += second >= first;
	mix_make_single(m, first, share * n);
	mix_make_single(m, second, (1 - share) * n);
}

static inline size_t mix_draw_family(struct random *r)
{
	static const double share[MIX_FAMILIES] = {.12, .18, .18, .14, .1, .1, .1, .08};
	double left = random_unit(r);
	size_t family = 0;

	while (family < MIX_FAMILIES - 1 && left > share[family])
		left -= share[family++];
	return family;
}

static inline void mix_sort_apart(double *times_s, size_t n)
{
	qsort(times_s, n, sizeof(*times_s), arrivals_ascending);
	for (size_t i = 1; i < n; i++)
		if (times_s[i] <= times_s[i - 1])
			times_s[i] = times_s[i - 1] + 1e-4;
}

/*
 * About `n` calls (within 10 %, at most `room`), ascending in 0 .. window_s.
 * Which family comes is settled first, so that hard ones are not underrepresented.
 * `profile` may be NULL: the day of what was made, for mix_hourly().
 */
static inline size_t mix_make(struct random *r, double window_s, size_t n, double *times_s,
			      size_t room, struct mix_profile *profile)
{
	struct mix m = {r, window_s, (double)n, {0}, times_s, 0, room};
	double low = .9 * (double)n - .5, high = 1.1 * (double)n + .5, adjust = 1;

	for (size_t family = mix_draw_family(r), tries = 0;; tries++) {
		m.n = 0;
		if (tries % 400 == 399) {
			family = mix_draw_family(r);
			adjust = 1;
		}
		m.profile = (struct mix_profile){.day = MIX_FLAT};
		mix_make_family(&m, family, (double)n * adjust);
		if ((double)m.n >= low && (double)m.n <= high && m.n < room)
			break;
		if (m.n > 0)
			adjust *= pow((double)n / (double)m.n, .3);
		adjust = fmin(fmax(adjust, .2), 6);
	}
	mix_sort_apart(times_s, m.n);
	if (m.n > 0 && times_s[m.n - 1] > window_s)
		times_s[m.n - 1] = window_s;
	if (profile)
		*profile = m.profile;
	return m.n;
}

/* Calls per hour to all other destinations of a host with that day: Poisson counts, noisy. */
static inline size_t mix_hourly(struct random *r, const struct mix_profile *profile,
				double window_s, double *hourly)
{
	size_t hours = (size_t)ceil(window_s / 3600);
	double mean = 0, busy = 10 * mix_gamma(r, 4);

	CHECK(hours > 0 && hours <= MIX_HOURS_MAX);
	for (size_t h = 0; h < hours; h++) {
		hourly[h] = 0;
		for (int quarter = 0; quarter < 4; quarter++)
			hourly[h] += mix_activity(profile, (double)h * 3600 + 900 * quarter + 450);
		mean += hourly[h] / (double)hours;
	}
	for (size_t h = 0; h < hours; h++)
		hourly[h] = (double)mix_poisson(r, busy * hourly[h] / fmax(mean, 1e-9) *
							   mix_gamma(r, 6) / 6);
	return hours;
}
