/* SPDX-License-Identifier: Apache-2.0 */
#include "input/zeek.h"

#include "input/trouble.h"
#include "input/zeek_conn.h"
#include "input/zeek_json.h"
#include "input/zeek_tsv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char byte_order_mark[] = "\xef\xbb\xbf";

/*
 * Recognising.
 */

struct lines {
	struct text rest;
	size_t number;
};

/* The next line that is not empty, from text in memory. */
static bool next_line(struct lines *lines, struct text *out)
{
	while (lines->rest.len) {
		*out = text_split(lines->rest, '\n', &lines->rest);
		if (out->len && out->at[out->len - 1] == '\r')
			out->len--;
		if (out->len) {
			lines->number++;
			return true;
		}
	}
	return false;
}

static bool recognise_header(struct lines lines, struct zeek_log *out)
{
	struct zeek_tsv tsv = zeek_tsv_init();
	struct zeek_row row;
	struct text line;

	while (next_line(&lines, &line)) {
		if (line.at[0] == '#') {
			zeek_tsv_header(&tsv, line);
			continue;
		}
		if (zeek_tsv_split(&tsv, line, false, &row) &&
		    text_time(row.field[ZEEK_TS], &out->first))
			break;
	}
	out->kind = tsv.kind;
	return tsv.columns > 0 || tsv.path_seen;
}

/* The row of a log cut off in front may begin in its middle: look at the second too. */
static bool recognise_headless(struct lines lines, struct zeek_log *out)
{
	struct zeek_tsv tsv;
	struct zeek_row row;
	struct text line;

	while (lines.number < 2 && next_line(&lines, &line)) {
		if (!zeek_tsv_guess(&tsv, line))
			continue;
		if (zeek_tsv_split(&tsv, line, false, &row))
			(void)text_time(row.field[ZEEK_TS], &out->first);
		out->kind = INPUT_ZEEK_CONN;
		return true;
	}
	return false;
}

/* Fields that only a Zeek row has, whose log we do not want or cannot tell. */
static bool zeek_like(struct text line, uint32_t fields)
{
	static const char *const keys[] = {"fuid", "fingerprint", "conn_uids", "peer"};

	if (fields & (1u << ZEEK_UID | 1u << ZEEK_ORIG_H))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		if (zeek_json_has(line, keys[i]))
			return true;
	}
	return false;
}

/* What kind of row this is; INPUT_UNKNOWN if it is not Zeek's. */
static enum input_format kind_of_json(struct text line, const struct zeek_row *row)
{
	enum input_format kind;
	uint32_t fields = 0;

	for (enum zeek_field f = 0; f < ZEEK_FIELDS; f++)
		fields |= row->field[f].at ? 1u << f : 0;
	if (fields & 1u << ZEEK_PATH)
		return zeek_kind_named(row->field[ZEEK_PATH]);
	kind = zeek_kind_of_fields(fields);
	if (kind != INPUT_ZEEK_OTHER)
		return kind;
	/* JSON leaves out what is unset: an ssl row without a name, http without a host */
	if (fields & 1u << ZEEK_UID) {
		if (zeek_json_has(line, "established"))
			return INPUT_ZEEK_SSL;
		if (zeek_json_has(line, "trans_depth"))
			return INPUT_ZEEK_HTTP;
	}
	return zeek_like(line, fields) ? INPUT_ZEEK_OTHER : INPUT_UNKNOWN;
}

/* The first row that tells decides; rows that could be any log's are looked past. */
static bool recognise_json(struct lines lines, struct zeek_log *out)
{
	struct zeek_row row;
	struct text line;
	bool zeek = false;

	out->json = true;
	out->kind = INPUT_ZEEK_OTHER;
	while (next_line(&lines, &line) && out->kind == INPUT_ZEEK_OTHER) {
		enum input_format kind;
		ns_t when;

		if (!zeek_json_split(line, &row) || !text_time(row.field[ZEEK_TS], &when))
			continue;
		kind = kind_of_json(line, &row);
		if (kind == INPUT_UNKNOWN)
			continue;
		if (!zeek)
			out->first = when;
		zeek = true;
		out->kind = kind;
	}
	return zeek;
}

bool zeek_recognise(const uint8_t *head, size_t len, struct zeek_log *out)
{
	struct lines lines = {.rest = {(const char *)head, len}};
	struct lines first = lines;
	struct text line;

	*out = (struct zeek_log){.kind = INPUT_UNKNOWN};
	if (len >= 3 && !memcmp(head, byte_order_mark, 3)) {
		lines.rest.at += 3;
		lines.rest.len -= 3;
		first = lines;
	}
	if (!next_line(&first, &line))
		return false;
	if (line.at[0] == '#')
		return recognise_header(lines, out);
	if (line.at[0] == '{')
		return recognise_json(lines, out);
	return recognise_headless(lines, out);
}

/*
 * Reading.
 */

struct reader {
	const struct zeek_log *log;
	const struct input_sink *sink;
	struct zeek_tsv tsv;
	struct zeek_row row;
	struct trouble trouble;
	uint64_t lines, rows;
	bool headless;
	bool cut; /* the last line was not finished */
	char lacking[64];
	struct zeek_scratch scratch;
};

static const char too_few_columns[] = "it has too few columns";

/* Say which column a log lacks that it cannot be read without. */
static void check_columns(struct reader *r)
{
	uint32_t missing = zeek_fields_needed(r->tsv.kind) & ~r->tsv.fields;

	r->lacking[0] = '\0';
	if (missing)
		snprintf(r->lacking, sizeof(r->lacking), "the log has no column %s",
			 zeek_field_name((enum zeek_field)__builtin_ctz(missing)));
}

/* No more is split and read of the row than it takes to know that nobody wants it. */
static const char *read_tsv_conn(struct reader *r, struct text line)
{
	struct zeek_split split;
	struct flow flow;
	const char *problem;

	if (!zeek_tsv_split_ends(&r->tsv, line, &split, &r->row))
		return too_few_columns;
	problem = zeek_conn_ends(&r->row, &flow);
	if (problem || !zeek_conn_wanted(&r->row, &flow, r->sink))
		return problem;
	if (!zeek_tsv_split_rest(&r->tsv, &split, &r->row))
		return too_few_columns;
	problem = zeek_conn_rest(&r->row, &flow);
	if (!problem)
		r->sink->flow(r->sink->arg, &flow);
	return problem;
}

static const char *read_tsv_row(struct reader *r, struct text line, bool whole)
{
	if (r->headless && !r->tsv.columns && !zeek_tsv_guess(&r->tsv, line))
		return "it does not look like a row of conn.log, and there is no header";
	if (!r->tsv.columns)
		return "there is no #fields line before it";
	if (r->tsv.kind == INPUT_ZEEK_OTHER)
		return NULL;
	if (r->lacking[0])
		return r->lacking;
	if (r->tsv.kind == INPUT_ZEEK_CONN && r->sink->wants_flow && whole)
		return read_tsv_conn(r, line);
	if (!zeek_tsv_split(&r->tsv, line, !whole, &r->row))
		return too_few_columns;
	return zeek_row_deliver(&r->row, r->tsv.kind, &r->scratch, r->sink);
}

static const char *read_json_row(struct reader *r, struct text line)
{
	enum input_format kind = r->log->kind;

	if (!zeek_json_split(line, &r->row))
		return "it is not a JSON object";
	if (r->row.field[ZEEK_PATH].at)
		kind = zeek_kind_named(r->row.field[ZEEK_PATH]);
	return zeek_row_deliver(&r->row, kind, &r->scratch, r->sink);
}

static void read_line(struct reader *r, struct text line, bool whole)
{
	const char *problem;

	if (!r->log->json && line.at[0] == '#') {
		zeek_tsv_header(&r->tsv, line);
		check_columns(r);
		return;
	}
	r->rows++;
	problem = r->log->json ? read_json_row(r, line) : read_tsv_row(r, line, whole);
	if (!problem)
		return;
	if (whole)
		complain(trouble_note(&r->trouble, r->lines), "%s", problem);
	else
		r->cut = true;
}

static void read_lines(struct reader *r, struct bytes *b)
{
	enum line_verdict verdict;
	struct line line;

	if (bytes_want(b, 3) && !memcmp(b->pos, byte_order_mark, 3))
		b->pos += 3;
	r->headless = bytes_want(b, 1) && *b->pos != '#';
	while ((verdict = bytes_line(b, &line)) != LINE_NONE) {
		r->lines++;
		if (verdict == LINE_TOO_LONG) {
			r->rows++;
			complain(trouble_note(&r->trouble, r->lines), "it is longer than 512 KiB");
		} else if (line.len) {
			read_line(r, (struct text){line.text, line.len}, line.whole);
		}
	}
}

int zeek_read(struct bytes *b, const struct zeek_log *log, const struct input_sink *sink,
	      struct complaint *why)
{
	struct reader *r = calloc(1, sizeof(*r));
	int rc;

	if (!r)
		return -ENOMEM;
	r->log = log;
	r->sink = sink;
	r->tsv = zeek_tsv_init();
	read_lines(r, b);
	rc = bytes_error(b, why);
	if (!rc)
		rc = trouble_report(&r->trouble, b->name, "line", r->rows, why);
	if (!rc && r->cut) {
		complain(why, "%s: line %llu is cut short", b->name, (unsigned long long)r->lines);
		rc = -ENODATA;
	}
	free(r);
	return rc;
}
