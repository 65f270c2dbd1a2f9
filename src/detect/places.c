/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/places.h"

#include <errno.h>
#include <string.h>

struct visit {
	struct group *group;
	const char *name;	/* registered; "": none */
	struct address network; /* without a name */
};

struct address places_network(const struct address *address, unsigned prefix)
{
	struct address a = *address;
	unsigned bits = a.version == 4 ? prefix + 96 : prefix;

	for (unsigned i = 0; i < sizeof(a.bytes); i++) {
		unsigned keep = bits <= 8 * i ? 0 : bits - 8 * i;

		if (keep < 8)
			a.bytes[i] &= (uint8_t)(0xff << (8 - keep));
	}
	return a;
}

bool places_name_is_credible(const struct timeline *t)
{
	return (t->key.name || t->names[0]) && (t->confirmed || !t->lookups_visible);
}

static struct visit visit_of(struct group *g)
{
	const struct timeline *t = g->timeline;
	const struct address *to = &t->key.destination;
	struct visit v = {.group = g, .name = ""};

	if (places_name_is_credible(t))
		v.name = fleet_registered_name(string_table_get(g->names, t->names[0]));
	else
		v.network =
			places_network(to, to->version == 4 ? PLACES_PREFIX_V4 : PLACES_PREFIX_V6);
	return v;
}

static int by_place(const void *a, const void *b)
{
	const struct visit *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	return c ? c : address_compare(&x->network, &y->network);
}

static void share_visits(struct visit *visits, size_t n)
{
	size_t nameless = 0;
	float each = 1;

	qsort(visits, n, sizeof(*visits), by_place);
	for (size_t i = 0; i < n && !*visits[i].name; i++) /* these stand first */
		nameless += i == 0 || by_place(&visits[i - 1], &visits[i]);
	if (nameless > PLACES_NAMELESS_MOST)
		each = PLACES_NAMELESS_MOST / (float)nameless;
	for (size_t start = 0, end; start < n; start = end) {
		for (end = start + 1; end < n && !by_place(&visits[start], &visits[end]); end++)
			;
		for (size_t i = start; i < end; i++)
			visits[i].group->share =
				(*visits[i].name ? 1 : each) / (float)(end - start);
	}
}

/* `visits` has room for as many. */
static void share_groups(struct group *groups, size_t count, struct visit *visits)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		if (groups[i].timeline->key.grouping == GROUP_ADDRESS)
			visits[n++] = visit_of(&groups[i]);
	share_visits(visits, n);
}

int places_share_host(struct group *groups, size_t count)
{
	struct visit *visits = calloc(count + 1, sizeof(*visits));

	if (!visits)
		return -ENOMEM;
	share_groups(groups, count, visits);
	free(visits);
	return 0;
}

int places_share(struct fleet *f)
{
	struct visit *visits = NULL;
	size_t room = 0;

	for (size_t start = 0, end; start < f->plain_count; start = end) {
		for (end = start;
		     end < f->plain_count && f->groups[end].host == f->groups[start].host; end++)
			;
		if (end - start > room) {
			free(visits);
			room = 2 * (end - start);
			visits = calloc(room, sizeof(*visits));
			if (!visits)
				return -ENOMEM;
		}
		share_groups(f->groups + start, end - start, visits);
	}
	free(visits);
	return 0;
}
