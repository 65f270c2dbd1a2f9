/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes src/stat/calibration_table.h: how often the benign mix of
 * test/benign_mix.h exceeds which value of each calibrated channel.
 *
 *	make calibration		all of it, some ten minutes of one core
 *	calibrate [SHARE]		of the pairs (1), to standard output
 *
 * The seeds are fixed, so the same program writes the same table.
 */
#include "benign_mix.h"
#include "stat/calibration.h"
#include "stat/hidden.h"
#include "stat/onset.h"
#include "stat/phase.h"
#include "stat/renewal.h"
#include "stat/sort.h"
#include "stat/timing.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#define WEEK_S	       (7 * 86400.)
#define CALLS_MAX      (8 * 2048 + 256)
#define PAIRS_MAX      300000
#define LEVELS	       9
#define TAIL_LEAST     30
#define FEWEST_IN_TAIL 2
#define HEAVY_SLOPE    .3 /* of -log10 p a nat: the least of the sizes up to 256 */
#define FEWEST_BEYOND  20 /* values beyond a quantile that is believed */
#define SIZES	       14

static const double rarity[LEVELS] = {0, .3, 1, 1.5, 2, 2.5, 3, 3.5, 4};
static const struct {
	size_t calls, pairs;
} sizes[SIZES] = {
	{8, 300000},  {12, 300000}, {16, 300000},  {24, 300000},  {32, 300000},
	{48, 200000}, {64, 200000}, {96, 100000},  {128, 100000}, {192, 40000},
	{256, 40000}, {512, 30000}, {1024, 12000}, {2048, 6000},
};
static const char *const names[CALIBRATION_CHANNELS] = {
	"CALIBRATION_HAZARD", "CALIBRATION_LOG_NORMAL", "CALIBRATION_PHASE", "CALIBRATION_HIDDEN"};
static const struct renewal_scale scales[] = {{1, .7}, {10, .1}, {60, .1}, {600, .1}};
static const struct renewal_plan plan = {scales, ARRAY_LEN(scales), 5, 3600, WEEK_S, 0, NULL};

struct row {
	size_t levels;
	double nats[LEVELS], slope;
};

struct work {
	struct renewal_work *renewal;
	struct phase_work *phase;
	struct hidden_work *hidden;
	struct activity activity;
	double times_s[CALLS_MAX], hourly[MIX_HOURS_MAX];
	double nats[CALIBRATION_CHANNELS][PAIRS_MAX], scratch[PAIRS_MAX];
};

struct table {
	double share;
	atomic_size_t next; /* size nobody works on yet */
	struct row row[CALIBRATION_CHANNELS][SIZES];
};

/* As timing_analyse() does, but every value in full. */
static void weigh_pair(struct work *work, struct random *r, size_t calls, size_t pair)
{
	struct mix_profile profile;
	size_t n = mix_make(r, WEEK_S, calls, work->times_s, CALLS_MAX, &profile);
	size_t hours = mix_hourly(r, &profile, WEEK_S, work->hourly);
	struct renewal_series series = {work->times_s, n, work->hourly, hours};
	bool may_hide;
	struct renewal renewal = renewal_weigh(work->renewal, &series, 1, &plan, NULL);

	work->nats[CALIBRATION_HAZARD][pair] = renewal.hazard;
	work->nats[CALIBRATION_LOG_NORMAL][pair] = renewal.log_normal;
	work->nats[CALIBRATION_PHASE][pair] = work->nats[CALIBRATION_HIDDEN][pair] =
		HIDDEN_NO_EVIDENCE;
	if (!timing_screened(work->times_s, n, WEEK_S, &may_hide))
		work->nats[CALIBRATION_PHASE][pair] =
			phase_weigh(work->phase, work->times_s, n, 1, WEEK_S).nats;
	if (!may_hide)
		return;
	activity_init(&work->activity, work->hourly, hours);
	work->nats[CALIBRATION_HIDDEN][pair] =
		hidden_weigh(work->hidden, work->times_s, n, WEEK_S, &work->activity).nats;
}

/* Mean of the `top` greatest beyond the one after them. */
static double mean_excess(const double *sorted, size_t n, size_t top)
{
	double sum = 0;

	for (size_t i = 0; i < top; i++)
		sum += sorted[n - 1 - i] - sorted[n - 1 - top];
	return sum / (double)top;
}

static size_t add_quantiles(struct row *row, const double *sorted, size_t n)
{
	row->levels = 1;
	for (size_t i = 1; i < LEVELS; i++) {
		size_t beyond = (size_t)((double)n * pow(10, -rarity[i]));

		if (beyond < FEWEST_BEYOND)
			return beyond;
		row->nats[i] = sorted[n - beyond];
		if (i > 1) /* values that are not there must not divide by zero */
			row->nats[i] = fmax(row->nats[i], row->nats[i - 1] + 1e-3);
		row->levels++;
	}
	return 0;
}

/*
 * A channel that looks at few pairs has no tail to measure.  If so many as the next
 * quantile needs are not above 0, that is where it is said to be, and the tail from
 * there as heavy as where it can be measured.
 */
static void fill_row(struct row *row, double *nats, size_t n, double *scratch)
{
	size_t top = n / 2000 > TAIL_LEAST ? n / 2000 : TAIL_LEAST, next;

	sort_doubles(nats, n, scratch);
	next = add_quantiles(row, nats, n);
	row->nats[0] = row->nats[1] - 5;
	row->slope = 1 /
		     fmax(.3, fmax(mean_excess(nats, n, TAIL_LEAST), mean_excess(nats, n, top))) /
		     M_LN10;
	if (row->nats[row->levels - 1] > 0 || nats[n - 1 - TAIL_LEAST] > HIDDEN_NO_EVIDENCE / 2 ||
	    next < FEWEST_IN_TAIL)
		return;
	row->nats[row->levels++] = fmax(0, nats[n - next]);
	row->slope = HEAVY_SLOPE;
}

static void print_list(const char *name, const double *values)
{
	printf("static const double %s = {", name);
	for (size_t i = 0; i < LEVELS; i++)
		printf("%s%g", i ? ", " : "", values[i]);
	printf("};\n");
}

static void print_table(const struct table *table)
{
	printf("/* SPDX-License-Identifier: Apache-2.0 */\n"
	       "/*\n * calibration_table.h - written by bench/calibrate (make calibration); see\n"
	       " * calibration.h.\n */\n#pragma once\n\n#include \"stat/calibration.h\"\n\n"
	       "#define CALIBRATION_SIZES  %d\n#define CALIBRATION_LEVELS %d\n\n"
	       "struct calibration_row {\n"
	       "\tsize_t levels; /* quantiles known; the rarest need the most pairs */\n"
	       "\tdouble nats[CALIBRATION_LEVELS]; /* where the p-value is 10^-rarity */\n"
	       "\tdouble slope; /* of -log10 p beyond the last */\n};\n\n"
	       "/* clang-format off */\n",
	       SIZES, LEVELS);
	print_list("calibration_rarity[CALIBRATION_LEVELS]", rarity);
	printf("static const double calibration_sizes[CALIBRATION_SIZES] = {");
	for (size_t i = 0; i < SIZES; i++)
		printf("%s%zu", i ? ", " : "", sizes[i].calls);
	printf("};\n\nstatic const struct calibration_row\n"
	       "\tcalibration_rows[CALIBRATION_CHANNELS][CALIBRATION_SIZES] = {\n");
	for (size_t c = 0; c < CALIBRATION_CHANNELS; c++) {
		printf("\t[%s] = {\n", names[c]);
		for (size_t i = 0; i < SIZES; i++) {
			const struct row *row = &table->row[c][i];

			printf("\t\t{%zu, {", row->levels);
			for (size_t l = 0; l < row->levels; l++)
				printf("%s%.6g", l ? ", " : "", row->nats[l]);
			printf("}, %.6g},\n", row->slope);
		}
		printf("\t},\n");
	}
	printf("};\n/* clang-format on */\n");
}

static struct work *new_work(void)
{
	struct work *work = calloc(1, sizeof(*work));

	CHECK(work);
	work->renewal = renewal_work_new();
	work->phase = phase_work_new();
	work->hidden = hidden_work_new();
	CHECK(work->renewal && work->phase && work->hidden);
	return work;
}

static void free_work(struct work *work)
{
	renewal_work_free(work->renewal);
	phase_work_free(work->phase);
	hidden_work_free(work->hidden);
	free(work);
}

/* One size after another; each has a seed of its own, so it does not matter who does which. */
static void *fill_rows(void *context)
{
	struct table *table = context;
	struct work *work = new_work();
	size_t i;

	while ((i = atomic_fetch_add(&table->next, 1)) < SIZES) {
		struct random r = random_from_seed(0xca11b000 + i);
		size_t pairs = (size_t)fmax(200, table->share * (double)sizes[i].pairs);

		fprintf(stderr, "%zu pairs of %zu calls\n", pairs, sizes[i].calls);
		for (size_t pair = 0; pair < pairs; pair++)
			weigh_pair(work, &r, sizes[i].calls, pair);
		for (size_t c = 0; c < CALIBRATION_CHANNELS; c++)
			fill_row(&table->row[c][i], work->nats[c], pairs, work->scratch);
	}
	free_work(work);
	return NULL;
}

int main(int argc, char **argv)
{
	struct table *table = calloc(1, sizeof(*table));
	pthread_t second;

	CHECK(table);
	table->share = argc > 1 ? strtod(argv[1], NULL) : 1;
	CHECK(table->share > 0 && table->share <= 1);
	CHECK(pthread_create(&second, NULL, fill_rows, table) == 0);
	fill_rows(table);
	CHECK(pthread_join(second, NULL) == 0);
	print_table(table);
	free(table);
	return 0;
}
