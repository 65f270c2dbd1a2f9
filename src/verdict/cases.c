/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict/cases.h"

#include <string.h>

static const double same_pace = 0.02;

static const char *name_of(const struct finding *f)
{
	const struct timeline *t = f->group.timeline;

	return string_table_get(f->group.names, t->key.name ? t->key.name : t->names[0]);
}

static int compare_destination(const struct finding *a, const struct finding *b)
{
	const struct timeline_key *j = &a->group.timeline->key, *k = &b->group.timeline->key;
	int c = j->grouping - k->grouping;

	if (!c && j->grouping != GROUP_ADDRESS)
		return strcmp(name_of(a), name_of(b));
	if (!c)
		c = address_compare(&j->destination, &k->destination);
	if (!c)
		c = j->port - k->port;
	return c ? c : j->proto - k->proto;
}

static int compare_host(const struct finding *a, const struct finding *b)
{
	return address_compare(&a->group.timeline->key.host, &b->group.timeline->key.host);
}

static int by_rank(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	int c;

	if (x->score_db != y->score_db)
		return x->score_db > y->score_db ? -1 : 1;
	if (x->sum_db != y->sum_db)
		return x->sum_db > y->sum_db ? -1 : 1;
	if (x->timing.decibans != y->timing.decibans)
		return x->timing.decibans > y->timing.decibans ? -1 : 1;
	c = compare_host(x, y);
	return c ? c : compare_destination(x, y);
}

/* Groups by name first, in order of host and name; the others after them, as they were. */
static int by_name_first(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	bool x_by_name = x->group.timeline->key.grouping == GROUP_NAME;
	bool y_by_name = y->group.timeline->key.grouping == GROUP_NAME;
	int c = y_by_name - x_by_name;

	if (!c)
		c = compare_host(x, y);
	return c ? c : compare_destination(x, y);
}

/* The finding for this name of f's host, or NULL. */
static const struct finding *find_name(const struct finding *by_name, size_t count,
				       const struct finding *f, uint32_t name)
{
	const char *text = string_table_get(f->group.names, name);
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int c = compare_host(&by_name[middle], f);

		if (!c)
			c = strcmp(name_of(&by_name[middle]), text);
		if (!c)
			return &by_name[middle];
		if (c < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/*
 * Every name it was reached under has a finding of its own (and none was left
 * unrecorded) that is no weaker: one stray call must not pull a strong finding
 * by address and port down to a weaker one by name.
 */
static bool told_by_names(const struct finding *by_name, size_t count, const struct finding *f)
{
	const uint32_t *names = f->group.timeline->names;

	if (!names[0] || names[TIMELINE_NAMES_MAX - 1])
		return false;
	for (size_t i = 0; i < TIMELINE_NAMES_MAX && names[i]; i++) {
		const struct finding *told = find_name(by_name, count, f, names[i]);

		if (!told || told->score_db < f->score_db)
			return false;
	}
	return true;
}

static size_t drop_addresses_of_names(struct finding *findings, size_t count)
{
	size_t named = 0, kept;

	qsort(findings, count, sizeof(*findings), by_name_first);
	while (named < count && findings[named].group.timeline->key.grouping == GROUP_NAME)
		named++;
	kept = named;
	for (size_t i = named; i < count; i++)
		if (!told_by_names(findings, named, &findings[i]))
			findings[kept++] = findings[i];
	return kept;
}

static int by_destination_and_pace(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	int c = compare_destination(x, y);

	if (!c)
		c = x->is_timer - y->is_timer;
	if (!c && x->is_timer && x->timing.period_s != y->timing.period_s)
		return x->timing.period_s < y->timing.period_s ? -1 : 1;
	return c ? c : by_rank(a, b);
}

/* Neighbours in the order of pace: close, or no further apart than their estimates are unsure. */
static bool one_family(const struct finding *f, const struct finding *next)
{
	if (compare_destination(f, next) || f->is_timer != next->is_timer)
		return false;
	return !f->is_timer || next->timing.period_s <= (1 + same_pace) * f->timing.period_s ||
	       next->timing.period.low <= f->timing.period.high;
}

int cases_compare(const struct finding *a, const struct finding *b)
{
	return by_rank(a, b);
}

bool cases_same_family(const struct finding *a, const struct finding *b)
{
	return a->timing.period_s <= b->timing.period_s ? one_family(a, b) : one_family(b, a);
}

/* The strongest member leads; the others are named in the order of their pace. */
static struct finding lead(const struct finding *family, size_t count)
{
	const struct finding *strongest = family;
	struct finding leader;

	for (size_t i = 1; i < count; i++)
		if (by_rank(&family[i], strongest) < 0)
			strongest = &family[i];
	leader = *strongest;
	leader.host_count = 1;
	leader.hosts[0] = leader.group.timeline->key.host;
	for (size_t i = 0; i < count; i++) {
		if (&family[i] == strongest)
			continue;
		if (leader.host_count < FINDING_HOSTS_MAX)
			leader.hosts[leader.host_count] = family[i].group.timeline->key.host;
		leader.host_count++;
	}
	return leader;
}

static size_t join_families(struct finding *findings, size_t count)
{
	size_t kept = 0;

	qsort(findings, count, sizeof(*findings), by_destination_and_pace);
	for (size_t start = 0, end; start < count; start = end) {
		end = start + 1;
		while (end < count && one_family(&findings[end - 1], &findings[end]))
			end++;
		findings[kept++] = lead(&findings[start], end - start);
	}
	return kept;
}

size_t cases_collapse(struct finding *findings, size_t count)
{
	if (count == 0)
		return 0;
	count = drop_addresses_of_names(findings, count);
	return join_families(findings, count);
}

void cases_rank(struct finding *findings, size_t count)
{
	if (count)
		qsort(findings, count, sizeof(*findings), by_rank);
	for (size_t i = 0; i < count; i++)
		findings[i].rank = (uint32_t)i + 1;
}
