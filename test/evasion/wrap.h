/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wrap.h - put a frame, or the packet in it, into another one.
 *
 * The outside goes from 10.99.0.1 to 10.99.0.2, as to a sensor that traffic is
 * mirrored to, so it is nobody's call-home.
 */
#pragma once

#include "segment.h"

/* In this order: wrap.c tells what is below IP, over it and over UDP by their range. */
enum wrap {
	WRAP_VLAN,
	WRAP_VLAN_3,
	WRAP_QINQ,
	WRAP_MPLS,
	WRAP_MPLS_ETHERNET, /* pseudowire with a control word */
	WRAP_PPPOE,
	WRAP_GRE,
	WRAP_GRE_KEY,
	WRAP_GRE_ETHERNET,
	WRAP_ERSPAN_1,
	WRAP_ERSPAN_2,
	WRAP_ERSPAN_3,
	WRAP_ERSPAN_3_SUB, /* with the optional 8 bytes */
	WRAP_VXLAN,
	WRAP_GENEVE, /* with options */
	WRAP_GENEVE_VXLAN,
	WRAP_IPIP,
	WRAP_6IN4,   /* IPv6 only */
	WRAP_TEREDO, /* IPv6 only */
	WRAP_GTP,
	WRAP_L2TP,
	WRAP_NSH,
	WRAP_VXLAN_OTHER, /* another network than WRAP_VXLAN */
	WRAPS
};

struct shot *wrap_add(struct tape *out, const struct shot *s, enum wrap how);

/* IPv4 in IPv4 in IPv4 ..., `depth` times around the packet. */
struct shot *wrap_deeply(struct tape *out, const struct shot *s, int depth);
