/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stix_pattern.h - what a STIX pattern calls bad, as far as traffic shows it.
 *
 *	[ipv4-addr:value = '203.0.113.7' OR domain-name:value IN ('a.example', 'b.example')]
 *
 * STIX 2.1, section 9.  Read are =, IN and ISSUBSET on addresses, names, URLs,
 * hashes of certificates and what network-traffic refers to; OR between
 * comparisons and between observations; AND where all but one comparison only
 * narrow it down (port, protocols, type).  Whatever else a pattern asks for we
 * do not see, and a part of a condition is none: it is not taken.
 *
 * Nothing is allocated; time is linear, nesting at most STIX_DEPTH_MOST.
 */
#pragma once

#include "intel/indicator.h"

enum { STIX_DEPTH_MOST = 16 };

struct stix_sink {
	/* `text` lives until it returns; escapes are undone. */
	void (*take)(void *arg, enum indicator_kind kind, const char *text, size_t len,
		     uint16_t port);
	/* A part that is of other things than traffic, or not understood. */
	void (*missed)(void *arg, bool other_things, const char *why);
	void *arg;
};

void stix_pattern_read(const char *pattern, size_t len, const struct stix_sink *sink);
