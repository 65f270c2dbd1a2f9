/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options.h - command lines as tables.
 *
 * A command lists its options once; parsing, --help and the errors follow from
 * the table.  "--name VALUE", "--name=VALUE", "-x VALUE", "-xVALUE", flags bundled as "-qa";
 * "--" ends options.
 */
#pragma once

#include "base/base.h"

struct option_spec {
	char letter;	   /* 0: none */
	const char *name;  /* without dashes */
	const char *value; /* what the value is called in the help; NULL: takes none */
	const char *help;
	/* Returns 0, or -1 when the value is no good.  `value` is NULL for a flag. */
	int (*take)(void *target, const char *value);
};

struct option_usage {
	const char *command, *synopsis, *summary;
	const struct option_spec *options; /* ends with a NULL name */
	const struct option_spec *shared;  /* more, shared with another command; or NULL */
	const struct option_spec *common;  /* and more, of all that read traffic; or NULL */
	const char *epilogue;		   /* after the options, or NULL */
};

enum { EXIT_USAGE = 2 };

/*
 * Walks argv[1..].  Writes the positional arguments to `out_rest` (room for
 * argc) and returns their number.  On bad usage prints one sentence to stderr
 * and returns -EXIT_USAGE; after printing --help returns -1000.
 */
enum { OPTIONS_HELPED = -1000 };
int options_parse(const struct option_usage *usage, int argc, char **argv, void *target,
		  const char **out_rest) MUST_USE;

/* Numbers for take(): 0, or -1 if `text` is no number in the range. */
int option_double(const char *text, double low, double high, double *out);
int option_size(const char *text, size_t low, size_t high, size_t *out); /* 512M, 2G, 64k */
