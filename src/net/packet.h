/* SPDX-License-Identifier: Apache-2.0 */
/*
 * packet.h - one frame as captured, and the packet found inside it.
 *
 *	struct frame --decode_frame()--> struct packet, one for each layer of tunnel
 *
 * Memory: both borrow the captured bytes and live no longer than they do.
 */
#pragma once

#include "net/tuple.h"

/* LINKTYPE_ values as in capture files (the tcpdump group's registry). */
enum link_type {
	LINK_NULL = 0, /* BSD loopback: family in the capturing host's byte order */
	LINK_ETHERNET = 1,
	LINK_PPP = 9,
	LINK_RAW_OLD = 12, /* raw IP as some systems number it; 14 likewise */
	LINK_RAW_BSD = 14,
	LINK_PPP_HDLC = 50,  /* PPP in HDLC-like framing, or Cisco HDLC */
	LINK_PPP_ETHER = 51, /* PPPoE from its own header on */
	LINK_LLC = 100,	     /* ATM (RFC 2684): LLC first */
	LINK_RAW = 101,
	LINK_CISCO_HDLC = 104,
	LINK_WIFI = 105, /* 802.11 */
	LINK_LOOP = 108, /* OpenBSD loopback: family in network byte order */
	LINK_LINUX_SLL = 113,
	LINK_RADIOTAP = 127, /* 802.11 behind a radiotap header */
	LINK_PPP_DIRECTION = 204,
	LINK_MPLS = 219,
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

/* What carries a packet, or what a packet carries. */
enum tunnel {
	TUNNEL_NONE,
	TUNNEL_IP, /* IP in IP, all four ways (RFC 2003, 4213, 2473) */
	TUNNEL_GRE,
	TUNNEL_ERSPAN,
	TUNNEL_VXLAN,
	TUNNEL_GENEVE,
	TUNNEL_GTP,
	TUNNEL_TEREDO,
	TUNNEL_L2TP,
	TUNNEL_MPLS, /* over UDP (RFC 7510) or IP (RFC 4023) */
	TUNNEL_KINDS
};

struct packet {
	ns_t when;
	struct tuple tuple;	/* as on the wire, sender first */
	uint32_t bytes;		/* whole IP packet by its own header, however little was captured */
	uint32_t payload_bytes; /* above TCP, UDP, ... by the headers, likewise */
	uint32_t payload_captured;
	const uint8_t *payload; /* what was captured of it; NULL if nothing */
	uint32_t tcp_seq;
	uint32_t stamp;	      /* IPv4 identification << 16 | transport checksum: tells copies */
	uint16_t tcp_urgent;  /* urgent pointer if TCP_URG is set, else 0 */
	uint8_t tcp_flags;    /* 0 unless TCP */
	uint8_t inside;	      /* enum tunnel in which it travelled */
	uint8_t carries;      /* enum tunnel that it is the outside of; its payload is the inside */
	bool fragment;	      /* one of several: ... */
	bool more_fragments;  /* ... not the last, ... */
	uint16_t fragment_at; /* ... and this many bytes into the datagram */
	uint32_t fragment_id;
};

enum { PACKET_LAYERS_MAX = 8 };

/*
 * Peel what the link put in front (Ethernet, VLAN tags, 802.1ah, MPLS, PPPoE, SNAP,
 * PPP, HDLC, 802.11, Linux cooked, BSD loopback ...), then IPv4 (RFC 791) or IPv6
 * with its extension headers (RFC 8200), then TCP, UDP, SCTP, ICMP, ICMPv6, and
 * go on in tunnels (enum tunnel).
 *
 * A frame holds a packet for each layer of tunnel: `out[0]` is the outermost,
 * `out[*out_count - 1]` the innermost that could be read.  With DECODE_OK all of
 * them are whole.  With DECODE_FRAGMENT the innermost is a fragment, first or
 * later: ports 0, and its payload is the piece, transport header and all; see
 * fragments.h.  A transport header or a chain of IPv6 extensions that contradicts itself
 * makes DECODE_MALFORMED, and yet a packet: without ports, all of it payload.  With any other
 * verdict the innermost layer could not be read, and `*out_count` packets outside of it could;
 * often none.  DECODE_UNSUPPORTED is also the answer to more than PACKET_LAYERS_MAX packets or 32
 * tags, labels and tunnel headers.  Never reads past `frame->captured`; linear in it.
 *
 * A UDP port is only a hint at a tunnel.  Where no IP header is found inside, the
 * packet is plain UDP.  A protocol number is more than that: a GRE packet that
 * brings ARP carries TUNNEL_GRE, and all is well.
 */
enum decode_verdict decode_frame(const struct frame *frame, struct packet out[PACKET_LAYERS_MAX],
				 unsigned *out_count) MUST_USE;
