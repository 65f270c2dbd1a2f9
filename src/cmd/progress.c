/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { BAR = 30 };

static ns_t clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (ns_t)t.tv_sec * NS_PER_SEC + t.tv_nsec;
}

struct progress progress_start(bool wanted)
{
	ns_t now = clock_now();

	return (struct progress){
		.active = wanted && isatty(STDERR_FILENO),
		.started = now,
		.drawn = now - NS_PER_SEC,
	};
}

void progress_draw(struct progress *p, const char *what, uint64_t done, uint64_t of)
{
	ns_t now;
	char bar[BAR + 1];
	int full = of ? (int)((double)done / (double)of * BAR) : 0;

	if (!p->active)
		return;
	now = clock_now();
	if (now - p->drawn < 100 * NS_PER_MS)
		return;
	p->drawn = now;
	for (int i = 0; i < BAR; i++)
		bar[i] = i < full ? '=' : ' ';
	bar[BAR] = '\0';
	fprintf(stderr, "\r%-8s [%s] %3.0f %%  %.0f s ", what, bar,
		of ? 100 * (double)done / (double)of : 0,
		(double)(now - p->started) / (double)NS_PER_SEC);
}

void progress_wipe(struct progress *p)
{
	if (p->active)
		fprintf(stderr, "\r%70s\r", "");
}
