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
 *	name=N		looked up before a call, as caches demand, and sent as SNI or Host
 *	sni=N		sent but not looked up; "none": not sent although looked up
 *	app=tls		or http, tcp, udp
 *	out=420 in=180	bytes of the application
 *	sizes=0.1	how far these vary, half width over size
 *	silent=0.2	share of calls that nobody answers [0]
 *	after=3600	seconds before it wakes up [0]
 *	calls=20	falls silent after so many [never]
 *
 * A named implant is caught by nothing that looks for bare addresses only; a
 * bare one by nothing that looks for names.  Be fair to both.
 */
#pragma once

#include "base/complaint.h"
#include "simulate/law.h"
#include "simulate/site.h"

struct implant {
	uint32_t host;
	bool any_host; /* host was not given */
	bool from_bmc;
	bool any_site; /* address was not given */
	bool lookup;   /* site.name is looked up */
	bool udp;
	uint8_t app; /* APP_TLS, APP_HTTP or APP_UNKNOWN */
	struct law law;
	struct site site;	 /* name looked up, address, port */
	char sni[SIM_NAME_SIZE]; /* "": none */
	double out, in, sizes;
	double silent;
	double after_s;
	uint64_t calls; /* 0: no end */
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

/* The three of the demonstration. */
enum { IMPLANT_DEMO_COUNT = 3 };
struct implant implant_demo(uint32_t which);
