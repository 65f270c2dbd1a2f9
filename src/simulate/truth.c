/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/truth.h"

#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* What one implant did on one of its hosts, to one of its peers. */
struct deeds {
	struct tuple tuple; /* of its last call */
	double *gaps_s;
	size_t gap_count, capacity;
	ns_t first, last; /* calls a second apart or more */
	ns_t longest;
	uint64_t flows, bytes_out, bytes_in;
};

struct truth {
	struct deeds *deeds; /* of all places of the first implant, then of the second ... */
	size_t *first;	     /* where those of an implant begin; one more for the end */
	size_t count, places;
	uint64_t flows;
};

struct truth *truth_new(const struct sim_fleet *fleet, size_t implants)
{
	struct truth *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->count = implants;
	t->first = calloc(implants + 1, sizeof(*t->first));
	for (size_t i = 0; t->first && i < implants; i++) {
		const struct implant *im = sim_fleet_implant(fleet, i);

		t->first[i] = t->places;
		t->places += (size_t)im->hosts * im->peers;
	}
	t->deeds = calloc(t->places + 1, sizeof(*t->deeds));
	if (!t->deeds || !t->first) {
		truth_free(t);
		return NULL;
	}
	t->first[implants] = t->places;
	return t;
}

void truth_free(struct truth *t)
{
	if (!t)
		return;
	for (size_t i = 0; t->deeds && i < t->places; i++)
		free(t->deeds[i].gaps_s);
	free(t->deeds);
	free(t->first);
	free(t);
}

static int add_gap(struct deeds *d, double gap_s)
{
	if (d->gap_count == d->capacity) {
		size_t capacity = d->capacity ? 2 * d->capacity : 64;
		double *gaps = realloc(d->gaps_s, capacity * sizeof(*gaps));

		if (!gaps)
			return -ENOMEM;
		d->gaps_s = gaps;
		d->capacity = capacity;
	}
	d->gaps_s[d->gap_count++] = gap_s;
	return 0;
}

int truth_call(struct truth *t, const struct sim_call *c)
{
	struct sim_shape shape;
	struct deeds *d;

	t->flows += c->tuple.proto != SIM_PROTO_ARP;
	if (!c->implant)
		return 0;
	CHECK(c->implant <= t->count);
	CHECK(t->first[c->implant - 1] + c->place < t->first[c->implant]);
	d = &t->deeds[t->first[c->implant - 1] + c->place];
	sim_call_shape(c, &shape);
	d->tuple = c->tuple;
	d->bytes_out += shape.out_payload;
	d->bytes_in += shape.in_payload;
	if (c->duration > d->longest)
		d->longest = c->duration;
	if (d->flows++ == 0) {
		d->first = d->last = c->when;
		return 0;
	}
	if (c->when - d->last < NS_PER_SEC)
		return 0;
	if (add_gap(d, (double)(c->when - d->last) / 1e9))
		return -ENOMEM;
	d->last = c->when;
	return 0;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Linear between order statistics. */
static double quantile(const double *sorted, size_t n, double q)
{
	double at = q * (double)(n - 1);
	size_t i = (size_t)at;

	if (i + 1 >= n)
		return sorted[n - 1];
	return sorted[i] + (at - (double)i) * (sorted[i + 1] - sorted[i]);
}

static void write_intervals(const struct deeds *d, struct out_file *out)
{
	size_t n = d->gap_count;
	double sum = 0, squares = 0, median, mean;
	double *sorted = d->gaps_s; /* their order is not needed any more */

	if (n == 0)
		return;
	qsort(sorted, n, sizeof(*sorted), by_size);
	for (size_t i = 0; i < n; i++)
		sum += sorted[i];
	mean = sum / (double)n;
	for (size_t i = 0; i < n; i++)
		squares += (sorted[i] - mean) * (sorted[i] - mean);
	median = quantile(sorted, n, 0.5);
	out_format(out, "\"span_s\": %.1f, \"calls\": %zu, \"period_s\": %.3f, ",
		   (double)(d->last - d->first) / 1e9, n + 1, median);
	out_format(out, "\"jitter\": %.3f, \"jitter_iqr\": %.3f, \"cv\": %.3f, ",
		   (quantile(sorted, n, 0.95) - quantile(sorted, n, 0.05)) / 2 / median,
		   (quantile(sorted, n, 0.75) - quantile(sorted, n, 0.25)) / 2 / median,
		   sqrt(squares / (double)n) / mean);
	out_format(out, "\"p5_s\": %.2f, \"p95_s\": %.2f, ", quantile(sorted, n, 0.05),
		   quantile(sorted, n, 0.95));
}

/* What is not as usual. */
static void write_hard_spec(const struct implant *im, struct out_file *out)
{
	const struct {
		const char *key;
		double value, usual;
	} numbers[] = {{"grow", im->grow, 0},	  {"follows", im->follows, 0},
		       {"burst", im->burst, 1},	  {"second_s", im->second.period_s, 0},
		       {"hold_s", im->hold_s, 0}, {"beat_s", im->beat_s, 0},
		       {"peers", im->peers, 1},	  {"hosts", im->hosts, 1}};

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		if (numbers[i].value < numbers[i].usual || numbers[i].value > numbers[i].usual)
			out_format(out, ", \"%s\": %g", numbers[i].key, numbers[i].value);
	if (im->hop != HOP_NONE)
		out_format(out, ", \"hop\": \"%s\"", im->hop == HOP_PORTS ? "ports" : "24");
	if (im->boot != BOOT_NEVER)
		out_format(out, ", \"boot\": \"%s\"", im->boot == BOOT_FIRST ? "first" : "early");
}

static void write_spec(const struct implant *im, struct out_file *out)
{
	const struct law *l = &im->law;

	out_format(out, "\"spec\": {\"law\": \"%s\", \"period_s\": %.3f, \"jitter\": %.3f, ",
		   l->kind == LAW_CLOCK ? "clock" : "sleep", l->period_s, l->jitter);
	out_format(out, "\"missed\": %.3f, \"duty_h\": [%g, %g], \"silent\": %.3f, ", l->missed,
		   l->duty_from_h, l->duty_to_h, im->silent);
	out_format(out, "\"host\": %u, \"from\": \"%s\", \"app\": \"%s\"", im->host,
		   im->from_bmc ? "bmc" : "host",
		   im->app == APP_TLS	 ? "tls"
		   : im->app == APP_HTTP ? "http"
		   : im->app == APP_DNS	 ? "dns"
		   : im->app == APP_NTP	 ? "ntp"
		   : im->icmp		 ? "icmp"
		   : im->shell		 ? "shell"
		   : im->udp		 ? "udp"
					 : "tcp");
	write_hard_spec(im, out);
	if (im->lookup)
		out_format(out, ", \"name\": \"%s\"", im->site.name);
	if (*im->sni && im->app != APP_UNKNOWN)
		out_format(out, ", \"sni\": \"%s\"", im->sni);
	out_text(out, "}");
}

static void write_place(const struct deeds *d, size_t number, const struct sim_fleet *fleet,
			struct out_file *out)
{
	const struct implant *im = sim_fleet_implant(fleet, number);
	char src[ADDRESS_TEXT_SIZE], dst[ADDRESS_TEXT_SIZE];
	const char *proto = im->icmp ? "icmp" : im->udp ? "udp" : "tcp";

	out_format(out,
		   "{\"src\": \"%s\", \"dst\": \"%s\", \"port\": %u, \"proto\": \"%s\", "
		   "\"kind\": \"simulated-%s\", \"implant\": %zu, \"n\": %llu, ",
		   address_text(&d->tuple.src, src), address_text(&d->tuple.dst, dst),
		   im->hop == HOP_PORTS ? 0u : d->tuple.dst_port, proto, implant_kind(im),
		   number + 1, (unsigned long long)d->flows);
	if (im->app == APP_DNS)
		out_format(out, "\"domain\": \"%s\", ", im->site.name);
	if (im->hop == HOP_NET)
		out_format(out, "\"net\": \"%s/24\", ", address_text(&im->site.v4, dst));
}

static void write_deeds(const struct deeds *d, const struct implant *im, struct out_file *out)
{
	write_intervals(d, out);
	out_format(out, "\"bytes_out\": %llu, \"bytes_in\": %llu, \"max_dur_s\": %.1f, ",
		   (unsigned long long)d->bytes_out, (unsigned long long)d->bytes_in,
		   (double)d->longest / 1e9);
	out_text(out, "\"measured_on\": \"connection starts\", ");
	write_spec(im, out);
	out_text(out, "}");
}

/* One that never called has a line all the same: where it would have gone. */
static void imagine(struct deeds *d, const struct sim_fleet *fleet, const struct implant *im)
{
	const struct sim_host *host = sim_fleet_host(fleet, im->host);
	bool v6 = im->site.has_v6;

	d->tuple.src = im->from_bmc ? host->bmc : v6 ? host->v6 : host->v4;
	d->tuple.dst = implant_peer(im, 0);
	d->tuple.dst_port = im->site.port;
}

static void write_implant(const struct truth *t, size_t number, bool first,
			  const struct sim_fleet *fleet, struct out_file *out)
{
	const struct implant *im = sim_fleet_implant(fleet, number);
	size_t lines = 0;

	for (size_t i = t->first[number]; i < t->first[number + 1]; i++) {
		struct deeds *d = &t->deeds[i];

		if (d->flows == 0 && (lines || i + 1 < t->first[number + 1]))
			continue;
		if (d->flows == 0)
			imagine(d, fleet, im);
		if (lines++ || !first)
			out_text(out, ", ");
		write_place(d, number, fleet, out);
		write_deeds(d, im, out);
	}
}

void truth_write(const struct truth *t, const struct sim_fleet *fleet,
		 const struct sim_fleet_plan *plan, const char *file, const char *format,
		 struct out_file *out)
{
	time_t seconds = (time_t)(plan->start / NS_PER_SEC);
	struct tm tm;
	char start[64];

	gmtime_r(&seconds, &tm);
	strftime(start, sizeof(start), "%Y-%m-%dT%H:%M:%SZ", &tm);
	out_format(out, "{\"file\": \"%s\", \"format\": \"%s\", \"benign\": %s, \"malicious\": [",
		   file, format, t->count ? "false" : "true");
	for (size_t i = 0; i < t->count; i++)
		write_implant(t, i, i == 0, fleet, out);
	out_format(out, "], \"home_net\": [\"10.0.0.0/8\", \"fd00::/8\", \"169.254.0.0/16\"], "
			"\"ground_truth\": \"simulated\", ");
	out_format(out,
		   "\"hosts\": %u, \"seed\": %llu, \"start\": \"%s\", \"span_h\": %.3f, "
		   "\"flows\": %llu}\n",
		   plan->hosts, (unsigned long long)plan->seed, start, plan->days * 24,
		   (unsigned long long)t->flows);
}
