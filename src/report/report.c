/* SPDX-License-Identifier: Apache-2.0 */
#include "report/report.h"

size_t report_cases(const struct report *r)
{
	const size_t *n = r->verdict->by_severity;

	return n[SEVERITY_MEDIUM] + n[SEVERITY_HIGH] + n[SEVERITY_CRITICAL];
}

bool report_shows(const struct report_style *style, const struct finding *f)
{
	if (style->only)
		return f->rank == style->only;
	return style->all || f->severity >= SEVERITY_MEDIUM;
}

int report_exit_status(const struct report *r)
{
	if (r->files_broken || (r->intel && intel_stats(r->intel).lists_broken))
		return 3;
	if (report_cases(r))
		return 1;
	return r->inconclusive ? 4 : 0;
}
