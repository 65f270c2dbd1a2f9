/* SPDX-License-Identifier: Apache-2.0 */
/*
 * phase.h - do the calls keep to a clock?
 *
 * A timer that counts from the clock, not from its last call, leaves all its
 * calls near one phase of its period, however many it misses and whatever
 * else calls in between.  For each frequency f the phases 2 pi f t_i of n
 * onsets are weighed, von Mises law against uniform:
 *
 *	BF(f) = max over kappa of I0(kappa R) / I0(kappa)^n,
 *	R = |sum_i e^(-2 pi i f t_i)|, divided by the local noise level
 *
 * and averaged over frequencies with prior 1/f.  Frequencies below 7.5 a day
 * are left out, for a day has a shape without any timer.
 */
#pragma once

#include "base/base.h"

struct phase_work; /* opaque scratch memory, 36 MB, touched as far as needed */
struct phase_work *phase_work_new(void) MUST_USE; /* NULL: no memory */
void phase_work_free(struct phase_work *work);

struct phase {
	double nats;	 /* log Bayes factor, at least -50 */
	double period_s; /* of the best frequency; 0 if there is none */
};

/* Onsets at `merge_s` of `n` ascending times in a window of at least a day. */
struct phase phase_weigh(struct phase_work *work, const double *times_s, size_t n, double merge_s,
			 double window_s);

/*
 * A clock's harmonics are as strong as its beat, and a slow beat is not in the
 * band.  The longest multiple of `period_s`, up to `longest_s`, at which the
 * onsets cluster as tightly as at `period_s` itself, but for noise.
 */
double phase_beat(const double *times_s, size_t n, double merge_s, double period_s,
		  double longest_s);

/*
 * ln I0(x), modified Bessel function of the first kind, for x >= 0; relative
 * error of I0 below 5e-7 (Abramowitz and Stegun 1964, 9.8.1 and 9.8.2).
 */
double phase_ln_i0(double x);
