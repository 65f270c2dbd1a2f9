/* SPDX-License-Identifier: Apache-2.0 */
/*
 * name.h - a host name as strangers write it, made comparable.
 *
 * Private to proto/.
 */
#pragma once

#include "base/base.h"

/*
 * Copy to `out` (`len` + 1 bytes) in lower case, without a trailing dot and
 * with '?' for each byte that is no printable ASCII; terminated.  Returns the
 * length.
 */
static inline size_t name_clean(char *out, const uint8_t *bytes, size_t len)
{
	if (len > 0 && bytes[len - 1] == '.')
		len--;
	for (size_t i = 0; i < len; i++) {
		uint8_t b = bytes[i];

		if (b >= 'A' && b <= 'Z')
			b = (uint8_t)(b - 'A' + 'a');
		out[i] = b > 0x20 && b < 0x7f ? (char)b : '?';
	}
	out[len] = '\0';
	return len;
}
