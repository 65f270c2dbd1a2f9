/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many timers are found, and how many that are none: power at p < 1e-4 a pair,
 * of the guaranteed 40 dB, and of RITA's score at the same rate of false alarms,
 * beside a reference study and an oracle; and false alarms on fresh pairs of the
 * benign mix.
 *
 *	power [--full] [--seed N]	 quick: 100 runs a cell, up to 128 calls, some minutes
 */
#include "power_cells.h"
#include "rita.h"
#include "stat/timing.h"

#include <stdio.h>
#include <time.h>

#define CALLS_MAX     24000
#define ALARM_P	      1e-4
#define GUARANTEED_DB 40
#define STUDY_RUNS    300.
#define RITA_SIZES    7

struct setup {
	bool full;
	uint64_t seed;
	size_t runs;
	double largest; /* number of calls */
};

struct bench {
	struct setup setup;
	struct timing_work *timing;
	double times_s[CALLS_MAX], hourly[MIX_HOURS_MAX];
	double rita_bar[RITA_SIZES]; /* exceeded by one benign pair in 10,000 */
	size_t above, equal, below;  /* cells beside the study */
};

struct found {
	double ours, guaranteed, rita; /* shares of the runs */
};

static const size_t rita_sizes[RITA_SIZES] = {8, 16, 32, 64, 128, 256, 512};

static struct timing_result analyse(struct bench *b, struct random *r, size_t n, double window_s,
				    const struct mix_profile *profile)
{
	size_t hours = mix_hourly(r, profile, window_s, b->hourly);
	struct timing_activity activity = {b->hourly, hours};
	struct timing_result result;

	timing_analyse(b->timing, b->times_s, n, window_s, &activity, &result);
	return result;
}

/* The bar of the size nearest in ratio. */
static double rita_bar(const struct bench *b, size_t n)
{
	size_t i = 0;

	while (i + 1 < RITA_SIZES &&
	       (double)(n * n) > (double)rita_sizes[i] * (double)rita_sizes[i + 1])
		i++;
	return b->rita_bar[i];
}

/* The same timer in the 24 hours that RITA looks at, as many calls. */
static bool rita_finds(struct bench *b, struct random *r, const struct sought *s, double window_s,
		       double calls)
{
	struct sought day = *s;
	size_t n;

	day.period_s *= MIX_DAY_S / window_s;
	day.second_s *= MIX_DAY_S / window_s;
	n = sought_make(r, &day, MIX_DAY_S, calls, b->times_s, CALLS_MAX);
	return n <= RITA_CALLS_MAX && rita_score(b->times_s, n, MIX_DAY_S) > rita_bar(b, n);
}

static struct found measure(struct bench *b, const struct sought *s, double window_s, double calls)
{
	double runs = (double)(calls > 128 ? b->setup.runs / 3 : b->setup.runs);
	struct random r = random_from_seed(b->setup.seed);
	struct found found = {0};

	for (double run = 0; run < runs; run++) {
		struct mix_profile profile = mix_draw_profile(&r, true);
		size_t n = sought_make(&r, s, window_s, calls, b->times_s, CALLS_MAX);
		struct timing_result result = analyse(b, &r, n, window_s, &profile);

		found.ours += (result.p < ALARM_P) / runs;
		found.guaranteed += (result.guaranteed_db >= GUARANTEED_DB) / runs;
		found.rita += rita_finds(b, &r, s, window_s, calls) / runs;
	}
	return found;
}

/* More than chance allows, both having been measured: two standard errors. */
static const char *compare(struct bench *b, double ours, double study)
{
	double runs = (double)b->setup.runs;
	double share = (ours * runs + study * STUDY_RUNS) / (runs + STUDY_RUNS);
	double margin = .005 + 2 * sqrt(share * (1 - share) * (1 / runs + 1 / STUDY_RUNS));

	if (ours > study + margin) {
		b->above++;
		return "beaten";
	}
	if (ours < study - margin) {
		b->below++;
		return "MISSED";
	}
	b->equal++;
	return "equal";
}

static void print_number(double value)
{
	if (isnan(value))
		printf("     -");
	else
		printf("%6.2f", value);
}

static void print_cell(struct bench *b, const char *name, double calls, const struct found *found,
		       double study, double oracle)
{
	printf("%-26s %5.0f", name, calls);
	print_number(found->ours);
	print_number(study);
	print_number(found->guaranteed);
	print_number(found->rita);
	print_number(oracle);
	printf("  %s\n", isnan(study) ? "" : compare(b, found->ours, study));
}

static void print_heading(const char *title)
{
	printf("\n%s\n%-26s %5s%6s%6s%6s%6s%6s\n", title, "timer", "calls", "ours", "study",
	       "40 dB", "RITA", "oracle");
}

static void measure_rows(struct bench *b)
{
	print_heading("Power at p < 1e-4 (7 days)");
	for (size_t i = 0; i < ARRAY_LEN(power_rows); i++) {
		const struct power_row *row = &power_rows[i];

		for (size_t k = 0; k < POWER_SIZES; k++) {
			struct found found;

			if (isnan(row->study[k]) || power_sizes[k] > b->setup.largest)
				continue;
			found = measure(b, &row->sought, row->window_days * MIX_DAY_S,
					power_sizes[k]);
			print_cell(b, row->name, power_sizes[k], &found, row->study[k],
				   row->oracle[k]);
		}
	}
}

static void measure_cells(struct bench *b, const char *title, const struct power_cell *cells,
			  size_t n)
{
	print_heading(title);
	for (size_t i = 0; i < n; i++) {
		struct found found = measure(b, &cells[i].sought, cells[i].window_days * MIX_DAY_S,
					     cells[i].calls);

		print_cell(b, cells[i].name, cells[i].calls, &found, cells[i].study, NAN);
	}
}

/* Between two sizes in the logarithm of the calls, as the study did. */
static double calls_needed(struct bench *b, const struct sought *s)
{
	double before = 0, last = 0;

	for (size_t k = 0; k < POWER_SIZES; k++) {
		double calls = power_sizes[k], power;

		if (calls > b->setup.largest)
			break;
		power = measure(b, s, 7 * MIX_DAY_S, calls).ours;
		if (power >= .95 && k == 0)
			return calls;
		if (power >= .95)
			return before * pow(calls / before, (.95 - last) / (power - last));
		before = calls;
		last = power;
	}
	return INFINITY;
}

static void measure_needs(struct bench *b)
{
	printf("\nCalls for a power of .95, clocks\n%-26s %8s %8s\n", "timer", "ours", "study");
	for (size_t i = 0; i < ARRAY_LEN(power_needs); i++) {
		const struct power_need *need = &power_needs[i];
		double ours = calls_needed(b, &need->sought);
		bool less = ours<need->study_calls / 1.1, more = ours> need->study_calls * 1.1;

		if (isinf(ours) && need->study_calls > b->setup.largest)
			continue;
		printf("%-26s %8.0f %8.0f  %s\n", need->name, ours, need->study_calls,
		       less   ? "beaten"
		       : more ? "MISSED"
			      : "equal");
		b->above += less;
		b->below += more;
		b->equal += !less && !more;
	}
}

static int descending(const void *a, const void *b)
{
	return arrivals_ascending(b, a);
}

static void find_rita_bars(struct bench *b)
{
	size_t pairs = b->setup.full ? 100000 : 20000;
	double *score = malloc(pairs * sizeof(*score));
	struct random r = random_from_seed(b->setup.seed + 1);

	CHECK(score);
	for (size_t i = 0; i < RITA_SIZES; i++) {
		for (size_t k = 0; k < pairs; k++) {
			size_t n =
				mix_make(&r, MIX_DAY_S, rita_sizes[i], b->times_s, CALLS_MAX, NULL);

			score[k] = rita_score(b->times_s, n, MIX_DAY_S);
		}
		qsort(score, pairs, sizeof(*score), descending);
		b->rita_bar[i] = score[pairs / 10000];
	}
	free(score);
	printf("RITA's score that one benign pair in 10,000 exceeds, by calls:");
	for (size_t i = 0; i < RITA_SIZES; i++)
		printf(" %zu: %.3f", rita_sizes[i], b->rita_bar[i]);
	printf("\n");
}

/* Wilson's interval (1927) of a share, 95 %. */
static void print_share(size_t hits, size_t n, double expected)
{
	double z = 1.96, share = (double)hits / (double)n, d = 1 + z * z / (double)n;
	double middle = (share + z * z / (2 * (double)n)) / d;
	double half =
		z / d * sqrt(share * (1 - share) / (double)n + z * z / (4 * (double)n * (double)n));

	printf("  p < %g: %zu of %zu, %.2g (95 %%: %.2g to %.2g)\n", expected, hits, n, share,
	       fmax(0, middle - half), middle + half);
}

/* Sizes between those of the calibration, other seeds. */
static void measure_false_alarms(struct bench *b)
{
	static const size_t sizes[] = {6, 10, 20, 40, 80, 110, 240, 700};
	static const double levels[] = {1e-1, 1e-2, 1e-3, 1e-4};
	size_t hits[ARRAY_LEN(levels)] = {0}, pairs = 0, guaranteed = 0, by_size = 0;
	double loudest_db = 0;

	printf("\nFalse alarms on fresh pairs of the benign mix\n");
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		size_t n = (b->setup.full ? 250000 : 25000) / (sizes[i] > 100 ? sizes[i] / 10 : 1);
		struct random r = random_from_seed(b->setup.seed + 100 + i);

		by_size = 0;
		for (size_t k = 0; k < n; k++) {
			struct mix_profile profile;
			size_t calls = mix_make(&r, 7 * MIX_DAY_S, sizes[i], b->times_s, CALLS_MAX,
						&profile);
			struct timing_result t = analyse(b, &r, calls, 7 * MIX_DAY_S, &profile);

			for (size_t l = 0; l < ARRAY_LEN(levels); l++)
				hits[l] += t.p < levels[l];
			by_size += t.p < levels[3];
			guaranteed += t.guaranteed_db >= GUARANTEED_DB;
			loudest_db = fmax(loudest_db, t.guaranteed_db);
		}
		pairs += n;
		printf("  %zu calls: %zu of %zu below 1e-4\n", sizes[i], by_size, n);
	}
	for (size_t l = 0; l < ARRAY_LEN(levels); l++)
		print_share(hits[l], pairs, levels[l]);
	printf("  guaranteed 40 dB: %zu of %zu (95 %%: below %.1g); the loudest %.1f dB\n",
	       guaranteed, pairs, ((double)guaranteed + 3) / (double)pairs, loudest_db);
}

static void complain(void)
{
	fprintf(stderr, "power [--full] [--seed N]\n");
	exit(2);
}

static struct setup read_arguments(int argc, char **argv)
{
	struct setup setup = {false, 20260101, 100, 128};

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--full") == 0)
			setup = (struct setup){true, setup.seed, 300, 512};
		else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
			setup.seed = strtoull(argv[++i], NULL, 10);
		else
			complain();
	}
	return setup;
}

int main(int argc, char **argv)
{
	struct bench *b = calloc(1, sizeof(*b));

	CHECK(b);
	b->setup = read_arguments(argc, argv);
	b->timing = timing_work_new();
	CHECK(b->timing);
	printf("seed %llu, %zu runs a cell (a third above 128 calls)\n",
	       (unsigned long long)b->setup.seed, b->setup.runs);
	find_rita_bars(b);
	measure_cells(b, "Targets", power_targets, ARRAY_LEN(power_targets));
	measure_rows(b);
	measure_needs(b);
	measure_cells(b, "Slow, 14 days", power_slow, ARRAY_LEN(power_slow));
	measure_cells(b, "More", power_more, ARRAY_LEN(power_more));
	printf("\n%zu cells beaten, %zu equal, %zu missed\n", b->above, b->equal, b->below);
	measure_false_alarms(b);
	timing_work_free(b->timing);
	free(b);
	return 0;
}
