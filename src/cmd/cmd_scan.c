/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan and explain: read what is named, judge it, print it.
 */
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "cmd/progress.h"
#include "lane/lanes.h"
#include "report/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXIT_BROKEN = 3 };
enum format { FORMAT_TEXT, FORMAT_JSON };

struct scan_options {
	struct home home;
	bool home_given;
	enum format format;
	struct report_style style;
	struct verdict_config verdict;
	size_t memory;
	const char *output; /* NULL: standard output */
	bool no_color, quiet;
};

struct scan {
	const struct scan_options *options;
	struct lanes *lanes;
	struct progress progress;
	uint64_t bytes_before, bytes_total; /* for progress: files done, all files */
	size_t files, broken;
};

static int take_home(void *target, const char *value)
{
	struct scan_options *o = target;

	if (!o->home_given)
		o->home = (struct home){0};
	o->home_given = true;
	return home_add(&o->home, value) ? -1 : 0;
}

static int take_format(void *target, const char *value)
{
	struct scan_options *o = target;

	if (!strcmp(value, "json"))
		o->format = FORMAT_JSON;
	else if (strcmp(value, "text"))
		return -1;
	return 0;
}

static int take_all(void *target, const char *value)
{
	(void)value;
	((struct scan_options *)target)->style.all = true;
	return 0;
}

static int take_verbose(void *target, const char *value)
{
	(void)value;
	((struct scan_options *)target)->style.verbose = true;
	return 0;
}

static int take_quiet(void *target, const char *value)
{
	(void)value;
	((struct scan_options *)target)->quiet = true;
	return 0;
}

static int take_no_color(void *target, const char *value)
{
	(void)value;
	((struct scan_options *)target)->no_color = true;
	return 0;
}

static int take_top(void *target, const char *value)
{
	return option_size(value, 0, 1000000, &((struct scan_options *)target)->style.top);
}

static int take_case(void *target, const char *value)
{
	size_t rank;

	if (option_size(value, 1, UINT32_MAX, &rank))
		return -1;
	((struct scan_options *)target)->style.only = (uint32_t)rank;
	return 0;
}

static int take_output(void *target, const char *value)
{
	((struct scan_options *)target)->output = value;
	return 0;
}

static int take_memory(void *target, const char *value)
{
	return option_size(value, (size_t)16 << 20, (size_t)128 << 30,
			   &((struct scan_options *)target)->memory);
}

static int take_threads(void *target, const char *value)
{
	return option_size(value, 1, 64, &((struct scan_options *)target)->verdict.threads);
}

static int take_false_discovery(void *target, const char *value)
{
	return option_double(value, 1e-9, 0.5,
			     &((struct scan_options *)target)->verdict.false_discovery);
}

static int take_prior(void *target, const char *value)
{
	return option_double(value, -100, 0, &((struct scan_options *)target)->verdict.prior_db);
}

static const struct option_spec shared_options[] = {
	{0, "home", "NET", "what belongs to the fleet (repeatable; default: private space)",
	 take_home},
	{0, "format", "text|json", "for people, or one JSON object a line", take_format},
	{'o', "output", "FILE", "write the report to FILE", take_output},
	{'a', "all", NULL, "list findings below medium severity, too", take_all},
	{'n', "top", "N", "show at most N findings (default 50, 0: all)", take_top},
	{0, "false-discovery", "LEVEL", "of the list of timers (default 0.05)",
	 take_false_discovery},
	{0, "prior", "DB", "log odds that a group is a call-home (default -30)", take_prior},
	{0, "memory", "SIZE", "budget for all tables, 16M to 128G (default 1G)", take_memory},
	{0, "threads", "N", "work on N threads (default: all processors)", take_threads},
	{0, "no-color", NULL, "plain text (also NO_COLOR)", take_no_color},
	{'q', "quiet", NULL, "no progress, no warnings", take_quiet},
	{0},
};

static const char epilogue[] =
	"FILE: captures (pcap, pcapng) and Zeek conn, dns, ssl, http logs (TSV, JSON), plain or\n"
	"gzip, zstd, xz, lz4; directories, globs, or - for standard input.\n\n"
	"Exit status: 0 nothing found and enough seen to say so, 1 cases of medium severity or "
	"more,\n"
	"2 wrong usage, 3 an input or the output failed, 4 too little seen to say \"clean\".";

static struct scan_options default_options(void)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct scan_options o = {
		.home = home_default(),
		.style = {.top = 50},
		.verdict = verdict_config_default(),
		.memory = (size_t)1 << 30,
	};

	o.verdict.threads = processors < 1 ? 1 : processors > 64 ? 64 : (size_t)processors;
	return o;
}

static void on_progress(void *arg, uint64_t bytes_read)
{
	struct scan *s = arg;

	progress_draw(&s->progress, "reading", s->bytes_before + bytes_read, s->bytes_total);
}

static void on_judged(void *arg, size_t done, size_t of)
{
	progress_draw(&((struct scan *)arg)->progress, "judging", done, of);
}

static void complain_aloud(struct scan *s, const struct complaint *why)
{
	progress_wipe(&s->progress);
	fprintf(stderr, "watertight: %s\n", why->text);
	s->broken++;
}

/* A capture that starts before the last one ended does not go on with its flows. */
static bool goes_back(const struct scan *s, const struct input_file *file)
{
	const struct spans *captured = lanes_captured(s->lanes);

	return captured->count && file->first < spans_last(captured);
}

static void read_all(struct scan *s, const struct input_plan *plan)
{
	struct input_sink sink = lanes_sink(s->lanes);

	sink.progress = on_progress;
	sink.progress_arg = s;
	s->bytes_total = plan->bytes;
	for (size_t i = 0; i < plan->complaint_count; i++)
		complain_aloud(s, &plan->complaints[i].complaint);
	if (plan->count == 0 && plan->complaint_count == 0) {
		struct complaint why;

		complain(&why, "nothing to read: of %llu files none is a capture or a Zeek log",
			 (unsigned long long)plan->skipped);
		complain_aloud(s, &why);
	}
	for (size_t i = 0; i < plan->count; i++) {
		struct complaint why = {""};

		s->files++;
		if (goes_back(s, &plan->files[i]))
			lanes_flush(s->lanes);
		if (input_read(&plan->files[i], &sink, &why))
			complain_aloud(s, &why);
		s->bytes_before += plan->files[i].size;
	}
	lanes_finish(s->lanes);
}

static void warn(const struct scan *s, const char *text)
{
	if (!s->options->quiet)
		fprintf(stderr, "watertight: warning: %s\n", text);
}

/* Zeek reads the same mirror port: its logs and a capture may tell of the same traffic. */
static void warn_about_twins(const struct scan *s, const struct coverage *c)
{
	if (c->frames && c->rows && spans_first(&c->logged) <= spans_last(&c->captured) &&
	    spans_first(&c->captured) <= spans_last(&c->logged))
		warn(s, "captures and logs overlap in time; what both tell of is counted twice");
}

static void warn_about_skipped(const struct scan *s, const struct input_plan *plan)
{
	char text[512], path[256];

	if (!plan->first_skipped)
		return;
	printable(path, sizeof(path), plan->first_skipped, strlen(plan->first_skipped));
	snprintf(text, sizeof(text), "%llu file%s in directories %s not read, among them %s",
		 (unsigned long long)plan->skipped_unknown, plan->skipped_unknown == 1 ? "" : "s",
		 plan->skipped_unknown == 1 ? "was" : "were", path);
	warn(s, text);
}

static void warn_about_home(const struct scan *s, const struct coverage *c)
{
	if (c->flows == 0)
		return;
	if (c->outbound == 0)
		warn(s,
		     s->options->home_given
			     ? "no flow leaves the networks named with --home; is that your fleet?"
			     : "no flow leaves private address space; say what your fleet is with "
			       "--home");
	else if (c->outbound == c->flows && c->flows > 100)
		warn(s, "every flow is outbound and none comes back in or stays inside; is --home "
			"too wide, "
			"or does the mirror show one side only?");
}

/* Below nine tenths of a day, timing has most of its evidence missing. */
static const double least_window_s = 0.9 * 86400;

/* Why finding nothing would prove nothing; NULL when it does. */
static const char *inconclusive(const struct coverage *c, const struct verdict *v)
{
	uint64_t unread = c->decoded[DECODE_TRUNCATED] + c->decoded[DECODE_MALFORMED] +
			  c->decoded[DECODE_UNSUPPORTED] + c->tunnels_unopened;

	if (c->flows == 0)
		return "no traffic was read";
	if (c->outbound == 0)
		return "no outbound flow was seen; is --home right?";
	if (v->groups_tested == 0)
		return "nobody called any place often enough to be tested for a rhythm";
	if (v->window_s < least_window_s)
		return "less than a day of traffic was seen, too little to call it clean";
	if (unread * 20 > c->frames && c->frames)
		return "more than one packet in twenty could not be read, or carries a tunnel that "
		       "could "
		       "not be opened";
	if ((c->flows_evicted + c->timelines.evicted_calls + c->timelines.untimed) * 20 > c->flows)
		return "more than one flow in twenty was forgotten for want of memory";
	if (c->claims_refused * 20 > c->rows)
		return "the names of more than one row in twenty were forgotten for want of memory";
	return NULL;
}

/* no-color.org: any value of NO_COLOR but the empty one switches it off. */
static bool wants_color(const struct scan_options *o)
{
	const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");

	if (o->no_color || o->output || (no_color && *no_color))
		return false;
	return isatty(STDOUT_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
}

static int write_report(const struct scan_options *o, const struct report *r)
{
	FILE *out = o->output ? fopen(o->output, "w") : stdout;
	struct report_style style = o->style;
	const char *where = o->output ? o->output : "standard output";
	bool failed;

	if (!out) {
		fprintf(stderr, "watertight: %s: %s\n", where, strerror(errno));
		return EXIT_BROKEN;
	}
	style.color = wants_color(o);
	if (o->format == FORMAT_JSON)
		report_json(out, r, &style);
	else
		report_text(out, r, &style);
	errno = 0;
	failed = fflush(out) || ferror(out);
	if (o->output)
		failed |= fclose(out) != 0;
	if (failed) {
		if (errno != EPIPE || o->output) /* a reader who has seen enough need not be told */
			fprintf(stderr, "watertight: %s: %s; the report is not complete\n", where,
				strerror(errno ? errno : EIO));
		return EXIT_BROKEN;
	}
	return report_exit_status(r);
}

static void list_sources(const struct lanes *lanes, uint64_t claims_refused,
			 struct fleet_source out[LANES])
{
	for (size_t i = 0; i < LANES; i++) {
		const struct lane *lane = lanes_get(lanes, i);
		struct coverage of_lane = lane_coverage(lane);

		out[i] = (struct fleet_source){
			.table = lane_timelines(lane),
			.loads = lane_loads(lane),
			.names = lane_names(lane),
			.fingerprints = lane_fingerprints(lane),
			.names_forgotten =
				claims_refused + of_lane.names_refused + of_lane.names_evicted > 0,
		};
	}
}

static int judge_and_report(struct scan *s, const struct input_plan *plan)
{
	const struct scan_options *o = s->options;
	struct coverage coverage = lanes_coverage(s->lanes);
	struct fleet_source sources[LANES];
	struct verdict_config config = o->verdict;
	struct verdict verdict;
	struct report report;
	int status;

	config.progress = on_judged;
	config.arg = s;
	list_sources(s->lanes, coverage.claims_refused, sources);
	if (verdict_reach(sources, LANES, &coverage.watched, &config, &verdict)) {
		fprintf(stderr, "watertight: out of memory while judging\n");
		return EXIT_BROKEN;
	}
	progress_wipe(&s->progress);
	if (coverage.flows == 0 && coverage.frames == 0 && s->broken) {
		verdict_fini(&verdict); /* it has been said why; a report of zeros adds nothing */
		return EXIT_BROKEN;
	}
	warn_about_home(s, &coverage);
	warn_about_twins(s, &coverage);
	warn_about_skipped(s, plan);
	report = (struct report){
		.verdict = &verdict,
		.coverage = &coverage,
		.home = &o->home,
		.files = s->files,
		.files_broken = s->broken,
		.files_skipped = plan->skipped,
		.inconclusive = inconclusive(&coverage, &verdict),
	};
	if (o->style.only > verdict.count) {
		fprintf(stderr, "watertight: there is no case %u; the last one is %zu\n",
			o->style.only, verdict.count);
		status = EXIT_USAGE;
	} else {
		status = write_report(o, &report);
	}
	verdict_fini(&verdict);
	return status;
}

/* Does the report go where an input lies? */
static bool overwrites_input(const char *output, const struct input_plan *plan)
{
	struct stat out, in;

	if (!output || stat(output, &out) || !S_ISREG(out.st_mode))
		return false;
	for (size_t i = 0; i < plan->count; i++)
		if (!stat(plan->files[i].path, &in) && in.st_dev == out.st_dev &&
		    in.st_ino == out.st_ino)
			return true;
	return false;
}

static int scan_paths(const struct scan_options *o, const char *const *paths, size_t count)
{
	struct scan s = {.options = o, .progress = progress_start(!o->quiet)};
	struct input_plan plan;
	int status;

	s.lanes = lanes_new(&o->home, o->memory, o->verdict.threads);
	if (!s.lanes || input_plan(paths, count, &plan)) {
		fprintf(stderr, "watertight: not enough memory to start\n");
		lanes_free(s.lanes);
		return EXIT_BROKEN;
	}
	if (overwrites_input(o->output, &plan)) {
		fprintf(stderr, "watertight: %s is an input; the report would overwrite it\n",
			o->output);
		status = EXIT_USAGE;
	} else {
		read_all(&s, &plan);
		status = judge_and_report(&s, &plan);
	}
	input_plan_fini(&plan);
	lanes_free(s.lanes);
	return status;
}

static int run(const struct option_usage *usage, struct scan_options *o, int argc, char **argv)
{
	const char **paths = calloc((size_t)argc + 1, sizeof(*paths));
	int count, status;

	if (!paths)
		return EXIT_BROKEN;
	count = options_parse(usage, argc, argv, o, paths);
	if (count == 0) {
		fprintf(stderr, "watertight %s: no file is named (try --help)\n", usage->command);
		status = EXIT_USAGE;
	} else if (count < 0) {
		status = count == OPTIONS_HELPED ? 0 : -count;
	} else {
		status = scan_paths(o, paths, (size_t)count);
	}
	free(paths);
	return status;
}

int cmd_scan(int argc, char **argv)
{
	static const struct option_spec options[] = {
		{'v', "verbose", NULL, "a paragraph for each finding, with all its reasons",
		 take_verbose},
		{0},
	};
	static const struct option_usage usage = {
		.command = "scan",
		.synopsis = "[OPTIONS] FILE...",
		.summary =
			"Rank the outbound conversations that look like call-homes, with reasons.",
		.options = options,
		.shared = shared_options,
		.epilogue = epilogue,
	};
	struct scan_options o = default_options();

	return run(&usage, &o, argc, argv);
}

int cmd_explain(int argc, char **argv)
{
	static const struct option_spec options[] = {
		{'c', "case", "N", "the case of rank N (default: all of medium severity or more)",
		 take_case},
		{0},
	};
	static const struct option_usage usage = {
		.command = "explain",
		.synopsis = "[OPTIONS] [--case N] FILE...",
		.summary = "Scan, and spell out why a case is one: every reason for and against.",
		.options = options,
		.shared = shared_options,
		.epilogue = epilogue,
	};
	struct scan_options o = default_options();

	o.style.verbose = true;
	return run(&usage, &o, argc, argv);
}
