/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ja.h - fingerprints of a ClientHello: JA3 (Salesforce, 2017) and JA4 (FoxIO, 2023).
 *
 * GREASE (RFC 8701) is left out of both wherever it stands.  JA4 here is that of
 * the client only, whose licence lets anyone use it.
 *
 * Where programs differ on JA4 we follow FoxIO's text: a first or last byte of
 * ALPN that is no letter or digit gives the first and last hex digit of the two
 * bytes (FoxIO's own Python and Rust write "99"); no ciphers or no extensions
 * give twelve zeros (Suricata hashes the empty string).
 *
 * Private to proto/.  Nothing is allocated; a list of more than JA_LIST_MAX
 * numbers gets no fingerprint.  Threads may share nothing and need not.
 */
#pragma once

#include "base/base.h"

enum { JA_LIST_MAX = 1024, JA3_SIZE = 33, JA4_SIZE = 37 };

/* Numbers of two bytes as they stand in the message; borrowed. */
struct ja_list {
	const uint8_t *at;
	size_t count;
};

struct ja_hello {
	char transport;	  /* 't', 'q' or 'd' */
	uint16_t version; /* legacy_version */
	uint16_t offer;	  /* the highest offered */
	bool has_name;	  /* the extension was there, whatever it says */
	uint8_t alpn[2];  /* first and last byte of the first protocol; 0, 0 if none */
	bool has_alpn;
	struct ja_list ciphers, groups, signatures;
	const uint8_t *formats; /* of points, one byte each */
	size_t format_count;
	size_t extension_count;		  /* may be more than fit */
	uint16_t extensions[JA_LIST_MAX]; /* types in their order */
};

static inline bool ja_is_grease(unsigned int value)
{
	return (value & 0x0f0f) == 0x0a0a && (value >> 8) == (value & 0xff);
}

/* Both write a terminated text, "" for a hello with too long a list. */
void ja3_write(const struct ja_hello *hello, char out[static JA3_SIZE]);
void ja4_write(const struct ja_hello *hello, char out[static JA4_SIZE]);
