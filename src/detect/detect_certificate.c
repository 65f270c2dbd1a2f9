/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server's certificate is homemade: issued by itself, not valid at the
 * time, or for another name than was asked for.  Seen in clear up to TLS 1.2,
 * or told by Zeek.
 */
#include "detect/detector.h"
#include "detect/detectors.h"

#include <stdio.h>

static enum trait observe(const struct subject *s)
{
	uint32_t claims = s->timeline->claims;

	if (!(claims & CLAIM_CERTIFICATE))
		return TRAIT_UNKNOWN;
	return claims & (CLAIM_SELF_SIGNED | CLAIM_CERT_TIME | CLAIM_CERT_NAME) ? TRAIT_PRESENT
										: TRAIT_ABSENT;
}

static void describe(const struct subject *s, enum trait trait, double p0, struct evidence *out)
{
	static const struct {
		uint32_t claim;
		const char *text;
	} faults[] = {
		{CLAIM_SELF_SIGNED, "issued by itself"},
		{CLAIM_CERT_TIME, "not valid at that time"},
		{CLAIM_CERT_NAME, "not for the name that was asked for"},
	};
	char text[128] = "";
	size_t used = 0;

	(void)trait;
	for (size_t i = 0; i < ARRAY_LEN(faults); i++)
		if (s->timeline->claims & faults[i].claim)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s",
						 used ? ", " : "", faults[i].text);
	evidence_say(out, "the server's certificate is %s; so are %.1f %% of those seen", text,
		     100 * p0);
	for (size_t i = 0; i < ARRAY_LEN(faults); i++)
		evidence_fact(out,
			      i == 0   ? "self_signed"
			      : i == 1 ? "not_valid_then"
				       : "other_name",
			      (s->timeline->claims & faults[i].claim) != 0);
	evidence_fact(out, "pairs_like_that", p0);
}

const struct detector detect_certificate = {
	.name = "certificate",
	.kin = "naming",
	.sign = "odd certificate",
	.attack = "T1587.003",
	.p1 = 0.4,
	.p0 = 0.05,
	.observe = observe,
	.describe = describe,
};
