/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hidden.h - a timer hidden among other calls to the same place.
 *
 * The gaps between neighbouring calls mean nothing if every second call is
 * somebody else's.  So every way of telling the beats from the rest is weighed:
 * a hidden Markov model whose state is the last beat, by the forward recursion
 * (Rabiner 1989).  The onsets t_i come either from a timer of period T, whose
 * observed gaps have the law f (jitter j, share m of beats missed), or from other
 * calls at the pair's own local rate lambda_i.  With a_l the weight of "t_l was
 * the last beat" and D that of "the timer sleeps":
 *
 *	x_i = s D + sum_(l<i) a_l f((t_i - t_l) / T) / (T lambda_i)
 *	a_l <- a_l w_i e^((1 - w_i) dL_i),  a_i = (1 - e) x_i e^((1 - w_i) dL_i)
 *	D   <- (1 - s) D + e x_i
 *
 * s and e: the timer starts, stops.  Of the calls, the share w_i = 1 - (1-m)/(T
 * lambda_i) is other traffic while the timer runs, which lets e^((1-w) dL) fewer
 * of them go missing, dL_i the calls expected until the next.  The sum over T
 * (log-uniform), j and m is divided by the best of what else could be: bursts
 * (the same recursion with an exponential law), or log-normal waits.  So it is
 * no Bayes factor, and means something only once it is calibrated.
 *
 * lambda: from blocks of 12 onsets or more, per second in which a call would have
 * been seen (not within a burst), on the clock or in the host's own activity,
 * whichever explains the calls better.
 *
 * Time: some 25 us per call, growing with n times the calls within six periods.
 * A work belongs to one thread.
 */
#pragma once

#include "base/base.h"
#include "stat/activity.h"
#include "stat/hidden_onsets.h" /* HIDDEN_CALLS_MAX */

#define HIDDEN_NO_EVIDENCE (-50.0)

struct hidden_work; /* opaque: tables and scratch memory, about 1 MB */
struct hidden_work *hidden_work_new(void) MUST_USE; /* NULL: no memory */
void hidden_work_free(struct hidden_work *work);

struct hidden {
	double nats;			 /* at least HIDDEN_NO_EVIDENCE */
	double first_nats;		 /* the best of a first look, before benign explanations */
	double period_s, jitter, missed; /* of the best timer; 0 without evidence */
};

/* `n` ascending times, at most HIDDEN_CALLS_MAX; fewer than 6 onsets are no evidence. */
struct hidden hidden_weigh(struct hidden_work *work, const double *times_s, size_t n,
			   double window_s, const struct activity *activity);
