/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A binary heap of callers by the time of their next act; equal times by
 * position in `callers`, so that the order never depends on the heap's history.
 */
#include "simulate/sim_fleet.h"

#include "simulate/caller.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct sim_fleet {
	struct world world;
	struct caller *callers;
	size_t caller_count, caller_capacity;
	uint32_t *heap; /* caller_count numbers at first */
	size_t heap_size;
	struct implant *implants;
	size_t implant_count;
};

static bool earlier(const struct sim_fleet *f, uint32_t a, uint32_t b)
{
	ns_t when_a = f->callers[a].next, when_b = f->callers[b].next;

	return when_a != when_b ? when_a < when_b : a < b;
}

static void sift_down(struct sim_fleet *f, size_t at)
{
	uint32_t moving = f->heap[at];

	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= f->heap_size)
			break;
		if (child + 1 < f->heap_size && earlier(f, f->heap[child + 1], f->heap[child]))
			child++;
		if (!earlier(f, f->heap[child], moving))
			break;
		f->heap[at] = f->heap[child];
		at = child;
	}
	f->heap[at] = moving;
}

static struct caller *new_caller(struct sim_fleet *f)
{
	if (f->caller_count == f->caller_capacity) {
		size_t capacity = f->caller_capacity ? 2 * f->caller_capacity : 1024;
		struct caller *callers = realloc(f->callers, capacity * sizeof(*callers));

		if (!callers)
			return NULL;
		f->callers = callers;
		f->caller_capacity = capacity;
	}
	return &f->callers[f->caller_count++];
}

static double share_dice(const struct world *w, uint32_t host, size_t service)
{
	return (double)(sim_mix(w->seed ^ sim_mix((uint64_t)host << 32 | (service + 1))) >> 11) *
	       0x1p-53;
}

static bool host_has(const struct world *w, uint32_t host, size_t service)
{
	const struct sim_service *s = service_get(service);

	double share = s->hosts ? (double)s->hosts / w->host_count : s->share;

	if (s->pick == PICK_BOOT && w->hosts[host].boot_every_s <= 0)
		return false;
	return (s->roles >> w->hosts[host].role & 1) && share_dice(w, host, service) < share;
}

/* A site of the group for good: by host, and another one for each instance. */
static uint32_t own_site(const struct world *w, uint32_t host, size_t service, uint32_t instance)
{
	const struct sim_service *s = service_get(service);
	uint64_t dice = sim_mix(w->seed ^ sim_mix((uint64_t)host << 40 | service)) + instance;

	return (uint32_t)(w->sites.groups[s->group].first + dice % w->sites.groups[s->group].count);
}

static int add_callers(struct sim_fleet *f, uint32_t host, size_t service, uint32_t *rare_count)
{
	const struct sim_service *s = service_get(service);
	struct world *w = &f->world;

	for (uint32_t i = 0; i < (s->times ? s->times : 1); i++) {
		struct caller *k;
		uint32_t site;

		if (s->group == SITE_RARE)
			site = (uint32_t)w->sites.groups[SITE_RARE].first + (*rare_count)++;
		else
			site = own_site(w, host, service, i);
		k = new_caller(f);
		if (!k)
			return -ENOMEM;
		caller_init_service(k, w, host, service, i, site);
	}
	return 0;
}

static int add_database_sites(struct world *w)
{
	for (uint32_t h = 0; h < w->host_count; h++) {
		struct site s = {.v4 = w->hosts[h].v4,
				 .addresses = 1,
				 .ttl_s = 300,
				 .rtt = 250000,
				 .port = 5433};

		if (w->hosts[h].role != ROLE_DB)
			continue;
		snprintf(s.name, sizeof(s.name), "db-%04u.fleet.internal", h);
		if (site_list_add(&w->sites, SITE_DATABASE, &s))
			return -ENOMEM;
	}
	return 0;
}

/* Sites must all be there before callers point at them. */
static int add_rare_sites(struct world *w)
{
	for (uint32_t h = 0; h < w->host_count; h++) {
		for (size_t s = 0; s < service_count(); s++) {
			int64_t index = (int64_t)w->sites.groups[SITE_RARE].count;
			struct site site;

			if (service_get(s)->group != SITE_RARE || !host_has(w, h, s))
				continue;
			site = site_rare(site_rare_number(w->seed, w->host_count, index));
			if (site_list_add(&w->sites, SITE_RARE, &site))
				return -ENOMEM;
		}
	}
	return 0;
}

static int fill_world(struct world *w)
{
	int err;

	for (uint32_t h = 0; h < w->host_count; h++)
		w->hosts[h] = host_make(w->seed, h);
	for (size_t i = 0; i < WORLD_REVERSE_NAMES; i++) {
		uint64_t dice = sim_mix(i);

		snprintf(w->reverse_names[i], sizeof(w->reverse_names[i]),
			 "%u.%u.18.198.in-addr.arpa", (unsigned int)(dice & 255),
			 (unsigned int)(dice >> 8 & 127) + 128);
	}
	err = site_list_init(&w->sites);
	if (!err)
		err = add_database_sites(w);
	return err ? err : add_rare_sites(w);
}

static int add_implant_callers(struct sim_fleet *f, size_t number)
{
	struct implant *im = &f->implants[number];
	uint32_t rhythms = im->second.period_s > 0 ? 2 : 1;

	for (uint32_t i = 0; i < im->hosts * rhythms; i++) {
		struct caller *k = new_caller(f);

		if (!k)
			return -ENOMEM;
		caller_init_implant(k, &f->world, im, (uint32_t)number, i / rhythms,
				    i % rhythms > 0);
	}
	return 0;
}

static int add_all_callers(struct sim_fleet *f)
{
	struct world *w = &f->world;
	uint32_t rare_count = 0;

	for (uint32_t h = 0; h < w->host_count; h++) {
		for (size_t s = 0; s < service_count(); s++) {
			if (!host_has(w, h, s) || w->sites.groups[service_get(s)->group].count == 0)
				continue;
			if (add_callers(f, h, s, &rare_count))
				return -ENOMEM;
		}
	}
	for (size_t i = 0; i < f->implant_count; i++)
		if (add_implant_callers(f, i))
			return -ENOMEM;
	return 0;
}

static int build_heap(struct sim_fleet *f)
{
	f->heap = calloc(f->caller_count, sizeof(*f->heap));
	if (!f->heap)
		return -ENOMEM;
	for (size_t i = 0; i < f->caller_count; i++)
		f->heap[i] = (uint32_t)i;
	f->heap_size = f->caller_count;
	for (size_t i = f->heap_size; i-- > 0;)
		sift_down(f, i);
	return 0;
}

/*
 * One that waits for boots wants a host that is restarted often: the next such
 * one.  A host that was named, or a fleet without any, gets its boots from it.
 */
static void settle_boots(struct world *w, struct implant *im, bool any_host)
{
	enum { OFTEN_S = 24 * 3600, FORCED_S = 8 * 3600 };

	for (uint32_t i = 0; any_host && i < w->host_count; i++) {
		uint32_t h = (im->host + i) % w->host_count;

		if (w->hosts[h].boot_every_s > 0 && w->hosts[h].boot_every_s <= OFTEN_S) {
			im->host = h;
			return;
		}
	}
	if (w->hosts[im->host].boot_every_s <= 0 || w->hosts[im->host].boot_every_s > OFTEN_S)
		w->hosts[im->host].boot_every_s = FORCED_S;
}

/* What serves nobody cannot be followed: the next host that customers call. */
static void settle_server(const struct world *w, struct implant *im)
{
	for (uint32_t i = 0; i < w->host_count; i++) {
		uint32_t h = (im->host + i) % w->host_count;

		if (w->hosts[h].role == ROLE_WEB) {
			im->host = h;
			return;
		}
	}
}

static int settle_implants(struct sim_fleet *f, const struct sim_fleet_plan *plan,
			   struct complaint *why)
{
	f->implants = calloc(plan->implant_count + 1, sizeof(*f->implants));
	if (!f->implants)
		return -ENOMEM;
	for (size_t i = 0; i < plan->implant_count; i++) {
		bool any_host = plan->implants[i].any_host;

		f->implants[i] = plan->implants[i];
		implant_settle(&f->implants[i], plan->seed, (uint32_t)i, plan->hosts);
		if (f->implants[i].host >= plan->hosts) {
			complain(why, "implant %zu: there is no host %u in a fleet of %u", i + 1,
				 f->implants[i].host, plan->hosts);
			return -EINVAL;
		}
		if (f->implants[i].hosts > plan->hosts)
			f->implants[i].hosts = plan->hosts;
		if (f->implants[i].boot != BOOT_NEVER)
			settle_boots(&f->world, &f->implants[i], any_host);
		else if (f->implants[i].follows > 0 && any_host)
			settle_server(&f->world, &f->implants[i]);
	}
	f->implant_count = plan->implant_count;
	return 0;
}

int sim_fleet_new(const struct sim_fleet_plan *plan, struct sim_fleet **out_fleet,
		  struct complaint *why)
{
	struct sim_fleet *f = calloc(1, sizeof(*f));
	int err = -ENOMEM;

	CHECK(plan->hosts > 0 && plan->hosts <= SIM_MOST_HOSTS && plan->days > 0);
	if (!f)
		goto fail;
	f->world.seed = sim_mix(plan->seed);
	f->world.rate = plan->rate;
	f->world.start = plan->start;
	f->world.end = plan->start + (ns_t)(plan->days * 86400) * NS_PER_SEC;
	f->world.host_count = plan->hosts;
	f->world.hosts = calloc(plan->hosts, sizeof(*f->world.hosts));
	if (!f->world.hosts)
		goto fail;
	err = fill_world(&f->world);
	if (!err)
		err = settle_implants(f, plan, why);
	if (!err)
		err = add_all_callers(f);
	if (!err)
		err = build_heap(f);
	if (err)
		goto fail;
	*out_fleet = f;
	return 0;
fail:
	if (err == -ENOMEM)
		complain(why, "not enough memory for a fleet of %u hosts", plan->hosts);
	sim_fleet_free(f);
	return err;
}

void sim_fleet_free(struct sim_fleet *f)
{
	if (!f)
		return;
	site_list_fini(&f->world.sites);
	free(f->world.hosts);
	free(f->callers);
	free(f->heap);
	free(f->implants);
	free(f);
}

bool sim_fleet_next(struct sim_fleet *f, struct sim_call *out_call)
{
	while (f->heap_size > 0) {
		struct caller *k = &f->callers[f->heap[0]];
		bool complete;

		if (k->next >= f->world.end) {
			f->heap[0] = f->heap[--f->heap_size];
			if (f->heap_size)
				sift_down(f, 0);
			continue;
		}
		complete = caller_act(k, &f->world, out_call);
		sift_down(f, 0);
		if (complete)
			return true;
	}
	return false;
}

const struct sim_host *sim_fleet_host(const struct sim_fleet *f, uint32_t number)
{
	CHECK(number < f->world.host_count);
	return &f->world.hosts[number];
}

const struct implant *sim_fleet_implant(const struct sim_fleet *f, size_t number)
{
	CHECK(number < f->implant_count);
	return &f->implants[number];
}
