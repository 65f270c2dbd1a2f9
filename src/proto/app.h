/* SPDX-License-Identifier: Apache-2.0 */
/*
 * app.h - the languages that a conversation may speak.
 */
#pragma once

#include "base/base.h"

enum app {
	APP_UNKNOWN, /* nothing that we know, or nothing said */
	APP_DNS,
	APP_MDNS,  /* RFC 6762: names on the link, no look-up at a resolver */
	APP_LLMNR, /* RFC 4795: likewise */
	APP_TLS,
	APP_DTLS,
	APP_QUIC,
	APP_HTTP,
	APP_HTTP2, /* in clear: known by its preface */
	APP_SSH,
	APP_NTP,
	APP_ICMP,
	APP_SMTP,
	APP_FTP,
	APP_IRC,
	APP_MQTT,
	APP_RTMP,
	APP_SOCKS,
	APP_STRATUM, /* mining pools speak it, and miners */
	APP_POP3,
	APP_IMAP,
	APP_TELNET,
	APP_RDP,
	APP_VNC,
	APP_SMB,
	APP_DCERPC,
	APP_LDAP,
	APP_KERBEROS,
	APP_MYSQL,
	APP_POSTGRES,
	APP_TDS, /* of Microsoft SQL Server */
	APP_MONGODB,
	APP_REDIS,
	APP_MEMCACHED,
	APP_AMQP,
	APP_XMPP,
	APP_SIP,
	APP_RTSP,
	APP_BITTORRENT,
	APP_STUN,
	APP_DHCP,
	APP_SNMP,
	APP_SYSLOG,
	APP_NBNS, /* RFC 1002: names of NetBIOS */
	APP_SSDP,
	APP_TFTP,
	APP_ISAKMP, /* keys of IPsec */
	APP_WIREGUARD,
	APP_OPENVPN,
	APP_RANDOM, /* nothing that we know, and it looks like noise: encrypted or packed */
	APP_OTHER,  /* named by a log, but not one of these */
	APPS
};

/* As EVE and Zeek name it ("tls", "http", ...); "" for APP_UNKNOWN.  Static. */
const char *app_name(enum app app);
