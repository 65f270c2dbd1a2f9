/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake.h - from the files that were named to a verdict: what scan, explain
 * and prove have in common.
 *
 *	intake_read() --> intake_judge() --> ... --> intake_fini()
 */
#pragma once

#include "cmd/options.h"
#include "cmd/progress.h"
#include "cmd/scan_intel.h"
#include "input/input.h"
#include "lane/lanes.h"
#include "verdict/verdict.h"

#include <stdio.h>

enum { EXIT_BROKEN = 3 };

/* The first member of a command's own options. */
struct intake_options {
	struct home home;
	bool home_given;
	struct verdict_config verdict;
	struct scan_intel intel;
	const char *catalogue; /* a file on top of what is built in; NULL: none */
	size_t memory;
	const char *output; /* NULL: standard output */
	bool quiet;
	bool hushed; /* what is wrong with the input has been told already */
};

struct intake_options intake_options_default(void);
extern const struct option_spec intake_option_list[]; /* --home, --memory, ... */

struct intake {
	const struct intake_options *options;
	struct input_plan plan;
	struct intel *intel; /* NULL: no lists */
	struct catalogue *catalogue;
	struct lanes *lanes;
	struct progress progress;
	struct coverage coverage;
	uint64_t bytes_before, bytes_total; /* for progress: files done, all files */
	size_t files, broken;
};

/*
 * Read all that the paths name.  What is wrong with a file is told on stderr and
 * counted in `broken`; a status other than 0 means that there is nothing to go
 * on with, which has been told, too.
 */
int intake_read(struct intake *out_intake, const struct intake_options *options,
		const char *const *paths, size_t count);

/* Judge it; 0, or EXIT_BROKEN after a sentence on stderr.  The verdict borrows the intake. */
int intake_judge(struct intake *intake, struct verdict *out_verdict);

/* Nothing at all was read, and why has been told. */
bool intake_is_empty(const struct intake *intake);

/* Sentences for people who may have meant something else. */
void intake_warn(const struct intake *intake);

/* Why finding nothing would prove nothing; NULL when it does. */
const char *intake_inconclusive(const struct coverage *coverage, const struct verdict *verdict);

void intake_fini(struct intake *intake);

/*
 * Close what was written to: 0, or EXIT_BROKEN after a sentence on stderr.
 * intake_output() opens --output or is standard output; NULL after a sentence.
 */
FILE *intake_output(const struct intake_options *options);
int intake_close(const struct intake_options *options, FILE *out);
