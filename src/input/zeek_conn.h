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

/* NULL, or what is wrong with the row in a few words (a constant). */
const char *zeek_conn_read(const struct zeek_row *row, struct flow *out);
