/* SPDX-License-Identifier: Apache-2.0 */
#include "base/spans.h"

#include <string.h>

/* Is `later` within SPANS_GAP after `earlier`?  Without overflow at the ends of time. */
static bool near(ns_t earlier, ns_t later)
{
	return later <= earlier || (uint64_t)later - (uint64_t)earlier <= (uint64_t)SPANS_GAP;
}

static int64_t length_ms(const struct span *span)
{
	return ns_to_ms(span->last) - ns_to_ms(span->first) + 1;
}

static void remove_span(struct spans *s, size_t at)
{
	memmove(&s->span[at], &s->span[at + 1], (s->count - at - 1) * sizeof(s->span[0]));
	s->count--;
}

static void join_with_next(struct spans *s, size_t at)
{
	if (s->span[at + 1].last > s->span[at].last)
		s->span[at].last = s->span[at + 1].last;
	remove_span(s, at + 1);
}

/*
 * Never the one that just came: it may be the beginning of a month.  Stray times
 * take each other's place, then, and what was watched for long stays.
 */
static void forget_shortest(struct spans *s, size_t spare)
{
	size_t shortest = spare ? 0 : 1;

	for (size_t i = 0; i < s->count; i++)
		if (i != spare && length_ms(&s->span[i]) < length_ms(&s->span[shortest]))
			shortest = i;
	remove_span(s, shortest);
	s->forgotten++;
}

/* The slow way: find the place, widen or insert, and close up with the neighbours. */
static void add_span(struct spans *s, struct span new)
{
	size_t at = 0;

	while (at < s->count && !near(s->span[at].last, new.first))
		at++;
	if (at < s->count && near(new.last, s->span[at].first)) {
		if (new.first < s->span[at].first)
			s->span[at].first = new.first;
		if (new.last > s->span[at].last)
			s->span[at].last = new.last;
	} else {
		memmove(&s->span[at + 1], &s->span[at], (s->count - at) * sizeof(s->span[0]));
		s->span[at] = new;
		s->count++;
	}
	while (at + 1 < s->count && near(s->span[at].last, s->span[at + 1].first))
		join_with_next(s, at);
	s->hint = at;
	if (s->count > SPANS_MAX) {
		forget_shortest(s, at);
		s->hint = 0;
	}
}

void spans_add(struct spans *s, ns_t when)
{
	struct span *last = &s->span[s->hint];

	if (s->count && last->first <= when) {
		if (when <= last->last)
			return;
		if (s->hint + 1 == s->count && near(last->last, when)) { /* time goes on */
			last->last = when;
			return;
		}
	}
	add_span(s, (struct span){when, when});
}

void spans_merge(struct spans *s, const struct spans *others)
{
	for (size_t i = 0; i < others->count; i++)
		add_span(s, others->span[i]);
	s->forgotten += others->forgotten;
}

ns_t spans_first(const struct spans *s)
{
	return s->count ? s->span[0].first : 0;
}

ns_t spans_last(const struct spans *s)
{
	return s->count ? s->span[s->count - 1].last : 0;
}

int64_t spans_watched_ms(const struct spans *s)
{
	int64_t sum = 0;

	for (size_t i = 0; i < s->count; i++)
		sum += length_ms(&s->span[i]);
	return sum;
}

int64_t spans_place_ms(const struct spans *s, int64_t ms)
{
	int64_t before = 0;

	for (size_t i = 0; i < s->count; i++) {
		int64_t first = ns_to_ms(s->span[i].first), last = ns_to_ms(s->span[i].last);

		if (ms < first)
			return before;
		if (ms <= last)
			return before + ms - first;
		before += last - first + 1;
	}
	return before ? before - 1 : 0;
}
