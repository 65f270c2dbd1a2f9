/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Against the numpy reference: tools/make-timing-vectors wrote what it says
 * about made-up series.  Grids of periods are in floats there and here, so
 * estimates may differ by a step of the grid.
 */
#include "stat/calibration.h"
#include "stat/onset.h"
#include "stat/timing.h"

#include "arrivals.h"
#include "near.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

#define CALLS_MAX 8192
#define VECTORS	  "test/data/timing_vectors.txt"

struct vector {
	char name[16];
	size_t n, hours, on_beat, gaps;
	double window_s;
	double guaranteed, hazard, log_normal, phase; /* nats */
	double p_renewal, p_phase, p, decibans;
	double period[3], jitter[3], missed[3], merge_s;
	double phase_period[3];
	double hidden, hidden_period, hidden_jitter, hidden_missed;
	double times_s[CALLS_MAX], hourly[CALLS_MAX];
};

static void read_numbers(FILE *file, double *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_int_equal(fscanf(file, "%lf", &values[i]), 1);
}

static bool read_vector(FILE *file, struct vector *v)
{
	if (fscanf(file, " series %15s %zu %lf %zu", v->name, &v->n, &v->window_s, &v->hours) != 4)
		return false;
	assert_true(v->n <= CALLS_MAX && v->hours <= CALLS_MAX);
	assert_int_equal(fscanf(file, " nats %lf %lf %lf %lf", &v->guaranteed, &v->hazard,
				&v->log_normal, &v->phase),
			 4);
	assert_int_equal(
		fscanf(file, " p %lf %lf %lf %lf", &v->p_renewal, &v->p_phase, &v->p, &v->decibans),
		4);
	assert_int_equal(fscanf(file, " timer"), 0);
	read_numbers(file, v->period, 3);
	read_numbers(file, v->jitter, 3);
	read_numbers(file, v->missed, 3);
	assert_int_equal(fscanf(file, "%lf %zu %zu clock", &v->merge_s, &v->on_beat, &v->gaps), 3);
	read_numbers(file, v->phase_period, 3);
	assert_int_equal(fscanf(file, " mixture %lf %lf %lf %lf", &v->hidden, &v->hidden_period,
				&v->hidden_jitter, &v->hidden_missed),
			 4);
	read_numbers(file, v->times_s, v->n);
	read_numbers(file, v->hourly, v->hours);
	return true;
}

/* Within a thousandth of a nat, or of a thousandth of the whole. */
static bool same_nats(double ours, double theirs)
{
	return fabs(ours - theirs) <= 1e-3 * fmax(1, fabs(theirs) / 100);
}

/* Evidence against a timer need not be exact: both below 0 is enough. */
static bool same_guaranteed(double ours, double theirs)
{
	return same_nats(ours, theirs) || (ours < 0 && theirs < 0);
}

/* Nor need what one benign pair in twenty exceeds, which makes p .2 or more. */
static bool same_channel(enum calibration_channel channel, double ours, double theirs, size_t calls)
{
	return same_nats(ours, theirs) ||
	       (10 * calibration_log10_rarity(channel, ours, calls) < 13 &&
		10 * calibration_log10_rarity(channel, theirs, calls) < 13);
}

static bool same_p(double ours, double theirs)
{
	return fabs(log(ours / theirs)) <= 1e-3 * fmax(1, -log(theirs)) ||
	       (ours > .2 && theirs > .2);
}

static bool same_share(double ours, double theirs, double tolerance)
{
	return fabs(ours - theirs) <= tolerance * fmax(fabs(theirs), 1e-12);
}

static bool same_period(const struct timing_result *r, const double *theirs, double tolerance)
{
	return same_share(r->period_s, theirs[0], tolerance) &&
	       same_share(r->period.low, theirs[1], tolerance) &&
	       same_share(r->period.high, theirs[2], tolerance);
}

/*
 * The mixture is looked at only where a first look is promising, and its narrow laws
 * only near promising periods: a little less than the whole, or nothing.
 */
static bool same_hidden(const struct vector *v, const struct timing_result *r)
{
	if (r->hidden_nats <= -50)
		return v->hidden < 5 || r->p < 1e-9 ||
		       onset_window_variation(v->times_s, v->n, v->window_s) >
			       .93 + 7. / (double)v->n;
	return r->hidden_nats < v->hidden + .1 && r->hidden_nats > v->hidden - .3;
}

static double p_of(enum calibration_channel channel, double nats, size_t calls)
{
	return pow(10, -calibration_log10_rarity(channel, nats, calls));
}

/*
 * What follows from their numbers: the guaranteed channel shares its prior with that
 * of cycles, and p is the least of the channels, by our calibration.
 */
static void conclude(struct vector *v, const struct timing_result *r)
{
	double w = .25 + .15 * fmin(1, 12 / (double)v->n), least;

	v->guaranteed += log(.95 + .05 * exp(r->cycle_nats - v->guaranteed));
	least = p_of(CALIBRATION_HAZARD, v->hazard, v->n) / w;
	least = fmin(least, p_of(CALIBRATION_LOG_NORMAL, v->log_normal, v->n) / w);
	if (r->screened)
		v->phase = -50;
	else
		least = fmin(least, p_of(CALIBRATION_PHASE, v->phase, v->n) / (.5 - w));
	if (r->hidden_nats > -50)
		least = fmin(least, p_of(CALIBRATION_HIDDEN, r->hidden_nats, v->n) / (.5 - w));
	v->p = fmin(least, exp(-fmax(0, v->guaranteed)));
	v->p = fmax(1e-300, fmin(1, v->p));
	v->decibans = fmax(10 / M_LN10 * v->guaranteed, 10 * log10(timing_p_to_e(v->p)));
}

static bool same_evidence(const struct vector *v, const struct timing_result *r)
{
	return same_guaranteed(r->guaranteed_nats, v->guaranteed) &&
	       same_channel(CALIBRATION_HAZARD, r->renewal_nats, v->hazard, v->n) &&
	       same_channel(CALIBRATION_LOG_NORMAL, r->log_normal_nats, v->log_normal, v->n) &&
	       same_nats(r->phase_nats, v->phase) && same_hidden(v, r) && same_p(r->p, v->p) &&
	       fabs(r->decibans - fmax(0, v->decibans)) <= 1e-3 * fmax(10, v->decibans);
}

/* Theirs may be the period of a harmonic; ours is a multiple of it. */
static void undo_harmonic(struct vector *v, const struct timing_result *r)
{
	double multiple = rint(r->period_s / v->phase_period[0]);

	for (size_t i = 0; i < 3; i++)
		v->phase_period[i] *= fmax(1, multiple);
}

/*
 * The reference names the levels of its grid between which the jitter lies, often
 * one level and no width.  Ours reach to the middle of the next levels, no more
 * than .07 apart from there, and hold the estimate.
 */
static bool around(struct timing_interval ours, double low, double high)
{
	return ours.low < low && ours.low > low - .08 && ours.high > high && ours.high < high + .08;
}

static bool same_estimates(const struct vector *v, const struct timing_result *r)
{
	bool same;

	if (r->decibans <= 0)
		return r->period_s <= 0 && r->gaps == 0; /* no evidence, no estimate */
	if (r->by_hidden)
		return fabs(log(r->period_s / v->hidden_period)) < .1 &&
		       fabs(r->jitter - v->hidden_jitter) < .08;
	if (r->by_cycle)
		return false; /* none of them has several calls a period */
	same = r->by_phase ? same_period(r, v->phase_period, 1e-6)
			   : same_period(r, v->period, 1e-6);

	return same && fabs(r->jitter - v->jitter[0]) < 1e-4 &&
	       around(r->jitter_90, v->jitter[1], v->jitter[2]) &&
	       fabs(r->missed - v->missed[0]) < 1e-6 &&
	       fabs(r->missed_90.low - v->missed[1]) < 1e-6 &&
	       fabs(r->missed_90.high - v->missed[2]) < 1e-6 && r->on_beat == v->on_beat &&
	       r->gaps == v->gaps && same_share(r->merge_s, v->merge_s, 1e-9);
}

static void print_difference(const struct vector *v, const struct timing_result *r)
{
	print_message("%s, %zu calls in %.0f s:\n", v->name, v->n, v->window_s);
	print_message("  ours   R_g %.4f R_c %.4f R_l %.4f P %.4f M %.4f p %.4g dB %.3f\n",
		      r->guaranteed_nats, r->renewal_nats, r->log_normal_nats, r->phase_nats,
		      r->hidden_nats, r->p, r->decibans);
	print_message("  theirs R_g %.4f R_c %.4f R_l %.4f P %.4f M %.4f p %.4g dB %.3f\n",
		      v->guaranteed, v->hazard, v->log_normal, v->phase, v->hidden, v->p,
		      v->decibans);
	print_message("  ours   period %.3f (%.3f-%.3f) jitter %.4f (%.3f-%.3f) missed %.4f "
		      "(%.4f-%.4f) merge %g, %zu of %zu%s\n",
		      r->period_s, r->period.low, r->period.high, r->jitter, r->jitter_90.low,
		      r->jitter_90.high, r->missed, r->missed_90.low, r->missed_90.high, r->merge_s,
		      r->on_beat, r->gaps, r->by_phase ? ", phase" : "");
	print_message("  theirs period %.3f (%.3f-%.3f) jitter %.4f (%.3f-%.3f) missed %.4f "
		      "(%.4f-%.4f) merge %g, %zu of %zu, phase %.3f (%.3f-%.3f)\n",
		      v->period[0], v->period[1], v->period[2], v->jitter[0], v->jitter[1],
		      v->jitter[2], v->missed[0], v->missed[1], v->missed[2], v->merge_s,
		      v->on_beat, v->gaps, v->phase_period[0], v->phase_period[1],
		      v->phase_period[2]);
}

static void agrees_with_the_reference(void **state)
{
	struct timing_work *work = timing_work_new();
	struct vector *v = calloc(1, sizeof(*v));
	FILE *file = fopen(VECTORS, "r");
	size_t vectors = 0, wrong = 0, screened = 0, hidden = 0;

	(void)state;
	assert_true(work && v && file);
	assert_int_equal(fscanf(file, "#%*[^\n]"), 0);
	for (; read_vector(file, v); vectors++) {
		struct timing_activity activity = {v->hourly, v->hours};
		struct timing_result r;

		timing_analyse(work, v->times_s, v->n, v->window_s, &activity, &r);
		screened += r.screened;
		hidden += r.hidden_nats > -50;
		conclude(v, &r);
		undo_harmonic(v, &r);
		if (same_evidence(v, &r) && same_estimates(v, &r))
			continue;
		print_difference(v, &r);
		wrong++;
	}
	fclose(file);
	free(v);
	timing_work_free(work);
	print_message("%zu series, %zu without phase, %zu with mixture\n", vectors, screened,
		      hidden);
	assert_true(vectors >= 40 && screened < vectors / 3 && hidden >= 3);
	assert_int_equal(wrong, 0);
}

static double guaranteed_db(const double *times_s, size_t n, double window_s)
{
	struct timing_work *work = timing_work_new();
	struct timing_result r;

	assert_non_null(work);
	timing_analyse(work, times_s, n, window_s, NULL, &r);
	timing_work_free(work);
	print_message("%4zu calls in %.0f s: %.0f dB, period %.2f s, jitter %.2f\n", n, window_s,
		      r.guaranteed_db, r.period_s, r.jitter);
	assert_true(!r.calibrated || window_s >= 86400);
	return r.guaranteed_db;
}

/* Calls `period_s` apart, give or take `jitter` of it, from `start_s` on. */
static size_t beat(struct random *r, double start_s, double period_s, double jitter, size_t n,
		   double *times_s)
{
	for (size_t i = 0; i < n;
	     i++, start_s += period_s * (1 + jitter * random_between(r, -1, 1)))
		times_s[i] = start_s;
	return n;
}

/* Captures of minutes and hours; what a person would call a clock must exceed 30 dB. */
static void hears_timers_in_short_windows(void **state)
{
	static double t[1000];
	struct random r = random_from_seed(13);

	(void)state;
	assert_true(guaranteed_db(t, beat(&r, .1, 2.8, .286, 22, t), 64) > 30);
	assert_true(guaranteed_db(t, beat(&r, 1, 2.2, .05, 297, t), 665) > 30);
	assert_true(guaranteed_db(t, beat(&r, 1, 3.54, .06, 77, t), 290) > 30);
	assert_true(guaranteed_db(t, beat(&r, 50, 948, .03, 7, t), 5900) > 30);
	assert_true(guaranteed_db(t, beat(&r, 0, 60, 0, 11, t), 600) > 30);
	assert_true(guaranteed_db(t, beat(&r, 3, 11.5, .22, 237, t), 2800) > 30);
	for (size_t i = 0; i < 479; i++) {
		t[2 * i] = 1 + 1.04 * (double)i;
		t[2 * i + 1] = t[2 * i] + .5;
	}
	assert_true(guaranteed_db(t, 958, 500) > 30);
}

/* Every half hour for eight days of 22, in three stretches. */
static void hears_a_timer_that_sleeps_for_days(void **state)
{
	static double t[400];
	struct random r = random_from_seed(14);
	size_t n = beat(&r, 100, 1804, .02, 150, t);

	(void)state;
	n += beat(&r, 8 * 86400, 1804, .02, 150, t + n);
	n += beat(&r, 19 * 86400, 1804, .02, 86, t + n);
	assert_true(guaranteed_db(t, n, 22 * 86400.) > 30);
}

static void finds_period_jitter_and_missed(void **state)
{
	const struct arrivals_timer timer = {.period_s = 3600, .jitter = .2, .missed = .3};
	struct timing_work *work = timing_work_new();
	struct random r = random_from_seed(15);
	double times_s[300];
	int right = 0, rounds = 50;

	(void)state;
	assert_non_null(work);
	for (int i = 0; i < rounds; i++) {
		size_t n = arrivals_beat(&r, &timer, 7 * 86400., times_s, 300);
		struct timing_result result;

		timing_analyse(work, times_s, n, 7 * 86400., NULL, &result);
		assert_true(result.p < 1e-4);
		right += fabs(result.period_s / 3600 - 1) < .05 && fabs(result.jitter - .2) < .1 &&
			 fabs(result.missed - .3) < .12;
	}
	timing_work_free(work);
	assert_true(right >= 45);
}

/* Clocks among other calls, slower than any phase that is looked for, or of many harmonics. */
static void finds_the_beat_of_a_clock_not_its_harmonic(void **state)
{
	static const double periods_s[] = {900, 3600, 21600, 43200};
	struct timing_work *work = timing_work_new();
	struct random r = random_from_seed(17);
	int by_phase = 0, right = 0;

	(void)state;
	assert_non_null(work);
	for (size_t i = 0; i < 40; i++) {
		const struct arrivals_timer timer = {.period_s = periods_s[i % 4],
						     .jitter = random_between(&r, 0, .02),
						     .missed = .3,
						     .noise = random_between(&r, .4, 1),
						     .clock = true};
		struct timing_result result;
		double times_s[800], days = i % 4 < 2 ? 7 : 35;
		size_t n = arrivals_beat(&r, &timer, days * 86400, times_s, 800);

		timing_analyse(work, times_s, n, days * 86400, NULL, &result);
		by_phase += result.by_phase;
		right += result.by_phase && fabs(result.period_s / timer.period_s - 1) < .005;
	}
	timing_work_free(work);
	print_message("%d of 40 by phase, the period of %d right\n", by_phase, right);
	assert_true(by_phase >= 30 && right >= by_phase - 5);
}

static void few_calls_are_no_evidence(void **state)
{
	const double times_s[] = {0, 10, 20, 30};
	struct timing_work *work = timing_work_new();
	struct timing_result r;

	(void)state;
	assert_non_null(work);
	for (size_t n = 0; n <= 4; n++) {
		timing_analyse(work, times_s, n, 30, NULL, &r);
		assert_int_equal(r.calls, n);
		assert_true(r.p >= 1 && r.decibans <= 0 && r.period_s <= 0);
	}
	timing_work_free(work);
}

static void assert_finite(const struct timing_result *r)
{
	assert_true(isfinite(r->guaranteed_nats) && isfinite(r->renewal_nats));
	assert_true(isfinite(r->log_normal_nats) && isfinite(r->phase_nats));
	assert_true(isfinite(r->p) && isfinite(r->decibans) && isfinite(r->period_s));
	assert_true(isfinite(r->period.low) && isfinite(r->period.high));
}

static void extremes_are_finite(void **state)
{
	size_t many = 1000000;
	double *times_s = calloc(many, sizeof(*times_s)), last_s = 0;
	struct timing_work *work = timing_work_new();
	struct random random = random_from_seed(16);
	struct timing_result r;

	(void)state;
	assert_true(times_s && work);
	timing_analyse(work, times_s, many, 0, NULL, &r); /* all at once, in no time */
	assert_finite(&r);
	timing_analyse(work, times_s, many, 1e9, NULL, &r);
	assert_finite(&r);
	for (size_t i = 0; i < many; i++)
		times_s[i] = last_s += random_exponential(&random, .6);
	timing_analyse(work, times_s, many, last_s, NULL, &r);
	assert_finite(&r);
	assert_true(r.guaranteed_db < 10);
	for (size_t i = 0; i < many; i++)
		times_s[i] = 30. * (double)i;
	timing_analyse(work, times_s, many, 30. * (double)many, NULL, &r);
	assert_finite(&r);
	assert_true(r.guaranteed_db > 1000);
	for (size_t i = 0; i < 100; i++)
		times_s[i] = i < 50 ? 0 : 1e15;
	timing_analyse(work, times_s, 100, 1e15, NULL, &r);
	assert_finite(&r);
	free(times_s);
	timing_work_free(work);
}

/* The integral itself, by the trapezium rule. */
static double slow_p_to_e(double p)
{
	size_t steps = 200000;
	double sum = 0;

	for (size_t i = 0; i < steps; i++) {
		double k = ((double)i + .5) / (double)steps;

		sum += k * pow(p, k - 1) / (double)steps;
	}
	return sum;
}

static void p_to_e_is_the_integral(void **state)
{
	(void)state;
	for (double p = 1e-6; p < 1; p *= 1.7)
		assert_true(near(timing_p_to_e(p) / slow_p_to_e(p), 1, 1e-6));
	/* reference: p = 1e-4 is worth 20.7 dB */
	assert_true(near(10 * log10(timing_p_to_e(1e-4)), 20.7, .05));
	assert_true(near(timing_p_to_e(1), .5, 1e-12));
	assert_true(near(timing_p_to_e(1 - 1e-9), .5, 1e-9));
	assert_true(isfinite(timing_p_to_e(0)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_the_reference),
		cmocka_unit_test(hears_timers_in_short_windows),
		cmocka_unit_test(hears_a_timer_that_sleeps_for_days),
		cmocka_unit_test(finds_period_jitter_and_missed),
		cmocka_unit_test(finds_the_beat_of_a_clock_not_its_harmonic),
		cmocka_unit_test(few_calls_are_no_evidence),
		cmocka_unit_test(extremes_are_finite),
		cmocka_unit_test(p_to_e_is_the_integral),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
