/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include "base/random.h"
#include "proto/spoken.h"

#include <netinet/in.h>
#include <stdlib.h>

/* A million buffers of noise: no rule may take more than ten of them for its own. */
static void noise_is_nothing(void **state)
{
	enum { ROUNDS = 1000000, LONGEST = 160 };
	/* where lengths decide, the right one has to be met */
	static const size_t lens[] = {3, 4, 8, 9, 12, 14, 26, 42, 48, 54, 64, 86, 92, 148};
	int hits[2][APPS] = {0};
	struct random r = random_from_seed(20260101);

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		uint8_t bytes[LONGEST];
		uint64_t draw = random_u64(&r);
		size_t len = draw % 4 ? lens[draw / 4 % ARRAY_LEN(lens)] : draw / 4 % LONGEST;
		uint16_t port = (uint16_t)(draw >> 48);

		for (size_t at = 0; at < len; at += 8) {
			uint64_t word = random_u64(&r);

			memcpy(bytes + at, &word, len - at < 8 ? len - at : 8);
		}
		hits[0][spoken_by(bytes, len, i % 2)]++;
		hits[1][spoken_in_datagram(bytes, len, port)]++;
	}
	for (int app = 1; app < APPS; app++) {
		if (hits[0][app] + hits[1][app] > 0)
			printf("%s: %d in streams, %d in datagrams\n", app_name((enum app)app),
			       hits[0][app], hits[1][app]);
		assert_in_range(hits[0][app], 0, 9);
		assert_in_range(hits[1][app], 0, 9);
	}
}

enum where { CLIENT, SERVER, DATAGRAM };

#define BYTES(literal) sizeof(literal) - 1, literal
#define TEN	       "0123456789"
#define FORTY	       TEN TEN TEN TEN
#define ZEROS_16       "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define ZEROS_32       ZEROS_16 ZEROS_16
#define QUESTION       "\x12\x34\1\0\0\1\0\0\0\0\0\0\7example\3com\0\0\1\0\1"

/* First bytes as the specifications give them. */
static const struct opening {
	enum app app;
	enum where where;
	uint16_t port;
	size_t len;
	const char *bytes;
} openings[] = {
	{APP_SSH, CLIENT, 22, BYTES("SSH-2.0-OpenSSH_9.2\r\n")},
	{APP_HTTP, CLIENT, 80, BYTES("GET / HTTP/1.1\r\n")},
	{APP_HTTP, SERVER, 80, BYTES("HTTP/1.1 200 OK\r\n")},
	{APP_HTTP2, CLIENT, 80, BYTES("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")},
	{APP_SMTP, SERVER, 25, BYTES("220 mx.example.com ESMTP Postfix\r\n")},
	{APP_SMTP, CLIENT, 25, BYTES("EHLO client.example.com\r\n")},
	{APP_FTP, SERVER, 21, BYTES("220-Welcome to this ftp server\r\n220 go\r\n")},
	{APP_FTP, CLIENT, 21, BYTES("USER anonymous\r\n")},
	{APP_POP3, SERVER, 110, BYTES("+OK POP3 ready\r\n")},
	{APP_IMAP, SERVER, 143, BYTES("* OK [CAPABILITY IMAP4rev1] ready\r\n")},
	{APP_IRC, CLIENT, 6667, BYTES("NICK bot\r\nUSER b 0 * :b\r\n")},
	{APP_IRC, CLIENT, 6667, BYTES("USER guest 0 * :Real Name\r\n")},
	{APP_IRC, CLIENT, 6667, BYTES("PASS secret\r\nNICK bot\r\n")},
	{APP_IRC, CLIENT, 6667, BYTES("CAP LS 302\r\n")},
	{APP_MYSQL, SERVER, 3306, BYTES("\x0f\0\0\0\xff\x6a\4Host is out!")},
	{APP_IRC, SERVER, 6667, BYTES(":irc.example.net 001 bot :Welcome\r\n")},
	{APP_IRC, SERVER, 6667, BYTES(":irc.example.net NOTICE * :*** Looking up\r\n")},
	/* MQTT 3.1.1 3.1, and 3.1 */
	{APP_MQTT, CLIENT, 1883, BYTES("\x10\x10\0\4MQTT\4\2\0\x3c\0\4abcd")},
	{APP_MQTT, CLIENT, 1883, BYTES("\x10\x90\1\0\4MQTT\5\2\0\x3c\0\4abcd")},
	{APP_MQTT, CLIENT, 1883, BYTES("\x10\x12\0\6MQIsdp\3\2\0\x3c\0\4abcd")},
	{APP_MQTT, SERVER, 1883, BYTES("\x20\2\0\0")},
	{APP_RTMP, CLIENT, 1935, BYTES("\3\0\0\0\1\0\0\0\0" FORTY TEN TEN)},
	{APP_SOCKS, CLIENT, 1080, BYTES("\5\1\0")},
	{APP_SOCKS, CLIENT, 1080, BYTES("\5\2\0\2")},
	{APP_SOCKS, CLIENT, 1080,
	 BYTES("\5\1\0\5\1\0\3\x0b"
	       "example.org\1\xbb")},
	{APP_SOCKS, CLIENT, 1080, BYTES("\4\1\0\x50\xc0\0\2\1joe\0")},
	{APP_STRATUM, CLIENT, 0,
	 BYTES("{\"id\": 1, \"method\": \"mining.subscribe\", \"params\": []}\n")},
	{APP_STRATUM, CLIENT, 0,
	 BYTES("{\"id\":1,\"method\":\"login\",\"params\":{\"login\":\"4A\",\"pass\":\"x\"}}\n")},
	{APP_STRATUM, CLIENT, 0,
	 BYTES("{\"id\":1,\"method\":\"eth_submitLogin\",\"params\":[]}\n")},
	{APP_STRATUM, SERVER, 0, BYTES("{\"method\":\"mining.notify\",\"params\":[]}\n")},
	{APP_TLS, CLIENT, 443, BYTES("\x16\3\1\0\x31\1\0\0\x2d\3\3")},
	{APP_TLS, SERVER, 443, BYTES("\x16\3\3\0\x31\2\0\0\x2d\3\3")},
	{APP_TLS, SERVER, 443, BYTES("\x15\3\1\0\2\2\x28")},
	{APP_TLS, CLIENT, 443, BYTES("\x17\3\3\1\0" TEN)},
	/* RFC 2246 E: challenge of 32, 15 bytes of ciphers */
	{APP_TLS, CLIENT, 443, BYTES("\x80\x38\1\3\1\0\x0f\0\0\0\x20" FORTY "1234567")},
	{APP_DNS, CLIENT, 53, BYTES("\0\x1d" QUESTION)},
	{APP_BITTORRENT, CLIENT, 0,
	 BYTES("\x13"
	       "BitTorrent protocol\0\0\0\0\0\0\0\0")},
	/* RFC 854: DO terminal type, DO speed */
	{APP_TELNET, SERVER, 23, BYTES("\xff\xfd\x18\xff\xfd\x20")},
	/* MS-RDPBCGR 4.1.1 */
	{APP_RDP, CLIENT, 3389,
	 BYTES("\3\0\0\x2c\x27\xe0\0\0\0\0\0"
	       "Cookie: mstshash=eltons\r\n\1\0\x08\0\0\0\0\0")},
	{APP_SMB, CLIENT, 445, BYTES("\0\0\0\x54\xfeSMB\x40\0")},
	{APP_SMB, CLIENT, 445, BYTES("\0\0\0\x2f\xffSMBr\0")},
	{APP_DCERPC, CLIENT, 135, BYTES("\5\0\x0b\3\x10\0\0\0\x48\0\0\0\1\0\0\0")},
	{APP_LDAP, CLIENT, 389, BYTES("\x30\x0c\2\1\1\x60\7\2\1\3\4\0\x80\0")},
	{APP_LDAP, CLIENT, 389, BYTES("\x30\x84\0\0\0\x0c\2\1\1\x60\7\2\1\3\4\0\x80\0")},
	{APP_KERBEROS, CLIENT, 88,
	 BYTES("\0\0\0\x10\x6a\x81\x0d\x30\x0b\xa1\3\2\1\5\xa2\3\2\1\x0a\0")},
	{APP_MYSQL, SERVER, 3306,
	 BYTES("\x1a\0\0\0\x0a"
	       "8.0.36\0" TEN "12345678")},
	{APP_POSTGRES, CLIENT, 5432, BYTES("\0\0\0\x08\4\xd2\x16\x2f")},
	{APP_POSTGRES, CLIENT, 5432, BYTES("\0\0\0\x12\0\3\0\0user\0joe\0\0")},
	{APP_TDS, CLIENT, 1433, BYTES("\x12\1\0\x0f\0\0\1\0\0\0\6\0\6\xff\0")},
	{APP_MONGODB, CLIENT, 27017, BYTES("\x1a\0\0\0\1\0\0\0\0\0\0\0\xdd\7\0\0" TEN)},
	{APP_REDIS, CLIENT, 6379, BYTES("*1\r\n$4\r\nPING\r\n")},
	{APP_VNC, SERVER, 5900, BYTES("RFB 003.008\n")},
	{APP_AMQP, CLIENT, 5672, BYTES("AMQP\0\0\x09\1")},
	{APP_XMPP, CLIENT, 5222, BYTES("<stream:stream to='example.com'>")},
	{APP_SIP, CLIENT, 5060, BYTES("INVITE sip:bob@biloxi.com SIP/2.0\r\n")},
	{APP_RTSP, CLIENT, 554, BYTES("OPTIONS rtsp://example.com/a RTSP/1.0\r\n")},

	{APP_DNS, DATAGRAM, 53, BYTES(QUESTION)},
	{APP_DNS, DATAGRAM, 5300, BYTES(QUESTION)},
	{APP_DNS, DATAGRAM, 5300, /* its number is OpenVPN's, and so is a label of one byte */
	 BYTES("\x38\x34\1\0\0\1\0\0\0\0\0\0\1"
	       "1\3"
	       "192\3"
	       "168\3"
	       "192\7in-addr\4arpa\0\0\x0c\0\1"
	       "\0\0\0\0\0\0\0\0\0\0")},
	{APP_LLMNR, DATAGRAM, 5355, BYTES(QUESTION)},
	{APP_MDNS, DATAGRAM, 5353,
	 BYTES("\0\0\x84\0\0\0\0\1\0\0\0\0\1a\5local\0\0\1\x80\1\0\0\0\x78\0\4\xc0\0\2\1")},
	/* RFC 5905: a client's first request */
	{APP_NTP, DATAGRAM, 123,
	 BYTES("\x23\0\6\xec" ZEROS_32 "\0\0\0\0"
	       "12345678")},
	/* one whose delay looks like a count of questions, met in the wild */
	{APP_NTP, DATAGRAM, 123,
	 BYTES("\xe3\0\4\xfa\0\1\0\0\0\1\0\0" ZEROS_16 "\0\0\0\0\0\0\0\0\0\0\0\0"
	       "12345678")},
	/* ntpd's list of clients, as asked for by those who look for amplifiers */
	{APP_NTP, DATAGRAM, 123, BYTES("\x17\0\3\x2a\0\0\0\0")},
	{APP_NTP, DATAGRAM, 123, BYTES("\x16\1\0\1\0\0\0\0\0\0\0\0")},
	{APP_UNKNOWN, DATAGRAM, 124, BYTES("\x16\1\0\1\0\0\0\0\0\0\0\0")},
	{APP_STUN, DATAGRAM, 3478,
	 BYTES("\0\1\0\0\x21\x12\xa4\x42"
	       "0123456789ab")},
	{APP_DTLS, DATAGRAM, 443, BYTES("\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\x10\1\0\0\4" TEN)},
	{APP_QUIC, DATAGRAM, 443,
	 BYTES("\xc3\0\0\0\1\x08"
	       "abcdefgh"
	       "\0\0\x41\0" TEN)},
	{APP_QUIC, DATAGRAM, 443,
	 BYTES("\xd3\x6b\x33\x43\xcf\x08"
	       "abcdefgh"
	       "\0\0\x41\0" TEN)},
	{APP_WIREGUARD, DATAGRAM, 51820, BYTES("\1\0\0\0" FORTY FORTY FORTY TEN TEN "1234")},
	{APP_WIREGUARD, DATAGRAM, 51820, BYTES("\2\0\0\0" FORTY FORTY "12345678")},
	{APP_OPENVPN, DATAGRAM, 1194,
	 BYTES("\x38"
	       "sessions"
	       "\0\0\0\0\0")},
	{APP_ISAKMP, DATAGRAM, 500,
	 BYTES("initiato"
	       "\0\0\0\0\0\0\0\0\x21\x20\x22\x08\0\0\0\0\0\0\0\x1c")},
	{APP_DHCP, DATAGRAM, 67,
	 BYTES("\1\1\6\0" FORTY FORTY FORTY FORTY FORTY TEN TEN TEN "12"
	       "\x63\x82\x53\x63")},
	{APP_SNMP, DATAGRAM, 161, BYTES("\x30\x0f\2\1\1\4\6public\xa0\2\0\0")},
	{APP_NBNS, DATAGRAM, 137,
	 BYTES("\0\1\1\x10\0\1\0\0\0\0\0\0\x20"
	       "CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	       "\0\0\x21\0\1")},
	{APP_SYSLOG, DATAGRAM, 514, BYTES("<34>Oct 11 22:14:15 host su: failed")},
	{APP_SSDP, DATAGRAM, 1900, BYTES("M-SEARCH * HTTP/1.1\r\n")},
	{APP_SSDP, DATAGRAM, 1900, BYTES("HTTP/1.1 200 OK\r\n")},
	{APP_TFTP, DATAGRAM, 69, BYTES("\0\1mirai.arm\0octet\0")},
	{APP_BITTORRENT, DATAGRAM, 0, BYTES("d1:ad2:id20:abcdefghij0123456789e1:q4:ping")},

	/* and what is near, but none of them */
	{APP_UNKNOWN, CLIENT, 0, BYTES("")},
	{APP_UNKNOWN, DATAGRAM, 53, BYTES("")},
	{APP_UNKNOWN, CLIENT, 0, BYTES("GETTING started\r\n")},
	{APP_UNKNOWN, CLIENT, 1723, /* RFC 2637, 2.1: PPTP, whose version stands for an operation */
	 BYTES("\0\x9c\0\1\x1a\x2b\x3c\x4d\0\1\0\0\1\0\0\0\0\0\0\1\0\0\0\1\xff\xff")},
	{APP_UNKNOWN, SERVER, 0, BYTES("220 ready\r\n")},
	{APP_UNKNOWN, SERVER, 0, BYTES("EHLO client.example.com\r\n")},
	{APP_UNKNOWN, CLIENT, 0, BYTES("HTTP/1.1 200 OK\r\n")},
	{APP_UNKNOWN, CLIENT, 0, BYTES("{\"id\":1,\"method\":\"logout\"}\n")},
	{APP_UNKNOWN, CLIENT, 0, BYTES("{\"login\":\"joe\",\"password\":\"x\"}\n")},
	{APP_UNKNOWN, DATAGRAM, 3478,
	 BYTES("\0\3\0\4\x21\x12\0\0"
	       "0123456789ab"
	       "abcdefgh")},
	{APP_UNKNOWN, CLIENT, 0, BYTES("\x16\3\1\0\0\1")},
	{APP_UNKNOWN, CLIENT, 0, BYTES("\x16\3\5\0\x31\1")},
	{APP_UNKNOWN, CLIENT, 0, BYTES("\5\2\0")},
	{APP_UNKNOWN, CLIENT, 0, BYTES("\5\1\x42")},
	{APP_UNKNOWN, CLIENT, 0, BYTES("\x10\x10\0\4MQTU\4\2\0\x3c\0\4abcd")},
	{APP_UNKNOWN, CLIENT, 102, /* S7comm travels alike, but no RDP */
	 BYTES("\3\0\0\x16\x11\xe0\0\0\0\1\0\xc0\1\x0a\xc1\2\1\0\xc2\2\1\2")},
	{APP_UNKNOWN, DATAGRAM, 123,
	 BYTES("\x23\x11\6\xec" ZEROS_32 "\0\0\0\0"
	       "12345678")},
	{APP_UNKNOWN, DATAGRAM, 514, BYTES("<192>high")},
	{APP_UNKNOWN, DATAGRAM, 53,
	 BYTES("\x12\x34\1\0\0\2\0\0\0\0\0\0\7example\3com\0\0\1\0\1\0\0\1\0\1")},
};

static enum app ask(const struct opening *o, size_t len)
{
	uint8_t *bytes = malloc(len ? len : 1); /* exactly as long as asked */
	enum app app;

	assert_non_null(bytes);
	memcpy(bytes, o->bytes, len);
	app = o->where == DATAGRAM ? spoken_in_datagram(bytes, len, o->port)
				   : spoken_by(bytes, len, o->where == CLIENT);
	free(bytes);
	return app;
}

static void openings_are_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(openings); i++) {
		const struct opening *o = &openings[i];
		enum app app = ask(o, o->len);

		if (app != o->app)
			fail_msg("opening %zu of \"%s\" is taken for \"%s\"", i, app_name(o->app),
				 app_name(app));
	}
}

/* Streams are handed in as far as they were gathered: more of it is the same. */
static void a_stream_that_goes_on_is_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(openings); i++) {
		struct opening longer = openings[i];
		char bytes[512];

		/* short enough to be told by their whole length only */
		if (longer.where == DATAGRAM || longer.len < 5 || longer.app == APP_UNKNOWN)
			continue;
		memcpy(bytes, longer.bytes, longer.len);
		memset(bytes + longer.len, '5', 100);
		longer.bytes = bytes;
		if (ask(&longer, longer.len + 100) != longer.app)
			fail_msg("opening %zu of \"%s\" is lost when it goes on", i,
				 app_name(longer.app));
	}
}

/* Less of it is the same, or nothing; a short greeting must not become another protocol. */
static void a_cut_opening_is_never_another(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(openings); i++)
		for (size_t len = 0; len < openings[i].len; len++) {
			enum app app = ask(&openings[i], len);

			if (app != APP_UNKNOWN && app != openings[i].app)
				fail_msg("%zu bytes of opening %zu of \"%s\" are taken for \"%s\"",
					 len, i, app_name(openings[i].app), app_name(app));
		}
}

static void every_opening_fits_its_port(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(openings); i++) {
		const struct opening *o = &openings[i];
		uint8_t proto = o->where == DATAGRAM ? IPPROTO_UDP : IPPROTO_TCP;

		if (o->app != APP_UNKNOWN && o->port && o->port != 5300)
			assert_int_equal(spoken_fits_port(o->app, proto, o->port), PORT_FIT_GOOD);
	}
}

static void ports_are_judged(void **state)
{
	static const struct {
		enum app app;
		uint8_t proto;
		uint16_t port;
		enum port_fit fit;
	} cases[] = {
		{APP_SSH, IPPROTO_TCP, 443, PORT_FIT_BAD},
		{APP_RANDOM, IPPROTO_TCP, 443, PORT_FIT_BAD},
		{APP_RANDOM, IPPROTO_TCP, 80, PORT_FIT_BAD},
		{APP_RANDOM, IPPROTO_UDP, 53, PORT_FIT_BAD},
		{APP_TLS, IPPROTO_TCP, 80, PORT_FIT_BAD},
		{APP_HTTP, IPPROTO_TCP, 53, PORT_FIT_BAD},
		{APP_HTTP, IPPROTO_TCP, 443, PORT_FIT_UNKNOWN},
		{APP_HTTP2, IPPROTO_TCP, 443, PORT_FIT_UNKNOWN},
		{APP_HTTP2, IPPROTO_TCP, 80, PORT_FIT_GOOD},
		{APP_TLS, IPPROTO_TCP, 8080, PORT_FIT_UNKNOWN},
		{APP_RANDOM, IPPROTO_TCP, 8080, PORT_FIT_UNKNOWN},
		{APP_UNKNOWN, IPPROTO_TCP, 443, PORT_FIT_UNKNOWN},
		{APP_OTHER, IPPROTO_TCP, 443, PORT_FIT_UNKNOWN},
		{APP_TLS, IPPROTO_TCP, 4444, PORT_FIT_UNKNOWN},
		{APP_STUN, IPPROTO_UDP, 443, PORT_FIT_UNKNOWN},
		{APP_TLS, IPPROTO_TCP, 25, PORT_FIT_GOOD},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(spoken_fits_port(cases[i].app, cases[i].proto, cases[i].port),
				 cases[i].fit);
}

static void every_language_has_its_own_name(void **state)
{
	(void)state;
	for (int a = 0; a < APPS; a++)
		for (int b = 0; b < a; b++)
			assert_string_not_equal(app_name((enum app)a), app_name((enum app)b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(noise_is_nothing),
		cmocka_unit_test(openings_are_told),
		cmocka_unit_test(a_stream_that_goes_on_is_the_same),
		cmocka_unit_test(a_cut_opening_is_never_another),
		cmocka_unit_test(every_opening_fits_its_port),
		cmocka_unit_test(ports_are_judged),
		cmocka_unit_test(every_language_has_its_own_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
