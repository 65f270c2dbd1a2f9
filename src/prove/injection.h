/* SPDX-License-Identifier: Apache-2.0 */
/*
 * injection.h - an implant that was not there, on a host that was.
 *
 *	injection_settle()	which host, which destination, which seed
 *	injector_calls()	its conversations, as simulate makes them
 *	injector_plant()	the same, filed into timelines as a lane files flows
 *
 * Destinations.  Either one that nobody of the fleet calls (from the ranges of
 * simulate/site.h), called by its bare address or looked up by name; or a haunt:
 * a name that the host reaches over TCP anyway, with all its real calls, no more
 * than three times as many as the implant's.
 *
 * What the input does not tell of others it does not tell of the implant: without
 * ssl logs nobody is known to speak TLS, and where no look-ups of a host are seen
 * its implant is not known to skip them.
 *
 * When.  From the host's first call to its last, in what was watched of that: gaps
 * of more than a week (base/spans.h) are stepped over, as a row of 1970 among those
 * of today would make one.  After a million conversations an implant falls silent.
 *
 * Memory: an injector some 300 kB, for the sites of the simulation; what is
 * planted as much as its calls and those of its haunt.
 * Threads: an injector belongs to one.
 */
#pragma once

#include "prove/terrain.h"
#include "simulate/implant.h"

enum injection_kind { INJECT_ADDRESS, INJECT_NAME, INJECT_HAUNT, INJECTION_KINDS };
const char *injection_kind_name(enum injection_kind kind); /* "address", "name", "haunt" */

enum { HAUNT_TIMES = 3 }; /* other traffic of a haunt, at most, over the implant's own */

struct injection {
	enum injection_kind kind;
	struct implant implant;			  /* settled: nothing left to choose */
	const struct terrain_host *host;	  /* the rest is borrowed from the terrain */
	const struct group *by_name, *by_address; /* groups of a haunt, else NULL */
	uint64_t seed;
};

/*
 * Can implants like this be injected?  NULL: yes; else why not.  What spreads over
 * destinations or hosts, or lives inside a connection, is not a group's calls.
 */
const char *injection_obstacle(const struct implant *implant);

/* How many calls it would make while the host is seen and somebody watches. */
double injection_expected(const struct terrain *terrain, const struct terrain_host *host,
			  const struct implant *implant);

/*
 * `like` tells law, sizes and application.  False if no such place was found on
 * a few hosts of this quartile: then there is nothing to inject into.
 */
bool injection_settle(const struct terrain *terrain, enum injection_kind kind,
		      const struct implant *like, unsigned quartile, uint64_t seed,
		      struct injection *out_injection);

struct injector;			       /* opaque */
struct injector *injector_new(void) MUST_USE;  /* NULL: no memory */
void injector_free(struct injector *injector); /* NULL is fine */

/* Its conversations, look-ups among them, in order of time; names live until the next. */
typedef int injection_fn(void *arg, const struct sim_call *call);
int injector_calls(struct injector *injector, const struct terrain *terrain,
		   const struct injection *injection, injection_fn *fn, void *arg);

/* Groups as they would have been. */
struct planted {
	struct timeline_table *table;
	struct string_table *names; /* NULL: numbers are those of the host's lane */
	uint32_t calls;		    /* of the implant, that would have been seen */
};
int injector_plant(struct injector *injector, const struct terrain *terrain,
		   const struct injection *injection, struct planted *out_planted) MUST_USE;
void planted_fini(struct planted *planted);
