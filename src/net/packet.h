/* SPDX-License-Identifier: Apache-2.0 */
/*
 * packet.h - one frame as captured, and the packet found inside it.
 *
 *	struct frame --decode_frame()--> struct packet
 *
 * Memory: both borrow the captured bytes and live no longer than they do.
 */
#pragma once

#include "net/tuple.h"

/* LINKTYPE_ values as in capture files (the tcpdump group's registry). */
enum link_type {
	LINK_NULL = 0, /* BSD loopback: family in the capturing host's byte order */
	LINK_ETHERNET = 1,
	LINK_RAW_OLD = 12, /* raw IP as some systems number it; 14 likewise */
	LINK_RAW_BSD = 14,
	LINK_RAW = 101,
	LINK_LOOP = 108, /* OpenBSD loopback: family in network byte order */
	LINK_LINUX_SLL = 113,
	LINK_IPV4 = 228,
	LINK_IPV6 = 229,
	LINK_LINUX_SLL2 = 276,
};

struct frame {
	ns_t when;
	const uint8_t *bytes;
	uint32_t captured; /* bytes present here */
	uint32_t length;   /* bytes that were on the wire */
	uint32_t link;	   /* enum link_type, or a number that we do not read */
};

enum tcp_flag {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_PSH = 0x08,
	TCP_ACK = 0x10,
	TCP_URG = 0x20,
};

struct packet {
	ns_t when;
	struct tuple tuple;	/* as on the wire, sender first */
	uint32_t bytes;		/* whole IP packet by its own header, however little was captured */
	uint32_t payload_bytes; /* above TCP, UDP, ... by the headers, likewise */
	const uint8_t *payload; /* what was captured of it; NULL if nothing */
	uint32_t payload_captured;
	uint32_t tcp_seq;
	uint8_t tcp_flags; /* 0 unless TCP */
	bool fragment;	   /* first fragment of several: payload is incomplete */
};

/*
 * Peel Ethernet, VLAN (802.1Q, 802.1ad, to depth 8), SNAP, Linux cooked v1/v2, raw
 * IP and BSD loopback, then IPv4 (RFC 791) or IPv6 with its extension headers
 * (RFC 8200), then TCP, UDP, SCTP, ICMP, ICMPv6.
 *
 * For DECODE_FRAGMENT (a later fragment, or a first one too small for the
 * transport header) `out` has addresses, protocol and bytes but ports 0 and
 * no payload.  For every other verdict but DECODE_OK
 * `out` is untouched.  Never reads past `frame->captured`; linear in it.
 */
enum decode_verdict decode_frame(const struct frame *frame, struct packet *out) MUST_USE;
