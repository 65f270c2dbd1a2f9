/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/follow.h"

#include <math.h>

struct item {
	double value;
	size_t at;
};

static int by_value(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

/* Equal values share the mean of their ranks. */
static void rank(const double *values, size_t n, double *out)
{
	struct item items[FOLLOW_MOST];

	for (size_t i = 0; i < n; i++)
		items[i] = (struct item){values[i], i};
	qsort(items, n, sizeof(*items), by_value);
	for (size_t start = 0, end; start < n; start = end) {
		for (end = start; end < n && items[end].value == items[start].value; end++)
			;
		for (size_t i = start; i < end; i++)
			out[items[i].at] = (double)(start + end - 1) / 2;
	}
}

/* Take off the mean of the bins around each. */
static void remove_trend(double *values, size_t n)
{
	double trend[FOLLOW_MOST], sum = 0;
	size_t low = 0, high = 0;

	for (size_t i = 0; i < n; i++) {
		for (; high < n && high <= i + FOLLOW_TREND; high++)
			sum += values[high];
		for (; low + FOLLOW_TREND < i; low++)
			sum -= values[low];
		trend[i] = sum / (double)(high - low);
	}
	for (size_t i = 0; i < n; i++)
		values[i] -= trend[i];
}

/* To mean 0 and sum of squares 1; false if it is flat. */
static bool normalise(double *values, size_t n)
{
	double mean = 0, squares = 0;

	for (size_t i = 0; i < n; i++)
		mean += values[i] / (double)n;
	for (size_t i = 0; i < n; i++) {
		values[i] -= mean;
		squares += values[i] * values[i];
	}
	if (squares < 1e-9 * (double)n)
		return false;
	for (size_t i = 0; i < n; i++)
		values[i] /= sqrt(squares);
	return true;
}

/* Of normal series, y turned round by `shift`. */
static double correlation(const double *x, const double *y, size_t n, size_t shift)
{
	double sum = 0;

	for (size_t i = shift; i < n; i++)
		sum += x[i - shift] * y[i];
	for (size_t i = 0; i < shift; i++)
		sum += x[n - shift + i] * y[i];
	return sum;
}

/* What of x is left when z, both normal, has explained what it can. */
static bool take_out(double *x, const double *z, size_t n)
{
	double r = correlation(x, z, n, 0);

	for (size_t i = 0; i < n; i++)
		x[i] -= r * z[i];
	return normalise(x, n);
}

static void compare_shifts(const double *x, const double *y, size_t n, struct follow *f)
{
	double sum = 0, squares = 0, sd, count = 0;

	f->elsewhere = -1;
	for (size_t shift = FOLLOW_NEAR + 2; shift + FOLLOW_NEAR < n; shift++) {
		double r = correlation(x, y, n, shift);

		sum += r;
		squares += r * r;
		count++;
		f->elsewhere = fmax(f->elsewhere, r);
	}
	sd = sqrt(fmax(0, squares / count - sum / count * (sum / count)));
	f->z_score = sd > 0 ? (f->r - sum / count) / sd : 0;
}

static bool prepare(const double *values, size_t n, double *out)
{
	rank(values, n, out);
	remove_trend(out, n);
	return normalise(out, n);
}

bool follow_measure(const double *x, const double *y, const double *z, size_t n, struct follow *out)
{
	double a[FOLLOW_MOST], b[FOLLOW_MOST], c[FOLLOW_MOST];
	struct follow f = {0};

	CHECK(n >= FOLLOW_LEAST && n <= FOLLOW_MOST);
	rank(x, n, a);
	rank(y, n, b);
	if (!normalise(a, n) || !normalise(b, n))
		return false;
	f.plain = correlation(a, b, n, 0);
	if (!prepare(x, n, a) || !prepare(y, n, b))
		return false;
	if (z && prepare(z, n, c) && (!take_out(a, c, n) || !take_out(b, c, n)))
		return false;
	f.r = fmax(correlation(a, b, n, 0), correlation(a, b, n, 1));
	if (f.r >= FOLLOW_WORTH)
		compare_shifts(a, b, n, &f);
	*out = f;
	return true;
}
