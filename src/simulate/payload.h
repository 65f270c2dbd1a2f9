/* SPDX-License-Identifier: Apache-2.0 */
/*
 * payload.h - what simulated programs say: openings that a parser accepts,
 * then filler.
 *
 *	TLS	ClientHello (RFC 8446 4.1.2, RFC 6066 3), ServerHello, then one
 *		record of filler per segment, as if encrypted
 *	HTTP	one GET or POST, one 200 with a Content-Length (RFC 9112)
 *	DNS	question and answer (RFC 1035, 3596), CNAME first if there is one
 *	NTP	client and server, 48 bytes (RFC 5905)
 *	SSH	banners, then packets of SSH_MSG_IGNORE (RFC 4253 11.2)
 *	other	filler: reproducible noise
 *
 * No secrets, no real keys, nothing random: the same call gives the same bytes.
 */
#pragma once

#include "simulate/script.h"

/* Write the payload of this packet: packet->len bytes, at most SIM_MSS_V4. */
void payload_fill(const struct sim_call *call, const struct sim_packet *packet, uint8_t *out);

/* Lengths that must be known when the call is made. */
size_t payload_dns_length(const struct sim_call *call, bool response);
