/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include "base/random.h"
#include "flow/name_map.h"

static void freep(struct name_map **map)
{
	name_map_free(*map);
}

static struct name_map *new_map(size_t capacity)
{
	struct name_map *map = name_map_new(capacity);

	assert_non_null(map);
	return map;
}

static struct address host(int n)
{
	return address_v4((uint8_t[]){10, 0, 0, (uint8_t)n});
}

static void add(struct name_map *map, int client, int address, uint32_t name, ns_t when)
{
	struct address c = host(client), a = host(address);

	name_map_add(map, &c, &a, name, when);
}

static struct name_map_answer find(struct name_map *map, int client, int address, ns_t when)
{
	struct address c = host(client), a = host(address);

	return name_map_find(map, &c, &a, when);
}

static void a_name_counts_from_when_it_was_given(void **state)
{
	AUTO(freep) struct name_map *map = new_map(8);

	(void)state;
	add(map, 1, 100, 7, 50);
	assert_int_equal(find(map, 1, 100, 49).name, 0);
	assert_int_equal(find(map, 1, 100, 50).name, 7);
	assert_int_equal(find(map, 1, 100, 51).name, 7);
	assert_int_equal(find(map, 2, 100, 51).name, 0); /* another client was told nothing */
	assert_int_equal(find(map, 1, 101, 51).name, 0);
	assert_int_equal(find(map, 100, 1, 51).name, 0);
}

static void first_and_last_span_what_was_told(void **state)
{
	AUTO(freep) struct name_map *map = new_map(8);

	(void)state;
	add(map, 1, 100, 7, 50);
	add(map, 1, 100, 7, 90);
	add(map, 1, 100, 7, 70);
	assert_int_equal(find(map, 1, 100, 200).first, 50);
	assert_int_equal(find(map, 1, 100, 200).last, 90);
	assert_int_equal(find(map, 1, 100, 60).last, 60);
	add(map, 1, 100, 7, 20); /* a second log of earlier hours */
	assert_int_equal(find(map, 1, 100, 30).name, 7);
	assert_int_equal(find(map, 1, 100, 30).first, 20);
}

static void the_name_of_the_moment_is_the_one_that_counts(void **state)
{
	AUTO(freep) struct name_map *map = new_map(8);

	(void)state;
	add(map, 1, 100, 7, 50);
	add(map, 1, 100, 7, 60);
	add(map, 1, 100, 8, 80);
	assert_int_equal(find(map, 1, 100, 79).name, 7);
	assert_int_equal(find(map, 1, 100, 79).last, 60);
	assert_int_equal(find(map, 1, 100, 80).name, 8);
	assert_int_equal(find(map, 1, 100, 80).first, 50);
	add(map, 1, 100, 9, 90);
	assert_int_equal(find(map, 1, 100, 90).name, 9);
	assert_int_equal(find(map, 1, 100, 85).name, 8);
	assert_int_equal(find(map, 1, 100, 70).name, 8); /* 7 is forgotten, but it had a name */
	assert_int_equal(find(map, 1, 100, 49).name, 0);
}

static void answers_out_of_order(void **state)
{
	AUTO(freep) struct name_map *map = new_map(8);

	(void)state;
	add(map, 1, 100, 8, 80);
	add(map, 1, 100, 7, 50);
	assert_int_equal(find(map, 1, 100, 49).name, 0);
	assert_int_equal(find(map, 1, 100, 50).name, 7);
	assert_int_equal(find(map, 1, 100, 80).name, 8);
}

static void queries_are_counted_per_host(void **state)
{
	AUTO(freep) struct name_map *map = new_map(2);
	struct address one = host(1), two = host(2), three = host(3);

	(void)state;
	assert_int_equal(name_map_queries(map, &one), 0);
	name_map_saw_query(map, &one, 1);
	name_map_saw_query(map, &two, 2);
	name_map_saw_query(map, &one, 3);
	assert_int_equal(name_map_queries(map, &one), 2);
	assert_int_equal(name_map_queries(map, &two), 1);
	assert_int_equal(name_map_evicted(map), 0);
	name_map_saw_query(map, &three, 4); /* two has been silent longest */
	assert_int_equal(name_map_evicted(map), 1);
	assert_int_equal(name_map_queries(map, &one), 2);
	assert_int_equal(name_map_queries(map, &two), 0);
	assert_int_equal(name_map_queries(map, &three), 1);
}

static void asking_keeps_an_entry_alive(void **state)
{
	AUTO(freep) struct name_map *map = new_map(2);

	(void)state;
	add(map, 1, 100, 7, 1);
	add(map, 1, 101, 8, 2);
	assert_int_equal(find(map, 1, 100, 5).name, 7);
	add(map, 1, 102, 9, 3);
	assert_int_equal(find(map, 1, 100, 5).name, 7);
	assert_int_equal(find(map, 1, 101, 5).name, 0);
	assert_int_equal(find(map, 1, 102, 5).name, 9);
	assert_int_equal(name_map_evicted(map), 1);
}

/* More than the index starts with. */
static void many_names_are_all_found(void **state)
{
	AUTO(freep) struct name_map *map = new_map(10000);

	(void)state;
	for (uint32_t i = 0; i < 10000; i++) {
		struct address c = host((int)(i % 100)), a = host((int)(i / 100));

		a.bytes[12] = 8;
		name_map_add(map, &c, &a, i + 1, 1);
		c.bytes[13] = (uint8_t)(i / 100);
		name_map_saw_query(map, &c, 1);
	}
	for (uint32_t i = 0; i < 10000; i++) {
		struct address c = host((int)(i % 100)), a = host((int)(i / 100));

		a.bytes[12] = 8;
		assert_int_equal(name_map_find(map, &c, &a, 1).name, i + 1);
		c.bytes[13] = (uint8_t)(i / 100);
		assert_int_equal(name_map_queries(map, &c), 1);
	}
	assert_int_equal(name_map_evicted(map), 0);
}

/* The obvious model: the last `capacity` pairs used, last used last, in an array. */
struct pair {
	int client, address;
	uint32_t name;
	ns_t first;
};

struct model {
	struct pair pairs[16];
	size_t count, capacity;
	uint64_t evicted;
};

static void model_drop(struct model *m, size_t i)
{
	memmove(&m->pairs[i], &m->pairs[i + 1], (--m->count - i) * sizeof(m->pairs[0]));
}

/* Moves the pair to the end and returns it; NULL if it is not there. */
static struct pair *model_use(struct model *m, int client, int address)
{
	for (size_t i = 0; i < m->count; i++) {
		struct pair p = m->pairs[i];

		if (p.client != client || p.address != address)
			continue;
		model_drop(m, i);
		m->pairs[m->count] = p;
		return &m->pairs[m->count++];
	}
	return NULL;
}

static void model_add(struct model *m, int client, int address, uint32_t name, ns_t when)
{
	struct pair *p = model_use(m, client, address);

	if (!p) {
		if (m->count == m->capacity) {
			model_drop(m, 0);
			m->evicted++;
		}
		p = &m->pairs[m->count++];
		*p = (struct pair){client, address, name, when};
	}
	p->name = name;
}

static void agrees_with_the_obvious_model(void **state)
{
	struct random r = random_from_seed(1);

	(void)state;
	for (int round = 0; round < 500; round++) {
		struct model m = {.capacity = 1 + random_below(&r, 12)};
		AUTO(freep) struct name_map *map = new_map(m.capacity);

		for (ns_t now = 1; now < 300; now++) {
			int client = (int)random_below(&r, 4), address = (int)random_below(&r, 5);
			uint32_t name = 1 + (uint32_t)random_below(&r, 1000);

			if (random_chance(&r, 0.5)) {
				add(map, client, address, name, now);
				model_add(&m, client, address, name, now);
			} else {
				struct pair *p = model_use(&m, client, address);
				struct name_map_answer a = find(map, client, address, now);

				assert_int_equal(a.name, p ? p->name : 0);
				assert_int_equal(a.first, p ? p->first : 0);
			}
		}
		assert_int_equal(name_map_evicted(map), m.evicted);
	}
	assert_true(name_map_size(1 << 20) < (size_t)250 << 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_counts_from_when_it_was_given),
		cmocka_unit_test(first_and_last_span_what_was_told),
		cmocka_unit_test(the_name_of_the_moment_is_the_one_that_counts),
		cmocka_unit_test(answers_out_of_order),
		cmocka_unit_test(queries_are_counted_per_host),
		cmocka_unit_test(asking_keeps_an_entry_alive),
		cmocka_unit_test(many_names_are_all_found),
		cmocka_unit_test(agrees_with_the_obvious_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
