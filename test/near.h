/* SPDX-License-Identifier: Apache-2.0 */
/*
 * near.h - equal but for rounding, in double precision (cmocka compares floats).
 */
#pragma once

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

static inline bool near(double ours, double theirs, double tolerance)
{
	if (fabs(ours - theirs) <= tolerance)
		return true;
	fprintf(stderr, "%.17g is not within %g of %.17g\n", ours, tolerance, theirs);
	return false;
}
