/* SPDX-License-Identifier: Apache-2.0 */
/*
 * claimed.h - what ssl and http rows say of a connection, until its row comes.
 *
 * The same few clients call the same places all day, so what rows say is kept
 * once, as bytes in a table of strings, and a connection holds a number.
 *
 * Threads: one.
 */
#pragma once

#include "base/string_table.h"
#include "input/input.h"
#include "intel/intel.h"

/* All texts by their number in the same table. */
struct claimed {
	uint32_t name, ja3, ja4, agent;
	uint32_t listed; /* match of the lists: page asked for, certificate */
	uint32_t claims; /* enum flow_claim */
	uint32_t app;	 /* enum app */
};

/* Its number; 0 if the table is full.  `intel` may be NULL. */
uint32_t claimed_keep(struct string_table *table, const struct intel *intel,
		      const struct input_claim *claim);

/* All zeros for 0. */
struct claimed claimed_get(const struct string_table *table, uint32_t number);

/* Of two claims for one connection the first, but with the stronger match of both. */
uint32_t claimed_join(struct string_table *table, uint32_t first, uint32_t second);

/*
 * Is this page on a list?  `asked` is a path, or a whole URL as a proxy is asked;
 * `host` in lower case, maybe with a port.
 */
uint32_t claimed_page(const struct intel *intel, struct text host, struct text asked, ns_t when);
