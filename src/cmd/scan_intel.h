/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_intel.h - the lists named with --intel, and the catalogue.
 */
#pragma once

#include "intel/catalogue.h"
#include "intel/intel_load.h"

enum { SCAN_INTEL_MAX = 256 };

struct scan_intel {
	const char *paths[SCAN_INTEL_MAX];
	size_t count;
};

/* Option --intel: 0, or -1 when there are too many. */
int scan_intel_take(struct scan_intel *lists, const char *path);

/*
 * The catalogue of ordinary services that is built in, and on top of it that of
 * `path` if there is one; NULL after a sentence on standard error.
 */
struct catalogue *scan_catalogue_load(const char *path);

/*
 * Read them, saying on standard error (unless `hushed`) what cannot be read, and unless
 * `quiet` what was left out.  A list that cannot be read is gone without, and counted
 * among the stats.  NULL: no memory.
 */
struct intel *scan_intel_load(const struct scan_intel *lists, const struct home *home,
			      size_t budget, bool quiet, bool hushed);
