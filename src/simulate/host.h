/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host.h - one server of the fleet, with what it remembers.
 *
 * Two in a hundred hosts are restarted three times a day, as the cheapest ones
 * of clouds are; four every night; ten once a week.
 *
 * Memory: the struct, a little more than a kilobyte.
 */
#pragma once

#include "base/base.h"
#include "net/address.h"

enum sim_role { ROLE_WEB, ROLE_WORKER, ROLE_DB, ROLE_BUILD, ROLE_MGMT, SIM_ROLES };
const char *sim_role_name(enum sim_role role);

enum { HOST_REMEMBERS = 64, HOST_LOT_SIZE = 50 };

/* Which address a name had, and until when to believe it.  Direct mapped, as small caches are. */
struct host_memory {
	ns_t until;
	uint32_t site;	/* number + 1; 0: empty */
	uint32_t which; /* address of the site */
};

struct sim_host {
	struct address v4, v6;
	struct address bmc; /* its management controller, in a network of its own */
	struct host_memory memory[HOST_REMEMBERS];
	enum sim_role role;
	uint32_t lot;		  /* hardware lot */
	uint32_t port, long_port; /* next ephemeral ports, of short and of long calls */
	bool caches;		  /* has a cache at all: glibc alone has none */
	bool has_v6;		  /* its services use it */
	double boot_every_s;	  /* it is restarted so often; 0: never */
	uint64_t dice;		  /* of its boots */
	uint64_t served;	  /* bytes it has told those who called it, so far */
};

/* Host `number` of the fleet that `seed` names; the same whatever else is in the fleet. */
struct sim_host host_make(uint64_t seed, uint32_t number);

/* It goes down, is silent, and comes up again. */
struct host_boot {
	ns_t down, up;
};

/*
 * The first boot of the host that ends after this moment, in a simulation that
 * began at `start`; both times are INT64_MAX for a host that is never restarted.
 */
struct host_boot host_next_boot(const struct sim_host *host, ns_t start, ns_t after);

/*
 * An ephemeral port that no other call of this host has had for long.  Long
 * calls have a range of their own, so that the others come round without
 * meeting them.
 */
uint16_t host_port(struct sim_host *host, bool long_call);
