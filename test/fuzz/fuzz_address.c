/* SPDX-License-Identifier: Apache-2.0 */
/* Text that is read must come back as the same address when written and read again. */
#include "net/address.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_address(const char *text, size_t len)
{
	struct address a, again;
	char out[ADDRESS_TEXT_SIZE];

	if (address_parse(text, len, &a))
		return;
	CHECK(a.version == 4 || a.version == 6);
	address_text(&a, out);
	CHECK(strlen(out) < sizeof(out));
	CHECK(address_parse(out, strlen(out), &again) == 0);
	CHECK(address_equal(&a, &again) && address_compare(&a, &again) == 0);
}

static void check_network(const char *text)
{
	struct network n, again;
	char out[NETWORK_TEXT_SIZE];

	if (network_parse(text, &n))
		return;
	CHECK(network_contains(&n, &n.address));
	network_text(&n, out);
	CHECK(strlen(out) < sizeof(out));
	CHECK(network_parse(out, &again) == 0);
	CHECK(address_equal(&n.address, &again.address) && n.prefix == again.prefix);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *text = malloc(len + 1);

	CHECK(text);
	memcpy(text, bytes, len);
	text[len] = '\0';
	check_address((const char *)bytes, len);
	check_network(text);
	free(text);
	return 0;
}
