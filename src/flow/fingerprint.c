/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/fingerprint.h"

#include <string.h>

_Static_assert(sizeof(struct fingerprint) == 28, "it is kept whole: it must have no holes");

uint32_t fingerprint_keep(struct string_table *table, const struct fingerprint *fingerprint)
{
	static const struct fingerprint nothing;

	if (!memcmp(fingerprint, &nothing, sizeof(nothing)))
		return 0;
	return string_table_add(table, (const char *)fingerprint, sizeof(*fingerprint));
}

struct fingerprint fingerprint_get(const struct string_table *table, uint32_t number)
{
	struct fingerprint fingerprint = {0};

	if (number)
		memcpy(&fingerprint, string_table_get(table, number), sizeof(fingerprint));
	return fingerprint;
}
