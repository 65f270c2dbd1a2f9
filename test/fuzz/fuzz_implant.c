/* SPDX-License-Identifier: Apache-2.0 */
/* An implant that is accepted is one that can be simulated; a refusal is one sentence. */
#include "simulate/implant.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static bool share(double x)
{
	return x >= 0 && x <= 1;
}

static void check_accepted(struct implant *im)
{
	CHECK(im->law.period_s > 0 && share(im->law.jitter) && share(im->law.missed));
	CHECK(im->law.missed < 1 && share(im->sizes) && share(im->silent));
	CHECK(im->law.duty_from_h >= 0 && im->law.duty_from_h <= 24);
	CHECK(im->law.duty_to_h >= 0 && im->law.duty_to_h <= 24);
	CHECK(im->site.port > 0 && im->out >= 1 && im->in >= 1 && im->after_s >= 0);
	CHECK(strlen(im->site.name) < SIM_NAME_SIZE && strlen(im->sni) < SIM_NAME_SIZE);
	implant_settle(im, 1, 2, 1000);
	CHECK(!im->any_host && !im->any_site);
	CHECK(!im->lookup || *im->site.name);
	CHECK(im->site.has_v6 ? im->site.v6.version == 6 : im->site.v4.version == 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *text = malloc(len + 1);
	struct complaint why = {""};
	struct implant im;

	CHECK(text);
	memcpy(text, bytes, len);
	text[len] = '\0';
	if (implant_parse(text, &im, &why) == 0)
		check_accepted(&im);
	else
		CHECK(*why.text);
	free(text);
	return 0;
}
