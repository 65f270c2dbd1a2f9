/* SPDX-License-Identifier: Apache-2.0 */
/*
 * V5: the same packets inside something else.
 */
#include "tricks.h"
#include "wrap.h"

static void wrap_all(const struct tape *in, struct tape *out, int how)
{
	for (size_t i = 0; i < in->count; i++)
		wrap_add(out, &in->shots[i], (enum wrap)how);
}

/* Every call by another way, and both directions of it by different ones. */
static void wrap_mixed(const struct tape *in, struct tape *out, int how)
{
	static const enum wrap ways[] = {WRAP_VLAN, WRAP_QINQ, WRAP_MPLS, WRAP_PPPOE,
					 WRAP_GRE,  WRAP_IPIP, WRAP_GTP,  WRAP_L2TP};

	(void)how;
	for (size_t i = 0; i < in->count; i++) {
		const struct shot *s = &in->shots[i];

		wrap_add(out, s, ways[(s->call + s->outward) % ARRAY_LEN(ways)]);
	}
}

/* Beside the plain packets, some that nest deeper than anyone follows. */
static void nest(const struct tape *in, struct tape *out, int how)
{
	for (size_t i = 0; i < in->count; i++) {
		const struct shot *s = &in->shots[i];

		segment_copy(out, s);
		if (i % 100 == 0)
			wrap_deeply(out, s, how);
	}
}

/* All packets nested as deep as is followed. */
static void nest_all(const struct tape *in, struct tape *out, int how)
{
	for (size_t i = 0; i < in->count; i++)
		wrap_deeply(out, &in->shots[i], how);
}

static void wrap_twins(const struct tape *in, struct tape *out, int how)
{
	(void)how;
	for (size_t i = 0; i < in->count; i++) {
		const struct shot *s = &in->shots[i];

		wrap_add(out, s, s->call & TWIN_CALL ? WRAP_VXLAN_OTHER : WRAP_VXLAN);
	}
}

const struct trick tricks_of_tunnels[] = {
	{.name = "V5-vlan", .play = wrap_all, .how = WRAP_VLAN},
	{.name = "V5-vlan-3", .play = wrap_all, .how = WRAP_VLAN_3},
	{.name = "V5-qinq", .play = wrap_all, .how = WRAP_QINQ},
	{.name = "V5-mpls", .play = wrap_all, .how = WRAP_MPLS},
	{.name = "V5-mpls-ethernet", .play = wrap_all, .how = WRAP_MPLS_ETHERNET},
	{.name = "V5-pppoe", .play = wrap_all, .how = WRAP_PPPOE},
	{.name = "V5-gre", .play = wrap_all, .how = WRAP_GRE},
	{.name = "V5-gre-key", .play = wrap_all, .how = WRAP_GRE_KEY},
	{.name = "V5-gre-ethernet", .play = wrap_all, .how = WRAP_GRE_ETHERNET},
	{.name = "V5-erspan-1", .play = wrap_all, .how = WRAP_ERSPAN_1},
	{.name = "V5-erspan-2", .play = wrap_all, .how = WRAP_ERSPAN_2},
	{.name = "V5-erspan-3", .play = wrap_all, .how = WRAP_ERSPAN_3},
	{.name = "V5-erspan-3-sub", .play = wrap_all, .how = WRAP_ERSPAN_3_SUB},
	{.name = "V5-vxlan", .play = wrap_all, .how = WRAP_VXLAN},
	{.name = "V5-geneve", .play = wrap_all, .how = WRAP_GENEVE},
	{.name = "V5-geneve-vxlan", .play = wrap_all, .how = WRAP_GENEVE_VXLAN},
	{.name = "V5-ipip", .play = wrap_all, .how = WRAP_IPIP},
	{.name = "V5-6in4",
	 .play = wrap_all,
	 .how = WRAP_6IN4,
	 .plain = {.v6 = true},
	 .evasive = {.v6 = true}},
	{.name = "V5-teredo",
	 .play = wrap_all,
	 .how = WRAP_TEREDO,
	 .plain = {.v6 = true},
	 .evasive = {.v6 = true}},
	{.name = "V5-gtp", .play = wrap_all, .how = WRAP_GTP},
	{.name = "V5-gtp-6",
	 .play = wrap_all,
	 .how = WRAP_GTP,
	 .plain = {.v6 = true},
	 .evasive = {.v6 = true}},
	{.name = "V5-l2tp", .play = wrap_all, .how = WRAP_L2TP},
	{.name = "V5-nsh", .play = wrap_all, .how = WRAP_NSH},
	{.name = "V5-mixed", .play = wrap_mixed},
	{.name = "V5-deep", .play = nest_all, .how = 7},
	{.name = "V5-too-deep", .play = nest, .how = 8},
	{.name = "V5-twins", .play = wrap_twins, .evasive = {.twins = true}},
	{0},
};
