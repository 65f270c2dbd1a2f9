/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/coverage.h"

void coverage_add(struct coverage *sum, const struct coverage *part)
{
	for (int v = 0; v < DECODE_VERDICTS; v++)
		sum->decoded[v] += part->decoded[v];
	sum->frames += part->frames;
	sum->cut += part->cut;
	sum->tunnelled += part->tunnelled;
	sum->tunnels_unopened += part->tunnels_unopened;
	sum->datagrams += part->datagrams;
	sum->datagrams_lost += part->datagrams_lost;
	sum->overlaps += part->overlaps;
	sum->duplicates += part->duplicates;
	sum->openings += part->openings;
	sum->openings_unread += part->openings_unread;
	sum->openings_cut += part->openings_cut;
	sum->segments_early += part->segments_early;
	sum->contradictions += part->contradictions;
	sum->rows += part->rows;
	sum->flows += part->flows;
	sum->flows_evicted += part->flows_evicted;
	sum->outbound += part->outbound;
	sum->inbound += part->inbound;
	sum->internal += part->internal;
	sum->outside += part->outside;
	sum->group += part->group;
	sum->outbound_bytes += part->outbound_bytes;
	sum->lookups += part->lookups;
	sum->names_refused += part->names_refused;
	sum->names_evicted += part->names_evicted;
	sum->claims_refused += part->claims_refused;
	spans_merge(&sum->captured, &part->captured);
	spans_merge(&sum->logged, &part->logged);
	hours_merge(&sum->hours, &part->hours);
	sum->timelines.groups += part->timelines.groups;
	sum->timelines.evicted += part->timelines.evicted;
	sum->timelines.evicted_calls += part->timelines.evicted_calls;
	sum->timelines.untimed += part->timelines.untimed;
}
