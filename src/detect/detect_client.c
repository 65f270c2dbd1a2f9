/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client that calls looks like that of hardly any other host (JA4, else
 * JA3, HASSH, User-Agent), while most clients of a fleet come with its systems
 * and are everywhere.
 */
#include "detect/detector.h"
#include "detect/detectors.h"
#include "detect/fleet.h"

/* As in detect_prevalence.c. */
enum { SMALLEST_FLEET = 5, RARE_HOSTS = 2, RARE_PERCENT = 2 };

static enum trait observe(const struct subject *s)
{
	const struct novelty *n = s->group ? &s->group->novelty : NULL;
	uint32_t rare;

	if (!n || !n->client_hosts || n->fleet_clients < SMALLEST_FLEET || s->groups_forgotten)
		return TRAIT_UNKNOWN;
	rare = n->fleet_clients * RARE_PERCENT / 100;
	if (rare < 1)
		rare = 1;
	else if (rare > RARE_HOSTS)
		rare = RARE_HOSTS;
	/* of a host with one client for everything it says nothing */
	return n->client_hosts <= rare && n->host_clients > 1 ? TRAIT_PRESENT : TRAIT_ABSENT;
}

static void describe(const struct subject *s, enum trait trait, double p0, struct evidence *out)
{
	const struct novelty *n = &s->group->novelty;

	(void)trait;
	evidence_say(out,
		     "%u of %u hosts have a client that looks like this; this host has %u other%s; "
		     "%.1f %% of pairs have so rare a client",
		     n->client_hosts, n->fleet_clients, n->host_clients - 1,
		     n->host_clients == 2 ? "" : "s", 100 * p0);
	evidence_fact(out, "client_hosts", n->client_hosts);
	evidence_fact(out, "fleet_hosts", n->fleet_clients);
	evidence_fact(out, "other_clients", n->host_clients - 1);
	evidence_fact(out, "pairs_like_that", p0);
}

const struct detector detect_client = {
	.name = "client",
	.kin = "client",
	.sign = "rare client",
	.attack = "T1071",
	.p1 = 0.4,
	.p0 = 0.1,
	.observe = observe,
	.describe = describe,
};
