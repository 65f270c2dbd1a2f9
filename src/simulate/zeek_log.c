/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/zeek_log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const ns_t hour_ns = 3600 * NS_PER_SEC;

enum { PATH_SIZE = 4096 };

static struct tm calendar(ns_t when)
{
	time_t seconds = (time_t)(when / NS_PER_SEC);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	return tm;
}

static void stamp(struct zeek_log *log, const char *word, ns_t when)
{
	struct tm tm = calendar(when);
	char text[64];

	strftime(text, sizeof(text), "%Y-%m-%d-%H-%M-%S", &tm);
	out_format(log->file, "#%s\t%s\n", word, text);
}

static void header(struct zeek_log *log, ns_t when)
{
	struct out_file *f = log->file;

	if (log->format.json)
		return;
	out_text(f, "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n"
		    "#unset_field\t-\n");
	out_format(f, "#path\t%s\n", log->path);
	stamp(log, "open", when);
	out_text(f, "#fields");
	for (size_t i = 0; i < log->column_count; i++)
		out_format(f, "\t%s", log->columns[i].name);
	out_text(f, "\n#types");
	for (size_t i = 0; i < log->column_count; i++)
		out_format(f, "\t%s", log->columns[i].type);
	out_char(f, '\n');
}

static int open_file(struct zeek_log *log, ns_t when, struct complaint *why)
{
	char path[PATH_SIZE];
	int err, len;

	if (!log->format.hourly) {
		len = snprintf(path, sizeof(path), "%s/%s.log", log->format.directory, log->path);
	} else {
		struct tm from = calendar(log->hour), to = calendar(log->hour + hour_ns);
		char day[32];

		strftime(day, sizeof(day), "%Y-%m-%d", &from);
		len = snprintf(path, sizeof(path), "%s/%s", log->format.directory, day);
		if (len > 0 && (size_t)len < sizeof(path)) {
			err = out_directory(path, why);
			if (err)
				return err;
		}
		len = snprintf(path, sizeof(path), "%s/%s/%s.%02d:00:00-%02d:00:00.log",
			       log->format.directory, day, log->path, from.tm_hour, to.tm_hour);
	}
	if (len < 0 || (size_t)len >= sizeof(path)) {
		complain(why, "%.200s...: the name is too long", log->format.directory);
		return -ENAMETOOLONG;
	}
	err = out_file_open(path, &log->format.options, &log->file, why);
	if (!err)
		header(log, when);
	return err;
}

int zeek_log_open(struct zeek_log *log, const char *path, const struct zeek_column *columns,
		  size_t column_count, const struct zeek_format *format, struct complaint *why)
{
	*log = (struct zeek_log){
		.path = path,
		.columns = columns,
		.column_count = column_count,
		.format = *format,
		.hour = format->start,
	};
	return format->hourly ? 0 : open_file(log, format->start, why);
}

static int close_file(struct zeek_log *log, ns_t when, struct complaint *why)
{
	int err;

	if (!log->file)
		return 0;
	if (!log->format.json)
		stamp(log, "close", when);
	err = out_file_close(log->file, why);
	log->file = NULL;
	return err;
}

int zeek_log_close(struct zeek_log *log, struct complaint *why)
{
	return close_file(log, log->hour + (log->format.hourly ? hour_ns : 0), why);
}

int zeek_row(struct zeek_log *log, ns_t when, struct complaint *why)
{
	if (log->format.hourly && (!log->file || when >= log->hour + hour_ns)) {
		int err = close_file(log, log->hour + hour_ns, why);

		log->hour = when - when % hour_ns;
		if (!err)
			err = open_file(log, log->hour, why);
		if (err)
			return err;
	} else if (!log->format.hourly) {
		log->hour = when;
	}
	log->at = 0;
	log->first = true;
	if (log->format.json)
		out_char(log->file, '{');
	return 0;
}

int zeek_row_end(struct zeek_log *log)
{
	CHECK(log->at == log->column_count);
	log->rows++;
	out_text(log->file, log->format.json ? "}\n" : "\n");
	return out_file_error(log->file);
}

/* What stands before a value: a tab, or its key. */
static struct out_file *next_column(struct zeek_log *log)
{
	CHECK(log->at < log->column_count);
	if (!log->format.json) {
		if (log->at)
			out_char(log->file, '\t');
	} else {
		out_text(log->file, log->first ? "\"" : ",\"");
		out_text(log->file, log->columns[log->at].name);
		out_text(log->file, "\":");
		log->first = false;
	}
	log->at++;
	return log->file;
}

static void quote(struct zeek_log *log)
{
	if (log->format.json)
		out_char(log->file, '"');
}

void zeek_unset(struct zeek_log *log)
{
	if (log->format.json) {
		CHECK(log->at < log->column_count);
		log->at++;
		return;
	}
	out_char(next_column(log), '-');
}

static void put_seconds(struct out_file *f, ns_t t)
{
	uint64_t us = (uint64_t)(t / 1000), below = us % 1000000;
	char digits[7] = {'.'};

	out_number(f, us / 1000000);
	for (int i = 6; i > 0; i--) {
		digits[i] = (char)('0' + below % 10);
		below /= 10;
	}
	out_bytes(f, digits, sizeof(digits));
}

void zeek_time(struct zeek_log *log, ns_t when)
{
	put_seconds(next_column(log), when);
}

void zeek_text(struct zeek_log *log, const char *text)
{
	if (!text) {
		zeek_unset(log);
		return;
	}
	next_column(log);
	quote(log);
	out_text(log->file, text);
	quote(log);
}

void zeek_count(struct zeek_log *log, uint64_t count)
{
	out_number(next_column(log), count);
}

void zeek_bool(struct zeek_log *log, bool value)
{
	if (log->format.json)
		out_text(next_column(log), value ? "true" : "false");
	else
		out_char(next_column(log), value ? 'T' : 'F');
}

void zeek_address(struct zeek_log *log, const struct address *a)
{
	char text[ADDRESS_TEXT_SIZE];

	zeek_text(log, address_text(a, text));
}

static void list_start(struct zeek_log *log)
{
	next_column(log);
	if (log->format.json)
		out_char(log->file, '[');
}

static void list_end(struct zeek_log *log)
{
	if (log->format.json)
		out_char(log->file, ']');
}

void zeek_texts(struct zeek_log *log, const char *const *texts, size_t count)
{
	if (count == 0) {
		zeek_unset(log);
		return;
	}
	list_start(log);
	for (size_t i = 0; i < count; i++) {
		if (i)
			out_char(log->file, ',');
		quote(log);
		out_text(log->file, texts[i]);
		quote(log);
	}
	list_end(log);
}

void zeek_intervals(struct zeek_log *log, ns_t interval, size_t count)
{
	if (count == 0) {
		zeek_unset(log);
		return;
	}
	list_start(log);
	for (size_t i = 0; i < count; i++) {
		if (i)
			out_char(log->file, ',');
		put_seconds(log->file, interval);
	}
	list_end(log);
}
