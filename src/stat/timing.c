/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/timing.h"

#include "stat/activity.h"
#include "stat/calibration.h"
#include "stat/cycle.h"
#include "stat/estimate.h"
#include "stat/hidden.h"
#include "stat/onset.h"
#include "stat/phase.h"
#include "stat/pool.h"
#include "stat/renewal.h"

#include <math.h>

#define FEWEST_CALLS	 5
#define DAY_S		 86400.0
#define HALF_A_DAY_S	 (.52 * DAY_S) /* and a bit, for a clock of twelve hours */
#define SLOT_S		 3600.0
#define SLOTS_LEAST	 168.0 /* as many as a week has hours */
#define PHASE_MERGE_S	 1.0
#define PHASE_VARIATION	 .97 /* local variation of a series whose phase is worth a look */
#define PHASE_OF_FEW	 8.  /* over n: is added */
#define HIDDEN_VARIATION 1.0 /* the same for timers among other calls */
#define HIDDEN_OF_FEW	 9.
#define HIDDEN_CALLS	 6    /* fewer hide nothing that can be found */
#define DECIDED_P	 1e-9 /* no need to look for more */
#define DECIDED_NATS	 20.7 /* the same */
#define NOT_LOOKED	 (-50.0)
#define CYCLE_PRIOR	 0.05
#define CHANGE_CALLS	 16
#define CHANGE_P	 1e-4
#define DESCRIBED_P	 .05 /* more is called a timer where most groups are timers */
#define LEAST_OF_HALF	 4.6 /* nats: 20 dB */
#define LEAST_P		 0.2 /* more is no evidence */
#define FEW_CALLS	 12. /* see share_of() */
#define LEAST_LN_P	 (-690.7755278982137) /* 1e-300 */
#define DECIBANS_PER_NAT (10 / M_LN10)

static const struct renewal_scale long_scales[] = {{1, .7}, {10, .1}, {60, .1}, {600, .1}};
static const struct renewal_scale short_scales[] = {
	{.1, .3}, {1, .4}, {10, .1}, {60, .1}, {600, .1}};

static struct renewal_plan plan_for(double resolution_s, double window_s)
{
	if (window_s >= DAY_S)
		return (struct renewal_plan){long_scales, ARRAY_LEN(long_scales), 5,   SLOT_S,
					     window_s,	  resolution_s,		  NULL};
	return (struct renewal_plan){short_scales, ARRAY_LEN(short_scales),
				     .5,	   fmin(SLOT_S, window_s / SLOTS_LEAST),
				     window_s,	   resolution_s,
				     NULL};
}

/*
 * The part of a false alarm that each of the four tests may have (Bonferroni, weighted:
 * Genovese, Roeder and Wasserman 2006).  Few calls leave little to phases and mixtures.
 */
static double share_of(enum calibration_channel channel, size_t calls)
{
	double gaps = .25 + .15 * fmin(1, FEW_CALLS / (double)calls);

	if (channel == CALIBRATION_HAZARD || channel == CALIBRATION_LOG_NORMAL)
		return gaps;
	return .5 - gaps;
}

/*
 * Where the channels begin to matter: a p-value of LEAST_P is worth less than 1.
 * R_c and R_l are lost below, R_g below 0.
 */
static struct renewal least_for(const struct timing_result *r)
{
	double log10_rarity = -log10(share_of(CALIBRATION_HAZARD, r->calls) * LEAST_P);

	if (!r->calibrated)
		return (struct renewal){0, RENEWAL_MUTE, RENEWAL_MUTE};
	return (struct renewal){
		0,
		calibration_nats(CALIBRATION_HAZARD, log10_rarity, r->calls),
		calibration_nats(CALIBRATION_LOG_NORMAL, log10_rarity, r->calls),
	};
}

struct timing_work {
	struct renewal_work *renewal;
	struct phase_work *phase;
	struct hidden_work *hidden;
	struct cycle_work cycle;
	struct activity activity;
	struct posterior posterior;
	struct pool pool;
	struct renewal_series series[TIMING_POOL_MAX];
};

struct timing_work *timing_work_new(void)
{
	struct timing_work *work = malloc(sizeof(*work));

	if (!work)
		return NULL;
	work->renewal = renewal_work_new();
	work->phase = phase_work_new();
	work->hidden = hidden_work_new();
	if (work->renewal && work->phase && work->hidden)
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
	hidden_work_free(work->hidden);
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

/* -log10 of p, the test paid for; what did not look says nothing. */
static double rarity_of(const struct timing_result *r, enum calibration_channel channel,
			double nats)
{
	if (nats <= NOT_LOOKED)
		return 0;
	return calibration_log10_rarity(channel, nats, r->calls) +
	       log10(share_of(channel, r->calls));
}

/* The chance of the evidence, and its worth, from all channels that may speak. */
static void judge(struct timing_result *out)
{
	double ln_p = -fmax(0, out->guaranteed_nats);

	out->guaranteed_db = DECIBANS_PER_NAT * -ln_p;
	if (out->calibrated) {
		double gaps = fmax(rarity_of(out, CALIBRATION_HAZARD, out->renewal_nats),
				   rarity_of(out, CALIBRATION_LOG_NORMAL, out->log_normal_nats));
		double phase = rarity_of(out, CALIBRATION_PHASE, out->phase_nats);
		double hidden = rarity_of(out, CALIBRATION_HIDDEN, out->hidden_nats);

		ln_p = fmin(ln_p, -M_LN10 * fmax(gaps, fmax(phase, hidden)));
		out->by_phase = phase > fmax(gaps, hidden);
		out->by_hidden = hidden > fmax(gaps, phase);
	}
	out->p = exp(fmax(ln_p, LEAST_LN_P));
	out->decibans = fmax(out->guaranteed_db, 10 * log10(timing_p_to_e(out->p)));
}

/*
 * The phase may have found a harmonic.  Up to half a day its beat is taken from
 * the phases alone; beyond, a daily habit would cluster as well, so the gaps
 * must say so too.
 */
static void sharpen_period(const double *times_s, size_t n, double phase_period_s,
			   struct timing_result *out)
{
	double error = phase_period_s / out->window_s / 2;
	double longest_s = fmin(out->window_s / 10, HALF_A_DAY_S);
	double gaps_s = phase_period_s * rint(out->period_s / phase_period_s);

	if (out->period.low <= gaps_s && gaps_s <= out->period.high &&
	    out->period.high - out->period.low < phase_period_s)
		longest_s = fmax(longest_s, gaps_s);
	out->period_s = phase_beat(times_s, n, PHASE_MERGE_S, phase_period_s, longest_s);
	out->period.low = out->period_s * (1 - error);
	out->period.high = out->period_s * (1 + error);
}

/* ln of the weighted mean of two e-values. */
static double mix_evidence(double first, double share, double second)
{
	double most = fmax(first, second);

	return most + log(share * exp(first - most) + (1 - share) * exp(second - most));
}

/* Several calls a period: the gaps alone would be several periods. */
static void take_cycle(const struct cycle *cycle, struct timing_result *out)
{
	double error = fmax(.01, cycle->jitter / sqrt((double)cycle->gaps));

	out->period_s = cycle->period_s;
	out->period =
		(struct timing_interval){out->period_s * (1 - error), out->period_s * (1 + error)};
	out->jitter = cycle->jitter;
	out->jitter_90 =
		(struct timing_interval){fmax(0, cycle->jitter - error), cycle->jitter + error};
	out->missed_90 = (struct timing_interval){0, 0};
	out->calls_per_beat = cycle->calls;
	out->on_beat = cycle->on_beat;
	out->gaps = cycle->gaps;
	out->missed = 0;
}

/* The gaps know nothing of a timer that hides among other calls. */
static void take_hidden(const struct hidden *hidden, struct timing_result *out)
{
	double error = fmax(hidden->jitter, .03) / 1.3;

	out->period_s = hidden->period_s;
	out->period =
		(struct timing_interval){out->period_s * exp(-error), out->period_s * exp(error)};
	out->jitter = hidden->jitter;
	out->jitter_90 =
		(struct timing_interval){hidden->jitter * exp(-error), hidden->jitter * exp(error)};
	out->missed = hidden->missed;
	out->missed_90 = (struct timing_interval){hidden->missed, hidden->missed};
}

static void estimate(struct timing_work *work, size_t count, const struct renewal_plan *plan,
		     struct timing_result *out)
{
	renewal_weigh(work->renewal, work->series, count, plan, &work->posterior);
	estimate_timer(&work->posterior, work->series, count, out);
}

static struct renewal_series series_of(const double *times_s, size_t n,
				       const struct timing_activity *activity)
{
	return (struct renewal_series){times_s, n, activity ? activity->hourly : NULL,
				       activity ? activity->hours : 0};
}

/* Limits of local variation rise for few calls, whose variation is itself uncertain. */
bool timing_screened(const double *times_s, size_t n, double window_s, bool *may_hide)
{
	double variation = onset_window_variation(times_s, n, window_s);

	*may_hide = n >= HIDDEN_CALLS && n <= HIDDEN_CALLS_MAX &&
		    variation <= HIDDEN_VARIATION + HIDDEN_OF_FEW / (double)n;
	return variation > PHASE_VARIATION + PHASE_OF_FEW / (double)n;
}

/* What the channels found. */
struct heard {
	struct cycle cycle;
	struct phase phase;
	struct hidden hidden;
};

/* The channels that need no calibration, and the calibrated ones over the same gaps. */
static void hear_gaps(struct timing_work *work, struct renewal_plan *plan, struct heard *heard,
		      struct timing_result *out)
{
	struct renewal least = least_for(out), renewal;

	plan->least = &least;
	renewal = renewal_weigh(work->renewal, work->series, 1, plan, NULL);
	plan->least = NULL;
	heard->cycle =
		cycle_weigh(&work->cycle, work->series, out->window_s, plan->scales[0].merge_s,
			    plan->slot_s, plan->resolution_s, renewal.guaranteed > DECIDED_NATS);
	out->cycle_nats = heard->cycle.nats;
	out->guaranteed_nats = mix_evidence(renewal.guaranteed, 1 - CYCLE_PRIOR, heard->cycle.nats);
	out->renewal_nats = renewal.hazard;
	out->log_normal_nats = renewal.log_normal;
	out->phase_nats = out->hidden_nats = NOT_LOOKED;
}

/* The costlier channels, for what the screen lets pass and is not settled. */
static void hear_more(struct timing_work *work, struct heard *heard, struct timing_result *out)
{
	const struct renewal_series *s = &work->series[0];
	bool may_hide;

	out->screened = timing_screened(s->times_s, s->n, out->window_s, &may_hide);
	if (!out->screened) {
		heard->phase =
			phase_weigh(work->phase, s->times_s, s->n, PHASE_MERGE_S, out->window_s);
		out->phase_nats = heard->phase.nats;
	}
	judge(out);
	if (may_hide && out->p > DECIDED_P) {
		activity_init(&work->activity, s->hourly, s->hours);
		heard->hidden = hidden_weigh(work->hidden, s->times_s, s->n, out->window_s,
					     &work->activity);
		out->hidden_nats = heard->hidden.nats;
	}
}

/* Is it most of the guaranteed evidence, and that most of all? */
/* A jitter beyond the period describes no cycle, whatever it is evidence of. */
static bool is_cycle(const struct cycle *cycle, const struct timing_result *r)
{
	return cycle->calls > 1 && cycle->jitter <= 1 &&
	       cycle->nats + log(CYCLE_PRIOR) > r->guaranteed_nats - M_LN2 &&
	       r->guaranteed_nats >= -log(r->p) - M_LN2;
}

/* The period of some of the calls, if they are evidence enough for one. */
static double period_of(struct timing_work *work, const struct renewal_series *part,
			const struct renewal_plan *plan, struct timing_interval *out)
{
	struct timing_result result = {0};

	if (renewal_weigh(work->renewal, part, 1, plan, &work->posterior).guaranteed <
	    LEAST_OF_HALF)
		return 0;
	estimate_timer(&work->posterior, part, 1, &result);
	*out = result.period;
	return result.period_s;
}

/* Each half of the time is asked for its own period, at the merge scale that explained all. */
static void find_change(struct timing_work *work, const struct renewal_plan *whole,
			struct timing_result *out)
{
	struct renewal_series all = work->series[0], first = all, second = all;
	struct renewal_scale scale = {out->merge_s, 1};
	struct renewal_plan plan = *whole;
	struct timing_interval before, after;
	double before_s, after_s;

	if (all.n < CHANGE_CALLS || out->p > CHANGE_P || out->merge_s <= 0)
		return;
	first.n = 0;
	while (all.times_s[first.n] < (all.times_s[0] + all.times_s[all.n - 1]) / 2)
		first.n++;
	second.times_s = all.times_s + first.n;
	second.n = all.n - first.n;
	plan.scales = &scale;
	plan.count = 1;
	before_s = period_of(work, &first, &plan, &before);
	after_s = before_s > 0 ? period_of(work, &second, &plan, &after) : 0;
	if (before_s <= 0 || after_s <= 0 || (before.low <= after.high && after.low <= before.high))
		return;
	out->change = change_find(all.times_s, all.n, out->merge_s, before_s, after_s);
}

/* What the channel that convinced says of the timer. */
static void describe(struct timing_work *work, const struct renewal_plan *plan,
		     const struct heard *heard, struct timing_result *out)
{
	const struct renewal_series *s = &work->series[0];

	estimate(work, 1, plan, out);
	out->calls_per_beat = 1;
	if (out->by_phase)
		sharpen_period(s->times_s, s->n, heard->phase.period_s, out);
	if (out->by_hidden)
		take_hidden(&heard->hidden, out);
	out->by_cycle = is_cycle(&heard->cycle, out);
	if (out->by_cycle)
		take_cycle(&heard->cycle, out);
	else if (!out->by_hidden)
		find_change(work, plan, out);
}

void timing_analyse(struct timing_work *work, const double *times_s, size_t n, double window_s,
		    const struct timing_activity *activity, struct timing_result *out)
{
	struct renewal_plan plan;
	struct heard heard = {0};

	check_times(times_s, n, window_s);
	*out = (struct timing_result){
		.calls = n,
		.hosts = 1,
		.window_s = window_s,
		.calibrated = window_s >= DAY_S,
		.p = 1,
	};
	if (n < FEWEST_CALLS)
		return;
	plan = plan_for(onset_resolution(times_s, n), window_s);
	work->series[0] = series_of(times_s, n, activity);
	hear_gaps(work, &plan, &heard, out);
	if (out->calibrated)
		hear_more(work, &heard, out);
	judge(out);
	/* The period of what is no timer would be noise, and costs as much as the evidence. */
	if (out->p <= DESCRIBED_P)
		describe(work, &plan, &heard, out);
}

/* The mean of the e-values of the hosts, each for itself: holds whatever they share. */
static double mean_evidence(struct timing_work *work, size_t count, const struct renewal_plan *plan)
{
	double most = -INFINITY, sum = 0;

	for (size_t i = 0; i < count; i++) {
		double nats =
			renewal_weigh(work->renewal, &work->series[i], 1, plan, NULL).guaranteed;

		sum = nats > most ? sum * exp(most - nats) + 1 : sum + exp(nats - most);
		most = fmax(most, nats);
	}
	return most + log(sum / (double)count);
}

/* A clock that is coarse on one host is coarse for all. */
static void take_series(struct timing_work *work, const struct timing_series *series, size_t count,
			struct timing_result *out, double *resolution_s)
{
	*resolution_s = 0;
	for (size_t i = 0; i < count; i++) {
		const struct timing_series *s = &series[i];

		check_times(s->times_s, s->n, out->window_s);
		work->series[i] = series_of(s->times_s, s->n, &s->activity);
		out->calls += s->n;
		if (s->n >= FEWEST_CALLS)
			*resolution_s = fmax(*resolution_s, onset_resolution(s->times_s, s->n));
	}
}

void timing_pool(struct timing_work *work, const struct timing_series *series, size_t count,
		 double window_s, struct timing_result *out)
{
	static const struct renewal least = {0, RENEWAL_MUTE, RENEWAL_MUTE};
	double resolution_s, product = RENEWAL_NO_EVIDENCE;
	struct renewal_plan plan;

	CHECK(count > 0 && count <= TIMING_POOL_MAX);
	*out = (struct timing_result){.hosts = count, .window_s = window_s, .p = 1};
	take_series(work, series, count, out, &resolution_s);
	if (out->calls < FEWEST_CALLS)
		return;
	plan = plan_for(resolution_s, window_s);
	out->together = pool_together(&work->pool, work->series, count, window_s);
	if (!out->together)
		product = renewal_weigh(work->renewal, work->series, count, &plan, &work->posterior)
				  .guaranteed;
	plan.least = &least;
	out->guaranteed_nats = mix_evidence(product, .5, mean_evidence(work, count, &plan));
	judge(out);
	if (!out->together && out->decibans > 0)
		estimate_timer(&work->posterior, work->series, count, out);
}

/*
 * Integral of k p^(k-1) over k in (0,1) = (1 - p + p ln p) / (p ln^2 p), with
 * p = e^-d: (e^d - 1 - d) / d^2.  Near p = 1 that is 0/0, so by its series.
 */
double timing_p_to_e(double p)
{
	double d = p > 0 ? fmin(-LEAST_LN_P, -log(fmin(1, p))) : -LEAST_LN_P;

	if (d < 1e-4)
		return .5 + d / 6;
	return (expm1(d) - d) / (d * d);
}
