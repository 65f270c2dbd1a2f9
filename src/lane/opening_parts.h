/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opening_parts.h - the readers that opening.c drives.  Private to lane/.
 */
#pragma once

#include "lane/opening.h"

/* What one direction of a TCP conversation has said so far. */
struct reading {
	const struct opening_context *context;
	struct flow *flow;
	const uint8_t *bytes; /* from where the last step left off */
	size_t len;
	ns_t when;
	bool final;	/* no more will come: make do with it */
	bool midstream; /* this may be no beginning */
	uint8_t looks;	/* taken before this one */
};

/* What is to happen next. */
struct step {
	size_t done; /* bytes that are done with; may reach beyond what is there */
	size_t need; /* ... and as many to be awaited from there on; 0: nothing more is of interest
		      */
};

struct step opening_read_client(const struct reading *r);
struct step opening_read_server(const struct reading *r);

/* One datagram; true once this direction is settled. */
bool opening_read_datagram(const struct opening_context *context, struct flow *flow,
			   const struct packet *packet, bool outward, uint8_t looks);
