/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proof_words.h - the sentences about a proof that all pens share.
 */
#pragma once

#include "report/proof.h"

enum { SENTENCE_SIZE = 640, PROOF_LIMITS = 8 };

/* "a bare address of its own", ...: what an implant of this kind calls. */
const char *kind_words(enum injection_kind kind);

/* What is certified about an edge, or that nothing is; returns `out`. */
const char *edge_sentence(const struct proof *proof, const struct proof_edge *edge,
			  char out[static SENTENCE_SIZE]);

/* The slowest period certified, "-" if none; returns `out`. */
const char *edge_period(const struct proof_edge *edge, char out[static DURATION_TEXT_SIZE]);

/* How the implants fared that were sent as packets; returns `out`. */
const char *packets_sentence(const struct witness *witness, char out[static SENTENCE_SIZE]);

/* "5 min", "1 h", "49.9 min": a period in the unit that suits it; returns `out`. */
const char *period_text(double seconds, char out[static DURATION_TEXT_SIZE]);

/*
 * Sentence `number`, from 0, about what the proof does not speak of; NULL beyond
 * the last.
 */
const char *limit_sentence(const struct proof_report *report, size_t number,
			   char out[static SENTENCE_SIZE]);
