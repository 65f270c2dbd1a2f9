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

	if (!c && j->grouping == GROUP_NAME)
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
	if (x->timing.decibans != y->timing.decibans)
		return x->timing.decibans > y->timing.decibans ? -1 : 1;
	c = compare_host(x, y);
	return c ? c : compare_destination(x, y);
}

static int by_host_and_name(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	int c = compare_host(x, y);

	if (!c)
		c = strcmp(name_of(x), name_of(y));
	if (!c) /* the group by name leads its addresses */
		c = y->group.timeline->key.grouping - x->group.timeline->key.grouping;
	return c ? c : compare_destination(x, y);
}

static bool only_under(const struct finding *address, const struct finding *name)
{
	const struct timeline *t = address->group.timeline;

	return t->names[0] && !t->names[1] && !compare_host(address, name) &&
	       !strcmp(name_of(address), name_of(name));
}

static size_t drop_addresses_of_names(struct finding *findings, size_t count)
{
	const struct finding *leader = NULL;
	size_t kept = 0;

	qsort(findings, count, sizeof(*findings), by_host_and_name);
	for (size_t i = 0; i < count; i++) {
		bool by_name = findings[i].group.timeline->key.grouping == GROUP_NAME;

		if (!by_name && leader && only_under(&findings[i], leader))
			continue;
		findings[kept] = findings[i];
		if (by_name)
			leader = &findings[kept];
		kept++;
	}
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

static bool one_family(const struct finding *first, const struct finding *f)
{
	if (compare_destination(first, f) || first->is_timer != f->is_timer)
		return false;
	return !f->is_timer || f->timing.period_s <= (1 + same_pace) * first->timing.period_s;
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
		for (end = start + 1; end < count && one_family(&findings[start], &findings[end]);)
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
