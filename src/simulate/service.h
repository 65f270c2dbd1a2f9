/* SPDX-License-Identifier: Apache-2.0 */
/*
 * service.h - what servers do all day, none of it evil.
 *
 * One line per service in service.c, each with the reason why it is there.
 * Many are timers: a detector that flags timers flags these.
 */
#pragma once

#include "simulate/host.h"
#include "simulate/law.h"
#include "simulate/site.h"

enum service_pick {
	PICK_OWN,	/* one site of the group for good, by host */
	PICK_ANY,	/* another site each time, the first ones more often */
	PICK_ADDRESS,	/* as OWN, but another address each time: content networks */
	PICK_STRANGER,	/* somebody outside calls this host */
	PICK_NAME_ONLY, /* a look-up that no call follows */
	PICK_BOOT,	/* what a host announces when it comes up; keeps no law */
};

/* What is asked for by a PICK_NAME_ONLY. */
enum service_question {
	QUESTION_REVERSE,   /* whose address is this?  Mostly nobody's */
	QUESTION_HASH,	    /* is this file known to be bad? */
	QUESTION_BLOCKLIST, /* is this address? */
};

struct sim_service {
	const char *label;
	struct law law;
	double share;	   /* of the hosts with such a role */
	double fixed_port; /* share of hosts that call from the service's own port (ntpd) */
	double out, in;	   /* median bytes of the application, of each exchange if it has a beat */
	double spread;	   /* sigma of their log-normal law; 0: always the same */
	double hold_s;	   /* median time it is held beyond what it needs; 0: none */
	double beat_s;	   /* one exchange every so often while held; 0: one in all */
	double silent, refused; /* shares of calls without an answer */
	double wakes_s;		/* median time from boot to its first call; 0: as by its law */
	double follows;	   /* what goes out is larger by this share of what the host served since */
	double from_share; /* begins after this share of the time: newly rolled out */
	uint32_t hosts;	   /* so many of the fleet have it, by chance; 0: by share */
	enum site_group group;
	enum service_pick pick;
	enum service_question question;
	enum app app;
	uint16_t port; /* 0: the site's */
	uint8_t roles; /* bit mask of enum sim_role */
	uint8_t times; /* how often the same host has it; 0 means 1 */
	uint8_t stack; /* TLS client */
	bool udp, icmp;
	bool from_bmc; /* the management controller does it */
};

enum { SERVICE_ALL_ROLES = (1 << SIM_ROLES) - 1 };

size_t service_count(void);
const struct sim_service *service_get(size_t index);
