/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intel.h - what lists of known bad places hold, and whether something is on them.
 *
 *	files --intel_load()--> [ intel ] --intel_address(), intel_name() ...--> a match
 *
 * An address is matched by the longest prefix on a list, a name by itself or
 * the nearest name above it, everything else whole.  A match is a number: 0 for
 * none, and of two the larger is the stronger kind of evidence.
 *
 * What an outbound call can never mean is not taken: private and reserved
 * space, the fleet's own networks, and networks so wide that everybody calls
 * them (shorter than /8, or /16 of IPv6).
 *
 * Memory.  At most `budget` bytes, about 120 for each indicator with a comment
 * of its own; what does not fit is counted.  The first list that holds an
 * indicator is told, the others are counted.
 * Time.  A look-up costs one hash for each prefix length in use, or for each
 * label of a name.
 * Threads.  One thread loads; then any number may ask.
 */
#pragma once

#include "base/complaint.h"
#include "flow/home.h"
#include "intel/indicator.h"

struct intel; /* opaque */

/* NULL: no memory.  `home` is copied. */
struct intel *intel_new(const struct home *home, size_t budget) MUST_USE;
void intel_free(struct intel *intel); /* NULL is fine */

/* A list that entries come from; its number.  `path` is copied. */
uint32_t intel_list(struct intel *intel, const char *path, const char *unit);

struct intel_entry {
	uint32_t list;	   /* as intel_list() said */
	uint32_t line;	   /* or which object, attribute: the list's `unit` */
	const char *about; /* comment or title; outside bytes, not terminated */
	size_t about_len;
	uint32_t until_s; /* not to be believed after this moment (Unix time); 0: for ever */
};

/* NULL, or why it was not taken, in a few words. */
const char *intel_add(struct intel *intel, const struct indicator_key *key,
		      const struct intel_entry *entry);

/* What was seen `when` (0: whenever); 0 if no list has it. */
uint32_t intel_address(const struct intel *intel, const struct address *address, ns_t when);
uint32_t intel_name(const struct intel *intel, const char *name, ns_t when);
uint32_t intel_text(const struct intel *intel, enum indicator_kind kind, const char *text,
		    size_t len, ns_t when);
uint32_t intel_certificate(const struct intel *intel, const uint8_t *hash, size_t len, ns_t when);
/* host[:port]/path?query as in indicator.h; with and without its query. */
uint32_t intel_url(const struct intel *intel, const char *url, size_t len, ns_t when);
bool intel_has(const struct intel *intel, enum indicator_kind kind);

enum indicator_kind intel_kind(uint32_t match);

/* Is what was found without regard to time (`when` 0) still to be believed then? */
bool intel_holds(const struct intel *intel, uint32_t match, ns_t when);

/* A match spelled out; borrowed. */
struct indicator {
	enum indicator_kind kind;
	const char *list, *unit; /* "feeds/c2.csv", "line" */
	uint32_t line;
	const char *about;	/* made printable; "" if none */
	char text[96];		/* the indicator itself, printable, cut */
	unsigned int wide_bits; /* of a network: how many bits are free (IPv6: above /64) */
	uint16_t port;		/* it is listed for; 0: any */
	uint32_t more_lists;	/* that hold it, too */
};
struct indicator intel_get(const struct intel *intel, uint32_t match);

struct intel_stats {
	size_t lists, indicators, by_kind[INDICATOR_KINDS];
	size_t lists_broken;  /* that could not be read; not in `lists` */
	size_t lists_useless; /* that were read and gave nothing */
	uint64_t repeated;    /* entries that an earlier one had told */
	uint64_t unread;      /* entries that make no sense to us */
	uint64_t refused;     /* private, the fleet's own, too wide, a registry's */
	uint64_t other; /* of other things than outbound calls: files, accounts, who called in */
	uint64_t withdrawn;    /* revoked or deleted */
	uint64_t undetectable; /* said not to be for detection */
	uint64_t harmless;     /* said to be benign */
	uint64_t forgotten;    /* for want of memory */
	size_t bytes;	       /* taken */
};
struct intel_stats intel_stats(const struct intel *intel);

/* For readers of lists: count an entry that was not taken, or a whole list. */
enum intel_miss {
	INTEL_UNREAD,
	INTEL_OTHER,
	INTEL_WITHDRAWN,
	INTEL_UNDETECTABLE,
	INTEL_HARMLESS,
	INTEL_LIST_BROKEN,
	INTEL_LIST_USELESS,
};
void intel_missed(struct intel *intel, enum intel_miss miss);
