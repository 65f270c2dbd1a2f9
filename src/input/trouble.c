/* SPDX-License-Identifier: Apache-2.0 */
#include "input/trouble.h"

#include <errno.h>

struct complaint *trouble_note(struct trouble *t, uint64_t where)
{
	if (t->count++)
		return NULL;
	t->first = where;
	return &t->what;
}

int trouble_report(const struct trouble *t, const char *name, const char *unit, uint64_t total,
		   struct complaint *why)
{
	if (!t->count)
		return 0;
	complain(why, "%s: %s %llu: %.160s; %llu of %llu %ss skipped", name, unit,
		 (unsigned long long)t->first, t->what.text, (unsigned long long)t->count,
		 (unsigned long long)total, unit);
	return -EBADMSG;
}
