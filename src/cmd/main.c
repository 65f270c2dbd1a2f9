/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/cmd.h"
#include "cmd/options.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{"scan", cmd_scan, "rank the outbound conversations that look like call-homes"},
	{"explain", cmd_explain, "spell out the reasons behind a case"},
	{"prove", cmd_prove, "say what would have been found, had it been there"},
	{"simulate", cmd_simulate, "write the traffic of a made-up fleet, with implants"},
};

static void usage(FILE *out)
{
	fprintf(out, "usage: watertight COMMAND [OPTIONS] ...\n\n");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].help);
	fprintf(out, "\n`watertight COMMAND --help` tells a command's options.\n");
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN); /* a reader that leaves is a write error, and is said */
	if (argc < 2) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "version")) {
		puts("watertight " VERSION);
		return 0;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		usage(stdout);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	fprintf(stderr, "watertight: there is no command \"%s\" (try --help)\n", argv[1]);
	return EXIT_USAGE;
}
