/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/crew.h"

#include <pthread.h>

struct crew {
	struct lane *lanes[LANES];
	struct batch batches[BATCHES]; /* batch number n is in place n % BATCHES */

	pthread_mutex_t mutex; /* guards what follows */
	pthread_cond_t submitted_more, done_more;
	uint64_t submitted;
	uint64_t next[LANES]; /* batch that each lane takes next */
	bool busy[LANES];
	bool ending;
	enum { JOB_NONE, JOB_WAITING, JOB_RUNNING } job_state;
	void (*job)(void *arg);
	void *job_arg;

	bool alone; /* no thread but the dispatcher's */
	pthread_t *threads;
	size_t thread_count;
};

/* The lane that is furthest behind and free; -1: none has anything to do. */
static int pick_lane(const struct crew *c)
{
	int best = -1;

	for (int l = 0; l < LANES; l++)
		if (!c->busy[l] && c->next[l] < c->submitted &&
		    (best < 0 || c->next[l] < c->next[best]))
			best = l;
	return best;
}

static void take_pile(struct crew *c, int l, const struct batch *b)
{
	lane_packets(c->lanes[l], b->packets, b->piles + (size_t)l * BATCH_PACKETS, b->count[l]);
	if (b->flush)
		lane_flush(c->lanes[l]);
}

/* Called with the mutex held, which is let go meanwhile. */
static void work_lane(struct crew *c, int l)
{
	uint64_t from = c->next[l], to = c->submitted;

	c->busy[l] = true;
	pthread_mutex_unlock(&c->mutex);
	for (uint64_t n = from; n < to; n++)
		take_pile(c, l, &c->batches[n % BATCHES]);
	pthread_mutex_lock(&c->mutex);
	c->busy[l] = false;
	c->next[l] = to;
	pthread_cond_signal(&c->done_more);
}

/* Called with the mutex held, which is let go meanwhile. */
static void work_job(struct crew *c)
{
	c->job_state = JOB_RUNNING;
	pthread_mutex_unlock(&c->mutex);
	c->job(c->job_arg);
	pthread_mutex_lock(&c->mutex);
	c->job_state = JOB_NONE;
	pthread_cond_signal(&c->done_more);
}

static void *work(void *arg)
{
	struct crew *c = arg;

	pthread_mutex_lock(&c->mutex);
	for (;;) {
		int l = pick_lane(c);

		if (c->job_state == JOB_WAITING)
			work_job(c);
		else if (l >= 0)
			work_lane(c, l);
		else if (c->ending)
			break;
		else
			pthread_cond_wait(&c->submitted_more, &c->mutex);
	}
	pthread_mutex_unlock(&c->mutex);
	return NULL;
}

static uint64_t done(const struct crew *c)
{
	uint64_t least = c->next[0];

	for (int l = 1; l < LANES; l++)
		if (c->next[l] < least)
			least = c->next[l];
	return least;
}

void crew_wait(struct crew *c, uint64_t batches)
{
	if (c->alone)
		return; /* all that was submitted is done */
	pthread_mutex_lock(&c->mutex);
	while (done(c) < batches) {
		int l = pick_lane(c);

		if (l >= 0)
			work_lane(c, l);
		else
			pthread_cond_wait(&c->done_more, &c->mutex);
	}
	pthread_mutex_unlock(&c->mutex);
}

void crew_run(struct crew *c, void (*job)(void *arg), void *arg)
{
	pthread_mutex_lock(&c->mutex);
	CHECK(c->job_state == JOB_NONE);
	c->job = job;
	c->job_arg = arg;
	c->job_state = JOB_WAITING;
	pthread_cond_signal(&c->submitted_more);
	pthread_mutex_unlock(&c->mutex);
}

void crew_await(struct crew *c)
{
	pthread_mutex_lock(&c->mutex);
	while (c->job_state != JOB_NONE) {
		int l = pick_lane(c);

		if (c->job_state == JOB_WAITING)
			work_job(c);
		else if (l >= 0)
			work_lane(c, l);
		else
			pthread_cond_wait(&c->done_more, &c->mutex);
	}
	pthread_mutex_unlock(&c->mutex);
}

bool crew_is_alone(const struct crew *c)
{
	return c->alone;
}

struct batch *crew_open_batch(struct crew *c)
{
	return &c->batches[c->alone ? 0 : c->submitted % BATCHES];
}

static void clear(struct batch *b)
{
	for (int l = 0; l < LANES; l++)
		b->count[l] = 0;
	b->total = 0;
	b->copied = 0;
	b->flush = false;
}

uint64_t crew_submit(struct crew *c)
{
	struct batch *b = crew_open_batch(c);

	if (b->total == 0 && !b->flush)
		return c->submitted;
	if (c->alone) {
		for (int l = 0; l < LANES; l++)
			take_pile(c, l, b);
		c->submitted++;
	} else {
		pthread_mutex_lock(&c->mutex);
		c->submitted++;
		pthread_cond_broadcast(&c->submitted_more);
		pthread_mutex_unlock(&c->mutex);
		if (c->submitted >= BATCHES)
			crew_wait(c, c->submitted - BATCHES + 1);
	}
	clear(crew_open_batch(c));
	return c->submitted;
}

void crew_flush(struct crew *c)
{
	crew_open_batch(c)->flush = true;
	crew_wait(c, crew_submit(c));
}

static void start_threads(struct crew *c, size_t threads)
{
	c->threads = calloc(threads, sizeof(*c->threads));
	while (c->threads && c->thread_count + 1 < threads &&
	       pthread_create(&c->threads[c->thread_count], NULL, work, c) == 0)
		c->thread_count++;
	c->alone = c->thread_count == 0;
}

struct crew *crew_new(struct lane *const lanes[LANES], size_t threads)
{
	struct crew *c = calloc(1, sizeof(*c));
	bool ok = c;

	if (!c)
		return NULL;
	pthread_mutex_init(&c->mutex, NULL);
	pthread_cond_init(&c->submitted_more, NULL);
	pthread_cond_init(&c->done_more, NULL);
	for (int l = 0; l < LANES; l++)
		c->lanes[l] = lanes[l];
	for (size_t i = 0; i < (threads > 1 ? BATCHES : 1); i++) {
		struct batch *b = &c->batches[i];

		b->packets = malloc((BATCH_PACKETS + PACKET_LAYERS_MAX) * sizeof(*b->packets));
		b->piles = malloc(LANES * BATCH_PACKETS * sizeof(*b->piles));
		b->copies = malloc(BATCH_COPIES);
		ok = ok && b->packets && b->piles && b->copies;
	}
	if (!ok) {
		c->alone = true;
		crew_free(c);
		return NULL;
	}
	start_threads(c, threads);
	return c;
}

void crew_free(struct crew *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->mutex);
	c->ending = true;
	pthread_cond_broadcast(&c->submitted_more);
	pthread_mutex_unlock(&c->mutex);
	for (size_t i = 0; i < c->thread_count; i++)
		pthread_join(c->threads[i], NULL);
	for (size_t i = 0; i < BATCHES; i++) {
		free(c->batches[i].packets);
		free(c->batches[i].piles);
		free(c->batches[i].copies);
	}
	free(c->threads);
	pthread_mutex_destroy(&c->mutex);
	pthread_cond_destroy(&c->submitted_more);
	pthread_cond_destroy(&c->done_more);
	free(c);
}
