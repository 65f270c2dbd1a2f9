/* SPDX-License-Identifier: Apache-2.0 */
/*
 * detector.h - a detector looks at one group and says what is odd about it.
 *
 * Two steps, because how odd something is depends on the fleet: observe() says
 * whether a group has the detector's trait; when every group has been looked
 * at, the share of groups with the trait is known and gives its weight
 *
 *	10 log10( ((1-e) p1 + e p0) / p0 ),  e = 0.1
 *
 * where p0 is that share (how common the trait is among ordinary groups) and
 * p1 how common it is among call-homes, from the published table in
 * docs/detection/README.md.  The small fleet problem is met by starting p0 from a
 * table value that counts as DETECTOR_PSEUDO groups.
 *
 * To add a detector: one file detect_<name>.c with one `struct detector`, one
 * line in detectors.c, one page docs/detection/<name>.md, one test.
 *
 * Most traits only add to others.  A few kinds of evidence are case enough
 * alone, because no ordinary traffic looks like that: a tunnel in DNS, a listed
 * address, a packet that the host never sent.  Those set `alone`, and `most_db`
 * where their kind may count for more than WEIGH_KIND_MOST_DB.
 */
#pragma once

#include "base/string_table.h"
#include "detect/evidence.h"
#include "detect/facts.h"
#include "stat/timing.h"
#include "timeline/timeline.h"

struct group;
struct custom;

enum trait {
	TRAIT_UNKNOWN, /* the input cannot tell: no weight either way */
	TRAIT_ABSENT,
	TRAIT_PRESENT,
};

/* What a detector may look at; all borrowed. */
struct subject {
	const struct timeline *timeline;
	const struct timing_result *timing; /* NULL: too few calls to be tested */
	const struct facts *facts;	    /* NULL: nobody looked */
	const struct string_table *names;
	const struct intel *intel;	   /* NULL: no lists */
	const struct catalogue *catalogue; /* of ordinary services; NULL: none */
	bool groups_forgotten;		   /* prevalence cannot be told */
	bool names_forgotten;		   /* look-ups by this host may have been forgotten */
	bool is_timer;			   /* timing, after false-discovery control */
	size_t size_class; /* calls in the size class that showed the rhythm; 0: all of them */
	const struct group *group;	      /* where it stands in the fleet (fleet.h) */
	uint32_t hosts_to_destination, hosts; /* prevalence and fleet size */
	uint32_t peers;		   /* destinations of the host with the same rhythm; 0: no others */
	uint32_t addresses, ports; /* that the calls are spread over, if they only together were
				      tested; else 0 */
	const struct custom
		*custom; /* what others do at the same place (verdict/weigh.h), or NULL */
	double window_s;
};

struct detector {
	const char *name, *kin, *attack;
	const char *sign; /* the trait in two or three words */
	double p1, p0;	  /* share with the trait: call-homes; ordinary groups before counting */
	bool innocent;	  /* absence counts as evidence against; false: absence says nothing */
	bool alone;	  /* case enough without a rhythm or other kinds of signs */
	double least_p0;  /* never taken to be rarer than this, whatever the fleet says */
	double pseudo;	  /* groups that p0 counts as, if more than DETECTOR_PSEUDO */
	double most_db;	  /* its kind counts for no more than this; 0: WEIGH_KIND_MOST_DB */

	enum trait (*observe)(const struct subject *subject);

	/* Text and facts for a trait that is present or (if `innocent`) absent. */
	void (*describe)(const struct subject *subject, enum trait trait, double p0,
			 struct evidence *out);

	/* Fixed weight instead of the formula, for knowledge that is not counted; else NULL. */
	double (*weigh)(const struct subject *subject);
};

enum { DETECTOR_PSEUDO = 20, DETECTORS_MAX = 48 };

/* All of them, in the order in which evidence is printed; ends with NULL. */
extern const struct detector *const detectors[];

/* The weight of a trait that is present (or absent) at this p0. */
double detector_weight_db(const struct detector *detector, enum trait trait, double p0);
