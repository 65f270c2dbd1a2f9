/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which language belongs on which port (IANA's registry, and what is met).
 */
#include "proto/spoken.h"

#include <netinet/in.h>

enum { TCP = IPPROTO_TCP, UDP = IPPROTO_UDP, APPS_A_PORT = 3 };

/*
 * By port, so that it can be read.  A shared port is known for more than we can
 * list: nothing on it is bad.
 */
static const struct port {
	uint16_t port;
	uint8_t proto;
	bool shared;
	uint8_t apps[APPS_A_PORT];
} ports[] = {
	{20, TCP, true, {APP_FTP}},
	{21, TCP, false, {APP_FTP, APP_TLS}},
	{22, TCP, false, {APP_SSH}},
	{23, TCP, true, {APP_TELNET}}, /* many servers say nothing that we could know */
	{25, TCP, false, {APP_SMTP, APP_TLS}},
	{53, TCP, false, {APP_DNS}},
	{53, UDP, false, {APP_DNS}},
	{67, UDP, false, {APP_DHCP}},
	{68, UDP, false, {APP_DHCP}},
	{69, UDP, true, {APP_TFTP}},
	{80, TCP, false, {APP_HTTP, APP_HTTP2}},
	{80, UDP, true, {APP_QUIC}},
	{88, TCP, false, {APP_KERBEROS}},
	{88, UDP, false, {APP_KERBEROS}},
	{110, TCP, false, {APP_POP3, APP_TLS, APP_FTP}}, /* "USER": see spoken_by() */
	{123, UDP, false, {APP_NTP}},
	{135, TCP, false, {APP_DCERPC}},
	{137, UDP, false, {APP_NBNS}},
	{139, TCP, false, {APP_SMB}},
	{143, TCP, false, {APP_IMAP, APP_TLS}},
	{161, UDP, false, {APP_SNMP}},
	{162, UDP, false, {APP_SNMP}},
	{389, TCP, false, {APP_LDAP, APP_TLS}},
	{389, UDP, false, {APP_LDAP}},
	{443, TCP, false, {APP_TLS}},
	{443, UDP, false, {APP_QUIC, APP_DTLS}},
	{445, TCP, false, {APP_SMB}},
	{465, TCP, false, {APP_TLS, APP_SMTP}},
	{500, UDP, false, {APP_ISAKMP}},
	{514, UDP, false, {APP_SYSLOG}},
	{554, TCP, false, {APP_RTSP}},
	{587, TCP, false, {APP_SMTP, APP_TLS}},
	{636, TCP, false, {APP_TLS}},
	{853, TCP, false, {APP_TLS}},
	{853, UDP, false, {APP_QUIC, APP_DTLS}},
	{989, TCP, true, {APP_TLS}},
	{990, TCP, false, {APP_TLS, APP_FTP}},
	{993, TCP, false, {APP_TLS, APP_IMAP}},
	{995, TCP, false, {APP_TLS, APP_POP3}},
	{1080, TCP, true, {APP_SOCKS}},
	{1194, UDP, true, {APP_OPENVPN}},
	{1194, TCP, true, {APP_OPENVPN}},
	{1433, TCP, false, {APP_TDS, APP_TLS}},
	{1883, TCP, false, {APP_MQTT}},
	{1900, UDP, false, {APP_SSDP}},
	{1935, TCP, true, {APP_RTMP}},
	{2525, TCP, true, {APP_SMTP}},
	{3128, TCP, true, {APP_HTTP}},
	{3306, TCP, false, {APP_MYSQL, APP_TLS}},
	{3389, TCP, false, {APP_RDP, APP_TLS}},
	{3389, UDP, true, {APP_DTLS}},
	{3478, UDP, true, {APP_STUN}},
	{4500, UDP, true, {APP_ISAKMP}},
	{5060, TCP, true, {APP_SIP}},
	{5060, UDP, true, {APP_SIP}},
	{5222, TCP, true, {APP_XMPP, APP_TLS}},
	{5353, UDP, false, {APP_MDNS}},
	{5355, UDP, false, {APP_LLMNR}},
	{5432, TCP, false, {APP_POSTGRES, APP_TLS}},
	{5671, TCP, false, {APP_TLS, APP_AMQP}},
	{5672, TCP, false, {APP_AMQP, APP_TLS}},
	{5900, TCP, true, {APP_VNC}},
	{6379, TCP, false, {APP_REDIS, APP_TLS}},
	{6667, TCP, false, {APP_IRC, APP_TLS}},
	{6697, TCP, false, {APP_TLS, APP_IRC}},
	{8000, TCP, true, {APP_HTTP, APP_HTTP2}},
	{8080, TCP, true, {APP_HTTP, APP_HTTP2}},
	{8443, TCP, true, {APP_TLS}},
	{8883, TCP, false, {APP_TLS}},
	{8888, TCP, true, {APP_HTTP}},
	{11211, TCP, true, {APP_MEMCACHED}},
	{27017, TCP, false, {APP_MONGODB, APP_TLS}},
	{51820, UDP, false, {APP_WIREGUARD}},
};

/*
 * Met often enough where it does not belong: requests in clear on a port for TLS
 * (upgrades, WebSocket, misconfigured agents), calls that go where the firewall lets them.
 */
static bool is_borne_with(enum app app, uint8_t proto, uint16_t port)
{
	enum { HTTPS = 443 };

	if (port != HTTPS)
		return false;
	return app == APP_STUN || (proto == TCP && (app == APP_HTTP || app == APP_HTTP2));
}

enum port_fit spoken_fits_port(enum app app, uint8_t proto, uint16_t port)
{
	if (app == APP_UNKNOWN || app == APP_OTHER)
		return PORT_FIT_UNKNOWN;
	for (size_t i = 0; i < ARRAY_LEN(ports); i++) {
		if (ports[i].port != port || ports[i].proto != proto)
			continue;
		for (size_t k = 0; k < APPS_A_PORT; k++)
			if (ports[i].apps[k] == app)
				return PORT_FIT_GOOD;
		return ports[i].shared || is_borne_with(app, proto, port) ? PORT_FIT_UNKNOWN
									  : PORT_FIT_BAD;
	}
	return PORT_FIT_UNKNOWN;
}
