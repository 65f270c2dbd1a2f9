/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/lane.h"

#include "flow/fingerprint.h"
#include "flow/name_map.h"
#include "lane/listed.h"
#include "lane/opening.h"
#include "lane/questions.h"
#include "timeline/filing.h"
#include "timeline/load.h"

#include <netinet/in.h>
#include <string.h>

/* By number of what was claimed; see client_of(). */
struct told_client {
	uint32_t number, fingerprint;
};

struct lane {
	struct home home;
	struct string_table *names, *fingerprints;
	struct name_map *name_map;
	struct flow_table *flow_table;
	struct timeline_table *timelines;
	struct load_table *loads;
	struct questions *questions;
	struct told_client clients[256];
	struct listed *listed; /* NULL: there are no lists */
	struct echo_table *echoes;
	struct opening_context opening;
	struct coverage coverage;
	lane_flow_fn *watcher;
	void *watcher_arg;
};

static void flow_ending(struct flow *flow, void *arg);
static void flow_ended(const struct flow *flow, void *arg);
static void burst_ended(const struct flow *burst, const struct flow *flow, void *arg);

/*
 * Shares of the budget, in percent: timelines are what the program is for;
 * names repeat; flows in progress are few beside flows ended.
 */
enum {
	SHARE_TIMELINES = 55,
	SHARE_ECHOES = 1,
	SHARE_LOADS = 2,
	SHARE_DOMAIN_CALLS = 4, /* apart, so that a flood of names moves no group by address */
	SHARE_DOMAINS = 2,
	SHARE_FLOWS = 17,
	SHARE_OPENINGS = 2,
	SHARE_NAMES = 8,
	SHARE_LOOKUPS = 7,
	SHARE_FINGERPRINTS = 100 - SHARE_TIMELINES - SHARE_ECHOES - SHARE_LOADS -
			     SHARE_DOMAIN_CALLS - SHARE_DOMAINS - SHARE_FLOWS - SHARE_OPENINGS -
			     SHARE_NAMES - SHARE_LOOKUPS
};

static size_t capacity_for(size_t bytes, size_t (*size)(size_t))
{
	size_t probe = 1024, capacity = bytes / (size(probe) / probe + 1);

	return capacity < 64 ? 64 : capacity;
}

struct lane *lane_new(const struct home *home, size_t budget)
{
	struct lane *lane = calloc(1, sizeof(*lane));
	size_t percent = budget / 100;

	if (!lane)
		return NULL;
	lane->home = *home;
	lane->names = string_table_new(percent * SHARE_NAMES);
	lane->fingerprints = string_table_new(percent * SHARE_FINGERPRINTS);
	lane->name_map = name_map_new(capacity_for(percent * SHARE_LOOKUPS, name_map_size));
	lane->timelines = timeline_table_new(percent * SHARE_TIMELINES);
	lane->echoes = echo_table_new(percent * SHARE_ECHOES);
	lane->loads = load_table_new(percent * SHARE_LOADS);
	if (lane->names)
		lane->questions =
			questions_new(&lane->home, lane->names, percent * SHARE_DOMAIN_CALLS,
				      percent * SHARE_DOMAINS);
	lane->flow_table = flow_table_new(&(struct flow_table_config){
		.capacity = capacity_for(percent * SHARE_FLOWS, flow_table_size),
		.on_ending = flow_ending,
		.on_end = flow_ended,
		.on_burst = burst_ended,
		.home = &lane->home,
		.arg = lane,
	});
	lane->opening = (struct opening_context){
		.names = lane->names,
		.fingerprints = lane->fingerprints,
		.name_map = lane->name_map,
		.home = &lane->home,
		.lookups = &lane->coverage.lookups,
		.questions = lane->questions,
	};
	if (!opening_init(&lane->opening, percent * SHARE_OPENINGS) || !lane->names ||
	    !lane->fingerprints || !lane->name_map || !lane->timelines || !lane->loads ||
	    !lane->questions || !lane->echoes || !lane->flow_table) {
		lane_free(lane);
		return NULL;
	}
	return lane;
}

static void free_intake(struct lane *lane)
{
	flow_table_free(lane->flow_table);
	opening_fini(&lane->opening);
	name_map_free(lane->name_map);
	listed_free(lane->listed);
	lane->listed = NULL;
	lane->flow_table = NULL;
	lane->name_map = NULL;
	lane->opening = (struct opening_context){0};
}

void lane_free(struct lane *lane)
{
	if (!lane)
		return;
	free_intake(lane);
	timeline_table_free(lane->timelines);
	load_table_free(lane->loads);
	questions_free(lane->questions);
	echo_table_free(lane->echoes);
	string_table_free(lane->fingerprints);
	string_table_free(lane->names);
	free(lane);
}

static bool is_proxied(const struct flow *flow)
{
	return flow->claims & CLAIM_PROXIED && flow->name;
}

static void note_listed_lookup(void *arg, const struct input_lookup *lookup);

bool lane_use_intel(struct lane *lane, const struct intel *intel)
{
	lane->listed = listed_new(intel);
	lane->opening.intel = intel;
	lane->opening.on_lookup = note_listed_lookup;
	lane->opening.on_lookup_arg = lane;
	return lane->listed;
}

static void mark_listed(struct lane *lane, const struct flow *flow, struct timeline_marks *marks)
{
	struct listed_call call = {
		.flow = flow,
		.name = marks->name,
		.proxied = is_proxied(flow),
		.names = lane->names,
		.fingerprints = lane->fingerprints,
	};

	marks->listed = listed_call(lane->listed, &call);
	marks->keep = listed_is_strong(marks->listed);
}

/* Is it the end of a connection that stood?  A try that met silence or refusal did not. */
static bool ends_connection(const struct flow *flow, const struct flow *whole)
{
	return flow->end != FLOW_END_BURST && whole->answer != ANSWER_NONE &&
	       whole->answer != ANSWER_REFUSED;
}

/* The name the flow itself claims, else the one the host was told for the address. */
static struct timeline_marks marks_of(struct lane *lane, const struct flow *flow,
				      const struct flow *whole)
{
	bool connected = ends_connection(flow, whole);
	const struct address *host = &flow->tuple.src;
	bool proxied = is_proxied(flow); /* then it is the proxy that looks up the name */
	struct name_map_answer answer = {0};

	if (!proxied)
		answer = name_map_find(lane->name_map, host, &flow->tuple.dst, flow->first);
	return (struct timeline_marks){
		.name = flow->name ? flow->name : answer.name,
		.lookups_visible = !proxied && name_map_queries(lane->name_map, host) > 0,
		.looked_up = answer.name != 0,
		.confirmed = answer.name && (!flow->name || flow->name == answer.name),
		.contradicted = !proxied && flow->name && flow->name != answer.name &&
				name_map_queries(lane->name_map, host) > 0,
		.connected = connected,
		.connected_ns = connected ? (uint64_t)flow->last - (uint64_t)whole->first : 0,
	};
}

/* One call: a flow, or one burst of a whole connection. */
static void file_call(struct lane *lane, const struct flow *flow, const struct flow *whole)
{
	struct timeline_marks marks = marks_of(lane, flow, whole);

	if (lane->listed)
		mark_listed(lane, flow, &marks);
	/* A proxy of the fleet is where its calls go first, and not where they are going. */
	filing_add(lane->timelines, flow, &marks,
		   !is_proxied(flow) || !home_contains(&lane->home, &flow->tuple.dst));
	lane->coverage.outbound_bytes += flow->out_bytes;
	load_sent(lane->loads, &flow->tuple.src, flow->first, flow->last, flow->out_payload);
}

void lane_served(struct lane *lane, const struct tuple *ends, ns_t first, ns_t last, uint64_t bytes)
{
	if (home_contains(&lane->home, &ends->dst))
		load_served(lane->loads, &ends->dst, first, last, bytes);
}

/* Where flows like this are counted. */
static uint64_t *count_of(struct coverage *c, const struct home *home, const struct tuple *ends)
{
	bool from_home = home_contains(home, &ends->src);

	if (address_is_group(&ends->dst))
		return &c->group;
	if (home_contains(home, &ends->dst))
		return from_home ? &c->internal : &c->inbound;
	return from_home ? &c->outbound : &c->outside;
}

bool lane_wants(const struct lane *lane, const struct tuple *ends)
{
	return home_contains(&lane->home, &ends->src) && !address_is_group(&ends->dst) &&
	       !home_contains(&lane->home, &ends->dst);
}

/* Does it leave the fleet, be it through a proxy inside? */
static bool leaves(const struct lane *lane, const struct flow *flow)
{
	const char *name = string_table_get(lane->names, flow->name);
	struct address address;

	if (lane_wants(lane, &flow->tuple))
		return true;
	if (!is_proxied(flow) || !home_contains(&lane->home, &flow->tuple.src))
		return false;
	return address_parse(name, strlen(name), &address) || !home_contains(&lane->home, &address);
}

static void count_flow(struct lane *lane, const struct flow *flow)
{
	struct coverage *c = &lane->coverage;

	c->flows++;
	c->flows_evicted += flow->end == FLOW_END_EVICTED;
	if (leaves(lane, flow))
		c->outbound++;
	else
		++*count_of(c, &lane->home, &flow->tuple);
}

static void log_row(struct coverage *c, ns_t first, ns_t last)
{
	c->rows++;
	spans_add(&c->logged, first);
	spans_add(&c->logged, last);
	hours_add(&c->hours, first);
	hours_add(&c->hours, last);
}

void lane_count(struct lane *lane, const struct tuple *ends, ns_t first, ns_t last)
{
	struct coverage *c = &lane->coverage;
	uint64_t *count = count_of(c, &lane->home, ends);

	CHECK(count != &c->outbound);
	log_row(c, first, last);
	c->flows++;
	++*count;
}

static void flow_ending(struct flow *flow, void *arg)
{
	struct lane *lane = arg;

	opening_ended(&lane->opening, flow);
}

static void flow_ended(const struct flow *flow, void *arg)
{
	struct lane *lane = arg;

	count_flow(lane, flow);
	if (lane->watcher)
		lane->watcher(lane, flow, lane->watcher_arg);
}

static void burst_ended(const struct flow *burst, const struct flow *flow, void *arg)
{
	struct lane *lane = arg;

	if (leaves(lane, burst))
		file_call(lane, burst, flow);
	else
		lane_served(lane, &burst->tuple, burst->first, burst->last, burst->in_payload);
}

/* A request for somebody else on the same connection, as proxies see them, is another call. */
static void read_opening(struct lane *lane, struct flow *flow, const struct packet *packet,
			 bool outward)
{
	uint32_t before = flow->name, now;

	opening_read(&lane->opening, flow, packet, outward);
	now = flow->name;
	if (flow->app != APP_HTTP || !before || now == before)
		return;
	flow->name = before;
	flow_table_cut(lane->flow_table, flow, packet->when);
	flow->name = now;
}

/* Pings within the fleet, and by strangers among themselves, are nobody's call-home. */
static void note_echo(struct lane *lane, const struct packet *packet)
{
	bool from_home = home_contains(&lane->home, &packet->tuple.src);

	if (from_home != home_contains(&lane->home, &packet->tuple.dst))
		echoes_note(lane->echoes, from_home ? &packet->tuple.src : &packet->tuple.dst,
			    packet);
}

static void add_packet(struct lane *lane, const struct packet *packet, const struct flow_key *key)
{
	bool outward;
	struct flow *flow = flow_table_add_keyed(lane->flow_table, packet, key, &outward);

	if (flow && (packet->tuple.proto == IPPROTO_ICMP || packet->tuple.proto == IPPROTO_ICMPV6))
		note_echo(lane, packet);
	if (flow && opening_wants(flow, packet, outward))
		read_opening(lane, flow, packet, outward);
}

/*
 * A few packets at a time, so that the memory can fetch what they need all at
 * once: the next packets, then the places where their flows are noted, then
 * the flows.
 */
enum { AHEAD = 16 };

void lane_packets(struct lane *lane, const struct packet *packets, const uint16_t *which,
		  size_t count)
{
	struct flow_table *t = lane->flow_table;
	struct flow_key keys[AHEAD];

	for (size_t i = 0; i < count; i += AHEAD) {
		size_t n = count - i < AHEAD ? count - i : AHEAD;

		for (size_t k = i + AHEAD; k < count && k < i + 2 * AHEAD; k++) {
			__builtin_prefetch(&packets[which[k]]);
			__builtin_prefetch((const char *)&packets[which[k]] + 64);
		}
		for (size_t k = 0; k < n; k++)
			keys[k] = flow_table_key(t, &packets[which[i + k]]);
		for (size_t k = 0; k < n; k++)
			flow_table_fetch(t, &keys[k]);
		for (size_t k = 0; k < n; k++)
			add_packet(lane, &packets[which[i + k]], &keys[k]);
	}
}

static uint32_t keep_text(struct lane *lane, const struct lane_claim *c, uint32_t number)
{
	const char *text = string_table_get(c->texts, number);

	return string_table_add(lane->fingerprints, text, strlen(text));
}

/* The same few clients call all day: what was made of the last ones is remembered. */
static uint32_t client_of(struct lane *lane, const struct lane_claim *c)
{
	struct told_client *known = &lane->clients[c->number % ARRAY_LEN(lane->clients)];
	struct fingerprint f;

	if (known->number == c->number)
		return known->fingerprint;
	f = (struct fingerprint){.ja3 = keep_text(lane, c, c->claimed.ja3),
				 .ja4 = keep_text(lane, c, c->claimed.ja4),
				 .agent = keep_text(lane, c, c->claimed.agent),
				 .listed = c->claimed.listed};
	*known = (struct told_client){c->number, fingerprint_keep(lane->fingerprints, &f)};
	return known->fingerprint;
}

static void believe(struct lane *lane, struct flow *flow, const struct lane_claim *c)
{
	const char *name = string_table_get(c->texts, c->claimed.name);

	flow->app = (uint8_t)c->claimed.app;
	flow->claims |= c->claimed.claims;
	flow->name = string_table_add(lane->names, name, strlen(name));
	flow->fingerprint = client_of(lane, c);
	/* DTLS carries media between browsers, which has no server to name (RFC 8827). */
	if (!*name && flow->app == APP_TLS && flow->tuple.proto == IPPROTO_TCP)
		flow->claims |= CLAIM_NO_SNI;
	if (flow->name && opening_name_is_address(lane->names, flow->name)) {
		flow->claims |= CLAIM_HOST_IS_ADDRESS;
		flow->name = 0;
	}
}

void lane_flow(struct lane *lane, const struct flow *row, const struct lane_claim *claim)
{
	struct flow flow = *row;

	if (claim)
		believe(lane, &flow, claim);
	log_row(&lane->coverage, flow.first, flow.last);
	count_flow(lane, &flow);
	if (lane_wants(lane, &flow.tuple))
		file_call(lane, &flow, &flow);
	else
		lane_served(lane, &flow.tuple, flow.first, flow.last, flow.in_payload);
}

/*
 * A listed name that is looked up is told even if no call follows, and so is one
 * whose answer points to a listed address.
 */
static void note_listed_lookup(void *arg, const struct input_lookup *lookup)
{
	struct lane *lane = arg;
	uint32_t match = listed_lookup(lane->listed, lookup);
	struct flow flow = {.first = lookup->when, .last = lookup->when, .out_packets = 1};
	struct timeline_marks marks = {.listed = match, .keep = true};
	struct timeline_key key = {.host = lookup->client, .grouping = GROUP_LOOKUP};

	if (!match || !home_contains(&lane->home, &lookup->client))
		return;
	key.name = string_table_add(lane->names, lookup->name, lookup->name_len);
	if (!key.name)
		return;
	flow.tuple.src = lookup->client;
	flow.tuple.proto = IPPROTO_UDP;
	flow.tuple.dst_port = 53;
	if (lookup->address_count)
		flow.tuple.dst = lookup->addresses[0];
	marks.name = key.name;
	timeline_add(lane->timelines, &key, &flow, &marks);
}

void lane_lookup(struct lane *lane, const struct input_lookup *lookup)
{
	uint32_t name = string_table_add(lane->names, lookup->name, lookup->name_len);

	lane->coverage.lookups++;
	questions_row(lane->questions, lookup);
	if (lane->listed)
		note_listed_lookup(lane, lookup);
	name_map_saw_query(lane->name_map, &lookup->client, lookup->when);
	for (size_t i = 0; name && i < lookup->address_count; i++)
		name_map_add(lane->name_map, &lookup->client, &lookup->addresses[i], name,
			     lookup->when);
}

void lane_flush(struct lane *lane)
{
	flow_table_flush(lane->flow_table);
	questions_flush(lane->questions);
}

void lane_finish(struct lane *lane)
{
	if (!lane->flow_table)
		return;
	lane_flush(lane);
	lane->coverage = lane_coverage(lane);
	free_intake(lane);
}

const struct timeline_table *lane_timelines(const struct lane *lane)
{
	return lane->timelines;
}

const struct load_table *lane_loads(const struct lane *lane)
{
	return lane->loads;
}

const struct timeline_table *lane_domain_calls(const struct lane *lane)
{
	return questions_calls(lane->questions);
}

const struct echo_table *lane_echoes(const struct lane *lane)
{
	return lane->echoes;
}

const struct domain_table *lane_domains(const struct lane *lane)
{
	return questions_facts(lane->questions);
}

const struct string_table *lane_names(const struct lane *lane)
{
	return lane->names;
}

const struct string_table *lane_fingerprints(const struct lane *lane)
{
	return lane->fingerprints;
}

void lane_watch(struct lane *lane, lane_flow_fn *watcher, void *arg)
{
	lane->watcher = watcher;
	lane->watcher_arg = arg;
}

struct coverage lane_coverage(const struct lane *lane)
{
	struct coverage c = lane->coverage;
	struct stream_stats streams;

	if (!lane->flow_table) /* finished: it is all there */
		return c;
	streams = stream_stats(lane->opening.streams);
	c.duplicates = flow_table_stats(lane->flow_table).duplicates;
	c.openings = lane->opening.stats->openings;
	c.openings_unread = lane->opening.stats->unread;
	c.openings_cut = lane->opening.stats->cut + streams.given_up + streams.stolen;
	c.segments_early = streams.disorders;
	c.contradictions = streams.conflicts;
	c.names_refused = string_table_refused(lane->names);
	c.names_evicted = name_map_evicted(lane->name_map);
	c.timelines = timeline_stats(lane->timelines);
	return c;
}
