/* SPDX-License-Identifier: Apache-2.0 */
/*
 * site.h - what fleets call: a name and the addresses behind it.
 *
 * Outside addresses come from the ranges set aside for documentation and
 * benchmarks (RFC 5737, 2544, 3849), names from .example and .test (RFC 2606):
 * nobody real is accused by a simulation.
 *
 * Ownership: names live as long as the list.  Memory: about 200 bytes a site.
 */
#pragma once

#include "net/address.h"
#include "simulate/call.h"

enum site_group {
	SITE_NTP,	 /* public time servers, a pool behind each name */
	SITE_MIRROR,	 /* packages of the operating system */
	SITE_MONITOR,	 /* monitoring as a service */
	SITE_LOGS,	 /* log collection as a service */
	SITE_REVOCATION, /* OCSP and CRL */
	SITE_LICENCE,	 /* a licence server that is configured by address */
	SITE_CLOUD,	 /* the cloud's own API */
	SITE_TOKEN,	 /* and where its tokens are renewed */
	SITE_METADATA,	 /* 169.254.169.254 */
	SITE_REGISTRY,	 /* container images */
	SITE_RELAY,	 /* mail */
	SITE_PARTNER,	 /* other people's machines, by SSH */
	SITE_API,	 /* partners' APIs */
	SITE_WEB,	 /* everything else, behind few content networks */
	SITE_BACKUP,	 /* object storage */
	SITE_TELEMETRY,	 /* vendors' telemetry: one name, many addresses */
	SITE_CDN,	 /* content under hashed names, one for each customer of the network */
	SITE_PUSH,	 /* connections kept open for messages to come */
	SITE_APM,	 /* what applications tell of their work */
	SITE_DUMPS,	 /* databases' dumps, kept elsewhere */
	SITE_AGENT,	 /* a tool that was bought the day before yesterday */
	SITE_GATEWAY,	 /* lines to partners, pinged to see whether they are up */
	SITE_RESOLVER,	 /* inside the fleet from here on */
	SITE_CONFIG,
	SITE_DIRECTORY,
	SITE_METRICS,
	SITE_MANAGEMENT_NTP,
	SITE_DATABASE, /* one for each database server */
	SITE_RARE,     /* one for each host that has a service nobody else uses */
	SITE_GROUPS
};

struct site {
	char name[SIM_NAME_SIZE];  /* "": called by address */
	char alias[SIM_NAME_SIZE]; /* the name is a CNAME for this; "": no */
	struct address v4, v6;	   /* the first of `addresses` that follow each other */
	uint32_t addresses;
	uint32_t ttl_s;
	ns_t rtt;
	uint16_t port;
	bool has_v6;
};

struct site_list {
	struct site *sites;
	size_t count, capacity;
	struct {
		size_t first, count;
	} groups[SITE_GROUPS];
};

/* Every group that does not depend on the fleet; 0 or -ENOMEM. */
int site_list_init(struct site_list *list) MUST_USE;
void site_list_fini(struct site_list *list);

/* Add to SITE_DATABASE or SITE_RARE, one group after the other; 0 or -ENOMEM. */
int site_list_add(struct site_list *list, enum site_group group, const struct site *site) MUST_USE;

/* A site of its own for something rare; the same number gives the same site. */
struct site site_rare(uint64_t number);

/*
 * Numbers for site_rare(), scattered by seed and different for different
 * indices: from 0 up for one kind of thing, from -1 down for another, so that
 * neither names nor addresses tell which is which.
 */
uint64_t site_rare_number(uint64_t seed, uint32_t hosts, int64_t index);

/* A name nobody has, of two English words: "amberfield.example". */
void site_rare_name(uint64_t number, char out[static SIM_NAME_SIZE]);

struct address site_address(const struct site *site, uint32_t which, bool v6);

/* Helpers for addresses that are made, not read. */
struct address sim_v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d);
struct address sim_v6(uint32_t high, uint32_t low); /* high::low, e.g. 0x20010db8 */
