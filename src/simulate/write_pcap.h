/* SPDX-License-Identifier: Apache-2.0 */
/*
 * write_pcap.h - calls as packets in a pcap file.
 *
 * Ethernet frames as a mirror port near the servers shows them: two network
 * cards and a gateway, real headers, right checksums, payload that a parser
 * accepts.  Little-endian, microseconds, version 2.4.  The packets of calls
 * that overlap are merged: the file is in time order.
 *
 * Memory: about 500 bytes for each call under way.  Threads: one.
 */
#pragma once

#include "simulate/call.h"
#include "simulate/out_file.h"

enum { PCAP_SNAPLEN_MOST = 262144, PCAP_SNAPLEN_LEAST = 64 };

struct pcap_writer; /* opaque */

struct pcap_format {
	struct out_options options;
	uint32_t snaplen; /* PCAP_SNAPLEN_LEAST .. PCAP_SNAPLEN_MOST */
	bool slice;	  /* keep only headers once each side has opened its mouth */
};

/* 0 or a negative errno and a sentence. */
int pcap_writer_open(const char *path, const struct pcap_format *format,
		     struct pcap_writer **out_writer, struct complaint *why) MUST_USE;

/* Calls come in order of their start; names must live until the close.  0 or a negative errno. */
int pcap_writer_call(struct pcap_writer *writer, const struct sim_call *call) MUST_USE;

/* Writes what is still under way.  NULL is fine. */
int pcap_writer_close(struct pcap_writer *writer, struct complaint *why) MUST_USE;
