/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_gather.h - pieces of one handshake message, put where they belong.
 *
 * QUIC (RFC 9000, 19.6) and DTLS (RFC 9147, 5.5) may send a message in any
 * order, in pieces that overlap.  The first to arrive wins where two overlap.
 * Plain data of the caller, empty when all zeros; what lies past
 * TLS_GATHER_MAX is dropped.  Time is linear in the bytes put.
 */
#pragma once

#include "base/base.h"

enum { TLS_GATHER_MAX = 7168 };

struct tls_gather {
	uint16_t filled;		   /* bytes from the start without a hole */
	uint16_t high;			   /* end of the furthest piece */
	uint64_t got[TLS_GATHER_MAX / 64]; /* a bit for each byte put out of order */
	uint8_t bytes[TLS_GATHER_MAX];
};

/* Forget all; costs little more than what was there. */
void tls_gather_clear(struct tls_gather *g);

void tls_gather_put(struct tls_gather *g, uint64_t at, const uint8_t *bytes, size_t len);
