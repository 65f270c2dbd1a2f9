/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames are drawn by hand from the RFCs, header by header, and so are the
 * answers.  test/conformance compares with another decoder on real captures.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "net/packet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The innermost packet. */
static enum decode_verdict decode_one(const struct frame *frame, struct packet *out)
{
	struct packet layers[PACKET_LAYERS_MAX];
	unsigned count;
	enum decode_verdict v = decode_frame(frame, layers, &count);

	if (count)
		*out = layers[count - 1];
	return v;
}

#define MACS "020000000002 020000000001 "
#define ETH4 MACS "0800 "
#define ETH6 MACS "86dd "

/* version, length | id, flags | TTL, protocol, checksum | source | destination */
#define IP4(len, fragment, proto) "4500" len " 0001" fragment " 40" proto "0000 0a000001 c0000202 "
#define IP6(len, next)                                                                             \
	"60000000 " len next "40 20010db8000000000000000000000001 "                                \
	"20010db8000000000000000000000002 "

#define TCP(flags) "c000 01bb 11223344 55667788 50" flags " ffff 0000 0000 "
#define UDP(len)   "c000 0035 " len " 0000 "

struct sample {
	uint8_t *bytes; /* exactly as long as the frame: a sanitizer sees one byte too far */
	struct frame frame;
};

static struct sample draw(uint32_t link, const char *hex)
{
	struct sample s = {.bytes = malloc(strlen(hex) / 2 + 1)};
	uint32_t len = 0;

	assert_non_null(s.bytes);
	for (; *hex; hex++) {
		unsigned int byte;

		if (*hex == ' ')
			continue;
		assert_int_equal(sscanf(hex, "%2x", &byte), 1);
		s.bytes[len++] = (uint8_t)byte;
		hex++;
	}
	s.bytes = realloc(s.bytes, len ? len : 1);
	s.frame = (struct frame){
		.when = 7, .bytes = s.bytes, .captured = len, .length = len, .link = link};
	return s;
}

static enum decode_verdict verdict_of(uint32_t link, const char *hex)
{
	static const struct packet untouched = {.when = 99, .bytes = 98};
	struct packet p = untouched;
	struct sample s = draw(link, hex);
	enum decode_verdict v = decode_one(&s.frame, &p);

	if (v != DECODE_OK && v != DECODE_FRAGMENT && v != DECODE_MALFORMED)
		assert_memory_equal(&p, &untouched, sizeof(p));
	free(s.bytes);
	return v;
}

/* Decodes what must decode.  The payload pointer in the answer is not for use. */
static struct packet packet_of(uint32_t link, const char *hex)
{
	struct packet p;
	struct sample s = draw(link, hex);

	assert_int_equal(decode_one(&s.frame, &p), DECODE_OK);
	assert_int_equal(p.when, 7);
	assert_int_equal(p.tuple.zero, 0);
	if (p.payload)
		assert_true(p.payload + p.payload_captured <= s.bytes + s.frame.captured);
	else
		assert_int_equal(p.payload_captured, 0);
	free(s.bytes);
	return p;
}

static void assert_ends(const struct packet *p, const char *src, unsigned int src_port,
			const char *dst, unsigned int dst_port)
{
	char out[ADDRESS_TEXT_SIZE];

	assert_string_equal(address_text(&p->tuple.src, out), src);
	assert_string_equal(address_text(&p->tuple.dst, out), dst);
	assert_int_equal(p->tuple.src_port, src_port);
	assert_int_equal(p->tuple.dst_port, dst_port);
}

static void tcp_over_ipv4(void **state)
{
	struct packet p =
		packet_of(LINK_ETHERNET, ETH4 IP4("002b", "4000", "06") TCP("18") "616263");

	(void)state;
	assert_ends(&p, "10.0.0.1", 0xc000, "192.0.2.2", 443);
	assert_int_equal(p.tuple.proto, 6);
	assert_int_equal(p.bytes, 43);
	assert_int_equal(p.payload_bytes, 3);
	assert_int_equal(p.payload_captured, 3);
	assert_int_equal(p.tcp_seq, 0x11223344);
	assert_int_equal(p.tcp_flags, TCP_PSH | TCP_ACK);
	assert_false(p.fragment);
}

static void payload_points_at_the_payload(void **state)
{
	struct sample s = draw(LINK_RAW, IP4("001f", "0000", "11") UDP("000b") "616263");
	struct packet p;

	(void)state;
	assert_int_equal(decode_one(&s.frame, &p), DECODE_OK);
	assert_memory_equal(p.payload, "abc", 3);
	free(s.bytes);
}

static void ethernet_padding_is_not_payload(void **state)
{
	struct packet p =
		packet_of(LINK_ETHERNET, ETH4 IP4("0028", "0000", "06") TCP("10") "000000000000");

	(void)state;
	assert_int_equal(p.bytes, 40);
	assert_int_equal(p.payload_bytes, 0);
	assert_null(p.payload);
}

static void header_options_are_stepped_over(void **state)
{
	/* IHL 6 (a router alert), TCP offset 8 (timestamps), then two bytes */
	struct packet p =
		packet_of(LINK_RAW, "4600 003a 0001 0000 40 06 0000 0a000001 c0000202 94040000"
				    "c000 01bb 00000001 00000000 80 02 ffff 0000 0000"
				    "0101080a 00000001 00000000 4142");

	(void)state;
	assert_ends(&p, "10.0.0.1", 0xc000, "192.0.2.2", 443);
	assert_int_equal(p.bytes, 58);
	assert_int_equal(p.payload_bytes, 2);
	assert_int_equal(p.tcp_flags, TCP_SYN);
}

static void tcp_over_ipv6(void **state)
{
	struct packet p = packet_of(LINK_ETHERNET, ETH6 IP6("0017", "06") TCP("18") "616263 0000");

	(void)state;
	assert_ends(&p, "2001:db8::1", 0xc000, "2001:db8::2", 443);
	assert_int_equal(p.tuple.src.version, 6);
	assert_int_equal(p.bytes, 63);
	assert_int_equal(p.payload_bytes, 3);
	assert_int_equal(p.payload_captured, 3);
}

#define SMALL_UDP4 IP4("001c", "0000", "11") UDP("0008")
#define SMALL_UDP6 IP6("0008", "11") UDP("0008")
#define SLL	   "0000 0001 0006 0200000000010000 "

static void every_link_type_leads_to_ip(void **state)
{
	static const struct {
		uint32_t link;
		int version;
		const char *hex;
	} cases[] = {
		{LINK_ETHERNET, 4, ETH4 SMALL_UDP4},
		{LINK_ETHERNET, 6, ETH6 SMALL_UDP6},
		{LINK_ETHERNET, 4, MACS "8100 0064 0800" SMALL_UDP4},
		{LINK_ETHERNET, 6, MACS "88a8 0064 8100 00c8 86dd" SMALL_UDP6},
		{LINK_ETHERNET, 4, MACS "9100 0064 9100 0065 8100 00c8 0800" SMALL_UDP4},
		{LINK_ETHERNET, 4, MACS "0024 aaaa03 000000 0800" SMALL_UDP4},
		{LINK_RAW, 4, SMALL_UDP4},
		{LINK_RAW, 6, SMALL_UDP6},
		{LINK_RAW_OLD, 4, SMALL_UDP4},
		{LINK_RAW_BSD, 6, SMALL_UDP6},
		{LINK_IPV4, 4, SMALL_UDP4},
		{LINK_IPV6, 6, SMALL_UDP6},
		{LINK_NULL, 4, "02000000" SMALL_UDP4},
		{LINK_NULL, 4, "00000002" SMALL_UDP4},
		{LINK_NULL, 6, "1e000000" SMALL_UDP6},
		{LINK_NULL, 6, "0000001c" SMALL_UDP6},
		{LINK_LOOP, 4, "00000002" SMALL_UDP4},
		{LINK_LOOP, 6, "00000018" SMALL_UDP6},
		{LINK_LINUX_SLL, 4, SLL "0800" SMALL_UDP4},
		{LINK_LINUX_SLL, 6, SLL "86dd" SMALL_UDP6},
		{LINK_LINUX_SLL, 4, SLL "8100 0064 0800" SMALL_UDP4},
		{LINK_LINUX_SLL2, 4, "0800 0000 00000002 0001 00 06 0200000000010000" SMALL_UDP4},
		{LINK_LINUX_SLL2, 6, "86dd 0000 00000002 0001 04 06 0200000000010000" SMALL_UDP6},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct packet p = packet_of(cases[i].link, cases[i].hex);

		if (cases[i].version == 4)
			assert_ends(&p, "10.0.0.1", 0xc000, "192.0.2.2", 53);
		else
			assert_ends(&p, "2001:db8::1", 0xc000, "2001:db8::2", 53);
		assert_int_equal(p.bytes, cases[i].version == 4 ? 28 : 48);
		assert_int_equal(p.payload_bytes, 0);
	}
}

static void what_is_no_ip_says_so(void **state)
{
	static const struct {
		uint32_t link;
		enum decode_verdict verdict;
		const char *hex;
	} cases[] = {
		{LINK_ETHERNET, DECODE_NOT_IP, MACS "0806 0001080006040001"}, /* ARP */
		{LINK_ETHERNET, DECODE_NOT_IP, MACS "88cc 0207"},	      /* LLDP */
		{LINK_ETHERNET, DECODE_NOT_IP, MACS "0026 424203 0000"},      /* spanning tree */
		{LINK_ETHERNET, DECODE_NOT_IP, MACS "8863 1109"},	      /* PPPoE discovery */
		{LINK_ETHERNET, DECODE_NOT_IP, MACS "8100 0064 0026 424203"},
		{LINK_ETHERNET, DECODE_NOT_IP, MACS "8847 00001140 10000021 00000000"}, /* G-ACh */
		{LINK_ETHERNET, DECODE_UNSUPPORTED, MACS "8864 1100 0001 001e 003d" SMALL_UDP4},
		{LINK_ETHERNET, DECODE_NOT_IP, MACS "8864 1100 0001 0008 c021 01010006"}, /* LCP */
		{LINK_ETHERNET, DECODE_UNSUPPORTED, MACS "88e5 0c00 00000001 0800" SMALL_UDP4},
		{LINK_ETHERNET, DECODE_NOT_IP, MACS "0008 aaaa03 000000 0806"},
		{LINK_ETHERNET, DECODE_NOT_IP, MACS "0008 aaaa03 00000c 0800" SMALL_UDP4}, /* CDP */
		{LINK_ETHERNET, DECODE_NOT_IP, MACS "0008 aaaa03 000000 0008 aaaa03"},
		{LINK_LINUX_SLL, DECODE_NOT_IP, SLL "0004 424203"},
		{LINK_LINUX_SLL, DECODE_NOT_IP, "0000 0338 0000 0000000000000000 0800" SMALL_UDP4},
		{LINK_NULL, DECODE_NOT_IP, "07000000" SMALL_UDP4},
		{147, DECODE_UNSUPPORTED, SMALL_UDP4},
		{LINK_WIFI, DECODE_NOT_IP, "8000 0000 ffffffffffff 020000000001 020000000001 0000"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(verdict_of(cases[i].link, cases[i].hex), cases[i].verdict);
}

static void tags_are_read_to_depth_8(void **state)
{
#define TAG "8100 0001 "
	static const char eight[] = MACS TAG TAG TAG TAG TAG TAG TAG TAG "0800" SMALL_UDP4;
	static const char nine[] = MACS TAG TAG TAG TAG TAG TAG TAG TAG TAG "0800" SMALL_UDP4;

	(void)state;
	assert_int_equal(verdict_of(LINK_ETHERNET, eight), DECODE_OK);
	assert_int_equal(verdict_of(LINK_ETHERNET, nine), DECODE_UNSUPPORTED);
}

/* Every piece of a datagram is one: no ports, and its payload is all that IP carries. */
static struct packet piece_of(uint32_t link, const char *hex)
{
	struct sample s = draw(link, hex);
	struct packet p;

	assert_int_equal(decode_one(&s.frame, &p), DECODE_FRAGMENT);
	assert_true(p.fragment);
	assert_int_equal(p.tuple.src_port, 0);
	assert_int_equal(p.tuple.dst_port, 0);
	if (p.payload)
		assert_ptr_equal(p.payload + p.payload_captured, s.bytes + s.frame.captured);
	free(s.bytes);
	return p;
}

static void ipv4_fragments(void **state)
{
	struct packet p;

	(void)state;
	/* the first of a 1008-byte datagram, cut after 24 bytes */
	p = piece_of(LINK_RAW,
		     IP4("002c", "2000", "11") UDP("03f0") "00112233445566778899aabbccddeeff");
	assert_int_equal(p.tuple.proto, 17);
	assert_int_equal(p.bytes, 44);
	assert_int_equal(p.payload_bytes, 24);
	assert_int_equal(p.fragment_at, 0);
	assert_int_equal(p.fragment_id, 1);
	assert_true(p.more_fragments);

	/* later ones, in the middle and the last */
	p = piece_of(LINK_RAW, IP4("001c", "2003", "11") "0011223344556677");
	assert_int_equal(p.bytes, 28);
	assert_int_equal(p.payload_bytes, 8);
	assert_int_equal(p.fragment_at, 24);
	assert_true(p.more_fragments);
	p = piece_of(LINK_RAW, IP4("001c", "1fff", "11") "0011223344556677");
	assert_int_equal(p.fragment_at, 65528);
	assert_false(p.more_fragments);

	/* "don't fragment" is not a fragment */
	p = packet_of(LINK_RAW, IP4("001c", "4000", "11") UDP("0008"));
	assert_false(p.fragment);
}

static void ipv6_extension_headers_are_stepped_over(void **state)
{
	struct packet p;

	(void)state;
	/* hop-by-hop 8, routing 24, destination options 8, AH 24, then UDP with 2 bytes */
	p = packet_of(LINK_IPV6,
		      IP6("004a", "00") "2b00 050200000000"
					"3c02 000000000000 "
					"20010db8000000000000000000000009"
					"3300 010400000000"
					"1104 0000 00000001 00000001 000000000000000000000000" UDP(
						"000a") "4142");
	assert_ends(&p, "2001:db8::1", 0xc000, "2001:db8::2", 53);
	assert_int_equal(p.tuple.proto, 17);
	assert_int_equal(p.bytes, 114);
	assert_int_equal(p.payload_bytes, 2);

	/* no next header */
	p = packet_of(LINK_IPV6, IP6("0000", "3b"));
	assert_int_equal(p.tuple.proto, 59);
	assert_int_equal(p.bytes, 40);
	assert_int_equal(p.payload_bytes, 0);
}

static void ipv6_fragments(void **state)
{
	struct packet p;

	(void)state;
	p = piece_of(LINK_IPV6, IP6("0010", "2c") "1100 0001 89abcdef" UDP("0400"));
	assert_int_equal(p.tuple.proto, 17);
	assert_int_equal(p.bytes, 56);
	assert_int_equal(p.payload_bytes, 8);
	assert_int_equal(p.fragment_at, 0);
	assert_int_equal(p.fragment_id, 0x89abcdef);
	assert_true(p.more_fragments);

	p = piece_of(LINK_IPV6, IP6("0010", "2c") "1100 0008 00000007 0011223344556677");
	assert_int_equal(p.fragment_at, 8);
	assert_false(p.more_fragments);

	/* atomic: RFC 6946 */
	p = packet_of(LINK_IPV6, IP6("0010", "2c") "1100 0000 00000007" UDP("0008"));
	assert_false(p.fragment);
}

/* A Linux host answers after as many as fit in a frame: one more must not hide anything. */
static void a_chain_of_extensions_is_followed_to_its_end(void **state)
{
#define HOP(next) next "00 000000000000 "
#define HOPS4	  HOP("3c") HOP("3c") HOP("3c") HOP("3c")
#define HOPS16	  HOPS4 HOPS4 HOPS4 HOPS4
#define HOPS64	  HOPS16 HOPS16 HOPS16 HOPS16

	struct packet p =
		packet_of(LINK_IPV6, IP6("0490", "3c") HOPS64 HOPS64 HOPS16 HOP("11") UDP("0008"));

	(void)state;
	assert_ends(&p, "2001:db8::1", 0xc000, "2001:db8::2", 53);
	assert_int_equal(verdict_of(LINK_IPV6, IP6("0200", "3c") HOPS64), DECODE_MALFORMED);
}

static void an_ip_length_of_zero_means_the_frame_is_the_measure(void **state)
{
	/* as on the host that sends it: 4 bytes of what the card would cut up, see Linux TSO */
	struct packet p =
		packet_of(LINK_ETHERNET, ETH4 IP4("0000", "4000", "06") TCP("18") "61626364");

	(void)state;
	assert_int_equal(p.bytes, 44);
	assert_int_equal(p.payload_bytes, 4);
	p = packet_of(LINK_IPV6, IP6("0000", "06") TCP("18") "61626364");
	assert_int_equal(p.bytes, 64);
	assert_int_equal(p.payload_bytes, 4);
}

static void udp_length_tells_the_payload(void **state)
{
	struct packet p;

	(void)state;
	/* IP carries 4 bytes more than UDP says */
	p = packet_of(LINK_RAW, IP4("0022", "0000", "11") UDP("000a") "4142 00000000");
	assert_int_equal(p.bytes, 34);
	assert_int_equal(p.payload_bytes, 2);
	/* UDP says more than IP carries: IP is what arrived */
	p = packet_of(LINK_RAW, IP4("001e", "0000", "11") UDP("0400") "4142");
	assert_int_equal(p.payload_bytes, 2);
	/* 0: did not fit */
	p = packet_of(LINK_RAW, IP4("001e", "0000", "11") UDP("0000") "4142");
	assert_int_equal(p.payload_bytes, 2);
}

static void other_protocols(void **state)
{
	struct packet p;

	(void)state;
	p = packet_of(LINK_RAW, IP4("0022", "0000", "84") "0007 0009 00000001 00000000 4142");
	assert_ends(&p, "10.0.0.1", 7, "192.0.2.2", 9);
	assert_int_equal(p.payload_bytes, 2);
	p = packet_of(LINK_RAW, IP4("001a", "0000", "2e") "100110011001"); /* RSVP */
	assert_ends(&p, "10.0.0.1", 0, "192.0.2.2", 0);
	assert_int_equal(p.tuple.proto, 46);
	assert_int_equal(p.payload_bytes, 6);
}

/* Types, codes and their pairs as in the Community ID specification, version 1. */
static void icmp_requests_and_replies_mirror_each_other(void **state)
{
	static const uint8_t pairs4[][2] = {{8, 0}, {13, 14}, {15, 16}, {10, 9}, {17, 18}};
	static const uint8_t pairs6[][2] = {{128, 129}, {133, 134}, {135, 136},
					    {130, 131}, {139, 140}, {144, 145}};
	char hex[256];

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(pairs4); i++) {
		uint8_t own = pairs4[i / 2][i % 2], other = pairs4[i / 2][1 - i % 2];
		struct packet p;

		snprintf(hex, sizeof(hex), IP4("001e", "0000", "01") "%02x00 0000 12340001 4142",
			 own);
		p = packet_of(LINK_RAW, hex);
		assert_ends(&p, "10.0.0.1", own, "192.0.2.2", other);
		assert_int_equal(p.payload_bytes, 2);
	}
	for (size_t i = 0; i < 2 * ARRAY_LEN(pairs6); i++) {
		uint8_t own = pairs6[i / 2][i % 2], other = pairs6[i / 2][1 - i % 2];
		struct packet p;

		snprintf(hex, sizeof(hex), IP6("0008", "3a") "%02x00 0000 12340001", own);
		p = packet_of(LINK_RAW, hex);
		assert_ends(&p, "2001:db8::1", own, "2001:db8::2", other);
	}
}

static void other_icmp_carries_type_and_code(void **state)
{
	struct packet p = packet_of(LINK_RAW, IP4("001c", "0000", "01") "0303 0000 00000000");

	(void)state;
	assert_ends(&p, "10.0.0.1", 3, "192.0.2.2", 3);
	p = packet_of(LINK_RAW, IP4("001c", "0000", "01") "0b00 0000 00000000");
	assert_ends(&p, "10.0.0.1", 11, "192.0.2.2", 0);
	p = packet_of(LINK_RAW, IP6("0008", "3a") "0104 0000 00000000");
	assert_ends(&p, "2001:db8::1", 1, "2001:db8::2", 4);
}

static void contradictions_are_malformed(void **state)
{
	static const struct {
		uint32_t link;
		const char *hex;
	} cases[] = {
		{LINK_ETHERNET, "0200000000"},				     /* a runt */
		{LINK_ETHERNET, ETH4 IP6("0008", "11") UDP("0008")},	     /* version 6 in 0800 */
		{LINK_ETHERNET, ETH6 IP4("001c", "0000", "11") UDP("0008")}, /* version 4 in 86dd */
		{LINK_RAW, "50000000 00000000 00000000 00000000 00000000"},  /* version 5 */
		{LINK_RAW, "4400 0018 0001 0000 40 11 0000 0a000001 c0000202 00000000"}, /* IHL 4 */
		{LINK_RAW,
		 "4600 0014 0001 0000 40 11 0000 0a000001 c0000202 00000000"}, /* IHL > length */
		{LINK_RAW, IP4("0013", "0000", "11") UDP("0008")},	       /* length 19 */
		{LINK_RAW, IP4("001b", "0000", "11") UDP("0008")},	       /* 7 bytes for UDP */
		{LINK_RAW, IP4("001c", "0000", "11") UDP("0007")},
		{LINK_RAW, IP4("0027", "0000", "06") TCP("10")}, /* 19 bytes for TCP */
		{LINK_RAW,
		 IP4("0028", "0000",
		     "06") "c000 01bb 00000001 00000000 4010 ffff 0000 0000"}, /* offset 4 */
		{LINK_RAW,
		 IP4("0028", "0000",
		     "06") "c000 01bb 00000001 00000000 6010 ffff 0000 0000"}, /* 24 of 20 */
		{LINK_RAW, IP6("0010", "00") "1101 000000000000" UDP("0008")}, /* runs to the end */
		{LINK_RAW, IP6("0010", "00") "1102 000000000000" UDP("0008")}, /* and beyond it */
		{LINK_RAW, IP6("0004", "2c") "11000000"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (verdict_of(cases[i].link, cases[i].hex) != DECODE_MALFORMED)
			fail_msg("case %zu", i);
}

/* Raw sockets on both ends can talk like that; who talks to whom stays known. */
static void a_contrary_transport_is_a_packet_without_ports(void **state)
{
	static const struct {
		const char *hex;
		uint8_t proto;
		uint16_t bytes, payload;
	} cases[] = {
		{IP4("001b", "0000", "11") UDP("0008"), 17, 27, 7}, /* 7 bytes for UDP */
		{IP4("001c", "0000", "11") UDP("0007"), 17, 28, 8},
		{IP4("0027", "0000", "06") TCP("10"), 6, 39, 19}, /* 19 bytes for TCP */
		{IP4("0028", "0000", "06") "c000 01bb 00000001 00000000 4010 ffff 0000 0000", 6, 40,
		 20},
		{IP4("0028", "0000", "06") "c000 01bb 00000001 00000000 6010 ffff 0000 0000", 6, 40,
		 20},
		{IP4("0014", "0000", "06"), 6, 20, 0},
		{IP4("0018", "0000", "01") "0800 0000", 1, 24, 4},
		{IP4("001f", "0000", "84") "0001 0002 00000000 000000", 132, 31, 11},
		{IP4("0018", "0000", "33") "1102 0000", 51, 24, 4},
		{IP6("0010", "00") "1102 000000000000" UDP("0008"), 0, 56, 16},
		{IP6("0004", "2c") "11000000", 44, 44, 4},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct sample s = draw(LINK_RAW, cases[i].hex);
		struct packet p[PACKET_LAYERS_MAX];
		unsigned count;

		assert_int_equal(decode_frame(&s.frame, p, &count), DECODE_MALFORMED);
		assert_int_equal(count, 1);
		assert_int_equal(p[0].tuple.proto, cases[i].proto);
		assert_int_equal(p[0].tuple.src_port | p[0].tuple.dst_port, 0);
		assert_int_equal(p[0].tcp_flags, 0);
		assert_int_equal(p[0].bytes, cases[i].bytes);
		assert_int_equal(p[0].payload_bytes, cases[i].payload);
		free(s.bytes);
	}
}

/*
 * The same frame captured only up to byte n: either the headers are not all
 * there, or everything that they say is the same.
 */
static void a_short_capture_counts_the_same_bytes(void **state)
{
	static const struct {
		uint32_t link;
		uint32_t headers; /* from here on only what nobody needs is cut */
		const char *hex;
	} cases[] = {
		{LINK_ETHERNET, 48, ETH4 IP4("002b", "4000", "06") TCP("18") "616263 000000"},
		{LINK_ETHERNET, 56,
		 MACS "88a8 0064 8100 00c8 0800" IP4("002b", "4000", "06") TCP("18") "616263"},
		{LINK_RAW, 34,
		 "4500 0034 0001 0000 40 06 0000 0a000001 c0000202 "
		 "c000 01bb 00000001 00000000 80 02 ffff 0000 0000 0101080a0000000100000000"},
		{LINK_LINUX_SLL, 44, SLL "0800" IP4("001f", "0000", "11") UDP("000b") "616263"},
		{LINK_IPV6, 64,
		 IP6("0023", "00") "2b00 050200000000 1100 000000000000" UDP(
			 "0013") "4142434445464748494a4b"},
		{LINK_RAW, 28, IP4("001e", "0000", "01") "0800 0000 12340001 4142"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct sample s = draw(cases[i].link, cases[i].hex);
		struct packet whole, cut;

		assert_int_equal(decode_one(&s.frame, &whole), DECODE_OK);
		for (uint32_t n = 0; n < s.frame.length; n++) {
			uint8_t *few = malloc(n ? n : 1);
			struct frame short_frame = s.frame;
			uint32_t gone = s.frame.length - n;
			enum decode_verdict v;

			assert_non_null(few);
			memcpy(few, s.bytes, n);
			short_frame.bytes = few;
			short_frame.captured = n;
			v = decode_one(&short_frame, &cut);
			assert_int_equal(v, n < cases[i].headers ? DECODE_TRUNCATED : DECODE_OK);
			if (v == DECODE_OK) {
				assert_memory_equal(&cut.tuple, &whole.tuple, sizeof(cut.tuple));
				assert_int_equal(cut.bytes, whole.bytes);
				assert_int_equal(cut.payload_bytes, whole.payload_bytes);
				assert_int_equal(cut.tcp_flags, whole.tcp_flags);
				assert_true(cut.payload_captured <= whole.payload_captured);
				assert_true(cut.payload_captured + gone >= whole.payload_captured);
			}
			free(few);
		}
		free(s.bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tcp_over_ipv4),
		cmocka_unit_test(payload_points_at_the_payload),
		cmocka_unit_test(ethernet_padding_is_not_payload),
		cmocka_unit_test(header_options_are_stepped_over),
		cmocka_unit_test(tcp_over_ipv6),
		cmocka_unit_test(every_link_type_leads_to_ip),
		cmocka_unit_test(what_is_no_ip_says_so),
		cmocka_unit_test(tags_are_read_to_depth_8),
		cmocka_unit_test(ipv4_fragments),
		cmocka_unit_test(ipv6_extension_headers_are_stepped_over),
		cmocka_unit_test(ipv6_fragments),
		cmocka_unit_test(a_chain_of_extensions_is_followed_to_its_end),
		cmocka_unit_test(an_ip_length_of_zero_means_the_frame_is_the_measure),
		cmocka_unit_test(udp_length_tells_the_payload),
		cmocka_unit_test(other_protocols),
		cmocka_unit_test(icmp_requests_and_replies_mirror_each_other),
		cmocka_unit_test(other_icmp_carries_type_and_code),
		cmocka_unit_test(contradictions_are_malformed),
		cmocka_unit_test(a_contrary_transport_is_a_packet_without_ports),
		cmocka_unit_test(a_short_capture_counts_the_same_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
