/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/truth.h"

#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* What one implant did. */
struct deeds {
	struct tuple tuple; /* of its last call */
	double *gaps_s;
	size_t gap_count, capacity;
	ns_t first, last; /* calls a second apart or more */
	ns_t longest;
	uint64_t flows, bytes_out, bytes_in;
};

struct truth {
	struct deeds *deeds;
	size_t count;
	uint64_t flows;
};

struct truth *truth_new(size_t implants)
{
	struct truth *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->count = implants;
	t->deeds = calloc(implants + 1, sizeof(*t->deeds));
	if (!t->deeds) {
		free(t);
		return NULL;
	}
	return t;
}

void truth_free(struct truth *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->count; i++)
		free(t->deeds[i].gaps_s);
	free(t->deeds);
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

	t->flows++;
	if (!c->implant || c->app == APP_DNS)
		return 0;
	CHECK(c->implant <= t->count);
	d = &t->deeds[c->implant - 1];
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
		   : im->udp		 ? "udp"
					 : "tcp");
	if (im->lookup)
		out_format(out, ", \"name\": \"%s\"", im->site.name);
	if (*im->sni && im->app != APP_UNKNOWN)
		out_format(out, ", \"sni\": \"%s\"", im->sni);
	out_text(out, "}");
}

static void write_implant(const struct deeds *d, const struct implant *im,
			  const struct sim_host *host, struct out_file *out)
{
	char src[ADDRESS_TEXT_SIZE], dst[ADDRESS_TEXT_SIZE];
	bool v6 = im->site.has_v6;
	struct address to = site_address(&im->site, 0, v6);

	out_format(out,
		   "{\"src\": \"%s\", \"dst\": \"%s\", \"port\": %u, \"proto\": \"%s\", "
		   "\"kind\": \"simulated-beacon\", \"n\": %llu, ",
		   address_text(im->from_bmc ? &host->bmc
				: v6	     ? &host->v6
					     : &host->v4,
				src),
		   address_text(&to, dst), im->site.port, im->udp ? "udp" : "tcp",
		   (unsigned long long)d->flows);
	write_intervals(d, out);
	out_format(out, "\"bytes_out\": %llu, \"bytes_in\": %llu, \"max_dur_s\": %.1f, ",
		   (unsigned long long)d->bytes_out, (unsigned long long)d->bytes_in,
		   (double)d->longest / 1e9);
	out_text(out, "\"measured_on\": \"connection starts\", ");
	write_spec(im, out);
	out_text(out, "}");
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
	for (size_t i = 0; i < t->count; i++) {
		const struct implant *im = sim_fleet_implant(fleet, i);

		if (i)
			out_text(out, ", ");
		write_implant(&t->deeds[i], im, sim_fleet_host(fleet, im->host), out);
	}
	out_format(out, "], \"home_net\": [\"10.0.0.0/8\", \"fd00::/8\", \"169.254.0.0/16\"], "
			"\"ground_truth\": \"simulated\", ");
	out_format(out,
		   "\"hosts\": %u, \"seed\": %llu, \"start\": \"%s\", \"span_h\": %.3f, "
		   "\"flows\": %llu}\n",
		   plan->hosts, (unsigned long long)plan->seed, start, plan->days * 24,
		   (unsigned long long)t->flows);
}
