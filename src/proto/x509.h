/* SPDX-License-Identifier: Apache-2.0 */
/*
 * x509.h - the few facts of a certificate that tell a made-up one from a bought one.
 *
 * RFC 5280 4.1, in DER (ITU-T X.690), read by a walk of fixed depth: no
 * signature is checked, no chain is built, and of the extensions only the names are read.
 *
 * Nothing is allocated; time is linear in `len` (SHA-256 of it is most).
 */
#pragma once

#include "base/base.h"

/* X.520 allows a common name 64 characters; what is longer is cut. */
enum { X509_NAME_MAX = 64 };

enum x509_key { X509_KEY_OTHER, X509_KEY_RSA, X509_KEY_EC, X509_KEY_ED25519, X509_KEY_DSA };

/* What is asked of a certificate besides. */
struct x509_question {
	const char *name; /* does it cover this one, in lower case?  NULL: not asked */
	bool sha1;
};

enum x509_covers { X509_NOT_ASKED, X509_COVERS, X509_COVERS_NOT };

struct x509_summary {
	ns_t not_before, not_after;	 /* INT64_MIN, INT64_MAX beyond what ns_t can hold */
	bool self_issued;		 /* issuer and subject are the same, byte by byte */
	uint8_t key;			 /* enum x509_key */
	char subject[X509_NAME_MAX + 1]; /* last common name, odd bytes as '?'; "" if none */
	uint8_t sha256[32];		 /* of the whole certificate */
	uint8_t sha1[20];		 /* likewise, if asked; else zeros */
	uint8_t covers; /* enum x509_covers; by RFC 6125: alternative names, else the common name */
};

/*
 * DECODE_OK or DECODE_MALFORMED; then the hashes and what came before the fault
 * are in `out`.  `question` may be NULL.
 */
enum decode_verdict x509_read(const uint8_t *der, size_t len, const struct x509_question *question,
			      struct x509_summary *out) MUST_USE;
