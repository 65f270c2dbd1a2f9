/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Against the numpy reference: tools/make-timing-vectors wrote what it says
 * about made-up series.  Grids of periods are in floats there and here, so
 * estimates may differ by a step of the grid.
 */
#include "stat/timing.h"

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
	read_numbers(file, v->times_s, v->n);
	read_numbers(file, v->hourly, v->hours);
	return true;
}

/* Within a thousandth of a nat, or of a thousandth of the whole. */
static bool same_nats(double ours, double theirs)
{
	return fabs(ours - theirs) <= 1e-3 * fmax(1, fabs(theirs) / 100);
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

static bool same_evidence(const struct vector *v, const struct timing_result *r)
{
	return same_nats(r->guaranteed_nats, v->guaranteed) &&
	       same_nats(r->renewal_nats, v->hazard) &&
	       same_nats(r->log_normal_nats, v->log_normal) && same_nats(r->phase_nats, v->phase) &&
	       fabs(log(r->p / v->p)) <= 1e-3 * fmax(1, -log(v->p)) &&
	       fabs(r->decibans - fmax(0, v->decibans)) <= 1e-3 * fmax(10, v->decibans);
}

static bool same_estimates(const struct vector *v, const struct timing_result *r)
{
	bool same;

	if (r->decibans <= 0)
		return r->period_s <= 0 && r->gaps == 0; /* no evidence, no estimate */
	same = r->by_phase ? same_period(r, v->phase_period, 1e-6)
			   : same_period(r, v->period, 1e-6);

	return same && fabs(r->jitter - v->jitter[0]) < 1e-4 &&
	       fabs(r->jitter_90.low - v->jitter[1]) < 1e-9 &&
	       fabs(r->jitter_90.high - v->jitter[2]) < 1e-9 &&
	       fabs(r->missed - v->missed[0]) < 1e-6 &&
	       fabs(r->missed_90.low - v->missed[1]) < 1e-6 &&
	       fabs(r->missed_90.high - v->missed[2]) < 1e-6 && r->on_beat == v->on_beat &&
	       r->gaps == v->gaps && same_share(r->merge_s, v->merge_s, 1e-9);
}

static void print_difference(const struct vector *v, const struct timing_result *r)
{
	print_message("%s, %zu calls in %.0f s:\n", v->name, v->n, v->window_s);
	print_message("  ours   R_g %.4f R_c %.4f R_l %.4f P %.4f p %.4g dB %.3f\n",
		      r->guaranteed_nats, r->renewal_nats, r->log_normal_nats, r->phase_nats, r->p,
		      r->decibans);
	print_message("  theirs R_g %.4f R_c %.4f R_l %.4f P %.4f p %.4g dB %.3f\n", v->guaranteed,
		      v->hazard, v->log_normal, v->phase, v->p, v->decibans);
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
	size_t vectors = 0, wrong = 0;

	(void)state;
	assert_true(work && v && file);
	assert_int_equal(fscanf(file, "#%*[^\n]"), 0);
	for (; read_vector(file, v); vectors++) {
		struct timing_activity activity = {v->hourly, v->hours};
		struct timing_result r;

		timing_analyse(work, v->times_s, v->n, v->window_s, &activity, &r);
		if (same_evidence(v, &r) && same_estimates(v, &r))
			continue;
		print_difference(v, &r);
		wrong++;
	}
	fclose(file);
	free(v);
	timing_work_free(work);
	assert_true(vectors >= 40);
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_the_reference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
