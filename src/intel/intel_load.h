/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intel_load.h - read lists of indicators as their makers publish them.
 *
 * Told apart by what they hold, not by their names:
 * - one indicator a line, anything after it is its comment; "#", ";", "!" or "//"
 *   at the start of a line make it a comment; hosts files ("0.0.0.0 name") too
 * - CSV with a header, plain or behind "#", as abuse.ch and Maltrail publish
 * - STIX 2.1 bundles (OASIS Standard, 10 June 2021): indicators whose pattern
 *   compares addresses, names, URLs or certificate hashes
 * - MISP events (MISP core format), alone, in "response" or in a list
 *
 * What cannot be read is counted and told in one sentence for each file, with
 * where the first of them is; the rest of the file is taken.
 *
 * Memory: the file, at most 512 MiB of it, while it is read; for JSON about ten times
 * its size.  Time: linear.
 */
#pragma once

#include "intel/intel.h"

struct intel_reader {
	struct intel *intel;
	/* A sentence about entries that were not taken; not an error.  May be NULL. */
	void (*trouble)(void *arg, const char *sentence);
	void *arg;
	size_t json_most; /* bytes of a list in JSON; 0: as of any list */
};

/*
 * A file, or every regular file in a directory and below it in the order of their
 * names.  0, or a negative errno and a sentence when something cannot be read at
 * all; what can be is.
 */
int intel_load(const struct intel_reader *reader, const char *path, struct complaint *why) MUST_USE;

/* The same from memory; `name` is what it is called in sentences. */
int intel_load_text(const struct intel_reader *reader, const char *name, const char *text,
		    size_t len, struct complaint *why) MUST_USE;
