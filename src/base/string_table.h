/* SPDX-License-Identifier: Apache-2.0 */
/*
 * string_table.h - each distinct string once, under a small number.
 *
 * Names (SNI, Host, DNS) repeat endlessly and are chosen by strangers, so they
 * are kept once and referred to by number everywhere else.
 *
 * Memory.  At most `budget` bytes; when that is spent new strings get 0, which
 * means "no string", and are counted in `refused`.  Nothing is ever removed.
 * Threads.  A table belongs to one thread while it grows.
 */
#pragma once

#include "base/base.h"

struct string_table; /* opaque */

struct string_table *string_table_new(size_t budget) MUST_USE; /* NULL: no memory */
void string_table_free(struct string_table *table);	       /* NULL is fine */

/* The number of this string, adding it if new; 0 if empty or the budget is spent. */
uint32_t string_table_add(struct string_table *table, const char *bytes, size_t len);

/* Its number if it has been added, else 0. */
uint32_t string_table_find(const struct string_table *table, const char *bytes, size_t len);

/* Borrowed until the table is freed, terminated; "" for 0. */
const char *string_table_get(const struct string_table *table, uint32_t number);

/* Taken of the budget so far. */
size_t string_table_bytes(const struct string_table *table);
uint64_t string_table_refused(const struct string_table *table);
size_t string_table_count(const struct string_table *table); /* numbers run from 1 to this */
