/* SPDX-License-Identifier: Apache-2.0 */
/*
 * discovery.h - how many of the best may be believed at once.
 */
#pragma once

#include "base/base.h"

/*
 * e-BH (Wang and Ramdas 2022), any dependence: given ln e-values, how many
 * hypotheses to reject at false-discovery level `alpha`.  The caller rejects
 * those with ln e >= *out_threshold.  `scratch` has room for `n`.
 */
size_t discovery_e_bh(const double *ln_e, size_t n, double alpha, double *scratch,
		      double *out_threshold);

/* Benjamini and Hochberg 1995 on p-values: reject those with p <= *out_threshold. */
size_t discovery_bh(const double *p, size_t n, double alpha, double *scratch,
		    double *out_threshold);
