/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/caller.h"

#include <math.h>
#include <netinet/in.h>

enum {
	DNS_PORT = 53,
	IMPLANT_PORT_LOW = 61000, /* ports no service of the host calls from */
	IMPLANT_PORTS = 4000,
	BYTES_PER_SECOND = 12500000, /* a 100 Mbit/s path */
	LONG_HOLD_S = 600,
};

#define NO_SUCH_NAME 3

static const char shop_name[] = "shop.fleet.example";

static ns_t ns_from_s(double s)
{
	return (ns_t)(s * 1e6) * 1000;
}

static struct sim_host *home_of(const struct caller *k, struct world *w)
{
	return &w->hosts[k->host];
}

/* --- when -------------------------------------------------------------- */

static void advance(struct caller *k, const struct world *w)
{
	ns_t at = k->origin + ns_from_s(law_next(k->law, &k->law_state, &k->random));

	k->next = at > k->next ? at : k->next;
	k->target = NULL;
	if (k->implant && k->implant->calls && k->calls >= k->implant->calls)
		k->next = w->end;
}

static void start_law(struct caller *k, const struct world *w, ns_t origin)
{
	struct law_setting setting = {
		.epoch_s = (double)origin / 1e9,
		.horizon_s = (double)(w->end - origin) / 1e9,
		.rate = w->rate,
	};

	k->origin = origin;
	k->next = origin + ns_from_s(law_first(k->law, &setting, &k->law_state, &k->random));
}

void caller_init_service(struct caller *k, const struct world *w, uint32_t host, size_t service,
			 uint32_t instance, uint32_t site)
{
	uint64_t self = (uint64_t)host << 16 | service << 4 | instance;
	const struct service *s = service_get(service);

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
	/* one decision for all instances of a host, so not this caller's own dice */
	if ((double)(sim_mix(w->seed + host) % 100) < 100 * s->fixed_port)
		k->own_port = w->sites.sites[site].port;
	start_law(k, w, w->start);
}

void caller_init_implant(struct caller *k, const struct world *w, struct implant *implant,
			 uint32_t number)
{
	uint64_t self = 1ull << 56 | number;

	*k = (struct caller){
		.random = random_from_seed(sim_mix(w->seed ^ sim_mix(self))),
		.implant = implant,
		.law = &implant->law,
		.host = implant->host,
		.number = self,
		.implant_port = (uint32_t)sim_mix(number),
		.pick = PICK_OWN,
		.from_bmc = implant->from_bmc,
		.looks_up = implant->lookup,
	};
	start_law(k, w, w->start + ns_from_s(implant->after_s));
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

/* Reverse look-ups, mostly in vain, and names that nobody calls afterwards. */
static void make_idle_question(struct caller *k, struct world *w, struct sim_call *c)
{
	size_t i = random_below(&k->random, WORLD_REVERSE_NAMES);

	make_question(k, w, c, w->reverse_names[i]);
	c->lookup.type = SIM_DNS_PTR;
	c->lookup.rcode = NO_SUCH_NAME;
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

/* How long it holds on, within what is left of the simulation. */
static double hold(struct caller *k, const struct world *w)
{
	const struct service *s = k->service;
	double room_s = (double)(w->end - k->next) / 1e9 - 2;
	double hold_s = s->hold_s > 0 ? random_log_normal(&k->random, s->hold_s, 0.6) : 0;

	return fmax(0, fmin(hold_s, room_s));
}

static void talk(struct caller *k, const struct world *w, struct sim_call *c)
{
	const struct service *s = k->service;
	double hold_s = hold(k, w), think_s = random_log_normal(&k->random, 0.02, 0.7);
	struct sim_wish wish;

	if (s->beat_s > 0)
		c->rounds = 1 + (uint32_t)(hold_s / s->beat_s);
	wish.out_bytes = size_around(&k->random, s->out, s->spread) * c->rounds;
	wish.in_bytes = size_around(&k->random, s->in, s->spread) * c->rounds;
	if (c->app == APP_HTTP && wish.out_bytes > 4000)
		wish.out_bytes = 4000;
	think_s += (double)(wish.out_bytes + wish.in_bytes) / BYTES_PER_SECOND;
	wish.duration = 3 * c->rtt + ns_from_s(hold_s + think_s);
	answer_by_chance(k, c, s->silent, s->refused);
	sim_call_settle(c, &wish);
}

static void make_service_call(struct caller *k, struct world *w, struct sim_call *c)
{
	const struct service *s = k->service;
	const struct site *t = k->target;
	bool v6 = target_is_v6(k, w);

	start_call(k, c);
	c->tuple = (struct tuple){
		.src = source(k, w, v6),
		.dst = site_address(t, k->which, v6),
		.src_port = k->own_port,
		.dst_port = s->port ? s->port : t->port,
		.proto = s->udp ? IPPROTO_UDP : IPPROTO_TCP,
	};
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
	const struct service *s = k->service;
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
}

static void make_implant_call(struct caller *k, struct world *w, struct sim_call *c)
{
	const struct implant *im = k->implant;
	double factor = 1 + im->sizes * random_between(&k->random, -1, 1);
	bool v6 = target_is_v6(k, w);
	struct sim_wish wish;

	start_call(k, c);
	c->implant = (uint32_t)k->number + 1;
	c->tuple = (struct tuple){
		.src = source(k, w, v6),
		.dst = site_address(&im->site, 0, v6),
		.src_port = source_port(k, w, false),
		.dst_port = im->site.port,
		.proto = im->udp ? IPPROTO_UDP : IPPROTO_TCP,
	};
	c->app = im->app;
	c->name = *im->sni && im->app != APP_UNKNOWN ? im->sni : NULL;
	c->rtt = (ns_t)random_log_normal(&k->random, (double)im->site.rtt, 0.1);
	answer_by_chance(k, c, im->silent, 0);
	wish.out_bytes = size_around(&k->random, im->out * factor, 0);
	wish.in_bytes = size_around(&k->random, im->in * factor, 0);
	wish.duration = 3 * c->rtt + ns_from_s(random_log_normal(&k->random, 0.02, 0.7)) +
			ns_from_s((double)(wish.out_bytes + wish.in_bytes) / BYTES_PER_SECOND);
	sim_call_settle(c, &wish);
}

bool caller_act(struct caller *k, struct world *w, struct sim_call *c)
{
	if (k->pick == PICK_STRANGER) {
		make_stranger_call(k, w, c);
	} else if (k->pick == PICK_NAME_ONLY) {
		make_idle_question(k, w, c);
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
	advance(k, w);
	return c->when + c->duration <= w->end;
}
