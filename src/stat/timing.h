/* SPDX-License-Identifier: Apache-2.0 */
/*
 * timing.h - is it a timer?
 *
 * Given the times of the calls of one group, weighs "something calls on a
 * timer" against "calls come as they come".  Channels, each a log likelihood
 * ratio in nats or nearly one; docs/detection/timing.md has the formulas:
 *
 *   R_g  renewal, guaranteed: for every source whose call rate does not rise
 *        while it is silent, the chance of ever reaching x is at most e^-x
 *        (Ville 1939).  Needs no calibration.
 *   C    cycles: each gap repeats the one k gaps before (stat/cycle.h), for
 *        timers with several calls a period, or whose period drifts.  Guaranteed
 *        as well; it has a twentieth of the prior of guaranteed_nats.
 *   R_c, R_l  the numerator of R_g against the best decreasing-hazard law of the
 *        group itself (Marshall and Proschan 1965) and a wide log-normal.
 *   P    phase: Bayes factor that the onsets cluster at some frequency.
 *   M    mixture: a timer hidden among other calls (stat/hidden.h).
 *
 * R_c, R_l, P and M are calibrated: turned into p-values on a benign mix of
 * seven days (stat/calibration.h).  p is the least of them, each over its share of
 * the false alarms, or e^-R_g if that is less.  The shares add up to 1: R_c and R_l
 * have .25 + .15 min(1, 12/n) each, P and M the rest in equal parts.
 *
 * What is one call.  Calls closer than a merge scale are one burst, timed from
 * its first call; the scales are mixed.  Only periods that fill 8 % of the
 * window with the bursts seen may speak, and at most six gaps per slot of time,
 * so no single lively hour convicts.
 *
 *	window		merge scales, prior		periods from	slot
 *	a day or more	1 10 60 600 s, .7 .1 .1 .1	5 s		an hour
 *	less		.1 1 10 60 600 s, .3 .4 .1 .1 .1	.5 s		window / 168
 *
 * Windows shorter than a day are outside the calibration: only R_g and C speak.
 * Their guarantee does not depend on any of these constants, for they are fixed
 * before the data: of 6,000 decreasing-hazard streams per window from 30 s to a
 * week, watched after every third call, at most 4 ever exceeded 10 dB, 1
 * exceeded 20 dB and none 30 dB (test_guarantee; allowed 600, 60 and 6).  The
 * merge scale of .1 s is what lets periods of seconds be heard at all; its prior
 * costs them 5 dB.
 *
 * The screen.  P and M are left out if the local variation of the onsets, at the
 * scale of the window, is too high, P beyond .97 + 8/n, M beyond 1 + 9/n; and M
 * after a first look (stat/hidden_look.h) that a few per cent of benign pairs
 * pass, or once p is below 1e-9.  What it loses: M where timers hide in three or
 * more times as many other calls; judged by the cells that fell short of the
 * study, .03 to .07 of power at 32 calls (not measured with the screen off).  The
 * tables of docs/detection/timing.md are with the screen.
 *
 * The same screen drops single merge scales from R.  Power lost at p < 1e-4 in a
 * week, and at 30 dB in just under a day with or without up to four more calls in
 * bursts around each: .0001 on average over 490 cells of 40 timers, .05 at worst (8 calls
 * of a clock, 70 % of beats missed); .0004 in bursty noise (210 cells).
 *
 * What does not matter.  A pair whose R_g is below 0 and whose p is above .2 has
 * no evidence, however far below; so R_g under 0, and R_c and R_l where p is
 * .2 or more, are not worked out in full and may be reported too low (and p too
 * high); a scale left out counts as -50 nats.  What is left out of R_g and R_c
 * elsewhere is at most .7 % where they begin to matter, a thousandth two nats
 * above.
 *
 * What it cannot see: timers that sleep at random without memory, fewer than 5
 * calls, periods below 5 s in windows of a day or more (look at an hour of it),
 * and P no period below 5 s.  P hears slow clocks by their harmonics; the period
 * is then the longest multiple, up to half a day, at which the calls cluster as
 * well, or a longer one if the gaps say so.
 *
 * Cost: bench_timing; docs/detection/timing.md.
 *
 * Pure functions on arrays.  A `struct timing_work` holds the scratch memory
 * (43 MB, touched as far as needed: 1 MB for 64 calls) and belongs to one
 * thread.
 */
#pragma once

#include "base/base.h"
#include "stat/change.h"

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
	double guaranteed_nats; /* R_g, mixed over the merge scales, and with C */
	double cycle_nats;	/* C, a part of it */
	/* R_c, R_l, P, M; if calibrated */
	double renewal_nats, log_normal_nats, phase_nats, hidden_nats;
	bool calibrated;      /* the window is long enough for the p-values to mean something */
	double p;	      /* chance that a benign source of this many calls looks so regular */
	double decibans;      /* max of guaranteed and calibrated, at least 0 */
	double guaranteed_db; /* at least 0 */
	double period_s, jitter, missed; /* 0 if p > .05; jitter: half width over period */
	struct timing_interval period, jitter_90, missed_90;
	double merge_s;	       /* calls closer than this were one burst in the best explanation */
	size_t on_beat, gaps;  /* gaps near a multiple of the period, of how many */
	bool by_phase;	       /* the phase channel convinced: clock-driven */
	bool by_hidden;	       /* the mixture convinced: a timer among other calls */
	bool by_cycle;	       /* several calls a period convinced */
	size_t calls_per_beat; /* 1, or as many */
	struct change change;  /* of the period; at_s is 0 if there was none */
	bool screened;	       /* the cheap screen saw nothing: P was not computed */
	size_t hosts;	       /* whose calls were weighed: 1, or those of a pool */
	bool together;	       /* the hosts of a pool call at the same moments: not multiplied */
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

/* Calls of one host, out of several that may share a timer. */
struct timing_series {
	const double *times_s; /* ascending, on the clock of the window that all share */
	size_t n;
	struct timing_activity activity;
};

#define TIMING_POOL_MAX 4096 /* hosts */

/*
 * Do hosts that call the same place keep one rhythm, each for itself?  A timer
 * too slow or too jittered to be seen on one host is seen on ten: the gaps of
 * all, none of which reaches from one host to another, are weighed as gaps of
 * one kind of timer.  Only R_g speaks (`calibrated` is false, p = e^-R_g).
 *
 * The guarantee.  If no host's rate rises while it is silent, whatever all the
 * hosts have done so far, and no two of them call at the same moment, then the
 * product over all gaps of all hosts is a likelihood ratio of counting processes
 * or less (Bremaud 1981, VI.2), so at most one benign pool in 10^(x/10) ever
 * reaches x dB.  Hosts set off by a common cause do call together; their product
 * would count one surprise many times.  So half of the prior goes to the mean of
 * the hosts' own e-values, which holds however they depend on each other, and the
 * product is given up (as nothing, which costs no guarantee) if more onsets than
 * chance allows have another host's close by: `together`.
 *
 * A period must fill 8 % of the window with the onsets of the average host.
 * `count` is 1 .. TIMING_POOL_MAX, at most 65,000 gaps in all; out->calls is their sum.
 */
void timing_pool(struct timing_work *work, const struct timing_series *series, size_t count,
		 double window_s, struct timing_result *out);

/*
 * The cheap screen of timing_analyse(): too uneven for P; may a timer hide among
 * other calls (M)?  For calibration.
 */
bool timing_screened(const double *times_s, size_t n, double window_s, bool *may_hide);

/* A p-value as an e-value: integral of k p^(k-1) over k in (0,1) (Vovk and Wang 2021). */
double timing_p_to_e(double p);
