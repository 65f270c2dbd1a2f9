/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fact sheets: what is counted is held against names whose number and content are known.
 */
#include "unit/unit.h"

#include "base/random.h"
#include "timeline/domains.h"

#include <math.h>

static struct address host(uint32_t n)
{
	return address_v4((uint8_t[]){10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n});
}

/* "<sub>.t.example", whose domain is t.example, as the `n`-th question. */
static void ask(struct domain_facts *f, const char *sub, uint32_t n, ns_t when)
{
	char name[256];
	int len = snprintf(name, sizeof(name), "%s.t.example", sub);

	domain_note_question(f, name, (size_t)len, strlen(sub), n, 16, 60, when);
}

static void hex_name(struct random *r, size_t digits, char *out)
{
	for (size_t i = 0; i < digits; i++)
		out[i] = "0123456789abcdef"[random_below(r, 16)];
	out[digits] = '\0';
}

static void different_names_are_counted(void **state)
{
	(void)state;
	for (uint32_t n = 10; n <= 100000; n *= 10) {
		struct domain_facts f = {0};
		char sub[32];

		for (uint32_t i = 0; i < n; i++) {
			snprintf(sub, sizeof(sub), "n%u", i);
			ask(&f, sub, i, (ns_t)i * NS_PER_SEC + 17);
		}
		/* three standard errors of 0.83 / sqrt(512) */
		assert_true(fabs(domain_distinct(&f) / n - 1) < 3 * 0.037);
	}
}

/* Asked twice, so that the number of questions is no bound; the root of the mean square, salts
 * apart. */
static void the_count_is_as_good_as_it_says(void **state)
{
	static const uint32_t counts[] = {1, 2, 20, 2040, 20000};

	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(counts); k++) {
		enum { SALTS = 24 };
		double squares = 0, sum = 0;

		for (ns_t salt = 1; salt <= SALTS; salt++) {
			struct domain_facts f = {0};
			char sub[32];

			for (uint32_t i = 0; i < 2 * counts[k]; i++) {
				snprintf(sub, sizeof(sub), "n%u", i % counts[k]);
				ask(&f, sub, i % counts[k] + 1, salt * 7919);
			}
			sum += domain_distinct(&f) / counts[k] - 1;
			squares += pow(domain_distinct(&f) / counts[k] - 1, 2);
		}
		assert_true(sqrt(squares / SALTS) < (counts[k] <= 2 ? 0.002 : 1.5 * 0.037));
		assert_true(fabs(sum / SALTS) < 3 * 0.037 / sqrt(SALTS));
	}
}

/* 40 hex digits are 20 bytes; their own entropy is short of 4 bits by (16 - 1) / (2 ln 2 40) =
 * 0.27. */
static void random_hex_says_half_a_byte_a_digit(void **state)
{
	struct random r = random_from_seed(1);
	struct domain_facts f = {0};
	char sub[64];
	double expected = 500 * 40 * (4 - 15 / (2 * log(2) * 40)) / 8;

	(void)state;
	for (uint32_t i = 0; i < 500; i++) {
		hex_name(&r, 40, sub);
		ask(&f, sub, i, (ns_t)i * NS_PER_SEC);
	}
	assert_true(fabs((double)f.bits / 8 / expected - 1) < 0.05);
	assert_int_equal(f.changes, 500);
	assert_int_equal(f.longest_label, 40);
}

static void what_stays_the_same_says_nothing(void **state)
{
	struct domain_facts f = {0};
	char sub[128];

	(void)state;
	for (uint32_t i = 0; i < 100; i++) {
		snprintf(sub, sizeof(sub), "%u.6f1c0a9be2d35874.session.v1", i % 10);
		ask(&f, sub, i % 10, (ns_t)i * NS_PER_SEC);
	}
	/* the first name aside, one digit changes, which has no entropy of its own */
	assert_true(f.bits < 128);
	assert_true(domain_carried(&f, f.bits) < 4);
}

static void names_asked_again_say_nothing_new(void **state)
{
	struct random r = random_from_seed(2);
	struct domain_facts f = {0};
	char sub[10][64];

	(void)state;
	for (int i = 0; i < 10; i++)
		hex_name(&r, 32, sub[i]);
	for (uint32_t i = 0; i < 1000; i++)
		ask(&f, sub[i % 10], i % 10, (ns_t)i * NS_PER_SEC);
	/* 10 names of 16 bytes at most, with the error of the sketch */
	assert_true(domain_carried(&f, f.bits) < 160 * 1.4);
	assert_true(domain_carried(&f, f.bits) > 100 * 0.6);
}

/* Seven names asked again between any two of a tunnel leave what it says as it was. */
static void repeats_in_between_dilute_nothing(void **state)
{
	struct random r = random_from_seed(4);
	struct domain_facts plain = {0}, mixed = {0};
	uint32_t asked = 0;

	(void)state;
	for (uint32_t i = 0; i < 600; i++) {
		char sub[64], again[8];

		hex_name(&r, 40, sub);
		ask(&plain, sub, 100 + i, i * NS_PER_SEC);
		ask(&mixed, sub, 100 + i, i * NS_PER_SEC);
		for (uint32_t k = 0; k < 21; k++, asked++) {
			snprintf(again, sizeof(again), "%c", 'a' + (char)(k % 7));
			ask(&mixed, again, k % 7, i * NS_PER_SEC + k + 1);
		}
	}
	assert_int_equal(mixed.questions, 600 + asked);
	assert_int_equal(mixed.changes, 600 + 7);
	assert_true(fabs(domain_carried(&mixed, mixed.bits) / domain_carried(&plain, plain.bits) -
			 1) < 0.1);
}

/* The ninth name pushes the eldest out: ten in turn are all told as another each time. */
static void only_the_last_names_are_passed_over(void **state)
{
	(void)state;
	for (uint32_t names = 1; names <= 10; names++) {
		struct domain_facts f = {0};

		for (uint32_t i = 0; i < 100 * names; i++) {
			char sub[16];

			snprintf(sub, sizeof(sub), "n%u", i % names);
			ask(&f, sub, i % names, i * NS_PER_SEC);
		}
		assert_int_equal(f.changes, names <= 8 ? names : 100 * names);
	}
}

static void a_question_repeated_is_one_name(void **state)
{
	struct domain_facts f = {0};

	(void)state;
	for (int i = 0; i < 50; i++)
		ask(&f, "www", 7, i * NS_PER_SEC);
	assert_int_equal(f.questions, 50);
	assert_int_equal(f.changes, 1);
	assert_int_equal(f.types[DOMAIN_TXT], 50);
	assert_int_equal(f.out_bytes, 3000);
	assert_true(domain_distinct(&f) <= 1);
}

static void block_list_questions_carry_nothing(void **state)
{
	struct domain_facts f = {0};
	char sub[32];

	(void)state;
	for (uint32_t i = 0; i < 200; i++) {
		snprintf(sub, sizeof(sub), "%u.%u.%u.192.zen", i * 7 % 256, i * 11 % 256, i % 256);
		ask(&f, sub, i, (ns_t)i * NS_PER_SEC);
	}
	assert_true(f.bits < 8 * 8); /* "zen", once */
}

static void the_best_hour_and_day_are_kept(void **state)
{
	const ns_t hour = 3600 * NS_PER_SEC;
	struct random r = random_from_seed(3);
	struct domain_facts f = {0};
	uint64_t before;
	char sub[64];

	(void)state;
	for (uint32_t i = 0; i < 20; i++) { /* two each hour, from midnight */
		hex_name(&r, 32, sub);
		ask(&f, sub, i, i / 2 * hour + 1);
	}
	before = f.bits;
	assert_int_equal(f.best_day_bits, before);
	for (uint32_t i = 20; i < 70; i++) { /* fifty in one hour of the third day */
		hex_name(&r, 32, sub);
		ask(&f, sub, i, 50 * hour + i);
	}
	assert_int_equal(f.best_hour, 50);
	assert_int_equal(f.best_day, 2);
	assert_int_equal(f.best_hour_bits, f.bits - before);
	assert_int_equal(f.best_day_bits, f.best_hour_bits);
}

static void a_flood_gives_away_sheets_with_few_questions(void **state)
{
	struct domain_table *t = domain_table_new(1);
	struct address busy = host(1);
	struct domain_facts *f;
	size_t room;

	(void)state;
	assert_non_null(t);
	f = domain_table_get(t, &busy, 1);
	for (uint32_t i = 0; i < 100; i++)
		ask(f, "www", i, i);
	for (uint32_t i = 2; i < 10000; i++) {
		struct address other = host(i);

		ask(domain_table_get(t, &other, i), "www", 1, 1);
	}
	room = domain_table_count(t);
	assert_int_equal(domain_table_evicted(t), 9999 - room);
	assert_non_null(domain_table_find(t, &busy, 1));
	assert_int_equal(domain_table_find(t, &busy, 1)->questions, 100);
	for (size_t n = 0; n < room; n++) { /* every sheet that is there is found again */
		f = domain_table_at(t, n);
		assert_ptr_equal(domain_table_find(t, &f->key.host, f->key.domain), f);
	}
	assert_null(domain_table_find(t, &busy, 2));
	domain_table_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(different_names_are_counted),
		cmocka_unit_test(the_count_is_as_good_as_it_says),
		cmocka_unit_test(random_hex_says_half_a_byte_a_digit),
		cmocka_unit_test(what_stays_the_same_says_nothing),
		cmocka_unit_test(names_asked_again_say_nothing_new),
		cmocka_unit_test(repeats_in_between_dilute_nothing),
		cmocka_unit_test(only_the_last_names_are_passed_over),
		cmocka_unit_test(a_question_repeated_is_one_name),
		cmocka_unit_test(block_list_questions_carry_nothing),
		cmocka_unit_test(the_best_hour_and_day_are_kept),
		cmocka_unit_test(a_flood_gives_away_sheets_with_few_questions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
