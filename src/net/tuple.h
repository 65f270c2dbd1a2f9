/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tuple.h - the 5-tuple: who talks to whom, over what.
 */
#pragma once

#include "net/address.h"

/* No padding: compare and hash all of it. */
struct tuple {
	struct address src, dst;
	uint16_t src_port, dst_port; /* 0 where the protocol has none; ICMP: type, code */
	uint8_t proto;		     /* IPPROTO_TCP, IPPROTO_UDP, ... */
	uint8_t zero;		     /* always 0 */
};
_Static_assert(sizeof(struct tuple) == 40, "a tuple is hashed whole: it must have no holes");
