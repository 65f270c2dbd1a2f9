/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/implant.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
	HOUR_S = 3600,
	MOST_UDP = 40000,
	MOST_HTTP = 400000,
	MOST_ECHO = 1400,
	MOST_QUESTION = SIM_LABELS_MOST * 5 / 8, /* five bits a character */
	MOST_TOLD = 255 * 5 / 8,
};

typedef int value_fn(struct implant *implant, const char *value);

static int number(const char *value, double low, double high, double *out)
{
	char *end;
	double x = strtod(value, &end);

	if (end == value || *end || !(x >= low && x <= high))
		return -EINVAL;
	*out = x;
	return 0;
}

static int name(const char *value, char out[static SIM_NAME_SIZE])
{
	size_t label = 0, len = strlen(value);

	if (len == 0 || len >= SIM_NAME_SIZE)
		return -EINVAL;
	for (size_t i = 0; i <= len; i++) {
		if (value[i] && value[i] != '.') {
			if ((unsigned char)value[i] <= ' ' || (unsigned char)value[i] >= 0x7f)
				return -EINVAL;
			label++;
		} else if (label == 0) {
			return -EINVAL;
		} else {
			label = 0;
		}
	}
	memcpy(out, value, len + 1);
	return 0;
}

static int set_host(struct implant *im, const char *value)
{
	double x;

	if (number(value, 0, 1e7, &x) || x != floor(x))
		return -EINVAL;
	im->host = (uint32_t)x;
	im->any_host = false;
	return 0;
}

static int set_from(struct implant *im, const char *value)
{
	im->from_bmc = !strcmp(value, "bmc");
	return im->from_bmc || !strcmp(value, "host") ? 0 : -EINVAL;
}

static int set_period(struct implant *im, const char *value)
{
	return number(value, 0.01, 1e9, &im->law.period_s);
}

static int set_jitter(struct implant *im, const char *value)
{
	return number(value, 0, 1, &im->law.jitter);
}

static int set_missed(struct implant *im, const char *value)
{
	return number(value, 0, 0.99, &im->law.missed);
}

static int set_duty(struct implant *im, const char *value)
{
	char from[8];
	size_t len = strcspn(value, "-");

	if (len >= sizeof(from) || !value[len])
		return -EINVAL;
	memcpy(from, value, len);
	from[len] = '\0';
	if (number(from, 0, 23.99, &im->law.duty_from_h))
		return -EINVAL;
	return number(value + len + 1, 0, 24, &im->law.duty_to_h);
}

static int set_law(struct implant *im, const char *value)
{
	im->law.kind = !strcmp(value, "clock") ? LAW_CLOCK : LAW_SLEEP;
	return im->law.kind == LAW_CLOCK || !strcmp(value, "sleep") ? 0 : -EINVAL;
}

/* "1.2.3.4", "1.2.3.4:443", "2001:db8::1", "[2001:db8::1]:443" */
static int set_dest(struct implant *im, const char *value)
{
	const char *colon = strrchr(value, ':'), *port = NULL;
	size_t len = strlen(value);
	double x = im->site.port;
	struct address a;

	if (*value == '[') {
		const char *close = strchr(value, ']');

		if (!close || (close[1] && close[1] != ':'))
			return -EINVAL;
		port = close[1] ? close + 2 : NULL;
		value++;
		len = (size_t)(close - value);
	} else if (colon && strchr(value, ':') == colon) {
		port = colon + 1;
		len = (size_t)(colon - value);
	}
	if (address_parse(value, len, &a) || (port && number(port, 1, 65535, &x)))
		return -EINVAL;
	im->site.has_v6 = a.version == 6;
	if (a.version == 6)
		im->site.v6 = a;
	else
		im->site.v4 = a;
	im->any_port = im->any_port && !port;
	im->site.port = (uint16_t)x;
	im->any_site = false;
	return 0;
}

static int set_port(struct implant *im, const char *value)
{
	double x;

	if (number(value, 1, 65535, &x) || x != floor(x))
		return -EINVAL;
	im->site.port = (uint16_t)x;
	im->any_port = false;
	return 0;
}

static int set_name(struct implant *im, const char *value)
{
	im->lookup = true;
	return strcmp(value, "any") != 0 ? name(value, im->site.name) : 0;
}

static int set_sni(struct implant *im, const char *value)
{
	return name(value, im->sni);
}

static int set_app(struct implant *im, const char *value)
{
	static const struct {
		const char *name;
		uint8_t app;
		bool udp;
	} apps[] = {{"tls", APP_TLS, false},	 {"http", APP_HTTP, false},
		    {"tcp", APP_UNKNOWN, false}, {"udp", APP_UNKNOWN, true},
		    {"dns", APP_DNS, true},	 {"ntp", APP_NTP, true},
		    {"icmp", APP_UNKNOWN, true}, {"shell", APP_UNKNOWN, false}};

	im->icmp = !strcmp(value, "icmp");
	im->shell = !strcmp(value, "shell");
	for (size_t i = 0; i < ARRAY_LEN(apps); i++) {
		if (strcmp(value, apps[i].name) != 0)
			continue;
		im->app = apps[i].app;
		im->udp = apps[i].udp;
		return 0;
	}
	return -EINVAL;
}

static int set_type(struct implant *im, const char *value)
{
	im->question = !strcmp(value, "txt")	 ? SIM_DNS_TXT
		       : !strcmp(value, "cname") ? SIM_DNS_CNAME
						 : SIM_DNS_A;
	return im->question != SIM_DNS_A || !strcmp(value, "a") ? 0 : -EINVAL;
}

static int set_grow(struct implant *im, const char *value)
{
	return number(value, 0, 10, &im->grow);
}

static int set_follows(struct implant *im, const char *value)
{
	return number(value, 0, 10, &im->follows);
}

static int whole(const char *value, double most, uint32_t *out)
{
	double x;

	if (number(value, 1, most, &x) || x != floor(x))
		return -EINVAL;
	*out = (uint32_t)x;
	return 0;
}

static int set_burst(struct implant *im, const char *value)
{
	return whole(value, 10000, &im->burst);
}

static int set_gap(struct implant *im, const char *value)
{
	return number(value, 0.001, 1e6, &im->gap_s);
}

static int set_second(struct implant *im, const char *value)
{
	return number(value, 0.01, 1e9, &im->second.period_s);
}

static int set_hold(struct implant *im, const char *value)
{
	return number(value, 0, 1e7, &im->hold_s);
}

static int set_beat(struct implant *im, const char *value)
{
	return number(value, 0.5, 1e6, &im->beat_s);
}

static int set_hop(struct implant *im, const char *value)
{
	im->hop = !strcmp(value, "ports") ? HOP_PORTS : HOP_NET;
	return im->hop == HOP_PORTS || !strcmp(value, "24") ? 0 : -EINVAL;
}

static int set_peers(struct implant *im, const char *value)
{
	return whole(value, IMPLANT_PEERS_MAX, &im->peers);
}

static int set_hosts(struct implant *im, const char *value)
{
	return whole(value, IMPLANT_HOSTS_MAX, &im->hosts);
}

static int set_boot(struct implant *im, const char *value)
{
	im->boot = !strcmp(value, "first") ? BOOT_FIRST : BOOT_EARLY;
	return im->boot == BOOT_FIRST || !strcmp(value, "early") ? 0 : -EINVAL;
}

static int set_out(struct implant *im, const char *value)
{
	return number(value, 1, 1e9, &im->out);
}

static int set_in(struct implant *im, const char *value)
{
	return number(value, 1, 1e9, &im->in);
}

static int set_sizes(struct implant *im, const char *value)
{
	return number(value, 0, 1, &im->sizes);
}

static int set_silent(struct implant *im, const char *value)
{
	return number(value, 0, 1, &im->silent);
}

static int set_after(struct implant *im, const char *value)
{
	return number(value, 0, 1e9, &im->after_s);
}

static int set_calls(struct implant *im, const char *value)
{
	double x;

	if (number(value, 1, 1e9, &x))
		return -EINVAL;
	im->calls = (uint64_t)x;
	return 0;
}

static const struct key {
	const char *name;
	value_fn *set;
	const char *wants;
} keys[] = {
	{"host", set_host, "the number of a server"},
	{"from", set_from, "host or bmc"},
	{"period", set_period, "seconds"},
	{"jitter", set_jitter, "a share from 0 to 1"},
	{"missed", set_missed, "a share from 0 to 0.99"},
	{"duty", set_duty, "hours such as 8-18"},
	{"law", set_law, "sleep or clock"},
	{"dest", set_dest, "an address, with or without :port"},
	{"port", set_port, "a number from 1 to 65535"},
	{"name", set_name, "a host name or any"},
	{"sni", set_sni, "a host name or none"},
	{"app", set_app, "tls, http, tcp, udp, dns, icmp, ntp or shell"},
	{"type", set_type, "a, txt or cname"},
	{"out", set_out, "bytes"},
	{"in", set_in, "bytes"},
	{"sizes", set_sizes, "a share from 0 to 1"},
	{"grow", set_grow, "a share from 0 to 10"},
	{"follows", set_follows, "a share from 0 to 10"},
	{"silent", set_silent, "a share from 0 to 1"},
	{"after", set_after, "seconds"},
	{"calls", set_calls, "a number of calls"},
	{"burst", set_burst, "a number of calls, up to 10000"},
	{"gap", set_gap, "seconds"},
	{"second", set_second, "seconds"},
	{"hold", set_hold, "seconds"},
	{"beat", set_beat, "seconds, from 0.5"},
	{"hop", set_hop, "24 or ports"},
	{"peers", set_peers, "a number up to 64"},
	{"hosts", set_hosts, "a number up to 1000"},
	{"boot", set_boot, "first or early"},
};

static struct implant implant_default(void)
{
	return (struct implant){
		.any_host = true,
		.any_site = true,
		.app = APP_TLS,
		.law = {.kind = LAW_SLEEP, .period_s = HOUR_S},
		.site = {.port = 443, .addresses = 1, .ttl_s = 300, .rtt = 45 * NS_PER_MS},
		.sizes = 0.1,
		.burst = 1,
		.gap_s = 0.4,
		.peers = 1,
		.hosts = 1,
		.question = SIM_DNS_A,
		.any_port = true,
	};
}

/* What was left open, by what it speaks. */
static void fill_in(struct implant *im)
{
	double out = 420, in = 180;

	if (im->app == APP_DNS)
		out = 60, in = 40;
	else if (im->app == APP_NTP)
		out = 48, in = 48;
	else if (im->icmp)
		out = 400, in = 400;
	else if (im->shell)
		out = 40000, in = 4000;
	im->out = im->out > 0 ? im->out : out;
	im->in = im->in > 0 ? im->in : in;
	if (im->shell && im->hold_s <= 0)
		im->hold_s = HOUR_S / 2;
	if (im->app == APP_NTP && im->any_port)
		im->site.port = 123;
	if (im->icmp)
		im->site.port = 0;
	im->lookup |= im->app == APP_DNS;
	if (im->second.period_s > 0) {
		double period_s = im->second.period_s;

		im->second = im->law;
		im->second.period_s = period_s;
	}
}

static int set_one(struct implant *im, char *word, struct complaint *why)
{
	char *value = strchr(word, '=');

	if (value)
		*value++ = '\0';
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		if (strcmp(word, keys[i].name) != 0)
			continue;
		if (!value || keys[i].set(im, value)) {
			complain(why, "implant: %s wants %s, not '%.80s'", word, keys[i].wants,
				 value ? value : "");
			return -EINVAL;
		}
		return 0;
	}
	complain(why, "implant: there is no key '%.80s'", word);
	return -EINVAL;
}

static bool too_large(const struct implant *im, struct complaint *why)
{
	double most = im->out > im->in ? im->out : im->in;
	int most_told = im->question == SIM_DNS_TXT ? MOST_TOLD : MOST_QUESTION;

	if (im->app == APP_DNS && (im->out > MOST_QUESTION || im->in > most_told)) {
		complain(why, "implant: a question holds at most %d bytes, its answer %d",
			 MOST_QUESTION, most_told);
		return true;
	}
	if (im->icmp && most > MOST_ECHO) {
		complain(why, "implant: an echo holds at most %d bytes", MOST_ECHO);
		return true;
	}
	if (im->udp && most > MOST_UDP) {
		complain(why, "implant: over udp it says at most %d bytes", MOST_UDP);
		return true;
	}
	if (im->app == APP_HTTP && im->out > MOST_HTTP) {
		complain(why, "implant: over http it sends at most %d bytes", MOST_HTTP);
		return true;
	}
	return false;
}

int implant_parse(const char *text, struct implant *out_implant, struct complaint *why)
{
	struct implant im = implant_default();
	char copy[512], *rest = copy, *word;

	if (strlen(text) >= sizeof(copy)) {
		complain(why, "implant: the text is longer than %zu characters", sizeof(copy) - 1);
		return -EINVAL;
	}
	memcpy(copy, text, strlen(text) + 1);
	while ((word = strsep(&rest, ",")))
		if (*word && set_one(&im, word, why))
			return -EINVAL;
	fill_in(&im);
	if (too_large(&im, why))
		return -EINVAL;
	if (im.lookup && !*im.sni)
		memcpy(im.sni, im.site.name, sizeof(im.sni));
	if (!strcmp(im.sni, "none"))
		im.sni[0] = '\0';
	*out_implant = im;
	return 0;
}
