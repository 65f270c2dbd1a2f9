/* SPDX-License-Identifier: Apache-2.0 */
/*
 * company.h - what a service is like, told by its other clients.
 *
 * Long connections are rare in a fleet, but at the place where this host holds
 * one everybody does: then that is how the service works, and no sign of a
 * call-home among its clients.  So the share by which such a sign is weighed is at
 * least its share among the other hosts that go to the same registered name.
 *
 * This never speaks against a call-home, it only takes away what was counted
 * twice; and a whole lot of servers may have been tampered with.  Therefore it
 * needs a name that DNS bore out and COMPANY_HOSTS others, in windows of a day
 * and more one of them from the first quarter on (a campaign has no past), and
 * rhythm, rarity, tunnels, shells, boots and lists are never explained by it.
 *
 * Memory: 4 bytes for each group with such a name.  Time: a sort of those once;
 * O(log groups) and COMPANY_ASKED looks for each question.  Threads: any, once gathered.
 */
#pragma once

#include "verdict/weigh.h"

enum { COMPANY_HOSTS = 3, COMPANY_ASKED = 64 };

struct company {
	uint32_t *order; /* groups by address, in order of registered name and host */
	size_t count;
};

/* 0 or -ENOMEM. */
int company_gather(const struct fleet *fleet, struct company *out_company) MUST_USE;
void company_fini(struct company *company);

struct ground;

/*
 * What others that go to the same place do, as far as it explains: then
 * subject->custom is `room`.  The subject is one of this fleet and ground, or a
 * probe's.
 */
void company_explain(const struct ground *ground, const struct fleet *fleet,
		     struct subject *subject, struct custom *room);
