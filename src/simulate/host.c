/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/host.h"

#include "simulate/site.h"

#include <math.h>

enum {
	SHORT_LOW = 32768, /* Linux's ephemeral range ... */
	SHORT_COUNT = 28232,
	LONG_LOW = 16384, /* ... and one below it */
	LONG_COUNT = 16384,
	HOSTS_PER_RACK = 200,
	HOUR_S = 3600,
};

const char *sim_role_name(enum sim_role role)
{
	static const char *const names[] = {"web", "worker", "db", "build", "mgmt"};

	return names[role];
}

static enum sim_role role_of(uint64_t dice)
{
	/* of 100 servers */
	static const uint8_t shares[SIM_ROLES] = {40, 25, 15, 12, 8};
	uint64_t at = dice % 100;
	int role = 0;

	while (at >= shares[role])
		at -= shares[role++];
	return (enum sim_role)role;
}

static double unit(uint64_t dice)
{
	return (double)(sim_mix(dice) >> 11) * 0x1p-53;
}

static double boot_every_s(uint64_t dice)
{
	double u = unit(dice);

	return u < 0.02 ? 8 * HOUR_S : u < 0.06 ? 24 * HOUR_S : u < 0.16 ? 168 * HOUR_S : 0;
}

/* The k-th: within a twentieth of its time; down for 40 s to three minutes. */
static struct host_boot boot_number(const struct sim_host *h, ns_t start, int64_t k)
{
	uint64_t dice = h->dice + 2 * (uint64_t)k + 2;
	double at_s = ((double)k + 0.05 + 0.9 * unit(h->dice) + 0.05 * (unit(dice) - 0.5)) *
		      h->boot_every_s;
	ns_t down = start + (ns_t)(at_s * 1e6) * 1000;

	return (struct host_boot){down, down + (ns_t)((40 + 140 * unit(dice + 1)) * 1e6) * 1000};
}

struct host_boot host_next_boot(const struct sim_host *h, ns_t start, ns_t after)
{
	struct host_boot boot = {INT64_MAX, INT64_MAX};
	double since_s = (double)(after - start) / 1e9;
	int64_t k;

	if (h->boot_every_s <= 0)
		return boot;
	k = (int64_t)floor(since_s / h->boot_every_s) - 2;
	k = k < 0 ? 0 : k;
	do
		boot = boot_number(h, start, k++);
	while (boot.up <= after);
	return boot;
}

struct sim_host host_make(uint64_t seed, uint32_t number)
{
	uint64_t dice = sim_mix(seed ^ sim_mix(number + 1));
	uint32_t rack = number / HOSTS_PER_RACK;
	uint8_t place = (uint8_t)(10 + number % HOSTS_PER_RACK);
	uint8_t row = (uint8_t)(rack / 250), shelf = (uint8_t)(rack % 250);
	struct sim_host h = {
		.v4 = sim_v4(10, (uint8_t)(20 + row), shelf, place),
		.bmc = sim_v4(10, (uint8_t)(200 + row), shelf, place),
		.role = role_of(dice >> 8),
		/* racks are filled from a few pallets at once, so lots mix */
		.lot = number / (4 * HOST_LOT_SIZE) * 4 + (uint32_t)(dice >> 40) % 4,
		.port = (uint32_t)(dice >> 16) % SHORT_COUNT,
		.long_port = (uint32_t)(dice >> 24) % LONG_COUNT,
		.caches = dice % 10 < 7,
		.has_v6 = (dice >> 4) % 100 < 15,
		.boot_every_s = boot_every_s(dice ^ 0xb007),
		.dice = sim_mix(dice ^ 0xb007),
	};

	h.v6 = sim_v6(0xfd000020, 10u << 24 | (20u + row) << 16 | (uint32_t)shelf << 8 | place);
	return h;
}

uint16_t host_port(struct sim_host *h, bool long_call)
{
	if (long_call)
		return (uint16_t)(LONG_LOW + h->long_port++ % LONG_COUNT);
	return (uint16_t)(SHORT_LOW + h->port++ % SHORT_COUNT);
}
