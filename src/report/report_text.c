/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For people: the answer, a ranked table, a paragraph for each case if asked,
 * and what all of it rests on.
 */
#include "flow/fingerprint.h"
#include "report/advice.h"
#include "report/report.h"
#include "report/words.h"
#include "verdict/weigh.h"

#include <string.h>

static const char *paint(const struct report_style *style, enum severity severity)
{
	static const char *const code[SEVERITIES] = {
		[SEVERITY_INFO] = "\033[2m",	    [SEVERITY_LOW] = "",
		[SEVERITY_MEDIUM] = "\033[33m",	    [SEVERITY_HIGH] = "\033[1;33m",
		[SEVERITY_CRITICAL] = "\033[1;31m",
	};

	return style->color ? code[severity] : "";
}

static const char *plain(const struct report_style *style)
{
	return style->color ? "\033[0m" : "";
}

/* 1234567 as "1,234,567"; returns `out`. */
enum { COUNT_TEXT_SIZE = 32 };
static const char *count_text(uint64_t n, char out[static COUNT_TEXT_SIZE])
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n), used = 0;

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			out[used++] = ',';
		out[used++] = digits[i];
	}
	out[used] = '\0';
	return out;
}

static void say_verdict(FILE *out, const struct report *r)
{
	const struct verdict *v = r->verdict;
	size_t cases = report_cases(r);

	if (cases == 1)
		fprintf(out, "One case to look at");
	else if (cases)
		fprintf(out, "%zu cases to look at", cases);
	else if (r->inconclusive)
		fprintf(out, "Inconclusive: %s", r->inconclusive);
	else
		fprintf(out, "Nothing here looks like a call-home");
	if (cases) {
		const char *join = ": ";

		for (int s = SEVERITY_CRITICAL; s >= SEVERITY_MEDIUM; s--) {
			if (!v->by_severity[s])
				continue;
			fprintf(out, "%s%zu %s", join, v->by_severity[s],
				severity_name((enum severity)s));
			join = ", ";
		}
	}
	fprintf(out, ".\n");
}

/*
 * Two lines a finding: the facts in columns as wide as what they hold, and
 * under them what kind it is and why.  Narrow enough for most terminals.
 */
enum column { COLUMN_HOST, COLUMN_DESTINATION, COLUMN_EVERY, COLUMN_OUT, COLUMNS };
enum { DESTINATION_MOST = 56 };

struct row {
	char cell[COLUMNS][WORDS_SIZE];
};

/* "10.0.0.5", or "10.0.0.5 in VNI 5001" (net/tuple.h). */
enum { HOST_TEXT_SIZE = ADDRESS_TEXT_SIZE + 24, VNI_MASK = 0xffffff };
static const char *host_text(const struct timeline_key *key, char out[static HOST_TEXT_SIZE])
{
	char address[ADDRESS_TEXT_SIZE];

	address_text(&key->host, address);
	if (key->network)
		snprintf(out, HOST_TEXT_SIZE, "%s in VNI %u", address, key->network & VNI_MASK);
	else
		snprintf(out, HOST_TEXT_SIZE, "%s", address);
	return out;
}

static void fill_row(const struct finding *f, struct row *row)
{
	const struct timeline *t = f->group.timeline;
	char host[HOST_TEXT_SIZE], text[WORDS_SIZE];

	host_text(&t->key, host);
	snprintf(row->cell[COLUMN_HOST], WORDS_SIZE, f->host_count > 1 ? "%s +%u" : "%s", host,
		 f->host_count - 1);
	snprintf(row->cell[COLUMN_DESTINATION], WORDS_SIZE, f->group.peers ? "%.*s +%u" : "%.*s",
		 DESTINATION_MOST, destination_text(f, text), f->destination_count - 1);
	snprintf(row->cell[COLUMN_EVERY], WORDS_SIZE, "%s",
		 f->is_timer ? duration_text(f->timing.period_s, text) : "-");
	bytes_text((double)t->out_bytes, row->cell[COLUMN_OUT]);
}

struct widths {
	int column[COLUMNS];
};

static void widen(struct widths *w, const struct finding *f)
{
	struct row row;

	fill_row(f, &row);
	for (int c = 0; c < COLUMNS; c++) {
		int len = (int)strlen(row.cell[c]);

		if (len > w->column[c])
			w->column[c] = len;
	}
}

static void table_head(FILE *out, const struct widths *w)
{
	fprintf(out, "\n %3s  %-8s %5s %4s  %-*s   %-*s  %*s %6s %*s\n", "#", "severity", "score",
		"prob", w->column[COLUMN_HOST], "host", w->column[COLUMN_DESTINATION],
		"destination", w->column[COLUMN_EVERY], "every", "calls", w->column[COLUMN_OUT],
		"out");
}

static void table_row(FILE *out, const struct finding *f, const struct report_style *style,
		      const struct widths *w)
{
	char why[WORDS_SIZE];
	struct row row;

	fill_row(f, &row);
	fprintf(out, " %3u  %s%-8s%s %5.1f %4.2f  %-*s > %-*s  %*s %6u %*s\n", f->rank,
		paint(style, f->severity), severity_name(f->severity), plain(style), f->score_db,
		f->probability, w->column[COLUMN_HOST], row.cell[COLUMN_HOST],
		w->column[COLUMN_DESTINATION], row.cell[COLUMN_DESTINATION],
		w->column[COLUMN_EVERY], row.cell[COLUMN_EVERY], f->group.timeline->calls,
		w->column[COLUMN_OUT], row.cell[COLUMN_OUT]);
	fprintf(out, "      %s: %s\n", finding_kind_name(f->kind), reasons_text(f, why));
}

static void say_names(FILE *out, const struct finding *f)
{
	const struct timeline *t = f->group.timeline;
	const char *join = "   names     ";

	for (size_t i = 0; i < TIMELINE_NAMES_MAX && t->names[i]; i++) {
		const char *raw = string_table_get(f->group.names, t->names[i]);
		char safe[WORDS_SIZE];

		printable(safe, sizeof(safe), raw, strlen(raw));
		fprintf(out, "%s%s", join, safe);
		join = ", ";
	}
	if (t->names[0])
		fprintf(out, "\n");
}

/* What the latest client spoke, and what tells it from others. */
static void say_client(FILE *out, const struct finding *f)
{
	const struct timeline *t = f->group.timeline;
	struct fingerprint p = fingerprint_get(f->group.fingerprints, t->fingerprint);
	const struct {
		const char *label;
		uint32_t text;
	} signs[] = {{"JA4", p.ja4}, {"JA3", p.ja3}, {"HASSH", p.hassh}, {"agent", p.agent}};

	if (!t->app)
		return;
	fprintf(out, "   speaks    %s", app_name(t->app));
	for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
		const char *raw = string_table_get(f->group.fingerprints, signs[i].text);
		char safe[WORDS_SIZE];

		printable(safe, sizeof(safe), raw, strlen(raw));
		if (*safe)
			fprintf(out, ", %s %s", signs[i].label, safe);
	}
	if (t->claims & CLAIM_SELF_SIGNED)
		fprintf(out, ", self-signed certificate");
	if (t->claims & CLAIM_CERT_TIME)
		fprintf(out, ", certificate not valid at that time");
	fprintf(out, "\n");
}

/* " (12 to 18)", or nothing where the estimate's grid is too coarse to tell. */
static const char *share_range(struct timing_interval range, char out[static 32])
{
	out[0] = '\0';
	if (range.high - range.low >= 0.005)
		snprintf(out, 32, " (%.0f to %.0f)", 100 * range.low, 100 * range.high);
	return out;
}

static void say_rhythm(FILE *out, const struct finding *f)
{
	const struct timing_result *t = &f->timing;
	char period[DURATION_TEXT_SIZE], low[DURATION_TEXT_SIZE], high[DURATION_TEXT_SIZE];
	char jitter[32], missed[32];

	if (!f->is_timer || t->period_s <= 0)
		return;
	fprintf(out, "   every     %s (90 %%: %s to %s), jitter %.0f %%%s, missed %.0f %%%s\n",
		duration_text(t->period_s, period), duration_text(t->period.low, low),
		duration_text(t->period.high, high), 100 * t->jitter,
		share_range(t->jitter_90, jitter), 100 * t->missed,
		share_range(t->missed_90, missed));
}

/* Why the probability and the severity may seem to disagree. */
static void say_held(FILE *out, const struct finding *f)
{
	if (f->held)
		fprintf(out, "   held      at low: %s\n", f->held);
}

static void say_family(FILE *out, const struct finding *f)
{
	char address[ADDRESS_TEXT_SIZE];

	if (f->host_count < 2)
		return;
	if (f->group.hosts_pooled)
		fprintf(out,
			"   also      %u more; these figures are those of %u hosts taken "
			"together: ",
			f->host_count - 1, f->group.hosts_pooled);
	else
		fprintf(out, "   also      %u more, of which these figures do not speak: ",
			f->host_count - 1);
	for (uint32_t i = 1; i < f->host_count && i < FINDING_HOSTS_MAX; i++)
		fprintf(out, "%s%s", i > 1 ? ", " : "", address_text(&f->hosts[i], address));
	if (f->host_count > FINDING_HOSTS_MAX)
		fprintf(out, " and %u more", f->host_count - FINDING_HOSTS_MAX);
	fprintf(out, "\n");
}

/* More than the headline tells: where else the calls of the case went. */
static void say_destinations(FILE *out, const struct finding *f)
{
	enum { MOST = 12 };
	uint32_t shown = f->destination_count < MOST ? f->destination_count : MOST;
	char address[ADDRESS_TEXT_SIZE], proto[8], safe[WORDS_SIZE];

	if (f->destination_count < 2)
		return;
	fprintf(out, "   to        %u destinations: ", f->destination_count);
	for (uint32_t i = 0; i < shown; i++) {
		const struct destination *d = &f->destinations[i];
		bool v6 = d->address.version == 6;

		printable(safe, sizeof(safe), d->name, strlen(d->name));
		fprintf(out, "%s%s%s%s", i ? ", " : "", v6 ? "[" : "",
			d->address.version ? address_text(&d->address, address) : safe,
			v6 ? "]" : "");
		if (d->port)
			fprintf(out, ":%u", d->port);
		fprintf(out, "/%s", proto_text(d->proto, proto));
	}
	if (f->destination_count > shown)
		fprintf(out, " and %u more", f->destination_count - shown);
	fprintf(out, "\n");
}

static void say_evidence(FILE *out, const struct finding *f, bool against)
{
	const char *label = against ? "   against   " : "   for       ";

	for (size_t i = 0; i < f->evidence_count; i++) {
		const struct evidence *e = &f->evidence[i];

		if ((e->weight_db < 0) != against)
			continue;
		fprintf(out, "%s%+6.1f dB  %s%s%s%s: %s\n", label, e->weight_db, e->name,
			*e->attack ? " [" : "", e->attack, *e->attack ? "]" : "", e->text);
		label = "             ";
	}
}

static void paragraph(FILE *out, const struct report *r, const struct finding *f,
		      const struct report_style *style)
{
	const struct timeline *t = f->group.timeline;
	char host[HOST_TEXT_SIZE], destination[WORDS_SIZE], since[TIME_TEXT_SIZE];
	char until[TIME_TEXT_SIZE], sent[BYTES_TEXT_SIZE], got[BYTES_TEXT_SIZE];

	fprintf(out, "\n#%u %s%s%s %s: %s > %s\n", f->rank, paint(style, f->severity),
		severity_name(f->severity), plain(style), finding_kind_name(f->kind),
		host_text(&t->key, host), destination_text(f, destination));
	say_names(out, f);
	say_client(out, f);
	fprintf(out, "   seen      %s to %s UTC: %u call%s, %s out, %s in\n",
		time_text(t->first_ms, since), time_text(t->last_ms, until), t->calls,
		t->calls == 1 ? "" : "s", bytes_text((double)t->out_bytes, sent),
		bytes_text((double)t->in_bytes, got));
	say_held(out, f);
	say_rhythm(out, f);
	say_family(out, f);
	say_destinations(out, f);
	say_evidence(out, f, false);
	say_evidence(out, f, true);
	fprintf(out,
		"   score     %+6.1f dB with related evidence averaged and no kind above %d dB "
		"unless it makes a case alone (%+.1f dB added up plainly), on a prior of %.0f dB: "
		"probability %.2g\n",
		f->score_db, WEIGH_KIND_MOST_DB, f->sum_db, r->verdict->prior_db, f->probability);
	fprintf(out, "   next      %s\n", next_step(f));
	fprintf(out, "   unless    %s\n", mind_changer(f));
}

/* What the list leaves out: never a case without a word. */
static void say_rest(FILE *out, const struct report *r, const struct report_style *style,
		     size_t rows)
{
	size_t cases = report_cases(r), listed = style->all ? r->verdict->count : cases;
	char n[COUNT_TEXT_SIZE];

	if (style->only)
		return;
	if (listed > rows)
		fprintf(out, "\n%s more %s not shown: --top %zu.\n", count_text(listed - rows, n),
			listed - rows == 1 ? "is" : "are", style->top);
	if (!style->all && r->verdict->count > cases)
		fprintf(out,
			"\n%s more %s a rhythm or %s a little odd, but not odd enough for a case: "
			"--all.\n",
			count_text(r->verdict->count - cases, n),
			r->verdict->count - cases == 1 ? "conversation keeps"
						       : "conversations keep",
			r->verdict->count - cases == 1 ? "is" : "are");
}

static void say_lost(FILE *out, const struct coverage *c)
{
	uint64_t cut = c->decoded[DECODE_TRUNCATED], bad = c->decoded[DECODE_MALFORMED];
	uint64_t unread = c->decoded[DECODE_UNSUPPORTED];
	char a[COUNT_TEXT_SIZE], b[COUNT_TEXT_SIZE], d[COUNT_TEXT_SIZE], e[COUNT_TEXT_SIZE];
	char f[COUNT_TEXT_SIZE];

	if (c->frames)
		fprintf(out,
			"  not read   %s packets too short for their headers, %s malformed, %s of "
			"kinds not decoded, %s tunnels not opened, %s datagrams incomplete\n",
			count_text(cut, a), count_text(bad, b), count_text(unread, d),
			count_text(c->tunnels_unopened, f), count_text(c->datagrams_lost, e));
	if (c->cut || c->openings_unread || c->openings_cut || c->overlaps || c->contradictions)
		fprintf(out,
			"  in part    %s packets captured without their end, %s openings cut "
			"short, %s "
			"not well formed, %s pieces contradict what came before\n",
			count_text(c->cut, a), count_text(c->openings_cut, b),
			count_text(c->openings_unread, d),
			count_text(c->overlaps + c->contradictions, e));
	if (c->tunnelled || c->duplicates || c->datagrams || c->segments_early)
		fprintf(out,
			"  put right  %s packets carry a tunnel, %s datagrams came in fragments, "
			"%s "
			"segments early, %s packets twice\n",
			count_text(c->tunnelled, a), count_text(c->datagrams, b),
			count_text(c->segments_early, d), count_text(c->duplicates, e));
	if (c->flows_evicted || c->timelines.evicted || c->timelines.untimed || c->names_refused ||
	    c->names_evicted || c->claims_refused)
		fprintf(out,
			"  forgotten  for want of memory: %s flows ended early, %s groups with %s "
			"calls, "
			"%s names%s\n",
			count_text(c->flows_evicted, a), count_text(c->timelines.evicted, b),
			count_text(c->timelines.evicted_calls + c->timelines.untimed, d),
			count_text(c->names_refused + c->names_evicted + c->claims_refused, e),
			c->timelines.evicted ? "; so rarity was not judged" : "");
}

static void say_home(FILE *out, const struct home *home)
{
	char text[NETWORK_TEXT_SIZE];

	fprintf(out, "  home       ");
	if (home->assumed) {
		fprintf(out,
			"private, shared, link-local and unique-local space (assumed; say it with "
			"--home)\n");
		return;
	}
	for (size_t i = 0; i < home->count; i++)
		fprintf(out, "%s%s", i ? " " : "", network_text(&home->networks[i], text));
	fprintf(out, "\n");
}

static void say_lists(FILE *out, const struct intel *intel)
{
	struct intel_stats s = intel_stats(intel);
	const struct {
		uint64_t count;
		const char *what;
	} left_out[] = {
		{s.unread + s.forgotten, "not understood"},
		{s.refused, "private, own or too wide"},
		{s.withdrawn, "withdrawn"},
		{s.undetectable, "not for detection"},
		{s.harmless, "called harmless"},
		{s.other, "of other things than outbound calls"},
	};
	char a[COUNT_TEXT_SIZE];

	fprintf(out, "  lists      %s indicators of %zu list%s", count_text(s.indicators, a),
		s.lists, s.lists == 1 ? "" : "s");
	for (size_t i = 0; i < ARRAY_LEN(left_out); i++)
		fprintf(out, "%s %s %s", i ? "," : "; left out:", count_text(left_out[i].count, a),
			left_out[i].what);
	fprintf(out, "\n");
	if (s.lists_broken)
		fprintf(out, "             %zu list%s could not be read, and %s not asked\n",
			s.lists_broken, s.lists_broken == 1 ? "" : "s",
			s.lists_broken == 1 ? "was" : "were");
	if (s.lists_useless)
		fprintf(out, "             %zu list%s gave no indicator at all\n", s.lists_useless,
			s.lists_useless == 1 ? "" : "s");
}

static void say_coverage(FILE *out, const struct report *r)
{
	const struct coverage *c = r->coverage;
	const struct verdict *v = r->verdict;
	char since[TIME_TEXT_SIZE], until[TIME_TEXT_SIZE], span[DURATION_TEXT_SIZE];
	char a[COUNT_TEXT_SIZE], b[COUNT_TEXT_SIZE], d[COUNT_TEXT_SIZE], e[COUNT_TEXT_SIZE];
	char sent[BYTES_TEXT_SIZE];

	fprintf(out, "\nSeen\n");
	fprintf(out, "  time       %s to %s UTC (%s",
		time_text(ns_to_ms(spans_first(&c->watched)), since),
		time_text(ns_to_ms(spans_last(&c->watched)), until),
		duration_text(v->window_s, span));
	if (c->watched.count > 1)
		fprintf(out, " watched, in %zu parts more than a week apart", c->watched.count);
	if (c->watched.forgotten)
		fprintf(out, "; %s more such moments left out",
			count_text(c->watched.forgotten, a));
	fprintf(out, ")\n");
	fprintf(out,
		"  traffic    %s packets (%s not IP) and %s log rows in %zu file%s: %s flows\n",
		count_text(c->frames, a), count_text(c->decoded[DECODE_NOT_IP], e),
		count_text(c->rows, b), r->files, r->files == 1 ? "" : "s",
		count_text(c->flows, d));
	fprintf(out, "  outbound   %s flows (%s) of %u host%s", count_text(c->outbound, a),
		bytes_text((double)c->outbound_bytes, sent), v->hosts, v->hosts == 1 ? "" : "s");
	fprintf(out, "; %s stayed inside, %s came in", count_text(c->internal, a),
		count_text(c->inbound, b));
	fprintf(out, ", %s were neither from nor to it\n", count_text(c->outside + c->group, a));
	say_lost(out, c);
	fprintf(out,
		"  tested     %s groups, %s with enough calls for a rhythm, and %s unions of such "
		"as "
		"had none: %s timers (false-discovery level %g)\n",
		count_text(v->groups, a), count_text(v->groups_tested, b),
		count_text(v->unions_tested, e), count_text(v->timers, d), v->false_discovery);
	say_home(out, r->home);
	if (r->intel)
		say_lists(out, r->intel);
	if (r->catalogue)
		fprintf(out, "  catalogue  %s: %zu names of ordinary services\n",
			catalogue_version(r->catalogue), catalogue_count(r->catalogue));
	if (r->files_skipped)
		fprintf(out, "  skipped    %zu file%s without traffic that we read\n",
			r->files_skipped, r->files_skipped == 1 ? "" : "s");
	if (r->files_broken)
		fprintf(out, "  broken     %zu file%s read only in part, or not at all\n",
			r->files_broken, r->files_broken == 1 ? " was" : "s were");
}

/* The shown findings one after another, at most `top` of them; NULL at the end. */
static const struct finding *next_shown(const struct verdict *v, const struct report_style *style,
					size_t *at, size_t *count)
{
	while (*at < v->count) {
		const struct finding *f = &v->findings[(*at)++];

		if (!report_shows(style, f))
			continue;
		return style->top && (*count)++ >= style->top ? NULL : f;
	}
	return NULL;
}

void report_text(FILE *out, const struct report *r, const struct report_style *style)
{
	const struct verdict *v = r->verdict;
	struct widths w = {.column = {4, 11, 5, 3}};
	const struct finding *f;
	size_t rows = 0;

	say_verdict(out, r);
	for (size_t at = 0, n = 0; (f = next_shown(v, style, &at, &n)); rows++)
		widen(&w, f);
	if (rows)
		table_head(out, &w);
	for (size_t at = 0, n = 0; (f = next_shown(v, style, &at, &n));)
		table_row(out, f, style, &w);
	say_rest(out, r, style, rows);
	for (size_t at = 0, n = 0; style->verbose && (f = next_shown(v, style, &at, &n));)
		paragraph(out, r, f, style);
	say_coverage(out, r);
}
