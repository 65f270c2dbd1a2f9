/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zeek_row.h - one row of a Zeek log, once its columns have been found, and
 * what it means: a flow, a look-up or a claim.
 *
 *	TSV  line --zeek_tsv_split()--.
 *	                               >-- struct zeek_row --zeek_row_deliver()--> sink
 *	JSON line --zeek_json_split()-'
 *
 * Column names and conn_state and history letters as in Zeek's own
 * documentation of its logs (docs.zeek.org, conn.log, dns.log, ssl.log,
 * http.log); ja3 and ja4 as the packages of those names write them.
 */
#pragma once

#include "input/input.h"
#include "input/text.h"

enum zeek_field {
	ZEEK_TS,
	ZEEK_UID,
	ZEEK_ORIG_H,
	ZEEK_ORIG_P,
	ZEEK_RESP_H,
	ZEEK_RESP_P,
	ZEEK_PROTO,
	ZEEK_SERVICE,
	ZEEK_DURATION,
	ZEEK_ORIG_BYTES,
	ZEEK_RESP_BYTES,
	ZEEK_CONN_STATE,
	ZEEK_HISTORY,
	ZEEK_ORIG_PKTS,
	ZEEK_ORIG_IP_BYTES,
	ZEEK_RESP_PKTS,
	ZEEK_RESP_IP_BYTES,
	ZEEK_IP_PROTO,
	ZEEK_QUERY,
	ZEEK_ANSWERS,
	ZEEK_QTYPE,
	ZEEK_RCODE,
	ZEEK_SERVER_NAME,
	ZEEK_HOST,
	ZEEK_JA3,
	ZEEK_JA4,
	ZEEK_VALIDATION,
	ZEEK_CERTIFICATES, /* fingerprints of the chain, the leaf's first */
	ZEEK_URI,
	ZEEK_AGENT,
	ZEEK_PATH, /* which log a JSON row belongs to, where the writer says so */
	ZEEK_FIELDS
};

enum { ZEEK_ANSWERS_MAX = 256, ZEEK_NAME_MAX = 1023, ZEEK_AGENT_MAX = 255 };

/* Columns as found; `at` is NULL where there is none or it is unset. */
struct zeek_row {
	struct text field[ZEEK_FIELDS];
	bool json;	    /* texts may have JSON escapes; answers are a JSON array */
	char set_separator; /* between answers, when not JSON */
};

/* Where a row's longer parts are put together; owned by the reader of a file. */
struct zeek_scratch {
	char name[ZEEK_NAME_MAX + 1], uri[ZEEK_NAME_MAX + 1], agent[ZEEK_AGENT_MAX + 1];
	struct address answers[ZEEK_ANSWERS_MAX];
};

/* ZEEK_FIELDS if it is none that we want.  Knows id.orig_h and id_orig_h. */
enum zeek_field zeek_field_named(const char *name, size_t len);
const char *zeek_field_name(enum zeek_field field);

/* "conn" -> INPUT_ZEEK_CONN, ...; any other name is INPUT_ZEEK_OTHER. */
enum input_format zeek_kind_named(struct text path);

/* Which kind has these columns (a bit per enum zeek_field); INPUT_ZEEK_OTHER if unclear. */
enum input_format zeek_kind_of_fields(uint32_t fields);

/* The columns without which a row of this kind means nothing, a bit each. */
uint32_t zeek_fields_needed(enum input_format kind);

/* All that we look at, needed or not. */
uint32_t zeek_fields_used(enum input_format kind);

/*
 * The number that stands for a uid, the same in every log of every run, so
 * that rows of one connection find each other; 0 if there is none.  Nobody
 * gains by a collision, so the key is fixed.
 */
uint64_t zeek_uid(struct text uid);

/*
 * Understand the row and hand it to the sink.  NULL, or what is wrong with it
 * in a few words (a constant), and then the sink saw nothing.
 */
const char *zeek_row_deliver(const struct zeek_row *row, enum input_format kind,
			     struct zeek_scratch *scratch, const struct input_sink *sink);
