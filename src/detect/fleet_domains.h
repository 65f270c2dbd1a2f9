/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fleet_domains.h - what becomes clear of look-ups when all hosts are seen together.
 * Private to detect/; called by fleet_build() once groups are sorted and hosts numbered.
 *
 * - Every group by domain gets its fact sheet.
 * - Names that the host then calls carry nothing: it wanted the address.  Where that is
 *   most of them, the look-ups have no rhythm of their own, and the group is a twin.
 * - A resolver asks what its clients ask: where a client is seen, its group is a twin.
 * - Prevalence: how many hosts ask about the domain, resolvers aside.
 *
 * Time: sorting, n log n.  Memory: 8 bytes per group by domain, for the time of the call.
 */
#pragma once

#include "detect/fleet.h"

/* 0 or -ENOMEM. */
int fleet_join_domains(struct fleet *fleet) MUST_USE;
