/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/caller.h"

#include "simulate/caller_time.h"

#include <math.h>
#include <netinet/in.h>

enum {
	DNS_PORT = 53,
	IMPLANT_PORT_LOW = 61000, /* ports no service of the host calls from */
	IMPLANT_PORTS = 4000,
	BYTES_PER_SECOND = 12500000, /* a 100 Mbit/s path */
	LONG_HOLD_S = 600,
	HOP_NET_SIZE = 250,
	HOP_PORT_LOW = 20000,
	HOP_PORTS_COUNT = 30000,
	MOST_GROWN = 100000000,
	DHCP_CLIENT = 68,
	DHCP_SERVER = 67,
	DHCP_BYTES = 300,
};

#define NO_SUCH_NAME 3

static const char shop_name[] = "shop.fleet.example";

static struct sim_host *home_of(const struct caller *k, struct world *w)
{
	return &w->hosts[k->host];
}

void caller_init_service(struct caller *k, const struct world *w, uint32_t host, size_t service,
			 uint32_t instance, uint32_t site)
{
	uint64_t self = (uint64_t)host << 16 | service << 4 | instance;
	const struct sim_service *s = service_get(service);

	*k = (struct caller){
		.random = random_from_seed(sim_mix(w->seed ^ sim_mix(self))),
		.service = s,
		.law = &s->law,
		.host = host,
		.site = site,
		.number = self,
		.pick = s->pick,
		.from_bmc = s->from_bmc,
		.looks_up = s->group != SITE_NTP,
	};
	if (s->pick == PICK_BOOT) {
		caller_start_booting(k, w);
		return;
	}
	/* one decision for all instances of a host, so not this caller's own dice */
	if ((double)(sim_mix(w->seed + host) % 100) < 100 * s->fixed_port)
		k->own_port = w->sites.sites[site].port;
	caller_start_law(k, w, w->start + (ns_t)(s->from_share * (double)(w->end - w->start)));
}

void caller_init_implant(struct caller *k, const struct world *w, struct implant *implant,
			 uint32_t number, uint32_t which_host, bool second)
{
	uint64_t self = 1ull << 56 | (uint64_t)(2 * which_host + second) << 32 | number;

	*k = (struct caller){
		.random = random_from_seed(sim_mix(w->seed ^ sim_mix(self))),
		.implant = implant,
		.law = second ? &implant->second : &implant->law,
		.host = implant_host(implant, which_host, w->host_count),
		.number = self,
		.implant_port = (uint32_t)sim_mix(self & 0xffffffffffff),
		.place = which_host * implant->peers,
		.pick = PICK_OWN,
		.from_bmc = implant->from_bmc,
		.looks_up = implant->lookup && implant->app != APP_DNS,
	};
	if (implant->boot != BOOT_NEVER)
		caller_start_booting(k, w);
	else
		caller_start_law(k, w, w->start + ns_from_s(implant->after_s));
}

/* --- whom -------------------------------------------------------------- */

/* The square of a uniform number: the first sites are the popular ones. */
static uint32_t popular(struct random *r, size_t count)
{
	double u = random_unit(r);

	return (uint32_t)(u * u * (double)count);
}

static const struct site *any_site(struct caller *k, const struct world *w)
{
	enum site_group group = k->service->group;
	size_t first = w->sites.groups[group].first, count = w->sites.groups[group].count;

	return &w->sites.sites[first + popular(&k->random, count)];
}

static void choose_target(struct caller *k, const struct world *w)
{
	if (k->implant)
		k->target = &k->implant->site;
	else if (k->pick == PICK_ANY)
		k->target = any_site(k, w);
	else
		k->target = &w->sites.sites[k->site];
	/* unless a look-up says otherwise: what it was configured with, or told long ago */
	k->which = (uint32_t)(sim_mix(k->number) % k->target->addresses);
}

static bool target_is_v6(const struct caller *k, struct world *w)
{
	return k->target->has_v6 && (k->implant || (home_of(k, w)->has_v6 && !k->from_bmc));
}

static uint32_t target_number(const struct caller *k, const struct world *w)
{
	return k->implant ? 0 : (uint32_t)(k->target - w->sites.sites);
}

static struct host_memory *memory_of(struct caller *k, struct world *w)
{
	if (k->implant)
		return &k->memory;
	return &home_of(k, w)->memory[sim_mix(target_number(k, w)) % HOST_REMEMBERS];
}

/* Is the target known by address, or must it be asked for? */
static bool must_look_up(struct caller *k, struct world *w)
{
	struct host_memory *m = memory_of(k, w);
	uint32_t site = target_number(k, w) + 1;

	if (!k->looks_up || !*k->target->name)
		return false;
	if (!home_of(k, w)->caches)
		return true;
	if (m->site == 0 && !k->implant) {
		/* looked up before the simulation began, and still fresh? */
		double age = (double)(sim_mix(k->number ^ site) % 1024) / 1024;

		m->site = site;
		m->which = k->which;
		m->until = w->start + ns_from_s(age * k->target->ttl_s);
	}
	if (m->site != site || m->until <= k->next)
		return true;
	k->which = m->which;
	return false;
}

/* Balancers mostly give a host what they gave it before; content networks do not. */
static void be_told(struct caller *k, struct world *w)
{
	struct host_memory *m = memory_of(k, w);
	if (k->pick != PICK_OWN || random_chance(&k->random, 0.1))
		k->which = (uint32_t)random_below(&k->random, k->target->addresses);
	m->site = target_number(k, w) + 1;
	m->which = k->which;
	m->until = k->next + (ns_t)k->target->ttl_s * NS_PER_SEC;
	if (m->until > caller_next_boot(k, w, k->next).down)
		m->until =
			caller_next_boot(k, w, k->next).down; /* nobody remembers across a boot */
}

/* --- what -------------------------------------------------------------- */

static struct address source(const struct caller *k, struct world *w, bool v6)
{
	struct sim_host *h = home_of(k, w);

	if (k->from_bmc)
		return h->bmc;
	return v6 ? h->v6 : h->v4;
}

static uint16_t source_port(struct caller *k, struct world *w, bool long_call)
{
	if (k->implant)
		return (uint16_t)(IMPLANT_PORT_LOW + k->implant_port++ % IMPLANT_PORTS);
	return host_port(home_of(k, w), long_call);
}

static void start_call(struct caller *k, struct sim_call *c)
{
	*c = (struct sim_call){
		.when = k->next,
		.id = sim_mix(sim_mix(k->number) ^ sim_mix(++k->calls)),
		.rounds = 1,
		.answer = ANSWER_YES,
		.implant = 0,
	};
}

static ns_t resolver_rtt(struct random *r)
{
	if (random_chance(r, 0.75)) /* it knew the answer */
		return ns_from_s(random_between(r, 0.0002, 0.0006));
	return ns_from_s(random_log_normal(r, 0.015, 0.6));
}

/* A question to the fleet's own resolver; answers are up to the caller. */
static void make_question(struct caller *k, struct world *w, struct sim_call *c, const char *name)
{
	size_t resolver = w->sites.groups[SITE_RESOLVER].first + k->host % 2;

	start_call(k, c);
	c->tuple = (struct tuple){
		.src = source(k, w, false),
		.dst = site_address(&w->sites.sites[resolver], 0, false),
		.src_port = source_port(k, w, false),
		.dst_port = DNS_PORT,
		.proto = IPPROTO_UDP,
	};
	c->app = APP_DNS;
	c->name = name;
	c->rtt = resolver_rtt(&k->random);
	c->lookup.type = SIM_DNS_A;
}

static void make_lookup(struct caller *k, struct world *w, struct sim_call *c)
{
	const struct site *t = k->target;
	bool v6 = target_is_v6(k, w);

	make_question(k, w, c, t->name);
	be_told(k, w);
	c->lookup.type = v6 ? SIM_DNS_AAAA : SIM_DNS_A;
	c->lookup.ttl_s = t->ttl_s;
	c->lookup.alias = *t->alias ? t->alias : NULL;
	c->lookup.count =
		(uint8_t)(t->addresses < SIM_ANSWERS_MAX ? t->addresses : SIM_ANSWERS_MAX);
	for (uint32_t i = 0; i < c->lookup.count; i++)
		c->lookup.addresses[i] = site_address(t, k->which + i, v6);
	sim_call_settle(c, &(struct sim_wish){0});
}

/* What is asked about a file or an address: bad ones have an answer in 127/8 (RFC 5782). */
static void ask_about(struct caller *k, struct world *w, struct sim_call *c, bool file)
{
	uint64_t known = random_below(&k->random, 4000), fresh = random_u64(&k->random);

	make_question(k, w, c, file ? "q.avcloud.example" : "zen.blocklist.example");
	c->lookup.labels = file ? SIM_LABELS_HEX : SIM_LABELS_ADDRESS;
	c->lookup.label_chars = file ? 40 : 0;
	c->lookup.seed = random_chance(&k->random, 0.5) ? sim_mix(known) : fresh;
	c->lookup.ttl_s = 300;
	if (random_chance(&k->random, file ? 0.05 : 0.8)) {
		c->lookup.rcode = NO_SUCH_NAME;
		return;
	}
	c->lookup.count = 1;
	c->lookup.addresses[0] = sim_v4(127, 0, 0, (uint8_t)(2 + (c->lookup.seed & 7)));
}

/* Reverse look-ups, mostly in vain, and names that nobody calls afterwards. */
static void make_idle_question(struct caller *k, struct world *w, struct sim_call *c)
{
	if (k->service->question != QUESTION_REVERSE) {
		ask_about(k, w, c, k->service->question == QUESTION_HASH);
	} else {
		size_t i = random_below(&k->random, WORLD_REVERSE_NAMES);

		make_question(k, w, c, w->reverse_names[i]);
		c->lookup.type = SIM_DNS_PTR;
		c->lookup.rcode = NO_SUCH_NAME;
	}
	if (random_chance(&k->random, k->service->silent))
		c->answer = ANSWER_NONE;
	sim_call_settle(c, &(struct sim_wish){0});
}

static uint64_t size_around(struct random *r, double median, double spread)
{
	double x = spread > 0 ? random_log_normal(r, median, spread) : median;

	return x < 1 ? 1 : x > 1e12 ? (uint64_t)1e12 : (uint64_t)x;
}

static void answer_by_chance(struct caller *k, struct sim_call *c, double silent, double refused)
{
	double dice = random_unit(&k->random);

	if (dice < silent)
		c->answer = ANSWER_NONE;
	else if (dice < silent + refused)
		c->answer = ANSWER_REFUSED;
}

/* How long it holds on, within what is left of the simulation, or until its host goes down. */
static double hold(struct caller *k, const struct world *w, double median_s, double sigma)
{
	ns_t down = caller_next_boot(k, w, k->next).down;
	ns_t end = w->end < down ? w->end : down;
	double room_s = (double)(end - k->next) / 1e9 - 2;
	double hold_s = median_s > 0 ? random_log_normal(&k->random, median_s, sigma) : 0;

	return fmax(0, fmin(hold_s, room_s));
}

/* What the host has served since this caller last asked. */
static double served_since(struct caller *k, struct world *w)
{
	uint64_t since = home_of(k, w)->served - k->served_seen;

	k->served_seen += since;
	return (double)since;
}

static void talk(struct caller *k, struct world *w, struct sim_call *c)
{
	const struct sim_service *s = k->service;
	double hold_s = hold(k, w, s->hold_s, 0.6),
	       think_s = random_log_normal(&k->random, 0.02, 0.7);
	struct sim_wish wish;

	if (s->beat_s > 0)
		c->rounds = 1 + (uint32_t)(hold_s / s->beat_s);
	wish.out_bytes = size_around(&k->random, s->out, s->spread) * c->rounds;
	wish.in_bytes = size_around(&k->random, s->in, s->spread) * c->rounds;
	if (s->follows > 0)
		wish.out_bytes += (uint64_t)(s->follows * served_since(k, w));
	if (c->app == APP_HTTP && wish.out_bytes > 4000)
		wish.out_bytes = 4000;
	think_s += (double)(wish.out_bytes + wish.in_bytes) / BYTES_PER_SECOND;
	wish.duration = 3 * c->rtt + ns_from_s(hold_s + think_s);
	answer_by_chance(k, c, s->silent, s->refused);
	sim_call_settle(c, &wish);
}

static void make_service_call(struct caller *k, struct world *w, struct sim_call *c)
{
	const struct sim_service *s = k->service;
	const struct site *t = k->target;
	bool v6 = target_is_v6(k, w);

	start_call(k, c);
	c->tuple = (struct tuple){
		.src = source(k, w, v6),
		.dst = site_address(t, k->which, v6),
		.src_port = k->own_port,
		.dst_port = s->port ? s->port : t->port,
		.proto = s->icmp  ? IPPROTO_ICMP
			 : s->udp ? IPPROTO_UDP
				  : IPPROTO_TCP,
	};
	if (s->icmp)
		c->tuple.src_port = 8;
	if (!c->tuple.src_port)
		c->tuple.src_port = source_port(k, w, s->hold_s >= LONG_HOLD_S);
	c->app = (uint8_t)s->app;
	c->stack = s->stack;
	c->name = *t->name && (s->app == APP_TLS || s->app == APP_HTTP) ? t->name : NULL;
	c->rtt = (ns_t)random_log_normal(&k->random, (double)t->rtt, 0.1);
	talk(k, w, c);
}

static void make_stranger_call(struct caller *k, struct world *w, struct sim_call *c)
{
	static const uint16_t knocked[] = {22, 22, 23, 80, 443, 445, 3389, 5900, 6379, 8080};
	const struct sim_service *s = k->service;
	uint64_t who = random_below(&k->random, 1 << 15);

	start_call(k, c);
	c->tuple = (struct tuple){
		.src = sim_v4(198, 18, (uint8_t)(128 | who >> 8), (uint8_t)who),
		.dst = home_of(k, w)->v4,
		.src_port = (uint16_t)(1024 + random_below(&k->random, 64000)),
		.dst_port = s->app == APP_UNKNOWN
				    ? knocked[random_below(&k->random, ARRAY_LEN(knocked))]
				    : s->port,
		.proto = IPPROTO_TCP,
	};
	c->app = (uint8_t)s->app;
	c->stack = s->stack;
	c->name = s->app == APP_TLS ? shop_name : NULL;
	c->rtt = ns_from_s(random_log_normal(&k->random, 0.04, 0.6));
	talk(k, w, c);
	if (host_next_boot(home_of(k, w), w->start, k->next).down <= k->next) {
		c->answer = ANSWER_NONE; /* nobody is at home */
		sim_call_settle(c, &(struct sim_wish){.out_bytes = 1});
	}
	if (c->answer == ANSWER_YES)
		home_of(k, w)->served += c->in_bytes;
}

/* 1. who am I?  2. the answer.  3. this is where I am. */
static bool make_boot_call(struct caller *k, struct world *w, struct sim_call *c)
{
	static const ns_t after[] = {150 * NS_PER_MS, 40 * NS_PER_MS};
	struct address me = home_of(k, w)->v4;
	uint32_t step = k->left++;

	start_call(k, c);
	c->app = APP_DHCP;
	c->answer = ANSWER_NONE;
	c->lookup.addresses[0] = me;
	c->tuple = (struct tuple){sim_v4(0, 0, 0, 0), sim_v4(255, 255, 255, 255), DHCP_CLIENT,
				  DHCP_SERVER, .proto = IPPROTO_UDP};
	if (step == 1)
		c->tuple = (struct tuple){sim_v4(10, 0, 0, 3), me, DHCP_SERVER, DHCP_CLIENT,
					  .proto = IPPROTO_UDP};
	if (step == 2) {
		c->app = APP_UNKNOWN;
		c->tuple = (struct tuple){me, sim_v4(255, 255, 255, 255), 0, 0,
					  .proto = SIM_PROTO_ARP};
	}
	sim_call_settle(c, &(struct sim_wish){.out_bytes = DHCP_BYTES});
	if (step < ARRAY_LEN(after)) {
		k->next += after[step];
		return true;
	}
	k->left = 0;
	caller_wait_for_boot(k, w);
	return true;
}

/* --- implants ----------------------------------------------------------- */

/* Data in a question for a name below the implant's own; more of it in the answer. */
static void make_tunnel_question(struct caller *k, struct world *w, struct sim_call *c)
{
	const struct implant *im = k->implant;
	double factor = 1 + im->sizes * random_between(&k->random, -1, 1);
	double chars = fmin(im->out * factor * 8 / 5, SIM_LABELS_MOST);
	double told = fmin(im->in * 8 / 5, im->question == SIM_DNS_TXT ? 255 : SIM_LABELS_MOST);

	make_question(k, w, c, im->site.name);
	c->implant = (uint32_t)k->number + 1;
	c->place = k->place;
	c->lookup.type = im->question;
	c->lookup.labels = SIM_LABELS_BASE32;
	c->lookup.label_chars = (uint8_t)fmax(chars, 1);
	c->lookup.seed = c->id;
	c->lookup.ttl_s = 1;
	if (im->question == SIM_DNS_A) {
		c->lookup.count = 1;
		c->lookup.addresses[0] = sim_v4(198, 19, (uint8_t)(c->id >> 8), (uint8_t)c->id);
	} else {
		c->lookup.told_chars = (uint8_t)told;
	}
	/* whoever owns the name has to be asked each time */
	c->rtt = ns_from_s(random_log_normal(&k->random, 0.04, 0.4));
	answer_by_chance(k, c, im->silent, 0);
	sim_call_settle(c, &(struct sim_wish){0});
}

static void choose_place(struct caller *k, struct world *w, struct sim_call *c)
{
	const struct implant *im = k->implant;
	uint32_t peer = im->peers > 1 ? (uint32_t)random_below(&k->random, im->peers) : 0;
	uint32_t step = im->hop == HOP_NET ? (uint32_t)random_below(&k->random, HOP_NET_SIZE) : 0;
	bool v6 = target_is_v6(k, w);

	c->place = k->place + peer;
	c->tuple = (struct tuple){
		.src = source(k, w, v6),
		.dst = im->peers > 1 ? implant_peer(im, peer) : site_address(&im->site, step, v6),
		.src_port = im->icmp ? 8 : source_port(k, w, false),
		.dst_port = im->site.port,
		.proto = im->icmp  ? IPPROTO_ICMP
			 : im->udp ? IPPROTO_UDP
				   : IPPROTO_TCP,
	};
	if (im->hop == HOP_PORTS)
		c->tuple.dst_port =
			(uint16_t)(HOP_PORT_LOW + random_below(&k->random, HOP_PORTS_COUNT));
}

static double implant_out(struct caller *k, struct world *w)
{
	const struct implant *im = k->implant;
	double out = im->out;

	if (im->grow > 0)
		out = fmin(out * pow(1 + im->grow, (double)k->calls), MOST_GROWN);
	if (im->follows > 0)
		out += im->follows * served_since(k, w);
	return out;
}

static void make_implant_call(struct caller *k, struct world *w, struct sim_call *c)
{
	const struct implant *im = k->implant;
	double factor = 1 + im->sizes * random_between(&k->random, -1, 1), hold_s;
	struct sim_wish wish;

	start_call(k, c);
	c->implant = (uint32_t)k->number + 1;
	choose_place(k, w, c);
	c->app = im->app;
	c->name = *im->sni && (im->app == APP_TLS || im->app == APP_HTTP) ? im->sni : NULL;
	c->rtt = (ns_t)random_log_normal(&k->random, (double)im->site.rtt, 0.1);
	c->typed = c->told_first = im->shell;
	answer_by_chance(k, c, im->silent, 0);
	wish.out_bytes = size_around(&k->random, implant_out(k, w) * factor, 0);
	wish.in_bytes = size_around(&k->random, im->in * factor, 0);
	hold_s = hold(k, w, im->hold_s, im->shell ? 0.5 : 0);
	if (im->beat_s > 0 && hold_s > im->beat_s) {
		c->rounds = 1 + (uint32_t)(hold_s / im->beat_s);
		c->waver = (uint8_t)fmin(90, 100 * im->law.jitter);
		wish.out_bytes *= c->rounds;
		wish.in_bytes *= c->rounds;
	}
	if (im->shell) /* a command every ten seconds */
		c->rounds = 1 + (uint32_t)(hold_s / 10);
	wish.duration = 3 * c->rtt + ns_from_s(hold_s) +
			ns_from_s(random_log_normal(&k->random, 0.02, 0.7)) +
			ns_from_s((double)(wish.out_bytes + wish.in_bytes) / BYTES_PER_SECOND);
	sim_call_settle(c, &wish);
}

bool caller_act(struct caller *k, struct world *w, struct sim_call *c)
{
	if (k->pick == PICK_STRANGER) {
		make_stranger_call(k, w, c);
	} else if (k->pick == PICK_NAME_ONLY) {
		make_idle_question(k, w, c);
	} else if (k->pick == PICK_BOOT) {
		return make_boot_call(k, w, c);
	} else if (k->implant && k->implant->app == APP_DNS) {
		make_tunnel_question(k, w, c);
	} else {
		if (!k->target) {
			choose_target(k, w);
			if (must_look_up(k, w)) {
				make_lookup(k, w, c);
				k->next += c->duration + 100000; /* and then it connects */
				return true;
			}
		}
		if (k->implant)
			make_implant_call(k, w, c);
		else
			make_service_call(k, w, c);
	}
	caller_advance(k, w);
	return c->when + c->duration <= w->end;
}
