/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool.h - do several hosts call independently of each other?
 *
 * Evidence of hosts may be multiplied only if none of them is set off by what
 * sets off another.  Onsets of different hosts that follow each other within a
 * short reach are counted: for each of n onsets of K independent hosts the
 * chance is about c = 1 - e^(-n reach (K-1)/K / window).  Timers keep their phase, so there
 * may be only K independent trials, not n: more than c + 1.5 sqrt(c(1-c)/K) is
 * too many.  Hosts with a common cause have about (K-1)/K.
 */
#pragma once

#include "base/base.h"
#include "stat/renewal.h"

#define POOL_ONSETS_MAX 65000 /* later ones are not looked at */

struct pool { /* scratch memory */
	double at_s[POOL_ONSETS_MAX], scratch[POOL_ONSETS_MAX];
};

/* n log n in the number of onsets. */
bool pool_together(struct pool *pool, const struct renewal_series *series, size_t count,
		   double window_s);
