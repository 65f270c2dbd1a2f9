/* SPDX-License-Identifier: Apache-2.0 */
#include "wrap.h"

#include "simulate/writer.h"

#include <netinet/in.h>

/*
 * Every layer writes its header before it is known what follows, except that
 * its length is: `inner` bytes.
 */
static void put_ether(struct writer *w, uint32_t type)
{
	static const uint8_t cards[12] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};

	write_bytes(w, cards, sizeof(cards));
	write_u16(w, type);
}

static void put_ipv4(struct writer *w, uint8_t proto, size_t inner, uint64_t id)
{
	static const uint8_t ends[8] = {10, 99, 0, 1, 10, 99, 0, 2};
	uint8_t *ip = w->bytes + w->len;

	write_u16(w, 0x4500);
	write_u16(w, 20 + inner);
	write_u16(w, id);
	write_u16(w, 0);
	write_u8(w, 64);
	write_u8(w, proto);
	write_u16(w, 0);
	write_bytes(w, ends, sizeof(ends));
	seal_ipv4(ip);
}

/* Most tunnels leave the checksum out, and take the source port from what is inside. */
static void put_udp(struct writer *w, uint16_t port, size_t inner, const struct shot *s)
{
	put_ether(w, 0x0800);
	put_ipv4(w, IPPROTO_UDP, 8 + inner, s->call * 31 + s->number);
	write_u16(w, 49152 + s->call % 16000);
	write_u16(w, port);
	write_u16(w, 8 + inner);
	write_u16(w, 0);
}

static void put_over_ip(struct writer *w, uint8_t proto, size_t inner, const struct shot *s)
{
	put_ether(w, 0x0800);
	put_ipv4(w, proto, inner, s->call * 31 + s->number);
}

static uint32_t type_of(const struct shot *s)
{
	return get16(s->bytes + 12);
}

static void put_vlans(struct writer *w, const struct shot *s, enum wrap how)
{
	write_bytes(w, s->bytes, 12);
	if (how == WRAP_QINQ) {
		write_u16(w, 0x88a8);
		write_u16(w, 300);
	}
	for (int i = how == WRAP_VLAN_3 ? 3 : 1; i > 0; i--) {
		write_u16(w, 0x8100);
		write_u16(w, 100u + (unsigned)i);
	}
	write_u16(w, type_of(s));
}

static void put_below_ip(struct writer *w, const struct shot *s, enum wrap how, size_t inner)
{
	switch (how) {
	case WRAP_MPLS:
	case WRAP_MPLS_ETHERNET:
		put_ether(w, 0x8847);
		write_u32(w, 16000u << 12 | 64);
		write_u32(w, 16001u << 12 | 0x100 | 64);
		if (how == WRAP_MPLS_ETHERNET)
			write_u32(w, 0);
		break;
	case WRAP_PPPOE:
		put_ether(w, 0x8864);
		write_u32(w, 0x11000007);
		write_u16(w, inner + 2);
		write_u16(w, type_of(s) == 0x0800 ? 0x0021 : 0x0057);
		break;
	default:
		CHECK(how == WRAP_NSH);
		put_ether(w, 0x894f);
		write_u32(w,
			  0x0fc60203); /* six words, MD type 2 of nothing but padding; Ethernet */
		write_u32(w, 0x000102ff);
		for (int i = 0; i < 4; i++)
			write_u32(w, 0);
	}
}

static void put_gre(struct writer *w, const struct shot *s, enum wrap how, size_t inner)
{
	switch (how) {
	case WRAP_GRE:
		put_over_ip(w, IPPROTO_GRE, inner + 4, s);
		write_u32(w, type_of(s));
		break;
	case WRAP_GRE_KEY: /* checksum, key and sequence number; another key each way */
		put_over_ip(w, IPPROTO_GRE, inner + 16, s);
		write_u32(w, 0xb0000000 | type_of(s));
		write_u32(w, 0);
		write_u32(w, s->outward ? 17 : 18);
		write_u32(w, s->number);
		break;
	case WRAP_GRE_ETHERNET:
		put_over_ip(w, IPPROTO_GRE, inner + 4, s);
		write_u32(w, 0x6558);
		break;
	case WRAP_ERSPAN_1:
		put_over_ip(w, IPPROTO_GRE, inner + 4, s);
		write_u32(w, 0x88be);
		break;
	case WRAP_ERSPAN_2:
		put_over_ip(w, IPPROTO_GRE, inner + 16, s);
		write_u32(w, 0x100088be);
		write_u32(w, s->number);
		write_u32(w, 0x10640001);
		write_u32(w, 0x00000010);
		break;
	default:
		put_over_ip(w, IPPROTO_GRE, inner + (how == WRAP_ERSPAN_3_SUB ? 28 : 20), s);
		write_u32(w, 0x100022eb);
		write_u32(w, s->number);
		write_u32(w, 0x20640001);
		write_u32(w, (uint64_t)s->when / 100000);
		write_u32(w, how == WRAP_ERSPAN_3_SUB ? 1 : 0);
		if (how == WRAP_ERSPAN_3_SUB)
			write_u64(w, 0x0c00000000000000);
	}
}

static void put_vxlan(struct writer *w, uint32_t network)
{
	write_u32(w, 0x08000000);
	write_u32(w, network << 8);
}

static void put_geneve(struct writer *w)
{
	write_u32(w, 0x04006558); /* four words of options */
	write_u32(w, 0x00a1b200);
	write_u32(w, 0x01080001);
	write_u32(w, 0x12345678);
	write_u32(w, 0x01088001);
	write_u32(w, 0x9abcdef0);
}

static void put_over_udp(struct writer *w, const struct shot *s, enum wrap how, size_t inner)
{
	switch (how) {
	case WRAP_VXLAN:
	case WRAP_VXLAN_OTHER:
		put_udp(w, 4789, inner + 8, s);
		put_vxlan(w, how == WRAP_VXLAN ? 100 : 200);
		break;
	case WRAP_GENEVE:
		put_udp(w, 6081, inner + 24, s);
		put_geneve(w);
		break;
	case WRAP_GENEVE_VXLAN:
		put_udp(w, 6081, inner + 24 + 50, s);
		put_geneve(w);
		put_udp(w, 4789, inner + 8, s);
		put_vxlan(w, 100);
		break;
	case WRAP_TEREDO:
		put_udp(w, 3544, inner, s);
		break;
	case WRAP_GTP:
		put_udp(w, 2152, inner + 8, s);
		write_u16(w, 0x30ff);
		write_u16(w, inner);
		write_u32(w, s->outward ? 0x1001 : 0x2002);
		break;
	default: /* L2TP version 2 with lengths, PPP inside */
		put_udp(w, 1701, inner + 12, s);
		write_u16(w, 0x4002);
		write_u16(w, inner + 12);
		write_u32(w, s->outward ? 0x00010002 : 0x00030004);
		write_u16(w, 0xff03);
		write_u16(w, type_of(s) == 0x0800 ? 0x0021 : 0x0057);
	}
}

/* Does the whole frame go inside, or what comes after its header? */
static bool takes_frames(enum wrap how)
{
	switch (how) {
	case WRAP_MPLS_ETHERNET:
	case WRAP_GRE_ETHERNET:
	case WRAP_ERSPAN_1:
	case WRAP_ERSPAN_2:
	case WRAP_ERSPAN_3:
	case WRAP_ERSPAN_3_SUB:
	case WRAP_VXLAN:
	case WRAP_VXLAN_OTHER:
	case WRAP_GENEVE:
	case WRAP_GENEVE_VXLAN:
	case WRAP_NSH:
		return true;
	default:
		return false;
	}
}

struct shot *wrap_add(struct tape *out, const struct shot *s, enum wrap how)
{
	static uint8_t frame[FRAME_ROOM];
	struct writer w = writer_over(frame, sizeof(frame));
	size_t skip = takes_frames(how) ? 0 : ETHER, inner = s->len - skip;

	if (how <= WRAP_QINQ)
		put_vlans(&w, s, how);
	else if (how <= WRAP_PPPOE || how == WRAP_NSH)
		put_below_ip(&w, s, how, inner);
	else if (how <= WRAP_ERSPAN_3_SUB)
		put_gre(&w, s, how, inner);
	else if (how == WRAP_IPIP || how == WRAP_6IN4)
		put_over_ip(&w, how == WRAP_IPIP ? IPPROTO_IPIP : IPPROTO_IPV6, inner, s);
	else
		put_over_udp(&w, s, how, inner);
	write_bytes(&w, s->bytes + skip, inner);
	return tape_add(out, s, frame, w.len);
}

struct shot *wrap_deeply(struct tape *out, const struct shot *s, int depth)
{
	static uint8_t frame[FRAME_ROOM];
	struct writer w = writer_over(frame, sizeof(frame));
	size_t inner = s->len - ETHER;

	put_ether(&w, 0x0800);
	for (int i = depth; i > 0; i--)
		put_ipv4(&w, IPPROTO_IPIP, inner + 20 * (size_t)(i - 1), s->call);
	write_bytes(&w, s->bytes + ETHER, inner);
	return tape_add(out, s, frame, w.len);
}
