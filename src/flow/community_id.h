/* SPDX-License-Identifier: Apache-2.0 */
/*
 * community_id.h - one name for a flow that Zeek, Suricata and we agree on.
 *
 * Community ID, version 1: "1:" and the base64 of a SHA-1 over seed, addresses,
 * protocol and ports, smaller end first; see tuple.h for what stands for the
 * ports of ICMP.  Pure function, any thread.
 */
#pragma once

#include "net/tuple.h"

enum { COMMUNITY_ID_SIZE = 31 };

/* Writes the id under this seed (others use 0 unless told) and returns `out`. */
const char *community_id(const struct tuple *tuple, uint16_t seed,
			 char out[static COMMUNITY_ID_SIZE]);
