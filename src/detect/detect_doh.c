/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An encrypted resolver that is kept busy.  DNS over TLS or HTTPS hides what is asked, so
 * a tunnel in it can be known only by its pace: it asks all the time, where look-ups of a
 * host come in bursts and are then cached.  A sign, not a case: resolvers that pass
 * questions on, crawlers and people in a hurry do the same.
 */
#include "detect/detector.h"
#include "detect/detectors.h"
#include "detect/facts.h"
#include "detect/fleet.h"
#include "intel/catalogue.h"

#include <netinet/in.h>
#include <string.h>

enum { PORT_DOT = 853, BUSY_MINUTES = 24 };

static bool is_encrypted_resolver(const struct subject *s)
{
	const struct timeline *t = s->timeline;
	const struct service *service = detect_known_service(s);
	uint16_t port = t->key.proto ? t->key.port : t->last.dst_port;

	if (t->key.grouping != GROUP_ADDRESS && t->key.grouping != GROUP_NAME)
		return false;
	if (service)
		return !strcmp(service->what, "encrypted resolver");
	return port == PORT_DOT && t->app == APP_TLS;
}

static enum trait observe(const struct subject *s)
{
	if (!s->facts || !s->group || !is_encrypted_resolver(s))
		return TRAIT_UNKNOWN;
	if (s->group->resolver) /* it asks for others */
		return TRAIT_ABSENT;
	return s->facts->busy_half_hour >= BUSY_MINUTES ? TRAIT_PRESENT : TRAIT_ABSENT;
}

static void describe(const struct subject *s, enum trait trait, double p0, struct evidence *out)
{
	const struct timeline *t = s->timeline;
	char sent[BYTES_TEXT_SIZE], got[BYTES_TEXT_SIZE];

	(void)trait;
	evidence_say(
		out,
		"an encrypted resolver is asked all the time: in %u of 30 minutes 1.5 kB or more, "
		"%s out and %s in altogether; look-ups come in bursts and are cached; %.0f %% of "
		"such pairs are as busy",
		s->facts->busy_half_hour, bytes_text((double)t->out_payload, sent),
		bytes_text((double)t->in_payload, got), 100 * p0);
	evidence_fact(out, "busy_minutes_of_30", s->facts->busy_half_hour);
	evidence_fact(out, "out_payload", (double)t->out_payload);
	evidence_fact(out, "in_payload", (double)t->in_payload);
}

const struct detector detect_doh = {
	.name = "doh",
	.kin = "tunnel",
	.sign = "keeps an encrypted resolver busy",
	.attack = "T1572",
	.p1 = 0.8,
	.p0 = 0.03,
	.observe = observe,
	.describe = describe,
};
