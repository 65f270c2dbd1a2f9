/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rooms.h - what slopes feeds: for each room of the house its hostile inputs.
 */
#pragma once

#include "base/base.h"

#include <string.h>

struct room {
	const char *name, *input;
	size_t most;	       /* items; below 100,000 it is what one message can hold */
	void (*run)(size_t n); /* does it between meter_start() and meter_stop() */
};

/* Up to one without a name. */
extern const struct room rooms_of_tables[], rooms_of_messages[], rooms_of_files[];

void meter_start(void);
void meter_stop(void);
void meter_share(size_t times); /* what was measured was so many times the same */
