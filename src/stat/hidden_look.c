/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/hidden_look.h"

#include <math.h>
#include <string.h>

#define LANES	       HIDDEN_LOOK_LANES
#define BEATS	       3
#define MISSED	       0.3
#define LEAST_OTHERS   0.04
#define TOO_LARGE      1e60
#define TOO_SMALL      1e-60
#define ROUND_TO_WHOLE 6755399441055744. /* 1.5 * 2^52: a sum has no room for a fraction */

/* Of each period: where its boxes are, and the state of the recursion. */
struct lanes {
	double near_s[BEATS][LANES], far_s[BEATS][LANES]; /* from the beat before */
	double density[BEATS];				  /* of its box, in periods */
	size_t boxes;
	double per_s[LANES], beats_per_s[LANES];
	double asleep[LANES], common[LANES], apart[LANES], ln_scale[LANES]; /* apart: 1/common */
	double start, stop;
};

static void init_lanes(struct lanes *s, const struct hidden_onsets *o, double jitter,
		       double period_s, double ratio)
{
	double weight = 1 - MISSED, total = 1 - pow(MISSED, BEATS);

	memset(s, 0, sizeof(*s));
	s->start = 2 / (double)o->n;
	s->stop = 1 / (double)o->n;
	s->boxes = period_s < o->at_s[o->n - 1] / (double)o->n ? BEATS : BEATS - 1;
	for (int beats = 1; beats <= BEATS; beats++, weight *= MISSED)
		s->density[beats - 1] = weight / total / (2 * jitter * sqrt(beats));
	for (size_t lane = 0; lane < LANES; lane++, period_s *= ratio) {
		for (int beats = 1; beats <= BEATS; beats++) {
			s->near_s[beats - 1][lane] = period_s * (beats - jitter * sqrt(beats));
			s->far_s[beats - 1][lane] = period_s * (beats + jitter * sqrt(beats));
		}
		s->per_s[lane] = 1 / period_s;
		s->beats_per_s[lane] = (1 - MISSED) / period_s;
		s->asleep[lane] = s->common[lane] = s->apart[lane] = 1;
	}
}

void hidden_look_index(struct hidden_look_work *work, const struct hidden_onsets *o)
{
	size_t cells = o->n * HIDDEN_LOOK_CELLS, onset = 0;
	double span_s = o->at_s[o->n - 1] - o->at_s[0];

	work->first_s = o->at_s[0];
	work->cells_per_s = (double)(cells - 1) / fmax(1e-9, span_s);
	for (size_t cell = 0; cell < cells; cell++) {
		while (onset < o->n &&
		       (o->at_s[onset] - work->first_s) * work->cells_per_s < (double)cell)
			onset++;
		work->before[cell] = (uint16_t)onset;
	}
}

/* How many onsets are before `time_s`; their cell says nearly all, so no guess goes wrong. */
static size_t onsets_before(const struct hidden_look_work *work, const double *at_s, double time_s)
{
	double cell = (time_s - work->first_s) * work->cells_per_s;
	size_t onset = work->before[(size_t)(cell > 0 ? cell : 0)];

	while (at_s[onset] < time_s)
		onset++;
	return onset;
}

/* The weights of the onsets in the boxes before onset `i`. */
static void sum_boxes(const struct lanes *s, const struct hidden_look_work *work,
		      const struct hidden_onsets *o, size_t i, double *out)
{
	for (size_t lane = 0; lane < LANES; lane++)
		out[lane] = 0;
	for (size_t b = 0; b < s->boxes; b++)
		for (size_t lane = 0; lane < LANES; lane++) {
			size_t newest =
				onsets_before(work, o->at_s, o->at_s[i] - s->near_s[b][lane]);
			size_t oldest =
				onsets_before(work, o->at_s, o->at_s[i] - s->far_s[b][lane]);

			out[lane] +=
				s->density[b] * (work->sum[newest][lane] - work->sum[oldest][lane]);
		}
}

/*
 * e^x for -700 < x <= 0, to 3e-6 of it: x / ln 2 is split into a whole number, which
 * becomes the exponent, and a rest of at most a half, for Taylor's polynomial.
 */
static void exp_lanes(const double *restrict x, double *restrict out)
{
	double shifted[LANES], rest[LANES], power[LANES];
	uint64_t bits[LANES];

	for (size_t lane = 0; lane < LANES; lane++) {
		double y = x[lane] * M_LOG2E;

		shifted[lane] = y + ROUND_TO_WHOLE;
		rest[lane] = (y - (shifted[lane] - ROUND_TO_WHOLE)) * M_LN2;
	}
	memcpy(bits, shifted, sizeof(bits));
	for (size_t lane = 0; lane < LANES; lane++)
		bits[lane] = (bits[lane] + 1023) << 52;
	memcpy(power, bits, sizeof(power));
	for (size_t lane = 0; lane < LANES; lane++) {
		double r = rest[lane];

		out[lane] =
			power[lane] *
			(1 +
			 r * (1 + r * (1 / 2. + r * (1 / 6. + r * (1 / 24. + r * (1 / 120.))))));
	}
}

/* Keeps the numbers within what a double can hold. */
static void rescale(struct lanes *s, struct hidden_look_work *work, size_t n, size_t lane)
{
	double most = fmax(1, s->asleep[lane]);

	s->ln_scale[lane] += log(most);
	s->asleep[lane] /= most;
	for (size_t i = 0; i <= n; i++)
		work->sum[i][lane] *= s->common[lane] / most;
	s->common[lane] = s->apart[lane] = 1;
}

static void step_lanes(struct lanes *restrict s, double wait_s, double expected,
		       const double *restrict boxes, const double *restrict before,
		       double *restrict after)
{
	double others[LANES], shrinks[LANES], power[LANES];

	for (size_t lane = 0; lane < LANES; lane++) {
		double share = 1 - s->beats_per_s[lane] * wait_s;

		others[lane] = share > LEAST_OTHERS ? share : LEAST_OTHERS;
	}
	for (size_t lane = 0; lane < LANES; lane++) {
		double x = -(1 - others[lane]) * expected;

		power[lane] = x > -600 ? x : -600;
	}
	exp_lanes(power, shrinks);
	for (size_t lane = 0; lane < LANES; lane++) {
		double both = 1 / (others[lane] * shrinks[lane]); /* one division for two */
		double x = s->start * s->asleep[lane] +
			   boxes[lane] * s->common[lane] * s->per_s[lane] * wait_s;

		s->asleep[lane] = s->asleep[lane] * (1 - s->start) + s->stop * x;
		after[lane] =
			before[lane] + x * (1 - s->stop) * both * shrinks[lane] * s->apart[lane];
		s->common[lane] *= others[lane] * others[lane] * both;
		s->apart[lane] *= shrinks[lane] * shrinks[lane] * both;
	}
}

/* After the last onset: the next beat is still to come. */
static double finish(const struct lanes *s, const struct hidden_look_work *work,
		     const struct hidden_onsets *o, size_t lane)
{
	const double *at_s = o->at_s;
	double total = s->asleep[lane], weight = s->common[lane];
	size_t from = o->n;

	for (size_t b = 0; b < BEATS; b++, weight *= MISSED) {
		size_t to = from;

		while (from > 0 && at_s[o->n - 1] - at_s[from - 1] < s->near_s[b][lane])
			from--;
		total += weight * (work->sum[to][lane] - work->sum[from][lane]);
	}
	return s->ln_scale[lane] + log(total);
}

void hidden_look(struct hidden_look_work *work, const struct hidden_onsets *o, double jitter,
		 double period_s, double ratio, struct hidden_look *out)
{
	struct lanes s;
	double boxes[LANES];

	init_lanes(&s, o, jitter, period_s, ratio);
	memset(work->sum[0], 0, sizeof(work->sum[0]));
	for (size_t i = 0; i < o->n; i++) {
		sum_boxes(&s, work, o, i, boxes);
		step_lanes(&s, o->wait_s[i], o->expected[i], boxes, work->sum[i], work->sum[i + 1]);
		for (size_t lane = 0; lane < LANES; lane++)
			if (s.asleep[lane] > TOO_LARGE || s.common[lane] > TOO_LARGE ||
			    s.common[lane] < TOO_SMALL)
				rescale(&s, work, i + 1, lane);
	}
	for (size_t lane = 0; lane < LANES; lane++, period_s *= ratio)
		out[lane] = (struct hidden_look){jitter, period_s, finish(&s, work, o, lane)};
}
