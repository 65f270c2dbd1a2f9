/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.h - numbers, times and addresses as logs write them, read fast.
 *
 * A log row has twenty fields; strtod() alone would cost more than the whole
 * row may.  Each function reads all of `text` or fails and leaves its output
 * alone; none looks outside it, none allocates.
 */
#pragma once

#include "net/address.h"

/* Borrowed characters, not terminated. */
struct text {
	const char *at; /* NULL: there is none */
	size_t len;
};

bool text_is(struct text text, const char *word);

/*
 * Up to eight characters as one number, so that a handful of known words are
 * told apart by comparing numbers; 0 if there are none or more.
 */
static inline uint64_t text_word(struct text text)
{
	uint64_t word = 0;

	if (text.len > sizeof(word))
		return 0;
	for (size_t i = 0; i < text.len; i++)
		word = word << 8 | (unsigned char)text.at[i];
	return word;
}

/* The same of a string constant; computed by the compiler. */
#define WORD(constant) text_word((struct text){"" constant, sizeof(constant) - 1})

/* An unsigned decimal number; "12.0" too, as some JSON writers make it. */
bool text_count(struct text text, uint64_t *out);
bool text_port(struct text text, uint16_t *out);

/*
 * Seconds as decimal fraction with or without an exponent, to nanoseconds;
 * digits beyond the ninth are dropped.  Negative values are none.
 */
bool text_seconds(struct text text, ns_t *out);

/*
 * A moment: seconds since 1970, or milliseconds if the number is too large
 * for that (from 10^11 on), or ISO 8601 as in 2020-04-30T00:06:39.82437Z,
 * with Z, an offset such as +02:00, or nothing, which means UTC.
 */
bool text_time(struct text text, ns_t *out);

/* Like address_parse(), but quick to see a dotted quad. */
bool text_address(struct text text, struct address *out);

/* The part before the first `separator`; `*rest` is what follows, or NULL. */
struct text text_split(struct text text, char separator, struct text *rest);
