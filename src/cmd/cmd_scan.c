/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan and explain: read what is named, judge it, print it.
 */
#include "cmd/cmd.h"
#include "cmd/intake.h"
#include "report/report.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum format { FORMAT_TEXT, FORMAT_JSON };

struct scan_options {
	struct intake_options intake;
	enum format format;
	struct report_style style;
	bool no_color;
};

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

static const struct option_spec shared_options[] = {
	{0, "format", "text|json", "for people, or one JSON object a line", take_format},
	{'a', "all", NULL, "list findings below medium severity, too", take_all},
	{'n', "top", "N", "show at most N findings (default 50, 0: all)", take_top},
	{0, "no-color", NULL, "plain text (also NO_COLOR)", take_no_color},
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
	return (struct scan_options){
		.intake = intake_options_default(),
		.style = {.top = 50},
	};
}

/* no-color.org: any value of NO_COLOR but the empty one switches it off. */
static bool wants_color(const struct scan_options *o)
{
	const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");

	if (o->no_color || o->intake.output || (no_color && *no_color))
		return false;
	return isatty(STDOUT_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
}

static int write_report(const struct scan_options *o, const struct report *r)
{
	FILE *out = intake_output(&o->intake);
	struct report_style style = o->style;

	if (!out)
		return EXIT_BROKEN;
	style.color = wants_color(o);
	if (o->format == FORMAT_JSON)
		report_json(out, r, &style);
	else
		report_text(out, r, &style);
	return intake_close(&o->intake, out) ? EXIT_BROKEN : report_exit_status(r);
}

static int report_on(const struct scan_options *o, const struct intake *in,
		     const struct verdict *verdict)
{
	struct report report = {
		.verdict = verdict,
		.coverage = &in->coverage,
		.home = &o->intake.home,
		.intel = in->intel,
		.catalogue = in->catalogue,
		.files = in->files,
		.files_broken = in->broken,
		.files_skipped = in->plan.skipped,
		.inconclusive = intake_inconclusive(&in->coverage, verdict),
	};

	intake_warn(in);
	if (o->style.only <= verdict->count)
		return write_report(o, &report);
	if (verdict->count)
		fprintf(stderr, "watertight: there is no case %u; the last one is %zu\n",
			o->style.only, verdict->count);
	else
		fprintf(stderr, "watertight: there is no case %u; the list is empty\n",
			o->style.only);
	return EXIT_USAGE;
}

static int scan_paths(const struct scan_options *o, const char *const *paths, size_t count)
{
	struct intake in;
	struct verdict verdict;
	int status = intake_read(&in, &o->intake, paths, count);

	if (status)
		return status;
	status = intake_judge(&in, &verdict);
	if (!status) { /* of nothing it has been said why; a report of zeros adds nothing */
		status = intake_is_empty(&in) ? EXIT_BROKEN : report_on(o, &in, &verdict);
		verdict_fini(&verdict);
	}
	intake_fini(&in);
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
		.common = intake_option_list,
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
		.common = intake_option_list,
		.epilogue = epilogue,
	};
	struct scan_options o = default_options();

	o.style.verbose = true;
	return run(&usage, &o, argc, argv);
}
