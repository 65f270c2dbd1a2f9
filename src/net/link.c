/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the capture's link type to what it announces.
 */
#include "net/peel.h"

/* Some devices put no EtherType into the "protocol" of a cooked header. */
static bool cooked_type_is_ethertype(uint16_t arphrd)
{
	enum { ARPHRD_FRAME_RELAY = 770, ARPHRD_RADIOTAP = 803, ARPHRD_NETLINK = 824 };

	return arphrd != ARPHRD_FRAME_RELAY && arphrd != ARPHRD_RADIOTAP &&
	       arphrd != ARPHRD_NETLINK;
}

/*
 * Linux cooked v1:
 *
 *	| packet type | ARPHRD | address len | address | protocol |
 *	|      2      |    2   |      2      |    8    |     2    |
 *
 * and v2:
 *
 *	| protocol | 0 | interface | ARPHRD | packet type | address len | address |
 *	|     2    | 2 |     4     |    2   |      1      |      1      |    8    |
 */
static enum decode_verdict peel_cooked(struct peel *p, bool v2)
{
	uint32_t len = v2 ? 20 : 16;
	enum decode_verdict v = rest_has(&p->rest, len);
	uint16_t arphrd, type;

	if (v != DECODE_OK)
		return v;
	arphrd = be16(p->rest.bytes + (v2 ? 8 : 2));
	type = be16(p->rest.bytes + (v2 ? 0 : 14));
	if (!cooked_type_is_ethertype(arphrd))
		return DECODE_NOT_IP;
	rest_skip(&p->rest, len);
	return peel_ethertype(p, type);
}

/*
 * BSD loopback: four bytes of address family, which is 2 for IPv4 everywhere
 * and for IPv6 what each system chose.  A family fits in 16 bits, so whichever
 * half is zero tells the byte order.
 */
static enum decode_verdict peel_loopback(struct peel *p)
{
	enum {
		INET = 2,
		INET6_LINUX = 10,
		INET6_WINDOWS = 23,
		INET6_OPENBSD = 24,
		INET6_FREEBSD = 28,
		INET6_DARWIN = 30
	};
	enum decode_verdict v = rest_has(&p->rest, 4);
	uint32_t family;

	if (v != DECODE_OK)
		return v;
	family = be32(p->rest.bytes);
	if (family > 0xffff)
		family = __builtin_bswap32(family);
	rest_skip(&p->rest, 4);
	switch (family) {
	case INET:
		return peel_ipv4(p);
	case INET6_LINUX:
	case INET6_WINDOWS:
	case INET6_OPENBSD:
	case INET6_FREEBSD:
	case INET6_DARWIN:
		return peel_ipv6(p);
	default:
		return DECODE_NOT_IP;
	}
}

/* One byte that tells sent from received, then PPP. */
static enum decode_verdict peel_ppp_direction(struct peel *p)
{
	enum decode_verdict v = rest_has(&p->rest, 1);

	if (v != DECODE_OK)
		return v;
	rest_skip(&p->rest, 1);
	return peel_ppp(p);
}

static peel_fn *rare_link(uint32_t link)
{
	switch (link) {
	case LINK_PPP:
	case LINK_PPP_HDLC:
	case LINK_CISCO_HDLC:
		return peel_hdlc;
	case LINK_PPP_ETHER:
		return peel_pppoe;
	case LINK_PPP_DIRECTION:
		return peel_ppp_direction;
	case LINK_LLC:
		return peel_llc;
	case LINK_WIFI:
		return peel_wifi;
	case LINK_RADIOTAP:
		return peel_radiotap;
	case LINK_MPLS:
		return peel_mpls;
	default:
		return NULL;
	}
}

enum decode_verdict peel_link(struct peel *p, uint32_t link)
{
	peel_fn *rare;

	switch (link) {
	case LINK_ETHERNET:
		return peel_ethernet(p);
	case LINK_LINUX_SLL:
		return peel_cooked(p, false);
	case LINK_LINUX_SLL2:
		return peel_cooked(p, true);
	case LINK_NULL:
	case LINK_LOOP:
		return peel_loopback(p);
	case LINK_RAW:
	case LINK_RAW_OLD:
	case LINK_RAW_BSD:
		return peel_ip(p);
	case LINK_IPV4:
		return peel_ipv4(p);
	case LINK_IPV6:
		return peel_ipv6(p);
	default:
		rare = rare_link(link);
		return rare ? rare(p) : DECODE_UNSUPPORTED;
	}
}
