/* SPDX-License-Identifier: Apache-2.0 */
#include "report/words.h"

#include "base/complaint.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

const char *time_text(int64_t ms, char out[static TIME_TEXT_SIZE])
{
	time_t seconds = (time_t)(ms / 1000 - (ms % 1000 < 0));
	struct tm utc;

	if (!gmtime_r(&seconds, &utc) || !strftime(out, TIME_TEXT_SIZE, "%Y-%m-%d %H:%M:%S", &utc))
		snprintf(out, TIME_TEXT_SIZE, "%lld s", (long long)seconds);
	return out;
}

const char *proto_text(uint8_t proto, char out[static 8])
{
	static const struct {
		uint8_t number;
		const char *name;
	} known[] = {
		{IPPROTO_ICMP, "icmp"}, {IPPROTO_TCP, "tcp"},	{IPPROTO_UDP, "udp"},
		{IPPROTO_GRE, "gre"},	{IPPROTO_ESP, "esp"},	{IPPROTO_AH, "ah"},
		{IPPROTO_IPIP, "ipip"}, {IPPROTO_IPV6, "ipv6"}, {IPPROTO_ICMPV6, "icmp6"},
		{IPPROTO_SCTP, "sctp"},
	};

	snprintf(out, 8, "%u", proto);
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (known[i].number == proto)
			snprintf(out, 8, "%s", known[i].name);
	return out;
}

/*
 * ":443/tcp", or "/icmp"; a group by name shows where its latest call went, and
 * if it went to a proxy, where that was to go on.
 */
static void service_text(const struct timeline *t, char out[static 24])
{
	const struct tuple *last = &t->last;
	uint16_t named_port = t->proxied ? t->proxied_port : last->dst_port;
	uint16_t port = t->key.grouping == GROUP_NAME ? named_port : t->key.port;
	uint8_t number = t->key.grouping == GROUP_NAME ? last->proto : t->key.proto;
	char proto[8];

	proto_text(number, proto);
	if (number == IPPROTO_TCP || number == IPPROTO_UDP || number == IPPROTO_SCTP)
		snprintf(out, 24, ":%u/%s", port, proto);
	else
		snprintf(out, 24, "/%s", proto);
}

/* "(37 addresses, 12 ports)": over what the calls of a union are spread. */
static void spread_text(const struct group *g, char out[static 64])
{
	if (g->names_joined)
		snprintf(out, 64, " (%u names)", g->names_joined);
	else if (g->addresses > 1 && g->ports > 1)
		snprintf(out, 64, " (%u addresses, %u ports)", g->addresses, g->ports);
	else if (g->addresses > 1)
		snprintf(out, 64, " (%u addresses)", g->addresses);
	else
		snprintf(out, 64, " (%u ports)", g->ports);
}

/* Where a union of groups goes; see verdict/unions.h. */
static const char *union_text(const struct finding *f, char out[static WORDS_SIZE])
{
	const struct timeline_key *key = &f->group.timeline->key;
	struct network network = {.address = key->destination, .prefix = f->group.prefix};
	char where[NETWORK_TEXT_SIZE], safe[WORDS_SIZE / 2], service[24] = "", spread[64];
	char address[ADDRESS_TEXT_SIZE];
	const char *raw = string_table_get(f->group.names, key->name);

	spread_text(&f->group, spread);
	if (f->group.ports == 1)
		service_text(f->group.timeline, service);
	if (key->grouping == GROUP_NAMES) {
		raw = fleet_registered_name(raw);
		printable(safe, sizeof(safe), raw, strlen(raw));
		snprintf(out, WORDS_SIZE, "%s%s", safe, spread);
	} else if (key->grouping == GROUP_SERVICE) {
		snprintf(out, WORDS_SIZE, "anywhere%s%s", service, spread);
	} else if (key->grouping == GROUP_CLIENT) {
		snprintf(out, WORDS_SIZE, "anywhere by one client (%u addresses)",
			 f->group.addresses);
	} else if (key->grouping == GROUP_PORTS) {
		snprintf(out, WORDS_SIZE, "%s%s", address_text(&key->destination, address), spread);
	} else {
		network_text(&network, where);
		snprintf(out, WORDS_SIZE, "%s%s%s", where, service, spread);
	}
	return out;
}

const char *destination_text(const struct finding *f, char out[static WORDS_SIZE])
{
	const struct timeline *t = f->group.timeline;
	uint32_t name = t->key.name ? t->key.name : t->names[0];
	const char *raw = string_table_get(f->group.names, name);
	char address[ADDRESS_TEXT_SIZE], safe[WORDS_SIZE / 2], service[24];
	bool v6 = t->key.destination.version == 6;

	if (f->group.member_count && (!f->group.hosts_pooled || t->key.grouping == GROUP_NAMES ||
				      t->key.grouping == GROUP_CLIENT))
		return union_text(f, out);
	printable(safe, sizeof(safe), raw, strlen(raw));
	service_text(t, service);
	if (t->key.grouping == GROUP_DOMAIN) {
		snprintf(out, WORDS_SIZE, "%s (look-ups, asked of %s)", safe,
			 address_text(&t->last.dst, address));
		return out;
	}
	if (t->key.grouping == GROUP_NAME && t->proxied) {
		address_text(&t->last.dst, address);
		snprintf(out, WORDS_SIZE, "%s%s through %s port %u", safe, service, address,
			 t->last.dst_port);
		return out;
	}
	if (t->key.grouping == GROUP_NAME) {
		snprintf(out, WORDS_SIZE, "%s%s%s", safe, service,
			 t->addresses > 1 ? " (several addresses)" : "");
		return out;
	}
	if (t->key.grouping == GROUP_LOOKUP) {
		snprintf(out, WORDS_SIZE, "%s (looked up)", safe);
		return out;
	}
	address_text(&t->key.destination, address);
	snprintf(out, WORDS_SIZE, "%s%s%s%s%s%s%s", v6 ? "[" : "", address, v6 ? "]" : "", service,
		 *safe ? " (" : "", safe, *safe ? ")" : "");
	return out;
}

const char *reasons_text(const struct finding *f, char out[static WORDS_SIZE])
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < f->evidence_count; i++) {
		const struct evidence *e = &f->evidence[i];
		bool known = !strcmp(e->kin, "known");

		if ((e->weight_db <= 0 && !known) || used >= WORDS_SIZE)
			continue;
		used += (size_t)snprintf(out + used, WORDS_SIZE - used, "%s%s%s", used ? ", " : "",
					 known ? "but a " : "", e->sign);
	}
	return out;
}
