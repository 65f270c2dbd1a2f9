/* SPDX-License-Identifier: Apache-2.0 */
#include "input/trouble.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

void trouble_note(struct trouble *t, uint64_t where, const char *format, ...)
{
	va_list args;

	if (t->count++)
		return;
	t->first = where;
	va_start(args, format);
	vsnprintf(t->what, sizeof(t->what), format, args);
	va_end(args);
}

int trouble_report(const struct trouble *t, const char *name, const char *unit, uint64_t total,
		   struct complaint *why)
{
	if (!t->count)
		return 0;
	complain(why, "%s: %s %llu: %s; %llu of %llu %ss skipped", name, unit,
		 (unsigned long long)t->first, t->what, (unsigned long long)t->count,
		 (unsigned long long)total, unit);
	return -EBADMSG;
}
