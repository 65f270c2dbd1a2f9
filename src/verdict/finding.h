/* SPDX-License-Identifier: Apache-2.0 */
/*
 * finding.h - one case for a person to look at: who calls where, since when,
 * how often, how much, and every reason for and against.
 */
#pragma once

#include "detect/detector.h"
#include "detect/fleet.h"

enum severity {
	SEVERITY_INFO,
	SEVERITY_LOW,
	SEVERITY_MEDIUM, /* from here on an analyst is asked to look */
	SEVERITY_HIGH,
	SEVERITY_CRITICAL,
	SEVERITIES
};
const char *severity_name(enum severity severity);

enum finding_kind {
	FINDING_BEACON,		 /* calls on a timer */
	FINDING_RETRY,		 /* calls on a timer that nobody answers */
	FINDING_LONG_CONNECTION, /* a connection that stays */
	FINDING_TUNNEL,		 /* something is carried inside another protocol */
	FINDING_EXFILTRATION,	 /* data goes out that should not */
	FINDING_SHELL,		 /* somebody outside types */
	FINDING_BOOT,		 /* called whenever the host comes up */
	FINDING_LISTED,		 /* a list of known bad places names it */
	FINDING_UNEXPLAINED,	 /* no rhythm, but too much else is odd */
	FINDING_KINDS
};
const char *finding_kind_name(enum finding_kind kind);

enum { FINDING_HOSTS_MAX = 16 };

/* Where the calls of a case went. */
struct destination {
	struct address address; /* not set: only the name is known, as behind a proxy */
	uint16_t port;
	uint8_t proto;
	const char *name; /* that it was reached under first; "": none */
	uint64_t calls;	  /* of all hosts of the case */
};

struct finding {
	uint32_t rank; /* from 1 */
	enum finding_kind kind;
	enum severity severity;
	double score_db; /* evidence with related pieces averaged: ranks, and severity is drawn on
			    it */
	double sum_db;	 /* the plain sum, which a person gets by adding up */
	double probability; /* from score_db and the prior */
	bool is_timer;
	const char
		*held; /* why it stands lower than its evidence would have it; NULL: it does not */
	bool filler;   /* one of the oddest of the rest (listing.h): after all others */
	struct timing_result timing; /* all zero if it was not tested */
	struct facts facts;
	size_t size_class; /* calls of the one size that showed the rhythm; 0: all */

	struct group group; /* borrowed: the timeline and its names */
	uint32_t number;    /* of that group in the fleet */
	struct evidence
		*evidence; /* owned by the verdict; heaviest first, negative speaks against */
	size_t evidence_count;

	/*
	 * The case: other hosts that call the same destination at the same pace, other
	 * destinations of a host at the same pace, the same calls seen otherwise.
	 */
	uint32_t host_count; /* this one included */
	struct address hosts[FINDING_HOSTS_MAX];
	uint32_t destination_count;
	const struct destination *destinations; /* owned by the verdict; by address and port */
};
