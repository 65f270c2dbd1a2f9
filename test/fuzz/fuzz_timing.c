/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any ascending times give finite evidence and sane estimates, the same twice.
 *
 * Byte 0: window; byte 1: unit of the gaps; then one gap per two bytes.  All in
 * a few weeks, which is quick, but for one unit of a lifetime.
 */
#include "stat/timing.h"

#include <math.h>
#include <string.h>

#define CALLS_MAX 512
#define WEEKS_S	  (21 * 86400.)

static size_t read_times(const uint8_t *bytes, size_t len, double *times_s)
{
	static const double units[] = {1e-6, 1e-3, .05, 1, 1, 60, 1800, 1e9};
	double at = 0, unit = units[bytes[1] % ARRAY_LEN(units)];
	size_t n = 0;

	for (size_t i = 2; i + 1 < len && n < CALLS_MAX; i += 2) {
		at += unit * (bytes[i] + 256. * bytes[i + 1]) / 256;
		times_s[n++] = unit < 1e9 ? fmin(at, WEEKS_S) : at;
	}
	return n;
}

static void check_result(const struct timing_result *r)
{
	CHECK(isfinite(r->guaranteed_nats) && isfinite(r->renewal_nats));
	CHECK(isfinite(r->log_normal_nats) && isfinite(r->phase_nats));
	CHECK(isfinite(r->hidden_nats) && isfinite(r->cycle_nats) && isfinite(r->change.at_s));
	CHECK(r->p > 0 && r->p <= 1);
	CHECK(isfinite(r->decibans) && r->guaranteed_db >= 0 && r->decibans >= r->guaranteed_db);
	CHECK(isfinite(r->period_s) && r->period_s >= 0);
	CHECK(isfinite(r->period.low) && isfinite(r->period.high));
	CHECK(r->period.low <= r->period_s && r->period_s <= r->period.high);
	CHECK(r->jitter >= 0 && r->jitter <= 1 && r->missed >= 0 && r->missed <= 1);
	CHECK(r->jitter_90.low <= r->jitter_90.high && r->missed_90.low <= r->missed_90.high);
	CHECK(r->on_beat <= r->gaps && (r->gaps == 0 || r->gaps < r->calls));
	CHECK(r->calibrated == (r->window_s >= 86400));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct timing_work *work;
	static double times_s[CALLS_MAX], hourly[256];
	struct timing_activity activity = {hourly, 0};
	struct timing_result once, twice;
	double window_s;
	size_t n;

	if (len < 2)
		return 0;
	if (!work)
		work = timing_work_new();
	CHECK(work);
	n = read_times(bytes, len, times_s);
	window_s = (n ? times_s[n - 1] : 0) * (1 + bytes[0] % 4) + bytes[0] / 16;
	if (bytes[0] & 1)
		for (; activity.hours < 256 && activity.hours < len; activity.hours++)
			hourly[activity.hours] = bytes[activity.hours];
	memset(&once, 0, sizeof(once));
	memset(&twice, 0, sizeof(twice));
	timing_analyse(work, times_s, n, window_s, &activity, &once);
	timing_analyse(work, times_s, n, window_s, &activity, &twice);
	check_result(&once);
	CHECK(once.guaranteed_nats == twice.guaranteed_nats && once.p == twice.p &&
	      once.period_s == twice.period_s && once.phase_nats == twice.phase_nats);
	return 0;
}
