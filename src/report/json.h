/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.h - write JSON (RFC 8259), one object a line, from hostile strings too.
 *
 * The writer keeps the commas; every string is escaped and bytes that are not
 * UTF-8 come out as U+FFFD, so each line parses strictly.  Numbers that JSON
 * cannot hold (infinite, not a number) come out as null.
 */
#pragma once

#include "base/base.h"

#include <stdio.h>

struct json {
	FILE *out;
	bool comma; /* a value has been written at this level */
};

void json_open(struct json *j, const char *key, char bracket); /* '{' or '['; key NULL in a list */
void json_close(struct json *j, char bracket);		       /* '}' or ']' */
void json_string(struct json *j, const char *key, const char *value);
void json_count(struct json *j, const char *key, uint64_t value);
void json_number(struct json *j, const char *key, double value, int decimals);
void json_bool(struct json *j, const char *key, bool value);
