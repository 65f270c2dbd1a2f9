/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words.h - the phrases that more than one pen uses.
 */
#pragma once

#include "verdict/finding.h"

enum { WORDS_SIZE = 320, TIME_TEXT_SIZE = 40 };

/* "2021-01-06 16:42:10" in UTC; returns `out`. */
const char *time_text(int64_t ms, char out[static TIME_TEXT_SIZE]);

/* The name if there is one, else the address; port and protocol added. */
const char *destination_text(const struct finding *finding, char out[static WORDS_SIZE]);

/* What speaks for it, in the signs of the heaviest evidence; returns `out`. */
const char *reasons_text(const struct finding *finding, char out[static WORDS_SIZE]);

/* "tcp", "udp", ... or the number; returns `out`. */
const char *proto_text(uint8_t proto, char out[static 8]);
