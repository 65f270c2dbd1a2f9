/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prove.h - what would have been found?
 *
 *	verdict --> survey the terrain --> grid of powers
 *		--> where power falls below the level, by bisection
 *		--> certify that with fresh implants
 *
 * The grid is period x jitter x missed beats x sizes x kind of destination, with
 * a few implants each.  An edge is the slowest period at which, for one jitter,
 * at least `level` of the implants are still reported.  Bisection only finds a
 * place to look at; it is no measurement.  So from a third of that period upwards
 * a ladder of fixed steps is climbed, each with fresh implants (311 of which 9
 * may be missed, at 0.95 and 0.95), until one fails; the last one that passed is
 * certified.  Power falls as the period grows, so the steps are tested in the
 * order in which they become false, and the chance that any false one passes is
 * no more than that of one test (fixed sequence: Maurer, Hothorn and Lehmacher
 * 1995).
 *
 * Memory: 100 bytes a cell.  Time: some 40,000 trials.
 * Threads: trials run on config->threads; the result does not depend on them.
 */
#pragma once

#include "prove/binomial.h"
#include "prove/trials.h"

struct prove_config {
	double level, confidence; /* of power, e.g. 0.95 and 0.95 */
	enum severity least;	  /* what counts as reported */
	double jitter, missed;	  /* that the sentence is about */
	uint64_t seed;
	size_t threads;
	uint32_t trials;	/* of a cell of the grid */
	uint32_t search_trials; /* at each step towards an edge */
	struct implant like;	/* application and sizes; law, sizes' spread and name are varied */
	const struct implant *implants; /* measure these instead of everything; borrowed */
	size_t implant_count;
	void (*progress)(void *arg, const char *what, size_t done, size_t of); /* may be NULL */
	void *arg;
};

struct prove_config prove_config_default(void);

struct proof_cell {
	enum injection_kind kind;
	double period_s, jitter, missed;
	double sizes; /* how far they vary, half width over size */
	struct trials_tally tally;
};

enum { PROOF_STEPS = 5 };

struct proof_edge {
	enum injection_kind kind;
	double jitter, missed;
	bool if_listed;	    /* of being listed at all, below the line or not */
	double located_s;   /* by bisection; 0: not even the shortest period tried */
	double certified_s; /* 0: nothing could be certified */
	struct proof_step {
		double period_s;
		bool passed;
		struct trials_tally tally;
	} steps[PROOF_STEPS]; /* the last of them failed, unless all passed */
	size_t step_count;
};

/* The step that was certified last; NULL: none. */
const struct proof_step *proof_certified(const struct proof_edge *edge);

/* An implant that was asked for by itself. */
struct proof_implant {
	enum injection_kind kind;
	size_t number; /* in the configuration */
	struct trials_tally tally;
};

struct proof {
	struct prove_config config; /* its pointers are borrowed */
	struct binomial_plan plan;
	double shortest_s, longest_s; /* periods tried for edges */
	struct proof_cell *cells;
	size_t cell_count;
	struct proof_edge *edges; /* of the sentence first: one for each kind */
	size_t edge_count;
	struct proof_implant *implants;
	size_t implant_count;
	size_t trials; /* in all */

	double window_s;
	uint32_t hosts, hosts_spoken; /* of the fleet; seen for at least half of the window */
	double host_hours, unseen_host_hours;
	size_t haunts, haunts_busier; /* busier than HAUNT_TIMES the implant of the sentence */
	double haunt_calls;	      /* that is, with more calls than this */
};

/* 0; -ENOMEM; -ENODATA: no host was seen long enough to speak of. */
int prove_run(const struct verdict *verdict, const struct prove_config *config,
	      struct proof *out_proof) MUST_USE;
void proof_fini(struct proof *proof);
