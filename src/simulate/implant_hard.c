/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hard kinds as texts that anybody could give to --implant.  In front of
 * each what makes it hard.
 */
#include "simulate/implant.h"

#include <math.h>
#include <stdio.h>

/*
 * %P in a pattern is a period: log-uniform between `least_s` and `most_s`, but
 * no more than a twentieth of the time, so that there is something to find.
 */
struct recipe {
	const char *pattern;
	double least_s, most_s;
};

enum { SPEC_SIZE = 256 };

static const struct recipe recipes[IMPLANT_HARD_KINDS] = {
	/* No destination of its own: the fleet's resolver carries it out. */
	{"app=dns,type=txt,out=100,in=100,burst=30,gap=0.7,jitter=0.5,period=%P", 300, 1800},
	{"app=dns,type=a,out=40,jitter=0.3,period=%P", 60, 240},
	{"app=dns,type=cname,out=70,in=40,jitter=0.5,missed=0.2,period=%P", 120, 480},
	/* No port, and pings are everywhere. */
	{"app=icmp,out=1000,in=300,sizes=0.3,jitter=0.4,period=%P", 20, 120},
	/* Hardly a rhythm, but the sum. */
	{"out=3000000,in=2000,sizes=0.5,jitter=0.9,missed=0.3,period=%P", 7200, 14400},
	{"name=any,out=60000,in=400,grow=0.03,jitter=0.6,period=%P", 1800, 5400},
	/* As large as what its host serves: information about the data that flows there. */
	{"out=300,in=150,follows=0.05,jitter=0.3,period=%P", 900, 1800},
	/* Hardly any calls, but always the first. */
	{"boot=first", 60, 60},
	{"boot=early,app=tcp,port=4117", 60, 60},
	/* One connection. */
	{"app=shell,hold=2400,jitter=0.9,port=4444,period=%P", 14400, 28800},
	{"hold=20000,beat=%P,jitter=0.4,period=21600", 30, 180},
	/* Never the same place twice. */
	{"app=tcp,hop=ports,jitter=0.3,period=%P", 300, 1800},
	{"hop=24,jitter=0.3,period=%P", 300, 1800},
	{"app=udp,peers=12,out=300,in=600,jitter=0.4,port=7871,period=%P", 120, 600},
	/* Its gaps are of two kinds. */
	{"burst=2,gap=45,jitter=0.2,name=any,period=%P", 600, 3600},
	{"second=3300,jitter=0.2,period=%P", 500, 900},
	/* Too slow on one host. */
	{"hosts=10,name=any,jitter=0.3,period=%P", 10800, 21600},
	/* Looks like something else. */
	{"app=ntp,out=48,in=48,jitter=0.1,period=%P", 128, 1024},
	{"app=ntp,out=210,in=90,sizes=0.3,jitter=0.2,period=%P", 300, 900},
	/* Slow, named, missing half of its beats. */
	{"name=any,law=clock,jitter=0.3,missed=0.5,period=%P", 1800, 5400},
};

static void write_spec(const struct recipe *recipe, double period_s, char out[static SPEC_SIZE])
{
	const char *at = strstr(recipe->pattern, "%P");
	int head = at ? (int)(at - recipe->pattern) : (int)strlen(recipe->pattern);

	if (at)
		snprintf(out, SPEC_SIZE, "%.*s%.1f%s", head, recipe->pattern, period_s, at + 2);
	else
		snprintf(out, SPEC_SIZE, "%s", recipe->pattern);
}

struct implant implant_hard(uint64_t seed, uint32_t n, double days)
{
	struct random r = random_from_seed(sim_mix(seed ^ sim_mix(0x3000000u + n)));
	const struct recipe *recipe = &recipes[n % IMPLANT_HARD_KINDS];
	double most_s = fmax(recipe->least_s, fmin(recipe->most_s, days * 86400 / 20));
	double period_s = recipe->least_s * pow(most_s / recipe->least_s, random_unit(&r));
	struct complaint why;
	struct implant im;
	char spec[SPEC_SIZE];

	write_spec(recipe, period_s, spec);
	CHECK(implant_parse(spec, &im, &why) == 0);
	return im;
}

const char *implant_kind(const struct implant *im)
{
	const struct {
		bool is;
		const char *kind;
	} kinds[] = {
		{im->app == APP_DNS, "dns-tunnel"},
		{im->icmp, "icmp-tunnel"},
		{im->app == APP_NTP, "ntp-lookalike"},
		{im->shell, "shell"},
		{im->boot != BOOT_NEVER, "boot"},
		{im->follows > 0, "follows-load"},
		{im->grow > 0 || im->out >= 20000, "exfiltration"},
		{im->peers > 1, "p2p"},
		{im->hosts > 1, "fleet-wide"},
		{im->hop != HOP_NONE, "hopping"},
		{im->hold_s > 0, "held"},
		{im->second.period_s > 0, "two-periods"},
		{im->burst > 1, "bursts"},
	};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i].is)
			return kinds[i].kind;
	return "beacon";
}
