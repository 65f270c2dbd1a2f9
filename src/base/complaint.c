/* SPDX-License-Identifier: Apache-2.0 */
#include "base/complaint.h"

#include <stdarg.h>
#include <stdio.h>

/* File names may hold escape sequences: control characters, C0 and C1, become '?'. */
static void disarm(char *text)
{
	for (unsigned char *p = (unsigned char *)text; *p; p++) {
		if (*p < 0x20 || *p == 0x7f)
			*p = '?';
		else if (p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0)
			p[0] = p[1] = '?';
	}
}

void complain(struct complaint *why, const char *format, ...)
{
	va_list args;

	if (!why)
		return;
	va_start(args, format);
	vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
	disarm(why->text);
}

void printable(char *out, size_t size, const char *bytes, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	size_t used = 0;

	CHECK(size > 0);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)bytes[i];
		bool plain = c >= 0x20 && c < 0x7f;

		if (used + (plain ? 1 : 4) >= size)
			break;
		if (plain) {
			out[used++] = (char)c;
		} else {
			out[used++] = '\\';
			out[used++] = 'x';
			out[used++] = hex[c >> 4];
			out[used++] = hex[c & 15];
		}
	}
	out[used] = '\0';
}
