/* SPDX-License-Identifier: Apache-2.0 */
/*
 * timing.h - is it a timer?
 *
 * Given the times of the calls of one group, weighs "something calls on a
 * timer" against "calls come as they come".  Three channels, each a log
 * likelihood ratio in nats:
 *
 *   R_g  renewal, guaranteed: for every source whose call rate does not rise
 *        while it is silent, the chance of ever reaching x is at most e^-x
 *        (Ville 1939).  Needs no calibration.
 *   R_c, R_l  the same numerator against the best decreasing-hazard law of the
 *        group itself (Marshall and Proschan 1965) and a wide log-normal.
 *   P    phase: Bayes factor that the onsets cluster at some frequency.
 *
 * R_c, R_l and P are calibrated: turned into p-values on a benign mix.
 * Windows shorter than a day are outside the calibration: only R_g speaks.
 *
 * Pure functions on arrays.  A `struct timing_work` holds the scratch memory
 * and belongs to one thread.
 */
#pragma once

#include "base/base.h"

/* How active the host was towards all its other destinations, hour by hour. */
struct timing_activity {
	const double *hourly; /* calls per hour, from the start of the window; NULL: flat */
	size_t hours;
};

struct timing_interval {
	double low, high; /* 90 % */
};

struct timing_result {
	size_t calls;
	double window_s;
	double guaranteed_nats;				  /* R_g, mixed over the merge scales */
	double renewal_nats, log_normal_nats, phase_nats; /* R_c, R_l, P */
	bool calibrated;      /* the window is long enough for the p-values to mean something */
	double p;	      /* chance that a benign source of this many calls looks so regular */
	double decibans;      /* max of guaranteed and calibrated, at least 0 */
	double guaranteed_db; /* at least 0 */
	double period_s, jitter, missed; /* 0 without evidence; jitter: half width over period */
	struct timing_interval period, jitter_90, missed_90;
	double merge_s;	      /* calls closer than this were one burst in the best explanation */
	size_t on_beat, gaps; /* gaps near a multiple of the period, of how many */
	bool by_phase;	      /* the phase channel convinced: clock-driven */
	bool screened;	      /* the cheap screen saw nothing: P was not computed */
};

struct timing_work;				    /* opaque scratch memory */
struct timing_work *timing_work_new(void) MUST_USE; /* NULL: no memory */
void timing_work_free(struct timing_work *work);

/*
 * `times_s` are `n` call times in seconds from the start of a window of
 * `window_s` seconds, ascending.  Always fills `out`; fewer than 5 calls give
 * p = 1 and no evidence.  Deterministic.
 */
void timing_analyse(struct timing_work *work, const double *times_s, size_t n, double window_s,
		    const struct timing_activity *activity, struct timing_result *out);

/* A p-value as an e-value: integral of k p^(k-1) over k in (0,1) (Vovk and Wang 2021). */
double timing_p_to_e(double p);
