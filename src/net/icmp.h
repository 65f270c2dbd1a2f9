/* SPDX-License-Identifier: Apache-2.0 */
/*
 * icmp.h - which ICMP message answers which.
 */
#pragma once

#include "base/base.h"

/*
 * The type that answers this type of ICMP (RFC 792) or ICMPv6 (RFC 4443), or -1
 * for a message that goes one way.  `proto` is IPPROTO_ICMP or IPPROTO_ICMPV6.
 */
int icmp_counterpart(uint8_t proto, uint8_t type);
