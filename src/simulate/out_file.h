/* SPDX-License-Identifier: Apache-2.0 */
/*
 * out_file.h - write a new file, fast, and never lose an error.
 *
 * Bytes gather in a buffer and go out in large pieces, packed by gzip if
 * asked.  The first error sticks: later writes do nothing, out_file_error()
 * tells it early, out_file_close() in any case.  A file that is there already
 * is left alone unless `force`.
 *
 * Memory: 256 KiB a file, and zlib's when packing.  Threads: one.
 */
#pragma once

#include "base/complaint.h"

struct out_file; /* opaque */

struct out_options {
	bool force; /* overwrite */
	bool gzip;  /* and ".gz" is added to the name */
};

/* 0 or a negative errno and a sentence. */
int out_file_open(const char *path, const struct out_options *options, struct out_file **out_file,
		  struct complaint *why) MUST_USE;

/* Flush and close; NULL is fine.  0, or what went wrong since it was opened. */
int out_file_close(struct out_file *file, struct complaint *why) MUST_USE;

int out_file_error(const struct out_file *file);      /* 0 or a negative errno */
uint64_t out_file_bytes(const struct out_file *file); /* before packing */

void out_bytes(struct out_file *file, const void *bytes, size_t len);
void out_text(struct out_file *file, const char *text);
void out_char(struct out_file *file, char c);
void out_number(struct out_file *file, uint64_t number);
void out_format(struct out_file *file, const char *format, ...) PRINTF_LIKE(2, 3);

/* Make a directory and those above it, as mkdir -p; 0 or a negative errno and a sentence. */
int out_directory(const char *path, struct complaint *why) MUST_USE;
