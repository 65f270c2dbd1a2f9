/* SPDX-License-Identifier: Apache-2.0 */
/*
 * advice.h - what a person does with a finding.
 *
 * By its kind, and within a kind by the evidence that made it one.  Pure
 * functions; the sentences are constants.
 */
#pragma once

#include "verdict/finding.h"

/* What to do next: a sentence without a stop. */
const char *next_step(const struct finding *finding);

/* What would change our mind, so why it may be harmless after all: likewise. */
const char *mind_changer(const struct finding *finding);
