/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lane's job: which flows leave the fleet, under which name, and whether the
 * host had looked the address up.
 */
#include "unit/unit.h"

#include "intel/intel_load.h"
#include "lane/claim_map.h"
#include "lane/lanes.h"
#include "timeline/boots.h"
#include "timeline/load.h"

#include <netinet/in.h>

static struct address v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	return address_v4((uint8_t[]){a, b, c, d});
}

static struct flow flow_between(struct address src, struct address dst, ns_t when)
{
	struct flow f = {.first = when, .last = when + NS_PER_SEC, .answer = ANSWER_YES};

	f.tuple.src = src;
	f.tuple.dst = dst;
	f.tuple.src_port = 40000;
	f.tuple.dst_port = 443;
	f.tuple.proto = IPPROTO_TCP;
	f.out_bytes = 100;
	return f;
}

static struct lanes *new_lanes(void)
{
	struct home home = home_default();
	struct lanes *lanes = lanes_new(&home, (size_t)64 << 20, 1);

	assert_non_null(lanes);
	return lanes;
}

/* The first group of this kind and protocol (0: any), and the names of its lane. */
static const struct timeline *find_group(const struct lanes *lanes, enum timeline_grouping grouping,
					 uint8_t proto, const struct string_table **out_names)
{
	for (size_t i = 0; i < LANES; i++) {
		const struct lane *lane = lanes_get(lanes, i);
		const struct timeline_table *t = lane_timelines(lane);

		*out_names = lane_names(lane);
		for (size_t n = 0; n < timeline_count(t); n++)
			if (timeline_get(t, n) && timeline_get(t, n)->key.grouping == grouping &&
			    (!proto || timeline_get(t, n)->key.proto == proto))
				return timeline_get(t, n);
	}
	return NULL;
}

static const struct timeline *group(const struct lanes *lanes, enum timeline_grouping grouping)
{
	const struct string_table *names;

	return find_group(lanes, grouping, 0, &names);
}

static const struct string_table *names_of(const struct lanes *lanes)
{
	const struct string_table *names;

	assert_non_null(find_group(lanes, GROUP_ADDRESS, 0, &names));
	return names;
}

static void only_what_leaves_the_fleet_is_filed(void **state)
{
	struct lanes *lanes = new_lanes();
	const struct address home = v4(10, 0, 0, 1), other = v4(192, 168, 1, 1);
	const struct address bmc = v4(169, 254, 3, 1), outside = v4(198, 51, 100, 1);
	const struct {
		struct address src, dst;
	} flows[] = {
		{home, outside},
		{bmc, outside},		       /* outbound, a link-local BMC, too */
		{home, other},		       /* internal */
		{outside, home},	       /* inbound */
		{outside, v4(203, 0, 113, 9)}, /* neither's */
		{home, v4(224, 0, 0, 251)},
		{home, v4(255, 255, 255, 255)}, /* to a group */
	};
	struct coverage c, counted;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(flows); i++) {
		struct flow f = flow_between(flows[i].src, flows[i].dst, (ns_t)i + 1);

		lanes_flow(lanes, &f);
	}
	c = lanes_coverage(lanes);
	assert_int_equal(c.flows, ARRAY_LEN(flows));
	assert_int_equal(c.outbound, 2);
	assert_int_equal(c.internal, 1);
	assert_int_equal(c.inbound, 1);
	assert_int_equal(c.outside, 1);
	assert_int_equal(c.group, 2);
	assert_int_equal(c.timelines.groups, 2);
	lanes_free(lanes);

	/* Flows that are only counted are counted alike. */
	lanes = new_lanes();
	for (size_t i = 0; i < ARRAY_LEN(flows); i++) {
		struct flow f = flow_between(flows[i].src, flows[i].dst, (ns_t)i + 1);

		assert_int_equal(lanes_want(lanes, &f.tuple), i < 2);
		if (i < 2)
			lanes_flow(lanes, &f);
		else
			lanes_count(lanes, &f.tuple, f.first, f.last, f.in_payload);
	}
	counted = lanes_coverage(lanes);
	assert_memory_equal(&counted, &c, sizeof(c));
	lanes_free(lanes);
}

/* What all lanes together saw a host serve and send, and how many of them did. */
static struct load load_of(const struct lanes *lanes, struct address host, size_t *out_lanes)
{
	struct load sum = {0};

	*out_lanes = 0;
	for (size_t i = 0; i < LANES; i++) {
		const struct load_table *t = lane_loads(lanes_get(lanes, i));

		for (size_t n = 0; n < load_count(t); n++) {
			if (!address_equal(&load_get(t, n)->host, &host))
				continue;
			load_add(&sum, load_get(t, n));
			++*out_lanes;
		}
	}
	return sum;
}

/* As many bytes for a row that is only counted as for one that is read. */
static void what_a_server_serves_is_told_of_all_who_call(void **state)
{
	const struct address server = v4(10, 0, 0, 200), outside = v4(198, 51, 100, 1);

	(void)state;
	for (int counted = 0; counted < 2; counted++) {
		struct lanes *lanes = new_lanes();
		struct load load;
		size_t seen_by;

		for (uint8_t i = 1; i <= 20; i++) {
			struct flow f = flow_between(i % 2 ? outside : v4(10, 0, 0, i), server,
						     i * NS_PER_SEC);

			f.out_payload = 7;
			f.in_payload = 1000;
			if (counted)
				lanes_count(lanes, &f.tuple, f.first, f.last, f.in_payload);
			else
				lanes_flow(lanes, &f);
		}
		for (int i = 0; i < 3; i++) {
			struct flow f = flow_between(server, outside, i * NS_PER_SEC);

			f.out_payload = 50;
			lanes_flow(lanes, &f);
		}
		load = load_of(lanes, server, &seen_by);
		assert_int_equal(load.served_bytes, 20000);
		assert_int_equal(load.sent_bytes, 150);
		assert_true(counted || seen_by > 1);
		load_of(lanes, outside, &seen_by); /* not of the fleet */
		assert_int_equal(seen_by, 0);
		lanes_free(lanes);
	}
}

/* A fleet is often one network of 256 addresses: an eighth of them to each lane, or nearly. */
static void hosts_of_one_network_share_the_lanes(void **state)
{
	struct lanes *lanes = new_lanes();

	(void)state;
	for (int i = 0; i < 256; i++) {
		struct flow f = flow_between(v4(10, 0, 0, (uint8_t)i), v4(198, 51, 100, 1), 1);

		lanes_flow(lanes, &f);
	}
	for (size_t i = 0; i < LANES; i++) {
		struct timeline_stats s = timeline_stats(lane_timelines(lanes_get(lanes, i)));

		assert_in_range(s.groups, 16, 64);
	}
	lanes_free(lanes);
}

/* An ARP announcement of this address, on the wire. */
static void announce(struct lanes *lanes, struct address of, ns_t when)
{
	uint8_t bytes[42] = {255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 1, 8, 6,
			     0,	  1,   8,   0,	 6,   4,   0, 1, 2, 0, 0, 0, 0, 1};
	struct frame frame = {.when = when,
			      .bytes = bytes,
			      .captured = sizeof(bytes),
			      .length = sizeof(bytes),
			      .link = LINK_ETHERNET};

	memcpy(bytes + 28, of.bytes + 12, 4);
	memcpy(bytes + 38, of.bytes + 12, 4);
	lanes_frame(lanes, &frame);
}

static void hosts_of_the_fleet_announce_themselves(void **state)
{
	struct lanes *lanes = new_lanes();
	const struct address host = v4(10, 0, 0, 1);
	const struct boots *b;

	(void)state;
	announce(lanes, host, NS_PER_SEC);
	announce(lanes, v4(198, 51, 100, 1), NS_PER_SEC); /* not of the fleet */
	announce(lanes, host, 7200 * NS_PER_SEC);
	assert_int_equal(boots_count(lanes_boots(lanes)), 1);
	b = boots_get(lanes_boots(lanes), 0);
	assert_true(address_equal(&b->host, &host));
	assert_int_equal(b->kept, 2);
	assert_int_equal(b->at_ms[1], 7200000);
	lanes_free(lanes);
}

static void look_up(struct lanes *lanes, struct address client, struct address answer, ns_t when)
{
	lanes_lookup(lanes, &(struct input_lookup){.when = when,
						   .client = client,
						   .name = "api.example",
						   .name_len = 11,
						   .addresses = &answer,
						   .address_count = 1});
}

static void a_lookup_names_later_calls_of_that_host_only(void **state)
{
	struct lanes *lanes = new_lanes();
	struct address host = v4(10, 0, 0, 1), outside = v4(198, 51, 100, 1);
	struct flow before = flow_between(host, outside, 100),
		    after = flow_between(host, outside, 300);
	const struct timeline *t;

	(void)state;
	look_up(lanes, host, outside, 200);
	look_up(lanes, v4(10, 0, 0, 2), v4(198, 51, 100, 2), 200);
	lanes_flow(lanes, &before);
	t = group(lanes, GROUP_ADDRESS);
	assert_int_equal(t->looked_up, 0);
	assert_int_equal(t->names[0], 0);
	lanes_flow(lanes, &after);
	t = group(lanes, GROUP_ADDRESS);
	assert_int_equal(t->calls, 2);
	assert_int_equal(t->looked_up, 1);
	assert_string_equal(string_table_get(names_of(lanes), t->names[0]), "api.example");
	t = group(lanes, GROUP_NAME);
	assert_int_equal(t->calls, 1);
	assert_string_equal(string_table_get(names_of(lanes), t->key.name), "api.example");
	/* another host's look-up tells nothing about this host */
	after = flow_between(host, v4(198, 51, 100, 2), 400);
	lanes_flow(lanes, &after);
	assert_int_equal(group(lanes, GROUP_NAME)->calls, 1);
	lanes_free(lanes);
}

static void a_claim_is_joined_by_uid_and_wins_over_dns(void **state)
{
	struct lanes *lanes = new_lanes();
	struct address host = v4(10, 0, 0, 1), outside = v4(198, 51, 100, 1);
	struct flow named = flow_between(host, outside, 300), bare = named, media = named;
	const struct string_table *names;

	(void)state;
	look_up(lanes, host, outside, 200);
	lanes_claim(lanes,
		    &(struct input_claim){
			    .uid = 7, .name = "sni.example", .name_len = 11, .app = APP_TLS});
	lanes_claim(lanes,
		    &(struct input_claim){.uid = 8, .name = "", .name_len = 0, .app = APP_TLS});
	named.uid = 7;
	lanes_flow(lanes, &named);
	assert_string_equal(string_table_get(names_of(lanes), group(lanes, GROUP_NAME)->key.name),
			    "sni.example");
	bare.uid = 8;
	lanes_flow(lanes, &bare);
	assert_int_equal(group(lanes, GROUP_ADDRESS)->no_sni, 1);
	media.uid = 8; /* DTLS names nobody, and need not */
	media.tuple.proto = IPPROTO_UDP;
	lanes_flow(lanes, &media);
	assert_int_equal(find_group(lanes, GROUP_ADDRESS, IPPROTO_UDP, &names)->no_sni, 0);
	lanes_free(lanes);
}

/* A DNS answer bears a name out only if it gave the address under that very name. */
static void a_name_is_confirmed_by_its_own_lookup_only(void **state)
{
	struct lanes *lanes = new_lanes();
	struct address host = v4(10, 0, 0, 1), outside = v4(198, 51, 100, 1);
	struct flow f = flow_between(host, outside, 300);

	(void)state;
	look_up(lanes, host, outside, 200); /* as api.example */
	lanes_claim(lanes,
		    &(struct input_claim){
			    .uid = 7, .name = "deb.debian.org", .name_len = 14, .app = APP_TLS});
	lanes_claim(lanes,
		    &(struct input_claim){
			    .uid = 8, .name = "api.example", .name_len = 11, .app = APP_TLS});
	f.uid = 7;
	lanes_flow(lanes, &f);
	assert_int_equal(group(lanes, GROUP_ADDRESS)->looked_up, 1);
	assert_int_equal(group(lanes, GROUP_ADDRESS)->confirmed, 0);
	f.uid = 8;
	lanes_flow(lanes, &f);
	assert_int_equal(group(lanes, GROUP_ADDRESS)->confirmed, 1);
	f.uid = 0; /* claims no name: goes by the one it was told */
	lanes_flow(lanes, &f);
	assert_int_equal(group(lanes, GROUP_ADDRESS)->confirmed, 2);
	lanes_free(lanes);
}

/* One UDP packet from 10.0.0.1 to `port` of 198.51.100.1. */
static const struct timeline *say_over_udp(struct lanes *lanes, uint8_t port, const void *payload,
					   uint8_t len)
{
	uint8_t bytes[28 + 64] = {0x45, 0,
				  0,	(uint8_t)(28 + len),
				  0,	0,
				  0x40, 0,
				  64,	17,
				  0,	0,
				  10,	0,
				  0,	1,
				  198,	51,
				  100,	1,
				  0x9c, 0x40,
				  0,	port,
				  0,	(uint8_t)(8 + len)};
	struct frame frame = {.when = NS_PER_SEC,
			      .bytes = bytes,
			      .captured = 28u + len,
			      .length = 28u + len,
			      .link = LINK_IPV4};

	memcpy(bytes + 28, payload, len);
	lanes_frame(lanes, &frame);
	lanes_flush(lanes);
	return group(lanes, GROUP_ADDRESS);
}

static void a_port_is_believed_when_its_protocol_is_spoken(void **state)
{
	static const uint8_t query[] = {0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'a', 0, 0, 1, 0, 1};
	static const uint8_t ntp[48] = {0x23}; /* version 4, client */
	static const struct {
		uint8_t port, len;
		const void *payload;
		bool fits;
	} cases[] = {
		{53, sizeof(query), query, true},
		{53, 19,
		 "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
		 false},
		{123, sizeof(ntp), ntp, true},
		{123, 19, query, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct lanes *lanes = new_lanes();
		const struct timeline *t =
			say_over_udp(lanes, cases[i].port, cases[i].payload, cases[i].len);

		assert_non_null(t);
		assert_int_equal(t->dns + t->ntp, cases[i].fits);
		assert_int_equal(t->other_protocol, !cases[i].fits);
		lanes_free(lanes);
	}
}

/* One packet from 10.0.0.1 to port 3128 of 10.0.0.3, `at_ms` into the connection. */
static void send_to_proxy(struct lanes *lanes, uint16_t src_port, uint32_t seq, int at_ms,
			  const char *text)
{
	struct packet packet = {
		.when = 1700000000 * NS_PER_SEC + at_ms * NS_PER_MS,
		.tuple = {.src = v4(10, 0, 0, 1),
			  .dst = v4(10, 0, 0, 3),
			  .src_port = src_port,
			  .dst_port = 3128,
			  .proto = IPPROTO_TCP},
		.payload = (const uint8_t *)text,
		.payload_captured = (uint32_t)strlen(text),
		.payload_bytes = (uint32_t)strlen(text),
		.bytes = 40 + (uint32_t)strlen(text),
		.tcp_flags = *text ? TCP_ACK | TCP_PSH : TCP_SYN,
		.tcp_seq = seq,
	};

	lane_packets(lanes_get(lanes, 0), &packet, (uint16_t[]){0}, 1);
}

static void say_to_proxy(struct lanes *lanes, uint16_t src_port, const char *text)
{
	send_to_proxy(lanes, src_port, 0, 0, "");
	send_to_proxy(lanes, src_port, 1, 1, text);
}

/* Nobody hides behind a harmless request sent just before, on the same connection. */
static void each_request_through_a_proxy_is_a_call_of_its_own(void **state)
{
	static const char good[] =
		"GET http://good.example/ HTTP/1.1\r\nHost: good.example\r\n\r\n";
	static const char evil[] =
		"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n";
	struct lanes *lanes = new_lanes();
	uint32_t seq = 1, found = 0;

	(void)state;
	send_to_proxy(lanes, 40000, 0, 0, "");
	for (int i = 0; i < 5; i++) {
		send_to_proxy(lanes, 40000, seq, 1 + 60000 * i, good);
		seq += sizeof(good) - 1;
		send_to_proxy(lanes, 40000, seq, 30 + 60000 * i, evil);
		seq += sizeof(evil) - 1;
	}
	lanes_flush(lanes);
	for (size_t n = 0; n < timeline_count(lane_timelines(lanes_get(lanes, 0))); n++) {
		const struct timeline *t = timeline_get(lane_timelines(lanes_get(lanes, 0)), n);

		assert_int_equal(t->key.grouping, GROUP_NAME);
		assert_int_equal(t->calls, 5);
		found++;
	}
	assert_int_equal(found, 2);
	lanes_free(lanes);
}

static void the_destination_behind_a_proxy_is_the_destination(void **state)
{
	struct lanes *lanes = new_lanes();
	const struct string_table *names;
	const struct timeline *t;

	(void)state;
	say_to_proxy(lanes, 40000,
		     "CONNECT c2.example:8443 HTTP/1.1\r\nHost: c2.example:8443\r\n\r\n");
	say_to_proxy(lanes, 40001, "CONNECT 10.9.9.9:443 HTTP/1.1\r\nHost: 10.9.9.9:443\r\n\r\n");
	say_to_proxy(lanes, 40002, "GET /index.html HTTP/1.1\r\nHost: inside\r\n\r\n");
	lanes_flush(lanes);
	assert_int_equal(lanes_coverage(lanes).outbound, 1);
	assert_int_equal(lanes_coverage(lanes).internal, 2);
	assert_int_equal(lanes_coverage(lanes).timelines.groups, 1);
	t = find_group(lanes, GROUP_NAME, 0, &names);
	assert_non_null(t);
	assert_string_equal(string_table_get(names, t->key.name), "c2.example");
	assert_int_equal(t->proxied, 1);
	assert_int_equal(t->proxied_port, 8443);
	assert_int_equal(t->lookups_visible, 0);
	lanes_free(lanes);
}

/* Zeek gives a length to tries that met silence, too: no connection stood. */
static void only_what_was_answered_stands(void **state)
{
	struct lanes *lanes = new_lanes();
	struct flow f = flow_between(v4(10, 0, 0, 1), v4(198, 51, 100, 1), 5 * NS_PER_SEC);

	(void)state;
	f.answer = ANSWER_NONE;
	f.last = f.first + 18 * NS_PER_SEC;
	lanes_flow(lanes, &f);
	f.answer = ANSWER_REFUSED;
	lanes_flow(lanes, &f);
	assert_int_equal(group(lanes, GROUP_ADDRESS)->calls, 2);
	assert_int_equal(group(lanes, GROUP_ADDRESS)->connections, 0);
	assert_int_equal(group(lanes, GROUP_ADDRESS)->total_ms, 0);
	assert_int_equal(group(lanes, GROUP_ADDRESS)->longest_ms, 0);
	f.answer = ANSWER_YES;
	f.last = f.first + 7 * NS_PER_SEC;
	lanes_flow(lanes, &f);
	assert_int_equal(group(lanes, GROUP_ADDRESS)->connections, 1);
	assert_int_equal(group(lanes, GROUP_ADDRESS)->total_ms, 7000);
	assert_int_equal(group(lanes, GROUP_ADDRESS)->longest_ms, 7000);
	lanes_free(lanes);
}

static void a_full_claim_map_turns_newcomers_away(void **state)
{
	struct claim_map *m = claim_map_new(64);

	(void)state;
	for (uint64_t uid = 1; uid <= 100; uid++)
		claim_map_add(m, &(struct claim){.uid = uid, .what = (uint32_t)uid});
	assert_int_equal(claim_map_refused(m), 100 - 48);
	for (uint64_t uid = 1; uid <= 100; uid++)
		assert_int_equal(claim_map_find(m, uid).what, uid <= 48 ? uid : 0);
	claim_map_add(m, &(struct claim){.uid = 5, .what = 99}); /* the first claim stays */
	assert_int_equal(claim_map_find(m, 5).what, 5);
	assert_int_equal(claim_map_find(m, 0).uid, 0);
	claim_map_free(m);
}

/* Ethernet, IPv4 10.0.0.1 > 198.51.100.1, TCP SYN, once with a VLAN tag: bytes from the header. */
static void frames_become_flows_when_the_lane_is_flushed(void **state)
{
	static const uint8_t syn[] = {
		0,    0, 0,   0,  0,	1,    0,    0,	  0,	0,    0, 2, 0x08, 0x00,
		0x45, 0, 0,   40, 0,	0,    0x40, 0,	  64,	6,    0, 0, 10,	  0,
		0,    1, 198, 51, 100,	1,    0x9c, 0x40, 0x11, 0x5c, 0, 0, 0,	  1,
		0,    0, 0,   0,  0x50, 0x02, 0xff, 0xff, 0,	0,    0, 0,
	};
	struct lanes *lanes = new_lanes();
	struct frame frame = {.when = NS_PER_SEC,
			      .bytes = syn,
			      .captured = sizeof(syn),
			      .length = sizeof(syn),
			      .link = LINK_ETHERNET};
	const struct timeline *t;

	(void)state;
	lanes_frame(lanes, &frame);
	assert_null(group(lanes, GROUP_ADDRESS));
	lanes_flush(lanes);
	t = group(lanes, GROUP_ADDRESS);
	assert_non_null(t);
	assert_int_equal(t->key.port, 4444);
	assert_int_equal(t->out_bytes, 40);
	assert_int_equal(t->unanswered, 1);
	assert_int_equal(lanes_coverage(lanes).frames, 1);
	assert_int_equal(lanes_coverage(lanes).decoded[DECODE_OK], 1);
	lanes_free(lanes);
}

/* A finished one has let go of its tables, and still knows all that it has seen. */
static void what_was_seen_stays_when_all_is_finished(void **state)
{
	static const uint8_t query[] = {0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'a', 0, 0, 1, 0, 1};
	struct lanes *flushed = new_lanes(), *finished = new_lanes();
	struct coverage before, after;

	(void)state;
	say_over_udp(flushed, 53, query, sizeof(query));
	say_over_udp(finished, 53, query, sizeof(query));
	lanes_claim(flushed, &(struct input_claim){.uid = 7, .name = "a", .name_len = 1});
	lanes_claim(finished, &(struct input_claim){.uid = 7, .name = "a", .name_len = 1});
	lanes_finish(finished);
	lanes_finish(finished); /* once is enough */
	before = lanes_coverage(flushed);
	after = lanes_coverage(finished);
	assert_int_equal(after.flows, 1);
	assert_memory_equal(&before, &after, sizeof(before));
	assert_int_equal(group(finished, GROUP_ADDRESS)->dns, 1);
	lanes_free(finished);
	lanes_free(flushed);
}

/* Everything is asked of every call, and a look-up needs no call. */
static void listed_places_are_marked(void **state)
{
	static const char list[] = "203.0.113.7\nbad.example\n";
	struct home home = home_default();
	struct intel *intel = intel_new(&home, 1 << 20);
	struct lanes *lanes = new_lanes();
	const struct address host = v4(10, 0, 0, 1), other = v4(10, 0, 0, 2);
	const struct address listed = v4(203, 0, 113, 7), fine = v4(198, 51, 100, 1);
	struct flow first = flow_between(host, listed, 5 * NS_PER_SEC);
	struct flow second = flow_between(host, fine, 6 * NS_PER_SEC);
	const struct input_lookup named = {
		.when = NS_PER_SEC, .client = other, .name = "x.bad.example", .name_len = 13};
	const struct input_lookup outsider = {.when = NS_PER_SEC,
					      .client = v4(8, 8, 8, 8),
					      .name = "x.bad.example",
					      .name_len = 13};
	const struct input_lookup answered = {.when = NS_PER_SEC,
					      .client = host,
					      .name = "fine.example",
					      .name_len = 12,
					      .addresses = &fine,
					      .address_count = 1};
	const struct timeline *t;
	struct complaint why;

	(void)state;
	assert_int_equal(intel_load_text(&(struct intel_reader){.intel = intel}, "l", list,
					 strlen(list), &why),
			 0);
	assert_true(lanes_use_intel(lanes, intel));
	lanes_lookup(lanes, &named);
	lanes_lookup(lanes, &outsider); /* not of the fleet */
	lanes_lookup(lanes, &answered);
	lanes_flow(lanes, &first);
	lanes_flow(lanes, &second);
	assert_int_equal(lanes_coverage(lanes).timelines.groups, 4);
	t = group(lanes, GROUP_LOOKUP);
	assert_true(address_equal(&t->key.host, &other));
	assert_string_equal(intel_get(intel, t->listed).text, "bad.example");
	assert_int_equal(t->calls, 1);
	for (size_t i = 0; i < LANES; i++) {
		const struct timeline_table *table = lane_timelines(lanes_get(lanes, i));

		for (size_t n = 0; n < timeline_count(table); n++) {
			t = timeline_get(table, n);
			if (t->key.grouping == GROUP_LOOKUP)
				continue;
			assert_int_equal(t->listed_calls,
					 address_equal(&t->last.dst, &listed) ? 1 : 0);
		}
	}
	lanes_free(lanes);
	intel_free(intel);
}

static struct text text(const char *words)
{
	return (struct text){words, strlen(words)};
}

/* What ssl and http rows say of client, certificate and page; a later row may be the listed one. */
static void rows_tell_of_client_certificate_and_page(void **state)
{
	static const char list[] = "http://bad.example/x\n";
	struct home home = home_default();
	struct intel *intel = intel_new(&home, 1 << 20);
	struct lanes *lanes = new_lanes();
	struct flow tls = flow_between(v4(10, 0, 0, 1), v4(198, 51, 100, 1), 5 * NS_PER_SEC);
	struct flow http = flow_between(v4(10, 0, 0, 1), v4(198, 51, 100, 2), 5 * NS_PER_SEC);
	const struct string_table *names;
	const struct timeline *t;
	struct complaint why;

	(void)state;
	assert_int_equal(intel_load_text(&(struct intel_reader){.intel = intel}, "l", list,
					 strlen(list), &why),
			 0);
	assert_true(lanes_use_intel(lanes, intel));
	tls.uid = 7;
	http.uid = 8;
	lanes_claim(lanes,
		    &(struct input_claim){.uid = 7,
					  .name = "a.example",
					  .name_len = 9,
					  .app = APP_TLS,
					  .claims = CLAIM_CERTIFICATE | CLAIM_SELF_SIGNED,
					  .ja4 = text("t13d1516h2_8daaf6152771_e5627efa2ab1")});
	lanes_flow(lanes, &tls);
	t = find_group(lanes, GROUP_ADDRESS, 0, &names);
	assert_non_null(t);
	assert_int_equal(t->claims, CLAIM_CERTIFICATE | CLAIM_SELF_SIGNED);
	assert_true(t->fingerprint != 0);
	assert_int_equal(t->listed, 0);
	lanes_free(lanes);
	lanes = new_lanes();
	assert_true(lanes_use_intel(lanes, intel));
	for (int i = 0; i < 2; i++)
		lanes_claim(lanes, &(struct input_claim){.uid = 8,
							 .name = "bad.example",
							 .name_len = 11,
							 .app = APP_HTTP,
							 .agent = text("curl/8"),
							 .host = text("bad.example"),
							 .uri = text(i ? "/x?y" : "/first")});
	lanes_flow(lanes, &http);
	t = find_group(lanes, GROUP_ADDRESS, 0, &names);
	assert_string_equal(string_table_get(names, t->names[0]), "bad.example");
	assert_int_not_equal(t->listed, 0);
	assert_string_equal(intel_get(intel, t->listed).text, "bad.example/x");
	lanes_free(lanes);
	intel_free(intel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_leaves_the_fleet_is_filed),
		cmocka_unit_test(hosts_of_one_network_share_the_lanes),
		cmocka_unit_test(hosts_of_the_fleet_announce_themselves),
		cmocka_unit_test(what_a_server_serves_is_told_of_all_who_call),
		cmocka_unit_test(a_lookup_names_later_calls_of_that_host_only),
		cmocka_unit_test(a_claim_is_joined_by_uid_and_wins_over_dns),
		cmocka_unit_test(a_name_is_confirmed_by_its_own_lookup_only),
		cmocka_unit_test(a_port_is_believed_when_its_protocol_is_spoken),
		cmocka_unit_test(the_destination_behind_a_proxy_is_the_destination),
		cmocka_unit_test(each_request_through_a_proxy_is_a_call_of_its_own),
		cmocka_unit_test(only_what_was_answered_stands),
		cmocka_unit_test(a_full_claim_map_turns_newcomers_away),
		cmocka_unit_test(frames_become_flows_when_the_lane_is_flushed),
		cmocka_unit_test(listed_places_are_marked),
		cmocka_unit_test(rows_tell_of_client_certificate_and_page),
		cmocka_unit_test(what_was_seen_stays_when_all_is_finished),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
