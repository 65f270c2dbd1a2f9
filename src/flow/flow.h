/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow.h - one conversation, whoever told us of it.
 *
 * Packets become flows in the flow table; a Zeek conn.log row is one as it
 * stands.  From here on nobody asks where it came from.  Everything is seen
 * from the initiator: `out` is what it sent.
 */
#pragma once

#include "flow/stream.h"
#include "net/tuple.h"
#include "proto/app.h"

enum flow_answer {
	ANSWER_UNKNOWN, /* one-sided capture, or the log does not say */
	ANSWER_NONE,	/* silence: nothing came back */
	ANSWER_REFUSED, /* only a refusal came back (RST, ICMP unreachable) */
	ANSWER_YES,	/* the other side talked */
};

enum flow_claim {
	CLAIM_NO_SNI = 1 << 0,		/* a TLS ClientHello without a server name */
	CLAIM_HOST_IS_ADDRESS = 1 << 1, /* HTTP Host or SNI is a bare address */
	CLAIM_OTHER_PROTOCOL = 1 << 2,	/* not what is spoken on this port */
	CLAIM_PROXIED = 1 << 3,		/* asks a proxy to go on to `name`, be it an address */
	CLAIM_SELF_SIGNED = 1 << 4,	/* the server's certificate, in clear up to TLS 1.2 */
	CLAIM_CERT_TIME = 1 << 5,	/* ... was not valid at that time */
	CLAIM_CERT_NAME = 1 << 6,	/* ... is not for the name that was asked for */
	CLAIM_CERTIFICATE = 1 << 7,	/* there was one in clear */
	CLAIM_REMOTE_FIRST = 1 << 8,	/* whoever was called spoke first, as far as seen */
	CLAIMS_END = 1 << 9,		/* none of them reaches here */
};
_Static_assert(CLAIM_NO_SNI + CLAIM_HOST_IS_ADDRESS + CLAIM_OTHER_PROTOCOL + CLAIM_PROXIED +
			       CLAIM_SELF_SIGNED + CLAIM_CERT_TIME + CLAIM_CERT_NAME +
			       CLAIM_CERTIFICATE + CLAIM_REMOTE_FIRST ==
		       CLAIMS_END - 1,
	       "a bit for each");

enum flow_end {
	FLOW_END_IDLE,	  /* silent for longer than its protocol's timeout */
	FLOW_END_CLOSED,  /* TCP FIN from both or RST */
	FLOW_END_EVICTED, /* pushed out by a newer flow: counts are partial */
	FLOW_END_INPUT,	  /* the input ended first: it may go on */
	FLOW_END_BURST,	  /* it goes on: this is what was said before a silence */
};

/* What tells one client from another; all numbers in the lane's table of fingerprints. */
struct fingerprint {
	uint32_t ja3, ja4;  /* TLS, QUIC and DTLS clients */
	uint32_t hassh;	    /* SSH clients */
	uint32_t agent;	    /* User-Agent, or the SSH client's banner */
	uint32_t alpn;	    /* first protocol that a TLS client offers */
	uint32_t listed;    /* match of the lists for what was said: page, certificate; 0: none */
	uint16_t tls_offer; /* highest version offered, e.g. 0x0304; 0: none */
	uint16_t tls_taken; /* version that the server took; 0: not seen */
};

struct flow {
	struct tuple tuple; /* src is the initiator */
	uint32_t name;	    /* name it claims (SNI, Host) in the lane's string table; 0: none */
	ns_t first, last;
	uint64_t out_bytes, in_bytes;	  /* whole IP packets */
	uint64_t out_payload, in_payload; /* above TCP, UDP, ... */
	uint32_t out_packets, in_packets;
	uint32_t claims;      /* enum flow_claim, or-ed */
	uint32_t fingerprint; /* of the client, by number in its lane; 0: none */
	union {
		uint64_t uid; /* a log row: joins it with others; 0: none */
		struct {      /* packets: how far each way has been read */
			struct stream out_stream, in_stream;
		};
	};
	uint32_t bursts;	     /* how often the initiator spoke up after a silence, so far */
	uint8_t app;		     /* enum app */
	uint8_t answer;		     /* enum flow_answer */
	uint8_t end;		     /* enum flow_end */
	bool inferred;		     /* initiator guessed: the start was not seen */
	uint8_t out_flags, in_flags; /* TCP flags seen, or-ed, each way */
	uint8_t opening_out, opening_in; /* payload packets looked at for claims, each way */
	uint16_t proxied_port;		 /* CLAIM_PROXIED: of the real destination; 0: not said */
	uint16_t
		led; /* how often the initiator spoke because the other side had broken a silence */
};
