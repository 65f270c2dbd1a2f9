/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_fleet.h - a fleet of servers at work, one conversation at a time.
 *
 *	struct sim_fleet_plan --sim_fleet_new()--> struct sim_fleet --sim_fleet_next()--> struct
 *sim_call ...
 *
 * Conversations come in the order of their first packets.  The same plan gives
 * the same conversations wherever the C library's logarithms round alike, and
 * an implant more or less changes no other conversation (but one that waits for
 * boots may make its host restart).
 *
 * Memory: about 2 KiB a host and 250 bytes a service that runs on it (some 20),
 * whatever the length of time.  Time: O(log callers) a conversation.
 * Threads: one.
 */
#pragma once

#include "base/complaint.h"
#include "simulate/implant.h"
#include "simulate/host.h"

enum { SIM_MOST_HOSTS = 100000 };

struct sim_fleet_plan {
	uint32_t hosts; /* 1 .. SIM_MOST_HOSTS */
	double days;	/* above 0 */
	uint64_t seed;
	ns_t start;
	double rate; /* how busy: calls of what is no timer, over what is usual */
	const struct implant *implants; /* borrowed for sim_fleet_new() */
	size_t implant_count;
};

struct sim_fleet; /* opaque */

/* 0; -EINVAL for an implant on a host that is not there; -ENOMEM. */
int sim_fleet_new(const struct sim_fleet_plan *plan, struct sim_fleet **out_fleet,
		  struct complaint *why) MUST_USE;
void sim_fleet_free(struct sim_fleet *fleet); /* NULL is fine */

/* False at the end.  Names in the call live as long as the fleet. */
bool sim_fleet_next(struct sim_fleet *fleet, struct sim_call *out_call);

const struct sim_host *sim_fleet_host(const struct sim_fleet *fleet, uint32_t number);
/* As it was settled: nothing is left to the seed any more. */
const struct implant *sim_fleet_implant(const struct sim_fleet *fleet, size_t number);
