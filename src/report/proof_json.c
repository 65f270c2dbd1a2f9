/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For machines: a line for every cell ("power"), edge ("edge"), implant asked for
 * ("implant") and implant sent as packets ("witness"), then one for the whole
 * ("proof").  Times are seconds, shares from 0 to 1.
 */
#include "report/json.h"
#include "report/proof_words.h"

/* So that a share of a millionth and a period of a week are both exact enough. */
enum { DECIMALS = 6 };

static void put_tally(struct json *j, const struct proof *p, const struct trials_tally *t)
{
	struct binomial_interval range = {0, 1};

	json_count(j, "injected", t->injected);
	json_count(j, "reported", t->reported);
	json_count(j, "listed", t->listed);
	if (!t->injected)
		return;
	range = binomial_interval(t->injected, t->reported, p->config.confidence);
	json_number(j, "power", (double)t->reported / t->injected, DECIMALS);
	json_number(j, "power_low", range.low, DECIMALS);
	json_number(j, "power_high", range.high, DECIMALS);
	json_count(j, "calls_least", t->calls_least);
	json_count(j, "calls_most", t->calls_most);
}

static void put_quartiles(struct json *j, const struct trials_tally *t)
{
	json_open(j, "quartiles", '[');
	for (int q = 0; q < TERRAIN_QUARTILES; q++) {
		json_open(j, NULL, '{');
		json_count(j, "injected", t->quartile[q].injected);
		json_count(j, "reported", t->quartile[q].reported);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_count(j, "rank_median", t->rank_median);
	json_count(j, "rank_worst", t->rank_worst);
}

static struct json begin(FILE *out, const char *type)
{
	struct json j = {.out = out};

	json_open(&j, NULL, '{');
	json_string(&j, "event_type", type);
	return j;
}

static void end(struct json *j)
{
	json_close(j, '}');
	putc('\n', j->out);
}

static void put_cell(FILE *out, const struct proof *p, const struct proof_cell *c)
{
	struct json j = begin(out, "power");

	json_string(&j, "destination", injection_kind_name(c->kind));
	json_number(&j, "period_s", c->period_s, DECIMALS);
	json_number(&j, "jitter", c->jitter, DECIMALS);
	json_number(&j, "missed", c->missed, DECIMALS);
	json_number(&j, "sizes", c->sizes, DECIMALS);
	put_tally(&j, p, &c->tally);
	end(&j);
}

static void put_edge(FILE *out, const struct proof *p, const struct proof_edge *e)
{
	struct json j = begin(out, "edge");
	char text[SENTENCE_SIZE];

	json_string(&j, "destination", injection_kind_name(e->kind));
	json_string(&j, "counts", e->if_listed ? "listed" : "reported");
	json_number(&j, "jitter", e->jitter, DECIMALS);
	json_number(&j, "missed", e->missed, DECIMALS);
	json_number(&j, "located_s", e->located_s, DECIMALS);
	json_number(&j, "certified_s", e->certified_s, DECIMALS);
	json_string(&j, "sentence", edge_sentence(p, e, text));
	json_open(&j, "steps", '[');
	for (size_t i = 0; i < e->step_count; i++) {
		json_open(&j, NULL, '{');
		json_number(&j, "period_s", e->steps[i].period_s, DECIMALS);
		json_bool(&j, "passed", e->steps[i].passed);
		put_tally(&j, p, &e->steps[i].tally);
		put_quartiles(&j, &e->steps[i].tally);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	end(&j);
}

static void put_implant(FILE *out, const struct proof_report *r, const struct proof_implant *im)
{
	struct json j = begin(out, "implant");

	json_count(&j, "number", im->number + 1);
	json_string(&j, "implant", r->implant_texts[im->number]);
	json_string(&j, "destination", injection_kind_name(im->kind));
	put_tally(&j, r->proof, &im->tally);
	put_quartiles(&j, &im->tally);
	end(&j);
}

static void put_witness(FILE *out, const struct witness_implant *im)
{
	struct json j = begin(out, "witness");
	char address[ADDRESS_TEXT_SIZE];

	json_string(&j, "destination", injection_kind_name(im->kind));
	json_string(&j, "src_ip", address_text(&im->host, address));
	json_string(&j, "dest_ip", address_text(&im->destination, address));
	json_count(&j, "dest_port", im->port);
	if (*im->name)
		json_string(&j, "name", im->name);
	json_number(&j, "period_s", im->period_s, DECIMALS);
	json_number(&j, "jitter", im->jitter, DECIMALS);
	json_count(&j, "calls", im->packets_calls);
	json_bool(&j, "reported_when_injected", im->reported_calls);
	json_bool(&j, "reported_when_sent", im->reported_packets);
	end(&j);
}

static void put_coverage(struct json *j, const struct proof_report *r)
{
	const struct proof *p = r->proof;
	const struct coverage *c = r->coverage;

	json_count(j, "hosts", p->hosts);
	json_count(j, "hosts_spoken_of", p->hosts_spoken);
	json_number(j, "host_hours", p->host_hours, 1);
	json_number(j, "host_hours_unseen", p->unseen_host_hours, 1);
	json_number(j, "window_s", p->window_s, 3);
	json_count(j, "names_called", p->haunts);
	json_count(j, "names_too_busy", p->haunts_busier);
	json_number(j, "too_busy_from_calls", p->haunt_calls, 0);
	json_count(j, "groups", r->verdict->groups);
	json_count(j, "timers", r->verdict->timers);
	json_count(j, "groups_evicted", c->timelines.evicted);
	json_count(j, "calls_evicted", c->timelines.evicted_calls);
	json_count(j, "calls_untimed", c->timelines.untimed);
	json_count(j, "flows_evicted", c->flows_evicted);
	json_count(j, "frames", c->frames);
	json_count(j, "frames_undecoded",
		   c->decoded[DECODE_TRUNCATED] + c->decoded[DECODE_MALFORMED] +
			   c->decoded[DECODE_UNSUPPORTED]);
	json_count(j, "tunnels_unopened", c->tunnels_unopened);
	json_count(j, "files", r->files);
	json_count(j, "files_broken", r->files_broken);
}

static void put_whole(FILE *out, const struct proof_report *r)
{
	const struct proof *p = r->proof;
	struct json j = begin(out, "proof");
	char text[SENTENCE_SIZE];
	const char *limit;

	json_number(&j, "level", p->config.level, DECIMALS);
	json_number(&j, "confidence", p->config.confidence, DECIMALS);
	json_string(&j, "reported_from", severity_name(p->config.least));
	json_count(&j, "seed", p->config.seed);
	json_count(&j, "trials", p->trials);
	json_count(&j, "certify_trials", p->plan.trials);
	json_count(&j, "certify_misses", p->plan.misses);
	json_number(&j, "shortest_s", p->shortest_s, DECIMALS);
	json_number(&j, "longest_s", p->longest_s, DECIMALS);
	put_coverage(&j, r);
	json_open(&j, "statement", '[');
	for (size_t i = 0; i < INJECTION_KINDS && i < p->edge_count; i++)
		json_string(&j, NULL, edge_sentence(p, &p->edges[i], text));
	if (r->witness)
		json_string(&j, NULL, packets_sentence(r->witness, text));
	json_close(&j, ']');
	json_open(&j, "not_spoken_of", '[');
	for (size_t i = 0; (limit = limit_sentence(r, i, text)); i++)
		json_string(&j, NULL, limit);
	json_close(&j, ']');
	end(&j);
}

void proof_json(FILE *out, const struct proof_report *r)
{
	const struct proof *p = r->proof;

	for (size_t i = 0; i < p->cell_count; i++)
		put_cell(out, p, &p->cells[i]);
	for (size_t i = 0; i < p->edge_count; i++)
		put_edge(out, p, &p->edges[i]);
	for (size_t i = 0; i < p->implant_count; i++)
		put_implant(out, r, &p->implants[i]);
	for (uint32_t i = 0; r->witness && i < r->witness->count; i++)
		put_witness(out, &r->witness->implants[i]);
	put_whole(out, r);
}
