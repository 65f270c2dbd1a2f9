/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watertight simulate: a fleet with ordinary traffic and a few implants,
 * written as capture and logs, with the truth beside them.
 */
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "simulate/record.h"
#include "simulate/write_pcap.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { EXIT_CANNOT_WRITE = 3, MOST_IMPLANTS = 1000 };

static const ns_t default_start = 1740960000 * NS_PER_SEC; /* Monday, 2025-03-03T00:00:00Z */

struct request {
	struct record_plan record;
	struct sim_fleet_plan plan;
	const char *specs[MOST_IMPLANTS];
	struct implant implants[MOST_IMPLANTS];
	size_t spec_count, implant_count, random_implants, hard_implants;
	double rows; /* 0: as many as there are */
	bool no_implants, hosts_given, quiet;
};

/* --- options ----------------------------------------------------------- */

static int take_out(void *target, const char *value)
{
	struct request *r = target;

	r->record.directory = value;
	return *value && strlen(value) < RECORD_DIRECTORY_SIZE ? 0 : -1;
}

static int take_hosts(void *target, const char *value)
{
	struct request *r = target;
	size_t n;

	if (option_size(value, 1, SIM_MOST_HOSTS, &n))
		return -1;
	r->plan.hosts = (uint32_t)n;
	r->hosts_given = true;
	return 0;
}

static int take_days(void *target, const char *value)
{
	struct request *r = target;

	return option_double(value, 0.001, 3650, &r->plan.days);
}

static int take_seed(void *target, const char *value)
{
	struct request *r = target;
	size_t seed;

	if (option_size(value, 0, SIZE_MAX, &seed))
		return -1;
	r->plan.seed = seed;
	return 0;
}

static int take_start(void *target, const char *value)
{
	struct request *r = target;
	struct tm tm = {0};
	const char *end = strptime(value, "%Y-%m-%dT%H:%M:%SZ", &tm);

	if (!end || *end || tm.tm_year < 70 || tm.tm_year >= 200)
		return -1;
	r->plan.start = (ns_t)timegm(&tm) * NS_PER_SEC;
	return 0;
}

static int take_format(void *target, const char *value)
{
	/* in the order of the bits of enum record_format */
	static const char *const names[] = {"pcap", "zeek", "zeek-json"};
	struct request *r = target;

	while (*value) {
		size_t len = strcspn(value, ","), i = 0;

		while (i < ARRAY_LEN(names) &&
		       (strlen(names[i]) != len || strncmp(names[i], value, len) != 0))
			i++;
		if (i == ARRAY_LEN(names))
			return -1;
		r->record.formats |= 1u << i;
		value += len + (value[len] == ',');
	}
	return r->record.formats ? 0 : -1;
}

/* Kept as text: what is wrong with it is said in one sentence, later. */
static int take_implant(void *target, const char *value)
{
	struct request *r = target;

	if (r->spec_count == MOST_IMPLANTS)
		return -1;
	r->specs[r->spec_count++] = value;
	return 0;
}

static int take_implants(void *target, const char *value)
{
	struct request *r = target;

	return option_size(value, 0, MOST_IMPLANTS, &r->random_implants);
}

static int take_hard(void *target, const char *value)
{
	struct request *r = target;

	return option_size(value, 0, MOST_IMPLANTS, &r->hard_implants);
}

static int take_no_implants(void *target, const char *value)
{
	struct request *r = target;

	(void)value;
	r->no_implants = true;
	return 0;
}

static int take_rows(void *target, const char *value)
{
	struct request *r = target;

	return option_double(value, 1000, 1e10, &r->rows);
}

static int take_rate(void *target, const char *value)
{
	struct request *r = target;

	return option_double(value, 0.001, 1000, &r->plan.rate);
}

static int take_rotate(void *target, const char *value)
{
	struct request *r = target;

	r->record.hourly = !strcmp(value, "hourly");
	return r->record.hourly || !strcmp(value, "no") ? 0 : -1;
}

static int take_compress(void *target, const char *value)
{
	struct request *r = target;

	r->record.options.gzip = !strcmp(value, "gzip");
	return r->record.options.gzip || !strcmp(value, "no") ? 0 : -1;
}

static int take_snaplen(void *target, const char *value)
{
	struct request *r = target;
	size_t n;

	if (option_size(value, PCAP_SNAPLEN_LEAST, PCAP_SNAPLEN_MOST, &n))
		return -1;
	r->record.snaplen = (uint32_t)n;
	return 0;
}

static int take_slice(void *target, const char *value)
{
	struct request *r = target;

	(void)value;
	r->record.slice = true;
	return 0;
}

static int take_inventory(void *target, const char *value)
{
	struct request *r = target;

	(void)value;
	r->record.inventory = true;
	return 0;
}

static int take_force(void *target, const char *value)
{
	struct request *r = target;

	(void)value;
	r->record.options.force = true;
	return 0;
}

static int take_quiet(void *target, const char *value)
{
	struct request *r = target;

	(void)value;
	r->quiet = true;
	return 0;
}

static const struct option_spec options[] = {
	{'o', "out", "DIR", "where to write; made if it is not there (needed)", take_out},
	{0, "hosts", "N", "servers in the fleet (200)", take_hosts},
	{0, "days", "N", "length of time, also 0.5 (1)", take_days},
	{0, "seed", "N", "the same seed gives the same bytes (1)", take_seed},
	{0, "start", "TIME", "first moment, UTC (2025-03-03T00:00:00Z, a Monday)", take_start},
	{0, "format", "LIST", "of pcap, zeek, zeek-json; may be repeated (pcap)", take_format},
	{0, "implant", "SPEC", "put one in, see below; may be repeated", take_implant},
	{0, "implants", "N", "put in N beacons by seed, with jitter, gaps and duty hours",
	 take_implants},
	{0, "hard", "N", "put in N of the hard kinds by seed: tunnels, shells, peers ...",
	 take_hard},
	{0, "no-implants", NULL, "none at all", take_no_implants},
	{0, "rows", "N", "about so many rows of conn.log, by more hosts or more work", take_rows},
	{0, "rate", "F", "how busy the fleet is; timers do not care (1)", take_rate},
	{0, "rotate", "hourly|no", "a new set of Zeek logs every hour (no)", take_rotate},
	{0, "compress", "gzip|no", "pack what is written (no)", take_compress},
	{0, "snaplen", "BYTES", "keep so much of each packet (262144)", take_snaplen},
	{0, "slice", NULL, "of each side's packets but the first keep only headers", take_slice},
	{0, "inventory", NULL, "also inventory.csv: host, role, hardware lot", take_inventory},
	{0, "force", NULL, "overwrite files that are there", take_force},
	{'q', "quiet", NULL, "say nothing but errors", take_quiet},
	{0, NULL, NULL, NULL, NULL},
};

static const struct option_usage usage = {
	.command = "simulate",
	.synopsis = "--out DIR [OPTIONS]",
	.summary = "Write the traffic of a fleet that does not exist: fleet.pcap, zeek/*.log and\n"
		   "truth.jsonl, which tells the implants. Without --implant, --implants or\n"
		   "--no-implants there are three: a beacon in TLS to a bare address, a slow one\n"
		   "with a name, and a management controller that calls an odd port.",
	.options = options,
	.epilogue =
		"An implant is key=value,...; every key has a default:\n"
		"  host=17 from=host|bmc period=3600 jitter=0.3 missed=0.1 duty=8-18\n"
		"  law=sleep|clock dest=198.51.100.7:8443 name=cdn.example sni=NAME|none\n"
		"  app=tls|http|tcp|udp|dns|icmp|ntp|shell type=a|txt|cname port=8443\n"
		"  out=420 in=180 sizes=0.1 grow=0.02 follows=0.02 silent=0.2 after=3600 calls=20\n"
		"  burst=2 gap=40 second=86400 hold=7200 beat=60 hop=24|ports peers=8 hosts=10\n"
		"  boot=first|early\n"
		"\n"
		"Exit status: 0 written, 2 wrong usage, 3 something could not be written.",
};

/* --- planning ---------------------------------------------------------- */

static int add_implants(struct request *r, struct complaint *why)
{
	if (r->no_implants)
		return 0;
	for (size_t i = 0; i < r->spec_count; i++)
		if (implant_parse(r->specs[i], &r->implants[r->implant_count++], why))
			return -EINVAL;
	if (r->spec_count + r->random_implants + r->hard_implants == 0)
		for (uint32_t i = 0; i < IMPLANT_DEMO_COUNT; i++)
			r->implants[r->implant_count++] = implant_demo(i);
	for (uint32_t i = 0; i < r->random_implants && r->implant_count < MOST_IMPLANTS; i++)
		r->implants[r->implant_count++] = implant_random(r->plan.seed, i, r->plan.days);
	for (uint32_t i = 0; i < r->hard_implants && r->implant_count < MOST_IMPLANTS; i++)
		r->implants[r->implant_count++] = implant_hard(r->plan.seed, i, r->plan.days);
	r->plan.implants = r->implants;
	r->plan.implant_count = r->implant_count;
	return 0;
}

static int count_rows(const struct sim_fleet_plan *plan, double *out_rows, struct complaint *why)
{
	struct sim_fleet *fleet;
	struct sim_call call;
	double rows = 0;
	int err = sim_fleet_new(plan, &fleet, why);

	if (err)
		return err;
	while (sim_fleet_next(fleet, &call))
		rows++;
	sim_fleet_free(fleet);
	*out_rows = rows;
	return 0;
}

/* Reach the wanted number of rows: by more servers, or if those are fixed by more work. */
static int scale(struct request *r, struct complaint *why)
{
	double rows;
	int err;

	for (int round = 0; r->rows > 0 && round < 3; round++) {
		double want;

		err = count_rows(&r->plan, &rows, why);
		if (err)
			return err;
		if (r->hosts_given) {
			r->plan.rate *= r->rows / rows;
			r->plan.rate = r->plan.rate < 0.001 ? 0.001 : r->plan.rate;
			continue;
		}
		want = r->plan.hosts * r->rows / rows;
		r->plan.hosts = want < 1			? 1
				: want > (double)SIM_MOST_HOSTS ? SIM_MOST_HOSTS
								: (uint32_t)want;
		if (round == 0 && r->rows > 4 * rows)
			break; /* a large sample is close enough */
	}
	return 0;
}

static int simulate(struct request *r)
{
	struct complaint why = {"out of memory"};
	uint64_t calls = 0;
	int err = add_implants(r, &why);

	if (!err)
		err = scale(r, &why);
	if (!err)
		err = record_fleet(&r->record, &r->plan, &calls, &why);
	if (err) {
		fprintf(stderr, "watertight simulate: %s\n", why.text);
		return err == -EINVAL ? EXIT_USAGE : EXIT_CANNOT_WRITE;
	}
	if (!r->quiet)
		fprintf(stderr,
			"%s: %u servers, %g days, %llu conversations, %zu implants (truth.jsonl)\n",
			r->record.directory, r->plan.hosts, r->plan.days, (unsigned long long)calls,
			r->implant_count);
	return 0;
}

static int parse_and_simulate(struct request *r, int argc, char **argv, const char **rest)
{
	int n = options_parse(&usage, argc, argv, r, rest);

	if (n == OPTIONS_HELPED)
		return 0;
	if (n < 0)
		return EXIT_USAGE;
	if (n > 0) {
		fprintf(stderr, "watertight simulate: what is \"%s\"? (try --help)\n", rest[0]);
		return EXIT_USAGE;
	}
	if (!r->record.directory) {
		fputs("watertight simulate: --out DIR is missing (try --help)\n", stderr);
		return EXIT_USAGE;
	}
	if (r->record.formats == 0)
		r->record.formats = RECORD_PCAP;
	return simulate(r);
}

int cmd_simulate(int argc, char **argv)
{
	struct request *r = calloc(1, sizeof(*r));
	const char **rest = calloc((size_t)argc + 1, sizeof(*rest));
	int status = EXIT_CANNOT_WRITE;

	if (r && rest) {
		r->plan = (struct sim_fleet_plan){
			.hosts = 200, .days = 1, .seed = 1, .start = default_start, .rate = 1};
		r->record.snaplen = PCAP_SNAPLEN_MOST;
		status = parse_and_simulate(r, argc, argv, rest);
	} else {
		fputs("watertight simulate: out of memory\n", stderr);
	}
	free(rest);
	free(r);
	return status;
}
