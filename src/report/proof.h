/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proof.h - what would have been found, in print: as text, JSON or a picture.
 *
 * As in report.h: pens only print, the same proof gives the same bytes.
 */
#pragma once

#include "lane/coverage.h"
#include "prove/witness.h"

#include <stdio.h>

struct proof_report {
	const struct proof *proof;
	const struct coverage *coverage;
	const struct verdict *verdict;
	const struct witness *witness;	  /* implants sent as packets, too; NULL: none were */
	const char *const *implant_texts; /* as they were asked for */
	size_t files, files_broken;
};

void proof_text(FILE *out, const struct proof_report *report);

/* One JSON object a line: a cell, an edge or an implant each, then the whole. */
void proof_json(FILE *out, const struct proof_report *report);

/* A self-contained SVG 1.1 document. */
void proof_svg(FILE *out, const struct proof_report *report);
