/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zeek_log.h - one Zeek log: a row at a time, as TSV or JSON.
 *
 * TSV as Zeek's ASCII writer makes it: "#separator \x09" and so on, "-" for a
 * value that is not set, "(empty)" for a set without members, T and F.  JSON:
 * one object a line, what is not set left out.
 *
 * A row is zeek_row(), one zeek_*() for each column in order, zeek_row_end();
 * CHECK sees to it that the columns are as many as declared.
 *
 * Rotation: DIR/conn.log, or for every hour DIR/2025-03-03/conn.08:00:00-09:00:00.log,
 * as zeekctl files them.  Rows come in order of time.
 */
#pragma once

#include "net/address.h"
#include "simulate/out_file.h"

struct zeek_column {
	const char *name, *type;
};

struct zeek_format {
	const char *directory;
	struct out_options options;
	ns_t start; /* for the #open line */
	bool json, hourly;
};

struct zeek_log {
	const char *path; /* "conn" */
	const struct zeek_column *columns;
	size_t column_count;
	struct zeek_format format; /* directory is borrowed */
	struct out_file *file;	   /* NULL until needed, when hourly */
	ns_t hour;
	size_t at;
	bool first; /* no member of the object written yet */
	uint64_t rows;
};

/* Unless hourly, the file is made at once.  0 or a negative errno and a sentence. */
int zeek_log_open(struct zeek_log *log, const char *path, const struct zeek_column *columns,
		  size_t column_count, const struct zeek_format *format,
		  struct complaint *why) MUST_USE;
int zeek_log_close(struct zeek_log *log, struct complaint *why) MUST_USE;

/* Start a row; opens the next hour's file.  0 or a negative errno and a sentence. */
int zeek_row(struct zeek_log *log, ns_t when, struct complaint *why) MUST_USE;
int zeek_row_end(struct zeek_log *log) MUST_USE; /* 0 or a negative errno */

void zeek_unset(struct zeek_log *log);
void zeek_time(struct zeek_log *log, ns_t when);	/* also an interval */
void zeek_text(struct zeek_log *log, const char *text); /* NULL: not set */
void zeek_count(struct zeek_log *log, uint64_t count);
void zeek_bool(struct zeek_log *log, bool value);
void zeek_address(struct zeek_log *log, const struct address *address);
void zeek_texts(struct zeek_log *log, const char *const *texts, size_t count);
void zeek_intervals(struct zeek_log *log, ns_t interval, size_t count); /* the same one, repeated */
