/* SPDX-License-Identifier: Apache-2.0 */
/*
 * write_zeek.h - calls as the logs that Zeek would have written: conn, dns,
 * ssl and http, joined by uid.
 *
 * Byte and packet counts, times and answers are those of the packets that
 * write_pcap.h writes for the same calls.  Rows are in order of their calls'
 * start (Zeek's own conn.log is in order of their end).
 *
 * Memory: four file buffers.  Threads: one.
 */
#pragma once

#include "simulate/call.h"
#include "simulate/zeek_log.h"

struct zeek_writer; /* opaque */

/* format->directory must live as long as the writer.  0 or a negative errno and a sentence. */
int zeek_writer_open(const struct zeek_format *format, struct zeek_writer **out_writer,
		     struct complaint *why) MUST_USE;
int zeek_writer_call(struct zeek_writer *writer, const struct sim_call *call,
		     struct complaint *why) MUST_USE;
int zeek_writer_close(struct zeek_writer *writer,
		      struct complaint *why) MUST_USE; /* NULL is fine */
