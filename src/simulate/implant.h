/* SPDX-License-Identifier: Apache-2.0 */
/*
 * implant.h - what does not belong into the fleet: something that calls home.
 *
 * As text, keys in any order, all optional (default in brackets):
 *
 *	host=17		number of the server [by seed]
 *	from=bmc	the server's management controller calls, not the server
 *	period=3600	seconds
 *	jitter=0.3	half width over period [0]
 *	missed=0.1	share of beats that never happen [0]
 *	duty=8-18	hours of day, UTC [always]
 *	law=sleep	or clock: see law.h
 *	dest=A[:PORT]	address, IPv6 in brackets when a port follows [by seed, 443]
 *	port=8443	of an address by seed [443; ntp 123]
 *	name=N		looked up before a call, as caches demand, and sent as SNI or Host;
 *			any: one by seed
 *	sni=N		sent but not looked up; "none": not sent although looked up
 *	app=tls		or http, tcp, udp; or one of
 *			dns	data in questions for sub-domains of name=, by way of the
 *				fleet's own resolver
 *			icmp	data in echoes
 *			ntp	UDP to port 123 that begins as NTP does
 *			shell	a connection in which somebody outside types
 *	type=txt	of DNS questions: a, txt or cname [a]
 *	out=420 in=180	bytes of the application [420 and 180; dns 60 and 40, ntp 48 and 48,
 *			icmp 400 and 400, shell 40000 and 4000]
 *	sizes=0.1	how far these vary, half width over size
 *	grow=0.02	each call sends so much more than the one before [0]
 *	follows=0.02	and so much of what its host has served meanwhile [0]
 *	silent=0.2	share of calls that nobody answers [0]
 *	after=3600	seconds before it wakes up [0]
 *	calls=20	falls silent after so many [never]
 *	burst=2 gap=40	so many calls every beat, so many seconds apart [1, 0.4]
 *	second=86400	a second rhythm of its own, seconds [none]
 *	hold=7200	the connection stays so many seconds [0; shell 1800] ...
 *	beat=60		... with an exchange so often, which keeps to the jitter too [none]
 *	hop=24		another address of a /24 each time; ports: another port
 *	peers=8		so many others, one of them each time [1]
 *	hosts=10	so many servers have it, each with a rhythm of its own [1]
 *	boot=first	calls only when its host comes up, before anything else does;
 *			early: even before that [no]
 *
 * A named implant is caught by nothing that looks for bare addresses only; a
 * bare one by nothing that looks for names.  Be fair to both.
 */
#pragma once

#include "base/complaint.h"
#include "simulate/law.h"
#include "simulate/site.h"

enum implant_hop { HOP_NONE, HOP_PORTS, HOP_NET };
enum implant_boot { BOOT_NEVER, BOOT_FIRST, BOOT_EARLY };

enum { IMPLANT_PEERS_MAX = 64, IMPLANT_HOSTS_MAX = 1000, IMPLANT_PEER_STRIDE = 37 };

struct implant {
	uint32_t host;
	bool any_host; /* host was not given */
	bool from_bmc;
	bool any_site; /* address was not given */
	bool lookup;   /* site.name is looked up */
	bool udp;
	uint8_t app; /* APP_TLS, APP_HTTP, APP_DNS, APP_NTP or APP_UNKNOWN */
	struct law law;
	struct site site;	 /* name looked up, address, port */
	char sni[SIM_NAME_SIZE]; /* "": none */
	double out, in, sizes, grow, follows;
	double silent;
	double after_s;
	uint64_t calls; /* 0: no end */
	uint32_t burst;
	double gap_s;
	struct law second; /* period_s 0: none */
	double hold_s, beat_s;
	uint32_t peers, hosts;
	enum implant_hop hop;
	enum implant_boot boot;
	uint16_t question; /* enum sim_dns_type */
	bool icmp, shell, any_port;
	struct address first_peer; /* the others follow, IMPLANT_PEER_STRIDE apart */
};

/* 0, or -EINVAL and a sentence. */
int implant_parse(const char *text, struct implant *out_implant, struct complaint *why) MUST_USE;

/* Fill in host and destination where they were left to the seed. */
void implant_settle(struct implant *implant, uint64_t seed, uint32_t number, uint32_t hosts);

/*
 * A hard one by seed: 1 min to 4 h (or to an eighth of the time), jitter 0.1 to
 * 0.7, beats missing, duty hours now and then; named or bare.
 */
struct implant implant_random(uint64_t seed, uint32_t number, double days);

/*
 * A kind that one rhythm of calls to one place does not show, by seed: tunnels,
 * data that leaves slowly, hopping, peers, boots, shells ...; IMPLANT_HARD_KINDS
 * numbers in turn give one of each.
 */
enum { IMPLANT_HARD_KINDS = 20 };
struct implant implant_hard(uint64_t seed, uint32_t number, double days);

/* "dns-tunnel", "shell", ...: what an implant is an example of. */
const char *implant_kind(const struct implant *implant);

/* The hosts of an implant, from 0 to im->hosts-1; different if the fleet is large enough. */
uint32_t implant_host(const struct implant *implant, uint32_t which, uint32_t fleet_hosts);

/* Where its calls may go: one place for each peer, or one in all. */
struct address implant_peer(const struct implant *implant, uint32_t which);

/* The three of the demonstration. */
enum { IMPLANT_DEMO_COUNT = 3 };
struct implant implant_demo(uint32_t which);
