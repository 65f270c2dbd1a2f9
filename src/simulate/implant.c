/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/implant.h"

#include "base/random.h"

#include <math.h>
#include <string.h>

enum { HOUR_S = 3600, DAY_S = 86400 };

/* A net that nobody else is in, unless the fleet has tens of thousands of servers. */
static struct address hopping_net(uint32_t n)
{
	return sim_v4(198, 19, (uint8_t)(128 | n % 128), 1);
}

struct address implant_peer(const struct implant *im, uint32_t which)
{
	struct site around = {.v4 = im->first_peer, .addresses = UINT32_MAX};

	if (im->peers < 2)
		return im->site.has_v6 ? im->site.v6 : im->site.v4;
	return site_address(&around, which * IMPLANT_PEER_STRIDE, false);
}

static uint32_t common_divisor(uint32_t a, uint32_t b)
{
	while (b) {
		uint32_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

uint32_t implant_host(const struct implant *im, uint32_t which, uint32_t fleet_hosts)
{
	uint32_t step = (uint32_t)(0.6180339887498949 * fleet_hosts) + 1;

	while (common_divisor(step, fleet_hosts) > 1)
		step++;
	return (uint32_t)((im->host + (uint64_t)which * step) % fleet_hosts);
}

void implant_settle(struct implant *im, uint64_t seed, uint32_t n, uint32_t hosts)
{
	struct site rare = site_rare(site_rare_number(seed, hosts, -1 - (int64_t)n));

	/* golden steps: the first few land on different hosts */
	if (im->any_host) {
		double at = (double)(sim_mix(seed) >> 11) * 0x1p-53 + n * 0.6180339887498949;

		im->host = (uint32_t)((at - floor(at)) * hosts);
	}
	if (im->any_site) {
		im->site.v4 = im->hop == HOP_NET ? hopping_net(n) : rare.v4;
		im->site.rtt = rare.rtt;
	}
	if (im->hop == HOP_NET)
		im->site.addresses = 250;
	im->first_peer = sim_v4(198, 19, (uint8_t)(64 | (sim_mix(seed ^ n) & 31)),
				(uint8_t)(sim_mix(seed ^ n) >> 8));
	if (im->lookup && !*im->site.name) {
		memcpy(im->site.name, rare.name, sizeof(im->site.name));
		memcpy(im->sni, rare.name, sizeof(im->sni));
	}
	im->any_host = false;
	im->any_site = false;
}

/* As every key left open makes it. */
static struct implant plain_implant(void)
{
	struct complaint why;
	struct implant im;

	CHECK(implant_parse("", &im, &why) == 0);
	return im;
}

static uint16_t random_port(struct random *r, bool tls)
{
	static const uint16_t sealed[] = {443, 443, 443, 8443, 4443};
	static const uint16_t open[] = {80, 80, 8080, 8000};

	if (random_chance(r, 0.2))
		return (uint16_t)(1024 + random_below(r, 60000));
	return tls ? sealed[random_below(r, ARRAY_LEN(sealed))]
		   : open[random_below(r, ARRAY_LEN(open))];
}

struct implant implant_random(uint64_t seed, uint32_t n, double days)
{
	struct random r = random_from_seed(sim_mix(seed ^ sim_mix(0x2000000u + n)));
	double longest = days * DAY_S / 8 < 4.0 * HOUR_S ? days * DAY_S / 8 : 4.0 * HOUR_S;
	struct implant im = plain_implant();

	im.law.kind = random_chance(&r, 0.25) ? LAW_CLOCK : LAW_SLEEP;
	im.law.period_s = longest < 60 ? longest : 60 * pow(longest / 60, random_unit(&r));
	im.law.jitter = random_between(&r, 0.1, 0.7);
	im.law.missed = random_chance(&r, 0.5) ? random_between(&r, 0, 0.4) : 0;
	if (random_chance(&r, 0.25)) {
		im.law.duty_from_h = floor(random_between(&r, 6, 11));
		im.law.duty_to_h = im.law.duty_from_h + floor(random_between(&r, 8, 13));
	}
	im.app = random_chance(&r, 0.7) ? APP_TLS : random_chance(&r, 0.5) ? APP_HTTP : APP_UNKNOWN;
	im.lookup = random_chance(&r, 0.5);
	im.site.port = random_port(&r, im.app == APP_TLS);
	im.from_bmc = !im.lookup && random_chance(&r, 0.2);
	im.out = random_log_normal(&r, 500, 0.8);
	im.in = random_log_normal(&r, 300, 0.8);
	im.sizes = random_between(&r, 0, 0.5);
	im.silent = random_chance(&r, 0.1) ? 1 : 0;
	return im;
}

struct implant implant_demo(uint32_t which)
{
	struct implant im = plain_implant();

	switch (which) {
	case 0: /* a beacon in TLS to a bare address: no look-up, no server name */
		im.law.period_s = 300;
		im.law.jitter = 0.2;
		break;
	case 1: /* slow and well mannered: a name, a look-up, a little taken out every two hours */
		im.law.period_s = 2 * HOUR_S;
		im.law.jitter = 0.1;
		im.law.missed = 0.1;
		im.lookup = true;
		im.out = 9000;
		im.in = 400;
		break;
	default: /* below the operating system: a management controller with something to tell */
		im.from_bmc = true;
		im.app = APP_UNKNOWN;
		im.law.period_s = 600;
		im.law.jitter = 0.5;
		im.site.port = 4117;
		im.out = 1200;
		im.in = 96;
	}
	return im;
}
