/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record.h - simulate a fleet and write it down.
 *
 *	DIR/fleet.pcap
 *	DIR/zeek/conn.log ...	DIR/zeek-json/conn.log ...
 *	DIR/truth.jsonl		what was implanted (truth.h)
 *	DIR/inventory.csv	host, addresses, role and hardware lot
 *
 * Everything is opened before anything is simulated, so that a refusal comes
 * at once.  When writing fails the files stay as far as they got, and `why`
 * names the one that failed first.
 */
#pragma once

#include "simulate/out_file.h"
#include "simulate/sim_fleet.h"

enum record_format {
	RECORD_PCAP = 1 << 0,
	RECORD_ZEEK = 1 << 1,
	RECORD_ZEEK_JSON = 1 << 2,
};

struct record_plan {
	const char *directory; /* made if it is not there; shorter than RECORD_DIRECTORY_SIZE */
	unsigned int formats;  /* enum record_format, or-ed */
	struct out_options options;
	uint32_t snaplen; /* pcap_format's */
	bool slice;	  /* likewise */
	bool hourly;	  /* a set of Zeek logs for every hour */
	bool inventory;
};

enum { RECORD_DIRECTORY_SIZE = 4000 };

/* 0 or a negative errno and a sentence; -EINVAL: the fleet's plan cannot be. */
int record_fleet(const struct record_plan *plan, const struct sim_fleet_plan *fleet_plan,
		 uint64_t *out_calls, struct complaint *why) MUST_USE;
