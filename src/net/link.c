/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the capture's link type to the first IP header.
 */
#include "net/peel.h"

#include <string.h>

enum { VLAN_DEPTH_MAX = 8 };

enum ethertype {
	ETHERTYPE_LOWEST = 0x0600, /* below: an 802.3 length, LLC follows */
	ETHERTYPE_IPV4 = 0x0800,
	ETHERTYPE_VLAN = 0x8100, /* 802.1Q */
	ETHERTYPE_IPV6 = 0x86dd,
	ETHERTYPE_MPLS = 0x8847,
	ETHERTYPE_MPLS_UPSTREAM = 0x8848,
	ETHERTYPE_PPPOE = 0x8864, /* session; 0x8863, discovery, carries no IP */
	ETHERTYPE_QINQ = 0x88a8,  /* 802.1ad */
	ETHERTYPE_MACSEC = 0x88e5,
	ETHERTYPE_PBB = 0x88e7,	  /* 802.1ah */
	ETHERTYPE_VNTAG = 0x8926, /* 802.1BR */
	ETHERTYPE_NSH = 0x894f,
	ETHERTYPE_OLD_QINQ = 0x9100, /* 802.1ad before it had a number of its own */
};

/*
 * 802.1Q tags, any number of them:
 *
 *	| TPID (the type before) | PCP, DEI, VLAN id | next type |
 *	|        2, taken        |         2         |     2     |
 */
static enum decode_verdict skip_vlans(struct peel *p, uint16_t *type)
{
	for (int depth = 0;; depth++) {
		enum decode_verdict v;

		if (*type != ETHERTYPE_VLAN && *type != ETHERTYPE_QINQ &&
		    *type != ETHERTYPE_OLD_QINQ)
			return DECODE_OK;
		if (depth == VLAN_DEPTH_MAX)
			return DECODE_UNSUPPORTED;
		v = rest_has(&p->rest, 4);
		if (v != DECODE_OK)
			return v;
		*type = be16(p->rest.bytes + 2);
		rest_skip(&p->rest, 4);
	}
}

/*
 * Where a type should be, a length: 802.2 LLC follows, which is no IP, except
 * that SNAP (RFC 1042) brings an EtherType after all:
 *
 *	| AA | AA | 03 | 00 00 00 | type |
 *	|  1 |  1 |  1 |     3    |   2  |
 */
static enum decode_verdict peel_llc(struct peel *p)
{
	static const uint8_t snap[6] = {0xaa, 0xaa, 0x03};
	uint16_t type;

	if (p->rest.captured < 8 || memcmp(p->rest.bytes, snap, sizeof(snap)) != 0)
		return DECODE_NOT_IP;
	type = be16(p->rest.bytes + 6);
	rest_skip(&p->rest, 8);
	if (type == ETHERTYPE_IPV4)
		return peel_ipv4(p);
	return type == ETHERTYPE_IPV6 ? peel_ipv6(p) : DECODE_NOT_IP;
}

enum decode_verdict peel_ethertype(struct peel *p, uint16_t type)
{
	enum decode_verdict v = skip_vlans(p, &type);

	if (v != DECODE_OK)
		return v;
	switch (type) {
	case ETHERTYPE_IPV4:
		return peel_ipv4(p);
	case ETHERTYPE_IPV6:
		return peel_ipv6(p);
	case ETHERTYPE_MPLS:
	case ETHERTYPE_MPLS_UPSTREAM:
	case ETHERTYPE_PPPOE:
	case ETHERTYPE_MACSEC:
	case ETHERTYPE_PBB:
	case ETHERTYPE_VNTAG:
	case ETHERTYPE_NSH:
		return DECODE_UNSUPPORTED; /* IP may be inside */
	default:
		return type < ETHERTYPE_LOWEST ? peel_llc(p) : DECODE_NOT_IP;
	}
}

/*
 *	| destination | source | type |
 *	|      6      |    6   |   2  |
 */
enum decode_verdict peel_ethernet(struct peel *p)
{
	enum decode_verdict v = rest_has(&p->rest, 14);
	uint16_t type;

	if (v != DECODE_OK)
		return v;
	type = be16(p->rest.bytes + 12);
	rest_skip(&p->rest, 14);
	return peel_ethertype(p, type);
}

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

enum decode_verdict peel_link(struct peel *p, uint32_t link)
{
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
		return DECODE_UNSUPPORTED;
	}
}
