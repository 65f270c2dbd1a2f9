/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fingerprint.h - struct fingerprint (see flow.h) under a small number.
 *
 * Clients repeat endlessly, so each distinct fingerprint is kept once, as bytes
 * in the same table as the texts that it refers to.
 */
#pragma once

#include "base/string_table.h"
#include "flow/flow.h"

/* Its number; 0 if it is all zeros or the table is full. */
uint32_t fingerprint_keep(struct string_table *table, const struct fingerprint *fingerprint);

/* All zeros for 0.  `number` must come from fingerprint_keep(). */
struct fingerprint fingerprint_get(const struct string_table *table, uint32_t number);
