/* SPDX-License-Identifier: Apache-2.0 */
#include "report/report.h"

size_t report_cases(const struct report *r)
{
	const size_t *n = r->verdict->by_severity;

	return n[SEVERITY_MEDIUM] + n[SEVERITY_HIGH] + n[SEVERITY_CRITICAL];
}

int report_exit_status(const struct report *r)
{
	if (r->files_broken)
		return 3;
	if (report_cases(r))
		return 1;
	return r->inconclusive ? 4 : 0;
}
