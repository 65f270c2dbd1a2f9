/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tape.h - a capture in memory: frames in the order in which they are written.
 *
 * Everything is deterministic: the same calls make the same bytes.  Frames are
 * owned by the tape.
 */
#pragma once

#include "base/base.h"

struct shot {
	ns_t when;
	uint64_t call;	 /* which conversation it is of */
	uint64_t number; /* how manieth packet of it, as told: before anyone played a trick */
	bool outward;	 /* from the caller */
	uint32_t len;
	uint8_t *bytes; /* an Ethernet frame */
};

struct tape {
	struct shot *shots;
	size_t count, room;
	uint32_t snaplen; /* 0: frames are captured whole */
};

/* `like` says when, whose and which way; `bytes` are copied. */
struct shot *tape_add(struct tape *tape, const struct shot *like, const void *bytes, size_t len);
void tape_fini(struct tape *tape);

/* By time; what comes at the same time stays in order. */
void tape_sort(struct tape *tape);

/* A pcap file with nanoseconds.  CHECKs that it can be written. */
void tape_write(const struct tape *tape, const char *path);

/* The same numbers in every run: a well-mixed one from `seed`, below `limit`. */
uint64_t tape_dice(uint64_t seed, uint64_t limit);
