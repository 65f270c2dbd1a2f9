/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Datagrams, drawn like the streams in spoken_rules.c; '.' is a byte that may be anything.
 */
#include "proto/spoken_rules.h"

#include <string.h>

static bool all_zero(const uint8_t *p, size_t len)
{
	uint8_t any = 0;

	for (size_t i = 0; i < len; i++)
		any |= p[i];
	return any == 0;
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
