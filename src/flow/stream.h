/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream.h - TCP segments put in order, just far enough to read how each side opens.
 */
#pragma once

#include "base/base.h"

/*
 * How far one direction has been read.  Lives in its flow; all zeros at first.
 */
struct stream {
	uint32_t next;	 /* sequence number of the first byte not yet in order */
	uint16_t buffer; /* where what came so far is kept; 0: nowhere */
	uint8_t state;	 /* private to stream.c */
	uint8_t flags;
};
_Static_assert(sizeof(struct stream) == 8, "two of them lie in every flow");
