/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opening.h - read what a conversation claims to be from its first packets.
 *
 * Looks at the first OPENING_PACKETS payloads of each direction: TLS server
 * name, HTTP Host, NTP by its header, and DNS responses, which feed the name
 * map.  Stateless beside the flow itself.
 */
#pragma once

#include "base/string_table.h"
#include "flow/flow.h"
#include "flow/name_map.h"
#include "net/packet.h"

enum { OPENING_PACKETS = 4 };

struct opening_context {
	struct string_table *names; /* of hosts */
	struct string_table
		*fingerprints; /* of clients: JA3, JA4, agents, and struct fingerprint */
	struct name_map *name_map;
	uint64_t *lookups; /* counts DNS responses read */
};

void opening_read(const struct opening_context *context, struct flow *flow,
		  const struct packet *packet, bool outward);

/* Is this name (a number in `names`) the text of an IP address? */
bool opening_name_is_address(const struct string_table *names, uint32_t name);
