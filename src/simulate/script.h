/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script.h - the packets of one call, one after the other.
 *
 *	sim_script_start(&script, &call);
 *	for (; !script.done; sim_script_step(&script))
 *		... script.packet ...
 *
 * Packets come in time order; the first is at call.when and the last at
 * call.when + call.duration, exactly.  Memory: the struct, which holds a copy
 * of the call.  Time: O(1) a packet.
 */
#pragma once

#include "simulate/call.h"

struct sim_packet {
	ns_t when;
	uint64_t number;   /* 0, 1, ... within its call */
	uint32_t seq, ack; /* payload and SYN/FIN sent so far by the sender, by the other */
	uint32_t len;	   /* payload */
	uint32_t exchange; /* which exchange and which segment of its turn carry the payload */
	uint64_t segment;
	uint64_t turn_bytes; /* of the whole turn */
	uint8_t tcp_flags;   /* enum tcp_flag; 0: UDP */
	bool outward;	     /* from the caller */
};

struct sim_script {
	struct sim_call call;
	struct sim_packet packet; /* the one to be sent now; valid unless `done` */
	bool done;
	/* private */
	uint32_t sent[2]; /* [0] by the caller, [1] by the other side */
	uint32_t exchange;
	uint64_t segment, segments, turn_bytes;
	ns_t turn_start, gap, next_turn;
	uint8_t step;
	bool outward;
};

void sim_script_start(struct sim_script *script, const struct sim_call *call);
void sim_script_step(struct sim_script *script);
