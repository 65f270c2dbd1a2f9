/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slopes - does the cost of hostile input grow in proportion to it?
 *
 *	make limits
 *	build/release/limits/slopes [ROOM]
 *
 * Each room is fed n = 10^3 .. 10^6 items (or as many as a message can hold) in
 * the worst order that we could think of.  Taken is the CPU time of the process,
 * the best of three; where the kernel lets us count them also the instructions
 * in user space, which know no noise.  The slope is that of a straight line through
 * the logarithms of the upper three sizes.
 *
 * What must hold: at most 1.1, in one of three tries.  Tables are filled before
 * anything is measured, because one that outgrows the caches takes longer for
 * each item though it does no more.  Where instructions can be counted their
 * slope decides, and that of the time is shown beside it.
 */
#include "limits/rooms.h"

#include <linux/perf_event.h>
#include <math.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { SIZES = 4, ROUNDS = 3 };

static const double SLOPE_MOST = 1.1;

static struct {
	int counter; /* of instructions; -1: the kernel does not let us */
	double ns, instructions;
} meter = {.counter = -1};

static void open_counter(void)
{
	struct perf_event_attr a = {.size = sizeof(a),
				    .type = PERF_TYPE_HARDWARE,
				    .config = PERF_COUNT_HW_INSTRUCTIONS,
				    .exclude_kernel = 1,
				    .exclude_hv = 1};

	meter.counter = (int)syscall(SYS_perf_event_open, &a, 0, -1, -1, 0);
}

static double cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static double instructions(void)
{
	uint64_t count;

	if (meter.counter < 0 || read(meter.counter, &count, sizeof(count)) != sizeof(count))
		return 0;
	return (double)count;
}

void meter_start(void)
{
	meter.instructions -= instructions();
	meter.ns -= cpu_ns();
}

void meter_stop(void)
{
	meter.ns += cpu_ns();
	meter.instructions += instructions();
}

void meter_share(size_t times)
{
	meter.ns /= (double)times;
	meter.instructions /= (double)times;
}

struct cost {
	double ns, instructions;
};

static struct cost best_of(const struct room *room, size_t n)
{
	struct cost best = {1e300, 1e300};

	for (int i = 0; i < ROUNDS; i++) {
		meter.ns = meter.instructions = 0;
		room->run(n);
		best.ns = fmin(best.ns, meter.ns);
		best.instructions = fmin(best.instructions, meter.instructions);
	}
	return best;
}

/* Least squares through `count` points. */
static double slope(const double *x, const double *y, int count)
{
	double mx = 0, my = 0, xy = 0, xx = 0;

	for (int i = 0; i < count; i++) {
		mx += log(x[i]) / count;
		my += log(y[i]) / count;
	}
	for (int i = 0; i < count; i++) {
		xy += (log(x[i]) - mx) * (log(y[i]) - my);
		xx += (log(x[i]) - mx) * (log(x[i]) - mx);
	}
	return xy / xx;
}

/* True if it holds. */
static bool measure_once(const struct room *room, bool last_try)
{
	double n[SIZES], ns[SIZES], count[SIZES], by_time, by_count = NAN;
	bool holds;

	for (int i = 0; i < SIZES; i++) {
		n[i] = floor((double)room->most / pow(10, SIZES - 1 - i) + 0.5);
		if (room->most < 100000) /* a message: fourths of it */
			n[i] = (double)(room->most >> 2 * (SIZES - 1 - i));
		struct cost c = best_of(room, (size_t)n[i]);

		ns[i] = c.ns;
		count[i] = c.instructions;
	}
	by_time = slope(n + 1, ns + 1, SIZES - 1);
	if (meter.counter >= 0)
		by_count = slope(n + 1, count + 1, SIZES - 1);
	holds = (meter.counter >= 0 ? by_count : by_time) <= SLOPE_MOST;
	if (!holds && !last_try)
		return false;
	printf("%-12s %-44s %8.0f %8.1f %8.1f %6.2f %6.2f%s\n", room->name, room->input,
	       n[SIZES - 1], ns[SIZES - 1] / n[SIZES - 1], ns[1] / n[1], by_time, by_count,
	       holds ? "" : "  TOO STEEP");
	fflush(stdout);
	return holds;
}

/* Whoever shares the machine also shares its caches; what is steep is steep each time. */
static bool measure(const struct room *room)
{
	return measure_once(room, false) || measure_once(room, false) || measure_once(room, true);
}

int main(int argc, char **argv)
{
	const struct room *const lists[] = {rooms_of_tables, rooms_of_messages, rooms_of_files};
	int bad = 0;

	open_counter();
	printf("%-12s %-44s %8s %8s %8s %6s %6s\n", "", "", "", "ns an", "ns, few", "slope",
	       "slope");
	printf("%-12s %-44s %8s %8s %8s %6s %6s\n", "room", "input", "items", "item", "items", "ns",
	       "instr");
	for (size_t l = 0; l < ARRAY_LEN(lists); l++)
		for (const struct room *r = lists[l]; r->name; r++)
			if (argc < 2 || strstr(r->name, argv[1]))
				bad += !measure(r);
	if (bad)
		printf("%d are steeper than %.1f\n", bad, SLOPE_MOST);
	return bad != 0;
}
