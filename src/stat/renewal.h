/* SPDX-License-Identifier: Apache-2.0 */
/*
 * renewal.h - the gaps of a timer against the gaps of anything that is none.
 *
 * The experts (stat/expert.h) bet on the log of every gap; their mixture over
 * all periods, jitters and so on is the numerator.  Three denominators:
 *
 * Guaranteed.  If the hazard h of the next call does not rise during silence,
 * the density of the silence x is h e^(-H) <= h e^(-xh) <= 1/(e x), so that of
 * ln x is at most 1/e, whatever the law: e times the numerator is an e-value,
 * gap by gap a test martingale, and by Ville's inequality (1939) the chance
 * that it ever reaches e^r is at most e^-r.  The silence begins `merge_s`
 * after the last call of a burst, so x < g and the bound on ln g is
 * ln(hi/lo) / .02 over a bin of .02 nats; and it is measured in seconds and
 * in the host's own activity, the worse one counts.
 *
 * Hazard.  The best decreasing-hazard law of this very series
 * (stat/hazard.h), again in seconds and in activity time.
 *
 * Log-normal.  The better of that law and a log-normal of spread >= .75.
 *
 * Persistence: only periods that would fill 8 % of the window with the
 * onsets seen may speak (T n >= .08 W).  Otherwise every burst of retries is
 * a timer.  The prior mass below that is given away.
 */
#pragma once

#include "base/base.h"
#include "stat/activity.h"
#include "stat/onset.h"
#include "stat/posterior.h"

#define RENEWAL_NO_EVIDENCE (-50.0)
#define RENEWAL_MUTE	    INFINITY /* as the least of a channel: it is not worked out */

struct renewal_work; /* opaque: experts and scratch memory, about 6 MB */
struct renewal_work *renewal_work_new(void) MUST_USE; /* NULL: no memory */
void renewal_work_free(struct renewal_work *work);

struct renewal_scale {
	double merge_s; /* calls closer than this are one burst; ascending */
	double prior;	/* the priors add up to 1 */
};

/* Calls of one host, and how active it was towards all else. */
struct renewal_series {
	const double *times_s; /* ascending */
	size_t n;
	const double *hourly; /* calls per hour from time 0; NULL: flat */
	size_t hours;
};

struct renewal { /* nats, mixed over the scales */
	double guaranteed, hazard, log_normal;
};

struct renewal_plan {
	const struct renewal_scale *scales;
	size_t count;
	double shortest_s; /* of the periods looked for, and at least 5 merge_s */
	double slot_s;	   /* six gaps in each */
	double window_s;
	double resolution_s; /* of the times, if they are coarse; else 0 */
	/*
	 * Channels below these do not matter: a scale below all three may count as
	 * one without evidence, for it adds less than e^-5 of the least that
	 * matters.  So may one whose gaps are more uneven than those of a Poisson
	 * process (local variation over 1.1, or .97 and 8 over the gaps).  NULL: all matters.
	 */
	const struct renewal *least;
};

/*
 * Weighs the gaps of `series_count` series as those of timers of one kind and
 * period, each started for itself; most often there is one series.  A scale with
 * fewer than three gaps or no possible period has no evidence.  Fills
 * `posterior` if there is one; its weights are relative to the hazard
 * denominator, and all matters then.
 */
struct renewal renewal_weigh(struct renewal_work *work, const struct renewal_series *series,
			     size_t series_count, const struct renewal_plan *plan,
			     struct posterior *posterior);
