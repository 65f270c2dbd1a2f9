/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/roles.h"

#include "detect/fleet.h"

#include <errno.h>
#include <string.h>

struct signature {
	uint64_t least[ROLE_HASHES];
	bool any;
};

/* SplitMix64's finaliser (Steele, Lea and Flood 2014): fixed, as roles must not differ by run. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

static uint64_t hash_text(const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	uint64_t h = len;

	for (size_t i = 0; i < len; i++)
		h = mix(h ^ p[i]) + 0x9e3779b97f4a7c15;
	return h;
}

static uint64_t hash_place(const struct group *g)
{
	const struct timeline *t = g->timeline;
	uint32_t name = t->key.name ? t->key.name : t->names[0];
	const char *text;

	if (!name)
		return hash_text(&t->key.destination, sizeof(t->key.destination));
	text = fleet_registered_name(string_table_get(g->names, name));
	return hash_text(text, strlen(text));
}

static void sign(struct signature *s, uint64_t place)
{
	for (uint64_t i = 0; i < ROLE_HASHES; i++) {
		uint64_t h = mix(place + i * 0x9e3779b97f4a7c15);

		if (!s->any || h < s->least[i])
			s->least[i] = h;
	}
	s->any = true;
}

static bool alike(const struct signature *a, const struct signature *b)
{
	int agree = 0;

	for (int i = 0; i < ROLE_HASHES; i++)
		agree += a->least[i] == b->least[i];
	return agree >= ROLE_AGREE;
}

/* The role of this host, which may be the first of a new one; 0: none. */
static uint32_t role_of(struct roles *r, struct signature *leaders, const struct signature *s)
{
	if (!s->any)
		return 0;
	for (uint32_t i = 1; i < r->count; i++)
		if (alike(&leaders[i], s))
			return i;
	if (r->count == ROLES_MOST)
		return 0;
	leaders[r->count] = *s;
	return (uint32_t)r->count++;
}

static void note_top(struct role_top *top, uint32_t host, uint64_t bytes)
{
	top->hosts++;
	if (bytes > top->bytes[0]) {
		top->bytes[1] = top->bytes[0];
		top->host[1] = top->host[0];
		top->bytes[0] = bytes;
		top->host[0] = host;
	} else if (bytes > top->bytes[1]) {
		top->bytes[1] = bytes;
		top->host[1] = host;
	}
}

/* Groups of one host, from `first` on: all that roles need to know of it. */
static size_t take_host(const struct fleet *f, size_t first, struct signature *leaders,
			struct roles *r)
{
	struct signature s = {0};
	uint32_t host = f->groups[first].host;
	uint64_t most = 0;
	size_t i = first;

	for (; i < f->group_count && f->groups[i].host == host; i++) {
		const struct group *g = &f->groups[i];

		if (g->timeline->key.grouping == GROUP_ADDRESS)
			r->sent[host] += g->timeline->out_payload;
		if (g->timeline->out_payload > most)
			most = g->timeline->out_payload;
		if (g->hosts_to_destination >= ROLE_PLACE_HOSTS)
			sign(&s, hash_place(g));
	}
	r->of[host] = role_of(r, leaders, &s);
	note_top(&r->role[0], host, most);
	if (r->of[host])
		note_top(&r->role[r->of[host]], host, most);
	return i;
}

int roles_build(const struct fleet *f, struct roles *out)
{
	struct roles r = {.count = 1};
	struct signature *leaders = calloc(ROLES_MOST, sizeof(*leaders));

	r.of = calloc(f->hosts + 1, sizeof(*r.of));
	r.sent = calloc(f->hosts + 1, sizeof(*r.sent));
	r.role = calloc(ROLES_MOST, sizeof(*r.role));
	if (!leaders || !r.of || !r.sent || !r.role) {
		free(leaders);
		roles_fini(&r);
		return -ENOMEM;
	}
	for (size_t i = 0; i < f->group_count;)
		i = take_host(f, i, leaders, &r);
	free(leaders);
	*out = r;
	return 0;
}

void roles_fini(struct roles *r)
{
	free(r->of);
	free(r->sent);
	free(r->role);
	*r = (struct roles){0};
}

struct role_peers roles_peers(const struct roles *r, uint32_t host)
{
	const struct role_top *top = &r->role[r->of[host]];

	if (top->hosts <= ROLE_PEERS)
		top = &r->role[0];
	if (top->hosts <= ROLE_PEERS)
		return (struct role_peers){0};
	return (struct role_peers){
		.hosts = top->hosts - 1,
		.of_fleet = top == &r->role[0],
		.most_bytes = top->bytes[top->host[0] == host],
	};
}
