/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filing.h - under which groups a call is filed: its address, and its name.
 */
#pragma once

#include "timeline/timeline.h"

/*
 * File one outbound flow under its destination address and, if the marks name
 * one, under its name.  `by_address` is false for what a proxy of the fleet is
 * asked to reach: there the address is the proxy's.
 */
void filing_add(struct timeline_table *table, const struct flow *flow,
		const struct timeline_marks *marks, bool by_address);
