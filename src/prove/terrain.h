/* SPDX-License-Identifier: Apache-2.0 */
/*
 * terrain.h - where an implant could have been: the fleet's hosts, when each was
 * seen, how busy it is and where it goes anyway.
 *
 * A host is seen from the hour of its first outbound call to that of its last,
 * but for hours in which nothing of the whole fleet was seen: then nobody was
 * watching.  Only hosts that were seen for at least half of the window are spoken
 * for; the others are counted.
 *
 * Memory: about 60 bytes a host, 8 bytes a group.
 * Threads: built by one, then read by all.
 */
#pragma once

#include "base/random.h"
#include "verdict/verdict.h"

enum { TERRAIN_QUARTILES = 4 };

struct terrain_host {
	struct address address;
	int64_t first_ms, last_ms; /* when it was seen */
	uint64_t calls;
	uint32_t first_group, group_count; /* in the fleet's list */
	bool looks_up;			   /* its look-ups are seen */
};

struct terrain {
	const struct fleet *fleet;
	struct terrain_host *hosts;
	uint32_t *spoken; /* numbers of the hosts spoken for, least active first */
	uint32_t host_count, spoken_count;
	bool *dark; /* by hour of the window: nobody was watching; NULL: not known by hours */
	double host_hours, unseen_host_hours; /* of all hosts */
	bool sees_tls, sees_names;	      /* the input tells who speaks TLS, and to whom */
	struct address *addresses;	      /* of all destinations, sorted */
	const char **names;		      /* registered ones, sorted; borrowed */
	size_t address_count, name_count;
};

/* 0 or -ENOMEM.  Borrows the verdict. */
int terrain_survey(const struct verdict *verdict, struct terrain *out_terrain) MUST_USE;
void terrain_fini(struct terrain *terrain);

/* One of the hosts spoken for, of this quarter of them by activity (0: least). */
const struct terrain_host *terrain_pick(const struct terrain *terrain, unsigned quartile,
					struct random *random);

/* Was anybody watching? */
bool terrain_watched(const struct terrain *terrain, int64_t ms);

/* Does nobody of the fleet go there? */
bool terrain_is_new_address(const struct terrain *terrain, const struct address *address);
bool terrain_is_new_name(const struct terrain *terrain, const char *name);

/*
 * A place that this host reaches by name over TCP anyway, at most `most_calls`
 * times: its group by name; NULL: there is none.
 */
const struct group *terrain_haunt(const struct terrain *terrain, const struct terrain_host *host,
				  uint32_t most_calls, struct random *random);

/* How many such places the hosts spoken for have, and how many of them are busier than that. */
void terrain_count_haunts(const struct terrain *terrain, uint32_t most_calls, size_t *out_all,
			  size_t *out_busier);
