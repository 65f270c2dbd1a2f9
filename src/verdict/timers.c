/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict/timers.h"

#include "stat/discovery.h"

#include <errno.h>
#include <math.h>

struct entry {
	double value;
	uint32_t group;
};

static int ascending(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return (x->group > y->group) - (x->group < y->group);
}

static void sort_into(struct entry *entries, size_t n, double *values, uint32_t *whose)
{
	if (n)
		qsort(entries, n, sizeof(*entries), ascending);
	for (size_t i = 0; i < n; i++) {
		values[i] = entries[i].value;
		whose[i] = entries[i].group;
	}
}

int timers_find(const struct judgement *judged, size_t count, double level, struct timers *out)
{
	struct timers t = {.level = level};
	struct entry *entries = calloc(count + 1, sizeof(*entries));
	size_t n = 0;

	t.nats = calloc(count + 1, sizeof(*t.nats));
	t.p = calloc(count + 1, sizeof(*t.p));
	t.by_nats = calloc(count + 1, sizeof(*t.by_nats));
	t.by_p = calloc(count + 1, sizeof(*t.by_p));
	if (!entries || !t.nats || !t.p || !t.by_nats || !t.by_p) {
		free(entries);
		timers_fini(&t);
		return -ENOMEM;
	}
	for (size_t i = 0; i < count; i++)
		if (judged[i].tested)
			entries[n++] =
				(struct entry){judged[i].timing.guaranteed_nats, (uint32_t)i};
	t.tested = n;
	sort_into(entries, n, t.nats, t.by_nats);
	for (size_t i = 0; i < n; i++)
		entries[i].value = judged[entries[i].group].timing.p;
	sort_into(entries, n, t.p, t.by_p);
	free(entries);
	t.bars = timers_bars(&t, NULL, 0, NULL, 0);
	*out = t;
	return 0;
}

void timers_fini(struct timers *t)
{
	free(t->nats);
	free(t->p);
	free(t->by_nats);
	free(t->by_p);
	*t = (struct timers){0};
}

/* Of those that were tested at all. */
static size_t values_of(const struct judgement *const *judged, size_t count, double *out_nats,
			double *out_p)
{
	size_t n = 0;

	CHECK(count <= TIMERS_CHANGES_MAX);
	for (size_t i = 0; i < count; i++) {
		if (!judged[i]->tested)
			continue;
		out_nats[n] = judged[i]->timing.guaranteed_nats;
		out_p[n++] = judged[i]->timing.p;
	}
	return n;
}

struct bars timers_bars(const struct timers *t, const struct judgement *const *added,
			size_t added_count, const struct judgement *const *removed,
			size_t removed_count)
{
	double added_nats[TIMERS_CHANGES_MAX], added_p[TIMERS_CHANGES_MAX];
	double removed_nats[TIMERS_CHANGES_MAX], removed_p[TIMERS_CHANGES_MAX];
	struct discovery_change nats = {.added = added_nats, .removed = removed_nats};
	struct discovery_change p = {.added = added_p, .removed = removed_p};

	nats.added_count = p.added_count = values_of(added, added_count, added_nats, added_p);
	nats.removed_count = p.removed_count =
		values_of(removed, removed_count, removed_nats, removed_p);
	return (struct bars){
		.least_nats = discovery_e_bh_bar(t->nats, t->tested, &nats, t->level),
		.most_p = discovery_bh_bar(t->p, t->tested, &p, t->level),
	};
}

bool timers_pass(const struct bars *bars, const struct judgement *j)
{
	return j->tested &&
	       (j->timing.guaranteed_nats >= bars->least_nats || j->timing.p <= bars->most_p);
}

/* The first place that holds at least `value`. */
static size_t place(const double *sorted, size_t n, double value)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (sorted[middle] < value)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void timers_between(const struct timers *t, const struct bars *a, const struct bars *b,
		    timers_fn *fn, void *arg)
{
	double least = fmin(a->least_nats, b->least_nats),
	       most = fmax(a->least_nats, b->least_nats);

	for (size_t i = place(t->nats, t->tested, least); i < t->tested && t->nats[i] < most; i++)
		fn(arg, t->by_nats[i]);
	least = fmin(a->most_p, b->most_p);
	most = fmax(a->most_p, b->most_p);
	for (size_t i = place(t->p, t->tested, least); i < t->tested && t->p[i] <= most; i++)
		fn(arg, t->by_p[i]);
}
