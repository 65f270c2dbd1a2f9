/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trouble.h - records that could be stepped over: how many, and the first.
 *
 * One bad row must not cost the good ones after it, but somebody has to be
 * told, in one sentence, however many there are.
 */
#pragma once

#include "base/complaint.h"

struct trouble {
	uint64_t count;
	uint64_t first;	       /* which record or line */
	struct complaint what; /* is wrong with the first */
};

/*
 * Count one more.  Returns where to complain of it, which is NULL except for
 * the first:
 *
 *	complain(trouble_note(&trouble, packet), "it has no length");
 */
struct complaint *trouble_note(struct trouble *trouble, uint64_t where);

/*
 * 0 if there was none, else -EBADMSG and a sentence: `unit` is "packet" or
 * "line", `total` how many there were.
 */
int trouble_report(const struct trouble *trouble, const char *name, const char *unit,
		   uint64_t total, struct complaint *why) MUST_USE;
