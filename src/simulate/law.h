/* SPDX-License-Identifier: Apache-2.0 */
/*
 * law.h - when does a program call?  The laws that fleets are made of.
 *
 * Timers:
 *	SLEEP		call, sleep period x (1 +- jitter), call ...
 *	CLOCK		a beat every period, each call up to jitter/2 periods off it
 *	POLL		NTP: 64 .. 1024 s, stretched while the clock is well (RFC 5905)
 * No timers; their rate never rises because of silence:
 *	POISSON		as they come
 *	LOG_NORMAL	gaps from milliseconds to hours around a median
 *	SESSION		bursts of work: Poisson sessions of `burst` calls, `within_s` apart
 *	HAWKES		each call makes more likely the next (Hawkes 1971): `branching` calls
 *			each, forgotten after `within_s`; sampled by thinning (Ogata 1981)
 *
 * Timers may miss beats and keep duty hours; the others follow a daily rhythm.
 * Times are seconds since the start of the simulation.
 *
 * Memory: the two structs.  Time: O(1) a call, more where much is thinned out.
 */
#pragma once

#include "base/random.h"

enum law_kind {
	LAW_SLEEP,
	LAW_CLOCK,
	LAW_POLL,
	LAW_POISSON,
	LAW_LOG_NORMAL,
	LAW_SESSION,
	LAW_HAWKES,
};

enum law_rhythm {
	RHYTHM_FLAT,
	RHYTHM_DAY,    /* customers: twice as many in the evening as at night */
	RHYTHM_OFFICE, /* people at work, Monday to Friday 8 to 18; hardly anybody else */
};

struct law {
	enum law_kind kind;
	enum law_rhythm rhythm; /* of what is no timer */
	double period_s; /* mean gap when all are awake; LOG_NORMAL: median; POLL: not used */
	double jitter;	 /* half width over period, 0 .. 1 */
	double missed;	 /* share of beats that never happen, 0 .. 1 (not 1) */
	/* Hours of day (UTC) of a timer; equal: always.  A daily clock strikes within them. */
	double duty_from_h, duty_to_h;
	double sigma;	  /* LOG_NORMAL */
	double within_s;  /* SESSION: median gap inside; HAWKES: memory */
	double burst;	  /* SESSION: mean calls of one */
	double branching; /* HAWKES: below 1 */
};

/* The world around a law. */
struct law_setting {
	double epoch_s;	  /* start of the simulation, Unix time */
	double horizon_s; /* its length: nobody looks for calls after it */
	double rate;	  /* how busy: mean gaps of what is no timer are divided by it */
};

struct law_state {
	double monday_s;   /* from Monday 00:00 UTC to the start of the simulation */
	double beat_s;	   /* the last beat, sent or not */
	double excitement; /* HAWKES: calls per second above the base */
	double poll_s;	   /* POLL: present interval */
	double horizon_s;  /* law_setting's */
	double stretch;	   /* its rate */
	uint64_t left;	   /* SESSION: calls to come in this one */
};

bool law_is_timer(enum law_kind kind);

/* The first call, at a random phase. */
double law_first(const struct law *law, const struct law_setting *setting, struct law_state *state,
		 struct random *random);

/*
 * A program that was just started: it calls after `first_s`, a timer in step with
 * that from then on.  Times are counted from the start of the program.
 */
void law_restart(const struct law *law, const struct law_setting *setting, double first_s,
		 struct law_state *state);

/*
 * The call after the one just returned; never earlier.  Anything from the
 * horizon on means that there is none.
 */
double law_next(const struct law *law, struct law_state *state, struct random *random);
