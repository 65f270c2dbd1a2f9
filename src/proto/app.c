/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/app.h"

const char *app_name(enum app app)
{
	static const char *const names[APPS] = {
		[APP_UNKNOWN] = "",	   [APP_DNS] = "dns",	    [APP_MDNS] = "mdns",
		[APP_LLMNR] = "llmnr",	   [APP_TLS] = "tls",	    [APP_DTLS] = "dtls",
		[APP_QUIC] = "quic",	   [APP_HTTP] = "http",	    [APP_HTTP2] = "http2",
		[APP_SSH] = "ssh",	   [APP_NTP] = "ntp",	    [APP_ICMP] = "icmp",
		[APP_SMTP] = "smtp",	   [APP_FTP] = "ftp",	    [APP_IRC] = "irc",
		[APP_MQTT] = "mqtt",	   [APP_RTMP] = "rtmp",	    [APP_SOCKS] = "socks",
		[APP_STRATUM] = "stratum", [APP_RANDOM] = "random", [APP_OTHER] = "other",
	};

	CHECK(app < APPS);
	return names[app];
}
