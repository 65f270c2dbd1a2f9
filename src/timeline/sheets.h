/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sheets.h - a bounded table of fact sheets, found by key.
 *
 * A sheet is a struct that begins with its key, `key_size` bytes without a hole, and
 * holds at `weight_at` a uint32_t that grows as it is used.  When the table is full, of
 * the next few sheets the one that weighs least is given away, and counted: a
 * flood of keys seen once pushes out itself.  Which, depends on what was seen only.
 *
 * Memory.  One budget, taken at start, used as sheets are made.
 * Threads.  A table belongs to one thread while it grows; reading is free.
 */
#pragma once

#include "base/base.h"

struct sheets; /* opaque */

struct sheets *sheets_new(size_t budget, size_t sheet_size, size_t key_size,
			  size_t weight_at) MUST_USE; /* NULL: no memory */
void sheets_free(struct sheets *sheets);	      /* NULL is fine */

/* The sheet with this key, zeroed but for the key if it is new; good until the next call. */
void *sheets_get(struct sheets *sheets, const void *key);
const void *sheets_find(const struct sheets *sheets, const void *key); /* NULL: none */

/* Sheets are numbered from 0 below the count, in the order in which they were made or given away.
 */
size_t sheets_count(const struct sheets *sheets);
void *sheets_at(const struct sheets *sheets, size_t number);
uint64_t sheets_evicted(const struct sheets *sheets);
