/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For people: the sentence, how far it reaches for each kind of destination and
 * jitter, the powers it was found among, and what it does not speak of.
 */
#include "report/proof_words.h"

#include <math.h>
#include <string.h>

enum { WIDTH = 110 };

/* Words of `text` in lines of WIDTH, the first after `lead` and the rest below it. */
static void fold(FILE *out, const char *lead, const char *text)
{
	int indent = (int)strlen(lead), column = indent;

	fprintf(out, "%s", lead);
	while (*text) {
		int len = (int)strcspn(text, " ");

		if (column > indent && column + 1 + len > WIDTH) {
			fprintf(out, "\n%*s", indent, "");
			column = indent;
		} else if (column > indent) {
			putc(' ', out);
			column++;
		}
		fprintf(out, "%.*s", len, text);
		column += len;
		text += len;
		text += strspn(text, " ");
	}
	putc('\n', out);
}

static void say_sentences(FILE *out, const struct proof *p)
{
	char text[SENTENCE_SIZE];

	fprintf(out, "What would have been found\n\n");
	for (size_t i = 0; i < INJECTION_KINDS && i < p->edge_count; i++) {
		fold(out, "  ", edge_sentence(p, &p->edges[i], text));
		if (!proof_certified(&p->edges[i]) && i + INJECTION_KINDS < p->edge_count)
			fold(out, "  ", edge_sentence(p, &p->edges[i + INJECTION_KINDS], text));
		putc('\n', out);
	}
}

static const struct proof_edge *find_edge(const struct proof *p, enum injection_kind kind,
					  double jitter)
{
	for (size_t i = 0; i < p->edge_count; i++)
		if (p->edges[i].kind == kind && p->edges[i].jitter == jitter &&
		    !p->edges[i].if_listed)
			return &p->edges[i];
	return NULL;
}

/* All jitters that edges were looked for at, in order; returns how many. */
static size_t list_jitters(const struct proof *p, double out[8])
{
	size_t count = 0, place;

	for (size_t i = 0; i < p->edge_count && count < 8; i++) {
		double jitter = p->edges[i].jitter;

		if (p->edges[i].kind != INJECT_ADDRESS || p->edges[i].if_listed)
			continue;
		for (place = count; place > 0 && out[place - 1] > jitter; place--)
			out[place] = out[place - 1];
		out[place] = jitter;
		count++;
	}
	return count;
}

static void edge_table(FILE *out, const struct proof *p)
{
	double jitters[8];
	size_t count = list_jitters(p, jitters);
	char period[DURATION_TEXT_SIZE];

	fprintf(out,
		"Slowest period certified (of calls %.0f %% lost, sizes vary by half)\n\n  %-36s",
		100 * p->config.missed, "jitter");
	for (size_t i = 0; i < count; i++)
		fprintf(out, " %8.0f %%", 100 * jitters[i]);
	putc('\n', out);
	for (int k = 0; k < INJECTION_KINDS; k++) {
		fprintf(out, "  %-36s", kind_words((enum injection_kind)k));
		for (size_t i = 0; i < count; i++) {
			const struct proof_edge *e =
				find_edge(p, (enum injection_kind)k, jitters[i]);

			fprintf(out, " %10s", e ? edge_period(e, period) : "");
		}
		putc('\n', out);
	}
	putc('\n', out);
}

static void say_power(FILE *out, const struct trials_tally *t)
{
	if (t->injected)
		fprintf(out, " %6.2f", (double)t->reported / t->injected);
	else
		fprintf(out, " %6s", "-");
}

/* A new line of the table begins where kind or period changes. */
static void power_tables(FILE *out, const struct proof *p)
{
	const struct proof_cell *before = NULL;
	char period[DURATION_TEXT_SIZE];
	struct binomial_interval all = binomial_interval(p->config.trials, p->config.trials, 0.95);
	struct binomial_interval half =
		binomial_interval(p->config.trials, p->config.trials / 2, 0.95);

	fprintf(out, "Power: share reported of %u injected", p->config.trials);
	fprintf(out, " (1.00 means %.2f to 1, %.2f means %.2f to %.2f; \"-\": no such place)\n",
		all.low, (double)(p->config.trials / 2) / p->config.trials, half.low, half.high);
	for (size_t i = 0; i < p->cell_count; i++) {
		const struct proof_cell *c = &p->cells[i];

		if (c->missed > 0 || c->sizes > 0)
			continue;
		if (!before || before->kind != c->kind) {
			fprintf(out, "\n  to %s, sizes fixed, nothing lost\n  %-12s",
				kind_words(c->kind), "  jitter");
			for (size_t k = i; k < p->cell_count && p->cells[k].missed == 0 &&
					   p->cells[k].period_s == c->period_s;
			     k++)
				fprintf(out, " %4.0f %%", 100 * p->cells[k].jitter);
		}
		if (!before || before->kind != c->kind || before->period_s != c->period_s)
			fprintf(out, "\n  every %-8s", period_text(c->period_s, period));
		say_power(out, &c->tally);
		before = c;
	}
	fprintf(out, "\n\n");
}

/* Jitter of the grid that is closest to the sentence's. */
static double close_jitter(const struct proof *p)
{
	double best = 0;

	for (size_t i = 0; i < p->cell_count; i++)
		if (fabs(p->cells[i].jitter - p->config.jitter) < fabs(best - p->config.jitter))
			best = p->cells[i].jitter;
	return best;
}

static void loss_tables(FILE *out, const struct proof *p)
{
	const struct proof_cell *before = NULL;
	double jitter = close_jitter(p);
	char period[DURATION_TEXT_SIZE];

	fprintf(out, "  the same at jitter %.0f %%, by calls lost and sizes\n", 100 * jitter);
	for (size_t i = 0; i < p->cell_count; i++) {
		const struct proof_cell *c = &p->cells[i];

		if (c->jitter != jitter)
			continue;
		if (!before || before->kind != c->kind) {
			fprintf(out, "\n  to %s\n  %-14s", kind_words(c->kind), "");
			for (size_t k = i;
			     k < p->cell_count && p->cells[k].period_s == c->period_s &&
			     p->cells[k].kind == c->kind;
			     k++)
				if (p->cells[k].jitter == jitter)
					fprintf(out, " %2.0f%%%s", 100 * p->cells[k].missed,
						p->cells[k].sizes > 0 ? "var" : "fix");
		}
		if (!before || before->kind != c->kind || before->period_s != c->period_s)
			fprintf(out, "\n  every %-8s", period_text(c->period_s, period));
		say_power(out, &c->tally);
		before = c;
	}
	fprintf(out, "\n\n");
}

static void quartiles(FILE *out, const struct proof *p)
{
	for (size_t i = 0; i < INJECTION_KINDS && i < p->edge_count; i++) {
		const struct proof_step *s = proof_certified(&p->edges[i]);

		if (!s)
			continue;
		fprintf(out, "  to %s, from the quietest to the busiest quarter of the hosts: ",
			kind_words(p->edges[i].kind));
		for (int q = 0; q < TERRAIN_QUARTILES; q++)
			fprintf(out, "%s%u/%u", q ? ", " : "", s->tally.quartile[q].reported,
				s->tally.quartile[q].injected);
		fprintf(out, "; rank %u, at worst %u\n", s->tally.rank_median, s->tally.rank_worst);
	}
	putc('\n', out);
}

static void say_implants(FILE *out, const struct proof_report *r)
{
	const struct proof *p = r->proof;

	fprintf(out, "Power of the implants asked for (%.4g %% interval)\n\n",
		100 * p->config.confidence);
	for (size_t i = 0; i < p->implant_count; i++) {
		const struct proof_implant *im = &p->implants[i];
		const struct trials_tally *t = &im->tally;
		struct binomial_interval range = {0, 1};

		if (i == 0 || p->implants[i - 1].number != im->number)
			fprintf(out, "  %s\n", r->implant_texts[im->number]);
		fprintf(out, "    to %-36s", kind_words(im->kind));
		if (t->injected) {
			range = binomial_interval(t->injected, t->reported, p->config.confidence);
			fprintf(out, "%.3f (%.3f to %.3f): %u of %u, %u to %u calls each",
				(double)t->reported / t->injected, range.low, range.high,
				t->reported, t->injected, t->calls_least, t->calls_most);
		} else {
			fprintf(out, "no such place");
		}
		fprintf(out, "; %u listed\n", t->listed);
	}
	putc('\n', out);
}

static void say_packets(FILE *out, const struct witness *w)
{
	char text[SENTENCE_SIZE];

	if (!w)
		return;
	fold(out, "  ", packets_sentence(w, text));
	putc('\n', out);
}

static void say_limits(FILE *out, const struct proof_report *r)
{
	char text[SENTENCE_SIZE];
	const char *limit;

	fprintf(out, "What this does not speak of\n");
	for (size_t i = 0; (limit = limit_sentence(r, i, text)); i++)
		fold(out, "  - ", limit);
}

void proof_text(FILE *out, const struct proof_report *r)
{
	const struct proof *p = r->proof;

	if (p->implant_count) {
		say_implants(out, r);
	} else {
		say_sentences(out, p);
		say_packets(out, r->witness);
		edge_table(out, p);
		quartiles(out, p);
		power_tables(out, p);
		loss_tables(out, p);
	}
	if (p->implant_count)
		say_packets(out, r->witness);
	say_limits(out, r);
	fprintf(out, "\n%zu trials, seed %llu; method: docs/detection/prove.md\n", p->trials,
		(unsigned long long)p->config.seed);
}
