/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/facts.h"

#include <math.h>

/*
 * A stream worth the question is smaller than what it tells of, and has two calls
 * for each bin, or chance decides which bin a call falls into.
 */
enum { CALLS_PER_BIN = 4, LEAST_PER_BIN = 2, BINS_ENOUGH = 64, TIMES_SMALLER = 2 };

/*
 * How many bins at most: with four calls in each it matters little that the time
 * a call tells of may begin in the bin before, but 64 bins are worth more than that.
 */
static size_t most_bins(size_t calls)
{
	size_t most = calls / CALLS_PER_BIN;

	if (most < BINS_ENOUGH)
		most = calls / LEAST_PER_BIN < BINS_ENOUGH ? calls / LEAST_PER_BIN : BINS_ENOUGH;
	return most < FOLLOW_MOST ? most : FOLLOW_MOST;
}

/* Bins of the load in which the group called, `merged` of them taken together. */
struct frame_of_bins {
	size_t first, count, merged;
	int64_t start_ms, width_ms;
};

static bool lay_out(const struct load *l, const struct call *calls, size_t n,
		    struct frame_of_bins *out)
{
	int64_t width = load_bin_ms(l), begin = l->first_bin * width;
	int64_t end = begin + (int64_t)l->bins * width;
	int64_t from = calls[0].start_ms > begin ? calls[0].start_ms : begin;
	int64_t to = calls[n - 1].start_ms < end ? calls[n - 1].start_ms : end - 1;
	size_t most = most_bins(n), bins;

	if (to <= from || most < FOLLOW_LEAST)
		return false;
	out->first = (size_t)((from - begin) / width);
	bins = (size_t)((to - begin) / width) - out->first + 1;
	out->merged = (bins + most - 1) / most;
	out->count = bins / out->merged;
	out->start_ms = begin + (int64_t)out->first * width;
	out->width_ms = (int64_t)out->merged * width;
	return out->count >= FOLLOW_LEAST;
}

/* x: served; y: sent by this group; z: sent by all others of the host. */
struct series {
	double x[FOLLOW_MOST], y[FOLLOW_MOST], z[FOLLOW_MOST];
};

static void fill(const struct load *l, const struct frame_of_bins *b, const struct call *calls,
		 size_t n, struct series *s)
{
	for (size_t i = 0; i < b->count; i++) {
		s->x[i] = s->y[i] = s->z[i] = 0;
		for (size_t k = 0; k < b->merged; k++) {
			s->x[i] += (double)l->served[b->first + i * b->merged + k];
			s->z[i] += (double)l->sent[b->first + i * b->merged + k];
		}
	}
	for (size_t i = 0; i < n; i++) {
		int64_t at = (calls[i].start_ms - b->start_ms) / b->width_ms;

		if (calls[i].start_ms >= b->start_ms && (size_t)at < b->count)
			s->y[at] += calls[i].out;
	}
	for (size_t i = 0; i < b->count; i++)
		s->z[i] = fmax(0, s->z[i] - s->y[i]);
}

static size_t count_busy(const double *values, size_t n)
{
	size_t busy = 0;

	for (size_t i = 0; i < n; i++)
		busy += values[i] > 0;
	return busy;
}

/* Both must go on most of the time: two things that happen once each can meet by chance. */
static void follow_load(const struct load *l, const struct group *g, const struct call *calls,
			size_t n, struct facts *out)
{
	struct frame_of_bins b;
	struct series s;

	if (TIMES_SMALLER * g->timeline->out_payload > l->served_bytes || !lay_out(l, calls, n, &b))
		return;
	fill(l, &b, calls, n, &s);
	if (2 * count_busy(s.x, b.count) < b.count || 2 * count_busy(s.y, b.count) < b.count)
		return;
	if (!follow_measure(s.x, s.y, s.z, b.count, &out->follow))
		return;
	out->follow_bins = (uint32_t)b.count;
	out->follow_bin_s = (uint32_t)(b.width_ms / 1000);
}

/* More blocks than this, and they are longer. */
enum { BLOCKS_MOST = 64, BLOCKS_SHORT = 8 };
static const double day_s = 86400, least_window_s = 3600;

static void look_at_blocks(const struct fleet *f, const struct call *calls, size_t n,
			   struct facts *out)
{
	double sent[BLOCKS_MOST] = {0};
	double days = ceil(f->window_s / day_s);

	if (f->window_s < least_window_s)
		return;
	out->block_s = f->window_s >= 4 * day_s ? day_s * ceil(days / BLOCKS_MOST)
						: f->window_s / BLOCKS_SHORT;
	out->blocks = (uint32_t)ceil(f->window_s / out->block_s);
	for (size_t i = 0; i < n; i++) {
		double at = (double)spans_place_ms(&f->watched, calls[i].start_ms) / 1e3;
		size_t block = (size_t)fmax(0, at / out->block_s);

		sent[block < out->blocks ? block : out->blocks - 1] += calls[i].out;
	}
	for (size_t i = 0; i < out->blocks; i++) {
		out->busy_blocks += sent[i] > 0;
		out->second_block = fmax(out->second_block, fmin(sent[i], out->top_block));
		out->top_block = fmax(out->top_block, sent[i]);
	}
}

/*
 * The most common size, by classes of 2 %; a size near a border may fall to either
 * side of it, so two neighbours count together.
 */
enum { SIZES_LEAST = 8, SIZE_CLASSES = 1200 };

static double share_of_one_size(const struct call *calls, size_t n)
{
	uint32_t count[SIZE_CLASSES] = {0}, most = 0;
	size_t low = SIZE_CLASSES, high = 0;

	if (n < SIZES_LEAST)
		return 0;
	for (size_t i = 0; i < n; i++) {
		size_t class = (size_t)(log(calls[i].out + 1.0) / log(1.02));

		count[class]++;
		low = class < low ? class : low;
		high = class > high ? class : high;
	}
	for (size_t i = low; i <= high; i++)
		if (count[i] + count[i + 1] > most)
			most = count[i] + count[i + 1];
	return (double)most / (double)n;
}

enum { GAPS_LEAST = 5, ONE_TRY_MS = 1000, TRAIN_MS = 60000, TRIES_MOST = 16 };

static double unevenness_of(const struct call *calls, size_t n)
{
	double before = 0, sum = 0;
	size_t count = 0;

	for (size_t i = 1; i < n; i++) {
		double gap = (double)(calls[i].start_ms - calls[i - 1].start_ms), d;

		if (gap < ONE_TRY_MS)
			continue;
		d = (gap - before) / (gap + before);
		if (before > 0) {
			sum += 3 * d * d;
			count++;
		}
		before = gap;
	}
	return count < GAPS_LEAST - 1 ? -1 : sum / (double)count;
}

enum { MINUTE_MS = 60000, HALF_HOUR = 30, RING = 64, BUSY_BYTES = 1500 };

/* Minutes that are over: a bit each for the last half hour, the newest lowest. */
struct half_hour {
	double bytes[RING]; /* of minutes that are not, by number */
	int64_t minute;	    /* the first of these */
	int64_t end;	    /* after the last in which anything was sent */
	uint32_t bits, most;
};

static void finish_minutes(struct half_hour *h, int64_t until)
{
	for (; h->minute < until && h->minute < h->end; h->minute++) {
		double *bytes = &h->bytes[h->minute % RING];
		bool busy = *bytes >= BUSY_BYTES;

		h->bits = (h->bits << 1 | busy) & ((1u << HALF_HOUR) - 1);
		if (busy && (uint32_t)__builtin_popcount(h->bits) > h->most)
			h->most = (uint32_t)__builtin_popcount(h->bits);
		*bytes = 0;
	}
	if (h->minute < until) { /* nothing came in the others */
		int64_t idle = until - h->minute;

		h->minute = until;
		h->bits = idle < HALF_HOUR ? h->bits << idle & ((1u << HALF_HOUR) - 1) : 0;
	}
}

/* In how many minutes of the busiest half hour so much was sent, calls being spread evenly. */
static uint32_t busy_half_hour(const struct call *calls, size_t n)
{
	struct half_hour h = {.minute = calls[0].start_ms / MINUTE_MS};

	if (h.minute < 0) /* before 1970: no clock */
		return 0;
	for (size_t i = 0; i < n; i++) {
		int64_t first = calls[i].start_ms / MINUTE_MS, minutes;

		minutes = (calls[i].start_ms + calls[i].duration_ms) / MINUTE_MS - first + 1;
		finish_minutes(&h, first);
		for (int64_t m = 0; m < minutes && m < RING; m++)
			h.bytes[(first + m) % RING] += (double)calls[i].out / (double)minutes;
		if (first + (minutes < RING ? minutes : RING) > h.end)
			h.end = first + (minutes < RING ? minutes : RING);
	}
	finish_minutes(&h, h.minute + RING);
	return h.most;
}

/* Calls less than a minute apart are a train; how many have how many calls? */
static void look_at_trains(const struct call *calls, size_t n, struct facts *out)
{
	uint32_t of_length[TRIES_MOST + 1] = {0};

	for (size_t start = 0, end; start < n; start = end) {
		size_t tries;

		for (end = start + 1;
		     end < n && calls[end].start_ms - calls[end - 1].start_ms < TRAIN_MS; end++)
			;
		tries = end - start < TRIES_MOST ? end - start : TRIES_MOST;
		if (tries > 1)
			out->trains++;
		of_length[tries]++;
	}
	for (uint32_t tries = 2; tries < TRIES_MOST; tries++)
		if (of_length[tries] > of_length[out->tries])
			out->tries = tries;
	if (out->trains && out->tries)
		out->same_tries = (double)of_length[out->tries] / (out->trains + of_length[1]);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Each gap so many times the one before?  Of the first gaps, since waiting ends at a most. */
enum { RATIOS_LEAST = 4, RATIOS_MOST = 8 };

static double backoff_of(const struct call *calls, size_t n)
{
	double ratio[RATIOS_MOST], before = 0, median;
	size_t count = 0, agree = 0;

	for (size_t i = 1; i < n && count < RATIOS_MOST; i++) {
		double gap = (double)(calls[i].start_ms - calls[i - 1].start_ms);

		if (gap < ONE_TRY_MS)
			continue;
		if (before > 0)
			ratio[count++] = gap / before;
		before = gap;
	}
	if (count < RATIOS_LEAST)
		return 0;
	qsort(ratio, count, sizeof(*ratio), by_value);
	median = ratio[count / 2];
	for (size_t i = 0; i < count; i++)
		agree += fabs(ratio[i] - median) <= 0.25 * median;
	return agree + 1 >= count && median >= 1.4 && median <= 5 ? median : 0;
}

struct facts facts_gather(const struct fleet *f, const struct group *g, const struct call *calls,
			  size_t n)
{
	const struct load *load = f->loads.of && g->host < f->hosts ? f->loads.of[g->host] : NULL;
	struct facts facts = {0};

	facts.unevenness = unevenness_of(calls, n);
	if (load && n)
		follow_load(load, g, calls, n, &facts);
	if (n >= FACTS_LEAST) {
		look_at_blocks(f, calls, n, &facts);
		look_at_trains(calls, n, &facts);
		facts.busy_half_hour = busy_half_hour(calls, n);
		facts.same_size = share_of_one_size(calls, n);
		facts.backoff = backoff_of(calls, n);
	}
	if (n && f->comings.first && g->host < f->hosts)
		facts.coming = comings_role(&f->comings, g->host, calls, n);
	if (f->roles.of && g->host < f->hosts) {
		facts.peers = roles_peers(&f->roles, g->host);
		facts.host_sent = f->roles.sent[g->host];
	}
	return facts;
}
