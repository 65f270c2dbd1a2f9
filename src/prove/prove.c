/* SPDX-License-Identifier: Apache-2.0 */
#include "prove/prove.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum {
	LOCATE_STEPS = 7,
	HOUR_S = 3600,
	LEAST_CALLS = 4,   /* of a period worth a row */
	MOST_CALLS = 2500, /* of the fastest implants tried: more says nothing new */
};

static const double grid_jitters[] = {0, 0.1, 0.3, 0.5, 0.7, 0.9};
static const double grid_missed[] = {0, 0.3, 0.6};
static const double grid_sizes[] = {0, 0.5};
static const double edge_jitters[] = {0.1, 0.3, 0.5, 0.7};

/* The harder of the two: sizes that vary give no class of their own. */
static const double edge_sizes = 0.5;

/* Of the period that bisection found: from safe to bold. */
static const double ladder[PROOF_STEPS] = {3, 2, 1.5, 1.2, 1};

/* Salts: every phase has implants of its own. */
enum phase { PHASE_GRID = 1, PHASE_LOCATE, PHASE_CERTIFY, PHASE_IMPLANTS };

static uint64_t salt_of(enum phase phase, size_t a, size_t b)
{
	return (uint64_t)phase << 56 | (uint64_t)a << 16 | b;
}

struct work {
	struct trials_setting setting;
	const struct prove_config *config;
	struct proof *proof;
	const char *what;
};

struct prove_config prove_config_default(void)
{
	struct complaint why;
	struct prove_config c = {
		.level = 0.95,
		.confidence = 0.95,
		.least = SEVERITY_MEDIUM,
		.jitter = 0.3,
		.missed = 0.1,
		.seed = 1,
		.threads = 1,
		.trials = 20,
		.search_trials = 40,
	};
	int rc = implant_parse("", &c.like, &why);

	CHECK(!rc);
	return c;
}

const struct proof_step *proof_certified(const struct proof_edge *e)
{
	for (size_t i = e->step_count; i-- > 0;)
		if (e->steps[i].passed)
			return &e->steps[i];
	return NULL;
}

static void on_trial(void *arg, size_t done, size_t of)
{
	struct work *w = arg;

	if (w->config->progress)
		w->config->progress(w->config->arg, w->what, done, of);
}

static int run(struct work *w, const struct trials_cell *cells, size_t count,
	       struct trials_tally *out)
{
	struct trials_progress progress = {.report = on_trial, .arg = w};

	for (size_t i = 0; i < count; i++)
		w->proof->trials += cells[i].trials;
	return trials_run(&w->setting, cells, count, &progress, out);
}

static struct trials_cell cell_like(const struct prove_config *config, enum injection_kind kind,
				    double period_s, double jitter, double missed, double sizes)
{
	struct trials_cell c = {.kind = kind, .implant = config->like};

	c.implant.law.period_s = period_s;
	c.implant.law.jitter = jitter;
	c.implant.law.missed = missed;
	c.implant.sizes = sizes;
	return c;
}

/* Periods that people think in, of which the window holds some calls, and not too many. */
static size_t choose_periods(double window_s, double out[16])
{
	static const double nice[] = {1,	 5,	    10,	       30,	 60,
				      300,	 900,	    3600,      10800,	 6 * 3600,
				      12 * 3600, 24 * 3600, 48 * 3600, 96 * 3600};
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_LEN(nice); i++)
		if (window_s / nice[i] <= MOST_CALLS && window_s / nice[i] >= LEAST_CALLS)
			out[count++] = nice[i];
	if (count == 0)
		out[count++] = window_s / LEAST_CALLS;
	return count;
}

static void add_row(struct proof *p, enum injection_kind kind, double period_s)
{
	for (size_t s = 0; s < ARRAY_LEN(grid_sizes); s++)
		for (size_t m = 0; m < ARRAY_LEN(grid_missed); m++)
			for (size_t j = 0; j < ARRAY_LEN(grid_jitters); j++)
				p->cells[p->cell_count++] = (struct proof_cell){
					.kind = kind,
					.period_s = period_s,
					.jitter = grid_jitters[j],
					.missed = grid_missed[m],
					.sizes = grid_sizes[s],
				};
}

static int measure_grid(struct work *w)
{
	struct proof *p = w->proof;
	double periods[16];
	size_t rows = choose_periods(p->window_s, periods);
	size_t most = INJECTION_KINDS * rows * ARRAY_LEN(grid_jitters) * ARRAY_LEN(grid_missed) *
		      ARRAY_LEN(grid_sizes);
	struct trials_cell *cells = calloc(most, sizeof(*cells));
	struct trials_tally *tallies = calloc(most, sizeof(*tallies));
	int rc = -ENOMEM;

	w->what = "grid";
	p->cells = calloc(most, sizeof(*p->cells));
	if (cells && tallies && p->cells) {
		for (int k = 0; k < INJECTION_KINDS; k++)
			for (size_t i = 0; i < rows; i++)
				add_row(p, (enum injection_kind)k, periods[i]);
		for (size_t i = 0; i < p->cell_count; i++) {
			const struct proof_cell *c = &p->cells[i];

			cells[i] = cell_like(w->config, c->kind, c->period_s, c->jitter, c->missed,
					     c->sizes);
			cells[i].trials = w->config->trials;
			cells[i].salt = salt_of(PHASE_GRID, i, 0);
		}
		rc = run(w, cells, p->cell_count, tallies);
		for (size_t i = 0; i < p->cell_count && !rc; i++)
			p->cells[i].tally = tallies[i];
	}
	free(cells);
	free(tallies);
	return rc;
}

static void add_edge(struct proof *p, enum injection_kind kind, double jitter, double missed,
		     bool if_listed)
{
	for (size_t i = 0; i < p->edge_count; i++)
		if (p->edges[i].kind == kind && p->edges[i].jitter == jitter &&
		    p->edges[i].if_listed == if_listed)
			return;
	p->edges[p->edge_count++] = (struct proof_edge){
		.kind = kind, .jitter = jitter, .missed = missed, .if_listed = if_listed};
}

/* Those of the sentence, the same for being listed at all, then other jitters. */
static int list_edges(struct work *w)
{
	struct proof *p = w->proof;
	const struct prove_config *c = w->config;

	p->edges = calloc(INJECTION_KINDS * (2 + ARRAY_LEN(edge_jitters)), sizeof(*p->edges));
	if (!p->edges)
		return -ENOMEM;
	for (int k = 0; k < INJECTION_KINDS; k++)
		add_edge(p, (enum injection_kind)k, c->jitter, c->missed, false);
	for (int k = 0; k < INJECTION_KINDS; k++)
		add_edge(p, (enum injection_kind)k, c->jitter, c->missed, true);
	for (int k = 0; k < INJECTION_KINDS; k++)
		for (size_t j = 0; j < ARRAY_LEN(edge_jitters); j++)
			add_edge(p, (enum injection_kind)k, edge_jitters[j], c->missed, false);
	return 0;
}

static uint32_t hits_of(const struct proof_edge *e, const struct trials_tally *t)
{
	return e->if_listed ? t->listed : t->reported;
}

/* One batch for all edges that are still at it: cells[i] is edge of[i]. */
struct batch {
	struct trials_cell *cells;
	struct trials_tally *tallies;
	size_t *of;
	size_t count;
};

static int batch_init(struct batch *b, size_t most)
{
	*b = (struct batch){
		.cells = calloc(most, sizeof(*b->cells)),
		.tallies = calloc(most, sizeof(*b->tallies)),
		.of = calloc(most, sizeof(*b->of)),
	};
	return b->cells && b->tallies && b->of ? 0 : -ENOMEM;
}

static void batch_fini(struct batch *b)
{
	free(b->cells);
	free(b->tallies);
	free(b->of);
}

static struct trials_cell *batch_add(const struct work *w, struct batch *b, size_t edge,
				     double period_s)
{
	const struct proof_edge *e = &w->proof->edges[edge];
	struct trials_cell *cell = &b->cells[b->count];

	*cell = cell_like(w->config, e->kind, period_s, e->jitter, e->missed, edge_sizes);
	b->of[b->count++] = edge;
	return cell;
}

/* Half-way on the logarithmic axis between what passed and what did not. */
struct bracket {
	double good_s, bad_s; /* 0: none yet */
	double trying_s;      /* 0: settled */
};

static void take_step(const struct work *w, const struct proof_edge *e, struct bracket *k,
		      const struct trials_tally *t)
{
	bool good = t->injected > 0 && hits_of(e, t) >= w->config->level * t->injected;

	if (good)
		k->good_s = k->trying_s;
	else
		k->bad_s = k->trying_s;
	if (!good && k->trying_s <= w->proof->shortest_s)
		k->trying_s = 0;
	else if (good && k->trying_s >= w->proof->longest_s)
		k->trying_s = 0;
	else if (k->bad_s <= 0)
		k->trying_s = w->proof->longest_s;
	else
		k->trying_s = sqrt(k->good_s * k->bad_s);
}

static int locate(struct work *w)
{
	struct proof *p = w->proof;
	struct bracket *brackets = calloc(p->edge_count, sizeof(*brackets));
	struct batch b = {0};
	int rc = brackets ? batch_init(&b, p->edge_count) : -ENOMEM;

	w->what = "search";
	for (size_t i = 0; i < p->edge_count && !rc; i++)
		brackets[i].trying_s = p->shortest_s;
	for (size_t step = 0; step < LOCATE_STEPS + 2 && !rc; step++) {
		b.count = 0;
		for (size_t i = 0; i < p->edge_count; i++) {
			struct trials_cell *cell;

			if (brackets[i].trying_s <= 0)
				continue;
			cell = batch_add(w, &b, i, brackets[i].trying_s);
			cell->trials = w->config->search_trials;
			cell->salt = salt_of(PHASE_LOCATE, i, step);
		}
		rc = run(w, b.cells, b.count, b.tallies);
		for (size_t i = 0; i < b.count && !rc; i++)
			take_step(w, &p->edges[b.of[i]], &brackets[b.of[i]], &b.tallies[i]);
	}
	for (size_t i = 0; i < p->edge_count && !rc; i++)
		p->edges[i].located_s = brackets[i].good_s;
	batch_fini(&b);
	free(brackets);
	return rc;
}

/* Is this edge still climbing, and to where? */
static bool next_rung(const struct proof *p, const struct proof_edge *e, size_t rung,
		      double *out_period_s)
{
	double period_s = fmax(p->shortest_s, e->located_s / ladder[rung]);

	if (e->located_s <= 0 || (e->step_count && !e->steps[e->step_count - 1].passed))
		return false;
	if (e->step_count && e->steps[e->step_count - 1].period_s >= period_s)
		return false; /* two rungs at the shortest period */
	*out_period_s = period_s;
	return true;
}

static void note_rung(const struct work *w, struct proof_edge *e, double period_s,
		      const struct trials_tally *t)
{
	struct proof_step *step = &e->steps[e->step_count++];

	step->period_s = period_s;
	step->tally = *t;
	step->passed = t->injected >= w->proof->plan.trials &&
		       binomial_least(t->injected, hits_of(e, t), w->config->confidence) >=
			       w->config->level;
	if (step->passed)
		e->certified_s = period_s;
}

static int certify(struct work *w)
{
	struct proof *p = w->proof;
	struct batch b = {0};
	int rc = batch_init(&b, p->edge_count);

	w->what = "certify";
	for (size_t rung = 0; rung < PROOF_STEPS && !rc; rung++) {
		b.count = 0;
		for (size_t i = 0; i < p->edge_count; i++) {
			struct trials_cell *cell;
			double period_s;

			if (!next_rung(p, &p->edges[i], rung, &period_s))
				continue;
			cell = batch_add(w, &b, i, period_s);
			cell->trials = p->plan.trials;
			cell->salt = salt_of(PHASE_CERTIFY, i, rung);
			cell->want_rank = true;
		}
		rc = run(w, b.cells, b.count, b.tallies);
		for (size_t i = 0; i < b.count && !rc; i++)
			note_rung(w, &p->edges[b.of[i]], b.cells[i].implant.law.period_s,
				  &b.tallies[i]);
	}
	batch_fini(&b);
	return rc;
}

/* Each as it is, and in a haunt. */
static int measure_implants(struct work *w)
{
	struct proof *p = w->proof;
	const struct prove_config *c = w->config;
	struct trials_cell *cells = calloc(2 * c->implant_count, sizeof(*cells));
	struct trials_tally *tallies = calloc(2 * c->implant_count, sizeof(*tallies));
	int rc = -ENOMEM;

	w->what = "implants";
	p->implants = calloc(2 * c->implant_count, sizeof(*p->implants));
	if (cells && tallies && p->implants) {
		for (size_t i = 0; i < 2 * c->implant_count; i++) {
			const struct implant *im = &c->implants[i / 2];

			cells[i] = (struct trials_cell){
				.kind = i % 2	     ? INJECT_HAUNT
					: im->lookup ? INJECT_NAME
						     : INJECT_ADDRESS,
				.implant = *im,
				.trials = p->plan.trials,
				.salt = salt_of(PHASE_IMPLANTS, i, 0),
				.want_rank = true,
			};
		}
		rc = run(w, cells, 2 * c->implant_count, tallies);
		for (size_t i = 0; i < 2 * c->implant_count && !rc; i++)
			p->implants[p->implant_count++] = (struct proof_implant){
				.kind = cells[i].kind, .number = i / 2, .tally = tallies[i]};
	}
	free(cells);
	free(tallies);
	return rc;
}

/* Haunts too busy for an implant of the sentence, at the period certified for it. */
static void count_haunts(struct work *w, const struct terrain *terrain)
{
	struct proof *p = w->proof;
	double period_s = p->edge_count > INJECT_HAUNT ? p->edges[INJECT_HAUNT].certified_s : 0;

	if (period_s <= 0)
		period_s = HOUR_S < p->longest_s ? HOUR_S : p->longest_s;
	p->haunt_calls = floor(HAUNT_TIMES * p->window_s * (1 - w->config->missed) / period_s);
	terrain_count_haunts(terrain, (uint32_t)fmin(p->haunt_calls, 1e9), &p->haunts,
			     &p->haunts_busier);
}

static int run_phases(struct work *w)
{
	int rc;

	if (w->config->implant_count)
		return measure_implants(w);
	rc = measure_grid(w);
	if (!rc)
		rc = list_edges(w);
	if (!rc)
		rc = locate(w);
	return rc ? rc : certify(w);
}

int prove_run(const struct verdict *v, const struct prove_config *config, struct proof *out)
{
	struct terrain terrain;
	double periods[16];
	struct proof p = {
		.config = *config,
		.plan = binomial_plan(config->level, config->confidence),
		.window_s = v->window_s,
	};
	struct work w = {.config = config, .proof = &p};
	int rc = terrain_survey(v, &terrain);

	if (rc)
		return rc;
	choose_periods(v->window_s, periods);
	p.shortest_s = periods[0];
	p.longest_s = v->window_s / LEAST_CALLS;
	p.hosts = terrain.host_count;
	p.hosts_spoken = terrain.spoken_count;
	p.host_hours = terrain.host_hours;
	p.unseen_host_hours = terrain.unseen_host_hours;
	w.setting = (struct trials_setting){
		.verdict = v,
		.terrain = &terrain,
		.least = config->least,
		.seed = config->seed,
		.threads = config->threads,
	};
	rc = p.hosts_spoken ? run_phases(&w) : -ENODATA;
	if (!rc)
		count_haunts(&w, &terrain);
	terrain_fini(&terrain);
	if (rc) {
		proof_fini(&p);
		return rc;
	}
	*out = p;
	return 0;
}

void proof_fini(struct proof *p)
{
	free(p->cells);
	free(p->edges);
	free(p->implants);
	*p = (struct proof){0};
}
