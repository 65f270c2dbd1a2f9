/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { HELP_COLUMN = 26 };

static void print_options(const struct option_spec *options)
{
	for (const struct option_spec *o = options; o && o->name; o++) {
		char left[64], letter[8] = "    ";

		if (o->letter)
			snprintf(letter, sizeof(letter), "-%c, ", o->letter);
		snprintf(left, sizeof(left), "%s--%s%s%s", letter, o->name, o->value ? " " : "",
			 o->value ? o->value : "");
		printf("  %-*s  %s\n", HELP_COLUMN, left, o->help);
	}
}

static void print_help(const struct option_usage *u)
{
	printf("usage: watertight %s %s\n\n%s\n\n", u->command, u->synopsis, u->summary);
	print_options(u->options);
	print_options(u->shared);
	printf("  %-*s  %s\n", HELP_COLUMN, "-h, --help", "show this");
	if (u->epilogue)
		printf("\n%s\n", u->epilogue);
}

static int refuse(const struct option_usage *u, const char *what, const char *which)
{
	fprintf(stderr, "watertight %s: %s%s (try --help)\n", u->command, what, which);
	return -EXIT_USAGE;
}

static const struct option_spec *find(const struct option_spec *options, const char *word,
				      size_t len)
{
	for (const struct option_spec *o = options; o && o->name; o++) {
		if (word[1] == '-'
			    ? strlen(o->name) == len - 2 && !strncmp(o->name, word + 2, len - 2)
			    : len == 2 && o->letter == word[1])
			return o;
	}
	return NULL;
}

/* Handle the option at argv[*at]; on success *at stands on the last word used. */
static int take_option(const struct option_usage *u, int argc, char **argv, int *at, void *target)
{
	const char *word = argv[*at], *value = NULL, *equals = NULL;
	const struct option_spec *o;
	size_t len = strlen(word);

	if (word[1] == '-') {
		equals = strchr(word, '=');
		if (equals)
			len = (size_t)(equals - word);
	}
	o = find(u->options, word, len);
	if (!o)
		o = find(u->shared, word, len);
	if (!o)
		return refuse(u, "there is no option ", word);
	if (!o->value && equals)
		return refuse(u, "no value belongs to --", o->name);
	if (o->value) {
		if (equals)
			value = equals + 1;
		else if (*at + 1 < argc)
			value = argv[++*at];
		else
			return refuse(u, "a value is missing after ", word);
	}
	if (o->take(target, value)) {
		fprintf(stderr, "watertight %s: \"%s\" is no good as %s for --%s (try --help)\n",
			u->command, value ? value : "", o->value ? o->value : "value", o->name);
		return -EXIT_USAGE;
	}
	return 0;
}

int options_parse(const struct option_usage *u, int argc, char **argv, void *target,
		  const char **out_rest)
{
	int rest = 0;
	bool options_over = false;

	for (int i = 1; i < argc; i++) {
		int rc;

		if (options_over || argv[i][0] != '-' || !argv[i][1]) {
			out_rest[rest++] = argv[i];
			continue;
		}
		if (!strcmp(argv[i], "--")) {
			options_over = true;
			continue;
		}
		if (!strcmp(argv[i], "-h") || !strcmp(argv[i], "--help")) {
			print_help(u);
			return OPTIONS_HELPED;
		}
		rc = take_option(u, argc, argv, &i, target);
		if (rc)
			return rc;
	}
	return rest;
}

int option_double(const char *text, double low, double high, double *out)
{
	char *end;
	double value;

	errno = 0;
	value = strtod(text, &end);
	if (end == text || *end || errno || !(value >= low && value <= high))
		return -1;
	*out = value;
	return 0;
}

int option_size(const char *text, size_t low, size_t high, size_t *out)
{
	static const char units[] = "kMGT";
	char *end;
	unsigned long long value;
	const char *unit;

	if (*text < '0' || *text > '9')
		return -1;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno)
		return -1;
	if (*end) {
		unit = strchr(units, *end == 'K' ? 'k' : *end);
		if (!unit || end[1])
			return -1;
		for (const char *u = units; u <= unit; u++) {
			if (value > SIZE_MAX / 1024)
				return -1;
			value *= 1024;
		}
	}
	if (value < low || value > high)
		return -1;
	*out = (size_t)value;
	return 0;
}
