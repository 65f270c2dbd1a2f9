/* SPDX-License-Identifier: Apache-2.0 */
/*
 * catalogue.h - services that ordinary machines call again and again, and why.
 *
 * One entry a line, fields between bars (see the file catalogue/services.conf,
 * which is compiled in):
 *
 *	names | protocol and ports | period | trust | what | why | source
 *
 * A name stands for itself and all names below it; "*" is one label; an address
 * or network may stand in its place.  An entry explains, it never hides: what it
 * is worth is for the detector to say (detect/detect_known.c).
 *
 * Of two entries for a name the longer one counts, and of two as long the one
 * read last, so a file of one's own adds and overrides; trust "off" takes an
 * entry out.
 *
 * Memory: linear in the text.  Time: a look-up is one hash for each label.
 * Threads: one reads, then any number may ask.
 */
#pragma once

#include "base/complaint.h"
#include "net/address.h"

enum catalogue_trust {
	CATALOGUE_OFF,
	CATALOGUE_WEAK,	  /* many share it, attackers too */
	CATALOGUE_STRONG, /* only who runs the service answers under it */
};

enum { CATALOGUE_PORTS = 6 };

struct service {
	const char *names; /* the pattern that matched, as written */
	uint8_t proto;	   /* 0: any */
	uint16_t ports[CATALOGUE_PORTS];
	size_t port_count;	/* 0: any */
	double least_s, most_s; /* period of a timer that fits; 0, 0: any */
	enum catalogue_trust trust;
	const char *what, *why;
};

struct catalogue; /* opaque */

struct catalogue *catalogue_new(void) MUST_USE; /* empty; NULL: no memory */
void catalogue_free(struct catalogue *catalogue);

/* 0, -ENOMEM, or -EINVAL and a sentence; what came before the fault was taken. */
int catalogue_add(struct catalogue *catalogue, const char *name, const char *text, size_t len,
		  struct complaint *why) MUST_USE;

/* What the program was built with. */
extern const char catalogue_built_in[];

/* The entry for a name or an address, whatever the port; NULL: none.  Borrowed. */
const struct service *catalogue_name(const struct catalogue *catalogue, const char *name,
				     uint8_t proto, uint16_t port);
const struct service *catalogue_address(const struct catalogue *catalogue,
					const struct address *address, uint8_t proto,
					uint16_t port);

const char *catalogue_version(const struct catalogue *catalogue); /* "" if none was read */
size_t catalogue_count(const struct catalogue *catalogue);
