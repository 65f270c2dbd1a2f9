/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/evidence.h"

#include <stdarg.h>
#include <stdio.h>

void evidence_say(struct evidence *e, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(e->text, sizeof(e->text), format, args);
	va_end(args);
}

void evidence_fact(struct evidence *e, const char *name, double value)
{
	CHECK(e->fact_count < EVIDENCE_FACTS_MAX);
	e->facts[e->fact_count++] = (struct fact){.name = name, .value = value};
}

const char *duration_text(double seconds, char out[static DURATION_TEXT_SIZE])
{
	static const struct {
		double below, unit;
		const char *name;
	} scale[] = {
		{120, 1, "s"},
		{7200, 60, "min"},
		{172800, 3600, "h"},
		{1e300, 86400, "d"},
	};
	size_t i = 0;
	double value;

	while (seconds >= scale[i].below)
		i++;
	value = seconds / scale[i].unit;
	snprintf(out, DURATION_TEXT_SIZE, "%.*f %s",
		 value < 9.995	 ? 2
		 : value < 99.95 ? 1
				 : 0,
		 value, scale[i].name);
	return out;
}

const char *bytes_text(double bytes, char out[static BYTES_TEXT_SIZE])
{
	static const char *const unit[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
	size_t i = 0;

	while (bytes >= 999.5 && i + 1 < ARRAY_LEN(unit)) {
		bytes /= 1000;
		i++;
	}
	snprintf(out, BYTES_TEXT_SIZE, i > 0 && bytes < 9.95 ? "%.1f %s" : "%.0f %s", bytes,
		 unit[i]);
	return out;
}
