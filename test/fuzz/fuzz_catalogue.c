/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first line as a name to look up, the rest as a catalogue: whatever is
 * found fits the name.
 */
#include "intel/catalogue.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct catalogue *c = catalogue_new();
	struct complaint why = {""};
	const uint8_t *end = memchr(bytes, '\n', len);
	size_t n = end ? (size_t)(end - bytes) : len;
	const struct service *s;
	char name[256];

	CHECK(c);
	if (n >= sizeof(name))
		n = sizeof(name) - 1;
	memcpy(name, bytes, n);
	name[n] = '\0';
	if (catalogue_add(c, "fuzz", (const char *)bytes + n, len - n, &why))
		CHECK(why.text[0]);
	s = catalogue_name(c, name, 6, 443);
	if (s) {
		CHECK(s->trust != CATALOGUE_OFF && *s->what && *s->names);
		CHECK(s->most_s >= s->least_s);
		CHECK(strchr(s->names, '*') || strstr(name, s->names));
	}
	catalogue_free(c);
	return 0;
}
