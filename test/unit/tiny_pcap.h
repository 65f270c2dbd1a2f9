/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tiny_pcap.h - a reader of captures that shares no code with ours: the least
 * that RFC 791, 8200, 9293 and 768 ask for, in the plainest way.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tiny_packet {
	uint64_t when_us;
	uint32_t captured, length;
	int version, proto;
	uint8_t src[16], dst[16]; /* IPv4 in the first four bytes */
	unsigned int src_port, dst_port, ip_length, tcp_flags, payload_length;
	const uint8_t *payload;		      /* into `bytes` */
	bool ip_sum_good, transport_sum_good; /* only known if all was captured */
	uint8_t bytes[70000];
};

static inline unsigned int tiny_u16(const uint8_t *p)
{
	return p[0] * 256u + p[1];
}

static inline uint32_t tiny_le32(const uint8_t *p)
{
	return p[0] + 256u * p[1] + 65536u * p[2] + 16777216u * p[3];
}

/* RFC 1071, word by word; 0xffff when the checksum inside is right. */
static inline unsigned int tiny_sum(unsigned int sum, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		sum += i % 2 ? p[i] : p[i] * 256u;
		if (sum > 0xffff)
			sum -= 0xffff;
	}
	return sum;
}

static inline bool tiny_open(FILE *file, uint32_t *snaplen)
{
	uint8_t h[24];

	if (!file || fread(h, 1, 24, file) != 24)
		return false;
	*snaplen = tiny_le32(h + 16);
	return tiny_le32(h) == 0xa1b2c3d4 && h[4] == 2 && h[6] == 4 && tiny_le32(h + 20) == 1;
}

static inline void tiny_transport(struct tiny_packet *p, const uint8_t *t)
{
	unsigned int head = p->proto == 6 ? (t[12] >> 4) * 4u : 8;
	unsigned int ip_head = p->version == 4 ? 20 : 40, len = p->ip_length - ip_head;
	size_t width = p->version == 4 ? 4 : 16;
	unsigned int sum;

	p->src_port = tiny_u16(t);
	p->dst_port = tiny_u16(t + 2);
	p->tcp_flags = p->proto == 6 ? t[13] : 0;
	p->payload = t + head;
	p->payload_length = len - head;
	if (p->captured < p->length)
		return;
	sum = tiny_sum((unsigned int)p->proto, p->src, width);
	sum = tiny_sum(sum, p->dst, width);
	sum = tiny_sum(sum, (uint8_t[]){(uint8_t)(len >> 8), (uint8_t)len}, 2);
	p->transport_sum_good = tiny_sum(sum, t, len) == 0xffff;
}

/* The next packet; false at the end.  Exits on what should not be in a file of ours. */
static inline bool tiny_next(FILE *file, struct tiny_packet *p)
{
	uint8_t h[16];
	const uint8_t *ip;

	if (fread(h, 1, 16, file) != 16)
		return false;
	p->when_us = tiny_le32(h) * 1000000ull + tiny_le32(h + 4);
	p->captured = tiny_le32(h + 8);
	p->length = tiny_le32(h + 12);
	if (p->captured > sizeof(p->bytes) || fread(p->bytes, 1, p->captured, file) != p->captured)
		abort();
	ip = p->bytes + 14;
	memset(p->src, 0, 32);
	p->version = tiny_u16(p->bytes + 12) == 0x0800 ? 4 : 6;
	if (p->version == 4) {
		p->proto = ip[9];
		p->ip_length = tiny_u16(ip + 2);
		p->ip_sum_good = tiny_sum(0, ip, 20) == 0xffff && ip[0] == 0x45;
		memcpy(p->src, ip + 12, 4);
		memcpy(p->dst, ip + 16, 4);
		tiny_transport(p, ip + 20);
	} else {
		p->proto = ip[6];
		p->ip_length = tiny_u16(ip + 4) + 40;
		p->ip_sum_good = ip[0] >> 4 == 6 && tiny_u16(p->bytes + 12) == 0x86dd;
		memcpy(p->src, ip + 8, 16);
		memcpy(p->dst, ip + 24, 16);
		tiny_transport(p, ip + 40);
	}
	return true;
}
