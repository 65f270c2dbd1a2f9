/* SPDX-License-Identifier: Apache-2.0 */
#include "timeline/load.h"

#include "timeline/hosts.h"

#include <string.h>

enum { LOOKED_AT = 8 };

struct load_table {
	struct hosts hosts;
	struct load *loads; /* [0] is not used */
	uint32_t hand;	    /* next to be looked at when one must go */
	uint64_t evicted;
};

struct load_table *load_table_new(size_t budget)
{
	struct load_table *t = calloc(1, sizeof(*t));
	size_t each = sizeof(*t->loads) + sizeof(struct address) + 2 * sizeof(struct slot_place);
	size_t capacity = budget / each;

	if (!t)
		return NULL;
	if (capacity < LOOKED_AT)
		capacity = LOOKED_AT;
	t->loads = calloc(capacity + 1, sizeof(*t->loads));
	if (!hosts_init(&t->hosts, capacity) || !t->loads) {
		load_table_free(t);
		return NULL;
	}
	return t;
}

void load_table_free(struct load_table *t)
{
	if (!t)
		return;
	hosts_fini(&t->hosts);
	free(t->loads);
	free(t);
}

/* The one that served least of the next few. */
static uint32_t next_victim(struct load_table *t)
{
	uint32_t victim = 0;

	for (int i = 0; i < LOOKED_AT; i++) {
		t->hand = t->hand % t->hosts.capacity + 1;
		if (!victim || t->loads[t->hand].served_bytes < t->loads[victim].served_bytes)
			victim = t->hand;
	}
	return victim;
}

static struct load *take(struct load_table *t, const struct address *host)
{
	uint32_t n = hosts_fresh(&t->hosts, host);

	if (!n) {
		n = next_victim(t);
		hosts_replace(&t->hosts, n, host);
		t->evicted++;
	}
	memset(&t->loads[n], 0, sizeof(t->loads[n]));
	t->loads[n].host = *host;
	return &t->loads[n];
}

/*
 * Bins.
 */
static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static void widen_series(float *series, int64_t first, uint32_t bins)
{
	float wide[LOAD_BINS] = {0};

	for (uint32_t i = 0; i < bins; i++)
		wide[floor_div(first + i, 2) - floor_div(first, 2)] += series[i];
	memcpy(series, wide, sizeof(wide));
}

static void widen(struct load *l)
{
	int64_t last = l->first_bin + (int64_t)l->bins - 1;

	widen_series(l->served, l->first_bin, l->bins);
	widen_series(l->sent, l->first_bin, l->bins);
	l->doublings++;
	l->first_bin = floor_div(l->first_bin, 2);
	l->bins = (uint32_t)(floor_div(last, 2) - l->first_bin + 1);
}

/* Move the series up, so that it begins at an earlier bin. */
static void begin_at(struct load *l, int64_t bin)
{
	size_t by = (size_t)(l->first_bin - bin), rest = (LOAD_BINS - by) * sizeof(float);

	memmove(l->served + by, l->served, rest);
	memset(l->served, 0, by * sizeof(float));
	memmove(l->sent + by, l->sent, rest);
	memset(l->sent, 0, by * sizeof(float));
	l->bins += (uint32_t)by;
	l->first_bin = bin;
}

/* Make the series hold these times. */
static void reach(struct load *l, int64_t first_ms, int64_t last_ms)
{
	for (;;) {
		int64_t first = floor_div(first_ms, load_bin_ms(l));
		int64_t last = floor_div(last_ms, load_bin_ms(l));
		int64_t from = l->bins && l->first_bin < first ? l->first_bin : first;
		int64_t end = l->bins ? l->first_bin + (int64_t)l->bins - 1 : last;
		int64_t to = end > last ? end : last;

		if (to - from < LOAD_BINS) {
			if (!l->bins)
				l->first_bin = from;
			else if (from < l->first_bin)
				begin_at(l, from);
			l->bins = (uint32_t)(to - from + 1);
			return;
		}
		if (l->bins)
			widen(l);
		else
			l->doublings++;
	}
}

/* A week off what is there, before or after? */
static bool is_stranger(const struct load *l, int64_t first_ms, int64_t last_ms)
{
	int64_t begin = l->first_bin * load_bin_ms(l), gap = SPANS_GAP / NS_PER_MS;
	int64_t end = begin + (int64_t)l->bins * load_bin_ms(l);

	return l->bins && (last_ms < begin - gap || first_ms > end + gap);
}

/* True if the series is to hold it. */
static bool admit(struct load *l, int64_t first_ms, int64_t last_ms)
{
	if (!is_stranger(l, first_ms, last_ms)) {
		l->strangers = 0;
		return true;
	}
	if (++l->strangers < LOAD_STRANGERS)
		return false;
	l->bins = l->strangers = 0;
	l->doublings = 0;
	memset(l->served, 0, sizeof(l->served));
	memset(l->sent, 0, sizeof(l->sent));
	return true;
}

static void spread(const struct load *l, float *series, int64_t first_ms, int64_t last_ms,
		   double bytes)
{
	int64_t width = load_bin_ms(l);
	int64_t first = floor_div(first_ms, width), last = floor_div(last_ms, width);
	double whole_ms = (double)(last_ms - first_ms);

	if (first == last) {
		series[first - l->first_bin] += (float)bytes;
		return;
	}
	for (int64_t bin = first; bin <= last; bin++) {
		int64_t from = bin == first ? first_ms : bin * width;
		int64_t to = bin == last ? last_ms : (bin + 1) * width;

		series[bin - l->first_bin] += (float)(bytes * (double)(to - from) / whole_ms);
	}
}

static void add(struct load *l, float *series, ns_t first, ns_t last, uint64_t bytes)
{
	int64_t first_ms = ns_to_ms(first), last_ms = ns_to_ms(last > first ? last : first);

	if (!admit(l, first_ms, last_ms))
		return;
	reach(l, first_ms, last_ms);
	spread(l, series, first_ms, last_ms, (double)bytes);
}

void load_served(struct load_table *t, const struct address *host, ns_t first, ns_t last,
		 uint64_t bytes)
{
	uint32_t n;
	struct load *l;

	if (!bytes)
		return;
	n = hosts_find(&t->hosts, host);
	l = n ? &t->loads[n] : take(t, host);
	l->served_bytes += bytes;
	add(l, l->served, first, last, bytes);
}

void load_sent(struct load_table *t, const struct address *host, ns_t first, ns_t last,
	       uint64_t bytes)
{
	uint32_t n = bytes ? hosts_find(&t->hosts, host) : 0;
	struct load *l = &t->loads[n];

	if (!n)
		return;
	l->sent_bytes += bytes;
	add(l, l->sent, first, last, bytes);
}

size_t load_count(const struct load_table *t)
{
	return t->hosts.used;
}

const struct load *load_get(const struct load_table *t, size_t number)
{
	CHECK(number < t->hosts.used);
	return &t->loads[number + 1];
}

uint64_t load_evicted(const struct load_table *t)
{
	return t->evicted;
}

void load_add(struct load *l, const struct load *other)
{
	int64_t width = load_bin_ms(other), begin = other->first_bin * width;

	l->served_bytes += other->served_bytes;
	l->sent_bytes += other->sent_bytes;
	if (!other->bins)
		return;
	if (is_stranger(l, begin, begin + (int64_t)other->bins * width - 1)) {
		if (l->served_bytes - other->served_bytes >= other->served_bytes)
			return; /* two lanes, two clocks: the one that says more */
		l->bins = 0;
		memset(l->served, 0, sizeof(l->served));
		memset(l->sent, 0, sizeof(l->sent));
	}
	while (l->bins && l->doublings < other->doublings)
		widen(l);
	if (!l->bins)
		l->doublings = other->doublings;
	reach(l, begin, begin + (int64_t)other->bins * width - 1);
	for (uint32_t i = 0; i < other->bins; i++) {
		int64_t bin = floor_div(begin + (int64_t)i * width, load_bin_ms(l));

		l->served[bin - l->first_bin] += other->served[i];
		l->sent[bin - l->first_bin] += other->sent[i];
	}
}
