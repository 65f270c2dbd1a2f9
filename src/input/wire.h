/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire.h - integers in capture files: in the byte order of who wrote them.
 *
 * The caller has made sure that the bytes are there.
 */
#pragma once

#include "base/base.h"

#include <string.h>

/* `big`: big-endian, else little-endian. */
static inline uint16_t wire_u16(const uint8_t *p, bool big)
{
	uint16_t x = (uint16_t)(p[0] | p[1] << 8);

	return big ? __builtin_bswap16(x) : x;
}

static inline uint32_t wire_u32(const uint8_t *p, bool big)
{
	uint32_t x =
		(uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;

	return big ? __builtin_bswap32(x) : x;
}

static inline uint64_t wire_u64(const uint8_t *p, bool big)
{
	uint64_t first = wire_u32(p, big), second = wire_u32(p + 4, big);

	return big ? first << 32 | second : second << 32 | first;
}
