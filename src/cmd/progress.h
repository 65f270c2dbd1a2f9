/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress.h - one line on the terminal while people wait.
 *
 * Written to stderr only when that is a terminal, at most ten times a second,
 * and wiped before anything else is printed.
 */
#pragma once

#include "base/base.h"

struct progress {
	bool active;
	ns_t started, drawn;
};

struct progress progress_start(bool wanted);
void progress_draw(struct progress *progress, const char *what, uint64_t done, uint64_t of);
void progress_wipe(struct progress *progress);
