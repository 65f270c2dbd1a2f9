/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/detectors.h"

#include "detect/detector.h"

#include <math.h>

/* One a line, so that two may be added at once. */
/* clang-format off */
const struct detector *const detectors[] = {
	&detect_timing,
	&detect_prevalence,
	&detect_lookup,
	&detect_bare,
	&detect_name,
	&detect_certificate,
	&detect_client,
	&detect_new,
	&detect_port,
	&detect_upload,
	&detect_exfil,
	&detect_jump,
	&detect_slow,
	&detect_load,
	&detect_long,
	&detect_stays,
	&detect_shell,
	&detect_orders,
	&detect_size,
	&detect_retry,
	&detect_boot,
	&detect_preboot,
	&detect_answer,
	&detect_hopping,
	&detect_peers,
	&detect_intel,
	&detect_intel_hint,
	&detect_known,
	&detect_dns_tunnel,
	&detect_icmp_tunnel,
	&detect_doh,
	&detect_protocol,
	&detect_noise,
	&detect_raw,
	NULL,
};
/* clang-format on */
_Static_assert(ARRAY_LEN(detectors) - 1 <= DETECTORS_MAX, "make room in DETECTORS_MAX");

/* A tenth of all call-homes are taken to look just like ordinary traffic in any one trait. */
static const double epsilon = 0.1;

double detector_weight_db(const struct detector *d, enum trait trait, double p0)
{
	double p1 = d->p1, weight;

	p0 = fmax(p0, d->least_p0);
	if (trait == TRAIT_UNKNOWN || (trait == TRAIT_ABSENT && !d->innocent))
		return 0;
	if (trait == TRAIT_ABSENT) {
		p1 = 1 - p1;
		p0 = 1 - p0;
	}
	weight = 10 * log10(((1 - epsilon) * p1 + epsilon * p0) / p0);
	/* A sign that is everywhere says nothing; it does not turn into its opposite. */
	return trait == TRAIT_PRESENT ? fmax(0, weight) : fmin(0, weight);
}
