/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two tables: how text begins, and small matchers for what is no text.
 */
#include "proto/spoken.h"

#include "proto/http.h"
#include "proto/spoken_rules.h"

#include <string.h>

/* Where a rule holds, or-ed. */
enum { CLIENT = 1, SERVER = 2, STREAM = CLIENT | SERVER, DATAGRAM = 4 };

static uint8_t upper(uint8_t byte)
{
	return byte >= 'a' && byte <= 'z' ? (uint8_t)(byte - 'a' + 'A') : byte;
}

/* Does it start with `word`, which is in upper case, in whatever case? */
static bool starts_with(const uint8_t *bytes, size_t len, const char *word)
{
	size_t i = 0;

	while (word[i] && i < len && upper(bytes[i]) == (uint8_t)word[i])
		i++;
	return !word[i];
}

/* Is `word` in it, in whatever case, before the end of the first line? */
static bool first_line_has(const uint8_t *bytes, size_t len, const char *word)
{
	for (size_t i = 0; i < len && bytes[i] != '\n'; i++)
		if (upper(bytes[i]) == (uint8_t)word[0] && starts_with(bytes + i, len - i, word))
			return true;
	return false;
}

/* What only one protocol begins with, in upper case. */
static const struct start {
	uint8_t app, where;
	const char *text;
} starts[] = {
	{APP_SSH, STREAM, "SSH-"},
	{APP_HTTP2, CLIENT, "PRI * HTTP/2.0\r\n"},
	{APP_SMTP, CLIENT, "EHLO "},
	{APP_SMTP, CLIENT, "HELO "},
	{APP_SMTP, CLIENT, "LHLO "},
	{APP_FTP, CLIENT, "AUTH TLS\r\n"},
	{APP_POP3, SERVER, "+OK "},
	{APP_POP3, CLIENT, "CAPA\r\n"},
	{APP_IMAP, SERVER, "* OK "},
	{APP_IMAP, SERVER, "* PREAUTH "},
	{APP_IRC, CLIENT, "NICK "},
	{APP_IRC, CLIENT, "CAP LS"},
	{APP_IRC, CLIENT, "CAP REQ "},
	{APP_IRC, SERVER, "NOTICE AUTH :"},
	{APP_IRC, SERVER, "NOTICE * :"},
	{APP_IRC, SERVER, "ERROR :"},
	{APP_IRC, STREAM, "PING :"},
	{APP_VNC, STREAM, "RFB 00"},
	{APP_AMQP, CLIENT, "AMQP"},
	{APP_XMPP, STREAM, "<STREAM:STREAM"},
	{APP_XMPP, STREAM, "<?XML VERSION='1.0'?><STREAM:"},
	{APP_SIP, STREAM | DATAGRAM, "SIP/2.0 "},
	{APP_SIP, STREAM | DATAGRAM, "INVITE SIP:"},
	{APP_SIP, STREAM | DATAGRAM, "REGISTER SIP:"},
	{APP_SIP, STREAM | DATAGRAM, "OPTIONS SIP:"},
	{APP_RTSP, STREAM, "RTSP/1.0 "},
	{APP_RTSP, CLIENT, "OPTIONS RTSP:"},
	{APP_RTSP, CLIENT, "DESCRIBE RTSP:"},
	{APP_RTSP, CLIENT, "SETUP RTSP:"},
	{APP_RTSP, CLIENT, "ANNOUNCE RTSP:"},
	{APP_RTSP, CLIENT, "GET_PARAMETER RTSP:"},
	{APP_MEMCACHED, CLIENT, "STATS\r\n"},
	{APP_MEMCACHED, SERVER, "STAT PID "},
	{APP_REDIS, SERVER, "+PONG\r\n"},
	{APP_REDIS, SERVER, "-NOAUTH "},
	{APP_REDIS, SERVER, "-DENIED REDIS"},
	{APP_BITTORRENT, STREAM,
	 "\x13"
	 "BITTORRENT PROTOCOL"},
	{APP_BITTORRENT, DATAGRAM, "D1:AD2:ID20:"},
	{APP_BITTORRENT, DATAGRAM, "D1:RD2:ID20:"},
	{APP_SSDP, DATAGRAM, "M-SEARCH * HTTP/1.1\r\n"},
	{APP_SSDP, DATAGRAM, "NOTIFY * HTTP/1.1\r\n"},
};

/* "220 mail.example.com ESMTP", "220 (vsFTPd 3.0.3)": either may leave the word out. */
static enum app greeted_with_220(const uint8_t *bytes, size_t len)
{
	if (len < 4 || memcmp(bytes, "220", 3) != 0 || (bytes[3] != ' ' && bytes[3] != '-'))
		return APP_UNKNOWN;
	if (first_line_has(bytes, len, "FTP"))
		return APP_FTP;
	return first_line_has(bytes, len, "SMTP") || first_line_has(bytes, len, "MAIL")
		       ? APP_SMTP
		       : APP_UNKNOWN;
}

/*
 * IRC's USER has four parameters, the last behind a colon; PASS comes first only there.
 * Only a whole line tells.
 */
static enum app logs_in(const uint8_t *bytes, size_t len)
{
	const uint8_t *end = memchr(bytes, '\n', len);
	size_t next = end ? (size_t)(end + 1 - bytes) : len;

	bool user = starts_with(bytes, len, "USER ");

	if (!end || (!user && !starts_with(bytes, len, "PASS ")))
		return APP_UNKNOWN;
	if (starts_with(bytes + next, len - next, "NICK "))
		return APP_IRC;
	if (!user)
		return APP_UNKNOWN;
	return first_line_has(bytes, len, " :") ? APP_IRC : APP_FTP;
}

/* ":irc.example.net 001 " or ":irc.example.net NOTICE " */
static enum app server_line(const uint8_t *bytes, size_t len)
{
	size_t at = 1;

	while (at < len && at < 64 && bytes[at] > ' ' && bytes[at] < 0x7f)
		at++;
	if (at < 3 || len < at + 5 || bytes[at] != ' ')
		return APP_UNKNOWN;
	if (starts_with(bytes + at, len - at, " NOTICE "))
		return APP_IRC;
	for (size_t i = at + 1; i < at + 4; i++)
		if (bytes[i] < '0' || bytes[i] > '9')
			return APP_UNKNOWN;
	return bytes[at + 4] == ' ' ? APP_IRC : APP_UNKNOWN;
}

/*
 * JSON-RPC of mining pools: one object a line, the method anywhere in it.  Monero's says
 * "login" both for the method and for the wallet.
 */
static enum app mines(const uint8_t *bytes, size_t len)
{
	static const char *const words[] = {
		"\"MINING.",	   "\"ETH_SUBMITLOGIN\"", "\"ETH_SUBMITWORK\"",
		"\"ETH_GETWORK\"", "\"KEEPALIVED\"",	  "\"JOB_ID\"",
		"\"SEED_HASH\"",   "\"RIGID\"",		  "\"ALGO\":[",
	};
	bool login = false, pass = false;

	for (size_t i = 0; i < len && i < 1024 && bytes[i] != '\n'; i++) {
		if (bytes[i] != '"')
			continue;
		for (size_t k = 0; k < ARRAY_LEN(words); k++)
			if (starts_with(bytes + i, len - i, words[k]))
				return APP_STRATUM;
		login = login || starts_with(bytes + i, len - i, "\"LOGIN\":");
		pass = pass || starts_with(bytes + i, len - i, "\"PASS\":");
	}
	return login && pass ? APP_STRATUM : APP_UNKNOWN;
}

/* SIP and RTSP share some methods with HTTP, but their targets start with their own name. */
static bool asks_for_a_path(const uint8_t *bytes, size_t len)
{
	const uint8_t *space = memchr(bytes, ' ', len);
	const uint8_t *target = space + 1, *end = bytes + len;

	if (bytes[0] != 'O' && bytes[0] != 'N' && bytes[0] != 'S')
		return true;
	return target < end && (*target == '/' || *target == '*' || upper(*target) == 'H');
}

static enum app spoken_text(const uint8_t *bytes, size_t len, unsigned int where)
{
	uint8_t first = upper(bytes[0]);

	for (size_t i = 0; i < ARRAY_LEN(starts); i++)
		if ((uint8_t)starts[i].text[0] == first && starts[i].where & where &&
		    starts_with(bytes, len, starts[i].text))
			return starts[i].app;
	if (where == SERVER) {
		if (http_is_response(bytes, len))
			return APP_HTTP;
		if (first == '2')
			return greeted_with_220(bytes, len);
		if (first == ':')
			return server_line(bytes, len);
	}
	if (where == CLIENT) {
		if (http_is_request(bytes, len))
			return asks_for_a_path(bytes, len) ? APP_HTTP : APP_UNKNOWN;
		if (first == 'U' || first == 'P')
			return logs_in(bytes, len);
	}
	return where != DATAGRAM && first == '{' ? mines(bytes, len) : APP_UNKNOWN;
}

/* A rule is asked if the first byte under `mask` is `first`. */
static const struct row {
	uint8_t app, where, first, mask;
	spoken_rule *matches;
} rows[] = {
	/* these begin with a number or a length that is like anything, and are sure */
	{APP_NBNS, DATAGRAM, 0x00, 0x00, rule_nbns},
	{APP_DNS, DATAGRAM, 0x00, 0x00, rule_dns},
	{APP_DNS, STREAM, 0x00, 0x00, rule_dns_stream},
	{APP_TLS, STREAM, 0x14, 0xfc, rule_tls},
	{APP_TLS, CLIENT, 0x80, 0x80, rule_ssl2},
	{APP_SOCKS, CLIENT, 0x04, 0xfe, rule_socks},
	{APP_MQTT, CLIENT, 0x10, 0xff, rule_mqtt},
	{APP_MQTT, SERVER, 0x20, 0xff, rule_mqtt},
	{APP_RTMP, STREAM, 0x03, 0xff, rule_rtmp},
	{APP_RDP, STREAM, 0x03, 0xff, rule_rdp},
	{APP_TELNET, STREAM, 0xff, 0xff, rule_telnet},
	{APP_SMB, STREAM, 0x00, 0xff, rule_smb},
	{APP_SMB, CLIENT, 0x81, 0xff, rule_smb},
	{APP_DCERPC, STREAM, 0x05, 0xff, rule_dcerpc},
	{APP_LDAP, STREAM | DATAGRAM, 0x30, 0xff, rule_ldap},
	{APP_KERBEROS, STREAM, 0x00, 0xff, rule_kerberos_stream},
	{APP_KERBEROS, DATAGRAM, 0x60, 0xe0, rule_kerberos},
	{APP_POSTGRES, CLIENT, 0x00, 0xff, rule_postgres},
	{APP_TDS, CLIENT, 0x12, 0xff, rule_tds},
	{APP_REDIS, CLIENT, '*', 0xff, rule_redis},
	{APP_OPENVPN, STREAM, 0x00, 0xff, rule_openvpn_stream},
	{APP_MYSQL, SERVER, 0x00, 0x00, rule_mysql},
	{APP_MONGODB, STREAM, 0x00, 0x00, rule_mongodb},
	{APP_STUN, STREAM | DATAGRAM, 0x00, 0xc0, rule_stun},
	{APP_QUIC, DATAGRAM, 0x00, 0x00, rule_quic},
	{APP_DTLS, DATAGRAM, 0x14, 0xfc, rule_dtls},
	{APP_DTLS, DATAGRAM, 0x18, 0xfe, rule_dtls},
	{APP_SNMP, DATAGRAM, 0x30, 0xff, rule_snmp},
	{APP_WIREGUARD, DATAGRAM, 0x00, 0xf8, rule_wireguard},
	{APP_OPENVPN, DATAGRAM, 0x00, 0x80, rule_openvpn},
	{APP_DHCP, DATAGRAM, 0x00, 0xfc, rule_dhcp},
	{APP_SYSLOG, DATAGRAM, '<', 0xff, rule_syslog},
	{APP_TFTP, DATAGRAM, 0x00, 0xff, rule_tftp},
	{APP_ISAKMP, DATAGRAM, 0x00, 0x00, rule_isakmp},
	{APP_NTP, DATAGRAM, 0x00, 0x00, rule_ntp},
};

static enum app spoken(const uint8_t *bytes, size_t len, unsigned int where)
{
	enum app text;

	if (len == 0)
		return APP_UNKNOWN;
	text = spoken_text(bytes, len, where);
	if (text != APP_UNKNOWN)
		return text;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if ((bytes[0] & rows[i].mask) == rows[i].first && rows[i].where & where &&
		    rows[i].matches(bytes, len))
			return rows[i].app;
	return APP_UNKNOWN;
}

enum app spoken_by(const uint8_t *bytes, size_t len, bool by_client)
{
	return spoken(bytes, len, by_client ? CLIENT : SERVER);
}

enum app spoken_in_datagram(const uint8_t *bytes, size_t len, uint16_t port)
{
	enum {
		PORT_DNS = 53,
		PORT_NTP = 123,
		PORT_SSDP = 1900,
		PORT_MDNS = 5353,
		PORT_LLMNR = 5355
	};

	if (len == 0)
		return APP_UNKNOWN;
	if (port == PORT_DNS && rule_dns(bytes, len))
		return APP_DNS;
	if (port == PORT_NTP && (rule_ntp(bytes, len) || rule_ntp_control(bytes, len)))
		return APP_NTP;
	if (port == PORT_MDNS && rule_mdns(bytes, len))
		return APP_MDNS;
	if (port == PORT_LLMNR && rule_dns(bytes, len))
		return APP_LLMNR;
	if (port == PORT_SSDP && http_is_response(bytes, len))
		return APP_SSDP;
	return spoken(bytes, len, DATAGRAM);
}
