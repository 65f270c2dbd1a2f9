/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prove: read what is named, judge it, and find out what would have been found.
 */
#include "cmd/cmd.h"
#include "cmd/intake.h"
#include "report/proof.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum proof_format { PROOF_BY_NAME, PROOF_TEXT, PROOF_JSON, PROOF_SVG };
enum { IMPLANTS_MAX = 64, PACKETS_MAX = 256 };

struct prove_options {
	struct intake_options intake; /* first: its options take it for theirs */
	struct prove_config config;
	enum proof_format format;
	const char *picture;
	const char *implant_texts[IMPLANTS_MAX];
	struct implant implants[IMPLANTS_MAX];
	size_t packets;
};

static int take_format(void *target, const char *value)
{
	static const char *const names[] = {"", "text", "json", "svg"};
	struct prove_options *o = target;

	for (size_t i = PROOF_TEXT; i < ARRAY_LEN(names); i++) {
		if (strcmp(value, names[i]) != 0)
			continue;
		o->format = (enum proof_format)i;
		return 0;
	}
	return -1;
}

static int take_picture(void *target, const char *value)
{
	((struct prove_options *)target)->picture = value;
	return 0;
}

static int take_severity(void *target, const char *value)
{
	for (int s = SEVERITY_INFO; s < SEVERITIES; s++) {
		if (strcmp(value, severity_name((enum severity)s)) != 0)
			continue;
		((struct prove_options *)target)->config.least = (enum severity)s;
		return 0;
	}
	return -1;
}

static int take_level(void *target, const char *value)
{
	return option_double(value, 0.5, 0.999, &((struct prove_options *)target)->config.level);
}

static int take_confidence(void *target, const char *value)
{
	return option_double(value, 0.5, 0.999,
			     &((struct prove_options *)target)->config.confidence);
}

static int take_jitter(void *target, const char *value)
{
	return option_double(value, 0, 1, &((struct prove_options *)target)->config.jitter);
}

static int take_missed(void *target, const char *value)
{
	return option_double(value, 0, 0.99, &((struct prove_options *)target)->config.missed);
}

static int take_seed(void *target, const char *value)
{
	size_t seed;

	if (option_size(value, 0, SIZE_MAX, &seed))
		return -1;
	((struct prove_options *)target)->config.seed = seed;
	return 0;
}

static int take_trials(void *target, const char *value)
{
	size_t trials;

	if (option_size(value, 1, 10000, &trials))
		return -1;
	((struct prove_options *)target)->config.trials = (uint32_t)trials;
	return 0;
}

static int take_packets(void *target, const char *value)
{
	return option_size(value, 0, PACKETS_MAX, &((struct prove_options *)target)->packets);
}

static int take_implant(void *target, const char *value)
{
	struct prove_options *o = target;
	size_t n = o->config.implant_count;

	if (n == IMPLANTS_MAX)
		return -1;
	o->implant_texts[n] = value;
	o->config.implant_count = n + 1;
	return 0;
}

static const struct option_spec options[] = {
	{0, "format", "text|json|svg", "for people, JSON lines, or a picture (as -o FILE.svg)",
	 take_format},
	{0, "picture", "FILE", "write the picture (SVG) to FILE, besides the report", take_picture},
	{0, "at", "SEVERITY", "what counts as reported (default medium)", take_severity},
	{0, "level", "P", "probability to be certified (default 0.95)", take_level},
	{0, "confidence", "P", "of certificates and intervals (default 0.95)", take_confidence},
	{0, "jitter", "J", "that the sentence is about (default 0.3)", take_jitter},
	{0, "missed", "M", "share of calls lost, likewise (default 0.1)", take_missed},
	{0, "implant", "TEXT",
	 "this one only, as in simulate; not dns, ntp, icmp, shell (repeatable)", take_implant},
	{0, "trials", "N", "implants in each cell of the grid (default 20)", take_trials},
	{0, "packets", "N", "send N implants as packets, too, and scan them with the rest",
	 take_packets},
	{0, "seed", "N", "of the implants (default 1)", take_seed},
	{0},
};

static const char epilogue[] =
	"Implants are put into the recorded calls of your own hosts, one at a time, and judged\n"
	"as if they had been there. Reading takes as long as a scan, proving some minutes.\n\n"
	"Exit status: 0 the proof is printed, 2 wrong usage, 3 an input or the output failed,\n"
	"4 too little seen to inject into.";

static void on_progress(void *arg, const char *what, size_t done, size_t of)
{
	progress_draw(arg, what, done, of);
}

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), e = strlen(end);

	return n >= e && !strcmp(text + n - e, end);
}

static void write_proof(FILE *out, enum proof_format format, const struct proof_report *report)
{
	if (format == PROOF_JSON)
		proof_json(out, report);
	else if (format == PROOF_SVG)
		proof_svg(out, report);
	else
		proof_text(out, report);
}

static int write_to(const char *path, enum proof_format format, const struct proof_report *report)
{
	struct intake_options where = {.output = path};
	FILE *out = intake_output(&where);

	if (!out)
		return EXIT_BROKEN;
	write_proof(out, format, report);
	return intake_close(&where, out);
}

static int report_on(const struct prove_options *o, const struct proof_report *report)
{
	enum proof_format format = o->format;
	int status;

	if (format == PROOF_BY_NAME)
		format = o->intake.output && ends_with(o->intake.output, ".svg") ? PROOF_SVG
										 : PROOF_TEXT;
	status = write_to(o->intake.output, format, report);
	if (!status && o->picture)
		status = write_to(o->picture, PROOF_SVG, report);
	return status;
}

/* Pipes can be read only once. */
static bool can_read_again(const struct input_plan *plan)
{
	struct stat s;

	for (size_t i = 0; i < plan->count; i++)
		if (!strcmp(plan->files[i].path, "-") || stat(plan->files[i].path, &s) ||
		    !S_ISREG(s.st_mode))
			return false;
	return true;
}

/* All that was read before, and the captures of the implants. */
static int scan_with(const struct prove_options *o, const struct intake *before,
		     const char *directory, struct witness *w)
{
	struct intake_options again_options = o->intake;
	size_t count = before->plan.count;
	const char **paths = calloc(count + w->count + 1, sizeof(*paths));
	char(*own)[WITNESS_PATH_SIZE] = calloc(w->count + 1, sizeof(*own));
	struct intake again;
	struct verdict verdict;
	int status = EXIT_BROKEN;

	again_options.hushed = true;
	again_options.output = NULL;
	if (paths && own) {
		for (size_t i = 0; i < count; i++)
			paths[i] = before->plan.files[i].path;
		for (uint32_t i = 0; i < w->count; i++)
			paths[count + i] = witness_path(directory, i, own[i]);
		status = intake_read(&again, &again_options, paths, count + w->count);
	}
	if (!status) {
		status = intake_judge(&again, &verdict);
		if (!status) {
			witness_compare(w, &verdict, o->config.least);
			verdict_fini(&verdict);
		}
		intake_fini(&again);
	}
	free(paths);
	free(own);
	return status;
}

static int send_packets(const struct prove_options *o, const struct intake *in,
			const struct verdict *verdict, const struct proof *proof,
			struct witness *out)
{
	const char *parent = getenv("TMPDIR");
	struct complaint why = {"not enough memory to send packets"};
	char directory[WITNESS_PATH_SIZE / 2], path[WITNESS_PATH_SIZE];
	int status;

	*out = (struct witness){0};
	if (!can_read_again(&in->plan)) {
		fprintf(stderr, "watertight: --packets reads everything twice, and a pipe can be "
				"read only once\n");
		return EXIT_USAGE;
	}
	snprintf(directory, sizeof(directory), "%.200s/watertight-XXXXXX",
		 parent && *parent ? parent : "/tmp");
	if (!mkdtemp(directory)) {
		fprintf(stderr, "watertight: %s: %s\n", directory, strerror(errno));
		return EXIT_BROKEN;
	}
	status = witness_send(verdict, proof, (uint32_t)o->packets, directory, out, &why);
	if (status) {
		fprintf(stderr, "watertight: %s\n", why.text);
		status = EXIT_BROKEN;
	} else {
		status = scan_with(o, in, directory, out);
	}
	for (uint32_t i = 0; i < out->count; i++)
		(void)unlink(witness_path(directory, i, path));
	(void)rmdir(directory);
	return status;
}

static int prove(const struct prove_options *o, struct intake *in, const struct verdict *verdict)
{
	struct prove_config config = o->config;
	struct proof proof;
	struct witness witness = {0};
	struct proof_report report = {
		.proof = &proof,
		.coverage = &in->coverage,
		.verdict = verdict,
		.implant_texts = o->implant_texts,
		.files = in->files,
		.files_broken = in->broken,
	};
	int rc, status;

	config.threads = o->intake.verdict.threads;
	config.implants = o->implants;
	config.progress = on_progress;
	config.arg = &in->progress;
	rc = prove_run(verdict, &config, &proof);
	progress_wipe(&in->progress);
	if (rc == -ENODATA) {
		fprintf(stderr, "watertight: no host calls anybody outside for half of the time "
				"seen; there is nothing to inject into\n");
		return 4;
	}
	if (rc) {
		fprintf(stderr, "watertight: out of memory while proving\n");
		return EXIT_BROKEN;
	}
	intake_warn(in);
	status = o->packets ? send_packets(o, in, verdict, &proof, &witness) : 0;
	if (!status) {
		report.witness = o->packets ? &witness : NULL;
		status = report_on(o, &report);
	}
	witness_fini(&witness);
	proof_fini(&proof);
	if (!status && (in->broken || (in->intel && intel_stats(in->intel).lists_broken)))
		status = EXIT_BROKEN;
	return status;
}

/* Before anything is read: what is wrong with an implant takes a sentence of its own. */
static int read_implants(struct prove_options *o)
{
	for (size_t i = 0; i < o->config.implant_count; i++) {
		struct complaint why;
		const char *obstacle;

		if (implant_parse(o->implant_texts[i], &o->implants[i], &why)) {
			fprintf(stderr, "watertight: %s\n", why.text);
			return EXIT_USAGE;
		}
		obstacle = injection_obstacle(&o->implants[i]);
		if (obstacle) {
			fprintf(stderr, "watertight: implant '%.80s': %s\n", o->implant_texts[i],
				obstacle);
			return EXIT_USAGE;
		}
	}
	return 0;
}

static int prove_paths(const struct prove_options *o, const char *const *paths, size_t count)
{
	struct intake in;
	struct verdict verdict;
	int status = intake_read(&in, &o->intake, paths, count);

	if (status)
		return status;
	status = intake_judge(&in, &verdict);
	if (!status) {
		status = intake_is_empty(&in) ? EXIT_BROKEN : prove(o, &in, &verdict);
		verdict_fini(&verdict);
	}
	intake_fini(&in);
	return status;
}

int cmd_prove(int argc, char **argv)
{
	static const struct option_usage usage = {
		.command = "prove",
		.synopsis = "[OPTIONS] FILE...",
		.summary = "Say what would have been found in this traffic, had it been there.",
		.options = options,
		.common = intake_option_list,
		.epilogue = epilogue,
	};
	struct prove_options o = {
		.intake = intake_options_default(),
		.config = prove_config_default(),
	};
	const char **paths = calloc((size_t)argc + 1, sizeof(*paths));
	int count, status;

	if (!paths)
		return EXIT_BROKEN;
	count = options_parse(&usage, argc, argv, &o, paths);
	if (count == 0) {
		fprintf(stderr, "watertight prove: no file is named (try --help)\n");
		status = EXIT_USAGE;
	} else if (count < 0) {
		status = count == OPTIONS_HELPED ? 0 : -count;
	} else {
		status = read_implants(&o);
		if (!status)
			status = prove_paths(&o, paths, (size_t)count);
	}
	free(paths);
	return status;
}
