/* SPDX-License-Identifier: Apache-2.0 */
/*
 * witness.h - the same implants as packets: does the way through decoders and
 * flow table end where injection said it would?
 *
 *	witness_send()		some implants, injected and written as captures
 *	...			read those together with everything else, and judge
 *	witness_compare()	who was reported, and who was to be
 *
 * Implants of every kind of destination, at periods about the edge of what is
 * found, so that there is something to agree about.  They are all in the traffic
 * at once, where injection tries one at a time.
 *
 * Memory: about 500 bytes an implant.  Threads: one.
 */
#pragma once

#include "prove/prove.h"

struct witness_implant {
	enum injection_kind kind;
	struct address host, destination;
	uint16_t port;
	char name[SIM_NAME_SIZE]; /* under which it is known; "": none */
	double period_s, jitter;
	bool reported_calls, reported_packets;
	uint32_t packets_calls; /* calls written */
};

struct witness {
	struct witness_implant *implants;
	uint32_t count;
};

enum { WITNESS_PATH_SIZE = 512 };

/* Where the capture of implant `number` goes; returns `out`. */
const char *witness_path(const char *directory, uint32_t number,
			 char out[static WITNESS_PATH_SIZE]);

/* 0; -ENOMEM; or what went wrong with a file, and a sentence. */
int witness_send(const struct verdict *verdict, const struct proof *proof, uint32_t count,
		 const char *directory, struct witness *out_witness,
		 struct complaint *why) MUST_USE;
void witness_fini(struct witness *witness);

/* Look for them in the verdict on all the traffic, theirs included. */
void witness_compare(struct witness *witness, const struct verdict *verdict, enum severity least);
