/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/site.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/*
 * One line per group.  `%u` in a name is the number of the site, `%h` a hash of it; addresses of
 * a group lie `addresses` apart from `base` on.
 */
struct plan {
	const char *name, *alias;
	uint32_t sites, addresses, ttl_s, rtt_ms;
	uint8_t base[4];
	uint16_t port;
	bool v6;
};

static const struct plan plans[] = {
	[SITE_NTP] = {"ntp%u.pool.example", NULL, 4, 12, 150, 18, {198, 18, 1, 0}, 123, true},
	[SITE_MIRROR] = {"mirror%u.os.example", NULL, 3, 2, 3600, 12, {198, 18, 2, 0}, 80, true},
	[SITE_MONITOR] =
		{"intake%u.watchpost.example", NULL, 2, 8, 60, 25, {198, 18, 3, 0}, 443, false},
	[SITE_LOGS] = {"in%u.logpile.example", NULL, 2, 6, 300, 25, {198, 18, 4, 0}, 6514, false},
	[SITE_REVOCATION] = {"ocsp%u.trust.example",
			     "ocsp%u.cdnnet.example",
			     3,
			     2,
			     3600,
			     8,
			     {198, 18, 5, 0},
			     80,
			     true},
	[SITE_LICENCE] = {"", NULL, 1, 1, 0, 40, {198, 18, 6, 20}, 443, false},
	[SITE_CLOUD] = {"api-%u.cloud.example", NULL, 4, 8, 30, 3, {198, 18, 7, 0}, 443, true},
	[SITE_TOKEN] = {"sts-%u.cloud.example", NULL, 2, 4, 60, 3, {198, 18, 8, 0}, 443, true},
	[SITE_METADATA] = {"", NULL, 1, 1, 0, 0, {169, 254, 169, 254}, 80, false},
	[SITE_REGISTRY] = {"registry%u.images.example",
			   "pull%u.cdnnet.example",
			   2,
			   6,
			   60,
			   9,
			   {198, 18, 9, 0},
			   443,
			   true},
	[SITE_RELAY] = {"smtp%u.relay.example", NULL, 2, 2, 3600, 20, {198, 18, 10, 0}, 465, false},
	[SITE_PARTNER] =
		{"bastion%u.partner.test", NULL, 6, 1, 3600, 35, {203, 0, 113, 10}, 22, false},
	[SITE_API] = {"api.partner%u.example", NULL, 40, 2, 120, 45, {198, 18, 20, 0}, 443, false},
	[SITE_WEB] = {"www.site%u.example",
		      "edge%u.cdnnet.example",
		      150,
		      3,
		      300,
		      15,
		      {198, 18, 32, 0},
		      443,
		      true},
	[SITE_BACKUP] = {"store%u.vault.example", NULL, 2, 4, 60, 6, {198, 18, 11, 0}, 443, false},
	[SITE_TELEMETRY] = {"telemetry.vendor%u.example",
			    "t%u.cdnnet.example",
			    3,
			    48,
			    60,
			    10,
			    {198, 18, 12, 0},
			    443,
			    false},
	[SITE_CDN] = {"d%h.edgehost.example", NULL, 200, 4, 60, 8, {198, 18, 64, 0}, 443, true},
	[SITE_PUSH] = {"ws%u.push.example", NULL, 2, 4, 300, 30, {198, 18, 13, 0}, 443, false},
	[SITE_APM] = {"apm%u.watchpost.example", NULL, 2, 6, 60, 25, {198, 18, 14, 0}, 443, false},
	[SITE_DUMPS] = {"eu%u.dumps.example", NULL, 2, 2, 300, 12, {198, 18, 15, 0}, 443, false},
	[SITE_AGENT] = {"agent.newtool.example", NULL, 1, 2, 300, 50, {198, 18, 16, 0}, 443, false},
	[SITE_GATEWAY] = {"", NULL, 3, 1, 0, 14, {203, 0, 113, 200}, 0, false},
	[SITE_RESOLVER] = {"", NULL, 2, 1, 0, 0, {10, 0, 0, 2}, 53, false},
	[SITE_CONFIG] = {"config.fleet.internal", NULL, 1, 1, 3600, 0, {10, 0, 0, 10}, 8140, false},
	[SITE_DIRECTORY] = {"ldap.fleet.internal", NULL, 1, 1, 3600, 0, {10, 0, 0, 11}, 636, false},
	[SITE_METRICS] =
		{"metrics.fleet.internal", NULL, 1, 1, 3600, 0, {10, 0, 0, 12}, 9443, false},
	[SITE_MANAGEMENT_NTP] = {"", NULL, 1, 1, 0, 0, {10, 0, 0, 4}, 123, false},
};

static const char *const first_words[] = {
	"amber", "birch",  "cedar", "copper", "coral",	 "delta",  "ember", "fern",
	"flint", "harbor", "hazel", "indigo", "juniper", "lunar",  "maple", "north",
	"ocean", "olive",  "pearl", "pine",   "quartz",	 "river",  "rowan", "silver",
	"slate", "south",  "stone", "summit", "tidal",	 "violet", "west",  "winter",
};

static const char *const second_words[] = {
	"base",	 "board", "bridge", "cast",  "cloud",  "craft", "desk",	  "field",
	"flow",	 "forge", "gate",   "grid",  "hub",    "lab",	"ledger", "light",
	"line",	 "link",  "mark",   "mesh",  "metric", "path",	"point",  "port",
	"pulse", "scope", "sense",  "sheet", "stack",  "sync",	"trace",  "works",
};

struct address sim_v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	return address_v4((const uint8_t[]){a, b, c, d});
}

struct address sim_v6(uint32_t high, uint32_t low)
{
	uint8_t bytes[16] = {0};

	for (int i = 0; i < 4; i++) {
		bytes[i] = (uint8_t)(high >> (24 - 8 * i));
		bytes[12 + i] = (uint8_t)(low >> (24 - 8 * i));
	}
	return address_v6(bytes);
}

static uint32_t low_bits(const struct address *a)
{
	const uint8_t *b = a->bytes + 12;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static struct address moved(const struct address *a, uint32_t by)
{
	struct address moved = *a;
	uint32_t low = low_bits(a) + by;

	for (int i = 0; i < 4; i++)
		moved.bytes[12 + i] = (uint8_t)(low >> (24 - 8 * i));
	return moved;
}

struct address site_address(const struct site *site, uint32_t which, bool v6)
{
	return moved(v6 ? &site->v6 : &site->v4, which % site->addresses);
}

static void number_name(char out[static SIM_NAME_SIZE], const char *pattern, uint32_t number)
{
	const char *at = pattern ? strchr(pattern, '%') : NULL;

	if (at && at[1] == 'h')
		snprintf(out, SIM_NAME_SIZE, "%.*s%012llx%s", (int)(at - pattern), pattern,
			 (unsigned long long)(sim_mix(number) >> 16), at + 2);
	else if (at)
		snprintf(out, SIM_NAME_SIZE, "%.*s%u%s", (int)(at - pattern), pattern, number,
			 at + 2);
	else
		snprintf(out, SIM_NAME_SIZE, "%s", pattern ? pattern : "");
}

static struct site planned(const struct plan *p, uint32_t number)
{
	struct address base = address_v4(p->base);
	struct site s = {
		.addresses = p->addresses,
		.ttl_s = p->ttl_s,
		.rtt = (ns_t)p->rtt_ms * NS_PER_MS + 200000, /* 0.2 ms is next door */
		.port = p->port,
		.has_v6 = p->v6,
	};

	s.v4 = moved(&base, number * p->addresses);
	s.v6 = sim_v6(0x20010db8, low_bits(&s.v4));
	number_name(s.name, p->name, number + 1);
	number_name(s.alias, p->alias, number + 1);
	return s;
}

int site_list_add(struct site_list *list, enum site_group group, const struct site *site)
{
	if (list->count == list->capacity) {
		size_t capacity = list->capacity ? 2 * list->capacity : 256;
		struct site *sites = realloc(list->sites, capacity * sizeof(*sites));

		if (!sites)
			return -ENOMEM;
		list->sites = sites;
		list->capacity = capacity;
	}
	if (list->groups[group].count == 0)
		list->groups[group].first = list->count;
	CHECK(list->groups[group].first + list->groups[group].count == list->count);
	list->groups[group].count++;
	list->sites[list->count++] = *site;
	return 0;
}

int site_list_init(struct site_list *list)
{
	*list = (struct site_list){0};
	for (size_t g = 0; g < ARRAY_LEN(plans); g++) {
		for (uint32_t i = 0; i < plans[g].sites; i++) {
			struct site s = planned(&plans[g], i);

			if (site_list_add(list, (enum site_group)g, &s)) {
				site_list_fini(list);
				return -ENOMEM;
			}
		}
	}
	return 0;
}

void site_list_fini(struct site_list *list)
{
	free(list->sites);
	*list = (struct site_list){0};
}

void site_rare_name(uint64_t number, char out[static SIM_NAME_SIZE])
{
	static const char *const heads[] = {"",	     "api.", "app.",  "hooks.",
					    "sync.", "eu1.", "agent."};
	uint64_t n = ARRAY_LEN(first_words) * ARRAY_LEN(second_words);
	uint64_t word = number % n, round = number / n;
	const char *head = heads[sim_mix(number) % ARRAY_LEN(heads)];
	const char *first = first_words[word % ARRAY_LEN(first_words)];
	const char *second =
		second_words[(word / ARRAY_LEN(first_words) + word) % ARRAY_LEN(second_words)];
	char tail[24] = "";

	if (round)
		snprintf(tail, sizeof(tail), "%llu", (unsigned long long)round);
	snprintf(out, SIM_NAME_SIZE, "%s%s%s%s.example", head, first, second, tail);
}

uint64_t site_rare_number(uint64_t seed, uint32_t hosts, int64_t index)
{
	uint64_t size = 1024;

	while (size < 4ull * hosts)
		size *= 2;
	/* an odd factor permutes the numbers below a power of two */
	return ((uint64_t)index * 0x9e3779b97f4a7c15u + sim_mix(seed)) & (size - 1);
}

struct site site_rare(uint64_t number)
{
	static const uint32_t ttls[] = {60, 300, 300, 3600};
	uint64_t dice = sim_mix(number);
	uint8_t low = (uint8_t)number, mid = (uint8_t)(number >> 8), top = (uint8_t)(number >> 16);
	struct site s = {
		.addresses = 1 + (uint32_t)(dice % 2),
		.ttl_s = ttls[dice >> 8 & 3],
		.rtt = (ns_t)(5 + (dice >> 16) % 120) * NS_PER_MS,
		.port = 443,
	};

	/* 198.19/16 holds 2^15 pairs of neighbours; beyond that names share addresses */
	s.v4 = sim_v4(198, 19, (uint8_t)(mid << 1 | low >> 7), (uint8_t)(low << 1));
	s.v6 = sim_v6(0x20010db8, 0xfe000000u | (uint32_t)top << 16 | (uint32_t)mid << 8 | low);
	site_rare_name(number, s.name);
	return s;
}
