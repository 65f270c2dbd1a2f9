/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pcapng.h - capture files as Wireshark writes them
 * (draft-ietf-opsawg-pcapng): sections of either byte order, interfaces each
 * with its link type, resolution and offset of time; enhanced, simple and
 * obsolete packet blocks.  Other blocks are stepped over.
 *
 * A simple packet block has no time: it is given the time of the packet
 * before it.  A packet that cannot be placed (unknown interface, impossible
 * time or length) is skipped and counted as long as the blocks still line up.
 *
 * Memory: INTERFACES_MAX records, about 100 KiB, allocated once.
 */
#pragma once

#include "input/bytes.h"
#include "input/input.h"

enum { INTERFACES_MAX = 4096 };

bool pcapng_recognise(const uint8_t *head, size_t len);

/* As input_read(). */
int pcapng_read(struct bytes *bytes, const struct input_sink *sink, struct complaint *why) MUST_USE;
