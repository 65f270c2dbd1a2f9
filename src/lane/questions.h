/* SPDX-License-Identifier: Apache-2.0 */
/*
 * questions.h - what each host of the fleet asks of the DNS, filed by domain.
 *
 *	question --> registered domain --> fact sheet (timeline/domains.h)
 *	answer ----> the question ---------> a call of (host, domain)
 *
 * A question and its answer are one call: bytes of the one out, of the other in.
 * Left out: who is not of the fleet, mDNS and LLMNR, reverse look-ups, lone labels,
 * and, while the server asked is of the fleet, names that public servers never delegate.
 * A question that is not answered within a few others of its domain is a call that
 * nobody answered.  Either may be captured first; a question repeated within 12 s, by number
 * and name, is the same call.  An answer whose question was not captured is both.
 *
 * Memory.  A fixed share of the lane's budget; see lane_new().
 * Time.  A few hundred ns a question; a hundred where the host asks for a name again.
 * Threads.  Belongs to its lane.
 */
#pragma once

#include "base/string_table.h"
#include "flow/home.h"
#include "input/input.h"
#include "proto/dns.h"
#include "timeline/domains.h"
#include "timeline/timeline.h"

struct questions; /* opaque */

/* NULL if memory is short.  `home` and `names` are borrowed. */
struct questions *questions_new(const struct home *home, struct string_table *names,
				size_t calls_budget, size_t facts_budget) MUST_USE;
void questions_free(struct questions *questions); /* NULL is fine */

/* A message over UDP or TCP; `ends` has the asking side as src, whichever way it went. */
void questions_message(struct questions *questions, const struct tuple *ends,
		       const struct dns_message *message, ns_t when);

/* A row of a log: both in one. */
void questions_row(struct questions *questions, const struct input_lookup *lookup);

/* File what still waits for its other half. */
void questions_flush(struct questions *questions);

/* Borrowed. */
const struct timeline_table *questions_calls(const struct questions *questions);
const struct domain_table *questions_facts(const struct questions *questions);
