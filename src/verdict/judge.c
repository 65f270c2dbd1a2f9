/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict/judge_work.h"
#include "verdict/unions.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

/* A rhythm this sure needs no second look inside its size classes. */
static const double sure_db = 60;

/*
 * A beacon must fill a share of its window.  A group that is younger than the
 * traffic - somebody was implanted on the last day of a month - is judged in
 * the last half, quarter, eighth ... of it that holds all its calls.  That is
 * settled by its first call, before any gap is seen, so the guarantee holds;
 * and no window is shorter than a day, in shorter recordings ten minutes.
 */
enum { HOUR_MS = 3600000, DAY_MS = 24 * HOUR_MS, YOUNGEST_MS = 600000 };

struct bench {
	const struct fleet *fleet;
	const struct judge_progress *progress;
	struct judgement *out;
	atomic_size_t next;
	atomic_int error;
};

struct judge_work *judge_work_new(const struct fleet *fleet)
{
	struct judge_work *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->timing = timing_work_new();
	w->hourly = calloc(fleet->hours + 1, sizeof(*w->hourly));
	if (w->timing && w->hourly)
		return w;
	judge_work_free(w);
	return NULL;
}

void judge_work_free(struct judge_work *w)
{
	if (!w)
		return;
	timing_work_free(w->timing);
	free(w->calls);
	free(w->times);
	free(w->hourly);
	free(w);
}

int judge_room(struct judge_work *w, size_t calls)
{
	if (calls <= w->room)
		return 0;
	free(w->calls);
	free(w->times);
	w->room = 2 * calls;
	w->calls = malloc(w->room * sizeof(*w->calls));
	w->times = malloc(w->room * sizeof(*w->times));
	return w->calls && w->times ? 0 : -ENOMEM;
}

static int by_size(const void *a, const void *b)
{
	const struct call *x = a, *y = b;

	if (x->out != y->out)
		return x->out < y->out ? -1 : 1;
	return (x->start_ms > y->start_ms) - (x->start_ms < y->start_ms);
}

static int by_start(const void *a, const void *b)
{
	const struct call *x = a, *y = b;

	return (x->start_ms > y->start_ms) - (x->start_ms < y->start_ms);
}

/* Keep the largest classes, largest first; on a tie the smaller size stays first. */
static size_t insert_class(struct size_class *list, size_t count, struct size_class class)
{
	size_t i = count < JUDGE_CLASSES ? count : JUDGE_CLASSES;

	for (; i > 0 && list[i - 1].count < class.count; i--)
		if (i < JUDGE_CLASSES)
			list[i] = list[i - 1];
	if (i < JUDGE_CLASSES)
		list[i] = class;
	return count < JUDGE_CLASSES ? count + 1 : count;
}

size_t judge_size_classes(struct call *calls, size_t n, struct size_class out[JUDGE_CLASSES])
{
	size_t found = 0;

	qsort(calls, n, sizeof(*calls), by_size);
	for (size_t start = 0, end; start < n; start = end) {
		double most = 1.02 * calls[start].out;

		for (end = start; end < n && calls[end].out <= most; end++)
			;
		if (end - start >= JUDGE_CLASS_CALLS)
			found = insert_class(
				out, found,
				(struct size_class){.start = start, .count = end - start});
	}
	return found;
}

void judge_pay(struct timing_result *t, size_t tests)
{
	double cost_db = 10 * log10((double)tests);

	t->p = fmin(1, t->p * (double)tests);
	t->decibans = fmax(0, t->decibans - cost_db);
	t->guaranteed_db = fmax(0, t->guaranteed_db - cost_db);
	t->guaranteed_nats -= log((double)tests);
}

/* A period must be seen: so many of the gaps that fit must be one period long, not several. */
static const double single_share = 0.1;

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double quantile(const double *sorted, size_t n, double share)
{
	return sorted[(size_t)(share * (double)(n - 1) + 0.5)];
}

/*
 * Gaps of 9 s and 14 s fit a timer of 4.6 s that skips beats better than any
 * other, but nobody calls every 4.6 s.  When next to no gap is a single period,
 * the period printed is the median gap, and the jitter half of what lies
 * between the 5 % and the 95 % points.  The evidence is the same.
 */
static void show_what_was_seen(struct judge_work *w, size_t n, struct timing_result *t)
{
	double *gaps = w->times; /* no longer needed as times */
	size_t count = 0, single = 0;
	double median;

	if (t->period_s <= 0 || t->missed < 0.5)
		return;
	for (size_t i = 1; i < n; i++) {
		double gap = w->times[i] - w->times[i - 1];

		if (gap > t->merge_s)
			gaps[count++] = gap;
	}
	for (size_t i = 0; i < count; i++)
		single += gaps[i] < 1.5 * t->period_s;
	if (count < 3 || (double)single >= single_share * (double)count)
		return;
	qsort(gaps, count, sizeof(*gaps), by_value);
	median = quantile(gaps, count, 0.5);
	t->period_s = median;
	t->period.low = quantile(gaps, count, 0.25);
	t->period.high = quantile(gaps, count, 0.75);
	t->jitter = (quantile(gaps, count, 0.95) - quantile(gaps, count, 0.05)) / 2 / median;
	t->jitter_90 = (struct timing_interval){t->jitter, t->jitter};
	t->missed = 0;
	t->missed_90 = (struct timing_interval){0, 0};
}

double judge_window(const struct fleet *f, const struct call *first_call, int64_t *out_start_ms)
{
	int64_t all_ms = spans_watched_ms(&f->watched), len_ms = all_ms;
	int64_t first_ms = spans_place_ms(&f->watched, first_call->start_ms);
	int64_t least_ms = all_ms >= DAY_MS ? DAY_MS : YOUNGEST_MS;

	while (len_ms / 2 >= least_ms && first_ms >= all_ms - len_ms / 2)
		len_ms /= 2;
	*out_start_ms = all_ms - len_ms;
	if (f->hours) /* activity is counted by whole hours */
		*out_start_ms -= *out_start_ms % HOUR_MS;
	return (double)(all_ms - *out_start_ms) / 1e3;
}

static void test_calls(const struct fleet *f, struct judge_work *w, const struct call *calls,
		       size_t n, struct timing_result *out)
{
	int64_t start_ms;
	double window_s = judge_window(f, calls, &start_ms);
	size_t hour = (size_t)(start_ms / HOUR_MS);
	struct timing_activity activity = {0};

	if (f->hours && hour < f->hours)
		activity = (struct timing_activity){w->hourly + hour, f->hours - hour};
	for (size_t i = 0; i < n; i++)
		w->times[i] =
			(double)(spans_place_ms(&f->watched, calls[i].start_ms) - start_ms) / 1e3;
	timing_analyse(w->timing, w->times, n, window_s, &activity, out);
	show_what_was_seen(w, n, out);
}

static void judge_classes(const struct fleet *f, struct judge_work *w, size_t n,
			  struct judgement *out)
{
	struct size_class classes[JUDGE_CLASSES];
	size_t count = judge_size_classes(w->calls, n, classes), tests;
	struct timing_result result;

	if (count == 1 && classes[0].count == n)
		count = 0;
	tests = count + 1;
	judge_pay(&out->timing, tests);
	if (out->timing.guaranteed_db >= sure_db)
		return;
	for (size_t i = 0; i < count; i++) {
		struct call *class = w->calls + classes[i].start;

		qsort(class, classes[i].count, sizeof(*class), by_start);
		test_calls(f, w, class, classes[i].count, &result);
		judge_pay(&result, tests);
		if (result.decibans > out->timing.decibans) {
			out->timing = result;
			out->size_class = (uint32_t)classes[i].count;
		}
	}
}

/* The host's calls per hour, less this group's own. */
static void activity_of_others(const struct fleet *f, struct judge_work *w, const float *hourly,
			       size_t n)
{
	if (!f->hours)
		return;
	for (size_t h = 0; h < f->hours; h++)
		w->hourly[h] = hourly[h];
	for (size_t i = 0; i < n; i++) {
		size_t h = fleet_hour(f, w->calls[i].start_ms);

		w->hourly[h] = fmax(0, w->hourly[h] - 1);
	}
}

int judge_group(struct judge_work *w, const struct fleet *f, const struct group *g,
		const float *hourly, struct judgement *out)
{
	size_t n = g->timeline->kept;

	memset(out, 0, sizeof(*out));
	out->timing.p = 1;
	if (g->twin_of || g->told)
		return 0;
	if (g->hosts_pooled)
		return n < JUDGE_LEAST_CALLS ? 0 : judge_pool(w, f, g, out);
	if (judge_room(w, n))
		return -ENOMEM;
	unions_calls(f, g, w->calls);
	out->facts = facts_gather(f, g, w->calls, n);
	if (n < JUDGE_LEAST_CALLS)
		return 0;
	/* look-ups are no calls of the host's hours */
	activity_of_others(f, w, hourly, g->timeline->key.grouping == GROUP_DOMAIN ? 0 : n);
	test_calls(f, w, w->calls, n, &out->timing);
	out->tested = true;
	if (out->timing.guaranteed_db < sure_db && n > JUDGE_CLASS_CALLS)
		judge_classes(f, w, n, out);
	return 0;
}

enum { SLICE = 64, HELPERS_MAX = 63 };

/* One thread's place at the bench; the first one also tells how far all are. */
struct seat {
	struct bench *bench;
	bool reports;
};

static void judge_slice(struct bench *b, struct judge_work *w, size_t first)
{
	const struct fleet *f = b->fleet;

	for (size_t i = first; i < first + SLICE && i < f->group_count; i++) {
		const struct group *g = &f->groups[i];

		if (judge_group(w, f, g, fleet_hourly(f, g->host), &b->out[i]))
			atomic_store(&b->error, -ENOMEM);
	}
}

static void *judge_some(void *arg)
{
	const struct seat *seat = arg;
	struct bench *b = seat->bench;
	size_t count = b->fleet->group_count, first;
	struct judge_work *w = judge_work_new(b->fleet);

	if (!w)
		atomic_store(&b->error, -ENOMEM);
	while (!atomic_load(&b->error) && (first = atomic_fetch_add(&b->next, SLICE)) < count) {
		judge_slice(b, w, first);
		if (seat->reports && b->progress && b->progress->report)
			b->progress->report(b->progress->arg, first, count);
	}
	judge_work_free(w);
	return NULL;
}

int judge_fleet(const struct fleet *fleet, size_t threads, const struct judge_progress *progress,
		struct judgement *out)
{
	return judge_from(fleet, 0, threads, progress, out);
}

int judge_from(const struct fleet *fleet, size_t first, size_t threads,
	       const struct judge_progress *progress, struct judgement *out)
{
	struct bench b = {.fleet = fleet, .progress = progress, .out = out, .next = first};
	struct seat mine = {.bench = &b, .reports = true}, theirs = {.bench = &b};
	pthread_t helper[HELPERS_MAX];
	size_t helpers = 0;

	/* each takes some memory of its own: no more than there is work for */
	while (helpers + 1 < threads && helpers < HELPERS_MAX &&
	       first + (helpers + 1) * SLICE < fleet->group_count &&
	       !pthread_create(&helper[helpers], NULL, judge_some, &theirs))
		helpers++;
	(void)judge_some(&mine);
	for (size_t i = 0; i < helpers; i++)
		pthread_join(helper[i], NULL);
	return atomic_load(&b.error);
}
