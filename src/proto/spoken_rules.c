/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wire formats in one line each; '.' is a byte that may be anything.
 */
#include "proto/spoken_rules.h"

#include "base/cursor.h"
#include "proto/dns.h"
#include "proto/socks.h"

#include <string.h>

static uint32_t little32(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
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

	if (len < 21 || little32(p) < 21 || p[3] != 0) /* nobody opens with 16 MiB, but PPTP does */
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
