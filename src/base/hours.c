/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hours.h"

static void add_hour(struct hours *h, int64_t hour)
{
	if (h->count == HOURS_MAX)
		return;
	for (size_t i = 0; i < h->count; i++)
		if (h->hour[i] == hour) {
			h->latest = i;
			return;
		}
	h->latest = h->count;
	h->hour[h->count++] = hour;
}

void hours_add(struct hours *h, ns_t when)
{
	const int64_t hour_ns = 3600 * NS_PER_SEC;
	int64_t hour;

	if (h->count == HOURS_MAX)
		return;
	hour = when / hour_ns - (when % hour_ns < 0); /* times before 1970, too */
	if (!h->count || h->hour[h->latest] != hour)
		add_hour(h, hour);
}

void hours_merge(struct hours *h, const struct hours *others)
{
	for (size_t i = 0; i < others->count; i++)
		add_hour(h, others->hour[i]);
}
