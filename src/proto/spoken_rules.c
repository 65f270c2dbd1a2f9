/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wire formats in one line each; '.' is a byte that may be anything.
 */
#include "proto/spoken_rules.h"

#include "base/cursor.h"
#include "proto/dns.h"
#include "proto/socks.h"

#include <string.h>

static uint32_t big16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static uint32_t big32(const uint8_t *p)
{
	return big16(p) << 16 | big16(p + 2);
}

static uint32_t little32(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static bool is_digit(uint8_t byte)
{
	return byte >= '0' && byte <= '9';
}

static bool all_zero(const uint8_t *p, size_t len)
{
	uint8_t any = 0;

	for (size_t i = 0; i < len; i++)
		any |= p[i];
	return any == 0;
}

/* | type 20..23 | 3 | 0..4 | length 2 |, a hello first, an alert of two bytes, or midstream. */
bool rule_tls(const uint8_t *p, size_t len)
{
	enum { ALERT = 21, HANDSHAKE = 22, DATA = 23, RECORD_MAX = 16384 + 2048, ALERT_MAX = 64 };

	if (len < 6 || p[1] != 3 || p[2] > 4 || big16(p + 3) == 0 || big16(p + 3) > RECORD_MAX)
		return false;
	if (p[0] == HANDSHAKE)
		return p[5] <= 24; /* in clear: an encrypted one does not come first */
	return p[0] == ALERT ? big16(p + 3) <= ALERT_MAX : p[0] == DATA;
}

/* | 0x80 + length 2 | 1 | version 2 | ciphers 2 | session 2 | challenge 2 | ... */
bool rule_ssl2(const uint8_t *p, size_t len)
{
	uint32_t ciphers, session, challenge;

	if (len < 11 || p[2] != 1 || big16(p + 3) > 0x0304)
		return false;
	ciphers = big16(p + 5);
	session = big16(p + 7);
	challenge = big16(p + 9);
	return ciphers % 3 == 0 && challenge >= 16 && challenge <= 32 &&
	       (big16(p) & 0x7fff) == 9 + ciphers + session + challenge;
}

/*
 * Cheap questions first: most bytes are no DNS.  The bits that have to be zero
 * are not asked for: servers answer with them set, and it would be a way to hide.
 */
static bool is_dns(const uint8_t *p, size_t len, uint32_t questions_min, uint32_t questions_max)
{
	enum { OPCODE_MAX = 6, CLASS_CHAOS = 3, CLASS_HESIOD = 4, CLASS_NONE = 254 };
	struct dns_message m;
	enum decode_verdict v;
	uint16_t class;

	if (len < 12 || (p[2] >> 3 & 15) > OPCODE_MAX || big16(p + 4) < questions_min ||
	    big16(p + 4) > questions_max || big16(p + 4) + big16(p + 6) + big16(p + 8) == 0)
		return false;
	v = dns_parse(p, len, &m);
	if (v == DECODE_MALFORMED || m.count[DNS_QUESTIONS] < questions_min)
		return false;
	if (m.count[DNS_QUESTIONS] + m.count[DNS_ANSWERS] + m.count[DNS_AUTHORITIES] == 0)
		return false;
	class = m.question_class & 0x7fff;
	if (class == 0) /* in clients' NTP, too, there may be a 1 where the questions are counted */
		return m.count[DNS_QUESTIONS] == 0;
	return class == 1 || class == CLASS_CHAOS || class == CLASS_HESIOD || class >= CLASS_NONE;
}

bool rule_dns(const uint8_t *p, size_t len)
{
	return is_dns(p, len, 1, 1);
}

bool rule_mdns(const uint8_t *p, size_t len)
{
	return is_dns(p, len, 0, 255);
}

bool rule_dns_stream(const uint8_t *p, size_t len)
{
	enum { LEAST = 12 + 5 };

	return len >= 2 + LEAST && big16(p) >= LEAST && big16(p) <= len - 2 &&
	       rule_dns(p + 2, big16(p));
}

static bool is_text(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (p[i] < 0x20 || p[i] > 0x7e)
			return false;
	return true;
}

/* A whole request, with a user that can be read in SOCKS 4; or a greeting and nothing more. */
bool rule_socks(const uint8_t *p, size_t len)
{
	struct socks_request r;
	enum decode_verdict v = socks_parse_request(p, len, &r);

	if (v == DECODE_OK)
		return r.port != 0 &&
		       (r.version == 5 || is_text(p + 8, strnlen((const char *)p + 8, len - 8)));
	if (v != DECODE_TRUNCATED || r.version != 5 || len != 2u + p[1])
		return false;
	for (size_t i = 2; i < len; i++)
		if (p[i] > 9)
			return false;
	return true;
}

/* | 0x10 | length 1..4 | 0 4 'MQTT' level, or 0 6 'MQIsdp' 3 | and its answer | 0x20 2 . . | */
bool rule_mqtt(const uint8_t *p, size_t len)
{
	size_t at = 1;

	if (p[0] == 0x20)
		return len == 4 && p[1] == 2 && p[2] <= 1 && p[3] <= 5;
	while (at < len && at < 4 && p[at] & 0x80)
		at++;
	at++;
	if (len < at + 9)
		return false;
	return (!memcmp(p + at, "\0\4MQTT", 6) && p[at + 6] >= 3 && p[at + 6] <= 5) ||
	       (!memcmp(p + at, "\0\6MQIsdp", 8) && p[at + 8] == 3);
}

/* | 3 | time 4 | 0 0 0 0, or the version of a player or server | random 1528 | */
bool rule_rtmp(const uint8_t *p, size_t len)
{
	const uint8_t *version = p + 5;

	if (len < 64)
		return false;
	if (version[0] == 0 && version[1] == 0)
		return version[2] == 0 && version[3] == 0;
	return (version[0] <= 12 || version[0] == 0x80) && version[1] <= 5 && len >= 1500 &&
	       (p[1] == 0 || version[1] == 0);
}

/* | 255 | WILL, WONT, DO, DONT | option | twice, or once and no more. */
bool rule_telnet(const uint8_t *p, size_t len)
{
	enum { IAC = 255, SB = 250, WILL = 251, DONT = 254, OPTIONS = 50 };

	if (len < 3 || p[1] < WILL || p[1] == IAC || p[2] > OPTIONS)
		return false;
	return len == 3 ||
	       (len >= 6 && p[3] == IAC && p[4] >= SB && p[4] <= DONT && p[5] <= OPTIONS);
}

/*
 * RFC 1006 and X.224: | 3 0 | length 2 | length - 5 | connect 0xe0 or confirm 0xd0 | 0 0 | . . |
 * class 0 | then a cookie or a negotiation; other users of X.224 have parameters from 0xc0.
 */
bool rule_rdp(const uint8_t *p, size_t len)
{
	return len >= 11 && p[1] == 0 && big16(p + 2) >= 11 && big16(p + 2) <= len &&
	       p[4] == p[3] - 5 && p[2] == 0 && (p[5] == 0xe0 || p[5] == 0xd0) && p[6] == 0 &&
	       p[7] == 0 && p[10] == 0 && (p[3] == 11 || p[11] < 0xc0);
}

/* | 0 | length 3 | 0xff, 0xfe or 0xfd | 'SMB' |, or a session's request to begin with. */
bool rule_smb(const uint8_t *p, size_t len)
{
	if (len < 8)
		return false;
	if (p[0] == 0x81)
		return big32(p) == 0x81000044 && p[4] == 0x20;
	return p[1] <= 1 && p[4] >= 0xfd && !memcmp(p + 5, "SMB", 3);
}

/* | 5 | 0 or 1 | type | flags | 0x10 0 0 0 (little endian) | length 2 | 0 0 | call 4 | */
bool rule_dcerpc(const uint8_t *p, size_t len)
{
	return len >= 16 && p[1] <= 1 && p[2] <= 19 && big32(p + 4) == 0x10000000 &&
	       (uint32_t)(p[9] << 8 | p[8]) >= 16;
}

/* Lengths in BER: one byte, or how many follow and then these. */
static uint32_t ber_length(struct cursor *c)
{
	uint8_t first = cursor_u8(c);
	uint32_t value = 0;

	if (first < 0x80)
		return first;
	if (first == 0x80 || first > 0x84)
		c->failed = true;
	for (int i = 0; i < (first & 7); i++)
		value = value << 8 | cursor_u8(c);
	return value;
}

/* Steps into | tag | length | and says whether it was that tag. */
static bool ber_enter(struct cursor *c, uint8_t tag)
{
	bool is = cursor_u8(c) == tag;

	(void)ber_length(c);
	return is && cursor_ok(c);
}

/* | 0x30 length | 2 n number | operation length | what that begins with | */
bool rule_ldap(const uint8_t *p, size_t len)
{
	/* bind and its answer, search, entry, done, modify, add, extended and its answer */
	static const uint8_t begins[][2] = {{0x60, 2}, {0x61, 10},   {0x63, 4},
					    {0x64, 4}, {0x65, 10},   {0x66, 4},
					    {0x68, 4}, {0x77, 0x80}, {0x78, 10}};
	struct cursor c = cursor_over(p, len);
	uint8_t operation, size;
	uint32_t id_len;

	if (!ber_enter(&c, 0x30) || cursor_u8(&c) != 2)
		return false;
	id_len = ber_length(&c);
	if (id_len == 0 || id_len > 4)
		return false;
	cursor_skip(&c, id_len);
	operation = cursor_u8(&c);
	(void)ber_length(&c);
	for (size_t i = 0; i < ARRAY_LEN(begins); i++) {
		if (begins[i][0] != operation || cursor_u8(&c) != begins[i][1])
			continue;
		size = cursor_u8(&c);
		/* the version of a bind, and the code of an answer, have one byte */
		return cursor_ok(&c) &&
		       (begins[i][1] == 2 || begins[i][1] == 10 ? size == 1 : true);
	}
	return false;
}

/* | tag | 0x30 | [context 1] 2 1 5, or [context 0] in answers |, each with its length. */
bool rule_kerberos(const uint8_t *p, size_t len)
{
	struct cursor c = cursor_over(p, len);
	uint8_t tag = p[0], context = tag == 0x6a || tag == 0x6c ? 0xa1 : 0xa0;

	if (tag != 0x6a && tag != 0x6b && tag != 0x6c && tag != 0x6d && tag != 0x7e)
		return false;
	return ber_enter(&c, tag) && ber_enter(&c, 0x30) && ber_enter(&c, context) &&
	       cursor_u16(&c) == 0x0201 && cursor_u8(&c) == 5 && cursor_ok(&c);
}

bool rule_kerberos_stream(const uint8_t *p, size_t len)
{
	return len > 5 && p[1] == 0 && big32(p) >= 16 && rule_kerberos(p + 4, len - 4);
}

/* | length 3, little endian | 0 | 10 | "8.0.36" 0 |, or 255 | error 2 | text | */
bool rule_mysql(const uint8_t *p, size_t len)
{
	if (len < 16 || p[1] > 1 || p[2] != 0 || p[3] != 0 || (size_t)(p[1] << 8 | p[0]) + 4 > len)
		return false;
	if (p[4] == 255)
		return p[6] >= 3 && p[6] <= 7 && is_text(p + 7, 9);
	return p[4] == 10 && is_digit(p[5]) && (p[6] == '.' || p[7] == '.');
}

/* | length 4 | 0 3 0 0 | "user" 0 |, or a wish for TLS first: | 0 0 0 8 | 1234 | 5679 | */
bool rule_postgres(const uint8_t *p, size_t len)
{
	if (len >= 8 && big32(p) == 8)
		return big32(p + 4) == 80877103 || big32(p + 4) == 80877104;
	return len >= 16 && p[0] == 0 && p[1] == 0 && big32(p) <= len && big32(p + 4) == 0x30000 &&
	       p[8] >= 'a' && p[8] <= 'z';
}

/* Before the login: | 0x12 | 1 | length 2 | 0 0 | . | 0 | version: 0, its place and length | */
bool rule_tds(const uint8_t *p, size_t len)
{
	return len >= 14 && p[1] == 1 && big16(p + 2) <= len && p[4] == 0 && p[5] == 0 &&
	       p[7] == 0 && p[8] == 0 && big16(p + 11) == 6;
}

/* | length 4 | request 4 | answers 4 | operation 4 |, all little endian */
bool rule_mongodb(const uint8_t *p, size_t len)
{
	uint32_t operation;

	if (len < 21 || little32(p) < 21 || p[3] > 2)
		return false;
	operation = little32(p + 12);
	return operation == 1 || operation == 2004 || operation == 2012 || operation == 2013;
}

/* "*2\r\n$4\r\n" */
bool rule_redis(const uint8_t *p, size_t len)
{
	size_t at = 1;

	while (at < len && at < 4 && is_digit(p[at]))
		at++;
	return at > 1 && len >= at + 4 && p[at] == '\r' && p[at + 1] == '\n' && p[at + 2] == '$' &&
	       is_digit(p[at + 3]);
}

/* | 0x30 length | 2 1 version | 4 length community | request 0xa0 .. 0xa8 |; SNMPv3: 0x30. */
bool rule_snmp(const uint8_t *p, size_t len)
{
	struct cursor c = cursor_over(p, len);
	uint8_t version, tag;

	if (!ber_enter(&c, 0x30) || cursor_u16(&c) != 0x0201)
		return false;
	version = cursor_u8(&c);
	tag = cursor_u8(&c);
	if (version == 3)
		return tag == 0x30 && cursor_ok(&c) && c.pos + 2 < c.end && c.pos[1] == 2;
	cursor_skip(&c, ber_length(&c));
	if (version > 1 || tag != 4)
		return false;
	tag = cursor_u8(&c);
	return tag >= 0xa0 && tag <= 0xa8 && cursor_ok(&c);
}

/*
 * RFC 5905, 7.3: | leap, version, mode | stratum | poll | precision | delay 4 | dispersion 4 |
 * ...; a host that is further off than 1024 s tells no time.
 */
bool rule_ntp(const uint8_t *p, size_t len)
{
	uint8_t version = p[0] >> 3 & 7, mode = p[0] & 7;

	if (len < 48 || len % 4 != 0 || version < 1 || version > 4 || mode < 1 || mode > 5)
		return false;
	return p[1] <= 16 && p[2] <= 17 && (p[3] == 0 || p[3] >= 0xe0) && big16(p + 4) < 1024 &&
	       big16(p + 8) < 1024;
}

/*
 * RFC 9327, 2: | leap, version, mode 6 | ... 9 ... | bytes 2 |; and mode 7 of ntpd:
 * | version, 7 | sequence | implementation 0, 2, 3 | ...
 */
bool rule_ntp_control(const uint8_t *p, size_t len)
{
	uint8_t version = p[0] >> 3 & 7, mode = p[0] & 7;

	if (version < 1 || version > 4)
		return false;
	if (mode == 7)
		return len >= 8 && (p[2] == 0 || p[2] == 2 || p[2] == 3);
	return mode == 6 && len >= 12 && big16(p + 10) <= len - 12;
}

/*
 * RFC 8489, 5: | 00 type 14 bits | length 2 | 0x2112a442 | transaction 12 |; RFC 3489 had 16
 * bytes of transaction, so that the length has to be right.
 */
bool rule_stun(const uint8_t *p, size_t len)
{
	if (len >= 20 && p[1] >= 1 && p[1] <= 2 && (p[0] | 0x11) == 0x11 &&
	    big16(p + 2) == len - 20)
		return true;
	return len >= 20 && big32(p + 4) == 0x2112a442 && big16(p + 2) <= len - 20;
}

/* | type 20..25 | 0xfe | 0xff, 0xfd or 0xfc | epoch 2 | sequence 6 | length 2 | */
bool rule_dtls(const uint8_t *p, size_t len)
{
	enum { HANDSHAKE = 22, RECORD_MAX = 16384 + 2048 };
	uint32_t length;

	if (len < 14 || (big16(p + 1) != 0x100 && (p[1] != 0xfe || p[2] < 0xfc || p[2] == 0xfe)))
		return false; /* 1.0 and 0xfefe are no versions, but OpenSSL had the former */
	length = big16(p + 11);
	return length > 0 && length <= RECORD_MAX && p[3] == 0 && p[5] == 0 && p[6] == 0 &&
	       (p[0] != HANDSHAKE || p[4] > 0 || p[13] <= 24);
}

static bool is_quic_version(uint32_t version)
{
	return version == 1 || version == 0x6b3343cf || version >> 8 == 0xff0000 ||
	       version >> 4 == 0xfaceb00 ||
	       (version >> 16 == 0x5130 /* "Q0" */ && is_digit(version >> 8 & 255));
}

/*
 * RFC 8999, 5.1: | 1... .... | version 4 | length | destination ... | length | source ... |; and
 * what Google spoke before: | flags | connection 8 | 'Q0' digit digit | packet number ...
 */
bool rule_quic(const uint8_t *p, size_t len)
{
	if (len < 14)
		return false;
	if (p[0] < 0x80)
		return (p[0] & 0x09) == 0x09 && p[9] == 'Q' && p[10] == '0' && is_digit(p[11]) &&
		       is_digit(p[12]);
	if (p[5] > 20 || len < 7u + p[5] || p[6 + p[5]] > 20)
		return false;
	if (big32(p + 1) == 0) /* a server tells its versions */
		return (len - 7 - p[5] - p[6 + p[5]]) % 4 == 0 && len >= 11u + p[5] + p[6 + p[5]];
	return p[0] >= 0xc0 && is_quic_version(big32(p + 1));
}

/* | 1..4 | 0 0 0 | ...: hello 148 bytes, answer 92, cookie 64, data 32 and 16 more each */
bool rule_wireguard(const uint8_t *p, size_t len)
{
	static const uint8_t sizes[] = {148, 92, 64};

	if (len < 32 || !all_zero(p + 1, 3) || p[0] < 1)
		return false;
	return p[0] == 4 ? len % 16 == 0 && !all_zero(p + 4, 4)
			 : p[0] < 4 && len == sizes[p[0] - 1];
}

/*
 * A client's or server's reset: | opcode, key 0 | session 8 | ... In clear no
 * acknowledgement and packet 0 come next; with tls-auth there is an HMAC before, and
 * packet 1 of the replay counter and the time between; with tls-crypt only these are seen.
 */
bool rule_openvpn(const uint8_t *p, size_t len)
{
	enum { CLIENT = 7 << 3, SERVER = 8 << 3, CLIENT3 = 10 << 3 };

	if (len < 14 || (p[0] != CLIENT && p[0] != SERVER && p[0] != CLIENT3))
		return false;
	if (len >= 54 && (big32(p + 9) & 0xf0feffff) == 1)
		return true;
	if (p[0] == CLIENT && all_zero(p + len - 5, 5))
		return len == 14 ||
		       ((len == 42 || len == 54 || len == 86) && big32(p + len - 13) == 1);
	if (len == 26) /* an answer that acknowledges packet 0 */
		return p[9] == 1 && all_zero(p + 10, 4) && all_zero(p + 22, 4);
	return (len == 54 || len == 66 || len == 98) && all_zero(p + len - 4, 4) &&
	       p[len - 17] == 1 && all_zero(p + len - 16, 4);
}

bool rule_openvpn_stream(const uint8_t *p, size_t len)
{
	return len > 2 && big16(p) <= len - 2 && rule_openvpn(p + 2, big16(p));
}

/* RFC 7296, 3.1: | SPIs 8 8 | next | version | exchange | flags | message 4 | length 4 | */
bool rule_isakmp(const uint8_t *p, size_t len)
{
	size_t marker = len > 4 && all_zero(p, 4) ? 4 : 0; /* RFC 3948: on port 4500 */

	p += marker;
	len -= marker;
	return len >= 28 && (p[17] == 0x10 || p[17] == 0x20) && big32(p + 24) == len;
}

/* | 1 or 2 | 1 | 6 | hops | ... 232 ... | 99 130 83 99 | */
bool rule_dhcp(const uint8_t *p, size_t len)
{
	return len >= 240 && p[1] <= 32 && p[2] <= 16 && big32(p + 236) == 0x63825363;
}

/* RFC 1002, 4.2.1: DNS, with a name of 32 letters 'A' to 'P' that starts with its length. */
bool rule_nbns(const uint8_t *p, size_t len)
{
	if (len < 46 || p[12] != 32)
		return false;
	for (size_t i = 13; i < 45; i++)
		if (p[i] < 'A' || p[i] > 'P')
			return false;
	return true;
}

/* "<34>" and text: 191 is the highest. */
bool rule_syslog(const uint8_t *p, size_t len)
{
	unsigned int priority = 0;
	size_t at = 1;

	while (at < len && at < 4 && is_digit(p[at]))
		priority = 10 * priority + (p[at++] - '0');
	if (at < 2 || len < at + 4 || p[at] != '>' || priority > 191)
		return false;
	return is_text(p + at + 1, 3);
}

/* RFC 1350, 5: | 0 1, or 0 2 | file 0 | "octet" 0 or "netascii" 0 | */
bool rule_tftp(const uint8_t *p, size_t len)
{
	const uint8_t *end, *mode;
	size_t left;

	if (len < 9 || p[1] < 1 || p[1] > 2)
		return false;
	end = memchr(p + 2, 0, len < 130 ? len - 2 : 128);
	if (!end || end == p + 2)
		return false;
	mode = end + 1;
	left = len - (size_t)(mode - p);
	return (left >= 6 && !strncasecmp((const char *)mode, "octet", 6)) ||
	       (left >= 9 && !strncasecmp((const char *)mode, "netascii", 9));
}
