/* SPDX-License-Identifier: Apache-2.0 */
#include "tape.h"

#include "simulate/call.h"

#include <stdio.h>
#include <string.h>

struct shot *tape_add(struct tape *t, const struct shot *like, const void *bytes, size_t len)
{
	struct shot *s;

	if (t->count == t->room) {
		t->room = t->room ? 2 * t->room : 1024;
		t->shots = realloc(t->shots, t->room * sizeof(*t->shots));
		CHECK(t->shots);
	}
	s = &t->shots[t->count++];
	*s = *like;
	s->len = (uint32_t)len;
	s->bytes = malloc(len);
	CHECK(s->bytes);
	memcpy(s->bytes, bytes, len);
	return s;
}

void tape_fini(struct tape *t)
{
	for (size_t i = 0; i < t->count; i++)
		free(t->shots[i].bytes);
	free(t->shots);
	*t = (struct tape){0};
}

/* Merge sort, which is stable. */
static void sort(struct shot *shots, size_t count, struct shot *room)
{
	size_t half = count / 2, a = 0, b = half;

	if (count < 2)
		return;
	sort(shots, half, room);
	sort(shots + half, count - half, room);
	for (size_t i = 0; i < count; i++) {
		bool second = a == half || (b < count && shots[b].when < shots[a].when);

		room[i] = second ? shots[b++] : shots[a++];
	}
	memcpy(shots, room, count * sizeof(*shots));
}

void tape_sort(struct tape *t)
{
	struct shot *room = malloc((t->count + 1) * sizeof(*room));

	CHECK(room);
	sort(t->shots, t->count, room);
	free(room);
}

static void put_le(FILE *f, uint32_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		putc((int)(value >> 8 * i & 0xff), f);
}

void tape_write(const struct tape *t, const char *path)
{
	FILE *f = fopen(path, "w");

	CHECK(f);
	put_le(f, 0xa1b23c4d, 4);
	put_le(f, 2, 2);
	put_le(f, 4, 2);
	put_le(f, 0, 4);
	put_le(f, 0, 4);
	put_le(f, t->snaplen ? t->snaplen : 262144, 4);
	put_le(f, 1, 4); /* Ethernet */
	for (size_t i = 0; i < t->count; i++) {
		const struct shot *s = &t->shots[i];
		uint32_t kept = t->snaplen && s->len > t->snaplen ? t->snaplen : s->len;

		put_le(f, (uint32_t)(s->when / NS_PER_SEC), 4);
		put_le(f, (uint32_t)(s->when % NS_PER_SEC), 4);
		put_le(f, kept, 4);
		put_le(f, s->len, 4);
		CHECK(fwrite(s->bytes, 1, kept, f) == kept);
	}
	CHECK(fclose(f) == 0);
}

uint64_t tape_dice(uint64_t seed, uint64_t limit)
{
	return sim_mix(sim_mix(seed)) % limit;
}
