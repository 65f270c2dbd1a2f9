/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/host.h"

#include "simulate/site.h"

enum {
	SHORT_LOW = 32768, /* Linux's ephemeral range ... */
	SHORT_COUNT = 28232,
	LONG_LOW = 16384, /* ... and one below it */
	LONG_COUNT = 16384,
	HOSTS_PER_RACK = 200,
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
