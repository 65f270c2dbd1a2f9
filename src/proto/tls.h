/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls.h - what a TLS client says it wants (RFC 8446 4.1.2, RFC 6066 3).
 *
 * Looks at the first bytes that a client sends.  A ClientHello that is cut
 * short still yields its server name when that came before the cut.
 */
#pragma once

#include "base/base.h"

enum { TLS_SNI_MAX = 255 };

struct tls_hello {
	uint16_t version;	   /* as in the hello: legacy_version */
	bool complete;		   /* all extensions were there, so a missing SNI is missing */
	char sni[TLS_SNI_MAX + 1]; /* lower case, no trailing dot, odd bytes as '?'; "" if none */
	size_t sni_len;
};

/* Does this look like the start of a TLS handshake record?  Six bytes are needed to tell. */
bool tls_is_handshake(const uint8_t *bytes, size_t len);

/* DECODE_OK, DECODE_TRUNCATED (what was read is in `out`), DECODE_MALFORMED,
 * or DECODE_UNSUPPORTED: not a ClientHello. */
enum decode_verdict tls_parse_hello(const uint8_t *bytes, size_t len,
				    struct tls_hello *out) MUST_USE;
