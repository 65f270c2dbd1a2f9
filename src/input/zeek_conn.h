/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zeek_conn.h - a row of conn.log as a flow.
 *
 * The answer.  conn_state says how a TCP connection went (docs.zeek.org,
 * conn.log):
 *
 *	SF S1 S2 S3 RSTO RSTR	both talked			ANSWER_YES
 *	REJ			the SYN was answered with RST	ANSWER_REFUSED
 *	S0 RSTOS0		nothing came back		ANSWER_NONE
 *	OTH SH SHR RSTRH	no SYN, or no answer to it, was seen: then what
 *				the responder sent decides; only RST is a refusal,
 *				nothing at all is silence - unless the originator
 *				sent data, so that an answer must have escaped us
 *
 * UDP, ICMP and the rest: whether the responder sent anything.
 */
#pragma once

#include "input/zeek_row.h"

/*
 * Fill a flow in two steps, so that one that nobody wants costs the first only:
 * when it began and between whom, then all the rest.  The first looks at none
 * but the columns of zeek_conn_ends_fields.  NULL, or what is wrong with the
 * row in a few words (a constant).
 */
const char *zeek_conn_ends(const struct zeek_row *row, struct flow *out);
const char *zeek_conn_rest(const struct zeek_row *row, struct flow *flow);

/*
 * Does the sink want the flow, of which the ends are known?  If not, it is told
 * so, with the row's duration and what the responder sent, where that makes sense.
 */
bool zeek_conn_wanted(const struct zeek_row *row, const struct flow *flow,
		      const struct input_sink *sink);

/* What zeek_conn_ends() and zeek_conn_wanted() look at, a bit per enum zeek_field. */
static const uint32_t zeek_conn_ends_fields =
	1u << ZEEK_TS | 1u << ZEEK_ORIG_H | 1u << ZEEK_ORIG_P | 1u << ZEEK_RESP_H |
	1u << ZEEK_RESP_P | 1u << ZEEK_DURATION | 1u << ZEEK_RESP_BYTES;
