/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pcap.h - capture files as libpcap writes them
 * (draft-ietf-opsawg-pcap; both byte orders, micro- and nanoseconds, and the
 * "modified" ones of patched libpcaps with eight more bytes per packet).
 *
 * Nothing is allocated, and a packet is lent to the sink where it lies.
 */
#pragma once

#include "input/bytes.h"
#include "input/input.h"

/* More than this was never captured: libpcap's own limit. */
enum { CAPTURED_MAX = 256 * 1024 };

bool pcap_recognise(const uint8_t *head, size_t len);

/* As input_read(). */
int pcap_read(struct bytes *bytes, const struct input_sink *sink, struct complaint *why) MUST_USE;
