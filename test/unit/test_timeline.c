/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include "base/random.h"
#include "timeline/timeline.h"

static struct timeline_key key(uint8_t host, uint8_t destination)
{
	struct timeline_key k = {.port = 443, .proto = 6, .grouping = GROUP_ADDRESS};

	k.host = address_v4((uint8_t[]){10, 0, 0, host});
	k.destination = address_v4((uint8_t[]){203, 0, 113, destination});
	return k;
}

static void add(struct timeline_table *t, struct timeline_key k, int64_t start_ms,
		uint32_t duration_ms, uint64_t out, uint64_t in)
{
	struct flow flow = {
		.first = start_ms * NS_PER_MS,
		.last = (start_ms + duration_ms) * NS_PER_MS,
		.out_payload = out,
		.in_payload = in,
		.out_bytes = out + 40,
		.in_bytes = in + 40,
		.answer = ANSWER_YES,
	};

	flow.tuple.src = k.host;
	flow.tuple.dst = k.destination;
	timeline_add(t, &k, &flow, &(struct timeline_marks){0});
}

static int by_start(const void *a, const void *b)
{
	const struct call *x = a, *y = b;

	return (x->start_ms > y->start_ms) - (x->start_ms < y->start_ms);
}

/* The obvious model: an array of every call of every group, sorted at the end. */
static void calls_come_back_as_they_were(void **state)
{
	enum { GROUPS = 20, CALLS = 3000 };
	static struct call model[GROUPS][CALLS], out[CALLS];
	size_t count[GROUPS] = {0};
	struct timeline_table *t = timeline_table_new(8 << 20);
	struct random r = random_from_seed(1);
	int64_t now = 1600000000000;

	(void)state;
	for (int i = 0; i < CALLS; i++) {
		size_t g = random_below(&r, GROUPS);
		struct call *c = &model[g][count[g]++];

		/* mostly forward, sometimes back; times differ, so the order is one */
		now += 1 + (int64_t)random_below(&r, 100000);
		c->start_ms = now - (random_chance(&r, 0.1) ? 50000 : 0) * 3 + (int64_t)g;
		c->duration_ms = (uint32_t)random_below(&r, 5000000);
		c->out = (uint32_t)random_u64(&r);
		c->in = (uint32_t)random_below(&r, 200);
		add(t, key(1, (uint8_t)g), c->start_ms, c->duration_ms, c->out, c->in);
	}
	assert_int_equal(timeline_count(t), GROUPS);
	for (size_t n = 0; n < GROUPS; n++) {
		const struct timeline *tl = timeline_get(t, n);
		size_t g = tl->key.destination.bytes[15];
		uint64_t sum = 0;

		assert_int_equal(tl->kept, count[g]);
		timeline_calls(t, tl, out);
		qsort(model[g], count[g], sizeof(model[g][0]), by_start);
		assert_memory_equal(out, model[g], count[g] * sizeof(out[0]));
		for (size_t i = 0; i < count[g]; i++)
			sum += model[g][i].out;
		assert_true(tl->out_payload == sum);
		assert_true(tl->out_bytes == sum + 40 * count[g]);
		assert_true(tl->first_ms == model[g][0].start_ms);
		assert_true(tl->last_ms == model[g][count[g] - 1].start_ms);
	}
	timeline_table_free(t);
}

static void sizes_beyond_four_gigabytes_saturate(void **state)
{
	struct timeline_table *t = timeline_table_new(1 << 20);
	struct call c;

	(void)state;
	add(t, key(1, 1), -5, 10, (uint64_t)5 << 32, 1);
	assert_true(timeline_get(t, 0)->out_payload == (uint64_t)5 << 32);
	timeline_calls(t, timeline_get(t, 0), &c);
	assert_true(c.out == UINT32_MAX && c.start_ms == -5);
	timeline_table_free(t);
}

/* A beacon outlives a flood of a hundred thousand chance contacts between its calls. */
static void a_flood_of_chance_contacts_evicts_itself(void **state)
{
	enum { FLOOD = 100000, BEATS = 200 };
	struct timeline_table *t = timeline_table_new(1 << 20);
	uint64_t kept_calls = 0;
	bool beacon = false;

	(void)state;
	for (int i = 0; i < FLOOD; i++) {
		struct timeline_key k = key(2, 1);

		if (i % (FLOOD / BEATS) == 0)
			add(t, key(1, 1), i * 100, 50, 300, 200);
		memcpy(k.destination.bytes + 12, &i, 4);
		add(t, k, i * 100, 5, 60, 60);
	}
	for (size_t n = 0; n < timeline_count(t); n++) {
		const struct timeline *tl = timeline_get(t, n);

		if (!tl)
			continue;
		kept_calls += tl->calls;
		beacon |= tl->key.host.bytes[15] == 1 && tl->calls == BEATS;
	}
	assert_true(beacon);
	assert_true(timeline_stats(t).evicted > FLOOD / 2);
	/* nothing disappears unseen */
	assert_true(kept_calls + timeline_stats(t).evicted_calls == FLOOD + BEATS);
	timeline_table_free(t);
}

static void calls_without_a_time_are_counted(void **state)
{
	struct timeline_table *t = timeline_table_new(64 << 20);

	(void)state;
	for (int i = 0; i < TIMELINE_CALLS_MAX + 10; i++)
		add(t, key(1, 1), i, 1, 1, 1);
	assert_int_equal(timeline_get(t, 0)->calls, TIMELINE_CALLS_MAX + 10);
	assert_int_equal(timeline_get(t, 0)->kept, TIMELINE_CALLS_MAX);
	assert_int_equal(timeline_stats(t).untimed, 10);
	timeline_table_free(t);
}

/* Of groups with as many calls the uneven one goes first, though it called last. */
static void an_even_group_outlives_an_uneven_one(void **state)
{
	static const int64_t uneven_s[] = {0,	 5,    400,  410,  2000, 2003,
					   4000, 4002, 6000, 6001, 9000, 9002};
	enum { CALLS = ARRAY_LEN(uneven_s) };
	struct timeline_table *t = timeline_table_new(0); /* the least there is: 16 groups */
	bool even = false, uneven = false;

	(void)state;
	for (int i = 0; i < CALLS; i++) {
		add(t, key(1, 1), i * 600000, 50, 100, 100);
		add(t, key(1, 2), uneven_s[i] * 1000 + 1, 50, 100, 100);
	}
	for (uint8_t i = 0; i < 15; i++)
		for (int k = 0; k < CALLS; k++) /* as many calls again, and as uneven */
			add(t, key(2, i), 10000000 + uneven_s[k] * 1000 + i, 50, 100, 100);
	for (size_t n = 0; n < timeline_count(t); n++) {
		const struct timeline *tl = timeline_get(t, n);

		if (tl && tl->key.host.bytes[15] == 1)
			*(tl->key.destination.bytes[15] == 1 ? &even : &uneven) = true;
	}
	assert_true(even);
	assert_false(uneven);
	timeline_table_free(t);
}

/* Busy neighbours with ten times its calls must not move it. */
static void a_beacon_outlives_busier_groups_without_a_rhythm(void **state)
{
	enum { BEATS = 64, BUSY = 60, CALLS = 700 };
	struct timeline_table *t = timeline_table_new(0); /* the least there is: 16 groups */
	struct random r = random_from_seed(3);
	bool beacon = false;

	(void)state;
	for (int i = 0; i < BEATS; i++)
		add(t, key(1, 1), i * 600000 + (int64_t)random_below(&r, 60000), 50, 100, 100);
	for (uint8_t g = 0; g < BUSY; g++) {
		double at_ms = BEATS * 600000;

		for (int i = 0; i < CALLS; i++) {
			at_ms += 1000 +
				 60000 * random_exponential(&r, 1) * random_exponential(&r, 1);
			add(t, key(2, g), (int64_t)at_ms, 50, 100, 100);
		}
	}
	for (size_t n = 0; n < timeline_count(t); n++)
		beacon |= timeline_get(t, n) && timeline_get(t, n)->key.host.bytes[15] == 1 &&
			  timeline_get(t, n)->kept == BEATS;
	assert_true(beacon);
	assert_true(timeline_stats(t).evicted >= BUSY - 15);
	timeline_table_free(t);
}

/* Long groups fight for chunks, not for places: the budget holds and calls are accounted for. */
static void chunks_run_out_before_places(void **state)
{
	struct timeline_table *t = timeline_table_new(256 << 10);
	struct call *out = calloc(TIMELINE_CALLS_MAX, sizeof(*out));
	uint64_t calls = 0;

	(void)state;
	for (int i = 0; i < 50000; i++)
		add(t, key(1, (uint8_t)(i % 40)), (int64_t)i * 1000003 % 777777777, 50, 3000000,
		    5000000);
	for (size_t n = 0; n < timeline_count(t); n++) {
		const struct timeline *tl = timeline_get(t, n);

		if (!tl)
			continue;
		calls += tl->calls;
		timeline_calls(t, tl, out);
		for (uint32_t i = 0; i < tl->kept; i++)
			assert_true(out[i].out == 3000000 && out[i].in == 5000000);
	}
	assert_true(calls + timeline_stats(t).evicted_calls == 50000);
	free(out);
	timeline_table_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_come_back_as_they_were),
		cmocka_unit_test(sizes_beyond_four_gigabytes_saturate),
		cmocka_unit_test(a_flood_of_chance_contacts_evicts_itself),
		cmocka_unit_test(calls_without_a_time_are_counted),
		cmocka_unit_test(an_even_group_outlives_an_uneven_one),
		cmocka_unit_test(a_beacon_outlives_busier_groups_without_a_rhythm),
		cmocka_unit_test(chunks_run_out_before_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
