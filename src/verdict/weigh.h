/* SPDX-License-Identifier: Apache-2.0 */
/*
 * weigh.h - count how common each trait is in this fleet, then weigh it.
 */
#pragma once

#include "verdict/finding.h"
#include "verdict/judge.h"

/*
 * Rare destinations are a world of their own: what few hosts call is more often
 * a poller, or nameless, than what all call.  And so are timers: agents that
 * report every minute keep their connections open and send more than they get.
 * Counting the other traits apart for each keeps what goes together anyway from
 * being taken for independent signs.  The share at a kind of destination starts
 * from the share in the whole fleet, which counts as DETECTOR_PSEUDO groups, and
 * that from the detector's table value.  The share among its timers starts from
 * the share at that kind, which counts as WEIGH_TIMER_PSEUDO groups: timers are
 * few, call-homes are among them, and two must not acquit each other.
 */
enum { WEIGH_TIMER_PSEUDO = 100 };

enum stratum { STRATUM_COMMON, STRATUM_RARE, STRATUM_COMMON_TIMER, STRATUM_RARE_TIMER, STRATA };

struct tally {
	double present, known; /* places that groups by address go to (detect/places.h) */
};

/*
 * What other hosts that go to the same place do, by detector; see company.h.  A
 * sign is weighed by the larger of its share in the fleet and of that among these,
 * where the fleet's share counts as CUSTOM_PSEUDO of them.
 */
struct custom {
	float present[DETECTORS_MAX], known[DETECTORS_MAX];
};
enum { CUSTOM_PSEUDO = 2 };

/* Count one of the others. */
void weigh_custom(struct custom *custom, const struct subject *other);

/*
 * However rare a trait is in a large fleet, one kind of evidence alone must not
 * reach medium severity at the usual prior: the share it is weighed by is
 * counted on traffic that was never checked.
 */
enum { WEIGH_KIND_MOST_DB = 18 };

/* And one that is worth less than two to one is no reason of its own. */
enum { WEIGH_KIND_LEAST_DB = 3 };

/*
 * What happens once to a place of its own is rare, nameless and one-sided all at
 * once, and every fleet has it: a push over SSH, a tunnel that is set up.  However
 * odd, it stays below the line: fewer than JUDGE_LEAST_CALLS calls without a
 * rhythm, or calls in vain that are all within WEIGH_EXCHANGE_MS.
 */
enum { WEIGH_EVENT_MOST_DB = 19, WEIGH_EXCHANGE_MS = 300000 };

struct weights {
	struct tally tally[STRATA][DETECTORS_MAX];
	double p0[STRATA][DETECTORS_MAX];
};

struct subject weigh_subject(const struct fleet *fleet, const struct group *group,
			     const struct judgement *judgement, bool is_timer);

/*
 * Count one group as so much of a place; call for every group by address, then
 * weights_settle() once.
 */
void weights_count(struct weights *weights, const struct subject *subject, double share);

/* And back again. */
void weights_uncount(struct weights *weights, const struct subject *subject, double share);
void weights_settle(struct weights *weights);

/* Plain and grouped sum of everything that speaks for and against. */
struct score {
	double plain_db;
	double grouped_db; /* no kind counts for more than its most (detector.h) */
	size_t kinds_for;  /* unrelated kinds of evidence that speak for it, each two to one or more
			    */
	bool alone;	   /* one of them is case enough alone */
	bool event;	   /* too little happened for a behaviour: held at WEIGH_EVENT_MOST_DB */
};
struct score weigh_score(const struct weights *weights, const struct subject *subject);

/* The same evidence spelled out, heaviest first; returns how many pieces. */
size_t weigh_describe(const struct weights *weights, const struct subject *subject,
		      struct evidence out[DETECTORS_MAX]);
