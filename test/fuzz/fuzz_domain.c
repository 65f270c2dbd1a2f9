/* SPDX-License-Identifier: Apache-2.0 */
/* Names as dns_parse() writes them, and whatever a log may hold instead. */
#include "proto/domain.h"
#include "timeline/domains.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_sheet(const char *name, size_t len, size_t sub)
{
	struct domain_facts f = {0};

	for (uint16_t i = 0; i < 3; i++)
		domain_note_question(&f, name, len, sub, i, i, 40, (ns_t)i * NS_PER_SEC);
	CHECK(f.changes == 3 && f.questions == 3);
	CHECK(f.bits <= 8 * DOMAIN_NAME_KEPT && f.longest_label <= DOMAIN_BYTES_MAX);
	CHECK(domain_distinct(&f) >= 0 && domain_distinct(&f) <= 3);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	uint8_t out[DOMAIN_BYTES_MAX];
	char name[1024];
	size_t start, used;

	if (len >= sizeof(name))
		len = sizeof(name) - 1;
	if (len)
		memcpy(name, bytes, len);
	name[len] = '\0';
	start = domain_start(name, len);
	CHECK(start <= len);
	CHECK(start == 0 || start == len || name[start - 1] == '.');
	(void)domain_is_made_up(name, len);
	(void)domain_is_private(name, len);
	(void)domain_is_reverse(name, len);
	CHECK(domain_listed_address(name, len) <= len);
	used = domain_bytes(name, len, out);
	CHECK(used <= len && used <= DOMAIN_BYTES_MAX);
	check_sheet(name, len, start ? start - 1 : 0);
	check_sheet(name, len, len);
	return 0;
}
