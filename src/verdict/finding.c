/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict/finding.h"

const char *severity_name(enum severity severity)
{
	static const char *const names[SEVERITIES] = {"info", "low", "medium", "high", "critical"};

	return names[severity];
}

const char *finding_kind_name(enum finding_kind kind)
{
	static const char *const names[FINDING_KINDS] = {
		"beacon", "retry", "long-connection", "tunnel",	    "exfiltration",
		"shell",  "boot",  "listed",	      "unexplained"};

	return names[kind];
}
