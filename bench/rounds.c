/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rounds - time commands side by side.
 *
 *	rounds N "name=command" "name=command" ...
 *
 * Runs every command in turn, N rounds after one warm-up round (A B C A B C
 * ...), so that a machine that drifts hits all alike.  Prints the medians of
 * CPU time (user and system, as the kernel accounts for the finished child)
 * and of wall time, the peak memory, and the ratio of CPU time to the first.
 */
#include "base/base.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS_MAX = 100, COMMANDS_MAX = 16 };

struct sample {
	double cpu_s, wall_s;
	long peak_kib;
	int status;
};

struct command {
	const char *name, *line;
	struct sample samples[ROUNDS_MAX];
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static struct sample run(const char *line)
{
	double start = now();
	struct rusage used;
	struct sample s;
	pid_t child = fork();

	CHECK(child >= 0);
	if (child == 0) {
		int nowhere = open("/dev/null", O_RDWR);

		dup2(nowhere, STDIN_FILENO);
		dup2(nowhere, STDOUT_FILENO);
		dup2(nowhere, STDERR_FILENO);
		execl("/bin/sh", "sh", "-c", line, (char *)NULL);
		_exit(127);
	}
	CHECK(wait4(child, &s.status, 0, &used) == child);
	s.wall_s = now() - start;
	s.cpu_s = seconds(used.ru_utime) + seconds(used.ru_stime);
	s.peak_kib = used.ru_maxrss;
	return s;
}

static int by_cpu(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;

	return (x->cpu_s > y->cpu_s) - (x->cpu_s < y->cpu_s);
}

static void print(const struct command *c, int rounds, double first_cpu_s)
{
	const struct sample *median = &c->samples[rounds / 2];

	printf("%-24s %8.3f %8.3f..%-8.3f %8.3f %9.1f %8.2f   %d\n", c->name, median->cpu_s,
	       c->samples[0].cpu_s, c->samples[rounds - 1].cpu_s, median->wall_s,
	       (double)median->peak_kib / 1024, median->cpu_s / first_cpu_s,
	       WIFEXITED(median->status) ? WEXITSTATUS(median->status) : -1);
}

int main(int argc, char **argv)
{
	static struct command commands[COMMANDS_MAX];
	int count = argc - 2, rounds = argc > 2 ? (int)strtol(argv[1], NULL, 10) : 0;

	if (rounds < 1 || rounds > ROUNDS_MAX || count < 1 || count > COMMANDS_MAX)
		return 2;
	for (int i = 0; i < count; i++) {
		char *equals = strchr(argv[i + 2], '=');

		CHECK(equals);
		*equals = '\0';
		commands[i] = (struct command){.name = argv[i + 2], .line = equals + 1};
	}
	for (int r = -1; r < rounds; r++) {
		for (int i = 0; i < count; i++) {
			struct sample s = run(commands[i].line);

			if (r >= 0)
				commands[i].samples[r] = s;
		}
	}
	for (int i = 0; i < count; i++)
		qsort(commands[i].samples, (size_t)rounds, sizeof(struct sample), by_cpu);
	printf("%-24s %8s %18s %8s %9s %8s   %s\n", "command", "cpu s", "cpu min..max", "wall s",
	       "peak MiB", "ratio", "exit");
	for (int i = 0; i < count; i++)
		print(&commands[i], rounds, commands[0].samples[rounds / 2].cpu_s);
	return 0;
}
