/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/law.h"

#include <math.h>

enum { HOUR_S = 3600, DAY_S = 86400, POLL_LEAST_S = 64, POLL_MOST_S = 1024 };

bool law_is_timer(enum law_kind kind)
{
	return kind == LAW_SLEEP || kind == LAW_CLOCK || kind == LAW_POLL;
}

/* How active people are, from 0 to 1. */
static double activity(enum law_rhythm rhythm, double since_monday_s)
{
	double day = fmod(since_monday_s / DAY_S, 7), hour = fmod(since_monday_s / HOUR_S, 24);

	switch (rhythm) {
	case RHYTHM_DAY:
		return 0.75 - 0.25 * cos((hour - 7) / 24 * 2 * M_PI);
	case RHYTHM_OFFICE:
		return day < 5 && hour >= 8 && hour < 18 ? 1 : 0.02;
	default:
		return 1;
	}
}

static bool on_duty(const struct law *law, const struct law_state *s)
{
	double hour = fmod((s->monday_s + s->beat_s) / HOUR_S, 24);

	if (law->duty_from_h < law->duty_to_h)
		return hour >= law->duty_from_h && hour < law->duty_to_h;
	if (law->duty_from_h > law->duty_to_h) /* over midnight */
		return hour >= law->duty_from_h || hour < law->duty_to_h;
	return true;
}

/* Mostly settled at 1024 s; a disturbance halves the interval, calm doubles it. */
static double poll_gap(struct law_state *s, struct random *r)
{
	if (random_chance(r, 0.03) && s->poll_s > POLL_LEAST_S)
		s->poll_s /= 2;
	else if (random_chance(r, 0.3) && s->poll_s < POLL_MOST_S)
		s->poll_s *= 2;
	return s->poll_s * random_between(r, 0.98, 1.02);
}

static double timer_gap(const struct law *law, struct law_state *s, struct random *r)
{
	switch (law->kind) {
	case LAW_CLOCK:
		return law->period_s;
	case LAW_POLL:
		return poll_gap(s, r);
	default:
		return law->period_s * (1 + law->jitter * random_between(r, -1, 1));
	}
}

/* Some beats never happen; a clock may even never strike within its duty hours. */
static bool happens(const struct law *law, const struct law_state *s, struct random *r)
{
	return !random_chance(r, law->missed) && s->beat_s >= 0 && on_duty(law, s);
}

static double timer_next(const struct law *law, struct law_state *s, struct random *r)
{
	do
		s->beat_s += timer_gap(law, s, r);
	while (!happens(law, s, r) && s->beat_s < s->horizon_s);
	return s->beat_s;
}

static double hawkes_next(const struct law *law, struct law_state *s, struct random *r)
{
	double base = s->stretch * (1 - law->branching) / law->period_s;

	for (;;) {
		double most = base + s->excitement;
		double gap = random_exponential(r, 1 / most);

		s->beat_s += gap;
		s->excitement *= exp(-gap / law->within_s);
		if (random_unit(r) * most < base + s->excitement)
			break;
	}
	s->excitement += law->branching / law->within_s;
	return s->beat_s;
}

static double session_next(const struct law *law, struct law_state *s, struct random *r)
{
	if (s->left > 0) {
		s->left--;
		s->beat_s += random_log_normal(r, law->within_s, 1);
		return s->beat_s;
	}
	/* geometric with this mean, counted without the first */
	s->left = (uint64_t)floor(log(random_unit(r)) / log(1 - 1 / law->burst));
	s->beat_s += random_exponential(r, law->period_s * law->burst / s->stretch);
	return s->beat_s;
}

static double free_next(const struct law *law, struct law_state *s, struct random *r)
{
	switch (law->kind) {
	case LAW_HAWKES:
		return hawkes_next(law, s, r);
	case LAW_SESSION:
		return session_next(law, s, r);
	case LAW_LOG_NORMAL:
		s->beat_s += random_log_normal(r, law->period_s, law->sigma) / s->stretch;
		return s->beat_s;
	default:
		s->beat_s += random_exponential(r, law->period_s / s->stretch);
		return s->beat_s;
	}
}

/* Thinning by the rhythm; a session goes on once it has begun. */
static double rhythm_next(const struct law *law, struct law_state *s, struct random *r)
{
	for (;;) {
		bool going_on = law->kind == LAW_SESSION && s->left > 0;
		double t = free_next(law, s, r);

		if (going_on || random_chance(r, activity(law->rhythm, s->monday_s + t)))
			return t;
		s->left = 0;
	}
}

double law_next(const struct law *law, struct law_state *s, struct random *r)
{
	double t;

	if (!law_is_timer(law->kind))
		return rhythm_next(law, s, r);
	t = timer_next(law, s, r);
	if (law->kind == LAW_CLOCK)
		t += law->jitter * law->period_s * random_between(r, -0.5, 0.5);
	return t > 0 ? t : 0;
}

/* A timer met in the middle of a beat; a daily one strikes within its duty hours. */
static double last_beat(const struct law *law, const struct law_state *s, struct random *r)
{
	double strikes_h;

	if (law->kind != LAW_CLOCK || law->period_s != DAY_S)
		return -random_between(r, 0, law->period_s);
	strikes_h = random_between(r, law->duty_from_h, law->duty_to_h);
	return strikes_h * HOUR_S - fmod(s->monday_s, DAY_S) - DAY_S;
}

static void begin(const struct law_setting *setting, struct law_state *s)
{
	*s = (struct law_state){
		.monday_s = fmod(setting->epoch_s + 3 * DAY_S, 7 * DAY_S), /* 1970: a Thursday */
		.horizon_s = setting->horizon_s,
		.stretch = setting->rate,
	};
}

void law_restart(const struct law *law, const struct law_setting *setting, double first_s,
		 struct law_state *s)
{
	begin(setting, s);
	s->beat_s = first_s;
	if (law->kind == LAW_POLL)
		s->poll_s = POLL_LEAST_S;
}

double law_first(const struct law *law, const struct law_setting *setting, struct law_state *s,
		 struct random *r)
{
	begin(setting, s);
	CHECK(law->period_s > 0 || law->kind == LAW_POLL);
	if (law->kind == LAW_POLL) {
		s->poll_s = POLL_MOST_S;
		s->beat_s = -random_between(r, 0, s->poll_s);
	} else if (law_is_timer(law->kind)) {
		s->beat_s = last_beat(law, s, r);
	}
	return law_next(law, s, r);
}
