/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys and comments lie in tables of strings; `records` runs parallel to the
 * keys.  Which prefix lengths are in use is kept in a bit for each, so that an
 * address is asked for as often as there are different ones, mostly once.
 */
#include "intel/intel.h"

#include "base/string_table.h"

#include <stdio.h>

enum { LISTS_MAX = 4096, KIND_SHIFT = 28, PREFIXES = 129, SHORTEST_V4 = 8, SHORTEST_V6 = 16 };

#define NUMBER_MASK ((1u << KIND_SHIFT) - 1)

struct record {
	uint32_t list, line, about, until_s;
	uint16_t port, key_len;
	uint16_t more_lists;
	uint16_t last_list; /* that named it: a list that repeats itself counts once */
};

struct list {
	char *path;
	const char *unit;
};

struct intel {
	struct home home, reserved;
	struct string_table *keys, *abouts;
	struct record *records; /* [0] is not used */
	size_t records_room, budget;
	struct list lists[LISTS_MAX];
	bool prefix_used[2][PREFIXES]; /* IPv4, IPv6 */
	struct intel_stats stats;
};

/* Where no call of a fleet goes by way of the Internet; RFC 6890. */
static struct home reserved_space(void)
{
	static const char *const more[] = {"0.0.0.0/8",	   "127.0.0.0/8", "224.0.0.0/3",
					   "192.0.0.0/24", "::/8",	  "ff00::/8"};
	struct home h = home_default();

	for (size_t i = 0; i < ARRAY_LEN(more); i++)
		CHECK(home_add(&h, more[i]) == 0);
	return h;
}

struct intel *intel_new(const struct home *home, size_t budget)
{
	struct intel *intel = calloc(1, sizeof(*intel));

	if (!intel)
		return NULL;
	intel->home = *home;
	intel->reserved = reserved_space();
	intel->budget = budget;
	intel->keys = string_table_new(budget / 2);
	intel->abouts = string_table_new(budget / 4);
	if (!intel->keys || !intel->abouts) {
		intel_free(intel);
		return NULL;
	}
	return intel;
}

void intel_free(struct intel *intel)
{
	if (!intel)
		return;
	for (size_t i = 0; i < intel->stats.lists; i++)
		free(intel->lists[i].path);
	string_table_free(intel->keys);
	string_table_free(intel->abouts);
	free(intel->records);
	free(intel);
}

uint32_t intel_list(struct intel *intel, const char *path, const char *unit)
{
	struct list *l;

	if (intel->stats.lists == LISTS_MAX)
		return LISTS_MAX - 1;
	l = &intel->lists[intel->stats.lists];
	l->path = strdup(path);
	l->unit = unit;
	return (uint32_t)intel->stats.lists++;
}

static bool overlaps(const struct network *a, const struct network *b)
{
	return network_contains(a, &b->address) || network_contains(b, &a->address);
}

static bool overlaps_any(const struct home *h, const struct network *n)
{
	for (size_t i = 0; i < h->count; i++)
		if (overlaps(&h->networks[i], n))
			return true;
	return false;
}

static const char *refusal(const struct intel *intel, const struct indicator_key *key)
{
	struct network n;

	if (indicator_is_registry(key))
		return "so many names are below it that it says nothing";
	if (key->kind != INDICATOR_NETWORK)
		return NULL;
	n = indicator_network(key->bytes);
	if (n.prefix < (n.address.version == 4 ? SHORTEST_V4 : SHORTEST_V6))
		return "so wide a network says nothing";
	if (overlaps_any(&intel->home, &n))
		return "it is the fleet's own";
	return overlaps_any(&intel->reserved, &n) ? "it is private or reserved space" : NULL;
}

static bool make_room(struct intel *intel, uint32_t number)
{
	size_t room = intel->records_room ? 2 * intel->records_room : 1024;
	struct record *grown;

	if (number < intel->records_room)
		return true;
	if (room * sizeof(*grown) > intel->budget / 4 || room > NUMBER_MASK)
		return false;
	grown = realloc(intel->records, room * sizeof(*grown));
	if (!grown)
		return false;
	intel->records = grown;
	intel->records_room = room;
	return true;
}

static void note_again(struct record *r, const struct indicator_key *key,
		       const struct intel_entry *entry)
{
	if (r->port != key->port)
		r->port = 0;
	if (r->until_s && (!entry->until_s || entry->until_s > r->until_s))
		r->until_s = entry->until_s;
	if (r->last_list != (uint16_t)entry->list && r->more_lists < UINT16_MAX)
		r->more_lists++;
	r->last_list = (uint16_t)entry->list;
}

static const char *add_one(struct intel *intel, const struct indicator_key *key,
			   const struct intel_entry *entry)
{
	size_t before = string_table_count(intel->keys);
	uint32_t n;
	char about[160];

	if (!make_room(intel, (uint32_t)before + 1)) {
		intel->stats.forgotten++;
		return NULL;
	}
	n = string_table_add(intel->keys, (const char *)key->bytes, key->len);
	if (!n) {
		intel->stats.forgotten++;
		return NULL;
	}
	if (n <= before) {
		intel->stats.repeated++;
		note_again(&intel->records[n], key, entry);
		return NULL;
	}
	printable(about, sizeof(about), entry->about, entry->about_len);
	intel->records[n] = (struct record){
		.list = entry->list,
		.line = entry->line,
		.about = string_table_add(intel->abouts, about, strlen(about)),
		.until_s = entry->until_s,
		.port = key->port,
		.key_len = (uint16_t)key->len,
		.last_list = (uint16_t)entry->list,
	};
	if (key->kind == INDICATOR_NETWORK)
		intel->prefix_used[key->bytes[1] == 6][key->bytes[18]] = true;
	intel->stats.indicators += key->kind != INDICATOR_URL_HOST;
	intel->stats.by_kind[key->kind]++;
	return NULL;
}

const char *intel_add(struct intel *intel, const struct indicator_key *key,
		      const struct intel_entry *entry)
{
	const char *why = refusal(intel, key);
	struct indicator_key host;

	if (why) {
		intel->stats.refused++;
		return why;
	}
	if (key->kind == INDICATOR_URL) {
		indicator_url_host(key, &host);
		(void)add_one(intel, &host, entry);
	}
	return add_one(intel, key, entry);
}

enum indicator_kind intel_kind(uint32_t match)
{
	return (enum indicator_kind)(match >> KIND_SHIFT);
}

bool intel_holds(const struct intel *intel, uint32_t match, ns_t when)
{
	uint32_t until_s = intel->records[match & NUMBER_MASK].until_s;

	return !until_s || when / NS_PER_SEC <= until_s;
}

static uint32_t find(const struct intel *intel, const struct indicator_key *key, ns_t when)
{
	uint32_t n = string_table_find(intel->keys, (const char *)key->bytes, key->len);

	if (!n)
		return 0;
	if (!intel_holds(intel, n, when))
		return 0;
	return (uint32_t)key->kind << KIND_SHIFT | n;
}

static uint32_t find_url_host(const struct intel *intel, const char *host, size_t len, ns_t when)
{
	struct indicator_key key;

	if (!intel->stats.by_kind[INDICATOR_URL_HOST])
		return 0;
	indicator_text_key(INDICATOR_URL_HOST, host, len, &key);
	return find(intel, &key, when);
}

uint32_t intel_address(const struct intel *intel, const struct address *address, ns_t when)
{
	const bool *used = intel->prefix_used[address->version == 6];
	char text[ADDRESS_TEXT_SIZE];
	struct indicator_key key;

	for (int prefix = address->version == 6 ? 128 : 32; prefix >= 0; prefix--) {
		uint32_t match;

		if (!used[prefix])
			continue;
		indicator_network_key(address, (unsigned int)prefix, &key);
		match = find(intel, &key, when);
		if (match)
			return match;
	}
	address_text(address, text);
	return find_url_host(intel, text, strlen(text), when);
}

/* Not the last label alone: no list holds one. */
uint32_t intel_name(const struct intel *intel, const char *name, ns_t when)
{
	size_t len = strlen(name);
	struct indicator_key key;

	if (intel->stats.by_kind[INDICATOR_DOMAIN]) {
		for (const char *at = name; at; at = strchr(at, '.')) {
			uint32_t match;

			at += *at == '.';
			if (!strchr(at, '.'))
				break;
			indicator_text_key(INDICATOR_DOMAIN, at, len - (size_t)(at - name), &key);
			match = find(intel, &key, when);
			if (match)
				return match;
		}
	}
	return find_url_host(intel, name, len, when);
}

uint32_t intel_text(const struct intel *intel, enum indicator_kind kind, const char *text,
		    size_t len, ns_t when)
{
	struct indicator_key key;

	if (!len || !intel->stats.by_kind[kind])
		return 0;
	indicator_text_key(kind, text, len, &key);
	return find(intel, &key, when);
}

uint32_t intel_certificate(const struct intel *intel, const uint8_t *hash, size_t len, ns_t when)
{
	struct indicator_key key = {.kind = INDICATOR_CERTIFICATE, .len = len + 1};

	CHECK(len < sizeof(key.bytes));
	if (!intel->stats.by_kind[INDICATOR_CERTIFICATE])
		return 0;
	key.bytes[0] = INDICATOR_CERTIFICATE;
	memcpy(key.bytes + 1, hash, len);
	return find(intel, &key, when);
}

/* Upper and lower case matter in a path, and the host is in lower case already. */
static uint32_t find_url(const struct intel *intel, const char *url, size_t len, ns_t when)
{
	struct indicator_key key = {.kind = INDICATOR_URL, .len = len + 1};

	if (len > INDICATOR_TEXT_MAX)
		return 0;
	key.bytes[0] = INDICATOR_URL;
	memcpy(key.bytes + 1, url, len);
	return find(intel, &key, when);
}

uint32_t intel_url(const struct intel *intel, const char *url, size_t len, ns_t when)
{
	const char *query = memchr(url, '?', len);
	uint32_t match;

	if (!intel->stats.by_kind[INDICATOR_URL])
		return 0;
	match = find_url(intel, url, len, when);
	if (!match && query)
		match = find_url(intel, url, (size_t)(query - url), when);
	return match;
}

bool intel_has(const struct intel *intel, enum indicator_kind kind)
{
	return intel && intel->stats.by_kind[kind];
}

/* How the indicator looks in its list. */
static void write_text(enum indicator_kind kind, const uint8_t *key, size_t len,
		       struct indicator *out)
{
	char network[NETWORK_TEXT_SIZE];
	size_t used = 0;

	if (kind == INDICATOR_NETWORK) {
		struct network n = indicator_network(key);
		unsigned int most = n.address.version == 4 ? 32 : 64;

		out->wide_bits = n.prefix < most ? most - n.prefix : 0;
		if (n.prefix == (n.address.version == 4 ? 32 : 128))
			address_text(&n.address, network);
		else
			network_text(&n, network);
		snprintf(out->text, sizeof(out->text), "%s", network);
		return;
	}
	if (kind != INDICATOR_CERTIFICATE) {
		printable(out->text, sizeof(out->text), (const char *)key + 1, len - 1);
		return;
	}
	for (size_t i = 1; i < len; i++)
		used += (size_t)snprintf(out->text + used, sizeof(out->text) - used, "%02x",
					 key[i]);
}

struct indicator intel_get(const struct intel *intel, uint32_t match)
{
	uint32_t n = match & NUMBER_MASK;
	const struct record *r = &intel->records[n];
	struct indicator out = {
		.kind = (enum indicator_kind)(match >> KIND_SHIFT),
		.list = intel->lists[r->list].path ? intel->lists[r->list].path : "",
		.unit = intel->lists[r->list].unit,
		.line = r->line,
		.about = string_table_get(intel->abouts, r->about),
		.port = r->port,
		.more_lists = r->more_lists,
	};

	write_text(out.kind, (const uint8_t *)string_table_get(intel->keys, n), r->key_len, &out);
	return out;
}

void intel_missed(struct intel *intel, enum intel_miss miss)
{
	intel->stats.unread += miss == INTEL_UNREAD;
	intel->stats.other += miss == INTEL_OTHER;
	intel->stats.withdrawn += miss == INTEL_WITHDRAWN;
	intel->stats.undetectable += miss == INTEL_UNDETECTABLE;
	intel->stats.harmless += miss == INTEL_HARMLESS;
	intel->stats.lists_broken += miss == INTEL_LIST_BROKEN;
	intel->stats.lists_useless += miss == INTEL_LIST_USELESS;
}

struct intel_stats intel_stats(const struct intel *intel)
{
	struct intel_stats s = intel->stats;

	s.bytes = sizeof(*intel) + intel->records_room * sizeof(*intel->records) +
		  string_table_bytes(intel->keys) + string_table_bytes(intel->abouts);
	return s;
}
