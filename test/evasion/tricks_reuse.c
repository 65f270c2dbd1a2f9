/* SPDX-License-Identifier: Apache-2.0 */
/*
 * V8: who is who, when ports, addresses and connections change or do not.
 */
#include "tricks.h"

const struct trick tricks_of_reuse[] = {
	/* one source port for all: each call ends before the next comes */
	{.name = "V8-same-port", .evasive = {.same_port = true}},
	/* ... and comes while the flow table still remembers the one before */
	{.name = "V8-same-port-soon",
	 .plain = {.short_pause = true},
	 .evasive = {.short_pause = true, .same_port = true}},
	{.name = "V8-many-addresses", .evasive = {.many_addresses = true}},
	{.name = "V8-few-addresses", .evasive = {.few_addresses = true}},
	{.name = "V8-one-connection",
	 .plain = {.stays = true},
	 .evasive = {.stays = true, .one_connection = true}},
	{.name = "V8-both-families", .evasive = {.both_families = true}},
	{.name = "V8-migration",
	 .plain = {.quic = true},
	 .evasive = {.quic = true, .migrates = true}},
	{0},
};
