/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/sort.h"

#include <string.h>

#define RUN 8 /* short runs are sorted by insertion */

static void sort_run(double *values, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		double moving = values[i];
		size_t at = i;

		for (; at > 0 && values[at - 1] > moving; at--)
			values[at] = values[at - 1];
		values[at] = moving;
	}
}

static void merge(const double *left, size_t left_n, const double *right, size_t right_n,
		  double *out)
{
	size_t l = 0, r = 0;

	while (l < left_n && r < right_n)
		*out++ = left[l] <= right[r] ? left[l++] : right[r++];
	memcpy(out, left + l, (left_n - l) * sizeof(*out));
	memcpy(out + (left_n - l), right + r, (right_n - r) * sizeof(*out));
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

void sort_doubles(double *values, size_t n, double *scratch)
{
	double *from = values, *to = scratch;

	for (size_t i = 0; i < n; i += RUN)
		sort_run(values + i, smaller(RUN, n - i));
	for (size_t width = RUN; width < n; width *= 2) {
		double *swap = from;

		for (size_t i = 0; i < n; i += 2 * width) {
			size_t left_n = smaller(width, n - i);

			merge(from + i, left_n, from + i + left_n, smaller(width, n - i - left_n),
			      to + i);
		}
		from = to;
		to = swap;
	}
	if (from != values)
		memcpy(values, from, n * sizeof(*values));
}
