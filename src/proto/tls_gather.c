/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls_gather.h"

#include <string.h>

void tls_gather_clear(struct tls_gather *g)
{
	memset(g->got, 0, (g->high + 63U) / 64 * sizeof(*g->got));
	g->filled = g->high = 0;
}

static bool has(const struct tls_gather *g, size_t at)
{
	return g->got[at / 64] >> at % 64 & 1;
}

/* Byte by byte: rare, and short. */
static void put_in_hole(struct tls_gather *g, size_t at, const uint8_t *bytes, size_t len)
{
	for (size_t i = at; i < at + len; i++) {
		if (has(g, i))
			continue;
		g->got[i / 64] |= (uint64_t)1 << i % 64;
		g->bytes[i] = bytes[i - at];
	}
	if (at + len > g->high)
		g->high = (uint16_t)(at + len);
	while (g->filled < g->high && has(g, g->filled))
		g->filled++;
}

void tls_gather_put(struct tls_gather *g, uint64_t at, const uint8_t *bytes, size_t len)
{
	if (at >= TLS_GATHER_MAX || len == 0)
		return;
	if (len > TLS_GATHER_MAX - at)
		len = TLS_GATHER_MAX - (size_t)at;
	if (at + len <= g->filled)
		return;
	if (at < g->filled) {
		bytes += g->filled - at;
		len -= g->filled - at;
		at = g->filled;
	}
	if (at == g->filled && g->high == g->filled) {
		memcpy(g->bytes + at, bytes, len);
		g->filled = g->high = (uint16_t)(at + len);
	} else {
		put_in_hole(g, (size_t)at, bytes, len);
	}
}
