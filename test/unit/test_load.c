/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The series of what a host serves, against a model that keeps every
 * millisecond apart; and what must not spoil it.
 */
#include "unit/unit.h"

#include "base/random.h"
#include "timeline/load.h"

#include <math.h>

static struct address host(uint32_t number)
{
	return address_v4(
		(uint8_t[]){10, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number});
}

struct piece {
	int64_t first_ms, last_ms;
	uint64_t bytes;
	bool sent;
};

/* The share of a piece that falls into [from, to), said as plainly as can be. */
static double share(const struct piece *p, int64_t from, int64_t to)
{
	int64_t low = p->first_ms > from ? p->first_ms : from;
	int64_t high = p->last_ms < to ? p->last_ms : to;

	if (p->first_ms == p->last_ms)
		return p->first_ms >= from && p->first_ms < to ? 1 : 0;
	return high > low ? (double)(high - low) / (double)(p->last_ms - p->first_ms) : 0;
}

static void expect(const struct load *l, const struct piece *pieces, size_t count)
{
	int64_t width = load_bin_ms(l);

	for (uint32_t i = 0; i < LOAD_BINS; i++) {
		int64_t from = (l->first_bin + (int64_t)i) * width;
		double served = 0, sent = 0;

		for (size_t k = 0; k < count; k++)
			*(pieces[k].sent ? &sent : &served) +=
				(double)pieces[k].bytes * share(&pieces[k], from, from + width);
		assert_true(fabsf(l->served[i] - (float)served) <= 1e-3f * (1 + (float)served));
		assert_true(fabsf(l->sent[i] - (float)sent) <= 1e-3f * (1 + (float)sent));
	}
}

static void file(struct load_table *t, const struct address *of, const struct piece *p)
{
	if (p->sent)
		load_sent(t, of, p->first_ms * NS_PER_MS, p->last_ms * NS_PER_MS, p->bytes);
	else
		load_served(t, of, p->first_ms * NS_PER_MS, p->last_ms * NS_PER_MS, p->bytes);
}

/* Pieces of all lengths in any order, over more and more time, from before 1970 on. */
static struct piece random_piece(struct random *r, int64_t within_ms)
{
	struct piece p = {.first_ms = -100000 + (int64_t)(random_unit(r) * (double)within_ms),
			  .bytes = 1 + (uint64_t)(random_unit(r) * 1e6),
			  .sent = random_unit(r) < 0.3};

	p.last_ms = p.first_ms + (int64_t)(random_unit(r) * random_unit(r) * 3e5);
	return p;
}

static void bins_hold_what_a_slow_model_says(void **state)
{
	enum { PIECES = 300 };
	struct random r = random_from_seed(7);

	(void)state;
	for (int64_t within = 1000; within < 400000000; within *= 5) {
		struct load_table *t = load_table_new(1 << 20);
		struct address a = host(1);
		struct piece pieces[PIECES];

		for (size_t i = 0; i < PIECES; i++) {
			pieces[i] = random_piece(&r, within);
			if (i == 0)
				pieces[i].sent = false;
			file(t, &a, &pieces[i]);
		}
		assert_int_equal(load_count(t), 1);
		assert_true(load_get(t, 0)->bins <= LOAD_BINS);
		expect(load_get(t, 0), pieces, PIECES);
		load_table_free(t);
	}
}

/* Two lanes that share a host say together what one would. */
static void halves_add_up(void **state)
{
	enum { PIECES = 100 };
	struct random r = random_from_seed(8);

	(void)state;
	for (int64_t within = 1000; within < 400000000; within *= 20) {
		struct load_table *half[2] = {load_table_new(1 << 20), load_table_new(1 << 20)};
		struct address a = host(1);
		struct piece pieces[PIECES];
		struct load sum;

		for (size_t i = 0; i < PIECES; i++) {
			pieces[i] = random_piece(&r, i % 2 ? within : within / 7 + 1);
			if (i < 2)
				pieces[i].sent = false;
			file(half[i % 2], &a, &pieces[i]);
		}
		for (int order = 0; order < 2; order++) {
			sum = *load_get(half[order], 0);
			load_add(&sum, load_get(half[!order], 0));
			expect(&sum, pieces, PIECES);
		}
		load_table_free(half[0]);
		load_table_free(half[1]);
	}
}

/* 00:00 to 24:00 in 512 bins: 86,400 s / 512 = 169 s, so 256 s. */
static void a_day_has_bins_of_256_s(void **state)
{
	struct load_table *t = load_table_new(1 << 20);
	struct address a = host(1);

	(void)state;
	for (int64_t s = 0; s < 86400; s += 60)
		load_served(t, &a, s * NS_PER_SEC, s * NS_PER_SEC, 1);
	assert_int_equal(load_bin_ms(load_get(t, 0)), 256000);
	assert_int_equal(load_get(t, 0)->served_bytes, 1440);
	load_table_free(t);
}

static void a_clock_from_1970_spoils_nothing(void **state)
{
	const ns_t now = 1740960000 * NS_PER_SEC;
	struct load_table *t = load_table_new(1 << 20);
	struct address a = host(1);

	(void)state;
	load_served(t, &a, 0, 0, 5); /* the very first, and one in between */
	for (int i = 0; i < 100; i++) {
		load_served(t, &a, now + i * NS_PER_SEC, now + i * NS_PER_SEC, 10);
		if (i == 50)
			load_served(t, &a, 0, 0, 5);
	}
	assert_int_equal(load_bin_ms(load_get(t, 0)), 1000);
	assert_int_equal(load_get(t, 0)->served_bytes, 1010);
	assert_int_equal(load_get(t, 0)->bins, 100 - LOAD_STRANGERS + 1);
	load_table_free(t);
}

/* What is sent counts for hosts that serve; nobody else takes room. */
static void only_servers_take_room(void **state)
{
	struct load_table *t = load_table_new(1 << 20);
	struct address a = host(1);

	(void)state;
	load_sent(t, &a, 0, 0, 5);
	load_served(t, &a, 0, 0, 0);
	assert_int_equal(load_count(t), 0);
	load_served(t, &a, 0, 0, 1);
	load_sent(t, &a, 0, 0, 5);
	assert_int_equal(load_count(t), 1);
	assert_int_equal(load_get(t, 0)->sent_bytes, 5);
	load_table_free(t);
}

/* A hundred times more hosts than fit, each with a little: the busy one stays. */
static void those_that_serve_little_go_first(void **state)
{
	struct load_table *t = load_table_new(1 << 20);
	struct address busy = host(1);
	size_t places = 0;
	bool found = false;

	(void)state;
	load_served(t, &busy, 0, 0, 1000000);
	for (uint32_t i = 2; i < 20000; i++) {
		struct address a = host(i);

		load_served(t, &a, 0, 0, 10);
	}
	places = load_count(t);
	assert_true(places < 1000 && load_evicted(t) == 19999 - places);
	for (size_t i = 0; i < places; i++)
		found |= address_equal(&load_get(t, i)->host, &busy);
	assert_true(found);
	load_table_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bins_hold_what_a_slow_model_says),
		cmocka_unit_test(halves_add_up),
		cmocka_unit_test(a_day_has_bins_of_256_s),
		cmocka_unit_test(a_clock_from_1970_spoils_nothing),
		cmocka_unit_test(only_servers_take_room),
		cmocka_unit_test(those_that_serve_little_go_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
