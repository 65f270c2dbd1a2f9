/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much memory and time a large fleet takes: pairs and calls that were never on a
 * wire go straight into timelines; the fleet is built, a sample of it judged, and
 * unions and pools are formed of all of it.  What a verdict keeps for each group is there,
 * too, so that the peak is that of a scan less its reading.
 *
 *	scale [PAIRS [CALLS_PER_PAIR [NAMED_PERCENT]]]	(1,000,000 100 40)
 *
 * Prints what each step took, and fails if the peak exceeds 4 GiB.  Most pairs call
 * by chance, one in twenty keeps a rhythm, a tenth have no more than three calls.
 */
#include "base/random.h"
#include "timeline/filing.h"
#include "verdict/judge.h"
#include "verdict/pools.h"
#include "verdict/timers.h"
#include "verdict/unions.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { LANES = 8, PAIRS_A_HOST = 100, MIB = 1 << 20, MOST_MIB = 4096 };
static const double week_s = 7 * 86400;

struct world {
	struct timeline_table *timelines[LANES];
	struct string_table *names[LANES], *fingerprints[LANES];
	uint32_t *name; /* of each pair; 0: none */
	float *at_s;	/* its latest call */
	size_t pairs, calls;
};

/* Of this process: others may be at work here. */
static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static long peak_mib(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss / 1024;
}

static void say(const char *step, double since_s, double each_of)
{
	printf("  %-28s %7.1f s %8.0f ns each   peak %5ld MiB\n", step, now_s() - since_s,
	       (now_s() - since_s) * 1e9 / each_of, peak_mib());
	fflush(stdout);
}

static void setup(struct world *w, unsigned named_percent)
{
	char name[64];

	w->name = calloc(w->pairs, sizeof(*w->name));
	w->at_s = calloc(w->pairs, sizeof(*w->at_s));
	CHECK(w->name && w->at_s);
	for (size_t i = 0; i < LANES; i++) { /* as lanes do with 4 GiB */
		w->timelines[i] = timeline_table_new((size_t)MOST_MIB * MIB / LANES / 100 * 60);
		w->names[i] = string_table_new((size_t)MOST_MIB * MIB / LANES / 100 * 10);
		w->fingerprints[i] = string_table_new(MIB);
		CHECK(w->timelines[i] && w->names[i] && w->fingerprints[i]);
	}
	for (size_t p = 0; p < w->pairs; p++) {
		if (p % 100 >= named_percent)
			continue;
		snprintf(name, sizeof(name), "host%zu.site%zu.example", p % 7, p % 50021);
		w->name[p] =
			string_table_add(w->names[p / PAIRS_A_HOST % LANES], name, strlen(name));
	}
}

/* The calls of all pairs, in an order that suits no cache. */
static void file_calls(struct world *w)
{
	struct random r = random_from_seed(1);
	double gap_s = week_s / (double)w->calls / 1.5; /* few reach the end */
	size_t step = 999983 % w->pairs ? 999983 : 1;

	for (size_t c = 0; c < w->calls; c++) {
		size_t p = 0;

		for (size_t i = 0; i < w->pairs; i++, p = (p + step) % w->pairs) {
			bool timer = p % 20 == 0;
			uint32_t host = (uint32_t)(p / PAIRS_A_HOST), to = (uint32_t)(p % 300007);
			double gap = timer ? gap_s * random_between(&r, 0.9, 1.1)
					   : random_exponential(&r, gap_s);
			double at = fmin((double)w->at_s[p] + gap, week_s - 2);
			struct flow f = {.first = (ns_t)((at + 1) * 1e9),
					 .out_payload = 200 + random_below(&r, 2000),
					 .in_payload = 300 + random_below(&r, 20000),
					 .answer = ANSWER_YES};
			struct timeline_marks marks = {.name = w->name[p],
						       .lookups_visible = true,
						       .looked_up = w->name[p] != 0,
						       .confirmed = w->name[p] != 0};

			w->at_s[p] = (float)at;
			if (p % 10 == 3 && c > 2)
				continue;
			f.last = f.first + NS_PER_SEC / 3;
			f.tuple.src = address_v4((uint8_t[]){10, (uint8_t)(host >> 16),
							     (uint8_t)(host >> 8), (uint8_t)host});
			f.tuple.dst = address_v4((uint8_t[]){198, (uint8_t)(to >> 16),
							     (uint8_t)(to >> 8), (uint8_t)to});
			f.tuple.dst_port = p % 50 ? 443 : 8443;
			f.tuple.proto = 6;
			f.out_bytes = f.out_payload + 400;
			f.in_bytes = f.in_payload + 400;
			f.out_packets = 6;
			filing_add(w->timelines[host % LANES], &f, &marks, true);
		}
	}
}

/* Every so many-th group is judged; none of them is a timer for the unions. */
enum { SAMPLE = 1000 };

static void judge_all(const struct fleet_source *sources, const struct spans *watched,
		      uint64_t groups)
{
	struct judgement *judged = malloc((groups + 1) * sizeof(*judged));
	bool *timer = calloc(groups + 1, sizeof(*timer));
	double start = now_s();
	struct judge_work *work;
	struct unions unions = {0}, pools = {0};
	struct timers timers;
	struct fleet f;

	CHECK(judged && timer && !fleet_build(sources, LANES, watched, &f));
	memset(judged, 0, (groups + 1) * sizeof(*judged));
	say("fleet built", start, (double)groups);
	start = now_s();
	work = judge_work_new(&f);
	CHECK(work);
	for (size_t i = 0; i < f.plain_count; i += SAMPLE)
		CHECK(!judge_group(work, &f, &f.groups[i], fleet_hourly(&f, f.groups[i].host),
				   &judged[i]));
	judge_work_free(work);
	say("one of 1000 judged", start, (double)groups / SAMPLE);
	start = now_s();
	for (size_t i = 0; i < f.plain_count; i++)
		judged[i].tested = true;
	CHECK(!timers_find(judged, f.plain_count, 0.05, &timers));
	say("timers found", start, (double)groups);
	start = now_s();
	CHECK(!unions_form(&f, timer, &unions));
	say("unions formed", start, (double)groups);
	start = now_s();
	CHECK(!pools_form(&f, timer, &pools));
	say("pools formed", start, (double)groups);
	printf("  %zu unions and pools\n", f.group_count - f.plain_count);
	timers_fini(&timers);
	unions_fini(&unions);
	unions_fini(&pools);
	fleet_fini(&f);
	free(judged);
	free(timer);
}

int main(int argc, char **argv)
{
	struct world w = {.pairs = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000,
			  .calls = argc > 2 ? strtoull(argv[2], NULL, 10) : 100};
	unsigned named = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 40;
	struct spans watched = {.span = {{1, (ns_t)(week_s * 1e9)}}, .count = 1};
	struct fleet_source sources[LANES];
	uint64_t evicted = 0, untimed = 0, groups = 0;
	double start = now_s();

	setup(&w, named);
	printf("  %zu pairs of hosts and places, %u %% with a name, %zu calls each\n", w.pairs,
	       named, w.calls);
	file_calls(&w);
	say("calls filed", start, (double)w.pairs * (double)w.calls);
	for (size_t i = 0; i < LANES; i++) {
		struct timeline_stats s = timeline_stats(w.timelines[i]);

		sources[i] = (struct fleet_source){.table = w.timelines[i],
						   .names = w.names[i],
						   .fingerprints = w.fingerprints[i]};
		groups += s.groups;
		evicted += s.evicted;
		untimed += s.untimed;
	}
	printf("  %llu groups; %llu forgotten, %llu calls without a time\n",
	       (unsigned long long)groups, (unsigned long long)evicted,
	       (unsigned long long)untimed);
	judge_all(sources, &watched, groups);
	for (size_t i = 0; i < LANES; i++) {
		timeline_table_free(w.timelines[i]);
		string_table_free(w.names[i]);
		string_table_free(w.fingerprints[i]);
	}
	free(w.name);
	free(w.at_s);
	return evicted || untimed || peak_mib() > MOST_MIB;
}
