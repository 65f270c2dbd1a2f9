/* SPDX-License-Identifier: Apache-2.0 */
#include "timeline/filing.h"

#include <netinet/in.h>

static bool has_service_port(uint8_t proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == IPPROTO_SCTP;
}

void filing_add(struct timeline_table *t, const struct flow *flow,
		const struct timeline_marks *marks, bool by_address)
{
	const struct tuple *ends = &flow->tuple;

	if (by_address) {
		struct timeline_key key = {
			.host = ends->src,
			.network = ends->network,
			.destination = ends->dst,
			.port = has_service_port(ends->proto) ? ends->dst_port : 0,
			.proto = ends->proto,
			.grouping = GROUP_ADDRESS,
		};

		timeline_add(t, &key, flow, marks);
	}
	if (marks->name) {
		struct timeline_key key = {
			.host = ends->src,
			.network = ends->network,
			.name = marks->name,
			.grouping = GROUP_NAME,
		};

		timeline_add(t, &key, flow, marks);
	}
}
