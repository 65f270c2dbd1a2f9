/* SPDX-License-Identifier: Apache-2.0 */
/*
 * copies.h - has this packet been seen a moment ago?
 *
 * Two taps of one link, or a mirror port that shows both directions, bring packets
 * twice.  What was seen lately is kept by what tells one packet from another; a
 * newer one takes the place of an older.  So that nobody can have packets
 * overlooked, what is kept is mixed with a secret; and as payloads are not read
 * whole, packets can be made that look alike, so no more of them pass for copies
 * than two mirrors with both directions bring.
 *
 * Memory: 16 KiB.  Private to flow/.
 */
#pragma once

#include "net/packet.h"

enum { COPIES_RECENT = 1024 };
#define COPIES_NS (20 * NS_PER_MS) /* two taps differ by less, a retransmission waits longer */

struct recent {
	uint64_t what; /* a likeness, but for the low bits: copies seen so far */
	ns_t when;
};

struct copies {
	uint64_t secret; /* odd */
	struct recent recent[COPIES_RECENT];
};

void copies_start(struct copies *c, uint64_t secret);
void copies_forget(struct copies *c);

/* Equal for copies, of which `hash` must tell the two ends and the direction; 0: cannot be told. */
uint64_t copies_likeness(const struct copies *c, const struct packet *p, uint64_t hash);

/* Where copies of this packet meet, below COPIES_RECENT. */
uint16_t copies_place(const struct packet *p);

/* Is it a copy?  Remembers it if not. */
bool copies_saw(struct copies *c, uint64_t likeness, uint16_t place, ns_t when);
