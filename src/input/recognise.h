/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recognise.h - what a file is, by its first bytes.
 */
#pragma once

#include "input/bytes.h"
#include "input/zeek.h"

struct recognised {
	enum input_format format;
	struct zeek_log zeek; /* for Zeek logs */
	ns_t first;	      /* time of the first record, 0 if not seen */
};

/*
 * Look at the start of `bytes` and leave it there.  0, also for INPUT_UNKNOWN
 * and INPUT_EMPTY, which come with a complaint; or what reading said.
 */
int recognise(struct bytes *bytes, struct recognised *out, struct complaint *why) MUST_USE;

/* As input_read(), from bytes already opened. */
int read_recognised(struct bytes *bytes, const struct recognised *what,
		    const struct input_sink *sink, struct complaint *why) MUST_USE;
