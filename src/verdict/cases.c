/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict/cases.h"

#include "detect/detectors.h"
#include "detect/places.h"
#include "verdict/ends.h"
#include "verdict/peers.h"
#include "verdict/weigh.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

/* Findings that belong together, as trees; a follower has been told by a stronger one. */
struct sets {
	const struct fleet *fleet;
	struct finding *findings;
	size_t count;
	uint32_t *parent; /* the root is its own */
	bool *follows;
	uint32_t *order; /* scratch */
	uint32_t *owner; /* by number of group: finding that has it, plus 1 */
};

static const struct timeline *timeline_of(const struct finding *f)
{
	return f->group.timeline;
}

static const char *name_of(const struct finding *f)
{
	const struct timeline *t = timeline_of(f);
	const char *name =
		string_table_get(f->group.names, t->key.name ? t->key.name : t->names[0]);

	return t->key.grouping == GROUP_NAMES ? fleet_registered_name(name) : name;
}

static int compare_destination(const struct finding *a, const struct finding *b)
{
	const struct timeline_key *j = &timeline_of(a)->key, *k = &timeline_of(b)->key;
	int c = j->grouping - k->grouping;

	if (!c && timeline_key_is_name(j))
		return strcmp(name_of(a), name_of(b));
	if (!c)
		c = a->group.prefix - b->group.prefix;
	if (!c)
		c = address_compare(&j->destination, &k->destination);
	if (!c && (j->grouping == GROUP_PORTS || j->grouping == GROUP_NETWORK))
		return 0;
	if (!c)
		c = j->port - k->port;
	return c ? c : j->proto - k->proto;
}

static int compare_host(const struct finding *a, const struct finding *b)
{
	const struct timeline_key *j = &timeline_of(a)->key, *k = &timeline_of(b)->key;
	int c = address_compare(&j->host, &k->host);

	return c ? c : (j->network > k->network) - (j->network < k->network);
}

int cases_compare(const struct finding *x, const struct finding *y)
{
	int c;

	if (x->filler != y->filler)
		return x->filler - y->filler;
	if (x->score_db != y->score_db)
		return x->score_db > y->score_db ? -1 : 1;
	if (x->sum_db != y->sum_db)
		return x->sum_db > y->sum_db ? -1 : 1;
	if (x->timing.decibans != y->timing.decibans)
		return x->timing.decibans > y->timing.decibans ? -1 : 1;
	c = compare_host(x, y);
	return c ? c : compare_destination(x, y);
}

static int by_rank(const void *a, const void *b)
{
	return cases_compare(a, b);
}

static uint32_t root_of(struct sets *s, uint32_t i)
{
	while (s->parent[i] != i)
		i = s->parent[i] = s->parent[s->parent[i]];
	return i;
}

static void join(struct sets *s, uint32_t i, uint32_t k)
{
	s->parent[root_of(s, i)] = root_of(s, k);
}

/* The same calls: the weaker of the two adds nothing, and leads to nobody else. */
static void tell_once(struct sets *s, uint32_t i, uint32_t k)
{
	join(s, i, k);
	s->follows[cases_compare(&s->findings[i], &s->findings[k]) < 0 ? k : i] = true;
}

/* Groups by name first, in order of host and name; the others after them. */
static int by_name_first(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	bool x_by_name = timeline_of(x)->key.grouping == GROUP_NAME;
	bool y_by_name = timeline_of(y)->key.grouping == GROUP_NAME;
	int c = y_by_name - x_by_name;

	if (!c)
		c = compare_host(x, y);
	return c ? c : compare_destination(x, y);
}

/* The finding for this name of f's host among the first `count`, or NULL. */
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
 * A finding by address that was only ever reached under one name holds some of
 * the calls of that name: one case, told by the stronger.  Under several names
 * it is told by them if each has a finding (and none was left unrecorded) that is
 * no weaker: one stray call must not pull a strong finding down.
 */
static void tell_by_name(struct sets *s, uint32_t i, size_t named)
{
	const struct finding *f = &s->findings[i], *told;
	const uint32_t *names = timeline_of(f)->names;
	uint32_t strongest = UINT32_MAX, k;

	if (timeline_of(f)->key.grouping != GROUP_ADDRESS || !names[0] ||
	    names[TIMELINE_NAMES_MAX - 1])
		return;
	for (size_t n = 0; n < TIMELINE_NAMES_MAX && names[n]; n++) {
		told = find_name(s->findings, named, f, names[n]);
		if (!told || (names[1] && told->score_db < f->score_db))
			return;
		k = (uint32_t)(told - s->findings);
		if (strongest == UINT32_MAX || cases_compare(told, &s->findings[strongest]) < 0)
			strongest = k;
	}
	tell_once(s, i, strongest);
}

static void tell_by_names(struct sets *s)
{
	size_t named = 0;

	while (named < s->count && timeline_of(&s->findings[named])->key.grouping == GROUP_NAME)
		named++;
	for (size_t i = named; i < s->count; i++)
		tell_by_name(s, (uint32_t)i, named);
}

/* Unions with their members, and with unions that share one. */
static void tell_by_unions(struct sets *s)
{
	for (uint32_t i = 0; i < s->count; i++)
		if (!s->findings[i].group.member_count)
			s->owner[s->findings[i].number] = i + 1;
	for (uint32_t i = 0; i < s->count; i++) {
		const struct group *g = &s->findings[i].group;

		for (uint32_t m = 0; m < g->member_count; m++) {
			uint32_t *owner = &s->owner[g->members[m]];

			if (*owner)
				tell_once(s, i, *owner - 1);
			else
				*owner = i + 1;
		}
	}
}

static int compare_calls(const struct finding *x, const struct finding *y)
{
	const struct timeline *a = timeline_of(x), *b = timeline_of(y);
	int c = compare_host(x, y);

	if (c)
		return c;
	if (a->calls != b->calls)
		return a->calls < b->calls ? -1 : 1;
	if (a->first_ms != b->first_ms)
		return a->first_ms < b->first_ms ? -1 : 1;
	if (a->last_ms != b->last_ms)
		return a->last_ms < b->last_ms ? -1 : 1;
	/* of a question to the DNS only the message is told, not the packets that carried it */
	return (a->out_payload > b->out_payload) - (a->out_payload < b->out_payload);
}

static int by_calls(const void *a, const void *b, void *findings)
{
	const struct finding *f = findings;
	uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;
	int c = compare_calls(&f[i], &f[k]);

	return c ? c : (i > k) - (i < k);
}

static void tell_same_calls(struct sets *s)
{
	for (uint32_t i = 0; i < s->count; i++)
		s->order[i] = i;
	qsort_r(s->order, s->count, sizeof(*s->order), by_calls, s->findings);
	for (size_t i = 1; i < s->count; i++) {
		const struct finding *f = &s->findings[s->order[i - 1]];

		if (timeline_of(f)->calls > 1 && !compare_calls(f, &s->findings[s->order[i]]))
			tell_once(s, s->order[i - 1], s->order[i]);
	}
}

/* Is it rare, or is the fleet too small to tell? */
static bool may_be_rare(const struct sets *s, const struct finding *f)
{
	struct judgement none = {0};
	struct subject subject = weigh_subject(s->fleet, &f->group, &none, false);

	return detect_prevalence.observe(&subject) != TRAIT_ABSENT;
}

/* Of a datagram whose beginning was not seen: nobody knows which port it was for. */
static bool is_piece(const struct timeline_key *key)
{
	return key->port == 0 && (key->proto == IPPROTO_TCP || key->proto == IPPROTO_UDP);
}

/*
 * Ports of one address that has no name: whoever answers there is one.  To several
 * hosts, too, if few go there.
 */
static bool same_end(const struct sets *s, const struct finding *f, const struct finding *g)
{
	const struct timeline *a = timeline_of(f), *b = timeline_of(g);

	return a->key.grouping == GROUP_ADDRESS && b->key.grouping == GROUP_ADDRESS &&
	       address_equal(&a->key.destination, &b->key.destination) &&
	       !places_name_is_credible(a) && !places_name_is_credible(b) && !is_piece(&a->key) &&
	       !is_piece(&b->key) &&
	       (!compare_host(f, g) || (may_be_rare(s, f) && may_be_rare(s, g)));
}

static int by_end(const void *a, const void *b, void *findings)
{
	const struct finding *f = findings;
	uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;
	const struct timeline *x = timeline_of(&f[i]), *y = timeline_of(&f[k]);
	int c = x->key.grouping - y->key.grouping;

	if (!c)
		c = address_compare(&x->key.destination, &y->key.destination);
	if (!c) /* those that have no name stand together */
		c = places_name_is_credible(x) - places_name_is_credible(y);
	if (!c)
		c = compare_host(&f[i], &f[k]);
	return c ? c : (i > k) - (i < k);
}

static void join_same_end(struct sets *s)
{
	qsort_r(s->order, s->count, sizeof(*s->order), by_end, s->findings);
	for (size_t i = 1; i < s->count; i++)
		if (same_end(s, &s->findings[s->order[i - 1]], &s->findings[s->order[i]]))
			join(s, s->order[i - 1], s->order[i]);
}

static bool inside(const struct finding *f, const struct timeline_key *k)
{
	const struct timeline_key *u = &timeline_of(f)->key;
	struct address network;

	if (k->grouping != GROUP_ADDRESS || is_piece(k))
		return false;
	if (u->grouping == GROUP_SERVICE)
		return u->port == k->port && u->proto == k->proto;
	if (u->destination.version != k->destination.version)
		return false;
	network = places_network(&k->destination, f->group.prefix);
	return address_equal(&network, &u->destination);
}

/* Would it have been a member of this union, had it shown no rhythm of its own? */
static bool covers(const struct sets *s, const struct finding *f, const struct finding *plain)
{
	struct judgement none = {0};
	struct subject subject;

	if (plain->group.member_count || !inside(f, &timeline_of(plain)->key) ||
	    places_name_is_credible(timeline_of(plain)))
		return false;
	subject = weigh_subject(s->fleet, &plain->group, &none, true);
	return detect_known.observe(&subject) != TRAIT_PRESENT &&
	       (timeline_of(f)->key.grouping != GROUP_SERVICE || may_be_rare(s, plain));
}

static int by_host(const void *a, const void *b, void *findings)
{
	const struct finding *f = findings;
	uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;
	int c = compare_host(&f[i], &f[k]);

	return c ? c : (i > k) - (i < k);
}

/* A hopping beacon may now and then look like a timer at one of its stops. */
static void join_covered(struct sets *s)
{
	qsort_r(s->order, s->count, sizeof(*s->order), by_host, s->findings);
	for (size_t start = 0, end; start < s->count; start = end) {
		for (end = start + 1; end < s->count && !compare_host(&s->findings[s->order[start]],
								      &s->findings[s->order[end]]);
		     end++)
			;
		for (size_t i = start; i < end; i++) {
			const struct finding *f = &s->findings[s->order[i]];

			if (!f->group.member_count || f->group.hosts_pooled ||
			    timeline_key_is_name(&timeline_of(f)->key))
				continue;
			for (size_t k = start; k < end; k++)
				if (covers(s, f, &s->findings[s->order[k]]))
					join(s, s->order[i], s->order[k]);
		}
	}
}

/* Whatever one entry of a list names is one case, or a popular name on a list would fill the
 * report. */
static int by_entry(const void *a, const void *b, void *findings)
{
	const struct finding *f = findings;
	uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;
	uint32_t x = timeline_of(&f[i])->listed, y = timeline_of(&f[k])->listed;

	if (x != y)
		return x < y ? -1 : 1;
	return (i > k) - (i < k);
}

static void join_listed(struct sets *s)
{
	qsort_r(s->order, s->count, sizeof(*s->order), by_entry, s->findings);
	for (size_t i = 1; i < s->count; i++) {
		uint32_t listed = timeline_of(&s->findings[s->order[i]])->listed;

		if (intel_kind(listed) >= INDICATOR_NETWORK &&
		    listed == timeline_of(&s->findings[s->order[i - 1]])->listed)
			join(s, s->order[i - 1], s->order[i]);
	}
}

/* One host that calls many places at one pace. */
static int by_family(const void *a, const void *b, void *findings)
{
	const struct finding *f = findings;
	uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;

	if (f[i].group.family != f[k].group.family)
		return f[i].group.family < f[k].group.family ? -1 : 1;
	return (i > k) - (i < k);
}

static void join_peers(struct sets *s)
{
	qsort_r(s->order, s->count, sizeof(*s->order), by_family, s->findings);
	for (size_t i = 1; i < s->count; i++) {
		uint32_t family = s->findings[s->order[i]].group.family;

		if (family && family == s->findings[s->order[i - 1]].group.family)
			join(s, s->order[i - 1], s->order[i]);
	}
}

static int by_destination_and_pace(const void *a, const void *b, void *findings)
{
	const struct finding *f = findings;
	const struct finding *x = &f[*(const uint32_t *)a], *y = &f[*(const uint32_t *)b];
	int c = compare_destination(x, y);

	if (!c)
		c = x->is_timer - y->is_timer;
	if (!c && x->is_timer && x->timing.period_s != y->timing.period_s)
		return x->timing.period_s < y->timing.period_s ? -1 : 1;
	return c ? c : cases_compare(x, y);
}

/* Neighbours in the order of pace: close, or no further apart than their estimates are unsure. */
static bool same_family(const struct finding *f, const struct finding *next)
{
	if (compare_destination(f, next) || f->is_timer != next->is_timer)
		return false;
	return !f->is_timer || peers_same_pace(&f->timing, &next->timing);
}

bool cases_same_family(const struct finding *a, const struct finding *b)
{
	return a->timing.period_s <= b->timing.period_s ? same_family(a, b) : same_family(b, a);
}

/* Several hosts that call one place at one pace. */
static void join_hosts(struct sets *s)
{
	size_t n = 0;

	for (uint32_t i = 0; i < s->count; i++)
		if (!s->follows[i])
			s->order[n++] = i;
	qsort_r(s->order, n, sizeof(*s->order), by_destination_and_pace, s->findings);
	for (size_t i = 1; i < n; i++)
		if (same_family(&s->findings[s->order[i - 1]], &s->findings[s->order[i]]))
			join(s, s->order[i - 1], s->order[i]);
}

/* Members of one case stand together, the strongest first. */
static int by_case(const void *a, const void *b, void *arg)
{
	struct sets *s = arg;
	uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;
	uint32_t x = root_of(s, i), y = root_of(s, k);
	int c = (x > y) - (x < y);

	return c ? c : cases_compare(&s->findings[i], &s->findings[k]);
}

/* Leaders to the front of `led`, each with the hosts and destinations of its case. */
static int lead(struct sets *s, struct finding *led, size_t *out_count, struct ends *ends)
{
	size_t count = 0;

	for (uint32_t i = 0; i < s->count; i++)
		s->order[i] = i;
	qsort_r(s->order, s->count, sizeof(*s->order), by_case, s);
	for (size_t start = 0, end; start < s->count; start = end) {
		uint32_t root = root_of(s, s->order[start]);

		ends_begin(ends);
		for (end = start; end < s->count && root_of(s, s->order[end]) == root; end++)
			if (ends_add(ends, s->fleet, &s->findings[s->order[end]]))
				return -ENOMEM;
		led[count] = s->findings[s->order[start]];
		if (ends_settle(ends, s->fleet, &led[count++]))
			return -ENOMEM;
	}
	*out_count = count;
	return 0;
}

static int collapse(struct sets *s, struct finding *led, struct ends *ends, size_t *count)
{
	int rc;

	for (uint32_t i = 0; i < s->count; i++)
		s->parent[i] = i;
	qsort(s->findings, s->count, sizeof(*s->findings), by_name_first);
	tell_by_names(s);
	tell_by_unions(s);
	tell_same_calls(s);
	join_same_end(s);
	join_covered(s);
	join_peers(s);
	join_listed(s);
	join_hosts(s);
	rc = lead(s, led, count, ends);
	if (!rc)
		memcpy(s->findings, led, *count * sizeof(*led));
	return rc;
}

int cases_collapse(const struct fleet *fleet, struct finding *findings, size_t *count,
		   struct destination **out_destinations)
{
	struct sets s = {.fleet = fleet, .findings = findings, .count = *count};
	struct finding *led = calloc(*count + 1, sizeof(*led));
	struct ends ends = {0};
	int rc = -ENOMEM;

	*out_destinations = NULL;
	if (*count == 0) {
		free(led);
		return 0;
	}
	s.parent = calloc(*count + 1, sizeof(*s.parent));
	s.follows = calloc(*count + 1, sizeof(*s.follows));
	s.order = calloc(*count + 1, sizeof(*s.order));
	s.owner = calloc(fleet->group_count + 1, sizeof(*s.owner));
	if (led && s.parent && s.follows && s.order && s.owner)
		rc = collapse(&s, led, &ends, count);
	free(led);
	free(s.parent);
	free(s.follows);
	free(s.order);
	free(s.owner);
	if (rc) {
		ends_fini(&ends);
		return rc;
	}
	*out_destinations = ends_point(&ends, findings, *count);
	return 0;
}

void cases_rank(struct finding *findings, size_t count)
{
	if (count)
		qsort(findings, count, sizeof(*findings), by_rank);
	for (size_t i = 0; i < count; i++)
		findings[i].rank = (uint32_t)i + 1;
}
