/* SPDX-License-Identifier: Apache-2.0 */
#include "net/runs.h"

#include <string.h>

bool runs_hole(const struct runs *runs, uint32_t start, uint32_t end, struct run *out_hole)
{
	for (unsigned i = 0; i < runs->count && start < end; i++) {
		const struct run *run = &runs->run[i];

		if (run->end <= start)
			continue;
		if (run->start > start) {
			if (run->start < end)
				end = run->start;
			break;
		}
		start = run->end;
	}
	if (start >= end)
		return false;
	*out_hole = (struct run){.start = (uint16_t)start, .end = (uint16_t)end};
	return true;
}

bool runs_full(const struct runs *runs, uint32_t start, uint32_t end)
{
	if (runs->count < RUNS_MAX)
		return false;
	for (unsigned i = 0; i < runs->count; i++)
		if (runs->run[i].start <= end && runs->run[i].end >= start)
			return false;
	return true;
}

/* Two runs that touch become the left one. */
static void join(struct run *left, const struct run *right)
{
	if (left->have == left->end)
		left->have = right->have;
	left->end = right->end;
}

static void take_out(struct runs *runs, unsigned i)
{
	runs->count--;
	memmove(&runs->run[i], &runs->run[i + 1], (runs->count - i) * sizeof(struct run));
}

void runs_fill(struct runs *runs, uint32_t start, uint32_t end, uint32_t have)
{
	struct run new = {(uint16_t)start, (uint16_t)end, (uint16_t)have};
	unsigned i = 0;

	while (i < runs->count && runs->run[i].end <= start)
		i++;
	CHECK(start < end && (i == runs->count || runs->run[i].start >= end));
	if (i < runs->count && runs->run[i].start == end) {
		join(&new, &runs->run[i]);
		take_out(runs, i);
	}
	if (i > 0 && runs->run[i - 1].end == start) {
		join(&runs->run[i - 1], &new);
		return;
	}
	CHECK(runs->count < RUNS_MAX);
	memmove(&runs->run[i + 1], &runs->run[i], (runs->count - i) * sizeof(struct run));
	runs->run[i] = new;
	runs->count++;
}

uint32_t runs_known(const struct runs *runs, uint32_t start)
{
	for (unsigned i = 0; i < runs->count; i++)
		if (runs->run[i].start <= start && start < runs->run[i].have)
			return runs->run[i].have;
	return start;
}

uint32_t runs_covered(const struct runs *runs)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < runs->count; i++)
		sum += (uint32_t)(runs->run[i].end - runs->run[i].start);
	return sum;
}

uint32_t runs_end(const struct runs *runs)
{
	return runs->count ? runs->run[runs->count - 1].end : 0;
}
