/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict/unite.h"

#include <errno.h>
#include <string.h>

/* The array, with room for `need` items of `size` bytes; NULL and as it was if there is no memory.
 */
static void *grow(void *array, size_t *room, size_t need, size_t size)
{
	size_t wanted = *room ? *room : 64;

	while (wanted < need)
		wanted *= 2;
	if (wanted == *room)
		return array;
	array = realloc(array, wanted * size);
	if (array)
		*room = wanted;
	return array;
}

static int make_room(struct unite *u, size_t members)
{
	size_t timelines_room = u->room; /* both always grow together */
	struct group *groups = grow(u->groups, &u->room, u->count + 1, sizeof(*groups));
	struct timeline *timelines;
	uint32_t *numbers;

	if (!groups)
		return -ENOMEM;
	u->groups = groups;
	timelines = grow(u->unions.timelines, &timelines_room, u->count + 1, sizeof(*timelines));
	if (!timelines)
		return -ENOMEM;
	u->unions.timelines = timelines;
	numbers = grow(u->unions.members, &u->members_room, u->members + members, sizeof(*numbers));
	if (!numbers)
		return -ENOMEM;
	u->unions.members = numbers;
	return 0;
}

struct group *unite_add(struct unite *u, const struct timeline_key *key, const uint32_t *numbers,
			size_t count)
{
	struct timeline *sum;
	struct group *g;

	if (make_room(u, count))
		return NULL;
	g = &u->groups[u->count];
	*g = u->fleet->groups[numbers[0]];
	g->member_count = (uint32_t)count;
	g->twin_of = 0;
	sum = &u->unions.timelines[u->count];
	*sum = (struct timeline){.key = *key};
	for (size_t i = 0; i < count; i++) {
		const struct group *part = &u->fleet->groups[numbers[i]];

		timeline_join(sum, part->timeline);
		u->unions.members[u->members + i] = numbers[i];
		if (part->hosts_to_destination > g->hosts_to_destination)
			g->hosts_to_destination = part->hosts_to_destination;
		g->names_forgotten |= part->names_forgotten;
	}
	u->members += count;
	u->count++;
	return g;
}

/* Only now do the arrays stay where they are. */
int unite_append(struct unite *u, struct unions *out)
{
	struct fleet *f = u->fleet;
	size_t before = f->group_count;
	struct group *grown = realloc(f->groups, (before + u->count + 1) * sizeof(*grown));
	size_t used = 0;

	if (!grown)
		return -ENOMEM;
	f->groups = grown;
	for (size_t i = 0; i < u->count; i++) {
		struct group *g = &grown[before + i];

		*g = u->groups[i];
		g->timeline = &u->unions.timelines[i];
		g->members = &u->unions.members[used];
		used += g->member_count;
	}
	f->group_count = before + u->count;
	*out = u->unions;
	u->unions = (struct unions){0};
	return 0;
}

void unite_fini(struct unite *u)
{
	free(u->groups);
	unions_fini(&u->unions);
	*u = (struct unite){0};
}

void unions_fini(struct unions *u)
{
	free(u->timelines);
	free(u->members);
	*u = (struct unions){0};
}
