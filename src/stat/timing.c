/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/timing.h"

#include "stat/activity.h"
#include "stat/calibration.h"
#include "stat/estimate.h"
#include "stat/onset.h"
#include "stat/phase.h"
#include "stat/renewal.h"

#include <math.h>

#define FEWEST_CALLS	 5
#define DAY_S		 86400.0
#define SLOT_S		 3600.0
#define SLOTS_LEAST	 168.0 /* as many as a week has hours */
#define PHASE_MERGE_S	 1.0
#define TESTS		 4.0 /* p is the least of the channels, times this */
#define LEAST_P		 1e-300
#define DECIBANS_PER_NAT (10 / M_LN10)

struct merge_scale {
	double merge_s, prior;
};

struct method {
	const struct merge_scale *scales;
	size_t count;
	double shortest_s; /* period */
};

static const struct merge_scale long_scales[] = {{1, .7}, {10, .1}, {60, .1}, {600, .1}};
static const struct merge_scale short_scales[] = {{.1, .3}, {1, .4}, {10, .1}, {60, .1}, {600, .1}};
static const struct method long_method = {long_scales, ARRAY_LEN(long_scales), 5};
static const struct method short_method = {short_scales, ARRAY_LEN(short_scales), .5};

struct timing_work {
	struct renewal_work *renewal;
	struct phase_work *phase;
	struct gaps gaps;
	struct activity activity;
	struct posterior posterior;
};

struct timing_work *timing_work_new(void)
{
	struct timing_work *work = malloc(sizeof(*work));

	if (!work)
		return NULL;
	work->renewal = renewal_work_new();
	work->phase = phase_work_new();
	if (work->renewal && work->phase)
		return work;
	timing_work_free(work);
	return NULL;
}

void timing_work_free(struct timing_work *work)
{
	if (!work)
		return;
	renewal_work_free(work->renewal);
	phase_work_free(work->phase);
	free(work);
}

static void check_times(const double *times_s, size_t n, double window_s)
{
	CHECK(window_s >= 0 && isfinite(window_s));
	if (n == 0)
		return;
	CHECK(times_s[0] >= 0);
	for (size_t i = 1; i < n; i++)
		CHECK(times_s[i] >= times_s[i - 1]);
	CHECK(times_s[n - 1] <= window_s);
}

static double ln_of_sum(const double *nats, size_t n)
{
	double most = nats[0], sum = 0;

	for (size_t i = 1; i < n; i++)
		most = fmax(most, nats[i]);
	for (size_t i = 0; i < n; i++)
		sum += exp(nats[i] - most);
	return most + log(sum);
}

static void weigh_gaps(struct timing_work *work, const double *times_s, size_t n,
		       const struct method *method, struct timing_result *out)
{
	double guaranteed[POSTERIOR_SCALES], hazard[POSTERIOR_SCALES], log_normal[POSTERIOR_SCALES];
	double slot_s = method == &long_method ? SLOT_S : fmin(SLOT_S, out->window_s / SLOTS_LEAST);

	work->posterior.count = 0;
	for (size_t i = 0; i < method->count; i++) {
		double merge_s = method->scales[i].merge_s, ln_prior = log(method->scales[i].prior);
		struct renewal_scale scale = {merge_s, fmax(method->shortest_s, 5 * merge_s),
					      out->window_s};
		struct renewal r;

		gaps_find(&work->gaps, times_s, n, merge_s, slot_s);
		r = renewal_weigh(work->renewal, &work->gaps, &scale, &work->activity, ln_prior,
				  &work->posterior);
		guaranteed[i] = r.guaranteed + ln_prior;
		hazard[i] = r.hazard + ln_prior;
		log_normal[i] = r.log_normal + ln_prior;
	}
	out->guaranteed_nats = ln_of_sum(guaranteed, method->count);
	out->renewal_nats = ln_of_sum(hazard, method->count);
	out->log_normal_nats = ln_of_sum(log_normal, method->count);
	estimate_timer(&work->posterior, times_s, n, out);
}

static void weigh_phase(struct timing_work *work, const double *times_s, size_t n,
			struct timing_result *out, double renewal_rarity)
{
	struct phase phase = phase_weigh(work->phase, times_s, n, PHASE_MERGE_S, out->window_s);
	double rarity = calibration_log10_rarity(CALIBRATION_PHASE, phase.nats, n);
	double best = fmax(rarity, renewal_rarity);

	out->phase_nats = phase.nats;
	out->p = fmin(out->p, TESTS * pow(10, -best));
	if (rarity <= renewal_rarity)
		return;
	out->by_phase = true;
	out->period_s = phase.period_s;
	out->period.low = phase.period_s * (1 - phase.period_s / out->window_s / 2);
	out->period.high = phase.period_s * (1 + phase.period_s / out->window_s / 2);
}

void timing_analyse(struct timing_work *work, const double *times_s, size_t n, double window_s,
		    const struct timing_activity *activity, struct timing_result *out)
{
	bool calibrated = window_s >= DAY_S;

	check_times(times_s, n, window_s);
	*out = (struct timing_result){
		.calls = n, .window_s = window_s, .calibrated = calibrated, .p = 1};
	if (n < FEWEST_CALLS)
		return;
	activity_init(&work->activity, activity ? activity->hourly : NULL,
		      activity ? activity->hours : 0);
	weigh_gaps(work, times_s, n, calibrated ? &long_method : &short_method, out);
	out->guaranteed_db = fmax(0, DECIBANS_PER_NAT * out->guaranteed_nats);
	out->p = exp(-fmax(0, out->guaranteed_nats));
	if (calibrated) {
		double hazard = calibration_log10_rarity(CALIBRATION_HAZARD, out->renewal_nats, n);
		double log_normal =
			calibration_log10_rarity(CALIBRATION_LOG_NORMAL, out->log_normal_nats, n);

		weigh_phase(work, times_s, n, out, fmax(hazard, log_normal));
	}
	out->p = fmax(LEAST_P, out->p);
	out->decibans = fmax(out->guaranteed_db, 10 * log10(timing_p_to_e(out->p)));
}

/*
 * Integral of k p^(k-1) over k in (0,1) = (1 - p + p ln p) / (p ln^2 p), with
 * p = e^-d: (e^d - 1 - d) / d^2.  Near p = 1 that is 0/0, so by its series.
 */
double timing_p_to_e(double p)
{
	double d = -log(fmin(1, fmax(p, LEAST_P)));

	if (d < 1e-4)
		return .5 + d / 6;
	return (expm1(d) - d) / (d * d);
}
