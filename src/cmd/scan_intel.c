/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/scan_intel.h"

#include <stdio.h>

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
			      size_t budget, bool quiet)
{
	struct intel *intel = intel_new(home, budget);
	struct intel_reader reader = {.intel = intel, .trouble = quiet ? NULL : say};
	struct complaint why = {""};

	if (!intel) {
		fprintf(stderr, "watertight: not enough memory for the lists\n");
		return NULL;
	}
	for (size_t i = 0; i < lists->count; i++) {
		if (!intel_load(&reader, lists->paths[i], &why))
			continue;
		fprintf(stderr, "watertight: %s\n", why.text);
		intel_free(intel);
		return NULL;
	}
	if (intel_stats(intel).forgotten && !quiet)
		fprintf(stderr,
			"watertight: warning: %llu entries of the lists did not fit into memory\n",
			(unsigned long long)intel_stats(intel).forgotten);
	return intel;
}
