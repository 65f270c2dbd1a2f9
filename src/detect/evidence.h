/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evidence.h - one reason, for or against, that a person can check.
 *
 * Its weight is a likelihood ratio in decibans (10 log10): ten to one is
 * 10 dB, and weights add.
 */
#pragma once

#include "base/base.h"

enum { EVIDENCE_FACTS_MAX = 8, EVIDENCE_TEXT_SIZE = 224 };

struct fact {
	const char *name; /* snake_case with its unit: "period_s" */
	double value;
};

struct evidence {
	const char *name;   /* of the detector */
	const char *kin;    /* related evidence shares this word and is averaged */
	const char *sign;   /* the reason in two or three words */
	const char *attack; /* MITRE ATT&CK technique, "" if none fits */
	bool alone;	    /* case enough without other kinds */
	double weight_db;
	char text[EVIDENCE_TEXT_SIZE];
	struct fact facts[EVIDENCE_FACTS_MAX];
	size_t fact_count;
};

void evidence_say(struct evidence *evidence, const char *format, ...) PRINTF_LIKE(2, 3);
void evidence_fact(struct evidence *evidence, const char *name, double value);

/* "9.49 s", "15.8 min", "2.10 h", "3.10 d": a length of time in three digits; returns `out`. */
enum { DURATION_TEXT_SIZE = 24 };
const char *duration_text(double seconds, char out[static DURATION_TEXT_SIZE]);

/* "812 B", "3.4 kB", "1.2 MB" (powers of ten); returns `out`. */
enum { BYTES_TEXT_SIZE = 24 };
const char *bytes_text(double bytes, char out[static BYTES_TEXT_SIZE]);
