/* SPDX-License-Identifier: Apache-2.0 */
/*
 * domain.h - whose is a name?
 *
 * The registered domain is what somebody bought and answers for: one label
 * below a public suffix ("example.co.uk", "someone.github.io").  The Public
 * Suffix List says which those are (publicsuffix.org; libpsl with the list that
 * it was built with, private part included).  Reverse look-ups and names that
 * the public DNS never delegates are told apart.
 *
 * Names are as dns_parse() writes them and Zeek logs them: lower case, no trailing
 * dot, odd bytes as \DDD or \xHH.  Pure functions; no allocation; a few hundred ns for
 * domain_start(), the others about 1 ns a byte.
 */
#pragma once

#include "base/base.h"

/*
 * Where the registered domain begins in `name`, which is terminated; `len` if it
 * has none: a public suffix itself, or a lone label.
 */
size_t domain_start(const char *name, size_t len);

/*
 * Does it end in a long label that is no top of the public DNS?  Then no such name
 * was ever registered, and who asks a server outside for it talks to that server
 * (dnscat2 without a domain ends its names in data).
 */
bool domain_is_made_up(const char *name, size_t len);

/* Some or all octets or nibbles under in-addr.arpa or ip6.arpa, and nothing else. */
bool domain_is_reverse(const char *name, size_t len);

/* Under a top that no public server delegates: "internal", "local", "lan" ... (RFC 6762, G). */
bool domain_is_private(const char *name, size_t len);

/*
 * How many bytes at the front write an IPv4 address backwards ("4.3.2.1.") or an IPv6
 * one in nibbles, the way block lists are asked (RFC 5782); 0: none.
 */
size_t domain_listed_address(const char *name, size_t len);

/* The bytes that the written `name` stands for, dots included; returns how many. */
enum { DOMAIN_BYTES_MAX = 255 };
size_t domain_bytes(const char *name, size_t len, uint8_t out[static DOMAIN_BYTES_MAX]);
