/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/activity.h"

#include <math.h>

#define HOUR_S	    3600.0
#define LOWEST_RATE 0.1

void activity_init(struct activity *activity, const double *hourly, size_t hours)
{
	double sum = 0, total_s = 0, mean;

	if (!hourly)
		hours = 0;
	if (hours > ACTIVITY_HOURS_MAX)
		hours = ACTIVITY_HOURS_MAX;
	activity->hours = hours;
	for (size_t i = 0; i < hours; i++)
		sum += hourly[i];
	mean = hours ? fmax(sum / (double)hours, 1e-9) : 1;
	for (size_t i = 0; i < hours; i++) {
		double before = hourly[i ? i - 1 : 0];
		double after = hourly[i + 1 < hours ? i + 1 : i];
		double smooth = 0.25 * before + 0.5 * hourly[i] + 0.25 * after;

		activity->rate[i] = fmax(LOWEST_RATE, smooth / mean);
		activity->total_s[i] = total_s;
		total_s += activity->rate[i] * HOUR_S;
	}
}

static size_t hour_of(const struct activity *activity, double time_s)
{
	double hour = time_s > 0 ? time_s / HOUR_S : 0;

	return hour < (double)activity->hours ? (size_t)hour : activity->hours - 1;
}

double activity_rate(const struct activity *activity, double time_s)
{
	return activity->hours ? activity->rate[hour_of(activity, time_s)] : 1;
}

double activity_until(const struct activity *activity, double time_s)
{
	size_t hour;

	if (!activity->hours)
		return time_s;
	hour = hour_of(activity, time_s);
	return activity->total_s[hour] + (time_s - (double)hour * HOUR_S) * activity->rate[hour];
}
