/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report.h - one model, several pens.
 *
 * A report is what a verdict says and what it rests on.  Pens only print: no
 * pen computes anything that another would have to compute again.  The same
 * report gives the same bytes, in UTC, whatever the locale.
 */
#pragma once

#include "flow/home.h"
#include "lane/coverage.h"
#include "verdict/verdict.h"

#include <stdio.h>

struct report {
	const struct verdict *verdict;
	const struct coverage *coverage;
	const struct home *home;
	const struct intel *intel;	   /* NULL: no lists */
	const struct catalogue *catalogue; /* NULL: none */
	size_t files, files_broken, files_skipped;
	const char *inconclusive; /* why "nothing found" would be worth nothing; NULL: it is not */
};

/* Exit status as in the README: 1 findings, 3 broken input, 4 inconclusive, 0 clean. */
int report_exit_status(const struct report *report);

/* How many findings are of medium severity or more. */
size_t report_cases(const struct report *report);

struct report_style {
	bool color;
	bool all;      /* list findings below medium, too */
	bool verbose;  /* a paragraph for each finding shown */
	uint32_t only; /* rank of the one finding to show; 0: no such limit */
	size_t top;    /* most rows in the table; 0: no limit */
};

/* Is this finding one of those that were asked for? */
bool report_shows(const struct report_style *style, const struct finding *finding);

void report_text(FILE *out, const struct report *report, const struct report_style *style);

/*
 * One JSON object a line, shaped like Suricata's EVE: an alert for each finding
 * that the style shows (whatever `top` says), then stats.
 */
void report_json(FILE *out, const struct report *report, const struct report_style *style);
