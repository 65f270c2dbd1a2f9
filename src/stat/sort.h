/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sort.h - ascending order for plain numbers, without a callback per comparison.
 *
 * Merge sort: n log n always, no recursion.  `scratch` has room for `n`.
 */
#pragma once

#include "base/base.h"

void sort_doubles(double *values, size_t n, double *scratch);
