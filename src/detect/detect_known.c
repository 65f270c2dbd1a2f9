/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A periodic service known to be ordinary: explained, never hidden.
 *
 * An entry weighs against a call-home only as far as what was seen fits it: by
 * port and payload for protocols, by name for services.  Names can be claimed
 * by anybody, so a name that a DNS answer to this host bears out weighs more
 * than one that only stands in a hello, and neither outweighs much of what
 * else is odd.
 */
#include "detect/detector.h"
#include "detect/detectors.h"

#include <netinet/in.h>
#include <string.h>

/* The catalogue.  Version it by date when it changes; say why an entry is here. */
static const struct service {
	const char *suffix; /* of the name: whole labels; NULL: by protocol only */
	const char *what;
	const char *why;
} services[] = {
	{"connectivity-check.ubuntu.com", "connectivity check",
	 "desktop and cloud images ask every 300 s"},
	{"nmcheck.gnome.org", "connectivity check", "NetworkManager asks every 300 s"},
	{"network-test.debian.org", "connectivity check", "NetworkManager asks every 300 s"},
	{"detectportal.firefox.com", "connectivity check",
	 "the browser asks at start and on change"},
	{"connectivitycheck.gstatic.com", "connectivity check", "Android and Chrome ask for a 204"},
	{"msftconnecttest.com", "connectivity check", "Windows' network status indicator"},
	{"msftncsi.com", "connectivity check", "Windows' network status indicator"},
	{"captive.apple.com", "connectivity check", "Apple's captive portal test"},
	{"debian.org", "package updates", "apt timers run twice a day"},
	{"ubuntu.com", "package updates", "apt timers run twice a day"},
	{"fedoraproject.org", "package updates", "dnf makecache timer"},
	{"centos.org", "package updates", "dnf makecache timer"},
	{"windowsupdate.com", "system updates", "Windows Update scans daily"},
	{"update.microsoft.com", "system updates", "Windows Update scans daily"},
	{"delivery.mp.microsoft.com", "system updates", "Delivery Optimization"},
	{"events.data.microsoft.com", "telemetry", "Windows diagnostic data, about every 15 min"},
	{"wns.windows.com", "push notifications", "one long connection for each device"},
	{"digicert.com", "certificate status", "OCSP answers and CRLs expire"},
	{"letsencrypt.org", "certificate status", "renewal twice a day, CRLs"},
	{"lencr.org", "certificate status", "OCSP answers and CRLs expire"},
	{"pki.goog", "certificate status", "OCSP answers and CRLs expire"},
	{"ocsp.sectigo.com", "certificate status", "OCSP answers expire"},
	{"pool.ntp.org", "time", "clients poll every 64 to 1024 s"},
	{"time.windows.com", "time", "clients poll every 64 to 1024 s"},
	{"time.apple.com", "time", "clients poll every 64 to 1024 s"},
};

enum { PORT_DNS = 53, PORT_NTP = 123, NTP_LEAST = 48, NTP_MOST = 76 };

static const double db_by_protocol = -12, db_name_resolved = -10, db_name_claimed = -5;

/* Is `name` the suffix itself or a name below it? */
static bool below(const char *name, const char *suffix)
{
	size_t n = strlen(name), s = strlen(suffix);

	return n >= s && !strcmp(name + n - s, suffix) && (n == s || name[n - s - 1] == '.');
}

static const struct service *find_service(const struct subject *s)
{
	const struct timeline *t = s->timeline;
	uint32_t name = t->key.name ? t->key.name : t->names[0];

	if (!name || (!t->key.name && t->names[1])) /* several names: not one service */
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(services); i++)
		if (below(string_table_get(s->names, name), services[i].suffix))
			return &services[i];
	return NULL;
}

/*
 * RFC 5905: 48 bytes, with a MAC up to 76, below UDP and IPv4 or IPv6 headers,
 * and as many back as out; more hides something.
 */
static bool is_ntp(const struct timeline *t)
{
	double each = t->out_packets ? (double)t->out_bytes / (double)t->out_packets : 0;

	return t->key.proto == IPPROTO_UDP && t->key.port == PORT_NTP && !t->other_protocol &&
	       each >= NTP_LEAST + 28 && each <= NTP_MOST + 48 && t->in_bytes <= t->out_bytes;
}

static bool is_resolver(const struct timeline *t)
{
	return t->key.proto == IPPROTO_UDP && t->key.port == PORT_DNS && !t->other_protocol &&
	       t->dns == t->calls;
}

/* A DNS answer gave this host the address under the name that most calls claim. */
static bool confirmed(const struct timeline *t)
{
	return 2 * t->confirmed >= t->calls;
}

static enum trait observe(const struct subject *s)
{
	if (is_ntp(s->timeline) || is_resolver(s->timeline) || find_service(s))
		return TRAIT_PRESENT;
	return TRAIT_ABSENT;
}

static double weigh(const struct subject *s)
{
	const struct timeline *t = s->timeline;

	if (is_ntp(t) || is_resolver(t))
		return db_by_protocol;
	return confirmed(t) ? db_name_resolved : db_name_claimed;
}

static void describe(const struct subject *s, enum trait trait, double p0, struct evidence *out)
{
	const struct timeline *t = s->timeline;
	const struct service *service = find_service(s);

	(void)trait;
	(void)p0;
	if (is_ntp(t))
		evidence_say(out,
			     "NTP: packets of %.0f bytes, answers no larger; clients poll every "
			     "64 to 1024 s",
			     (double)t->out_bytes / (double)t->out_packets);
	else if (is_resolver(t))
		evidence_say(out, "a DNS resolver: called whenever anything is looked up");
	else if (service)
		evidence_say(out, "%s (%s): %s%s", service->what, service->suffix, service->why,
			     confirmed(t) ? "" : "; the name is only claimed");
}

const struct detector detect_known = {
	.name = "known-service",
	.kin = "known",
	.sign = "known service",
	.attack = "",
	.observe = observe,
	.describe = describe,
	.weigh = weigh,
};
