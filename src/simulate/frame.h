/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frame.h - an Ethernet frame around a simulated packet.
 *
 * IPv4 (RFC 791) or IPv6 (RFC 8200), TCP (RFC 9293), UDP (RFC 768) or an echo
 * of ICMP (RFC 792, RFC 4443), with their checksums (RFC 1071); or ARP (RFC 826).
 */
#pragma once

#include "simulate/script.h"

enum { FRAME_MOST = 14 + 40 + 32 + SIM_MSS_V4 };

/* Returns the length of the frame. */
size_t frame_build(const struct sim_call *call, const struct sim_packet *packet,
		   uint8_t out[static FRAME_MOST]);
