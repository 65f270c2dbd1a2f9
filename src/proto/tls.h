/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls.h - what a TLS client says it wants and what the server takes.
 *
 * RFC 8446 4.1.2 and 4.1.3 (TLS 1.3), RFC 5246 7.4 (1.2), RFC 6101 (SSL 3.0 and
 * the hello in the form of SSL 2), RFC 6066 3 (SNI), RFC 7301 (ALPN), JA3 as its
 * authors at Salesforce describe it, JA4 as FoxIO does (of the client only).
 *
 * Each function looks at the first bytes of one direction and keeps nothing.
 * Bytes that end too early still yield what came before the end; fingerprints
 * need the whole hello.  Nothing is allocated; a message that is cut into
 * several records is joined in up to TLS_JOINED_MAX bytes of the stack.
 * Time is linear in `len`; about a microsecond for a hello with both fingerprints.
 */
#pragma once

#include "proto/x509.h"

enum {
	TLS_SNI_MAX = 255,
	TLS_ALPN_MAX = 31,
	TLS_JOINED_MAX = 16384,	 /* of a message in several records, so much is looked at */
	TLS_MESSAGE_MAX = 65536, /* a message that claims to be longer is none */
};

struct tls_hello {
	uint16_t version; /* as in the hello: legacy_version; 0x0002 to 0x0304, 0xfeff, 0xfefd */
	uint16_t offer;	  /* the highest offered, GREASE aside: 0x0304 is TLS 1.3 */
	bool complete;	  /* all extensions were there, so a missing SNI is missing */
	char sni[TLS_SNI_MAX + 1]; /* lower case, no trailing dot, odd bytes as '?'; "" if none */
	size_t sni_len;
	char alpn[TLS_ALPN_MAX + 1]; /* the first offered, cut, odd bytes as '?'; "" if none */
	char ja3[33];		     /* hex; "" until complete, and for a hello as of SSL 2 */
	char ja4[37];		     /* likewise */
};

struct tls_server {
	uint16_t version; /* that it took; 0 if the ServerHello is cut before it is known */
	uint16_t cipher;
	char alpn[TLS_ALPN_MAX + 1]; /* that it took, up to TLS 1.2; "" if none */
	bool has_certificate;	     /* the leaf was there, in clear */
	bool complete; /* nothing more that we read will come: a missing certificate is missing */
	struct x509_summary certificate; /* of the leaf, if it was there */
};

/*
 * Does this look like the start of a TLS handshake?  Six bytes are needed to
 * tell, and eleven for the hello of SSL 2.
 */
bool tls_is_handshake(const uint8_t *bytes, size_t len);

/*
 * How many bytes from the start of this direction make the next look worth
 * while: at most `len` if that is now; 0 if these bytes start no TLS.  For a
 * client to the end of its hello, for a server to the end of its certificates.
 */
size_t tls_needs(const uint8_t *bytes, size_t len);

/* DECODE_OK, DECODE_TRUNCATED or DECODE_MALFORMED (what came before the end or the
 * fault is in `out`), or DECODE_UNSUPPORTED: not a ClientHello. */
enum decode_verdict tls_parse_hello(const uint8_t *bytes, size_t len,
				    struct tls_hello *out) MUST_USE;

/*
 * The same for a message without records: type, 3 bytes of length, body.
 * `transport` is 't' for TCP, 'q' for QUIC, 'd' for DTLS (whose header of a
 * fragment is to be reduced to the same 4 bytes).
 */
enum decode_verdict tls_parse_message(const uint8_t *message, size_t len, char transport,
				      struct tls_hello *out) MUST_USE;

/*
 * The first flight of a server; `question` (or NULL) is for its certificate.  DECODE_OK means
 * complete; DECODE_TRUNCATED, that more might come; DECODE_UNSUPPORTED, no ServerHello (an alert,
 * say).
 */
enum decode_verdict tls_parse_server(const uint8_t *bytes, size_t len,
				     const struct x509_question *question,
				     struct tls_server *out) MUST_USE;
