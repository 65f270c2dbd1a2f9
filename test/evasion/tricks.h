/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tricks.h - how the evasive capture of a pair is made from a plain one.
 *
 * A trick reads `in` and fills the empty tape `out`.  The numbers V1 to V8 are
 * those of the list that docs and reports refer to.
 */
#pragma once

#include "story.h"

/* `how` is the trick's own business: a size, a variant. */
typedef void trick_fn(const struct tape *in, struct tape *out, int how);

struct trick {
	const char *name;
	int how;
	trick_fn *play;	      /* NULL: the story itself is what differs */
	struct story plain;   /* what the plain capture tells */
	struct story evasive; /* what the evasive one is made from */
};

extern const struct trick tricks_of_fragments[]; /* V1, V2 */
extern const struct trick tricks_of_streams[];	 /* V3 */
extern const struct trick tricks_of_sight[];	 /* V4, V6, V7 */
extern const struct trick tricks_of_tunnels[];	 /* V5 */
extern const struct trick tricks_of_reuse[];	 /* V8 */
