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
	print_options(u->common);
	printf("  %-*s  %s\n", HELP_COLUMN, "-h, --help", "show this");
	if (u->epilogue)
		printf("\n%s\n", u->epilogue);
}

static int refuse(const struct option_usage *u, const char *what, const char *which)
{
	fprintf(stderr, "watertight %s: %s%s (try --help)\n", u->command, what, which);
	return -EXIT_USAGE;
}

static const struct option_spec *find_name(const struct option_spec *options, const char *name,
					   size_t len)
{
	for (const struct option_spec *o = options; o && o->name; o++)
		if (strlen(o->name) == len && !strncmp(o->name, name, len))
			return o;
	return NULL;
}

static const struct option_spec *find_letter(const struct option_spec *options, char letter)
{
	for (const struct option_spec *o = options; o && o->name; o++)
		if (o->letter == letter)
			return o;
	return NULL;
}

static int take(const struct option_usage *u, const struct option_spec *o, const char *value,
		void *target)
{
	if (!o->take(target, value))
		return 0;
	fprintf(stderr, "watertight %s: \"%s\" is no good as %s for --%s (try --help)\n",
		u->command, value ? value : "", o->value ? o->value : "value", o->name);
	return -EXIT_USAGE;
}

/* The words not yet looked at; words[0] is the one in hand. */
struct words {
	char **words;
	int count;
};

static const char *next_word(struct words *w)
{
	if (w->count < 2)
		return NULL;
	w->words++;
	w->count--;
	return w->words[0];
}

/* --name, --name=VALUE, --name VALUE */
static int take_long(const struct option_usage *u, struct words *w, void *target)
{
	const char *word = w->words[0], *equals = strchr(word, '='), *value = NULL;
	size_t len = equals ? (size_t)(equals - word) - 2 : strlen(word) - 2;
	const struct option_spec *o = find_name(u->options, word + 2, len);

	if (!o)
		o = find_name(u->shared, word + 2, len);
	if (!o)
		o = find_name(u->common, word + 2, len);
	if (!o)
		return refuse(u, "there is no option ", word);
	if (!o->value && equals)
		return refuse(u, "no value belongs to --", o->name);
	if (o->value) {
		value = equals ? equals + 1 : next_word(w);
		if (!value)
			return refuse(u, "a value is missing after ", word);
	}
	return take(u, o, value, target);
}

/* -x, -xyz, -xVALUE, -x VALUE */
static int take_letters(const struct option_usage *u, struct words *w, void *target)
{
	const char *word = w->words[0];

	for (const char *letter = word + 1; *letter; letter++) {
		const struct option_spec *o = find_letter(u->options, *letter);
		const char *value;

		if (!o)
			o = find_letter(u->shared, *letter);
		if (!o)
			o = find_letter(u->common, *letter);
		if (!o)
			return refuse(u, "there is no such option in ", word);
		if (o->value) {
			value = letter[1] ? letter + 1 : next_word(w);
			if (!value)
				return refuse(u, "a value is missing after ", word);
			return take(u, o, value, target);
		}
		if (take(u, o, NULL, target))
			return -EXIT_USAGE;
	}
	return 0;
}

int options_parse(const struct option_usage *u, int argc, char **argv, void *target,
		  const char **out_rest)
{
	struct words w = {.words = argv + 1, .count = argc - 1};
	bool options_over = false;
	int rest = 0, rc;

	for (; w.count > 0; w.words++, w.count--) {
		const char *word = w.words[0];

		if (options_over || word[0] != '-' || !word[1]) {
			out_rest[rest++] = word;
			continue;
		}
		if (!strcmp(word, "--")) {
			options_over = true;
			continue;
		}
		if (!strcmp(word, "-h") || !strcmp(word, "--help")) {
			print_help(u);
			return OPTIONS_HELPED;
		}
		rc = word[1] == '-' ? take_long(u, &w, target) : take_letters(u, &w, target);
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
