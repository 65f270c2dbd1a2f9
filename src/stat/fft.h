/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fft.h - the discrete Fourier transform of real numbers.
 *
 * Cooley and Tukey 1965, radix 2, decimation in time: n real numbers are
 * transformed as n/2 complex ones (Press et al., Numerical Recipes, 12.3).
 * The table of roots of unity is made once, for the largest size wanted.
 * Memory: 8 bytes per point of that size.  n log n time.
 */
#pragma once

#include "base/base.h"

struct complex_pair {
	double re, im;
};

struct fft; /* opaque */

/* For transforms of up to `max_points` real numbers, a power of two >= 4; NULL: no memory. */
struct fft *fft_new(size_t max_points) MUST_USE;
void fft_free(struct fft *fft);

/*
 * Replaces `points` real numbers (a power of two, 4 .. max_points), lying as
 * re, im, re, im ... in `data`, by the first half of their spectrum:
 * X_k = sum_j x_j e^(-2 pi i j k / points) for k < points/2.  X_0 is real, so
 * data[0].im holds X_(points/2), which is real too.
 */
void fft_real(const struct fft *fft, struct complex_pair *data, size_t points);
