/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ssh.h - what an SSH client or server says of itself before it encrypts (RFC 4253).
 *
 * The banner names the software; HASSH, the MD5 of the algorithms that a client
 * offers, tells one client program from another whatever its banner claims.  No
 * state, no allocation; linear in `len`; the MD5 takes about a microsecond.
 */
#pragma once

#include "base/base.h"

enum { SSH_SOFTWARE_MAX = 253, SSH_HASSH_SIZE = 33 };

struct ssh_hello {
	size_t software_len;
	char software[SSH_SOFTWARE_MAX + 1]; /* "OpenSSH_9.2p1 Debian-2", odd bytes as '?' */
	char hassh[SSH_HASSH_SIZE];	     /* 32 hex digits; "" if the offer was not all there */
};

/* Does this start with a banner?  Four bytes are needed to tell. */
bool ssh_is_banner(const uint8_t *bytes, size_t len);

/*
 * `bytes` is the start of one direction's stream; HASSH is that of a client.
 * Lines that a server sends before its banner are stepped over.  DECODE_OK,
 * DECODE_TRUNCATED (with the banner if that was there), DECODE_MALFORMED (no
 * banner, or no offer behind it), or DECODE_UNSUPPORTED: SSH 1, banner only.
 */
enum decode_verdict ssh_parse_hello(const uint8_t *bytes, size_t len,
				    struct ssh_hello *out) MUST_USE;
