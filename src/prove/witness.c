/* SPDX-License-Identifier: Apache-2.0 */
#include "prove/witness.h"

#include "simulate/write_pcap.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PHASE_WITNESS = 5 };

const char *witness_path(const char *directory, uint32_t number, char out[static WITNESS_PATH_SIZE])
{
	snprintf(out, WITNESS_PATH_SIZE, "%s/implant-%u.pcap", directory, number);
	return out;
}

/* About the edge of the sentence, or what comes closest to one. */
static double period_near_edge(const struct proof *p, enum injection_kind kind, uint32_t number)
{
	static const double factors[] = {0.5, 1, 0.25, 2, 0.1};
	double edge_s = 0, period_s;

	for (size_t i = 0; i < p->edge_count && edge_s <= 0; i++)
		if (p->edges[i].kind == kind)
			edge_s = p->edges[i].located_s;
	if (edge_s <= 0)
		edge_s = sqrt(p->shortest_s * p->longest_s);
	period_s = edge_s * factors[number / INJECTION_KINDS % ARRAY_LEN(factors)];
	return fmin(p->longest_s, fmax(p->shortest_s, period_s));
}

static struct trials_cell cell_of(const struct proof *p, uint32_t number)
{
	struct trials_cell c = {
		.kind = (enum injection_kind)(number % INJECTION_KINDS),
		.implant = p->config.like,
		.salt = (uint64_t)PHASE_WITNESS << 56 | number,
	};

	c.implant.law.period_s = period_near_edge(p, c.kind, number);
	c.implant.law.jitter = p->config.jitter;
	c.implant.law.missed = p->config.missed;
	return c;
}

struct tape {
	struct pcap_writer *writer;
	uint32_t calls;
};

static int write_call(void *arg, const struct sim_call *call)
{
	struct tape *t = arg;

	t->calls += call->app != APP_DNS;
	return pcap_writer_call(t->writer, call);
}

static int write_capture(const struct trials_setting *s, struct injector *injector,
			 const struct injection *injection, const char *path, uint32_t *out_calls,
			 struct complaint *why)
{
	struct pcap_format format = {.snaplen = PCAP_SNAPLEN_MOST};
	struct tape tape = {0};
	int rc = pcap_writer_open(path, &format, &tape.writer, why), closed;

	if (rc)
		return rc;
	rc = injector_calls(injector, s->terrain, injection, write_call, &tape);
	closed = pcap_writer_close(tape.writer, why); /* before the injector forgets its names */
	*out_calls = tape.calls;
	return rc ? rc : closed;
}

static void describe(const struct injection *inj, struct witness_implant *out)
{
	const struct implant *im = &inj->implant;

	out->kind = inj->kind;
	out->host = inj->host->address;
	out->destination = im->site.has_v6 ? im->site.v6 : im->site.v4;
	out->port = im->site.port;
	memcpy(out->name, im->site.name, sizeof(out->name));
	out->period_s = im->law.period_s;
	out->jitter = im->law.jitter;
}

static int send_all(const struct trials_setting *s, const struct proof *p, uint32_t count,
		    const char *directory, struct witness *w, struct complaint *why)
{
	struct injector *injector = injector_new();
	int rc = injector ? 0 : -ENOMEM;

	for (uint32_t i = 0; i < count && !rc; i++) {
		struct trials_cell cell = cell_of(p, i);
		struct witness_implant *out = &w->implants[w->count];
		struct injection injection;
		struct trial trial;
		char path[WITNESS_PATH_SIZE];

		if (!trials_settle(s, &cell, i, &injection))
			continue;
		rc = trials_one(s, &cell, i, &trial);
		if (rc)
			break;
		describe(&injection, out);
		out->reported_calls = trial.reported;
		rc = write_capture(s, injector, &injection, witness_path(directory, w->count, path),
				   &out->packets_calls, why);
		w->count++;
	}
	injector_free(injector);
	return rc;
}

int witness_send(const struct verdict *v, const struct proof *p, uint32_t count,
		 const char *directory, struct witness *out, struct complaint *why)
{
	struct witness w = {.implants = calloc(count + 1, sizeof(*w.implants))};
	struct terrain terrain;
	struct trials_setting setting = {
		.verdict = v,
		.terrain = &terrain,
		.least = p->config.least,
		.seed = p->config.seed,
		.threads = 1,
	};
	int rc = w.implants ? terrain_survey(v, &terrain) : -ENOMEM;

	if (!rc) {
		rc = send_all(&setting, p, count, directory, &w, why);
		terrain_fini(&terrain);
	}
	*out = w; /* even if something went wrong: the files are there */
	return rc;
}

void witness_fini(struct witness *w)
{
	free(w->implants);
	*w = (struct witness){0};
}

static bool is_about(const struct finding *f, const struct witness_implant *im)
{
	const struct timeline_key *key = &f->group.timeline->key;
	bool of_host = false;

	for (uint32_t i = 0; i < f->host_count && i < FINDING_HOSTS_MAX; i++)
		of_host |= address_equal(&f->hosts[i], &im->host);
	if (!of_host)
		return false;
	if (key->grouping == GROUP_NAME)
		return !strcmp(string_table_get(f->group.names, key->name), im->name);
	return address_equal(&key->destination, &im->destination) && key->port == im->port;
}

void witness_compare(struct witness *w, const struct verdict *v, enum severity least)
{
	for (uint32_t i = 0; i < w->count; i++)
		for (size_t k = 0; k < v->count; k++)
			if (v->findings[k].severity >= least &&
			    is_about(&v->findings[k], &w->implants[i]))
				w->implants[i].reported_packets = true;
}
