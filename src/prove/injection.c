/* SPDX-License-Identifier: Apache-2.0 */
#include "prove/injection.h"

#include "simulate/caller.h"
#include "timeline/filing.h"

#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <string.h>

enum {
	HOSTS_TRIED = 16,
	PLACES_TRIED = 64,
	TABLE_BYTES = 12 << 20, /* touched only as far as it is filled */
	NAMES_BYTES = 1 << 18,
	STEPS_MOST = 1 << 20, /* of one injection: a call a minute for two years */
};

struct injector {
	struct world world;
	struct sim_host host;
	struct implant implant; /* whose names are lent with its calls */
};

const char *injection_kind_name(enum injection_kind kind)
{
	static const char *const names[] = {"address", "name", "haunt"};

	return names[kind];
}

const char *injection_obstacle(const struct implant *im)
{
	if (im->app == APP_DNS || im->app == APP_NTP || im->icmp || im->shell)
		return "only calls over TLS, HTTP, TCP and UDP can be injected";
	if (im->hop != HOP_NONE || im->peers > 1 || im->hosts > 1)
		return "only calls of one host to one destination can be injected";
	if (im->hold_s > 0 || im->beat_s > 0)
		return "what happens inside a connection cannot be injected";
	if (im->boot != BOOT_NEVER || im->follows > 0 || im->from_bmc)
		return "what depends on more than the host's calls cannot be injected";
	if (im->second.period_s > 0)
		return "only one rhythm at a time can be injected";
	return NULL;
}

double injection_expected(const struct terrain *t, const struct terrain_host *h,
			  const struct implant *im)
{
	const struct spans *watched = &t->fleet->watched;
	int64_t seen_ms =
		spans_place_ms(watched, h->last_ms) - spans_place_ms(watched, h->first_ms);
	double seen_s = (double)seen_ms / 1e3 - im->after_s;
	double calls = fmax(0, seen_s) * (1 - im->law.missed) / im->law.period_s;

	return im->calls ? fmin(calls, (double)im->calls) : calls;
}

/* A place nobody goes to. */
static void find_new_site(const struct terrain *t, struct random *r, struct site *out)
{
	uint16_t port = out->port;

	for (int i = 0; i < PLACES_TRIED; i++) {
		*out = site_rare(random_u64(r) >> 40);
		if (terrain_is_new_name(t, out->name) && terrain_is_new_address(t, &out->v4) &&
		    terrain_is_new_address(t, &out->v6))
			break;
	}
	out->port = port;
	out->addresses = 1;
}

static void settle_new(const struct terrain *t, const struct implant *like, struct random *r,
		       struct injection *inj)
{
	struct implant *im = &inj->implant;

	find_new_site(t, r, &im->site);
	im->site.has_v6 = inj->host->address.version == 6;
	im->lookup = inj->kind == INJECT_NAME;
	if (!im->lookup)
		memset(im->site.name, 0, sizeof(im->site.name));
	else if (*like->sni || !*like->site.name) /* or it was told not to say what it looked up */
		memcpy(im->sni, im->site.name, sizeof(im->sni));
}

static const struct group *address_of_haunt(const struct terrain *t, const struct group *by_name)
{
	const struct tuple *last = &by_name->timeline->last;
	struct timeline like = {.key = {.host = by_name->timeline->key.host,
					.destination = last->dst,
					.port = last->dst_port,
					.proto = last->proto,
					.grouping = GROUP_ADDRESS}};
	struct group g = *by_name;

	g.timeline = &like;
	return fleet_find(t->fleet, &g);
}

static bool settle_haunt(const struct terrain *t, struct random *r, struct injection *inj)
{
	struct implant *im = &inj->implant;
	double most = HAUNT_TIMES * injection_expected(t, inj->host, im);
	const struct group *g = terrain_haunt(t, inj->host, (uint32_t)fmin(most, 1e9), r);
	const struct timeline *tl;
	const char *name;

	if (!g)
		return false;
	tl = g->timeline;
	name = string_table_get(g->names, tl->key.name);
	inj->by_name = g;
	inj->by_address = address_of_haunt(t, g);
	memset(im->site.name, 0, sizeof(im->site.name));
	memcpy(im->site.name, name, strlen(name) + 1);
	memcpy(im->sni, im->site.name, sizeof(im->sni));
	im->site.has_v6 = tl->last.dst.version == 6;
	im->site.v4 = im->site.v6 = tl->last.dst;
	im->site.port = tl->last.dst_port;
	im->lookup = tl->looked_up > 0;
	return true;
}

bool injection_settle(const struct terrain *t, enum injection_kind kind, const struct implant *like,
		      unsigned quartile, uint64_t seed, struct injection *out)
{
	struct random r = random_from_seed(seed);
	struct injection inj = {.kind = kind, .implant = *like, .seed = seed};

	inj.implant.host = 0;
	inj.implant.any_host = inj.implant.any_site = inj.implant.from_bmc = false;
	for (int i = 0; i < HOSTS_TRIED; i++) {
		inj.host = terrain_pick(t, quartile, &r);
		if (kind != INJECT_HAUNT)
			settle_new(t, like, &r, &inj);
		else if (!settle_haunt(t, &r, &inj))
			continue;
		*out = inj;
		return true;
	}
	return false;
}

struct injector *injector_new(void)
{
	struct injector *in = calloc(1, sizeof(*in));

	if (!in)
		return NULL;
	in->world.hosts = &in->host;
	in->world.host_count = 1;
	in->world.rate = 1;
	if (!site_list_init(&in->world.sites))
		return in;
	injector_free(in);
	return NULL;
}

void injector_free(struct injector *in)
{
	if (!in)
		return;
	site_list_fini(&in->world.sites);
	free(in);
}

/* One injection in progress. */
struct stay {
	const struct terrain *terrain;
	const struct injection *injection;
	uint32_t parts, steps;
	uint64_t calls; /* made so far, as the caller counts them */
};

/* What of this span its host was seen in; false: nothing. */
static bool set_times(struct world *w, const struct span *span, const struct terrain_host *h)
{
	int64_t first = ns_to_ms(span->first), last = ns_to_ms(span->last);

	first = h->first_ms > first ? h->first_ms : first;
	last = h->last_ms < last ? h->last_ms : last;
	w->start = first * NS_PER_MS;
	w->end = (last + 1) * NS_PER_MS;
	return first <= last;
}

/* Each span has a caller of its own, who goes on where the one before it ended. */
static int stay_span(struct injector *in, struct stay *s, injection_fn *fn, void *arg)
{
	struct world *w = &in->world;
	struct caller k;
	int rc = 0;

	caller_init_implant(&k, w, &in->implant, (uint32_t)s->injection->seed + s->parts++, 0,
			    false);
	k.calls = s->calls;
	for (; !rc && k.next < w->end && s->steps < STEPS_MOST; s->steps++) {
		struct sim_call call;

		if (caller_act(&k, w, &call) && terrain_watched(s->terrain, ns_to_ms(call.when)))
			rc = fn(arg, &call);
	}
	s->calls = k.calls;
	in->implant.after_s = fmax(0, in->implant.after_s - (double)(w->end - w->start) / 1e9);
	return rc;
}

int injector_calls(struct injector *in, const struct terrain *t, const struct injection *injection,
		   injection_fn *fn, void *arg)
{
	const struct terrain_host *h = injection->host;
	const struct spans *watched = &t->fleet->watched;
	uint64_t most = injection->implant.calls;
	struct stay stay = {.terrain = t, .injection = injection};
	int rc = 0;

	in->implant = injection->implant;
	in->host = (struct sim_host){.v4 = h->address, .v6 = h->address, .caches = true};
	in->world.seed = injection->seed;
	for (size_t i = 0; i < watched->count && !rc; i++)
		if (set_times(&in->world, &watched->span[i], h) && (!most || stay.calls < most))
			rc = stay_span(in, &stay, fn, arg);
	return rc;
}

/* One planting in progress. */
struct planting {
	const struct terrain *terrain;
	const struct injection *injection;
	struct planted *planted;
};

/* What a decoder would have made of this conversation, or a reader of its rows. */
static struct flow flow_of(const struct terrain *t, const struct sim_call *c)
{
	struct sim_shape shape;
	struct flow f = {
		.tuple = c->tuple,
		.first = c->when,
		.last = c->when + c->duration,
		.answer = c->answer,
		.end = FLOW_END_CLOSED,
	};

	sim_call_shape(c, &shape);
	f.out_bytes = shape.out_ip_bytes;
	f.in_bytes = shape.in_ip_bytes;
	f.out_payload = shape.out_payload;
	f.in_payload = shape.in_payload;
	f.out_packets = (uint32_t)shape.out_packets;
	f.in_packets = (uint32_t)shape.in_packets;
	if (c->answer != ANSWER_YES || (c->app != APP_TLS && c->app != APP_HTTP) || !t->sees_tls)
		return f; /* it did not come to saying anything, or nobody listened */
	f.app = c->app;
	if (!c->name)
		f.claims = c->app == APP_TLS ? CLAIM_NO_SNI : CLAIM_HOST_IS_ADDRESS;
	return f;
}

static struct timeline_marks marks_of(const struct planting *p, const struct sim_call *c,
				      uint32_t name, bool claimed)
{
	const struct injection *inj = p->injection;
	bool visible = inj->host->looks_up;
	bool looked_up = visible && inj->implant.lookup;

	return (struct timeline_marks){
		.name = claimed || looked_up ? name : 0,
		.lookups_visible = visible,
		.looked_up = looked_up,
		.confirmed =
			looked_up, /* an implant that asks for one name and claims another ... */
		.connected = c->answer == ANSWER_YES,
		.connected_ns = c->answer == ANSWER_YES ? (uint64_t)c->duration : 0,
	};
}

static uint32_t number_of_name(const struct planting *p, const struct sim_call *c)
{
	const struct implant *im = &p->injection->implant;
	const char *name = c->name ? c->name : im->lookup ? im->site.name : "";

	if (p->injection->by_name)
		return p->injection->by_name->timeline->key.name;
	return string_table_add(p->planted->names, name, strlen(name));
}

static int file_call(void *arg, const struct sim_call *c)
{
	struct planting *p = arg;
	struct flow f;
	struct timeline_marks marks;
	uint32_t name;

	if (c->app == APP_DNS)
		return 0;
	f = flow_of(p->terrain, c);
	name = number_of_name(p, c);
	marks = marks_of(p, c, name, f.app && c->name);
	f.name = f.app && c->name ? name : 0;
	filing_add(p->planted->table, &f, &marks, true);
	p->planted->calls++;
	return 0;
}

static int copy_haunt(const struct injection *inj, struct timeline_table *table)
{
	const struct group *groups[] = {inj->by_name, inj->by_address};

	for (size_t i = 0; i < ARRAY_LEN(groups); i++)
		if (groups[i] && !timeline_copy(table, groups[i]->table, groups[i]->timeline))
			return -ENOMEM;
	return 0;
}

int injector_plant(struct injector *in, const struct terrain *t, const struct injection *inj,
		   struct planted *out)
{
	struct planted planted = {.table = timeline_table_new(TABLE_BYTES)};
	struct planting p = {.terrain = t, .injection = inj, .planted = &planted};
	int rc = planted.table ? 0 : -ENOMEM;

	if (!inj->by_name) {
		planted.names = string_table_new(NAMES_BYTES);
		rc = planted.names ? rc : -ENOMEM;
	}
	if (!rc)
		rc = copy_haunt(inj, planted.table);
	if (!rc)
		rc = injector_calls(in, t, inj, file_call, &p);
	if (rc) {
		planted_fini(&planted);
		return rc;
	}
	*out = planted;
	return 0;
}

void planted_fini(struct planted *p)
{
	timeline_table_free(p->table);
	string_table_free(p->names);
	*p = (struct planted){0};
}
