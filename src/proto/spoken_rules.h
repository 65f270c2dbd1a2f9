/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spoken_rules.h - how binary protocols begin, one small matcher each.
 *
 * Private to proto/.  Each is asked with at least one byte, whose value its row
 * in spoken.c has already let pass, and answers from at most a few dozen bytes;
 * only DNS is parsed.  Every one wants 17 right bits or more.
 */
#pragma once

#include "base/base.h"

typedef bool spoken_rule(const uint8_t *bytes, size_t len);

spoken_rule rule_tls;	     /* a record of TLS, as a stream starts or goes on */
spoken_rule rule_ssl2;	     /* a hello in the old frame */
spoken_rule rule_dns_stream; /* behind its length */
spoken_rule rule_dns;
spoken_rule rule_mdns; /* a question may be missing */
spoken_rule rule_socks;
spoken_rule rule_mqtt;
spoken_rule rule_rtmp;
spoken_rule rule_telnet;
spoken_rule rule_rdp;
spoken_rule rule_smb;
spoken_rule rule_dcerpc;
spoken_rule rule_ldap;
spoken_rule rule_kerberos_stream;
spoken_rule rule_kerberos;
spoken_rule rule_mysql;
spoken_rule rule_postgres;
spoken_rule rule_tds;
spoken_rule rule_mongodb;
spoken_rule rule_redis;
spoken_rule rule_snmp;

/* In spoken_datagrams.c. */
spoken_rule rule_ntp;
spoken_rule rule_ntp_control; /* too little to tell by, except on its port */
spoken_rule rule_stun;
spoken_rule rule_dtls;
spoken_rule rule_quic;
spoken_rule rule_wireguard;
spoken_rule rule_openvpn;
spoken_rule rule_openvpn_stream;
spoken_rule rule_isakmp;
spoken_rule rule_dhcp;
spoken_rule rule_nbns;
spoken_rule rule_syslog;
spoken_rule rule_tftp;

/* What several rules ask. */
static inline uint32_t big16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static inline uint32_t big32(const uint8_t *p)
{
	return big16(p) << 16 | big16(p + 2);
}

static inline bool is_digit(uint8_t byte)
{
	return byte >= '0' && byte <= '9';
}

static inline bool is_text(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (p[i] < 0x20 || p[i] > 0x7e)
			return false;
	return true;
}
