/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets within packets.  What comes before the inner packet is written in hex
 * from the RFCs' drawings, header by header; test/conformance compares with
 * another decoder on real captures.
 */
#include "unit.h"

#include "wrap.h"

#include <netinet/in.h>

/* What of a layer is told apart here. */
struct layer {
	uint8_t version, src, dst, proto; /* 10.0.0.src or 2001:db8::src */
	uint16_t dst_port;
	uint8_t inside, carries;
	uint32_t network;
};

#define INNER(inside, network)                                                                     \
	{                                                                                          \
		4, 1, 2, IPPROTO_TCP, 443, inside, TUNNEL_NONE, network                            \
	}

static void assert_layers(const char *what, const struct packet *got, unsigned count,
			  const struct layer *want, unsigned want_count)
{
	if (count != want_count)
		fail_msg("%s: %u layers, not %u", what, count, want_count);
	for (unsigned i = 0; i < count; i++) {
		struct layer l = {got[i].tuple.src.version,
				  got[i].tuple.src.bytes[15],
				  got[i].tuple.dst.bytes[15],
				  got[i].tuple.proto,
				  got[i].tuple.dst_port,
				  got[i].inside,
				  got[i].carries,
				  got[i].tuple.network};

		if (l.version != want[i].version || l.src != want[i].src || l.dst != want[i].dst ||
		    l.proto != want[i].proto || l.dst_port != want[i].dst_port ||
		    l.inside != want[i].inside || l.carries != want[i].carries ||
		    l.network != want[i].network)
			fail_msg("%s: layer %u is %u %u>%u %u port %u inside %u carries %u network "
				 "%x",
				 what, i, l.version, l.src, l.dst, l.proto, l.dst_port, l.inside,
				 l.carries, l.network);
		assert_true(got[i].payload_bytes <= got[i].bytes);
	}
}

/* Outer layers are the same however little was captured, and no byte beyond is looked at. */
static void assert_cuts(const char *what, const struct wrap *w, uint32_t link)
{
	struct packet whole[PACKET_LAYERS_MAX], cut[PACKET_LAYERS_MAX];
	struct frame frame = wrap_frame(w, link);
	unsigned whole_count, count;

	(void)!decode_frame(&frame, whole, &whole_count);
	for (uint32_t n = 0; n < frame.length; n++) {
		uint8_t *few = malloc(n ? n : 1); /* so that a sanitizer sees one byte too far */
		struct frame part = frame;

		assert_non_null(few);
		memcpy(few, frame.bytes, n);
		part.bytes = few;
		part.captured = n;
		(void)!decode_frame(&part, cut, &count);
		if (count > whole_count)
			fail_msg("%s: %u layers of %u when cut at %u", what, count, whole_count, n);
		for (unsigned i = 0; i < count; i++)
			if (memcmp(&cut[i].tuple, &whole[i].tuple, sizeof(struct tuple)) != 0 ||
			    cut[i].bytes != whole[i].bytes || cut[i].inside != whole[i].inside ||
			    cut[i].payload_bytes != whole[i].payload_bytes)
				fail_msg("%s: layer %u is another when cut at %u", what, i, n);
		free(few);
	}
}

/* The packet inside: TCP from 10.0.0.1 to 10.0.0.2, port 443. */
static struct wrap inner(void)
{
	struct wrap w = wrap_text("hello");

	wrap_tcp(&w, 50001, 443);
	wrap_ip4(&w, IPPROTO_TCP, 1, 2);
	return w;
}

static void links_lead_to_ip(void **state)
{
	static const struct {
		const char *what;
		uint32_t link;
		const char *hex;
	} cases[] = {
#define MAC "020000000002 020000000001 "
		{"802.1ah", LINK_ETHERNET, MAC "88e7 00000064 " MAC "0800"},
		{"802.1ah in a tag", LINK_ETHERNET,
		 MAC "88a8 0064 88e7 00000064 " MAC "8100 0001 0800"},
		{"MPLS", LINK_ETHERNET, MAC "8847 00064140"},
		{"MPLS, three labels", LINK_ETHERNET, MAC "8847 00064040 00065040 00066140"},
		{"MPLS, upstream", LINK_ETHERNET, MAC "8848 00064140"},
		{"MPLS, pseudowire with control word", LINK_ETHERNET,
		 MAC "8847 00064140 00000000 " MAC "0800"},
		{"MPLS, pseudowire without", LINK_ETHERNET, MAC "8847 00064140 " MAC "0800"},
		{"MPLS, pseudowire to a station 4x", LINK_ETHERNET,
		 MAC "8847 00064140 460000000002 020000000001 0800"},
		{"MPLS, pseudowire to a station 6x", LINK_ETHERNET,
		 MAC "8847 00064140 66000000fe02 020000000001 0800"},
		{"MPLS alone", LINK_MPLS, "00064140"},
		{"PPPoE", LINK_ETHERNET, MAC "8864 1100 0001 002f 0021"},
		{"PPPoE in a tag", LINK_ETHERNET, MAC "8100 0007 8864 1100 0001 002f 0021"},
		{"PPPoE, protocol of one byte", LINK_ETHERNET, MAC "8864 1100 0001 002e 21"},
		{"PPP, MPLS", LINK_PPP, "ff03 0281 00064140"},
		{"PPP", LINK_PPP, "ff03 0021"},
		{"PPP without address", LINK_PPP, "0021"},
		{"PPP with direction", LINK_PPP_DIRECTION, "01 ff03 0021"},
		{"PPP in HDLC", LINK_PPP_HDLC, "ff03 0021"},
		{"Cisco in PPP's link type", LINK_PPP_HDLC, "0f00 0800"},
		{"PPPoE alone", LINK_PPP_ETHER, "1100 0001 002f 0021"},
		{"Cisco HDLC", LINK_CISCO_HDLC, "0f00 0800"},
		{"Cisco HDLC, multicast", LINK_CISCO_HDLC, "8f00 0800"},
		{"SNAP", LINK_ETHERNET, MAC "0035 aaaa03 000000 0800"},
		{"SNAP of a bridge", LINK_ETHERNET, MAC "0035 aaaa03 0000f8 0800"},
		{"tag in SNAP", LINK_ETHERNET, MAC "0039 aaaa03 000000 8100 0064 0800"},
		{"SNAP in a tag", LINK_ETHERNET, MAC "8100 0064 0035 aaaa03 000000 0800"},
		{"IP's own LLC", LINK_ETHERNET, MAC "0030 060603"},
		{"LLC alone", LINK_LLC, "aaaa03 000000 0800"},
		{"TrustSec", LINK_ETHERNET, MAC "8909 0101 0001 0007 0800"},
		{"VNTag", LINK_ETHERNET, MAC "8926 80010002 0800"},
		{"VNTag and tag", LINK_ETHERNET, MAC "8926 80010002 8100 0064 0800"},
		{"E-Tag", LINK_ETHERNET, MAC "893f 000000010000 0800"},
		{"NSH", LINK_ETHERNET,
		 MAC "894f 0fc6 01 01 000001ff "
		     "00000000 00000000 00000000 00000000"},
		{"NSH, Ethernet", LINK_ETHERNET, MAC "894f 0fc2 02 03 000001ff " MAC "0800"},
		{"MACsec, signed", LINK_ETHERNET, MAC "88e5 0000 00000001 0800"},
		{"MACsec, signed, channel", LINK_ETHERNET,
		 MAC "88e5 2000 00000001 0200000000020001 0800"},
		{"802.11 to the access point", LINK_WIFI,
		 "0801 0000 020000000003 020000000001 020000000002 1000 aaaa03 000000 0800"},
		{"802.11 with QoS", LINK_WIFI,
		 "8802 0000 020000000001 020000000003 020000000002 1000 0000 aaaa03 000000 0800"},
		{"802.11 with four addresses, QoS, HT", LINK_WIFI,
		 "8883 0000 020000000001 020000000003 020000000002 1000 020000000004 0000 00000000"
		 "aaaa03 000000 0800"},
		{"radiotap", LINK_RADIOTAP,
		 "0000 0800 00000000"
		 "0801 0000 020000000003 020000000001 020000000002 1000 aaaa03 000000 0800"},
		{"radiotap, time, flags: QoS header padded", LINK_RADIOTAP,
		 "0000 1900 030000a0 00000020 00000000 0102030405060708 20"
		 "8801 0000 020000000003 020000000001 020000000002 1000 0000 ffff aaaa03 000000 "
		 "0800"},
	};
	static const struct layer want[] = {INNER(TUNNEL_NONE, 0)};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct packet got[PACKET_LAYERS_MAX];
		struct wrap w = inner();
		struct frame frame;
		unsigned count;

		wrap_hex(&w, cases[i].hex);
		frame = wrap_frame(&w, cases[i].link);
		if (decode_frame(&frame, got, &count) != DECODE_OK)
			fail_msg("%s does not lead to IP", cases[i].what);
		assert_layers(cases[i].what, got, count, want, 1);
		assert_int_equal(got[0].payload_bytes, 5);
		assert_memory_equal(got[0].payload, "hello", 5);
		assert_cuts(cases[i].what, &w, cases[i].link);
	}
}

static void what_is_hidden_says_so(void **state)
{
	static const struct {
		const char *what;
		uint32_t link;
		enum decode_verdict verdict;
		const char *hex;
	} cases[] = {
		{"MACsec, encrypted", LINK_ETHERNET, DECODE_UNSUPPORTED, MAC "88e5 0c00 00000001"},
		{"802.11, encrypted", LINK_WIFI, DECODE_UNSUPPORTED,
		 "0841 0000 020000000003 020000000001 020000000002 1000 0000002000000000"},
		{"802.11, a second fragment", LINK_WIFI, DECODE_UNSUPPORTED,
		 "0801 0000 020000000003 020000000001 020000000002 1100"},
		{"802.11, aggregate", LINK_WIFI, DECODE_UNSUPPORTED,
		 "8801 0000 020000000003 020000000001 020000000002 1000 8000"},
		{"802.11, no data", LINK_WIFI, DECODE_NOT_IP,
		 "4801 0000 020000000003 020000000001 020000000002 1000"},
		{"PPP, multilink", LINK_PPP, DECODE_UNSUPPORTED, "ff03 003d c0000000"},
		{"PPP, LCP", LINK_PPP, DECODE_NOT_IP, "ff03 c021"},
		{"Cisco keepalive", LINK_CISCO_HDLC, DECODE_NOT_IP, "8f00 8035"},
		{"PPPoE, discovery", LINK_PPP_ETHER, DECODE_NOT_IP, "1109 0000 0004 01010000"},
		{"NSH, too short for itself", LINK_ETHERNET, DECODE_MALFORMED,
		 MAC "894f 0fc1 02 01 000001ff"},
		{"NSH, experiment", LINK_ETHERNET, DECODE_NOT_IP, MAC "894f 0fc2 02 fe 000001ff"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct packet got[PACKET_LAYERS_MAX];
		struct wrap w = inner();
		struct frame frame;
		unsigned count;
		enum decode_verdict v;

		wrap_hex(&w, cases[i].hex);
		frame = wrap_frame(&w, cases[i].link);
		v = decode_frame(&frame, got, &count);
		if (v != cases[i].verdict || count != 0)
			fail_msg("%s: verdict %d, %u layers", cases[i].what, v, count);
		assert_cuts(cases[i].what, &w, cases[i].link);
	}
}

/* `proto` and `port` are the outside's; it goes from 10.0.0.3 to 10.0.0.4. */
struct tunnel_case {
	const char *what;
	uint8_t proto;
	uint16_t port;
	const char *hex;
	uint8_t kind;
	uint32_t network;
};

static struct wrap outside(struct wrap w, uint8_t proto, uint16_t port)
{
	if (proto == IPPROTO_UDP)
		wrap_udp(&w, 50000, port);
	wrap_ip4(&w, proto, 3, 4);
	return w;
}

static void tunnels_are_opened(void **state)
{
#define NET(kind, id) ((uint32_t)(kind) << 24 | (id))
	static const struct tunnel_case cases[] = {
		{"IP in IP", 4, 0, "", TUNNEL_IP, 0},
		{"GRE", 47, 0, "0000 0800", TUNNEL_GRE, 0},
		{"GRE, checksum", 47, 0, "8000 0800 1234 0000", TUNNEL_GRE, 0},
		{"GRE, key", 47, 0, "2000 0800 00000007", TUNNEL_GRE, 0},
		{"GRE, all", 47, 0, "b000 0800 1234 0000 00000007 00000001", TUNNEL_GRE, 0},
		{"GRE, routes", 47, 0, "4000 0800 0000 0000 0800 0004 0a000005 00000000",
		 TUNNEL_GRE, 0},
		{"GRE, bridged", 47, 0, "0000 6558 " MAC "0800", TUNNEL_GRE, 0},
		{"GRE, bridged, tag", 47, 0, "0000 6558 " MAC "8100 0064 0800", TUNNEL_GRE, 0},
		{"GRE, MPLS", 47, 0, "0000 8847 00064140", TUNNEL_GRE, 0},
		{"GRE, NSH", 47, 0, "0000 894f 0fc2 02 01 000001ff", TUNNEL_GRE, 0},
		{"GRE, WCCP", 47, 0, "0000 883e", TUNNEL_GRE, 0},
		{"GRE, WCCP 2", 47, 0, "0000 883e 00000000", TUNNEL_GRE, 0},
		{"GRE, 802.11", 47, 0,
		 "0000 8200 8801 0000 020000000003 020000000001 020000000002 1000 0000"
		 "aaaa03 000000 0800",
		 TUNNEL_GRE, 0},
		{"GRE over UDP", 17, 4754, "0000 0800", TUNNEL_GRE, 0},
		{"NVGRE", 47, 0, "2000 6558 00abcd 01 " MAC "0800", TUNNEL_GRE,
		 NET(TUNNEL_GRE, 0xabcd)},
		{"PPTP", 47, 0, "3001 880b 0031 0007 00000001 ff03 0021", TUNNEL_GRE, 0},
		{"PPTP, receipt", 47, 0, "3081 880b 002f 0007 00000001 00000001 0021", TUNNEL_GRE,
		 0},
		{"ERSPAN I", 47, 0, "0000 88be " MAC "0800", TUNNEL_ERSPAN, 0},
		{"ERSPAN II", 47, 0, "1000 88be 00000001 10640001 00000002 " MAC "0800",
		 TUNNEL_ERSPAN, 0},
		{"ERSPAN III", 47, 0, "1000 22eb 00000001 20640001 00000000 00000000 " MAC "0800",
		 TUNNEL_ERSPAN, 0},
		{"ERSPAN III, more", 47, 0,
		 "1000 22eb 00000001 20640001 00000000 00000001 0000000000000000 " MAC "0800",
		 TUNNEL_ERSPAN, 0},
		{"ERSPAN III, IP", 47, 0, "1000 22eb 00000001 20640001 00000000 00000800",
		 TUNNEL_ERSPAN, 0},
		{"VXLAN", 17, 4789, "08000000 01e24000 " MAC "0800", TUNNEL_VXLAN,
		 NET(TUNNEL_VXLAN, 123456)},
		{"VXLAN, Linux's port", 17, 8472, "08000000 00000100 " MAC "0800", TUNNEL_VXLAN,
		 NET(TUNNEL_VXLAN, 1)},
		{"VXLAN, tag", 17, 4789, "08000000 00000100 " MAC "8100 0064 0800", TUNNEL_VXLAN,
		 NET(TUNNEL_VXLAN, 1)},
		{"VXLAN-GPE", 17, 4790, "0c000001 00000200", TUNNEL_VXLAN, NET(TUNNEL_VXLAN, 2)},
		{"VXLAN-GPE, Ethernet", 17, 4790, "0c000003 00000200 " MAC "0800", TUNNEL_VXLAN,
		 NET(TUNNEL_VXLAN, 2)},
		{"VXLAN-GPE, NSH", 17, 4790, "0c000004 00000200 0fc2 02 03 000001ff " MAC "0800",
		 TUNNEL_VXLAN, NET(TUNNEL_VXLAN, 2)},
		{"VXLAN-GPE, MPLS", 17, 4790, "0c000005 00000200 00064140", TUNNEL_VXLAN,
		 NET(TUNNEL_VXLAN, 2)},
		{"Geneve", 17, 6081, "0000 6558 00000300 " MAC "0800", TUNNEL_GENEVE,
		 NET(TUNNEL_GENEVE, 3)},
		{"Geneve, options, IP", 17, 6081, "0300 0800 00000300 0108 0101 00000001 0108 0200",
		 TUNNEL_GENEVE, NET(TUNNEL_GENEVE, 3)},
		{"GTP-U", 17, 2152, "30ff 002d 00000001", TUNNEL_GTP, 0},
		{"GTP-U, sequence", 17, 2152, "32ff 0031 00000001 0001 00 00", TUNNEL_GTP, 0},
		{"GTP-U, two extensions", 17, 2152,
		 "34ff 003d 00000001 0000 00 85 01 0009 c0 02 000000000000 00", TUNNEL_GTP, 0},
		{"L2TP", 17, 1701, "0002 0001 0002 ff03 0021", TUNNEL_L2TP, 0},
		{"L2TP, all", 17, 1701, "4a02 0041 0001 0002 0000 0000 0002 ffff ff03 0021",
		 TUNNEL_L2TP, 0},
		{"L2TP 3", 17, 1701, "0003 0000 00000007 " MAC "0800", TUNNEL_L2TP, 0},
		{"L2TP 3, cookie and sublayer", 17, 1701,
		 "0003 0000 00000007 1122334455667788 00000000 " MAC "0800", TUNNEL_L2TP, 0},
		{"L2TP 3 over IP", 115, 0, "00000007 11223344 " MAC "8100 0064 0800", TUNNEL_L2TP,
		 0},
		{"L2TP 3 over IP, PPP", 115, 0, "00000007 11223344 ff03 0021", TUNNEL_L2TP, 0},
		{"MPLS over UDP", 17, 6635, "00064140", TUNNEL_MPLS, 0},
		{"MPLS over IP", 137, 0, "00064140", TUNNEL_MPLS, 0},
		{"IP in IP behind a signature", 51, 0,
		 "0404 0000 00000001 00000001 "
		 "000000000000000000000000",
		 TUNNEL_IP, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct tunnel_case *c = &cases[i];
		struct layer want[] = {
			{4, 3, 4, c->proto == 51 ? 4 : c->proto, c->port, TUNNEL_NONE, c->kind, 0},
			INNER(c->kind, c->network),
		};
		struct packet got[PACKET_LAYERS_MAX];
		struct wrap w = inner();
		struct frame frame;
		unsigned count;

		wrap_hex(&w, c->hex);
		w = outside(w, c->proto, c->port);
		frame = wrap_frame(&w, LINK_RAW);
		if (decode_frame(&frame, got, &count) != DECODE_OK)
			fail_msg("%s is not opened", c->what);
		assert_layers(c->what, got, count, want, 2);
		assert_int_equal(got[0].bytes, frame.length);
		assert_int_equal(got[1].bytes, 45);
		assert_memory_equal(got[1].payload, "hello", 5);
		/* the outside's payload is the inside, to the end */
		assert_ptr_equal(got[0].payload + got[0].payload_captured, w.room + WRAP_SIZE);
		assert_cuts(c->what, &w, LINK_RAW);
	}
}

static void ip_in_ip_all_four_ways(void **state)
{
	(void)state;
	for (int way = 0; way < 4; way++) {
		uint8_t in = way & 1 ? 6 : 4, out = way & 2 ? 6 : 4, proto = in == 6 ? 41 : 4;
		struct layer want[] = {{out, 3, 4, proto, 0, TUNNEL_NONE, TUNNEL_IP, 0},
				       {in, 1, 2, IPPROTO_UDP, 53, TUNNEL_IP, TUNNEL_NONE, 0}};
		struct packet got[PACKET_LAYERS_MAX];
		struct wrap w = wrap_text("x");
		struct frame frame;
		unsigned count;

		wrap_udp(&w, 50000, 53);
		(in == 6 ? wrap_ip6 : wrap_ip4)(&w, IPPROTO_UDP, 1, 2);
		(out == 6 ? wrap_ip6 : wrap_ip4)(&w, proto, 3, 4);
		frame = wrap_frame(&w, LINK_RAW);
		assert_int_equal(decode_frame(&frame, got, &count), DECODE_OK);
		assert_layers("IP in IP", got, count, want, 2);
	}
}

static void teredo_is_opened(void **state)
{
	static const char *const before[] = {
		"",
		"0000 b1c2 f5fffffb",
		"0001 00 00 1122334455667788 00",
		"0001 02 01 6162 63 1122334455667788 00",
		"0001 00 00 1122334455667788 00 0000 b1c2 f5fffffb",
	};
	static const struct layer want[] = {
		{4, 3, 4, IPPROTO_UDP, 3544, TUNNEL_NONE, TUNNEL_TEREDO, 0},
		{6, 1, 2, IPPROTO_UDP, 53, TUNNEL_TEREDO, TUNNEL_NONE, 0}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(before); i++) {
		struct packet got[PACKET_LAYERS_MAX];
		struct wrap w = wrap_text("x");
		struct frame frame;
		unsigned count;

		wrap_udp(&w, 50000, 53);
		wrap_ip6(&w, IPPROTO_UDP, 1, 2);
		wrap_hex(&w, before[i]);
		w = outside(w, IPPROTO_UDP, 3544);
		frame = wrap_frame(&w, LINK_RAW);
		assert_int_equal(decode_frame(&frame, got, &count), DECODE_OK);
		assert_layers("Teredo", got, count, want, 2);
		assert_cuts("Teredo", &w, LINK_RAW);
	}
}

/* Traffic mirrored by a cloud through a load balancer. */
static void geneve_carries_vxlan(void **state)
{
	static const struct layer want[] = {
		{4, 5, 6, IPPROTO_UDP, 6081, TUNNEL_NONE, TUNNEL_GENEVE, 0},
		{4, 3, 4, IPPROTO_UDP, 4789, TUNNEL_GENEVE, TUNNEL_VXLAN, NET(TUNNEL_GENEVE, 9)},
		INNER(TUNNEL_VXLAN, NET(TUNNEL_VXLAN, 77)),
	};
	struct packet got[PACKET_LAYERS_MAX];
	struct wrap w = inner();
	struct frame frame;
	unsigned count;

	(void)state;
	wrap_vxlan(&w, 77, 3, 4);
	wrap_hex(&w, "0800 0800 00000900 0108 0102 0000000000000001 0108 0202 0000000000000002"
		     "0108 0301 00000003");
	wrap_udp(&w, 60000, 6081);
	wrap_ip4(&w, IPPROTO_UDP, 5, 6);
	wrap_ethernet(&w, 0x0800);
	frame = wrap_frame(&w, LINK_ETHERNET);
	assert_int_equal(decode_frame(&frame, got, &count), DECODE_OK);
	assert_layers("Geneve(VXLAN)", got, count, want, 3);
	assert_cuts("Geneve(VXLAN)", &w, LINK_ETHERNET);
}

static void the_same_addresses_in_two_networks_differ(void **state)
{
	struct packet got[3][PACKET_LAYERS_MAX];
	unsigned count;

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		struct wrap w = inner();
		struct frame frame;

		wrap_vxlan(&w, i == 2 ? 0 : i, 3, 4);
		frame = wrap_frame(&w, LINK_RAW);
		assert_int_equal(decode_frame(&frame, got[i], &count), DECODE_OK);
		assert_int_equal(count, 2);
	}
	assert_memory_not_equal(&got[0][1].tuple, &got[1][1].tuple, sizeof(struct tuple));
	assert_memory_equal(&got[0][1].tuple, &got[2][1].tuple, sizeof(struct tuple));
	assert_memory_equal(&got[0][0].tuple, &got[1][0].tuple, sizeof(struct tuple));
}

/* A port is a hint only; a protocol number is not. */
static void what_is_no_tunnel_stays_what_it_was(void **state)
{
	static const struct {
		const char *what;
		uint8_t proto;
		uint16_t port;
		enum decode_verdict verdict;
		uint8_t carries;
		const char *hex;
	} cases[] = {
		{"VXLAN with ARP", 17, 4789, DECODE_OK, TUNNEL_NONE,
		 "08000000 00000100 " MAC "0806 0001 0800 0604 0001"},
		{"VXLAN without its flag", 17, 4789, DECODE_OK, TUNNEL_NONE,
		 "00000000 00000100 " MAC "0800"},
		{"text to VXLAN's port", 17, 4789, DECODE_OK, TUNNEL_NONE, "68656c6c6f"},
		{"nothing to Geneve's port", 17, 6081, DECODE_OK, TUNNEL_NONE, ""},
		{"GTP, echo", 17, 2152, DECODE_OK, TUNNEL_NONE, "3201 0004 00000000 0001 0000"},
		{"L2TP, control", 17, 1701, DECODE_OK, TUNNEL_NONE,
		 "c802 000c 0001 0000 0001 0001"},
		{"IPv6 without its length at Teredo's port", 17, 3544, DECODE_OK, TUNNEL_NONE,
		 "60000000 ffff 1140"},
		{"GRE with ARP", 47, 0, DECODE_OK, TUNNEL_GRE, "0000 0806 0001 0800 0604 0001"},
		{"GRE, keepalive", 47, 0, DECODE_OK, TUNNEL_GRE, "0000 0000"},
		{"GRE of a version to come", 47, 0, DECODE_UNSUPPORTED, TUNNEL_GRE, "0002 0800"},
		{"GRE cut short", 47, 0, DECODE_MALFORMED, TUNNEL_GRE, "b000 0800"},
		{"GRE with half a packet", 47, 0, DECODE_MALFORMED, TUNNEL_GRE, "0000 0800 4500"},
		{"IP in IP that is none", 4, 0, DECODE_MALFORMED, TUNNEL_IP, "5500"},
		{"VXLAN with a broken packet", 17, 4789, DECODE_MALFORMED, TUNNEL_VXLAN,
		 "08000000 00000100 " MAC "0800"
		 "4500 0015 0000 0000 4006 0000 0a000001 0a000002 00"},
		{"ERSPAN III, other frames", 47, 0, DECODE_UNSUPPORTED, TUNNEL_ERSPAN,
		 "1000 22eb 00000001 20640001 00000000 00000400"},
		{"L2TP 3, not told", 115, 0, DECODE_UNSUPPORTED, TUNNEL_L2TP, "00000007 11223344"},
		{"L2TP 3, control", 115, 0, DECODE_OK, TUNNEL_L2TP, "00000000 c803 0014"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct layer want[] = {
			{4, 3, 4, cases[i].proto, cases[i].port, TUNNEL_NONE, cases[i].carries, 0}};
		struct packet got[PACKET_LAYERS_MAX];
		struct wrap w = wrap_text("");
		struct frame frame;
		size_t payload;
		unsigned count;
		enum decode_verdict v;

		wrap_hex(&w, cases[i].hex);
		payload = wrap_len(&w);
		w = outside(w, cases[i].proto, cases[i].port);
		frame = wrap_frame(&w, LINK_RAW);
		v = decode_frame(&frame, got, &count);
		if (v != cases[i].verdict)
			fail_msg("%s: verdict %d", cases[i].what, v);
		/* the broken packet has addresses */
		assert_int_equal(count, cases[i].carries == TUNNEL_VXLAN ? 2 : 1);
		assert_layers(cases[i].what, got, 1, want, 1);
		assert_int_equal(got[0].payload_bytes, payload);
		assert_int_equal(got[0].payload_captured, payload);
		assert_cuts(cases[i].what, &w, LINK_RAW);
	}
}

static void depth_has_an_end(void **state)
{
	struct packet got[PACKET_LAYERS_MAX];
	unsigned count;

	(void)state;
	for (unsigned layers = 1; layers <= 12; layers++) {
		for (int vxlan = 0; vxlan < 2; vxlan++) {
			struct wrap w = inner();
			struct frame frame;
			enum decode_verdict v;

			for (unsigned i = 1; i < layers; i++)
				if (vxlan)
					wrap_vxlan(&w, i, 3, 4);
				else
					wrap_ip4(&w, IPPROTO_IPIP, 3, 4);
			frame = wrap_frame(&w, LINK_RAW);
			v = decode_frame(&frame, got, &count);
			assert_int_equal(v, layers <= 8 ? DECODE_OK : DECODE_UNSUPPORTED);
			assert_int_equal(count, layers <= 8 ? layers : 8);
			assert_int_equal(got[count - 1].carries == TUNNEL_NONE, layers <= 8);
			assert_int_equal(got[0].bytes, frame.length);
		}
	}
}

/* Without IP there is no layer to count: the headers are. */
static void headers_have_an_end(void **state)
{
	struct packet got[PACKET_LAYERS_MAX];
	unsigned count;

	(void)state;
	for (unsigned headers = 30; headers <= 34; headers++) {
		struct wrap w = inner();
		struct frame frame;

		for (unsigned i = 0; i < headers; i++)
			wrap_hex(&w, i == 0 ? "88e7 00000001 " MAC "0800" : "88e7 00000001 " MAC);
		wrap_hex(&w, MAC);
		frame = wrap_frame(&w, LINK_ETHERNET);
		assert_int_equal(decode_frame(&frame, got, &count),
				 headers <= 32 ? DECODE_OK : DECODE_UNSUPPORTED);
		assert_int_equal(count, headers <= 32);

		/* behind a guess, it is not forgotten that there was more */
		w.at += 12; /* from the type on, as GRE has it */
		wrap_hex(&w, "0000");
		w = outside(w, IPPROTO_UDP, 4754);
		frame = wrap_frame(&w, LINK_RAW);
		assert_int_equal(decode_frame(&frame, got, &count),
				 headers <= 31 ? DECODE_OK : DECODE_UNSUPPORTED);
		assert_int_equal(count, headers <= 31 ? 2 : 1);
	}
}

/* Pseudowires that may be two things at each label must not double the work. */
static void guesses_within_guesses_are_bounded(void **state)
{
	struct packet got[PACKET_LAYERS_MAX];
	struct wrap w = wrap_text("");
	struct frame frame;
	unsigned count;

	(void)state;
	for (int i = 0; i < 150; i++)
		wrap_hex(&w, "00064140 00000000 " MAC "8847");
	wrap_hex(&w, MAC "8847");
	frame = wrap_frame(&w, LINK_ETHERNET);
	for (int i = 0; i < 100000; i++)
		assert_int_equal(decode_frame(&frame, got, &count), DECODE_UNSUPPORTED);
}

static void a_piece_inside_is_a_piece(void **state)
{
	static const struct layer want[] = {
		{4, 3, 4, IPPROTO_UDP, 4789, TUNNEL_NONE, TUNNEL_VXLAN, 0},
		{4, 1, 2, IPPROTO_UDP, 0, TUNNEL_VXLAN, TUNNEL_NONE, NET(TUNNEL_VXLAN, 5)}};
	struct packet got[PACKET_LAYERS_MAX];
	struct wrap w = wrap_text("12345678");
	struct frame frame;
	unsigned count;

	(void)state;
	wrap_ip4_piece(&w, IPPROTO_UDP, 1, 2, 0x2001);
	wrap_vxlan(&w, 5, 3, 4);
	frame = wrap_frame(&w, LINK_RAW);
	assert_int_equal(decode_frame(&frame, got, &count), DECODE_FRAGMENT);
	assert_layers("a piece", got, count, want, 2);
	assert_int_equal(got[1].fragment_at, 8);
	assert_true(got[1].more_fragments);
	assert_false(got[0].fragment);
	assert_memory_equal(got[1].payload, "12345678", 8);
}

/* A piece of an outside is not looked into: only the whole can be. */
static void a_piece_of_an_outside_is_not_opened(void **state)
{
	struct packet got[PACKET_LAYERS_MAX];
	struct wrap w = inner();
	struct frame frame;
	unsigned count;

	(void)state;
	wrap_ip4_piece(&w, IPPROTO_IPIP, 3, 4, 0x2000);
	frame = wrap_frame(&w, LINK_RAW);
	assert_int_equal(decode_frame(&frame, got, &count), DECODE_FRAGMENT);
	assert_int_equal(count, 1);
	assert_int_equal(got[0].carries, TUNNEL_NONE);
	assert_int_equal(got[0].payload_bytes, 45);
}

static void stamps_tell_copies(void **state)
{
	struct packet got[PACKET_LAYERS_MAX];
	struct wrap w = inner();
	struct frame frame = wrap_frame(&w, LINK_RAW);
	unsigned count;

	(void)state;
	assert_int_equal(decode_frame(&frame, got, &count), DECODE_OK);
	assert_int_equal(got[0].stamp, 0x1234abcd);
	assert_int_equal(got[0].tcp_urgent, 0);
	w.room[w.at + 20 + 13] |= TCP_URG;
	w.room[w.at + 20 + 19] = 3;
	assert_int_equal(decode_frame(&frame, got, &count), DECODE_OK);
	assert_int_equal(got[0].tcp_urgent, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(links_lead_to_ip),
		cmocka_unit_test(what_is_hidden_says_so),
		cmocka_unit_test(tunnels_are_opened),
		cmocka_unit_test(ip_in_ip_all_four_ways),
		cmocka_unit_test(teredo_is_opened),
		cmocka_unit_test(geneve_carries_vxlan),
		cmocka_unit_test(the_same_addresses_in_two_networks_differ),
		cmocka_unit_test(what_is_no_tunnel_stays_what_it_was),
		cmocka_unit_test(depth_has_an_end),
		cmocka_unit_test(headers_have_an_end),
		cmocka_unit_test(guesses_within_guesses_are_bounded),
		cmocka_unit_test(a_piece_inside_is_a_piece),
		cmocka_unit_test(a_piece_of_an_outside_is_not_opened),
		cmocka_unit_test(stamps_tell_copies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
