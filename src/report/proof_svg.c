/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The picture: how far the promise reaches, the powers it was found among, and
 * what it does not speak of.  Colours run from red (would be missed) by way of
 * white to blue (would be reported); every cell also says its number.
 */
#include "report/proof_words.h"

#include <math.h>
#include <string.h>

enum {
	WIDTH = 1160,
	MARGIN = 30,
	LINE = 18,     /* of text */
	LETTERS = 145, /* of a line that fits, even in bold */
	CELL_W = 46,
	CELL_H = 22,
	LABELS = 84, /* left of a panel */
	PANEL_GAP = 16,
	CHART_W = 430,
	CHART_H = 230,
	MISSED_MOST = 3,
};

/* Where the pen is. */
struct canvas {
	FILE *out;
	double y;
};

static void put_text(FILE *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len && text[i]; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '<')
			fputs("&lt;", out);
		else if (c == '>')
			fputs("&gt;", out);
		else if (c == '&')
			fputs("&amp;", out);
		else
			putc(c < ' ' || c > '~' ? '?' : c, out);
	}
}

static void label(FILE *out, double x, double y, const char *class, const char *text)
{
	fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">", x, y, class);
	put_text(out, text, strlen(text));
	fputs("</text>\n", out);
}

/* Lines of at most `letters`, cut between words. */
static void paragraph(struct canvas *c, double x, size_t letters, const char *class,
		      const char *text)
{
	while (*text) {
		size_t len = strlen(text);

		if (len > letters) {
			len = letters;
			while (len > 0 && text[len] != ' ')
				len--;
			if (len == 0)
				len = letters;
		}
		fprintf(c->out, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">", x, c->y, class);
		put_text(c->out, text, len);
		fputs("</text>\n", c->out);
		c->y += LINE;
		text += len;
		text += strspn(text, " ");
	}
}

/* Red, white, blue; no reader who mixes up red and green is left out. */
static void colour_of(double power, char out[static 8])
{
	static const double stops[3][3] = {{178, 24, 43}, {247, 247, 247}, {33, 102, 172}};
	int from = power < 0.5 ? 0 : 1;
	double part = 2 * power - from;
	int rgb[3];

	for (int i = 0; i < 3; i++)
		rgb[i] = (int)lround(stops[from][i] + part * (stops[from + 1][i] - stops[from][i]));
	snprintf(out, 8, "#%02x%02x%02x", rgb[0] & 255, rgb[1] & 255, rgb[2] & 255);
}

static void draw_cell(FILE *out, double x, double y, const struct trials_tally *t)
{
	double power = t->injected ? (double)t->reported / t->injected : 0;
	char colour[8] = "#dddddd", text[16] = "-";

	if (t->injected) {
		colour_of(power, colour);
		snprintf(text, sizeof(text), "%.2f", power);
	}
	fprintf(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%d\" height=\"%d\" fill=\"%s\"/>\n", x, y,
		CELL_W - 1, CELL_H - 1, colour);
	label(out, x + CELL_W / 2.0, y + CELL_H - 7,
	      t->injected && fabs(power - 0.5) > 0.3 ? "cell light" : "cell", text);
}

/* What a panel holds: one kind, one share of calls lost, fixed sizes. */
static bool in_panel(const struct proof_cell *c, enum injection_kind kind, double missed)
{
	return c->kind == kind && c->missed == missed && c->sizes == 0;
}

/* Returns its height. */
static double draw_panel(FILE *out, const struct proof *p, double x, double y,
			 enum injection_kind kind, double missed)
{
	size_t row = 0, column = 0;
	double period_s = 0;
	char text[DURATION_TEXT_SIZE + 16], period[DURATION_TEXT_SIZE];

	snprintf(text, sizeof(text), "%.0f %% of calls lost", 100 * missed);
	label(out, x + LABELS, y + 12, "small", text);
	for (size_t i = 0; i < p->cell_count; i++) {
		const struct proof_cell *c = &p->cells[i];

		if (!in_panel(c, kind, missed))
			continue;
		if (c->period_s != period_s) {
			period_s = c->period_s;
			row++;
			column = 0;
			snprintf(text, sizeof(text), "every %s", period_text(period_s, period));
			label(out, x + LABELS - 6, y + 12 + (double)(row + 1) * CELL_H - 7, "right",
			      text);
		}
		if (row == 1) {
			snprintf(text, sizeof(text), "%.0f %%", 100 * c->jitter);
			label(out, x + LABELS + (double)column * CELL_W + CELL_W / 2.0, y + 28,
			      "axis", text);
		}
		draw_cell(out, x + LABELS + (double)column * CELL_W, y + 12 + (double)row * CELL_H,
			  &c->tally);
		column++;
	}
	return 20 + (double)(row + 1) * CELL_H;
}

static size_t list_missed(const struct proof *p, double out[MISSED_MOST])
{
	size_t count = 0;

	for (size_t i = 0; i < p->cell_count && count < MISSED_MOST; i++) {
		bool known = false;

		for (size_t k = 0; k < count; k++)
			known |= out[k] == p->cells[i].missed;
		if (!known)
			out[count++] = p->cells[i].missed;
	}
	return count;
}

static void draw_panels(struct canvas *c, const struct proof *p)
{
	double missed[MISSED_MOST], height = 0;
	size_t columns = list_missed(p, missed);
	char text[160];

	for (int k = 0; k < INJECTION_KINDS; k++) {
		snprintf(text, sizeof(text),
			 "Share reported of %u implants, each of which calls %s", p->config.trials,
			 kind_words((enum injection_kind)k));
		label(c->out, MARGIN, c->y, "head", text);
		label(c->out, WIDTH - MARGIN, c->y, "right",
		      "across: jitter, half width over period");
		c->y += 6;
		for (size_t m = 0; m < columns; m++)
			height = draw_panel(c->out, p,
					    MARGIN + (double)m * (LABELS + 6 * CELL_W + PANEL_GAP),
					    c->y, (enum injection_kind)k, missed[m]);
		c->y += height + LINE;
	}
}

/* The chart of edges: jitter across, the slowest period certified upwards. */
struct chart {
	const struct proof *proof;
	double x, y, shortest, longest; /* logarithms of seconds */
};

static double chart_x(const struct chart *c, double jitter)
{
	return c->x + jitter * CHART_W;
}

static double chart_y(const struct chart *c, double period_s)
{
	double part = (log(period_s) - c->shortest) / (c->longest - c->shortest);

	return c->y + CHART_H - part * CHART_H;
}

static const char *kind_colour(enum injection_kind kind)
{
	static const char *const colours[] = {"#2166ac", "#d95f02", "#444444"};

	return colours[kind];
}

/* Edges of one kind, by jitter: there are few. */
static const struct proof_edge *next_edge(const struct proof *p, enum injection_kind kind,
					  double above)
{
	const struct proof_edge *next = NULL;

	for (size_t i = 0; i < p->edge_count; i++) {
		const struct proof_edge *e = &p->edges[i];

		if (e->kind == kind && !e->if_listed && e->certified_s > 0 && e->jitter > above &&
		    (!next || e->jitter < next->jitter))
			next = e;
	}
	return next;
}

static void draw_curve(FILE *out, const struct chart *c, enum injection_kind kind)
{
	const struct proof_edge *e = next_edge(c->proof, kind, -1), *before = NULL;
	char period[DURATION_TEXT_SIZE];

	for (; e; before = e, e = next_edge(c->proof, kind, e->jitter)) {
		double x = chart_x(c, e->jitter), y = chart_y(c, e->certified_s);

		if (before)
			fprintf(out,
				"<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" "
				"stroke=\"%s\" stroke-width=\"2\"/>\n",
				chart_x(c, before->jitter), chart_y(c, before->certified_s), x, y,
				kind_colour(kind));
		fprintf(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"%s\"/>\n", x, y,
			kind_colour(kind));
		label(out, x + 7, y - 6, "small", period_text(e->certified_s, period));
	}
}

static void draw_axes(FILE *out, const struct chart *c)
{
	static const double ticks[] = {1,	 10,	    60,	   300,	      900,	3600,
				       3 * 3600, 12 * 3600, 86400, 3 * 86400, 7 * 86400};
	char text[DURATION_TEXT_SIZE];

	fprintf(out,
		"<rect x=\"%.1f\" y=\"%.1f\" width=\"%d\" height=\"%d\" fill=\"none\" "
		"stroke=\"#999999\"/>\n",
		c->x, c->y, CHART_W, CHART_H);
	for (size_t i = 0; i < ARRAY_LEN(ticks); i++) {
		double y;

		if (log(ticks[i]) < c->shortest || log(ticks[i]) > c->longest)
			continue;
		y = chart_y(c, ticks[i]);
		fprintf(out,
			"<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" "
			"stroke=\"#eeeeee\"/>\n",
			c->x, y, c->x + CHART_W, y);
		label(out, c->x - 6, y + 4, "right", period_text(ticks[i], text));
	}
	for (int i = 0; i <= 10; i += 2) {
		snprintf(text, sizeof(text), "%d %%", 10 * i);
		label(out, chart_x(c, i / 10.0), c->y + CHART_H + 16, "axis", text);
	}
	label(out, c->x + CHART_W / 2.0, c->y + CHART_H + 34, "axis",
	      "jitter, half width over period");
}

static void draw_chart(FILE *out, const struct proof *p, double x, double y)
{
	struct chart c = {
		.proof = p,
		.x = x,
		.y = y,
		.shortest = log(p->shortest_s),
		.longest = log(p->longest_s),
	};

	draw_axes(out, &c);
	for (int k = 0; k < INJECTION_KINDS; k++) {
		enum injection_kind kind = (enum injection_kind)k;
		bool any = next_edge(p, kind, -1) != NULL;
		char text[96];

		draw_curve(out, &c, kind);
		snprintf(text, sizeof(text), "%s%s", kind_words(kind), any ? "" : ": nowhere");
		fprintf(out,
			"<rect x=\"%.1f\" y=\"%.1f\" width=\"10\" height=\"10\" fill=\"%s\"/>\n",
			x + CHART_W - 275, y + 10 + 16.0 * k, kind_colour(kind));
		label(out, x + CHART_W - 260, y + 19 + 16.0 * k, "small", text);
	}
}

static void draw_limits(struct canvas *c, const struct proof_report *r, double x, size_t letters)
{
	char text[SENTENCE_SIZE];
	const char *limit;

	label(c->out, x, c->y, "head", "What this does not speak of");
	c->y += LINE + 4;
	for (size_t i = 0; (limit = limit_sentence(r, i, text)); i++) {
		paragraph(c, x, letters, "small", limit);
		c->y += 4;
	}
}

static void draw_implants(struct canvas *c, const struct proof_report *r)
{
	const struct proof *p = r->proof;
	const double bar_x = 620, bar_w = 300;

	for (size_t i = 0; i < p->implant_count; i++) {
		const struct proof_implant *im = &p->implants[i];
		const struct trials_tally *t = &im->tally;
		struct binomial_interval range = binomial_interval(
			t->injected ? t->injected : 1, t->reported, p->config.confidence);
		char text[64];

		if (i % 2 == 0) {
			label(c->out, MARGIN, c->y, "head", r->implant_texts[im->number]);
			c->y += LINE;
		}
		label(c->out, MARGIN + 20, c->y, "small", kind_words(im->kind));
		fprintf(c->out,
			"<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"12\" "
			"fill=\"#eeeeee\"/>\n"
			"<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"12\" "
			"fill=\"#2166ac\"/>\n",
			bar_x, c->y - 11, bar_w, bar_x + range.low * bar_w, c->y - 11,
			fmax(2, (range.high - range.low) * bar_w));
		snprintf(text, sizeof(text), "%.3f to %.3f: %u of %u", range.low, range.high,
			 t->reported, t->injected);
		label(c->out, bar_x + bar_w + 10, c->y, "small", text);
		c->y += LINE;
	}
	c->y += LINE;
}

static void draw_sentences(struct canvas *c, const struct proof_report *r)
{
	const struct proof *p = r->proof;
	char text[SENTENCE_SIZE];

	for (size_t i = 0; i < INJECTION_KINDS && i < p->edge_count; i++) {
		paragraph(c, MARGIN, LETTERS, i == 0 ? "strong" : "plain",
			  edge_sentence(p, &p->edges[i], text));
		c->y += 4;
	}
	if (r->witness)
		paragraph(c, MARGIN, LETTERS, "plain", packets_sentence(r->witness, text));
	c->y += LINE;
}

static void draw_edges_and_limits(struct canvas *c, const struct proof_report *r)
{
	double top = c->y, bottom;
	char text[160];

	snprintf(text, sizeof(text), "Slowest period at which %.4g of them are reported, certified",
		 r->proof->config.level);
	label(c->out, MARGIN, c->y, "head", text);
	draw_chart(c->out, r->proof, MARGIN + 60, c->y + 12);
	bottom = c->y + 12 + CHART_H + 50;
	c->y = top;
	draw_limits(c, r, MARGIN + 60 + CHART_W + 50, 88);
	c->y = fmax(c->y, bottom);
}

/* Nobody knows the height before all is drawn: so it is drawn twice, at first into nothing. */
static double draw_all(FILE *out, const struct proof_report *r)
{
	struct canvas c = {.out = out, .y = 40};

	label(out, MARGIN, c.y, "title", "What would have been found");
	c.y += 1.5 * LINE;
	if (r->proof->implant_count) {
		draw_implants(&c, r);
		draw_limits(&c, r, MARGIN, LETTERS);
	} else {
		draw_sentences(&c, r);
		draw_panels(&c, r->proof);
		c.y += LINE;
		draw_edges_and_limits(&c, r);
	}
	return c.y + MARGIN;
}

void proof_svg(FILE *out, const struct proof_report *r)
{
	FILE *nowhere = fopen("/dev/null", "w");
	double height = nowhere ? draw_all(nowhere, r) : 1400;

	if (nowhere)
		fclose(nowhere);
	fprintf(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%.0f\" "
		"viewBox=\"0 0 %d %.0f\">\n",
		WIDTH, height, WIDTH, height);
	fputs("<title>What would have been found</title>\n"
	      "<style>text{font-family:sans-serif;font-size:13px;fill:#222222}"
	      ".title{font-size:22px;font-weight:bold}.head{font-size:14px;font-weight:bold}"
	      ".strong{font-weight:bold}.small{font-size:12px}.cell{font-size:11px;"
	      "text-anchor:middle}.light{fill:#ffffff}.axis{font-size:11px;text-anchor:middle;"
	      "fill:#555555}.right{font-size:11px;text-anchor:end;fill:#555555}</style>\n"
	      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n",
	      out);
	(void)draw_all(out, r);
	fputs("</svg>\n", out);
}
