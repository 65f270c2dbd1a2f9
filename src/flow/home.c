/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/home.h"

#include <errno.h>

struct home home_default(void)
{
	static const char *const networks[] = {
		"10.0.0.0/8",	  "172.16.0.0/12", "192.168.0.0/16", /* RFC 1918 */
		"100.64.0.0/10",				     /* RFC 6598 */
		"169.254.0.0/16",				     /* RFC 3927 */
		"fe80::/10",					     /* RFC 4291 */
		"fc00::/7",					     /* RFC 4193 */
	};
	struct home home = {.assumed = true};

	for (size_t i = 0; i < ARRAY_LEN(networks); i++)
		CHECK(home_add(&home, networks[i]) == 0);
	return home;
}

static void note_octets(struct home *home, const struct network *n)
{
	unsigned first = n->address.bytes[12], count = n->prefix < 8 ? 256u >> n->prefix : 1;

	if (n->address.version != 4)
		return;
	for (unsigned i = first; i < first + count; i++)
		if (home->octet[i] != HOME_ALL)
			home->octet[i] = n->prefix <= 8 ? HOME_ALL : HOME_SOME;
}

int home_add(struct home *home, const char *text)
{
	struct network network;
	int rc = network_parse(text, &network);

	if (rc)
		return rc;
	if (home->count == HOME_MAX)
		return -ENOSPC;
	home->networks[home->count++] = network;
	note_octets(home, &network);
	return 0;
}

/* As a socket for both families writes it into a log: ::ffff:10.0.0.1 (RFC 4291, 2.5.5.2). */
static bool is_mapped(const struct address *a)
{
	static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};

	return a->version == 6 && !memcmp(a->bytes, prefix, sizeof(prefix));
}

bool home_search(const struct home *home, const struct address *address)
{
	if (is_mapped(address)) {
		struct address inner = address_v4(address->bytes + 12);

		if (home_contains(home, &inner))
			return true;
	}
	for (size_t i = 0; i < home->count; i++)
		if (network_contains(&home->networks[i], address))
			return true;
	return false;
}
