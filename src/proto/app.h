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
	APP_RANDOM,  /* nothing that we know, and it looks like noise: encrypted or packed */
	APP_OTHER,   /* named by a log, but not one of these */
	APPS
};

/* As EVE and Zeek name it ("tls", "http", ...); "" for APP_UNKNOWN.  Static. */
const char *app_name(enum app app);
