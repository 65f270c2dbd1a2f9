/* SPDX-License-Identifier: Apache-2.0 */
/*
 * truth.h - what was implanted, for whoever judges a detector.
 *
 * One JSON object a line for each thing written ("file"), with a list
 * "malicious": who called whom, how often, and the intervals as measured on
 * the calls that were really made, plus "spec", what they were made from.  An
 * implant ("implant", from 1) that is on several hosts or calls several peers
 * has a line for each.  "kind" is "simulated-beacon" for the plain ones; a DNS
 * tunnel has its "domain" (the destination is the resolver), one that hops its
 * "net", or port 0.
 * Calls less than a second after the one before are the same call.  `period_s`
 * is the median interval, `jitter` half of (p95 - p5) over the median,
 * `jitter_iqr` the same with quartiles.
 *
 * Memory: 8 bytes for each call of an implant, 200 for each of its places.
 */
#pragma once

#include "simulate/out_file.h"
#include "simulate/sim_fleet.h"

struct truth; /* opaque */

/* NULL: no memory. */
struct truth *truth_new(const struct sim_fleet *fleet, size_t implants) MUST_USE;
void truth_free(struct truth *truth); /* NULL is fine */

/* Remember a call if it is an implant's; 0 or -ENOMEM. */
int truth_call(struct truth *truth, const struct sim_call *call) MUST_USE;

/* Write the line about `file` (relative to the truth). */
void truth_write(const struct truth *truth, const struct sim_fleet *fleet,
		 const struct sim_fleet_plan *plan, const char *file, const char *format,
		 struct out_file *out);
