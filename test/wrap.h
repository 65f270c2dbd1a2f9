/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wrap.h - packets for tests, built from the inside out: each call puts one more
 * header before what is there, with the lengths that belong in it.
 *
 *	struct wrap w = wrap_text("hello");
 *	wrap_udp(&w, 49152, 53);
 *	wrap_ip4(&w, IPPROTO_UDP, 1, 2);	from 10.0.0.1 to 10.0.0.2
 *	wrap_hex(&w, "0000000004d2 ...");
 */
#pragma once

#include "net/packet.h"

#include <string.h>

enum { WRAP_SIZE = 4096 };

struct wrap {
	uint8_t room[WRAP_SIZE];
	size_t at; /* first byte in use; the last is the room's last */
};

static inline size_t wrap_len(const struct wrap *w)
{
	return WRAP_SIZE - w->at;
}

static inline void wrap_bytes(struct wrap *w, const void *bytes, size_t len)
{
	CHECK(len <= w->at);
	w->at -= len;
	memcpy(w->room + w->at, bytes, len);
}

static inline struct wrap wrap_text(const char *text)
{
	struct wrap w = {.at = WRAP_SIZE};

	wrap_bytes(&w, text, strlen(text));
	return w;
}

/* Put `high` and `low` bytes, network order. */
static inline void wrap_16(struct wrap *w, size_t value)
{
	wrap_bytes(w, (uint8_t[]){(uint8_t)(value >> 8), (uint8_t)value}, 2);
}

/* Hex digits in pairs; anything else is only there to be read. */
static inline void wrap_hex(struct wrap *w, const char *hex)
{
	uint8_t bytes[512];
	size_t digits = 0;

	for (; *hex; hex++) {
		const char *found = strchr("0123456789abcdef", *hex);

		if (!found)
			continue;
		CHECK(digits / 2 < sizeof(bytes));
		if (digits % 2 == 0)
			bytes[digits / 2] = 0;
		bytes[digits / 2] =
			(uint8_t)(bytes[digits / 2] << 4 | (found - "0123456789abcdef"));
		digits++;
	}
	CHECK(digits % 2 == 0);
	wrap_bytes(w, bytes, digits / 2);
}

/* RFC 768 */
static inline void wrap_udp(struct wrap *w, uint16_t src_port, uint16_t dst_port)
{
	size_t len = wrap_len(w) + 8;

	wrap_hex(w, "0000"); /* no checksum */
	wrap_16(w, len);
	wrap_16(w, dst_port);
	wrap_16(w, src_port);
}

/* RFC 9293; a segment in the middle of a conversation */
static inline void wrap_tcp(struct wrap *w, uint16_t src_port, uint16_t dst_port)
{
	wrap_hex(w, "00000001 00000001 5018 ffff abcd 0000");
	wrap_16(w, dst_port);
	wrap_16(w, src_port);
}

/* RFC 791, of `total` bytes, as one of several pieces: 0x2000 more follow, the rest is where. */
static inline void wrap_ip4_piece(struct wrap *w, uint8_t proto, uint8_t src, uint8_t dst,
				  uint16_t fragment)
{
	size_t total = wrap_len(w) + 20;

	wrap_bytes(w, (uint8_t[]){10, 0, 0, src, 10, 0, 0, dst}, 8);
	wrap_bytes(w, (uint8_t[]){64, proto, 0, 0}, 4);
	wrap_16(w, fragment);
	wrap_16(w, 0x1234);
	wrap_16(w, total);
	wrap_hex(w, "4500");
}

static inline void wrap_ip4(struct wrap *w, uint8_t proto, uint8_t src, uint8_t dst)
{
	wrap_ip4_piece(w, proto, src, dst, 0x4000);
}

/* RFC 8200: from 2001:db8::src to 2001:db8::dst */
static inline void wrap_ip6(struct wrap *w, uint8_t next, uint8_t src, uint8_t dst)
{
	size_t len = wrap_len(w);

	wrap_bytes(w, (uint8_t[]){0x20, 1, 0xd, 0xb8, [15] = dst}, 16);
	wrap_bytes(w, (uint8_t[]){0x20, 1, 0xd, 0xb8, [15] = src}, 16);
	wrap_bytes(w, (uint8_t[]){next, 64}, 2);
	wrap_16(w, len);
	wrap_hex(w, "60000000");
}

/* Two stations and what is inside. */
static inline void wrap_ethernet(struct wrap *w, uint16_t type)
{
	wrap_16(w, type);
	wrap_hex(w, "020000000002 020000000001");
}

/* RFC 7348 over UDP over IPv4, Ethernet in it */
static inline void wrap_vxlan(struct wrap *w, uint32_t network, uint8_t src, uint8_t dst)
{
	wrap_ethernet(w, 0x0800);
	wrap_bytes(w,
		   (uint8_t[]){8, 0, 0, 0, (uint8_t)(network >> 16), (uint8_t)(network >> 8),
			       (uint8_t)network, 0},
		   8);
	wrap_udp(w, 50000, 4789);
	wrap_ip4(w, 17, src, dst);
}

static inline struct frame wrap_frame(const struct wrap *w, uint32_t link)
{
	return (struct frame){.when = 7,
			      .bytes = w->room + w->at,
			      .captured = (uint32_t)wrap_len(w),
			      .length = (uint32_t)wrap_len(w),
			      .link = link};
}
