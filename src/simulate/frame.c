/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/frame.h"

#include "net/packet.h"
#include "simulate/payload.h"
#include "simulate/writer.h"

#include <netinet/in.h>

enum {
	ETHERTYPE_V4 = 0x0800,
	ETHERTYPE_V6 = 0x86dd,
	ETHERTYPE_ARP = 0x0806,
	TTL_OURS = 64,
	TTL_THEIRS = 52, /* a dozen routers away */
};

static bool is_ours(const struct address *a)
{
	const uint8_t *b = a->bytes;

	return a->version == 4 ? b[12] == 10 : b[0] == 0xfd;
}

/* Servers have a card made from their address; everybody else is behind the gateway. */
static void write_card(struct writer *w, const struct address *a)
{
	static const uint8_t gateway[] = {0x02, 0x00, 0x5e, 0x00, 0x00, 0x01};
	static const uint8_t everybody[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

	if (a->version == 4 && a->bytes[12] == 255) {
		write_bytes(w, everybody, sizeof(everybody));
		return;
	}

	if (!is_ours(a)) {
		write_bytes(w, gateway, sizeof(gateway));
		return;
	}
	write_u16(w, 0x0200);
	write_bytes(w, a->bytes + 12, 4);
}

/* Sum of 16-bit words, not folded (RFC 1071). */
static uint64_t sum_words(const uint8_t *bytes, size_t len)
{
	uint64_t sum = 0;
	size_t i = 0;

	for (; i + 4 <= len; i += 4)
		sum += (uint64_t)bytes[i] << 24 | (uint64_t)bytes[i + 1] << 16 |
		       (uint64_t)bytes[i + 2] << 8 | bytes[i + 3];
	for (; i + 2 <= len; i += 2)
		sum += (uint64_t)bytes[i] << 8 | bytes[i + 1];
	return i < len ? sum + ((uint64_t)bytes[i] << 8) : sum;
}

static uint16_t checksum(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void put_checksum(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/*
 *	0  version 4, header of 5 words, type of service
 *	2  total length, identification, don't fragment
 *	8  time to live, protocol, checksum, source, destination
 */
static void write_ipv4(struct writer *w, const struct tuple *t, size_t transport, uint64_t id)
{
	uint8_t *header = w->bytes + w->len;

	write_u16(w, 0x4500);
	write_u16(w, 20 + transport);
	write_u16(w, id);
	write_u16(w, 0x4000);
	write_u8(w, is_ours(&t->src) ? TTL_OURS : TTL_THEIRS);
	write_u8(w, t->proto);
	write_u16(w, 0);
	write_bytes(w, t->src.bytes + 12, 4);
	write_bytes(w, t->dst.bytes + 12, 4);
	put_checksum(header + 10, checksum(sum_words(header, 20)));
}

static void write_ipv6(struct writer *w, const struct tuple *t, size_t transport)
{
	write_u32(w, 0x60000000);
	write_u16(w, transport);
	write_u8(w, t->proto);
	write_u8(w, is_ours(&t->src) ? TTL_OURS : TTL_THEIRS);
	write_bytes(w, t->src.bytes, 16);
	write_bytes(w, t->dst.bytes, 16);
}

/* Both sides start from numbers of their own. */
static uint32_t initial_sequence(const struct sim_call *c, bool outward)
{
	return (uint32_t)(outward ? c->id : sim_mix(c->id));
}

static void write_tcp(struct writer *w, const struct sim_call *c, const struct sim_packet *p,
		      const struct tuple *t)
{
	/* largest segment, selective acknowledgement, window scale 0, padding */
	const uint8_t options[SIM_SYN_OPTIONS] = {
		2, 4, (uint8_t)(sim_call_mss(c) >> 8), (uint8_t)sim_call_mss(c), 4, 2, 1, 3, 3, 0,
		1, 1};
	bool syn = p->tcp_flags & TCP_SYN, ack = p->tcp_flags & TCP_ACK;

	write_u16(w, t->src_port);
	write_u16(w, t->dst_port);
	write_u32(w, initial_sequence(c, p->outward) + p->seq);
	write_u32(w, ack ? initial_sequence(c, !p->outward) + p->ack : 0);
	write_u8(w, syn ? 0x80 : 0x50);
	write_u8(w, p->tcp_flags);
	write_u16(w, p->tcp_flags & TCP_RST ? 0 : 65535);
	write_u32(w, 0); /* checksum, urgent */
	if (syn)
		write_bytes(w, options, sizeof(options));
}

static void write_udp(struct writer *w, const struct sim_packet *p, const struct tuple *t)
{
	write_u16(w, t->src_port);
	write_u16(w, t->dst_port);
	write_u16(w, 8 + p->len);
	write_u16(w, 0);
}

/* type and code, checksum, a number for each asker, and one for each question */
static void write_echo(struct writer *w, const struct sim_call *c, const struct tuple *t)
{
	write_u8(w, t->src_port);
	write_u8(w, 0);
	write_u16(w, 0);
	write_u16(w, c->tuple.src.bytes[15] * 257u);
	write_u16(w, c->id);
}

/* Whoever has just come up says which address it has: who asks is who is asked for (RFC 5227). */
static void write_arp(struct writer *w, const struct address *a)
{
	write_u16(w, 1);
	write_u16(w, ETHERTYPE_V4);
	write_u16(w, 6u << 8 | 4);
	write_u16(w, 1);
	write_card(w, a);
	write_bytes(w, a->bytes + 12, 4);
	write_u32(w, 0);
	write_u16(w, 0);
	write_bytes(w, a->bytes + 12, 4);
}

static struct tuple tuple_of(const struct sim_call *c, const struct sim_packet *p)
{
	const struct tuple *t = &c->tuple;

	if (p->outward)
		return *t;
	return (struct tuple){
		.src = t->dst,
		.dst = t->src,
		.src_port = t->dst_port,
		.dst_port = t->src_port,
		.proto = t->proto,
	};
}

static uint64_t sum_pseudo(const struct tuple *t, size_t len)
{
	size_t size = t->src.version == 4 ? 4 : 16;

	return sum_words(t->src.bytes + 16 - size, size) +
	       sum_words(t->dst.bytes + 16 - size, size) + t->proto + len;
}

/* The checksum covers the addresses, protocol and length as well; not that of ICMP in IPv4. */
static void seal_transport(uint8_t *transport, size_t len, const struct tuple *t)
{
	uint64_t around = t->proto == IPPROTO_ICMP ? 0 : sum_pseudo(t, len);
	uint16_t value = checksum(around + sum_words(transport, len));
	size_t at = t->proto == IPPROTO_TCP ? 16 : t->proto == IPPROTO_UDP ? 6 : 2;

	if (t->proto == IPPROTO_UDP && value == 0)
		value = 0xffff; /* 0 would mean "none" */
	put_checksum(transport + at, value);
}

size_t frame_build(const struct sim_call *c, const struct sim_packet *p,
		   uint8_t out[static FRAME_MOST])
{
	struct writer w = writer_over(out, FRAME_MOST);
	struct tuple t = tuple_of(c, p);
	bool tcp = t.proto == IPPROTO_TCP, v4 = t.src.version == 4;
	size_t header = tcp ? (p->tcp_flags & TCP_SYN ? 20 + SIM_SYN_OPTIONS : 20) : 8;
	size_t transport;

	if (t.proto == SIM_PROTO_ARP) {
		write_card(&w, &t.dst);
		write_card(&w, &t.src);
		write_u16(&w, ETHERTYPE_ARP);
		write_arp(&w, &t.src);
		return w.len;
	}
	write_card(&w, &t.dst);
	/* who has no address yet has a card all the same */
	write_card(&w, c->app == APP_DHCP && p->outward ? &c->lookup.addresses[0] : &t.src);
	write_u16(&w, v4 ? ETHERTYPE_V4 : ETHERTYPE_V6);
	if (v4)
		write_ipv4(&w, &t, header + p->len, c->id + p->number);
	else
		write_ipv6(&w, &t, header + p->len);
	transport = w.len;
	if (tcp)
		write_tcp(&w, c, p, &t);
	else if (t.proto == IPPROTO_UDP)
		write_udp(&w, p, &t);
	else
		write_echo(&w, c, &t);
	payload_fill(c, p, writer_take(&w, p->len));
	seal_transport(out + transport, w.len - transport, &t);
	return w.len;
}
