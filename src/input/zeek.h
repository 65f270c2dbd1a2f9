/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zeek.h - Zeek logs, TSV or JSON, line by line.
 *
 * A row that makes no sense is skipped and counted; the good ones around it
 * are delivered.  A last line without a newline that makes no sense is one
 * that Zeek had not finished writing.
 *
 * A JSON stream that names each row's log (_path, or @stream) may mix logs.
 *
 * Memory: about 10 KiB, allocated once.  Time: linear; a conn row in TSV costs
 * some 200 ns, one that nobody wants half of that.
 */
#pragma once

#include "input/bytes.h"
#include "input/input.h"

/* What a log's first lines say. */
struct zeek_log {
	enum input_format kind; /* INPUT_ZEEK_... */
	bool json;
	ns_t first; /* time of the first row, 0 if there is none */
};

bool zeek_recognise(const uint8_t *head, size_t len, struct zeek_log *out);

/* As input_read(); `log` as recognised. */
int zeek_read(struct bytes *bytes, const struct zeek_log *log, const struct input_sink *sink,
	      struct complaint *why) MUST_USE;
