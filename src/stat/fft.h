/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fft.h - how much of each frequency is in a series of real numbers.
 *
 * The discrete Fourier transform by Stockham's self-sorting form of the fast
 * algorithm (Cochran et al. 1967), four at a time; n real numbers are
 * transformed as n/2 complex ones.  Memory: 24 bytes per point of the largest
 * size, allocated once and touched as far as needed.  n log n time.  A `struct fft` belongs to
 * one thread.
 */
#pragma once

#include "base/base.h"

struct fft; /* opaque */

/* For series of up to `max_points` numbers, a power of two >= 8; NULL: no memory. */
struct fft *fft_new(size_t max_points) MUST_USE;
void fft_free(struct fft *fft);

/*
 * |X_k|^2 for k < wanted <= points/2, where
 * X_k = sum_j x_j e^(-2 pi i j k / points).  `points` is a power of two,
 * 8 .. max_points.
 */
void fft_power(struct fft *fft, const double *x, size_t points, size_t wanted, double *power);
