/* SPDX-License-Identifier: Apache-2.0 */
/*
 * indicator.h - one thing that a list calls bad, read from how people write it.
 *
 *	hxxps://bad[.]example:8443/gate.php?id=1	URL
 *	203.0.113.7:443, [2001:db8::1], 203.0.113.0/24	address or network, maybe with a port
 *	*.Bad.Example., ||bad.example^			domain, with all below it
 *	32, 40 or 64 hexadecimal digits			JA3, SHA-1 or SHA-256 of a certificate
 *	t13d1516h2_8daaf6152771_e5627efa2ab1		JA4
 *
 * ::ffff:203.0.113.7 is the IPv4 address (RFC 4291, 2.5.5.2).  Ranges ("a-b") and names
 * that are not ASCII are not read.
 *
 * Nothing is allocated; time is linear in the text, of which no more than
 * INDICATOR_TEXT_MAX bytes are taken.
 */
#pragma once

#include "net/address.h"

/* The further down, the weaker. */
enum indicator_kind {
	INDICATOR_NONE,
	INDICATOR_URL_HOST, /* serves a listed URL; whether that was asked for cannot be seen */
	INDICATOR_JA3,	    /* of a client; others may look the same */
	INDICATOR_JA4,
	INDICATOR_NETWORK, /* an address, or many */
	INDICATOR_DOMAIN,  /* and all names below it */
	INDICATOR_URL,	   /* without its scheme */
	INDICATOR_CERTIFICATE,
	INDICATOR_KINDS
};

enum { INDICATOR_TEXT_MAX = 1000 };

/* Equal keys are the same indicator. */
struct indicator_key {
	uint8_t kind;  /* enum indicator_kind */
	uint16_t port; /* it is listed for; 0: any */
	size_t len;
	uint8_t bytes[INDICATOR_TEXT_MAX + 1]; /* the kind, then what it is: see below */
};

/*
 * NULL, or why it is none, in a few words.  The last key byte of a network is
 * its prefix, before which come the version and all 16 bytes of its address;
 * certificates are raw bytes; all else is text in lower case.
 */
const char *indicator_parse(const char *text, size_t len, struct indicator_key *out);

/* Take only what is of this kind: for columns and types that say what they hold. */
const char *indicator_parse_as(enum indicator_kind kind, const char *text, size_t len,
			       struct indicator_key *out);

/* A name under which whole countries register, as "co.uk"? */
bool indicator_is_registry(const struct indicator_key *key);

/* Keys for what was seen. */
void indicator_network_key(const struct address *address, unsigned int prefix,
			   struct indicator_key *out);
void indicator_text_key(enum indicator_kind kind, const char *text, size_t len,
			struct indicator_key *out);

/* The host that serves a URL's key, as a key of kind INDICATOR_URL_HOST. */
void indicator_url_host(const struct indicator_key *url, struct indicator_key *out);

/* Of a key of kind INDICATOR_NETWORK. */
struct network indicator_network(const uint8_t *key_bytes);
