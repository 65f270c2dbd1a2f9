/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zeek_json.h - Zeek rows as JSON, one object a line, looked through for the
 * few keys that we want.
 *
 * This is a scanner, not a parser: it steps over values that nobody asked for
 * without judging them, but an object that does not close, or a key without
 * a value, is refused.  Linear in the line; nesting costs nothing.
 */
#pragma once

#include "input/zeek_row.h"

/* Find the wanted keys of the object.  False if it is none. */
bool zeek_json_split(struct text line, struct zeek_row *out);

/* Is `key` a key of the object (at its top level)? */
bool zeek_json_has(struct text line, const char *key);

/* Take the next string out of a JSON array's text; false if there is none left. */
bool zeek_json_next_string(struct text *array, struct text *out);

/*
 * Undo escapes into at most `size` bytes and return how many were written.
 * Control characters become \xNN, so that a name never carries one.
 */
size_t zeek_json_unescape(struct text text, char *out, size_t size);
