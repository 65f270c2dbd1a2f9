/* SPDX-License-Identifier: Apache-2.0 */
/*
 * address.h - IPv4 and IPv6 addresses and networks, one type for both.
 *
 * An IPv4 address is stored as ::ffff:a.b.c.d with version 4; the same bytes
 * met in a real IPv6 header have version 6 and are a different address, so
 * the two can never be confused.  All 17 bytes are significant: compare and
 * hash the whole struct.
 */
#pragma once

#include "base/base.h"

#include <endian.h>
#include <string.h>

struct address {
	uint8_t bytes[16];
	uint8_t version; /* 4 or 6; 0 in an address that is not set */
};

/* An address and a prefix length counted in its own family: 0..32 or 0..128. */
struct network {
	struct address address;
	uint8_t prefix;
};

enum { ADDRESS_TEXT_SIZE = 46, NETWORK_TEXT_SIZE = 50 };

/* Inline: they are on the path of every packet. */
static inline struct address address_v4(const uint8_t bytes[static 4])
{
	struct address a = {.bytes = {[10] = 0xff, [11] = 0xff}, .version = 4};

	memcpy(a.bytes + 12, bytes, 4);
	return a;
}

static inline struct address address_v6(const uint8_t bytes[static 16])
{
	struct address a = {.version = 6};

	memcpy(a.bytes, bytes, 16);
	return a;
}

/* In place, for headers that are read once a packet. */
static inline void address_set_v4(struct address *a, const uint8_t bytes[static 4])
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	memcpy(a->bytes, mapped, 12);
	memcpy(a->bytes + 12, bytes, 4);
	a->version = 4;
}

static inline void address_set_v6(struct address *a, const uint8_t bytes[static 16])
{
	memcpy(a->bytes, bytes, 16);
	a->version = 6;
}

/* Dotted quad or RFC 4291 text, `len` bytes, nothing around it; 0 or -EINVAL. */
int address_parse(const char *text, size_t len, struct address *out_address) MUST_USE;

/* Writes RFC 5952 text (IPv4: dotted quad) and returns `out`; "-" if not set. */
const char *address_text(const struct address *address, char out[static ADDRESS_TEXT_SIZE]);

bool address_equal(const struct address *a, const struct address *b);

/* Like memcmp: IPv4 before IPv6, then by value. */
int address_compare(const struct address *a, const struct address *b);

/* "10.0.0.0/8", "2001:db8::/32" or a lone address; host bits are cleared; 0 or -EINVAL. */
int network_parse(const char *text, struct network *out_network) MUST_USE;
const char *network_text(const struct network *network, char out[static NETWORK_TEXT_SIZE]);

/* The bits in which two addresses of one family differ, from byte `at` on, first bit on top. */
static inline uint64_t address_difference(const struct address *a, const struct address *b,
					  size_t at)
{
	uint64_t x, y;

	memcpy(&x, a->bytes + at, sizeof(x));
	memcpy(&y, b->bytes + at, sizeof(y));
	return be64toh(x ^ y);
}

/* Asked twice of every flow, for each network: inline, and eight bytes at a time. */
static inline bool network_contains(const struct network *network, const struct address *address)
{
	const struct address *base = &network->address;
	unsigned int bits = network->prefix;

	if (address->version != base->version || address->version == 0)
		return false;
	if (base->version == 4)
		bits += 32; /* of the last eight bytes, the first four are the same in all */
	else if (bits <= 64)
		return bits == 0 || address_difference(address, base, 0) >> (64 - bits) == 0;
	else if (address_difference(address, base, 0))
		return false;
	else
		bits -= 64;
	return address_difference(address, base, 8) >> (64 - bits) == 0;
}

/*
 * Multicast, broadcast (255.255.255.255) or unspecified: nobody in particular; also
 * written as an IPv6 address (::ffff:224.0.0.1).
 */
bool address_is_group(const struct address *address);
