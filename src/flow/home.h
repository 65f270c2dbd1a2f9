/* SPDX-License-Identifier: Apache-2.0 */
/*
 * home.h - what belongs to the fleet.  Outbound is from inside it to outside.
 */
#pragma once

#include "net/address.h"

enum { HOME_MAX = 256 };

struct home {
	struct network networks[HOME_MAX];
	size_t count;
	bool assumed; /* home_default(), not told by the user */

	/* Private: of what begins with this octet (IPv4), what is home? */
	enum { HOME_NONE, HOME_SOME, HOME_ALL } octet[256];
};

/*
 * Private (RFC 1918), carrier NAT (RFC 6598), link-local (RFC 3927, 4291) and
 * unique-local (RFC 4193) space.  Link-local stays in: a BMC lives there.
 */
struct home home_default(void);

/* 0, -EINVAL if `text` is no network, -ENOSPC when there are too many. */
int home_add(struct home *home, const char *text) MUST_USE;

bool home_search(const struct home *home, const struct address *address); /* the slow way */

/* Asked twice of every packet; the first octet mostly tells. */
static inline bool home_contains(const struct home *home, const struct address *address)
{
	if (address->version == 4 && home->octet[address->bytes[12]] != HOME_SOME)
		return home->octet[address->bytes[12]] == HOME_ALL;
	return home_search(home, address);
}
