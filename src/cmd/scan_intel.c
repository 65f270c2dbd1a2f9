/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/scan_intel.h"

#include <errno.h>
#include <stdio.h>

enum { JSON_LEAST = 16 << 20 };

int scan_intel_take(struct scan_intel *lists, const char *path)
{
	if (lists->count == SCAN_INTEL_MAX || !*path)
		return -1;
	lists->paths[lists->count++] = path;
	return 0;
}

static void say(void *arg, const char *sentence)
{
	(void)arg;
	fprintf(stderr, "watertight: warning: %s\n", sentence);
}

struct intel *scan_intel_load(const struct scan_intel *lists, const struct home *home,
			      size_t budget, bool quiet, bool hushed)
{
	struct intel *intel = intel_new(home, budget);
	struct intel_reader reader = {.intel = intel, .trouble = quiet ? NULL : say};
	struct complaint why = {""};

	/* read, it takes ten times its size */
	reader.json_most = budget / 8 > JSON_LEAST ? budget / 8 : JSON_LEAST;
	if (!intel) {
		fprintf(stderr, "watertight: not enough memory for the lists\n");
		return NULL;
	}
	for (size_t i = 0; i < lists->count; i++) {
		if (!intel_load(&reader, lists->paths[i], &why))
			continue;
		if (!hushed)
			fprintf(stderr, "watertight: %s; going on without it\n", why.text);
	}
	if (intel_stats(intel).forgotten && !quiet)
		fprintf(stderr,
			"watertight: warning: %llu entries of the lists did not fit into memory\n",
			(unsigned long long)intel_stats(intel).forgotten);
	return intel;
}

/* A catalogue is written by hand: what is wrong with it is for its author to put right. */
static bool add_file(struct catalogue *catalogue, const char *path)
{
	enum { MOST = 16 << 20 };
	FILE *in = fopen(path, "rb");
	struct complaint why = {""};
	char *text = malloc(MOST);
	size_t len = 0;
	bool ok = false;

	if (!in || !text) {
		fprintf(stderr, "watertight: %s: %s\n", path, strerror(errno));
	} else {
		len = fread(text, 1, MOST, in);
		if (ferror(in) || len == MOST)
			complain(&why, "%s: %s", path,
				 len == MOST ? "it is too large for a catalogue" : strerror(errno));
		else
			ok = !catalogue_add(catalogue, path, text, len, &why);
		if (!ok)
			fprintf(stderr, "watertight: %s\n", why.text);
	}
	if (in)
		(void)fclose(in);
	free(text);
	return ok;
}

struct catalogue *scan_catalogue_load(const char *path)
{
	struct catalogue *catalogue = catalogue_new();
	struct complaint why = {""};

	if (!catalogue || catalogue_add(catalogue, "the catalogue built in", catalogue_built_in,
					strlen(catalogue_built_in), &why)) {
		fprintf(stderr, "watertight: %s\n",
			catalogue ? why.text : "not enough memory for the catalogue");
	} else if (!path || add_file(catalogue, path)) {
		return catalogue;
	}
	catalogue_free(catalogue);
	return NULL;
}
