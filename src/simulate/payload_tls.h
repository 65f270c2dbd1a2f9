/* SPDX-License-Identifier: Apache-2.0 */
/*
 * payload_tls.h - TLS 1.3 openings (RFC 8446): what payload.c puts in front.
 *
 * Each function writes to `out` and returns how many bytes; CHECKs that they fit.
 */
#pragma once

#include "simulate/call.h"

size_t payload_tls_client_hello(const struct sim_call *call, uint8_t *out, size_t size);
size_t payload_tls_client_hello_length(const struct sim_call *call); /* without writing it */

/* ServerHello and the ChangeCipherSpec that follows it for old middleboxes. */
size_t payload_tls_server_hello(const struct sim_call *call, uint8_t *out, size_t size);
size_t payload_tls_change_cipher(uint8_t *out, size_t size);

/* The header of an application data record that is `len` bytes with its header. */
size_t payload_tls_record(uint8_t *out, size_t len);
