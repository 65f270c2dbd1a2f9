/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ethernet, and all that may stand between it and IP.
 */
#include "net/peel.h"

enum { VLAN_DEPTH_MAX = 8 };

enum ethertype {
	ETHERTYPE_LOWEST = 0x0600, /* below: an 802.3 length, LLC follows */
	ETHERTYPE_IPV4 = 0x0800,
	ETHERTYPE_BRIDGED = 0x6558, /* a whole Ethernet frame */
	ETHERTYPE_VLAN = 0x8100,    /* 802.1Q */
	ETHERTYPE_IPV6 = 0x86dd,
	ETHERTYPE_MPLS = 0x8847,
	ETHERTYPE_MPLS_UPSTREAM = 0x8848,
	ETHERTYPE_PPPOE = 0x8864, /* session; 0x8863, discovery, carries no IP */
	ETHERTYPE_PPP = 0x880b,
	ETHERTYPE_TRUSTSEC = 0x8909, /* Cisco's security group */
	ETHERTYPE_QINQ = 0x88a8,     /* 802.1ad */
	ETHERTYPE_MACSEC = 0x88e5,
	ETHERTYPE_PBB = 0x88e7,	  /* 802.1ah */
	ETHERTYPE_VNTAG = 0x8926, /* Cisco's forerunner of 802.1BR */
	ETHERTYPE_ETAG = 0x893f,  /* 802.1BR */
	ETHERTYPE_NSH = 0x894f,
	ETHERTYPE_OLD_QINQ = 0x9100, /* 802.1ad before it had a number of its own */
};

static bool is_vlan(uint16_t type)
{
	return type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ || type == ETHERTYPE_OLD_QINQ;
}

/*
 * 802.1Q tags, any number of them:
 *
 *	| TPID (the type before) | PCP, DEI, VLAN id | next type |
 *	|        2, taken        |         2         |     2     |
 */
static enum decode_verdict peel_vlans(struct peel *p, uint16_t type)
{
	for (int depth = 0; is_vlan(type); depth++) {
		enum decode_verdict v = peel_header(p, 4);

		if (v != DECODE_OK)
			return v;
		if (depth == VLAN_DEPTH_MAX)
			return peel_too_deep(p);
		type = be16(p->rest.bytes + 2);
		rest_skip(&p->rest, 4);
	}
	return peel_ethertype(p, type);
}

/* A tag that ends in the next type, like VNTag (4 bytes and it), E-Tag and TrustSec (6 and it). */
static enum decode_verdict peel_tag(struct peel *p, uint32_t len)
{
	enum decode_verdict v = peel_header(p, len + 2);
	uint16_t type;

	if (v != DECODE_OK)
		return v;
	type = be16(p->rest.bytes + len);
	rest_skip(&p->rest, len + 2);
	return peel_ethertype(p, type);
}

/*
 * 802.1ah: a tag with the service's number, and the customer's whole frame.
 *
 *	| PCP, DEI, UCA, 0 | I-SID | Ethernet
 *	|         1        |   3   |
 */
static enum decode_verdict peel_pbb(struct peel *p)
{
	enum decode_verdict v = peel_header(p, 4);

	if (v != DECODE_OK)
		return v;
	rest_skip(&p->rest, 4);
	return peel_ethernet(p);
}

/*
 * MACsec (802.1AE).  What is only signed can be read; the signature at the end
 * is beyond IP's length.
 *
 *	| V ES SC SCB E C AN | short length | packet number | channel, if SC | type
 *	|          1         |       1      |       4       |        8       |
 */
static enum decode_verdict peel_macsec(struct peel *p)
{
	enum { SC = 0x20, ENCRYPTED = 0x08, CHANGED = 0x04 };
	enum decode_verdict v = peel_header(p, 6);
	uint8_t flags;

	if (v != DECODE_OK)
		return v;
	flags = p->rest.bytes[0];
	if (flags & (ENCRYPTED | CHANGED))
		return DECODE_UNSUPPORTED;
	return peel_tag(p, flags & SC ? 14 : 6);
}

/*
 * 802.2 LLC is no IP, except that SNAP (RFC 1042) brings an EtherType after all,
 * and that IP has a service access point of its own, which hardly anyone uses:
 *
 *	| AA | AA | 03 | 00 00 00 | type |		| 06 | 06 | 03 | IPv4
 *	|  1 |  1 |  1 |     3    |   2  |		|  1 |  1 |  1 |
 *
 * 00 00 f8 instead of zeros is a bridge's mark (802.1H).
 */
enum decode_verdict peel_llc(struct peel *p)
{
	const uint8_t *llc = p->rest.bytes;
	enum decode_verdict v = rest_has(&p->rest, 3);
	uint32_t organisation;
	uint16_t type;

	if (v != DECODE_OK)
		return v == DECODE_MALFORMED ? DECODE_NOT_IP : v;
	if (be24(llc) == 0x060603) {
		rest_skip(&p->rest, 3);
		return peel_ipv4(p);
	}
	if (be24(llc) != 0xaaaa03)
		return DECODE_NOT_IP;
	v = rest_has(&p->rest, 8);
	if (v != DECODE_OK)
		return v;
	organisation = be24(llc + 3);
	type = be16(llc + 6);
	if ((organisation != 0 && organisation != 0xf8) || type < ETHERTYPE_LOWEST)
		return DECODE_NOT_IP;
	rest_skip(&p->rest, 8);
	return peel_ethertype(p, type);
}

enum decode_verdict peel_ethertype(struct peel *p, uint16_t type)
{
	switch (type) {
	case ETHERTYPE_IPV4:
		return peel_ipv4(p);
	case ETHERTYPE_IPV6:
		return peel_ipv6(p);
	case ETHERTYPE_VLAN:
	case ETHERTYPE_QINQ:
	case ETHERTYPE_OLD_QINQ:
		return peel_vlans(p, type);
	case ETHERTYPE_MPLS:
	case ETHERTYPE_MPLS_UPSTREAM:
		return peel_mpls(p);
	case ETHERTYPE_PPPOE:
		return peel_pppoe(p);
	case ETHERTYPE_MACSEC:
		return peel_macsec(p);
	case ETHERTYPE_PBB:
		return peel_pbb(p);
	case ETHERTYPE_VNTAG:
		return peel_tag(p, 4);
	case ETHERTYPE_ETAG:
	case ETHERTYPE_TRUSTSEC:
		return peel_tag(p, 6);
	case ETHERTYPE_NSH:
		return peel_nsh(p);
	default:
		return type < ETHERTYPE_LOWEST ? peel_llc(p) : DECODE_NOT_IP;
	}
}

enum decode_verdict peel_bridged(struct peel *p, uint16_t type)
{
	if (type == ETHERTYPE_BRIDGED)
		return peel_ethernet(p);
	if (type == ETHERTYPE_PPP)
		return peel_ppp(p);
	return type < ETHERTYPE_LOWEST ? DECODE_NOT_IP : peel_ethertype(p, type);
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
