/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arrival.h - a host says that it has come up.
 *
 * ARP (RFC 826, 5227): a probe asks for an address that the sender means to take, with
 * 0.0.0.0 as its own; an announcement asks for the sender's own.
 *
 *	| 1 | 0800 | 6 | 4 | operation | sender: hardware, IPv4 | target: hardware, IPv4 |
 *	| 2 |   2  | 1 | 1 |     2     |       6         4      |        6         4     |
 *
 * DHCP (RFC 2131): an acknowledgement to a client that had no address yet: `ciaddr` is
 * zero and `yiaddr` what it gets; in a mere renewal `ciaddr` is set.
 *
 * IPv6 (RFC 4862): a neighbour solicitation from the unspecified address asks whether
 * anybody else has the target.
 *
 * None of them is proof: a second address, a failover or a forger say the same.
 * Never reads past what was captured; constant time.
 */
#pragma once

#include "net/packet.h"

/* ARP on Ethernet, behind VLAN tags or not: for frames that hold no IP. */
bool arrival_by_frame(const struct frame *frame, struct address *out_host);

/* DHCP or IPv6: inline, as it is asked of every packet and nearly always in vain. */
bool arrival_in_dhcp(const struct packet *packet, struct address *out_host);
bool arrival_in_solicitation(const struct packet *packet, struct address *out_host);

static inline bool arrival_by_packet(const struct packet *packet, struct address *out_host)
{
	enum { UDP = 17, ICMPV6 = 58, DHCP_SERVER = 67, SOLICITATION = 135 };
	const struct tuple *t = &packet->tuple;

	if (t->proto == UDP)
		return t->src_port == DHCP_SERVER && arrival_in_dhcp(packet, out_host);
	return t->proto == ICMPV6 && t->src_port == SOLICITATION &&
	       arrival_in_solicitation(packet, out_host);
}
