/* SPDX-License-Identifier: Apache-2.0 */
/*
 * caller.h - one program on one host that calls something: a service or an
 * implant at work.
 *
 * A caller knows when it will act next.  Acting yields one conversation: a
 * look-up when its host does not know the name any more, and then the call
 * itself.  Every caller has its own random numbers, so adding one changes
 * nothing about the others.
 *
 * Memory: the struct.  Time: O(1) a conversation.
 */
#pragma once

#include "simulate/implant.h"
#include "simulate/service.h"

enum { WORLD_REVERSE_NAMES = 256, REVERSE_NAME_SIZE = 32 };

/* What callers share. */
struct world {
	uint64_t seed;
	double rate; /* of what is no timer */
	ns_t start, end;
	struct sim_host *hosts;
	uint32_t host_count;
	struct site_list sites;
	char reverse_names[WORLD_REVERSE_NAMES][REVERSE_NAME_SIZE];
};

struct caller {
	ns_t next; /* when it acts */
	struct random random;
	struct law_state law_state;
	const struct law *law;
	const struct sim_service *service; /* either this ... */
	struct implant *implant;	   /* ... or that; borrowed */
	uint32_t host, site;		   /* site: PICK_OWN and PICK_ADDRESS */
	uint64_t number;		   /* unique; the low 32 bits of an implant count from 0 */
	uint32_t implant_port;
	uint64_t calls;
	ns_t origin;		   /* where its law counts from */
	struct host_memory memory; /* of an implant */
	const struct site *target; /* of this call; NULL: not chosen yet */
	uint32_t which;		   /* address of the target */
	uint16_t own_port;	   /* 0: ephemeral */
	uint32_t place;		   /* of an implant: which of its hosts */
	uint32_t left;		   /* of its burst; or steps of a boot that are done */
	uint64_t served_seen;	   /* what its host had served at its last call */
	enum service_pick pick;
	bool from_bmc;
	bool looks_up; /* targets that have a name are asked for */
};

/* `instance` tells apart several of one service on a host. */
void caller_init_service(struct caller *caller, const struct world *world, uint32_t host,
			 size_t service, uint32_t instance, uint32_t site);
/* An implant is on implant->hosts hosts, and with a second rhythm two callers on each. */
void caller_init_implant(struct caller *caller, const struct world *world, struct implant *implant,
			 uint32_t number, uint32_t which_host, bool second);

/*
 * Act: the conversation that begins at caller->next, which moves on.  False if
 * it would outlast the simulation and is left out.
 */
bool caller_act(struct caller *caller, struct world *world, struct sim_call *out_call);
