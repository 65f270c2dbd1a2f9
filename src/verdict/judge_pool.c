/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several hosts that may share a timer: their calls, each host's for itself, go to
 * timing_pool().  As for one host, the classes of size are tested on their own.
 */
#include "verdict/judge_work.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { HOUR_MS = 3600000, SERIES_LEAST = 2 };

/* The calls of one host among all, in order of start. */
struct part {
	size_t start, count;
	double *hourly; /* of its other calls; NULL: not known */
};

struct pooling {
	const struct fleet *fleet;
	struct judge_work *work;
	struct part *parts;
	struct timing_series *series;
	size_t count;
	double *hourly; /* of all parts */
	int64_t start_ms;
	double window_s;
};

static int by_start(const void *a, const void *b)
{
	const struct call *x = a, *y = b;

	return (x->start_ms > y->start_ms) - (x->start_ms < y->start_ms);
}

/* The host's calls per hour, less those of this pool. */
static void activity_of_others(struct pooling *p, struct part *part, uint32_t host)
{
	const struct fleet *f = p->fleet;
	const float *all = fleet_hourly(f, host);

	for (size_t h = 0; h < f->hours; h++)
		part->hourly[h] = (double)all[h];
	for (size_t i = part->start; i < part->start + part->count; i++) {
		size_t h = fleet_hour(f, p->work->calls[i].start_ms);

		part->hourly[h] = fmax(0, part->hourly[h] - 1);
	}
}

/* Members stand in the order of their hosts. */
static void take_calls(struct pooling *p, const struct group *g)
{
	const struct fleet *f = p->fleet;
	size_t used = 0;

	for (uint32_t m = 0; m < g->member_count; m++) {
		const struct group *member = &f->groups[g->members[m]];
		bool same = m && member->host == f->groups[g->members[m - 1]].host;
		struct part *part = same ? &p->parts[p->count - 1] : &p->parts[p->count++];

		if (!same)
			*part = (struct part){.start = used};
		timeline_calls(member->table, member->timeline, p->work->calls + used);
		used += member->timeline->kept;
		part->count = used - part->start;
		part->hourly = f->hours ? p->hourly + (p->count - 1) * f->hours : NULL;
	}
	for (size_t i = 0, m = 0; i < p->count; i++) {
		struct part *part = &p->parts[i];
		uint32_t host = f->groups[g->members[m]].host;

		qsort(p->work->calls + part->start, part->count, sizeof(*p->work->calls), by_start);
		if (part->hourly)
			activity_of_others(p, part, host);
		while (m < g->member_count && f->groups[g->members[m]].host == host)
			m++;
	}
}

static void choose_window(struct pooling *p)
{
	const struct call *first = &p->work->calls[p->parts[0].start];

	for (size_t i = 1; i < p->count; i++)
		if (p->work->calls[p->parts[i].start].start_ms < first->start_ms)
			first = &p->work->calls[p->parts[i].start];
	p->window_s = judge_window(p->fleet, first, &p->start_ms);
}

/* The calls of sizes from `least` to `most`; false if too few hosts have them. */
static bool test(struct pooling *p, uint32_t least, uint32_t most, struct timing_result *out)
{
	struct judge_work *w = p->work;
	size_t hour = (size_t)(p->start_ms / HOUR_MS), hours = p->fleet->hours;
	size_t used = 0, count = 0;

	for (size_t i = 0; i < p->count; i++) {
		const struct part *part = &p->parts[i];
		size_t begin = used;

		for (size_t k = part->start; k < part->start + part->count; k++)
			if (w->calls[k].out >= least && w->calls[k].out <= most)
				w->times[used++] = (double)(spans_place_ms(&p->fleet->watched,
									   w->calls[k].start_ms) -
							    p->start_ms) /
						   1e3;
		if (used - begin < SERIES_LEAST) {
			used = begin;
			continue;
		}
		p->series[count] =
			(struct timing_series){.times_s = w->times + begin, .n = used - begin};
		if (part->hourly && hour < hours)
			p->series[count].activity =
				(struct timing_activity){part->hourly + hour, hours - hour};
		count++;
	}
	if (count < 2)
		return false;
	timing_pool(w->timing, p->series, count, p->window_s, out);
	return true;
}

/* Bounds of the classes of size: the calls of all hosts, sorted by size, in memory of their own. */
static int find_classes(const struct pooling *p, size_t n, uint32_t least[JUDGE_CLASSES],
			size_t *out_count)
{
	struct size_class classes[JUDGE_CLASSES];
	struct call *copy = malloc(n * sizeof(*copy));

	if (!copy)
		return -ENOMEM;
	memcpy(copy, p->work->calls, n * sizeof(*copy));
	*out_count = judge_size_classes(copy, n, classes);
	for (size_t i = 0; i < *out_count; i++)
		least[i] = copy[classes[i].start].out;
	if (*out_count == 1 && classes[0].count == n)
		*out_count = 0;
	free(copy);
	return 0;
}

static int test_all(struct pooling *p, size_t n, struct judgement *out)
{
	uint32_t least[JUDGE_CLASSES];
	struct timing_result result;
	size_t count = 0;

	if (find_classes(p, n, least, &count))
		return -ENOMEM;
	out->tested = test(p, 0, UINT32_MAX, &out->timing);
	if (!out->tested)
		return 0;
	judge_pay(&out->timing, count + 1);
	for (size_t i = 0; i < count; i++) {
		if (!test(p, least[i], (uint32_t)fmin(1.02 * least[i], UINT32_MAX), &result))
			continue;
		judge_pay(&result, count + 1);
		if (result.decibans > out->timing.decibans) {
			out->timing = result;
			out->size_class = (uint32_t)result.calls;
		}
	}
	return 0;
}

int judge_pool(struct judge_work *w, const struct fleet *f, const struct group *g,
	       struct judgement *out)
{
	size_t n = g->timeline->kept, hosts = g->hosts_pooled;
	struct pooling p = {.fleet = f, .work = w};
	int rc = judge_room(w, n);

	if (rc)
		return rc;
	p.parts = calloc(hosts + 1, sizeof(*p.parts));
	p.series = calloc(hosts + 1, sizeof(*p.series));
	p.hourly = calloc(hosts * f->hours + 1, sizeof(*p.hourly));
	rc = -ENOMEM;
	if (p.parts && p.series && p.hourly) {
		take_calls(&p, g);
		choose_window(&p);
		rc = test_all(&p, n, out);
	}
	free(p.parts);
	free(p.series);
	free(p.hourly);
	return rc;
}
