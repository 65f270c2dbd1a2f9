/* SPDX-License-Identifier: Apache-2.0 */
#include "prove/trials.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

enum { HELPERS_MAX = 63 };

struct bench {
	const struct trials_setting *setting;
	const struct trials_cell *cells;
	size_t cell_count;
	size_t *first; /* number of each cell's first trial; one more: of all */
	struct trial *trials;
	const struct trials_progress *progress;
	atomic_size_t next;
	atomic_int error;
};

struct seat {
	struct bench *bench;
	bool reports;
};

bool trials_settle(const struct trials_setting *s, const struct trials_cell *cell, uint32_t number,
		   struct injection *out)
{
	uint64_t seed = sim_mix(sim_mix(s->seed ^ sim_mix(cell->salt)) + number);

	return injection_settle(s->terrain, cell->kind, &cell->implant, number % TERRAIN_QUARTILES,
				seed, out);
}

static int judge_planted(const struct trials_setting *s, const struct trials_cell *cell,
			 struct probe *probe, const struct planted *planted, struct trial *out)
{
	struct probe_traffic traffic = {
		.table = planted->table,
		.names = planted->names,
		.want_rank = cell->want_rank,
	};
	struct probe_result result;
	int rc;

	out->placed = true;
	out->calls = planted->calls;
	if (planted->calls == 0) /* it never came to call: nothing to find */
		return 0;
	rc = probe_judge(probe, &traffic, &result);
	if (rc)
		return rc;
	out->listed = result.listed;
	out->severity = result.finding.severity;
	out->reported = result.listed && out->severity >= s->least;
	out->rank = result.finding.rank;
	out->score_db = result.finding.score_db;
	return 0;
}

static int try_one(const struct trials_setting *s, const struct trials_cell *cell, uint32_t number,
		   struct injector *injector, struct probe *probe, struct trial *out)
{
	struct injection injection;
	struct planted planted;
	int rc;

	*out = (struct trial){.quartile = (uint8_t)(number % TERRAIN_QUARTILES)};
	if (!trials_settle(s, cell, number, &injection))
		return 0;
	rc = injector_plant(injector, s->terrain, &injection, &planted);
	if (rc)
		return rc;
	rc = judge_planted(s, cell, probe, &planted, out);
	planted_fini(&planted);
	return rc;
}

int trials_one(const struct trials_setting *s, const struct trials_cell *cell, uint32_t number,
	       struct trial *out)
{
	struct injector *injector = injector_new();
	struct probe *probe = probe_new(s->verdict);
	int rc = injector && probe ? try_one(s, cell, number, injector, probe, out) : -ENOMEM;

	injector_free(injector);
	probe_free(probe);
	return rc;
}

static size_t cell_of(const struct bench *b, size_t trial)
{
	size_t low = 0, high = b->cell_count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (b->first[middle] <= trial)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static void *try_some(void *arg)
{
	const struct seat *seat = arg;
	struct bench *b = seat->bench;
	struct injector *injector = injector_new();
	struct probe *probe = probe_new(b->setting->verdict);
	size_t total = b->first[b->cell_count], i;

	if (!injector || !probe)
		atomic_store(&b->error, -ENOMEM);
	while (!atomic_load(&b->error) && (i = atomic_fetch_add(&b->next, 1)) < total) {
		size_t cell = cell_of(b, i);

		if (try_one(b->setting, &b->cells[cell], (uint32_t)(i - b->first[cell]), injector,
			    probe, &b->trials[i]))
			atomic_store(&b->error, -ENOMEM);
		if (seat->reports && b->progress)
			b->progress->report(b->progress->arg, i, total);
	}
	injector_free(injector);
	probe_free(probe);
	return NULL;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static int add_up(const struct trial *trials, size_t n, struct trials_tally *out)
{
	struct trials_tally t = {.calls_least = UINT32_MAX};
	uint32_t *ranks = calloc(n + 1, sizeof(*ranks));

	if (!ranks)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct trial *trial = &trials[i];

		if (!trial->placed)
			continue;
		t.injected++;
		t.listed += trial->listed;
		t.quartile[trial->quartile].injected++;
		t.quartile[trial->quartile].reported += trial->reported;
		t.calls_least = trial->calls < t.calls_least ? trial->calls : t.calls_least;
		t.calls_most = trial->calls > t.calls_most ? trial->calls : t.calls_most;
		if (trial->reported)
			ranks[t.reported++] = trial->rank;
	}
	qsort(ranks, t.reported, sizeof(*ranks), by_number);
	if (t.reported) {
		t.rank_median = ranks[t.reported / 2];
		t.rank_worst = ranks[t.reported - 1];
	}
	if (!t.injected)
		t.calls_least = 0;
	free(ranks);
	*out = t;
	return 0;
}

static void run_threads(struct bench *b)
{
	struct seat mine = {.bench = b, .reports = true}, theirs = {.bench = b};
	pthread_t helper[HELPERS_MAX];
	size_t helpers = 0;

	while (helpers + 1 < b->setting->threads && helpers < HELPERS_MAX &&
	       helpers + 1 < b->first[b->cell_count] &&
	       !pthread_create(&helper[helpers], NULL, try_some, &theirs))
		helpers++;
	(void)try_some(&mine);
	for (size_t i = 0; i < helpers; i++)
		pthread_join(helper[i], NULL);
}

int trials_run(const struct trials_setting *setting, const struct trials_cell *cells, size_t count,
	       const struct trials_progress *progress, struct trials_tally *out)
{
	struct bench b = {.setting = setting,
			  .cells = cells,
			  .cell_count = count,
			  .progress = progress,
			  .first = calloc(count + 1, sizeof(*b.first))};
	int rc = b.first ? 0 : -ENOMEM;

	for (size_t i = 0; i < count && !rc; i++)
		b.first[i + 1] = b.first[i] + cells[i].trials;
	if (!rc && b.first[count]) {
		b.trials = calloc(b.first[count], sizeof(*b.trials));
		rc = b.trials ? 0 : -ENOMEM;
	}
	if (!rc && b.first[count]) {
		run_threads(&b);
		rc = atomic_load(&b.error);
	}
	for (size_t i = 0; i < count && !rc; i++)
		rc = add_up(b.trials + b.first[i], cells[i].trials, &out[i]);
	free(b.first);
	free(b.trials);
	return rc;
}
