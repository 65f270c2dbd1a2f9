/* SPDX-License-Identifier: Apache-2.0 */
/*
 * complaint.h - one sentence for the person who must act.
 *
 * A function that can fail because of the outside world returns a negative
 * errno and, if it takes a `struct complaint *why`, leaves there one sentence
 * that names the file, the position in it and what is wrong:
 *
 *	spool/mon.pcap: packet 812: the header claims 10737418240 captured bytes
 *
 * No trailing full stop or newline.  `why` may be NULL.  Bytes from outside
 * that are quoted in a sentence are made printable first, and whatever control
 * characters are left in it, as in the names of files, become '?'.
 */
#pragma once

#include "base/base.h"

struct complaint {
	char text[512];
};

void complain(struct complaint *why, const char *format, ...) PRINTF_LIKE(2, 3);

/*
 * Copy at most `len` outside bytes to `out` (`size` bytes, always terminated),
 * each control or non-ASCII byte as \xNN: safe for a terminal and a log.
 */
void printable(char *out, size_t size, const char *bytes, size_t len);
