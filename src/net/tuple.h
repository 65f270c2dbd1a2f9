/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tuple.h - the 5-tuple: who talks to whom, over what.
 *
 * ICMP and ICMPv6 have no ports; a type and its answer stand in for them, the
 * way Community ID does it, so that a request and its reply are each other's
 * reverse and become one flow:
 *
 *	echo request	src_port 8  dst_port 0		(ICMPv6: 128, 129)
 *	echo reply	src_port 0  dst_port 8		(ICMPv6: 129, 128)
 *
 * likewise router and neighbour discovery, timestamp, information, address
 * mask, listener reports, node information and home agent discovery.  Any
 * other type goes one way: src_port is the type, dst_port the code.
 *
 * The same addresses may be used in several virtual networks.  `network` is
 * the identifier that both directions carry (VXLAN, Geneve and NVGRE: kind of
 * tunnel << 24 | VNI), so that such conversations stay apart.  VLAN tags,
 * MPLS labels and TEIDs differ by direction or by tap, and are left out.
 */
#pragma once

#include "net/address.h"

/* No padding: compare and hash all of it. */
struct tuple {
	struct address src, dst;
	uint16_t src_port, dst_port; /* 0 where the protocol has none */
	uint8_t proto;		     /* IPPROTO_TCP, IPPROTO_UDP, ... */
	uint8_t zero;		     /* always 0 */
	uint32_t network;	     /* virtual network; 0: the wire itself */
};
_Static_assert(sizeof(struct tuple) == 44, "a tuple is hashed whole: it must have no holes");
