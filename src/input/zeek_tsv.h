/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zeek_tsv.h - Zeek's own log format: header lines that name the columns,
 * then one row a line.
 *
 *	#separator \x09
 *	#set_separator	,
 *	#empty_field	(empty)
 *	#unset_field	-
 *	#path	conn
 *	#fields	ts	uid	id.orig_h	...
 *
 * Columns are found by #fields, so their order, unknown ones and missing ones
 * do not matter.  Header lines may come again in the middle (logs that were
 * put together with cat).  Labelled logs append columns after a tab or after
 * three spaces; the latter make one column with the last, which is cut.
 */
#pragma once

#include "input/zeek_row.h"

enum { ZEEK_COLUMNS_MAX = 255 };

struct zeek_tsv {
	char separator, set_separator;
	char unset[16], empty[16];
	uint8_t unset_len, empty_len;
	enum input_format kind; /* by #path, or by the columns when there is none */
	bool path_seen;
	uint32_t fields;   /* which we have a column for, a bit each */
	uint32_t columns;  /* in all; 0: no #fields yet */
	uint32_t wanted;   /* columns up to the last that we want */
	uint32_t ends;	   /* columns up to the last that zeek_conn_ends() wants */
	uint32_t absent;   /* fields that no wanted column gives, a bit each */
	uint32_t labelled; /* this column ends at three spaces; from 1, 0: none */
	uint8_t field_of[ZEEK_COLUMNS_MAX + 1]; /* enum zeek_field by column */
};

struct zeek_tsv zeek_tsv_init(void);

/* Take in one header line, which starts with '#'. */
void zeek_tsv_header(struct zeek_tsv *tsv, struct text line);

/*
 * A log that lost its header: does this line look like a conn row in Zeek's
 * own order?  If so `tsv` is set up for it.
 */
bool zeek_tsv_guess(struct zeek_tsv *tsv, struct text line);

/*
 * Find the wanted columns.  False if the row has fewer columns than that, or,
 * when `strict`, fewer than the header promised.
 */
bool zeek_tsv_split(const struct zeek_tsv *tsv, struct text line, bool strict,
		    struct zeek_row *out);

/*
 * The same in two steps, for a row of conn.log: the columns of
 * zeek_conn_ends_fields, at first, then the rest.  `out` is whole only after
 * both.  False if the row has too few columns for the step.
 */
struct zeek_split {
	struct text line;
	size_t done;	 /* bytes */
	uint32_t column; /* the next one */
};
bool zeek_tsv_split_ends(const struct zeek_tsv *tsv, struct text line, struct zeek_split *split,
			 struct zeek_row *out);
bool zeek_tsv_split_rest(const struct zeek_tsv *tsv, struct zeek_split *split,
			 struct zeek_row *out);
