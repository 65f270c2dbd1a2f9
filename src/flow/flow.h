/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow.h - one conversation, whoever told us of it.
 *
 * Packets become flows in the flow table; a Zeek conn.log row is one as it
 * stands.  From here on nobody asks where it came from.  Everything is seen
 * from the initiator: `out` is what it sent.
 */
#pragma once

#include "net/tuple.h"

enum flow_answer {
	ANSWER_UNKNOWN, /* one-sided capture, or the log does not say */
	ANSWER_NONE,	/* silence: nothing came back */
	ANSWER_REFUSED, /* only a refusal came back (RST, ICMP unreachable) */
	ANSWER_YES,	/* the other side talked */
};

enum flow_app {
	APP_UNKNOWN,
	APP_DNS,
	APP_TLS,
	APP_HTTP,
	APP_NTP,
	APP_SSH,
	APP_QUIC,
	APP_OTHER, /* named by the log, but not one of these */
};

enum flow_claim {
	CLAIM_NO_SNI = 1 << 0,		/* a TLS ClientHello without a server name */
	CLAIM_HOST_IS_ADDRESS = 1 << 1, /* HTTP Host or SNI is a bare address */
	CLAIM_OTHER_PROTOCOL =
		1 << 2, /* not what is spoken on this port: no DNS on 53, no NTP on 123 */
};

enum flow_end {
	FLOW_END_IDLE,	  /* silent for longer than its protocol's timeout */
	FLOW_END_CLOSED,  /* TCP FIN from both or RST */
	FLOW_END_EVICTED, /* pushed out by a newer flow: counts are partial */
	FLOW_END_INPUT,	  /* the input ended first: it may go on */
};

struct flow {
	struct tuple tuple; /* src is the initiator */
	ns_t first, last;
	uint64_t out_bytes, in_bytes;	  /* whole IP packets */
	uint64_t out_payload, in_payload; /* above TCP, UDP, ... */
	uint32_t out_packets, in_packets;
	uint64_t uid;	 /* joins Zeek rows; 0: none */
	uint32_t name;	 /* name it claims (SNI, Host) in the lane's string table; 0: none */
	uint32_t claims; /* enum flow_claim, or-ed */
	uint8_t app;	 /* enum flow_app */
	uint8_t answer;	 /* enum flow_answer */
	uint8_t end;	 /* enum flow_end */
	bool inferred;	 /* initiator guessed: the start was not seen */
	uint8_t out_flags, in_flags;	 /* TCP flags seen, or-ed, each way */
	uint8_t opening_out, opening_in; /* payload packets looked at for claims, each way */
};
