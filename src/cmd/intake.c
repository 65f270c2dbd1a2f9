/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/intake.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int take_home(void *target, const char *value)
{
	struct intake_options *o = target;

	if (!o->home_given)
		o->home = (struct home){0};
	o->home_given = true;
	return home_add(&o->home, value) ? -1 : 0;
}

static int take_quiet(void *target, const char *value)
{
	(void)value;
	((struct intake_options *)target)->quiet = true;
	return 0;
}

static int take_output(void *target, const char *value)
{
	((struct intake_options *)target)->output = value;
	return 0;
}

static int take_intel(void *target, const char *value)
{
	return scan_intel_take(&((struct intake_options *)target)->intel, value);
}

static int take_catalogue(void *target, const char *value)
{
	((struct intake_options *)target)->catalogue = value;
	return 0;
}

static int take_memory(void *target, const char *value)
{
	return option_size(value, (size_t)16 << 20, (size_t)128 << 30,
			   &((struct intake_options *)target)->memory);
}

static int take_threads(void *target, const char *value)
{
	return option_size(value, 1, 64, &((struct intake_options *)target)->verdict.threads);
}

static int take_false_discovery(void *target, const char *value)
{
	return option_double(value, 1e-9, 0.5,
			     &((struct intake_options *)target)->verdict.false_discovery);
}

static int take_prior(void *target, const char *value)
{
	return option_double(value, -100, 0, &((struct intake_options *)target)->verdict.prior_db);
}

const struct option_spec intake_option_list[] = {
	{0, "home", "NET", "what belongs to the fleet (repeatable; default: private space)",
	 take_home},
	{0, "intel", "FILE", "a list of known bad places, or a directory of them (repeatable)",
	 take_intel},
	{0, "catalogue", "FILE", "ordinary services of your own, on top of those built in",
	 take_catalogue},
	{'o', "output", "FILE", "write the report to FILE", take_output},
	{0, "false-discovery", "LEVEL", "of the list of timers (default 0.05)",
	 take_false_discovery},
	{0, "prior", "DB", "log odds that a group is a call-home (default -30)", take_prior},
	{0, "memory", "SIZE", "budget for all tables, 16M to 128G (default 1G)", take_memory},
	{0, "threads", "N", "work on N threads (default: all processors)", take_threads},
	{'q', "quiet", NULL, "no progress, no warnings", take_quiet},
	{0},
};

struct intake_options intake_options_default(void)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct intake_options o = {
		.home = home_default(),
		.verdict = verdict_config_default(),
		.memory = (size_t)1 << 30,
	};

	o.verdict.threads = processors < 1 ? 1 : processors > 64 ? 64 : (size_t)processors;
	return o;
}

static void on_progress(void *arg, uint64_t bytes_read)
{
	struct intake *s = arg;

	progress_draw(&s->progress, "reading", s->bytes_before + bytes_read, s->bytes_total);
}

static void on_judged(void *arg, size_t done, size_t of)
{
	progress_draw(&((struct intake *)arg)->progress, "judging", done, of);
}

static void complain_aloud(struct intake *s, const struct complaint *why)
{
	s->broken++;
	if (s->options->hushed)
		return;
	progress_wipe(&s->progress);
	fprintf(stderr, "watertight: %s\n", why->text);
}

/* A capture that starts before the last one ended does not go on with its flows. */
static bool goes_back(const struct intake *s, const struct input_file *file)
{
	const struct spans *captured = lanes_captured(s->lanes);

	return captured->count && file->first < spans_last(captured);
}

static void read_all(struct intake *s)
{
	const struct input_plan *plan = &s->plan;
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

static void warn(const struct intake *s, const char *text)
{
	if (!s->options->quiet)
		fprintf(stderr, "watertight: warning: %s\n", text);
}

/* Zeek reads the same mirror port: its logs and a capture may tell of the same traffic. */
static void warn_about_twins(const struct intake *s, const struct coverage *c)
{
	if (c->frames && c->rows && spans_first(&c->logged) <= spans_last(&c->captured) &&
	    spans_first(&c->captured) <= spans_last(&c->logged))
		warn(s, "captures and logs overlap in time; what both tell of is counted twice");
}

static void warn_about_skipped(const struct intake *s)
{
	const struct input_plan *plan = &s->plan;
	char text[512], path[256];

	if (!plan->first_skipped)
		return;
	printable(path, sizeof(path), plan->first_skipped, strlen(plan->first_skipped));
	snprintf(text, sizeof(text), "%llu file%s in directories %s not read, among them %s",
		 (unsigned long long)plan->skipped_unknown, plan->skipped_unknown == 1 ? "" : "s",
		 plan->skipped_unknown == 1 ? "was" : "were", path);
	warn(s, text);
}

static void warn_about_home(const struct intake *s, const struct coverage *c)
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

/* ... and so long a window without a pause lights at least so many hours of the clock. */
enum { LEAST_HOURS = 22 };
_Static_assert(LEAST_HOURS <= (int)HOURS_MAX, "so many are counted");

/* Why finding nothing would prove nothing; NULL when it does. */
const char *intake_inconclusive(const struct coverage *c, const struct verdict *v)
{
	uint64_t unread = c->decoded[DECODE_TRUNCATED] + c->decoded[DECODE_MALFORMED] +
			  c->decoded[DECODE_UNSUPPORTED] + c->tunnels_unopened;

	if (c->flows == 0)
		return "no traffic was read";
	if (c->outbound == 0)
		return "no outbound flow was seen; --home may not name your fleet";
	if (v->groups_tested == 0)
		return "nobody called any place often enough to be tested for a rhythm";
	if (v->window_s < least_window_s)
		return "less than a day of traffic was seen, too little to call it clean";
	if (c->hours.count < LEAST_HOURS)
		return "in most of the time nothing at all was seen: fewer than 22 different hours "
		       "had any traffic, too little to call it clean";
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

int intake_read(struct intake *out, const struct intake_options *o, const char *const *paths,
		size_t count)
{
	struct intake s = {.options = o, .progress = progress_start(!o->quiet)};

	s.catalogue = scan_catalogue_load(o->catalogue);
	if (!s.catalogue)
		return EXIT_BROKEN;
	if (o->intel.count) {
		s.intel = scan_intel_load(&o->intel, &o->home, o->memory / 4, o->quiet || o->hushed,
					  o->hushed);
		if (!s.intel) {
			catalogue_free(s.catalogue);
			return EXIT_BROKEN;
		}
	}
	s.lanes = lanes_new(&o->home, s.intel ? o->memory / 4 * 3 : o->memory, o->verdict.threads);
	if (!s.lanes || (s.intel && !lanes_use_intel(s.lanes, s.intel)) ||
	    input_plan(paths, count, &s.plan)) {
		fprintf(stderr, "watertight: not enough memory to start\n");
		lanes_free(s.lanes);
		intel_free(s.intel);
		catalogue_free(s.catalogue);
		return EXIT_BROKEN;
	}
	if (overwrites_input(o->output, &s.plan)) {
		fprintf(stderr, "watertight: %s is an input; the report would overwrite it\n",
			o->output);
		intake_fini(&s);
		return EXIT_USAGE;
	}
	read_all(&s);
	s.coverage = lanes_coverage(s.lanes);
	*out = s;
	return 0;
}

static void list_sources(const struct intake *s, uint64_t claims_refused,
			 struct fleet_source out[2 * LANES])
{
	for (size_t i = 0; i < LANES; i++) {
		const struct lane *lane = lanes_get(s->lanes, i);
		struct coverage of_lane = lane_coverage(lane);

		out[i] = (struct fleet_source){
			.table = lane_timelines(lane),
			.loads = lane_loads(lane),
			.intel = s->intel,
			.catalogue = s->catalogue,
			.echoes = lane_echoes(lane),
			.names = lane_names(lane),
			.fingerprints = lane_fingerprints(lane),
			.names_forgotten =
				claims_refused + of_lane.names_refused + of_lane.names_evicted > 0,
		};
		out[LANES + i] = out[i];
		out[LANES + i].table = lane_domain_calls(lane);
		out[LANES + i].domains = lane_domains(lane);
		out[LANES + i].loads = NULL; /* once is enough */
		out[LANES + i].echoes = NULL;
	}
	out[0].boots = lanes_boots(s->lanes); /* they are no lane's */
}

int intake_judge(struct intake *s, struct verdict *out)
{
	struct fleet_source sources[2 * LANES];
	struct verdict_config config = s->options->verdict;

	config.progress = on_judged;
	config.arg = s;
	list_sources(s, s->coverage.claims_refused, sources);
	if (verdict_reach(sources, ARRAY_LEN(sources), &s->coverage.watched, &config, out)) {
		fprintf(stderr, "watertight: out of memory while judging\n");
		return EXIT_BROKEN;
	}
	progress_wipe(&s->progress);
	return 0;
}

bool intake_is_empty(const struct intake *s)
{
	return s->coverage.flows == 0 && s->coverage.frames == 0 && s->broken;
}

void intake_warn(const struct intake *s)
{
	warn_about_home(s, &s->coverage);
	warn_about_twins(s, &s->coverage);
	warn_about_skipped(s);
}

void intake_fini(struct intake *s)
{
	input_plan_fini(&s->plan);
	lanes_free(s->lanes);
	intel_free(s->intel);
	catalogue_free(s->catalogue);
}

static const char *output_name(const struct intake_options *o)
{
	return o->output ? o->output : "standard output";
}

FILE *intake_output(const struct intake_options *o)
{
	FILE *out = o->output ? fopen(o->output, "w") : stdout;

	if (!out)
		fprintf(stderr, "watertight: %s: %s\n", output_name(o), strerror(errno));
	return out;
}

int intake_close(const struct intake_options *o, FILE *out)
{
	bool failed;

	errno = 0;
	failed = fflush(out) || ferror(out);
	if (o->output)
		failed |= fclose(out) != 0;
	if (!failed)
		return 0;
	if (errno != EPIPE || o->output) /* a reader who has seen enough need not be told */
		fprintf(stderr, "watertight: %s: %s; the report is not complete\n", output_name(o),
			strerror(errno ? errno : EIO));
	return EXIT_BROKEN;
}
